"""Who is talking: a signed cookie for browsers, a bearer token for programs. Nobody reads another's conversation."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from fastapi import HTTPException, Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.settings import Settings

COOKIE = "anxun_session"
MAX_AGE_S = 180 * 24 * 3600


class Sessions:
    """Signs and reads conversations. Browser conversations begin with `web-`, programs' with `api-`."""

    def __init__(self, settings: Settings) -> None:
        self.secret = _secret(settings)
        self._signer = URLSafeTimedSerializer(self.secret, salt="anxun-session")
        self._token = settings.api_token
        self._open_to_programs = settings.is_loopback and not settings.api_token

    def of_browser(self, request: Request) -> str | None:
        """The conversation this browser's cookie was signed for; None for a missing, old or forged one."""
        value = request.cookies.get(COOKIE)
        if not value:
            return None
        try:
            return str(self._signer.loads(value, max_age=MAX_AGE_S))
        except BadSignature:
            return None

    def begin(self, request: Request, response: Response) -> str:
        """The browser's conversation, a new one if it has none; (re)sets the cookie."""
        conversation = self.of_browser(request) or self.new()
        self.adopt(request, response, conversation)
        return conversation

    def new(self) -> str:
        """A conversation nobody has had."""
        return f"web-{secrets.token_hex(16)}"

    def adopt(self, request: Request, response: Response, conversation: str) -> None:
        """From now on this browser speaks in that conversation."""
        response.set_cookie(
            COOKIE, self._signer.dumps(conversation), max_age=MAX_AGE_S,
            httponly=True, samesite="lax", secure=request.url.scheme == "https",
        )  # fmt: skip

    def conversation(self, request: Request, named: str) -> str:
        """Whose conversation a request may speak in: the cookie's, or, for a program, `api-` and the name it gives."""
        browser = self.of_browser(request)
        if browser:
            return browser
        self.require_program(request)
        return f"api-{named}"

    def require_program(self, request: Request) -> None:
        """Refuses a caller that is neither on loopback with no token set, nor brings the token."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if self._token and hmac.compare_digest(given.encode(), self._token.encode()):
            return
        if not self._open_to_programs:
            raise HTTPException(
                401, {"error": "没有权限。", "remedy": "请求头里带上 Authorization: Bearer 令牌。"}
            )

    def require_anyone(self, request: Request) -> None:
        """A browser with a session, or a program that may call."""
        if not self.of_browser(request):
            self.require_program(request)


def _secret(settings: Settings) -> str:
    if settings.secret_key:
        return settings.secret_key
    path: Path = settings.data / "secret.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")
