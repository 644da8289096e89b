"""Rasa as far as the app sees it: rules from intents to actions, which are our own. Free words go to the knowledge base,
unless a test says what is recognised in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml
from rasa_sdk.executor import ActionExecutor

ROOT = Path(__file__).resolve().parents[2]


class InProcessRasa:
    """An httpx transport's handler. `executor` is set once the services are built; `recognised` maps words to intents."""

    def __init__(self, recognised: Mapping[str, str] | None = None) -> None:
        rules = yaml.safe_load((ROOT / "data/rules/rules.yml").read_text(encoding="utf-8"))["rules"]
        self._actions = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in rules}
        self._domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
        self.executor: ActionExecutor | None = None
        self.recognised = dict(recognised or {})

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/webhooks/rest/webhook":
            return httpx.Response(200, json={"model_file": "in-process"})
        body = json.loads(request.content)
        text: str = body["message"]
        intent = text[1:] if text.startswith("/") else self.recognised.get(text, "nlu_fallback")
        return httpx.Response(200, json=await self._run(self._actions[intent], body))

    async def _run(self, action: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        assert self.executor is not None
        latest = {"text": body["message"], "metadata": body["metadata"]}
        tracker = {
            "sender_id": body["sender"], "slots": {}, "latest_message": latest, "events": [], "paused": False,
        }  # fmt: skip
        called = {
            "next_action": action, "sender_id": body["sender"], "tracker": tracker, "domain": self._domain,
            "version": "3.6.21",
        }  # fmt: skip
        done = await self.executor.run(called)
        said = done if isinstance(done, dict) else done.model_dump()
        return [{"custom": one["custom"]} for one in said["responses"]]
