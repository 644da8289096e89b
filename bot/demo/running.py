"""`anxun demo`: the real bot against a stand-in for the platform, so that a visitor sees it work without an account."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from rich.console import Console

from bot.demo.dingtalk import build_dingtalk
from bot.demo.wecom import WecomKeys, build_wecom
from bot.errors import BadInput
from bot.launcher import free_port, up
from bot.settings import Settings

PLATFORMS = ("wecom", "dingtalk")


def demo(platform: str, console: Console | None = None) -> int:
    """Starts both and stays until Ctrl-C; the bot keeps its data apart, in var/demo-…."""
    if platform not in PLATFORMS:
        raise BadInput(f"不认识 {platform}。", "可用：wecom、dingtalk。")
    console = console or Console(highlight=False)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    for name in [name for name in os.environ if name.startswith(("ANXUN_WECOM_", "ANXUN_DINGTALK_"))]:
        del os.environ[name]  # a demo never talks to the real platform
    os.environ.setdefault("ANXUN_DATA_DIR", f"var/demo-{platform}")
    bot = Settings.read().address
    if platform == "wecom":
        keys = WecomKeys.new()
        os.environ |= {
            "ANXUN_WECOM_CORP_ID": keys.corp_id, "ANXUN_WECOM_AGENT_ID": keys.agent_id, "ANXUN_WECOM_SECRET": keys.secret,
            "ANXUN_WECOM_TOKEN": keys.token, "ANXUN_WECOM_AES_KEY": keys.aes_key, "ANXUN_WECOM_API_BASE": address,
        }  # fmt: skip
        app = build_wecom(keys, f"{bot}/channels/wecom/callback")
    else:
        os.environ |= {
            "ANXUN_DINGTALK_APP_KEY": "dingdemo00000000", "ANXUN_DINGTALK_APP_SECRET": "demo" * 12,
            "ANXUN_DINGTALK_API_BASE": address, "ANXUN_DINGTALK_SESSION_BASE": address,
        }  # fmt: skip
        app = build_dingtalk(address)
    with _served(app, port):
        console.print(f"演示页：{address}（起来以后打开它；下面那个地址是机器人自己的网页）", soft_wrap=True)
        return up(Settings.read(), console)


@contextmanager
def _served(app: FastAPI, port: int) -> Iterator[None]:
    """The stand-in answers in a thread as long as the block lasts."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(5)
