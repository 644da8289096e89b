"""WeCom's side of the self-built app's callback: what it pushes, encrypted and signed by wechatpy, never by us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import xmltodict
from wechatpy.crypto import _get_signature
from wechatpy.enterprise.crypto import WeChatCrypto

PATH = "/channels/wecom/callback"
TRIES = 4
"""A push that is not answered with 200 is sent three times more."""


@dataclass(frozen=True)
class Push:
    """One request: what stands in the address, and the body."""

    params: Mapping[str, str]
    body: bytes

    def signed_as(self, **params: str) -> Push:
        return replace(self, params={**self.params, **params})


@dataclass(frozen=True)
class WecomCallbacks:
    """Pushes for one app, at a fixed time."""

    token: str
    key: str
    corp_id: str
    agent_id: str
    at: int
    nonce: str = "nonce123456"

    def push(self, message: str, receiver: str | None = None, at: int | None = None) -> Push:
        """`message` for this corporation, or for another `receiver`."""
        stamp = str(self.at if at is None else at)
        crypto = WeChatCrypto(self.token, self.key, self.corp_id if receiver is None else receiver)
        sealed = crypto.encrypt_message(message, self.nonce, stamp)
        encrypted, signature = _cdata(sealed, "Encrypt"), _cdata(sealed, "MsgSignature")
        return Push(self._params(signature, stamp), self.envelope(encrypted))

    def check(self, echo: str) -> dict[str, str]:
        """What stands in the address when the administrator saves it."""
        push = self.push(echo)
        return {**push.params, "echostr": _cdata(push.body.decode(), "Encrypt")}

    def sign(self, encrypted: str, body: bytes | None = None) -> Push:
        """Anything, signed as WeCom would: what only WeCom, or somebody with the token, could send."""
        signature = _get_signature(self.token, str(self.at), self.nonce, encrypted)
        return Push(self._params(signature, str(self.at)), body or self.envelope(encrypted))

    def envelope(self, encrypted: str) -> bytes:
        return (
            f"<xml><ToUserName><![CDATA[{self.corp_id}]]></ToUserName><AgentID>{self.agent_id}</AgentID>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        ).encode()

    def message(self, kind: str, who: str = "zhangsan", **fields: str) -> str:
        """The XML of a message or event, as WeCom writes it."""
        told = {
            "ToUserName": self.corp_id,
            "FromUserName": who,
            "CreateTime": str(self.at),
            "MsgType": kind,
            "AgentID": self.agent_id,
            **fields,
        }
        return f"<xml>{''.join(_element(name, value) for name, value in told.items())}</xml>"

    def text(self, content: str, who: str = "zhangsan", msg_id: str = "7000000000000000001") -> str:
        return self.message("text", who, Content=content, MsgId=msg_id)

    def event(self, event: str, who: str = "zhangsan", **fields: str) -> str:
        return self.message("event", who, Event=event, **fields)

    def read_reply(self, body: str) -> dict[str, Any]:
        """The fields of a passive answer; raises unless it is signed and encrypted for WeCom."""
        reply = xmltodict.parse(body)["xml"]
        text = WeChatCrypto(self.token, self.key, self.corp_id).decrypt_message(
            body, reply["MsgSignature"], reply["TimeStamp"], reply["Nonce"]
        )
        return dict(xmltodict.parse(text)["xml"])

    def _params(self, signature: str, stamp: str) -> dict[str, str]:
        return {"msg_signature": signature, "timestamp": stamp, "nonce": self.nonce}


async def deliver(client: httpx.AsyncClient, push: Push) -> list[int]:
    """Pushes until it is answered with 200, as often as WeCom does, without its pauses; every status."""
    statuses: list[int] = []
    while len(statuses) < TRIES and statuses[-1:] != [200]:
        statuses.append((await client.post(PATH, params=push.params, content=push.body)).status_code)
    return statuses


def _element(name: str, value: str) -> str:
    closed = value.replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{closed}]]></{name}>"


def _cdata(xml: str, name: str) -> str:
    found = re.search(rf"<{name}><!\[CDATA\[(.*?)\]\]></{name}>", xml, re.DOTALL)
    assert found is not None
    return found[1]
