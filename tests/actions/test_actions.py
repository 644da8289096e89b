"""Rasa's files and our actions name the same things, and an action answers with exactly one typed message."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from rasa_sdk.executor import ActionExecutor

from actions import answering, build_executor, greeting, learning, practising
from bot.messages import Incoming, Message, say
from bot.small_talk import SmallTalk

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RULES = yaml.safe_load((ROOT / "data" / "rules" / "rules.yml").read_text(encoding="utf-8"))["rules"]


class FakePractising:
    """Every method says which it was."""

    def __getattr__(self, name: str) -> Any:
        return lambda said: say(f"{name}:{said.conversation}:{said.text}:{said.message_id}:{said.speaker}")


class FakeHall:
    def receive(self, said: Incoming) -> Message:
        return say(f"learn:{said.text}")


class FakeServices:
    small_talk = SmallTalk()
    practising = FakePractising()
    learning = SimpleNamespace(hall=FakeHall())

    def open_desk(self, desk: str, said: Incoming) -> Message:
        return say(f"open:{desk}:{said.text}")

    def answer_question(self, said: Incoming) -> Message:
        return say(f"答:{said.text}")


def executor() -> ActionExecutor:
    return build_executor(FakeServices())  # type: ignore[arg-type]


def call(action: str, message: dict[str, Any]) -> dict[str, Any]:
    tracker = {"sender_id": "王班", "slots": {}, "latest_message": message, "events": [], "paused": False}
    body = {
        "next_action": action,
        "sender_id": "王班",
        "tracker": tracker,
        "domain": DOMAIN,
        "version": "3.6.21",
    }
    done = asyncio.run(executor().run(body))
    return done if isinstance(done, dict) else done.model_dump()


def test_domain_lists_every_action() -> None:
    """What domain.yml promises is what the app serves."""
    assert set(DOMAIN["actions"]) == set(executor().actions)


def test_every_intent_has_one_rule() -> None:
    """Each intent leads by one rule to one action, and unsure recognition leads to the knowledge base."""
    steps = {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in RULES}

    assert len(RULES) == len(steps)
    assert set(DOMAIN["intents"]) | {"nlu_fallback"} == set(steps)
    assert "action_answer_question" == steps["nlu_fallback"]


def test_action_sends_one_custom_payload() -> None:
    """One message goes back, whole, whatever it holds."""
    answered = call("action_answer_question", {"text": "能停电吗", "metadata": {}})

    assert [say("答:能停电吗").model_dump()] == [r["custom"] for r in answered["responses"]]
    assert [] == answered["events"]


def test_words_come_from_metadata() -> None:
    """During a practice the words travel in metadata, beside the intent the app set."""
    message = {
        "text": "/practice_turn",
        "metadata": {"text": "您别急", "message_id": "m7", "speaker": "小李"},
    }

    answered = call("action_play_turn", message)

    assert "play:王班:您别急:m7:小李" == answered["responses"][0]["custom"]["blocks"][0]["text"]


def test_action_classes_are_all_registered() -> None:
    """No action class is left outside."""
    classes = {
        c.action
        for module in (answering, greeting, learning, practising)
        for c in vars(module).values()
        if isinstance(c, type) and getattr(c, "action", "")
    }

    spoken = {f"action_open_{desk}" for desk in learning.SPOKEN}
    assert classes | spoken == set(DOMAIN["actions"])
