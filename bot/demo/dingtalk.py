"""A stand-in for DingTalk on this machine: a gateway for Stream, and the addresses answers go to."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect

from bot.demo.chatroom import Chatroom, Press, build_pages

PERSON = "zhangsan"
SESSION_S = 5400


def build_dingtalk(address: str) -> FastAPI:
    """The platform with its chat page; `address` is its own."""
    room = Chatroom("安训", "钉钉 · 机器人（Stream）", "dingtalk")
    app = FastAPI(openapi_url=None)
    connected: list[WebSocket] = []

    async def say(text: str) -> None:
        body = {
            "msgId": secrets.token_hex(12), "msgtype": "text", "text": {"content": text},
            "conversationId": "demo", "conversationType": "1", "senderId": "$:LWCP_v1:$demo", "senderStaffId": PERSON,
            "senderNick": "张三", "robotCode": "demo", "createAt": int(time.time() * 1000),
            "sessionWebhook": f"{address}/robot/sendBySession?session={secrets.token_hex(8)}",
            "sessionWebhookExpiredTime": int((time.time() + SESSION_S) * 1000),
        }  # fmt: skip
        frame = {
            "specVersion": "1.0",
            "type": "CALLBACK",
            "headers": {
                "topic": "/v1.0/im/bot/messages/get", "messageId": secrets.token_hex(12),
                "contentType": "application/json", "time": str(int(time.time() * 1000)),
            },
            "data": json.dumps(body, ensure_ascii=False),
        }  # fmt: skip
        if connected:
            await connected[-1].send_text(json.dumps(frame, ensure_ascii=False))

    async def press(pressed: Press) -> None:
        await say(pressed.send)

    @app.post("/v1.0/gateway/connections/open")
    def gateway(_told: dict[str, Any]) -> dict[str, Any]:
        return {"endpoint": address.replace("http", "ws", 1) + "/connect", "ticket": secrets.token_hex(8)}

    @app.websocket("/connect")
    async def connect(socket: WebSocket) -> None:
        await socket.accept()
        connected.append(socket)
        pinging = asyncio.create_task(_ping(socket))
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            pinging.cancel()
            connected.remove(socket)

    @app.post("/v1.0/oauth2/accessToken")
    def token(_told: dict[str, Any]) -> dict[str, Any]:
        return {"accessToken": secrets.token_hex(16), "expireIn": 7200}

    @app.post("/robot/sendBySession")
    def answer(message: dict[str, Any]) -> dict[str, Any]:
        room.add(**{"from": "bot"} | _entry(message))
        return {"errcode": 0, "errmsg": "ok"}

    @app.post("/media/upload")
    async def upload(request: Request) -> dict[str, Any]:
        return {"errcode": 0, "errmsg": "ok", "media_id": room.keep(await request.body()), "type": "image"}

    app.include_router(build_pages(room, say, press))
    return app


async def _ping(socket: WebSocket) -> None:
    while True:
        headers = {"topic": "ping", "messageId": secrets.token_hex(12), "contentType": "application/json"}
        data = json.dumps({"opaque": secrets.token_hex(8)})
        await socket.send_text(
            json.dumps({"specVersion": "1.0", "type": "SYSTEM", "headers": headers, "data": data})
        )
        await asyncio.sleep(20)


def _entry(message: dict[str, Any]) -> dict[str, Any]:
    kind = message["msgtype"]
    body = message[kind]
    if kind == "actionCard":
        buttons = [{"label": one["title"], "send": _said(one["actionURL"])} for one in body["btns"]]
        return {"kind": "card", "text": body["text"], "buttons": buttons}
    return {"kind": kind, "text": body["text"] if kind == "markdown" else body["content"]}


def _said(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("content", [""])[0]
