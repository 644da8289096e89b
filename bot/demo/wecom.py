"""A stand-in for WeCom on this machine: takes what the app sends, and calls it back as WeCom would."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import httpx
from fastapi import FastAPI, Request

from bot.channels.wecom.crypto import MessageCrypt
from bot.demo.chatroom import Chatroom, Press, build_pages

PERSON = "zhangsan"


@dataclass(frozen=True)
class WecomKeys:
    """What an administrator would copy from WeCom's console."""

    corp_id: str
    agent_id: str
    secret: str
    token: str
    aes_key: str

    @classmethod
    def new(cls) -> WecomKeys:
        return cls(
            f"ww{secrets.token_hex(8)}",
            "1000002",
            secrets.token_hex(20),
            secrets.token_hex(8),
            secrets.token_hex(22)[:43],
        )


def build_wecom(keys: WecomKeys, callback: str) -> FastAPI:
    """The platform with its chat page; `callback` is the bot's address for messages."""
    room = Chatroom("安训", "企业微信 · 自建应用", "wecom")
    crypt = MessageCrypt(keys.token, keys.aes_key, keys.corp_id)
    app = FastAPI(openapi_url=None)

    async def post(fields: dict[str, str]) -> None:
        told = {"ToUserName": keys.corp_id, "FromUserName": PERSON, "CreateTime": str(int(time.time()))}
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in {**told, **fields}.items())
        encrypted = crypt.encrypt(f"<xml>{inner}<AgentID>{keys.agent_id}</AgentID></xml>")
        stamp, nonce = str(int(time.time())), secrets.token_hex(8)
        signature = crypt.sign(stamp, nonce, encrypted)
        body = f"<xml><ToUserName>{keys.corp_id}</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            params = {"msg_signature": signature, "timestamp": stamp, "nonce": nonce}
            await client.post(callback, params=params, content=body)

    async def say(text: str) -> None:
        await post({"MsgType": "text", "Content": text, "MsgId": str(secrets.randbits(62))})

    async def press(pressed: Press) -> None:
        event = {"Event": "template_card_event", "EventKey": pressed.key, "TaskId": pressed.card}
        await post({"MsgType": "event", **event, "ResponseCode": secrets.token_hex(8)})

    @app.get("/cgi-bin/gettoken")
    def token(corpid: str, corpsecret: str) -> dict[str, Any]:
        if (corpid, corpsecret) != (keys.corp_id, keys.secret):
            return {"errcode": 40001, "errmsg": "invalid credential"}
        return {"errcode": 0, "errmsg": "ok", "access_token": secrets.token_hex(16), "expires_in": 7200}

    @app.post("/cgi-bin/message/send")
    def send(message: dict[str, Any]) -> dict[str, Any]:
        for entry in _entries(message):
            room.add(**{"from": "bot"} | entry)
        return {
            "errcode": 0,
            "errmsg": "ok",
            "msgid": secrets.token_hex(8),
            "response_code": secrets.token_hex(8),
        }

    @app.post("/cgi-bin/message/update_template_card")
    def update(_message: dict[str, Any]) -> dict[str, Any]:
        return {"errcode": 0, "errmsg": "ok"}

    @app.post("/cgi-bin/media/upload")
    async def upload(request: Request) -> dict[str, Any]:
        name = room.keep(await request.body())
        return {
            "errcode": 0,
            "errmsg": "ok",
            "type": "image",
            "media_id": name,
            "created_at": str(int(time.time())),
        }

    app.include_router(build_pages(room, say, press))
    return app


def _entries(message: dict[str, Any]) -> list[dict[str, Any]]:
    kind = message["msgtype"]
    body = message[kind]
    if kind == "image":
        return [{"kind": "picture", "media": body["media_id"], "text": "成绩单"}]
    if kind == "template_card":
        title = body.get("main_title", {})
        text = "\n".join(filter(None, [title.get("title"), title.get("desc"), body.get("sub_title_text")]))
        buttons = [
            {"label": one["text"], "card": body["task_id"], "key": one["key"]}
            for one in body.get("button_list", [])
        ]
        return [{"kind": "card", "text": text, "buttons": buttons}]
    return [{"kind": kind, "text": body["content"]}]
