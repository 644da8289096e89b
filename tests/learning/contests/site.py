"""Contests on a real server: the app's own guard and pages, the learning system, a database; without Rasa and answers.

Another site on the same folder is the same house after a restart.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.staticfiles import StaticFiles

from bot.channels.web.app import CONSOLE_STATIC, STATIC, Guard
from bot.channels.web.sessions import COOKIE, Sessions
from bot.console.contests import build_contest_pages
from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitors
from bot.content.contests import Contest
from bot.content.loader import Knowledge
from bot.content.quizzes import QuizSet
from bot.desks.building import Learning, build_learning
from bot.learning.people.person import Person
from bot.settings import Settings
from bot.stores.database import open_database
from bot.stores.learning.people import AccountRow
from tests.conftest import free_port
from tests.learning.contests.wire import Wire
from tests.learning.factory import person


@dataclass
class Site:
    folder: Path
    scripts: Mapping[str, Contest]
    database: str = ""
    quizzes: Mapping[str, QuizSet] = field(default_factory=dict)
    loop: str = "auto"
    port: int = 0
    learning: Learning = field(init=False)
    sessions: Sessions = field(init=False)
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        settings = Settings(data_dir=str(self.folder / "var"))
        self.sessions = Sessions(settings)
        knowledge = Knowledge({}, {}, {}, {}, {}, contests=self.scripts, quizzes=self.quizzes)
        self.database_sessions = sessions = open_database(self.database or settings.database)
        self.learning = build_learning(settings, knowledge, sessions, cast(Any, None))
        visitors = Visitors(self.sessions, self.learning, "")
        pages = Pages(visitors)
        self.app = FastAPI(openapi_url=None)
        self.app.include_router(build_contest_pages(self.learning, visitors, pages))
        self.app.mount("/console/static", StaticFiles(directory=CONSOLE_STATIC))
        self.app.mount("/static", StaticFiles(directory=STATIC))
        self.app.add_middleware(Guard)

        @self.app.exception_handler(Refused)
        async def refused(request: Request, error: Refused) -> Response:
            return await run_in_threadpool(pages.refuse, request, error)

    @property
    def host(self) -> str:
        """The cookie of a trainer's browser."""
        return self.browser(person("9001", "陈师傅", role="trainer", post="培训师"))

    def browser(self, who: Person | None = None) -> str:
        """A new browser's cookie; bound to a person, or a guest's."""
        return self.browsers([who])[0]

    def browsers(self, people: Sequence[Person | None]) -> list[str]:
        """One for each, written to the database in one go."""
        conversations = [self.sessions.new() for _ in people]
        self.learning.staff.save([one for one in people if one])
        now = self.learning.clock()
        with self.database_sessions.begin() as session:
            session.add_all(
                AccountRow(account=conversation, person=one.id, channel="web", address="", bound_at=now)
                for conversation, one in zip(conversations, people, strict=True)
                if one
            )
        return [f"{COOKIE}={self.sessions._signer.dumps(one)}" for one in conversations]

    def open(self, script: str = "test-match", **other: Any) -> str:
        return self.learning.contests.floor.open(script, "9001", **other).id

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Served on a port of its own for a while; ends with its streams still open, as a real one does."""
        self.port = port = free_port()
        config = uvicorn.Config(
            self.app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1, loop=cast(Any, self.loop)
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{url}/contest", trust_env=False)
                break
            time.sleep(0.02)
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(10)


@dataclass
class Client:
    """A player, a host or a screen over real HTTP. `seen` is the last line of the log it knows; `told` all news by number,
    `twice` how much of it came again."""

    port: int
    contest: str
    cookie: str
    role: str = "play"
    name: str = ""
    seen: int = -1
    unread: list[tuple[float, str]] = field(default_factory=list)
    view: dict[str, Any] = field(default_factory=dict)
    me: dict[str, Any] = field(default_factory=dict)
    told: dict[int, str] = field(default_factory=dict)
    twice: int = 0
    heard: dict[tuple[str, str], float] = field(default_factory=dict)
    """When this screen first showed a question in a phase."""

    def __post_init__(self) -> None:
        self.wire = Wire(self.port, self.cookie)

    async def listen(self) -> None:
        """As a browser's EventSource does: from the last event it saw on, until the connection breaks."""
        path = f"/contest/live/{self.contest}/{self.role}"
        async with contextlib.aclosing(self.wire.stream(path, self.seen)) as messages:
            async for seq, text in messages:
                self.seen = seq
                self.unread.append((time.perf_counter(), text))

    def read(self) -> Client:
        """Takes in what came; not while something is measured."""
        for at, text in self.unread:
            message = json.loads(text)
            asked = message["view"]["question"]
            self.heard.setdefault((asked["key"] if asked else "", message["view"]["phase"]), at)
            self.view, self.me = message["view"], message.get("me", {})
            for seq, words in message["news"]:
                self.twice += seq in self.told
                self.told[seq] = words
        self.unread.clear()
        return self

    async def act(self, do: str, **data: Any) -> dict[str, Any]:
        body = {"do": do, **({"host": True} if self.role == "host" else {}), **data}
        return await self.wire.post(f"/contest/act/{self.contest}", body)
