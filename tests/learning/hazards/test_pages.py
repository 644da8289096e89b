"""Hazards in pages: forms without script, photos, who sees what."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.console.hazards_form import _parts
from tests.console.house import AppHouse
from tests.learning.factory import person
from tests.learning.hazards.shared import shared_house
from tests.learning.hazards.test_rules import photo

ASKED = {"what": "表箱门掉了，线露在外面", "place": "阳光小区三号楼", "severity": "urgent"}


@dataclass
class Doors:
    house: AppHouse
    reporter: TestClient
    manager: TestClient
    fixer: TestClient
    stranger: TestClient


@pytest.fixture(scope="module")
def doors() -> Doors:
    house = shared_house()
    return Doors(
        house,
        house.browser(person("1001", "周敏", manager="8001"), follow=False),
        house.browser(person("8001", "王芳", role="manager", post="主管"), follow=False),
        house.browser(person("1005", "李强", manager="8001"), follow=False),
        house.browser(person("1007", "吴静"), follow=False),
    )


def report(client: TestClient, **fields: str) -> str:
    """Where the browser is sent after a report with a photo."""
    files = {"photo": ("p.jpg", photo(), "image/jpeg")}
    answer = client.post("/hazards/new", data={**ASKED, "anyway": "1", **fields}, files=files)
    assert 303 == answer.status_code, answer.text
    return str(answer.headers["location"])


def test_report_with_photo_goes_all_the_way(doors: Doors) -> None:
    """Reported with a photo, confirmed, taken, fixed with a photo, checked: each by a form of the page."""
    where = report(doors.reporter, key="k-1")
    steps = [
        (doors.manager, {"step": "confirm", "severity": "urgent", "assignee": "1005"}),
        (doors.fixer, {"step": "take"}),
        (doors.fixer, {"step": "fix", "note": "换了箱门，线包好了"}),
        (doors.manager, {"step": "pass", "note": "现场看过"}),
    ]
    for client, fields in steps:
        assert 303 == client.post(f"{where}/step", data=fields).status_code
    doors.fixer.post(f"{where}/photo", files={"photo": ("p.png", photo("PNG"), "image/png")})
    page = doors.reporter.get(where).text

    assert "已关闭" in page and "现场看过" in page and 2 == page.count("<img ") and "处理以后" in page
    assert 30 == doors.house.services.learning.points.office.store.balance("1001")


def test_photo_is_seen_by_those_concerned(doors: Doors) -> None:
    """The picture is served as a JPEG to those who may see the hazard; to nobody else, and no other file is."""
    where = report(doors.reporter, key="k-2")
    path = re.search(r"/hazards/photos/[0-9a-f]{32}\.jpg", doors.reporter.get(where).text)
    assert path
    seen = doors.manager.get(path[0])

    assert (200, "image/jpeg") == (seen.status_code, seen.headers["content-type"])
    with Image.open(io.BytesIO(seen.content)) as shown:
        assert "JPEG" == shown.format
    assert [404, 404, 404] == [
        doors.stranger.get(one).status_code for one in (path[0], where, "/hazards/photos/..%2f..%2fsecret")
    ]


def test_pressed_twice_reports_once(doors: Doors) -> None:
    """The same form sent again leads to the same hazard, with one photo."""
    first, second = (report(doors.reporter, key="k-3", place="幸福路28号", what="井盖没了") for _ in range(2))

    assert first == second and 1 == doors.reporter.get(first).text.count("<img ")


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"what": ""}, "看到什么了"), ({"place": " "}, "在哪儿"), ({"severity": "deadly"}, "有多急")],
)
def test_missing_field_keeps_the_others(doors: Doors, fields: dict[str, str], said: str) -> None:
    """What is missing is named, what was written stays in the form."""
    answer = doors.reporter.post("/hazards/new", data={**ASKED, **fields})

    assert 422 == answer.status_code and f"还差：{said}" in answer.text
    assert ASKED["what"] in answer.text or not fields.get("what", "x")


def test_wrong_file_is_refused_before_reporting(doors: Doors) -> None:
    """A file that is no photo is named with the remedy, and nothing has gone in yet."""
    before = len(doors.house.services.learning.hazards.office.of("1007"))
    files = {"photo": ("p.jpg", b"<script>alert(1)</script>", "image/jpeg")}
    answer = doors.stranger.post("/hazards/new", data={**ASKED, "anyway": "1"}, files=files)

    assert 422 == answer.status_code and "不像是照片" in answer.text and ASKED["what"] in answer.text
    assert before == len(doors.house.services.learning.hazards.office.of("1007"))


def test_similar_one_is_shown_first(doors: Doors) -> None:
    """The page suggests what is there already, and takes the report when asked to."""
    report(doors.reporter, key="k-4", place="河西配电房北侧", what="围栏倒了")
    answer = doors.stranger.post(
        "/hazards/new", data={**ASKED, "place": "河西配电房北侧", "what": "围栏倒了一段"}
    )

    assert 200 == answer.status_code and "好像有人报过" in answer.text and "照样报" in answer.text


def test_anonymous_page_gives_a_code(doors: Doors) -> None:
    """No name is kept, the code is shown once, and it opens what became of it, with a place for a photo."""
    files = {"photo": ("p.jpg", photo(), "image/jpeg")}
    fields = {**ASKED, "anonymous": "1", "key": "k-5", "place": "东门仓库里面", "what": "灭火器全过期"}
    done = doors.reporter.post("/hazards/new", data=fields, files=files)
    code = re.search(r'class="receipt">([A-Z0-9]{6})<', done.text)
    assert code
    office = doors.house.services.learning.hazards.office
    hazard = office.by_receipt(code[1])

    assert hazard and "" == hazard.reporter and 1 == len(office.store.photos(hazard.id))
    assert "等核实" in doors.stranger.get(f"/hazards/receipt?code={code[1]}").text
    assert "没有多记一条" in doors.reporter.post("/hazards/new", data={**fields, "anyway": "1"}).text
    assert 404 == doors.reporter.get(f"/hazards/{hazard.id}").status_code
    assert "匿名" in doors.manager.get(f"/hazards/{hazard.id}").text


def test_board_is_for_leaders(doors: Doors) -> None:
    """Staff see their own; those who lead see what waits, and the figures with their numbers."""
    report(doors.reporter, key="k-6", place="南门口岗亭", what="电线耷拉到人头高")

    assert "南门口岗亭" in doors.manager.get("/hazards").text
    assert "南门口岗亭" not in doors.stranger.get("/hazards").text
    assert 403 == doors.reporter.get("/hazards/stats").status_code
    figures = doors.manager.get("/hazards/stats?days=30").text
    assert (
        "作业安全" in figures
        and "近 30 天" in figures
        and 1 == doors.manager.get("/hazards/stats?days=7").text.count('aria-current="page"')
    )


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ("confirm", {"assignee": "1005"}),
        ("pass", {}),
        ("nonsense", {}),
        ("escalate", {}),
        ("same", {"same_as": "x"}),
    ],
)
def test_wrong_step_changes_nothing(doors: Doors, step: str, fields: dict[str, str]) -> None:
    """What the reporter may not do is refused with a reason on the page; a foreign page may do nothing at all."""
    where = report(doors.reporter, key=f"k-7-{step}")
    answer = doors.reporter.post(f"{where}/step", data={"step": step, **fields})
    foreign = doors.manager.post(
        f"{where}/step", data={"step": "confirm"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert (422, 403) == (answer.status_code, foreign.status_code) and 'role="alert"' in answer.text
    assert "等核实" in doors.reporter.get(where).text


@settings(max_examples=60)
@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_bytes_survive_the_form(data: bytes, words: str) -> None:
    """A file arrives as it was sent, byte by byte, whatever line ends and dashes are in it."""
    head = (
        b'Content-Disposition: form-data; name="photo"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    field = b'Content-Disposition: form-data; name="what"\r\n\r\n' + words.encode()
    body = b"--XbX\r\n" + head + data + b"\r\n--XbX\r\n" + field + b"\r\n--XbX--\r\n"
    form = _parts("multipart/form-data; boundary=XbX", body)

    assert b"--XbX" in data or data == form.photo
