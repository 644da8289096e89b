"""The whole app without Rasa: pages, doors and the learning system, over a real SQLite. Built once for a module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.channels.web.app import create_app
from bot.channels.web.sessions import COOKIE, Sessions
from bot.learning.people.person import Person
from bot.messages import Incoming, Message
from bot.services import Services, build_services
from bot.settings import Settings
from bot.stores.learning.people import Account

TOKEN = {"Authorization": "Bearer pass-7"}


@dataclass
class AppHouse:
    """`browser(person)` is a browser in which that person is bound; without a person, a guest's."""

    app: FastAPI
    services: Services
    settings: Settings

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
        """Words that belong to a desk, in this browser's conversation, without Rasa between."""
        said = Incoming(self.conversation(client), text, message_id or f"m-{hash((text, id(client)))}")
        return self.services.learning.hall.receive(said)


def app_house(folder: Path) -> AppHouse:
    settings = Settings(data_dir=str(folder / "var"), api_token="pass-7")
    services = build_services(settings)
    return AppHouse(create_app(settings, services), services, settings)
