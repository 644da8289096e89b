"""The whole app, with rules in place of Rasa: pages, doors and the learning system, over a real SQLite. Built once for a module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from actions import build_executor
from bot.channels.web.app import create_app
from bot.channels.web.sessions import COOKIE, Sessions
from bot.learning.people.person import Person
from bot.messages import Message
from bot.services import Services, build_services
from bot.settings import Settings
from bot.stores.learning.people import Account
from tests.fakes.rasa import InProcessRasa
from tests.learning.factory import MovingClock

TOKEN = {"Authorization": "Bearer pass-7"}


@dataclass
class AppHouse:
    """`browser(person)` is a browser in which that person is bound; without a person, a guest's."""

    app: FastAPI
    services: Services
    settings: Settings
    clock: MovingClock
    number: int = 0

    def browser(self, person: Person | None = None, follow: bool = True) -> TestClient:
        client = TestClient(self.app, raise_server_exceptions=False, follow_redirects=follow)
        client.get("/api/v1/session")
        if person is not None:
            self.services.learning.staff.save([person])
            account = Account(self.conversation(client), "web", "")
            self.services.learning.staff.bind(account, person.id, self.services.learning.clock())
        return client

    def conversation(self, client: TestClient) -> str:
        """The conversation of a browser's cookie."""
        cookie = client.cookies[COOKIE]
        return str(Sessions(self.settings)._signer.loads(cookie))

    def say(self, client: TestClient, text: str, message_id: str = "") -> Message:
        """Said in the widget: through the one door, and the rules of Rasa."""
        self.number += 1
        body = {"text": text, "message_id": message_id or f"said-{self.number}"}
        answer = client.post("/api/v1/converse", json=body)
        assert 200 == answer.status_code, answer.text
        return Message.model_validate(answer.json()["messages"][0])


def app_house(folder: Path) -> AppHouse:
    settings, rasa, clock = (
        Settings(data_dir=str(folder / "var"), api_token="pass-7"),
        InProcessRasa(),
        MovingClock(),
    )
    services = build_services(settings, rasa.transport(), clock)
    rasa.executor = build_executor(services)
    return AppHouse(create_app(settings, services), services, settings, clock)
