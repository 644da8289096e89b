"""Who is looking at a page: the member of staff to whom this browser's conversation is bound, or a program with the token."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from fastapi import HTTPException, Request, Response

from bot.channels.web.sessions import Sessions
from bot.desks.building import Learning
from bot.desks.hall import guest
from bot.learning.people.person import Person, Role

_HOW = "在聊天里说“绑定”加绑定码；没有码，向管理员或师傅要一个。"


@dataclass(frozen=True)
class Visitor:
    """`learner` names the person in events: their number, or a guest's. `is_program` acts as an administrator."""

    learner: str
    person: Person | None
    conversation: str
    is_program: bool = False

    def may(self, *roles: Role) -> bool:
        return self.is_program or (self.person is not None and self.person.may(*roles))


class Refused(Exception):  # noqa: N818  the name of the thing
    """A page this visitor may not see: status, what is the matter, and what to do."""

    def __init__(self, status: int, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.status, self.problem, self.remedy = status, problem, remedy


class Visitors:
    def __init__(self, sessions: Sessions, learning: Learning, api_token: str) -> None:
        self._sessions, self._learning, self._token = sessions, learning, api_token

    def of(self, request: Request) -> Visitor:
        """The visitor; a browser that was never here is a guest, and gets its cookie with the page."""
        if self._is_program(request):
            return Visitor("program", None, "", True)
        conversation = self._sessions.of_browser(request) or getattr(request.state, "conversation", "")
        if not conversation:
            conversation = request.state.conversation = self._sessions.new()
        account = self._learning.accounts.of(conversation)
        person = self._learning.staff.person_of(account)
        return Visitor(person.id if person else guest(account), person, conversation)

    def require(self, request: Request, *roles: Role) -> Visitor:
        """A visitor with one of these roles; without roles, anybody who is bound. Raises Refused."""
        visitor = self.of(request)
        if visitor.is_program or (visitor.person and (not roles or visitor.person.may(*roles))):
            return visitor
        if visitor.person is None:
            raise Refused(401, "这一页要先知道您是谁。", _HOW)
        raise Refused(403, "这一页给培训师和主管看。", "需要的话，请管理员改一下您的角色。")

    def same_origin(self, request: Request) -> None:
        """First in every POST of a page: another site must not act in a visitor's name. Raises Refused."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin", "")
        host = request.headers.get("host", "")
        elsewhere = origin not in ("", "null") and origin.split("//")[-1] != host
        if site != "same-origin" or elsewhere:
            raise Refused(403, "这一步要在我们自己的网页上点。", "回到那一页，再点一次。")

    def remember(self, request: Request, response: Response) -> None:
        """Gives a browser that was never here its cookie."""
        if conversation := getattr(request.state, "conversation", ""):
            self._sessions.adopt(request, response, conversation)

    def _is_program(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        return bool(self._token) and hmac.compare_digest(given.encode(), self._token.encode())


def refused_json(error: Refused) -> HTTPException:
    """The same for a script of our page."""
    return HTTPException(error.status, {"error": error.problem, "remedy": error.remedy})
