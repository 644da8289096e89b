"""A thousand messages from a hundred people in a minute through WeCom's callback: acknowledged how fast, answered how.

    .venv/bin/python -m benchmarks.channels.throughput

The whole bot runs on this machine, Rasa included; the platform is a stand-in that counts. Everybody says the same ten
things one after the other; what one person alone is answered is the measure: whoever gets anything twice, not at all or
in another order is counted. Then, apart, a burst of 100 messages a second shows how fast they are acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request

from bot.channels.wecom.crypto import MessageCrypt
from bot.demo.wecom import WecomKeys
from bot.launcher import free_port

PEOPLE, SECONDS = 100, 60.0
SAYS = (
    "你好", "欠费停电要提前几天通知客户？", "谢谢", "客户要投诉我怎么办？", "你是谁", "上门催费要带什么证件？", "谢谢",
    "可以把邻居欠费的事告诉他吗？", "我今天好累", "再见",
)  # fmt: skip
BURST_A_SECOND, BURST_SECONDS = 100, 10
START_S, DRAIN_S = 240.0, 600.0


class CountingWecom:
    """Takes every message of the app and notes for whom and when."""

    def __init__(self) -> None:
        self.app = FastAPI(openapi_url=None)
        self.sent: dict[str, list[str]] = defaultdict(list)
        self.at: dict[str, list[float]] = defaultdict(list)

        @self.app.get("/cgi-bin/gettoken")
        async def token() -> dict[str, Any]:
            return {"errcode": 0, "access_token": "t", "expires_in": 7200}

        @self.app.post("/cgi-bin/message/send")
        async def send(request: Request) -> dict[str, Any]:
            message = json.loads(await request.body())
            body = message[message["msgtype"]]
            text = body.get("content") or json.dumps(body.get("main_title"), ensure_ascii=False)
            self.sent[message["touser"]].append(_without_links(text))
            self.at[message["touser"]].append(time.perf_counter())
            return {"errcode": 0, "msgid": secrets.token_hex(8), "response_code": secrets.token_hex(8)}


class Callbacks:
    """Posts sealed messages to the bot's callback and notes how long each took."""

    def __init__(self, keys: WecomKeys, url: str) -> None:
        self._keys, self._url = keys, url
        self._crypt = MessageCrypt(keys.token, keys.aes_key, keys.corp_id)
        self._client = httpx.AsyncClient(
            timeout=10, trust_env=False, limits=httpx.Limits(max_connections=200)
        )
        self.took: list[float] = []
        self.refused = 0

    async def say(self, person: str, text: str) -> None:
        now = int(time.time())
        encrypted = self._crypt.encrypt(
            f"<xml><ToUserName>{self._keys.corp_id}</ToUserName><FromUserName>{person}</FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType>text</MsgType><Content>{text}</Content>"
            f"<MsgId>{secrets.randbits(62)}</MsgId><AgentID>{self._keys.agent_id}</AgentID></xml>"
        )
        nonce = secrets.token_hex(8)
        params = {
            "msg_signature": self._crypt.sign(str(now), nonce, encrypted),
            "timestamp": str(now),
            "nonce": nonce,
        }
        body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
        began = time.perf_counter()
        answer = await self._client.post(self._url, params=params, content=body)
        self.took.append(1000 * (time.perf_counter() - began))
        self.refused += answer.status_code != 200


async def measured(data: Path) -> dict[str, Any]:
    """Counts and milliseconds; starts the bot and stops it."""
    wecom, keys = CountingWecom(), WecomKeys.new()
    ports = [free_port() for _ in range(3)]
    server = uvicorn.Server(
        uvicorn.Config(wecom.app, host="127.0.0.1", port=ports[0], log_level="error", access_log=False)
    )
    serving = asyncio.create_task(server.serve())
    environ = os.environ | {
        "ANXUN_DATA_DIR": str(data), "ANXUN_PORT": str(ports[1]), "ANXUN_RASA_PORT": str(ports[2]),
        "ANXUN_WECOM_CORP_ID": keys.corp_id, "ANXUN_WECOM_AGENT_ID": keys.agent_id, "ANXUN_WECOM_SECRET": keys.secret,
        "ANXUN_WECOM_TOKEN": keys.token, "ANXUN_WECOM_AES_KEY": keys.aes_key,
        "ANXUN_WECOM_API_BASE": f"http://127.0.0.1:{ports[0]}", "ANXUN_LOG_LEVEL": "error",
    }  # fmt: skip
    bot = subprocess.Popen(
        [str(Path(sys.executable).with_name("anxun")), "up"], env=environ, stdout=subprocess.DEVNULL
    )
    try:
        await _ready(f"http://127.0.0.1:{ports[1]}/readyz")
        callbacks = Callbacks(keys, f"http://127.0.0.1:{ports[1]}/channels/wecom/callback")
        return await _run(wecom, callbacks)
    finally:
        bot.terminate()
        bot.wait(30)
        server.should_exit = True
        await serving


async def _run(wecom: CountingWecom, callbacks: Callbacks) -> dict[str, Any]:
    for text in SAYS:
        before = len(wecom.sent["alone"])
        await callbacks.say("alone", text)
        while len(wecom.sent["alone"]) == before:
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
    wanted = wecom.sent["alone"]
    callbacks.took.clear()
    began = time.perf_counter()

    async def person(number: int) -> None:
        for turn, text in enumerate(SAYS):
            due = began + SECONDS * (turn + number / PEOPLE) / len(SAYS)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await callbacks.say(f"person{number}", text)

    await asyncio.gather(*(person(number) for number in range(PEOPLE)))
    said_s = time.perf_counter() - began
    acknowledged = sorted(callbacks.took)
    await _drained(wecom, [f"person{number}" for number in range(PEOPLE)], len(wanted))
    everybody = [wecom.sent[f"person{number}"] for number in range(PEOPLE)]
    last = max(at[-1] for name, at in wecom.at.items() if name != "alone" and at)
    callbacks.took.clear()
    burst_began = time.perf_counter()
    tasks = []
    for number in range(BURST_A_SECOND * BURST_SECONDS):
        await asyncio.sleep(max(0.0, burst_began + number / BURST_A_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(callbacks.say(f"burst{number % PEOPLE}", "你好")))
    await asyncio.gather(*tasks)
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "messages": PEOPLE * len(SAYS),
        "said_in_s": round(said_s, 1),
        "all_answered_after_s": round(last - began, 1),
        "as_alone": sum(one == wanted for one in everybody),
        "people": PEOPLE,
        "parts_wanted": PEOPLE * len(wanted),
        "parts_sent": sum(len(one) for one in everybody),
        "doubled": sum(max(0, len(one) - len(wanted)) for one in everybody),
        "lost": sum(max(0, len(wanted) - len(one)) for one in everybody),
        "out_of_order": sum(sorted(one) == sorted(wanted) and one != wanted for one in everybody),
        "refused": callbacks.refused,
        "acknowledged_ms": _percentiles(acknowledged),
        "burst_acknowledged_ms": _percentiles(sorted(callbacks.took)),
    }


async def _drained(wecom: CountingWecom, people: list[str], parts: int) -> None:
    """Returns when everybody has what is due, or nothing more has come for half a minute."""
    quiet, before = time.perf_counter(), -1
    while time.perf_counter() - quiet < 30:
        sent = sum(len(wecom.sent[name]) for name in people)
        if sent >= parts * len(people):
            return
        if sent != before:
            quiet, before = time.perf_counter(), sent
        await asyncio.sleep(0.2)


async def _ready(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        for _ in range(int(START_S)):
            try:
                if (await client.get(url, params={"warm": 1})).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(1)
    raise SystemExit("the bot did not become ready")


def _percentiles(took: list[float]) -> dict[str, float]:
    return {name: round(took[min(len(took) - 1, int(part * len(took)))], 1) for name, part in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}  # fmt: skip


def _without_links(text: str) -> str:
    """The signature in a link holds the second in which it was made."""
    return "".join(
        piece.split(")", 1)[-1] if number else piece for number, piece in enumerate(text.split("]("))
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(measured(Path(folder))), ensure_ascii=False, indent=2))
