"""The pages and doors of contests: who may do what, what never travels to a player, and tables that no sheet runs."""

from __future__ import annotations

import io
from dataclasses import dataclass

import openpyxl
import pytest
from fastapi.testclient import TestClient

from bot.desks.contest_floor import Live
from bot.learning.contests.moment import Command
from bot.learning.contests.results import Table
from bot.learning.contests.sheets import as_csv, as_xlsx
from tests.learning.contests.site import Site
from tests.learning.contests.stage import a_round, script
from tests.learning.factory import person

ROUNDS = (a_round("required", 2), a_round("buzzer", 2))
SCRIPTS = {
    "test-match": script(*ROUNDS).model_copy(update={"guests": False}),
    "team-match": script(*ROUNDS, teams=("城东队", "城西队"), guests=True).model_copy(
        update={"id": "team-match"}
    ),
}


@dataclass
class Doors:
    site: Site

    def client(self, cookie: str) -> TestClient:
        return TestClient(self.site.app, cookies=dict([cookie.split("=", 1)]), follow_redirects=False)

    def live(self, contest: str) -> Live:
        found = self.site.learning.contests.floor.find(contest)
        assert found is not None
        return found

    def hosted(self, contest: str, *dos: str) -> None:
        floor, now = self.site.learning.contests.floor, self.site.learning.clock()
        floor.act(contest, [Command(do, "9001", now, True) for do in dos])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    return Doors(Site(tmp_path_factory.mktemp("site"), SCRIPTS))


def test_answer_never_travels_early(doors: Doors) -> None:
    """Neither page nor wire tells a player or the screen what is right before the host shows it; the host may know."""
    contest = doors.site.open()
    zhou, host = doors.client(doors.site.browser(person("1001", "周敏"))), doors.client(doors.site.host)
    zhou.post("/contest/join", data={"code": doors.live(contest).record.code})
    doors.hosted(contest, "begin", "next")
    pages = [zhou.get(f"/contest/{role}/{contest}").text for role in ("play", "screen")]
    wires = [zhou.get(f"/contest/poll/{contest}/{role}?after=0").text for role in ("play", "screen")]

    assert all("再答复" not in text and '"correct"' not in text for text in pages + wires)
    assert "再答复" in host.get(f"/contest/poll/{contest}/host?after=0").text
    doors.hosted(contest, "close")
    assert "再答复" in zhou.get(f"/contest/poll/{contest}/play?after=0").text


def test_hosting_needs_a_role(doors: Doors) -> None:
    """A member of staff can neither open a contest, nor see the host's page or wire, nor act as host."""
    contest, staff = doors.site.open(), doors.client(doors.site.browser(person("1002", "李强")))
    told = staff.post(f"/contest/act/{contest}", json={"do": "begin", "host": True})

    assert 403 == staff.post("/contest/new", data={"script": "test-match"}).status_code
    assert 403 == staff.get(f"/contest/host/{contest}").status_code
    assert 403 == staff.get(f"/contest/poll/{contest}/host").status_code
    assert 403 == told.status_code and "lobby" == doors.live(contest).state.phase
    assert "开一场" not in staff.get("/contest").text


def test_guests_where_host_allows(doors: Doors) -> None:
    """A guest joins under a marked name where the host allows guests, and is told what to do where not."""
    guest = doors.client(doors.site.browser())
    closed, opened = doors.site.open(), doors.site.open("team-match")
    refused = guest.post("/contest/join", data={"code": doors.live(closed).record.code})
    fields = {"code": doors.live(opened).record.code, "name": "小李 13812345678", "team": "城西队"}
    joined = guest.post("/contest/join", data=fields)
    player = next(iter(doors.live(opened).state.players.values()))

    assert 422 == refused.status_code and "说“绑定”加绑定码" in refused.text
    assert f"/contest/play/{opened}" == joined.headers["location"]
    assert "城西队" == player.team and player.name.endswith("（客）") and "13812345678" not in player.name


def test_team_is_asked_for(doors: Doors) -> None:
    """In a contest of teams the code alone leads to the choice of a team."""
    contest = doors.site.open("team-match")
    zhou = doors.client(doors.site.browser(person("1003", "王芳")))
    page = zhou.post("/contest/join", data={"code": doors.live(contest).record.code})

    assert 200 == page.status_code and "您是哪一队" in page.text and "王芳" in page.text
    assert not doors.live(contest).state.players


def test_other_sites_cannot_press(doors: Doors) -> None:
    """A page of somebody else's cannot act in a player's name."""
    contest, zhou = doors.site.open(), doors.client(doors.site.browser(person("1004", "赵刚")))
    told = zhou.post(
        f"/contest/act/{contest}", json={"do": "buzz"}, headers={"Origin": "https://elsewhere.example"}
    )

    assert 403 == told.status_code


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"do": "drop"}', b'{"do": "begin"}', b"x" * 5000])
def test_nonsense_is_refused(doors: Doors, body: bytes) -> None:
    """What is no command is refused in words, and changes nothing."""
    contest, zhou = doors.site.open(), doors.client(doors.site.browser(person("1005", "孙丽")))
    told = zhou.post(f"/contest/act/{contest}", content=body)

    assert 422 == told.status_code and told.json()["remedy"]
    assert 0 == doors.live(contest).state.seq


def test_unknown_contests_are_explained(doors: Doors) -> None:
    """A wrong code or address says what to do, and is no error of ours."""
    zhou = doors.client(doors.site.browser(person("1006", "吴涛")))

    assert "看看大屏" in zhou.post("/contest/join", data={"code": "0000"}).text
    for path in (
        "/contest/play/none",
        "/contest/screen/none",
        "/contest/result/none",
        "/contest/live/none/play",
    ):
        assert 404 == zhou.get(path, headers={"Accept": "text/html"}).status_code


def test_result_is_for_those_concerned(doors: Doors) -> None:
    """Who took part sees the sheet when it is over; others do not, and only hosts take it away as a table."""
    contest = doors.site.open()
    zhou, other = (doors.client(doors.site.browser(person(n, n))) for n in ("1007", "1008"))
    zhou.post("/contest/join", data={"code": doors.live(contest).record.code})
    assert 403 == zhou.get(f"/contest/result/{contest}").status_code
    doors.hosted(contest, "end")

    assert 200 == zhou.get(f"/contest/result/{contest}").status_code
    assert 403 == other.get(f"/contest/result/{contest}").status_code
    assert 403 == zhou.get(f"/contest/result/{contest}.xlsx").status_code
    assert 200 == doors.client(doors.site.host).get(f"/contest/result/{contest}.csv").status_code


def test_sheets_run_no_formula() -> None:
    """A name that looks like a formula stays a name in both kinds of table; numbers stay numbers."""
    table = Table("名次", ("名次", "姓名"), ((-5, "=cmd|'/C calc'!A0"), (2, "+86"), (3, "@SUM(A1)\n")))
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx([table])))
    cells = [cell for row in book["名次"].iter_rows(min_row=2) for cell in row]
    lines = as_csv(table).decode("utf-8-sig").splitlines()

    assert [-5, "'=cmd|'/C calc'!A0", 2, "'+86", 3, "'@SUM(A1)"] == [cell.value for cell in cells]
    assert all("f" != cell.data_type for cell in cells)
    assert ["-5,'=cmd|'/C calc'!A0", "2,'+86", "3,'@SUM(A1)"] == lines[1:]
