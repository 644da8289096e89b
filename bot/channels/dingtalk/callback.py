"""DingTalk's robot over HTTP: checks the signature, translates, remembers, acknowledges at once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from bot.channels.chat.inbound import Accept
from bot.channels.chat.receiving import PATIENCE_S, NotRead, read_body
from bot.channels.dingtalk.messages import read_robot_message
from bot.channels.dingtalk.signing import is_signed
from bot.errors import BadInput

PATH = "/channels/dingtalk/callback"

log = structlog.get_logger()


def build_dingtalk_callback(
    app_secret: str, accept: Accept, now: Callable[[], float] = time.time, patience: float = PATIENCE_S
) -> APIRouter:
    """POST `PATH`. 401 for a bad signature, 400 for a broken body, 413 for a long one, 503 when not remembered."""
    router = APIRouter(include_in_schema=False)

    @router.post(PATH)
    async def receive(request: Request) -> Response:
        stamp, signature = request.headers.get("timestamp", ""), request.headers.get("sign", "")
        if not is_signed(app_secret, stamp, signature, now()):
            return _refused(401, "signature or timestamp")
        try:
            body = await read_body(request, patience)
        except NotRead as unread:
            return _refused(unread.status, unread.reason)
        try:
            told = json.loads(body)
            if not isinstance(told, dict):
                raise BadInput("钉钉推送的不是 JSON 对象")
            inbound = read_robot_message(told)
        except (ValueError, RecursionError):  # BadInput is a ValueError
            return _refused(400, "not a robot message")
        try:
            async with asyncio.timeout(patience):
                if not await accept(inbound):
                    log.info("dingtalk.repeated", key=inbound.key)
        except Exception as error:
            log.error("dingtalk.not_remembered", key=inbound.key, reason=type(error).__name__)
            return Response(status_code=503)
        return JSONResponse({})

    return router


def _refused(status: int, reason: str) -> Response:
    log.warning("dingtalk.refused", status=status, reason=reason)
    return Response(status_code=status)
