"""`python -m bot.channels.web.server`: serves the application; what stops it is one line with its remedy."""

from __future__ import annotations

import gc
import sys

import uvicorn

from bot.channels.web.app import create_app
from bot.errors import AnxunError
from bot.logs import configure_logs
from bot.settings import Settings

SWITCH_S = 0.0005
"""How long a thread that computes an answer may hold up the one that acknowledges messages; Python's own is ten times
as long, and counts once for every such thread."""


def main() -> int:
    sys.setswitchinterval(SWITCH_S)
    try:
        settings = Settings.read()
        configure_logs(settings.log_level)
        app = create_app(settings)
        settle()
    except AnxunError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    uvicorn.run(
        app,
        host=settings.host,
        port=int(settings.port),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,  # streams of contests stay open as long as somebody watches
    )
    return 0


def settle() -> None:
    """What was loaded stays for good: looking through all of it for garbage holds up everybody, a buzzer by 0.2 s."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    raise SystemExit(main())
