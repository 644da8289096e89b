"""The pages of contests: joining by a code, a phone to play on, the host's desk, the big screen, the result sheet."""

from __future__ import annotations

import io
from dataclasses import dataclass

import segno
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from bot.console.contest_hub import Hub
from bot.console.contest_live import Wires
from bot.console.hazards_form import Form, read_form
from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitor, Visitors
from bot.desks.building import Learning
from bot.desks.contest_floor import ContestFloor, Live
from bot.errors import AnxunError
from bot.learning.contests.hosting import part_points
from bot.learning.contests.moment import Command
from bot.learning.contests.playing import LONGEST_NAME
from bot.learning.contests.results import log_table, places_table, players_table, questions_table
from bot.learning.contests.sheets import as_csv, as_xlsx
from bot.text import mask_personal_data

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_TEAMS, LONGEST_TEAM = 8, 10


def build_contest_pages(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """Below /contest. Players need no role; hosts are trainers and managers; the big screen is open to its address."""
    router = APIRouter()
    desk = _Desk(learning, visitors, pages)
    wires = Wires(
        Hub(learning.contests.floor, learning.contests.noting, learning.clock), visitors, learning.clock
    )
    router.add_route("/contest/live/{contest}/{role}", wires.stream)
    router.add_route("/contest/poll/{contest}/{role}", wires.poll)
    router.add_route("/contest/act/{contest}", wires.act, methods=["POST"])

    @router.get("/contest")
    def index(request: Request) -> Response:
        return desk.index(request, "", request.query_params.get("code", "")[:4])

    @router.get("/contest/join/{code}")
    def join_page(request: Request, code: str) -> Response:
        return desk.join_page(request, code)

    @router.post("/contest/join")
    async def join(request: Request) -> Response:
        visitors.same_origin(request)
        return await run_in_threadpool(desk.join, request, await read_form(request))

    @router.post("/contest/new")
    async def new(request: Request) -> Response:
        visitors.same_origin(request)
        return await run_in_threadpool(desk.new, request, await read_form(request))

    @router.get("/contest/play/{contest}")
    def play(request: Request, contest: str) -> Response:
        return desk.play(request, contest)

    @router.get("/contest/host/{contest}")
    def host(request: Request, contest: str) -> Response:
        return desk.host(request, contest)

    @router.get("/contest/screen/{contest}")
    def screen(request: Request, contest: str) -> Response:
        return desk.screen(request, contest)

    @router.get("/contest/qr/{contest}.svg")
    def qr(request: Request, contest: str) -> Response:
        return desk.qr(request, contest)

    @router.get("/contest/result/{contest}.{kind}")
    def download(request: Request, contest: str, kind: str) -> Response:
        return desk.download(request, contest, kind)

    @router.get("/contest/result/{contest}")
    def result(request: Request, contest: str) -> Response:
        return desk.result(request, contest)

    return router


@dataclass(frozen=True)
class _Desk:
    learning: Learning
    visitors: Visitors
    pages: Pages

    @property
    def floor(self) -> ContestFloor:
        return self.learning.contests.floor

    def index(self, request: Request, problem: str, code: str = "") -> Response:
        visitor = self.visitors.of(request)
        leads = visitor.may("trainer", "manager")
        store = self.floor.store
        return self.pages.render(
            "contest_index.html.j2", request, 200 if not problem else 422,
            problem=problem, code=code, leads=leads,
            scripts=sorted(self.floor.scripts.values(), key=lambda one: one.minutes) if leads else [],
            running=store.listed(over=False, limit=10) if visitor.person or leads else [],
            over=store.listed(over=True, limit=10) if visitor.person or leads else [],
            zone=self.learning.zone, most_teams=MOST_TEAMS,
        )  # fmt: skip

    def join_page(self, request: Request, code: str, problem: str = "") -> Response:
        live = self._by_code(code)
        visitor = self.visitors.of(request)
        if visitor.person is None and not live.plan.guests:
            raise Refused(401, "这一场要先知道您是谁。", "在聊天里说“绑定”加绑定码，再用号码加入。")
        return self.pages.render(
            "contest_join.html.j2", request, 422 if problem else 200, live=live, code=live.record.code, problem=problem,
            me=live.state.players.get(visitor.learner), longest=LONGEST_NAME,
        )  # fmt: skip

    def join(self, request: Request, form: Form) -> Response:
        """By the code alone where that is enough; else the page that asks for a team or a name."""
        code = form.get("code").strip()
        if not (code.isdigit() and self.floor.store.by_code(code)):
            return self.index(request, "没有这个号码的竞赛。看看大屏，或问主持人。", code[:4])
        live, visitor = self._by_code(code), self.visitors.of(request)
        if visitor.person is None and not live.plan.guests:
            return self.index(request, "这一场要先知道您是谁。在聊天里说“绑定”加绑定码，再用号码加入。", code)
        asks_more = (live.plan.is_team and not form.get("team")) or (
            visitor.person is None and not form.get("name")
        )
        if asks_more and visitor.learner not in live.state.players:
            return self.join_page(request, code)
        name = visitor.person.name if visitor.person else mask_personal_data(form.get("name"))
        data = {"name": name, "team": form.get("team"), "guest": visitor.person is None}
        told = self.floor.act(
            live.record.id, [Command("join", visitor.learner, self.learning.clock(), False, data)]
        )[0]
        if not told.ok:
            return self.join_page(request, code, told.words)
        return self._to(request, f"/contest/play/{live.record.id}")

    def new(self, request: Request, form: Form) -> Response:
        visitor = self.visitors.require(request, "trainer", "manager")
        teams = [
            name[:LONGEST_TEAM]
            for name in dict.fromkeys(form.get("teams").replace("，", "、").split("、"))
            if name
        ]
        if teams and not 2 <= len(teams) <= MOST_TEAMS:
            return self.index(request, "队名写两到八个，用顿号隔开。")
        try:
            record = self.floor.open(
                form.get("script"), visitor.learner, teams=[mask_personal_data(one.strip()) for one in teams],
                guests=bool(form.get("guests")),
            )  # fmt: skip
        except AnxunError as error:
            return self.index(request, f"{error.message}{error.remedy}")
        return self._to(request, f"/contest/host/{record.id}")

    def play(self, request: Request, contest: str) -> Response:
        live, visitor = self._live(contest), self.visitors.of(request)
        if visitor.learner not in live.state.players:
            if live.state.is_over:
                raise Refused(404, "这一场已经结束了。", "下一场开了，用新的号码加入。")
            return self._to(request, f"/contest/join/{live.record.code}")
        return self.pages.render(
            "contest_play.html.j2", request, live=live, me=live.state.players[visitor.learner]
        )

    def host(self, request: Request, contest: str) -> Response:
        self.visitors.require(request, "trainer", "manager")
        live = self._live(contest)
        rounds = [(one, part_points(one)) for one in live.plan.rounds]
        return self.pages.render("contest_host.html.j2", request, live=live, rounds=rounds)

    def screen(self, request: Request, contest: str) -> Response:
        live = self._live(contest)
        return self.pages.render("contest_screen.html.j2", request, live=live, reachable=_reachable(request))

    def qr(self, request: Request, contest: str) -> Response:
        """The address to join at, as this page itself was reached."""
        live = self._live(contest)
        address = f"{str(request.base_url).rstrip('/')}/contest/join/{live.record.code}"
        kept = io.BytesIO()
        segno.make(address, error="m", micro=False).save(
            kept, kind="svg", scale=8, border=2, light="#fff", dark="#000"
        )
        return Response(
            kept.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "private, no-store"}
        )

    def result(self, request: Request, contest: str) -> Response:
        live, visitor = self._for_result(request, contest)
        state = live.state
        return self.pages.render(
            "contest_result.html.j2", request, live=live, places=places_table(live.plan, state),
            players=players_table(live.plan, state, live.log), questions=questions_table(live.plan, state, live.log),
            log=log_table(live.plan, state, live.log) if visitor.may("trainer", "manager") else None,
            zone=self.learning.zone, mine=state.players.get(visitor.learner),
        )  # fmt: skip

    def download(self, request: Request, contest: str, kind: str) -> Response:
        self.visitors.require(request, "trainer", "manager")
        live, _ = self._for_result(request, contest)
        places = places_table(live.plan, live.state)
        headers = {
            "Content-Disposition": f'attachment; filename="{live.record.id}.{kind}"',
            "Cache-Control": "private, no-store",
        }
        if kind == "csv":
            return Response(as_csv(places), media_type="text/csv; charset=utf-8", headers=headers)
        if kind != "xlsx":
            raise Refused(404, "没有这种表。", "可以下载 xlsx 或 csv。")
        tables = [
            places, players_table(live.plan, live.state, live.log), questions_table(live.plan, live.state, live.log),
            log_table(live.plan, live.state, live.log),
        ]  # fmt: skip
        return Response(as_xlsx(tables), media_type=_XLSX, headers=headers)

    def _for_result(self, request: Request, contest: str) -> tuple[Live, Visitor]:
        """Hosts, and who took part; while it runs only hosts."""
        live, visitor = self._live(contest), self.visitors.of(request)
        if not visitor.may("trainer", "manager"):
            if visitor.learner not in live.state.players:
                raise Refused(403, "成绩单给参加的人和主持人看。", "想看的话，请主持人发给您。")
            if not live.state.is_over:
                raise Refused(403, "成绩单要等竞赛结束。", "先回答题页，结束了这里就有。")
        return live, visitor

    def _live(self, contest: str) -> Live:
        live = self.floor.find(contest)
        if live is None:
            raise Refused(404, "没有这一场竞赛。", "看看号码，从竞赛页再进一次。")
        return live

    def _by_code(self, code: str) -> Live:
        live = self.floor.by_code(code) if code.isdigit() else None
        if live is None:
            raise Refused(404, "没有这个号码的竞赛。", "看看大屏，或问主持人；结束了的竞赛号码就不用了。")
        return live

    def _to(self, request: Request, path: str) -> Response:
        response = RedirectResponse(path, 303)
        self.visitors.remember(request, response)
        return response


def _reachable(request: Request) -> bool:
    """Whether other people's phones can open the address of this page."""
    return request.url.hostname not in ("127.0.0.1", "localhost", "::1", "testserver")
