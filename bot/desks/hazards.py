"""Hazards in chat: 报隐患 in under a minute, 隐患进度, and each step for those who confirm, fix and check."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.desks import hazard_words as words
from bot.desks.desk import Reply, Visit
from bot.desks.hall import MENU, MENU_WORDS
from bot.desks.hazard_office import HazardOffice, Report, leads, report_key
from bot.desks.staff import Staff
from bot.errors import BadInput
from bot.learning.hazards.receipts import new_receipt, read_receipt
from bot.learning.hazards.severity import answered
from bot.learning.hazards.words import OPENING, Draft, add, read_report, sounds_urgent
from bot.learning.hazards.workflow import OPEN, Step, steps_from
from bot.messages import Message, say
from bot.stores.learning.hazards import Hazard

_NUMBERED = re.compile(
    r"^隐患\s*[#＃]?\s*(?P<number>\d{1,9})(?!\d|\s*[个条种类项处起%])\s*号?(?:[\s，,：:]*(?P<rest>.*))?$",
    re.S,
)
_PROGRESS = re.compile(r"^(?:隐患进度|隐患回执|查隐患)\s*[：:]?\s*(?P<code>[0-9A-Za-z\- ]{0,12})$")
MINE = frozenset({"我的隐患", "隐患", "我报的隐患"})
WAITING = frozenset({"待办隐患", "隐患待办", "待核实隐患", "待复核隐患"})
_CANCEL = frozenset({words.CANCEL, "算了", "取消", "不报", "退出"})
_ELSEWHERE = frozenset({*MENU_WORDS, *(said for _, said in MENU)})
_COMMAND = re.compile(r"^(?:绑定|解绑|我是谁|申诉|裁定|奖金|轮岗|积分|开始练习|群)")
"""What is meant for other desks while free words are asked for here."""
_QUESTION = ("？", "?", "吗", "呢", "怎么办")
_PEOPLE = re.compile(r"派(?:给)?\s*(?P<who>[0-9A-Za-z]{1,40})")
_SAME = re.compile(rf"^{words.SAME}\s*(?P<number>\d+)$")
TRIES, TOGETHER, WINDOW = 10, 300, timedelta(minutes=15)
"""Guesses at receipt codes: of one account, and of everybody, as a new browser costs nothing."""
_STEPS: tuple[tuple[re.Pattern[str], Step], ...] = (
    (re.compile(r"^(?:不属实|不成立|不是隐患)"), "decline"),
    (re.compile(r"^(?:核实)?属实"), "confirm"),
    (re.compile(r"^(?:同|和|跟)\s*\d+"), "same"),
    (re.compile(r"^改?派"), "assign"),
    (re.compile(r"^(?:我?接了|接手|收到|我来)"), "take"),
    (re.compile(r"^(?:已经?处理|处理完|处理好|弄好了|修好了|已修)"), "fix"),
    (re.compile(r"^(?:复核)?退回|^复核不通过"), "return"),
    (re.compile(r"^(?:复核)?通过"), "pass"),
    (re.compile(r"^(?:重新打开|重开|又坏了|没修好)"), "reopen"),
    (re.compile(r"^补充"), "note"),
)

_IN_GROUP = (
    "群里大家都看得见，匿名不了。请私聊我发“匿名报隐患”，或者用网页 /hazards/new?anonymous=1，不用登录。"
)
_SOMEBODY_ELSE = "这里有同事正在报一条隐患，等他报完。您也要报的话，私聊我发“报隐患”。"

Tried = Callable[[str, timedelta], int]


class HazardDesk:
    """`question_of` gives a question that a card answers; `tried` counts tries of receipt codes."""

    name = "hazard"
    together: re.Pattern[str] | None = None

    def __init__(
        self,
        office: HazardOffice,
        staff: Staff,
        question_of: Callable[[str], str],
        tried: Tried,
        zone: ZoneInfo,
    ) -> None:
        self._office, self._staff, self._question_of = office, staff, question_of
        self._tried, self._zone = tried, zone

    def wants(self, text: str, state: Mapping[str, Any]) -> bool:
        if OPENING.match(text) or _NUMBERED.match(text) or _PROGRESS.match(text) or text in MINE | WAITING:
            return True
        if not state or text in _ELSEWHERE or _COMMAND.match(text):
            return False
        if text in _CANCEL or (state.get("ask") == "severity" and answered(text)):
            return True
        if state.get("ask") in ("same", "send"):
            return text in (words.ANYWAY, words.SEND) or bool(_SAME.match(text))
        return not text.endswith(_QUESTION)

    def receive(self, visit: Visit) -> Reply:
        text = visit.said.text.strip()
        if match := OPENING.match(text):
            hidden = bool(match["anonymous"] or match["anonymous2"])
            return self._begin(visit, match["rest"], hidden)
        if match := _PROGRESS.match(text):
            return Reply(self._progress(visit, match["code"]), _kept(visit))
        if match := _NUMBERED.match(text):
            return Reply(
                self._numbered(visit, int(match["number"]), (match["rest"] or "").strip()), _kept(visit)
            )
        if text in MINE:
            mine = self._office.of(visit.learner)
            none = "您还没报过隐患，也没有派给您的。看见了就说：报隐患 三号楼表箱门掉了。"
            return Reply(words.listed("您报的、派给您的隐患", mine, none), _kept(visit))
        if text in WAITING:
            return Reply(self._waiting(visit), _kept(visit))
        return self._go_on(visit, text) if visit.state else self._begin(visit, "", False)

    def _begin(self, visit: Visit, rest: str, hidden: bool) -> Reply:
        if hidden and visit.said.speaker:
            return Reply(say(_IN_GROUP, "notice"), _kept(visit))
        draft = read_report(rest)
        token = secrets.token_hex(16) if hidden else f"{visit.said.conversation}\n{visit.said.message_id}"
        state = {
            "key": report_key([token]),
            "anonymous": hidden,
            "receipt": new_receipt() if hidden else "",
            "who": "" if hidden else visit.learner,
            "draft": asdict(draft),
        }
        return self._ask_or_send(visit, draft, state, warn=True)

    def _go_on(self, visit: Visit, text: str) -> Reply:
        state = dict(visit.state)
        if state["who"] and state["who"] != visit.learner:
            return Reply(say(_SOMEBODY_ELSE, "notice"), state)
        if text in _CANCEL:
            return Reply(say("好，没有报上去。想起来再说“报隐患”就行；马上会伤到人的，先打电话给班里。"))
        draft = Draft(**state["draft"])
        if state.get("ask") in ("same", "send"):
            return self._answered(visit, draft, state, text)
        before = draft.what
        draft = add(draft, text)
        return self._ask_or_send(visit, draft, state, warn=not before)

    def _ask_or_send(self, visit: Visit, draft: Draft, state: dict[str, Any], warn: bool) -> Reply:
        """Advice as soon as it is known what it is about, then the next question, or the report itself."""
        signs = self._office.signs(f"{draft.place}{draft.what}")
        heard = sounds_urgent(draft.what, signs)
        first = words.advice(signs, self._question_of) if draft.what and warn and signs else []
        kept = state | {"draft": asdict(draft)}
        if draft.missing:
            blocks = [*first, *words.ask(draft, bool(state["anonymous"]), heard)]
            return Reply(Message(blocks=blocks), kept | {"ask": draft.missing})
        if found := self._office.similar(draft.what, draft.place, visit.at):
            return Reply(Message(blocks=[*first, *words.ask_same(found)]), kept | {"ask": "same"})
        if state["anonymous"]:
            return Reply(Message(blocks=[*first, *words.ask_to_send(draft)]), kept | {"ask": "send"})
        return self._send(visit, draft, state, first)

    def _answered(self, visit: Visit, draft: Draft, state: dict[str, Any], text: str) -> Reply:
        """Whether it is the same as another one; whether it should go in."""
        if match := _SAME.match(text):
            who = "" if state["anonymous"] else visit.learner
            self._office.add_words(
                int(match["number"]), f"又有人报：{draft.place}，{draft.what}", who, visit.at
            )
            return Reply(say(f"补充进 {match['number']} 号了，处理的人看得到。谢谢您多说这一句。"))
        if state["anonymous"] and state["ask"] == "same":
            return Reply(Message(blocks=words.ask_to_send(draft)), state | {"ask": "send"})
        return self._send(visit, draft, state, [])

    def _send(self, visit: Visit, draft: Draft, state: dict[str, Any], first: list[Any]) -> Reply:
        receipt = str(state["receipt"])
        report = Report(
            str(state["key"]),
            draft.what,
            draft.place,
            str(draft.severity),
            visit.learner,
            visit.person,
            receipt,
        )
        hazard = self._office.report(report, visit.at)
        return Reply(Message(blocks=[*first, *words.received(hazard, receipt, visit.person is not None)]))

    def _progress(self, visit: Visit, code: str) -> Message:
        if code.strip().isdigit():
            return self._numbered(visit, int(code), "")
        if guessed(self._tried, visit.said.account or visit.said.conversation):
            return say("试得太多了，请过一刻钟再查。", "notice")
        receipt = read_receipt(code)
        hazard = self._office.by_receipt(receipt) if receipt else None
        if hazard is None:
            return say(
                "没有查到。回执码是报的时候给的六位字母和数字，例如：隐患进度 K7M2QX。实名报的，发“我的隐患”。",
                "notice",
            )
        return words.progress(hazard, self._office.store.steps(hazard.id), self._zone)

    def _numbered(self, visit: Visit, number: int, rest: str) -> Message:
        step = next((step for pattern, step in _STEPS if pattern.match(rest)), None)
        try:
            if not rest:
                return self._show(visit, number)
            if step is None:
                return say(_how(number), "notice")
            if visit.person is None:
                raise BadInput("这一步要先知道您是谁。", "先发“绑定”加绑定码。")
            return self._act(visit, number, step, rest)
        except BadInput as error:
            return say(f"{error.message}{error.remedy}", "notice")

    def _act(self, visit: Visit, number: int, step: Step, rest: str) -> Message:
        assert visit.person is not None  # noqa: S101  checked by the caller
        people, other = _PEOPLE.search(rest), re.match(r"^(?:同|和|跟)\s*(\d+)", rest)
        confirmed = step == "confirm"
        hazard = self._office.act(
            number,
            step,
            visit.person,
            visit.at,
            note=_note(rest, step),
            severity=answered(_PEOPLE.sub("", rest)) or "" if confirmed else "",
            assignee=people["who"] if people else "",
            same_as=int(other[1]) if other else None,
        )
        return Message(blocks=[self._card(visit, hazard)])

    def _show(self, visit: Visit, number: int) -> Message:
        hazard = self._office.get(number)
        if not self._office.may_see(hazard, visit.person, visit.learner):
            raise BadInput(f"没有隐患 {number} 号，或者不归您看。", "发“我的隐患”看看您报的和派给您的。")
        return Message(blocks=[self._card(visit, hazard)])

    def _card(self, visit: Visit, hazard: Hazard) -> Any:
        hints = _hints(hazard, visit.learner, visit.person is not None and leads(visit.person))
        return words.shown(hazard, self._office.store.steps(hazard.id), self._name, self._zone, hints)

    def _waiting(self, visit: Visit) -> Message:
        if visit.person is None or not leads(visit.person):
            return say("待办给培训师和主管看。您自己的，发“我的隐患”。", "notice")
        order = {"urgent": 0, "serious": 1, "minor": 2}
        waiting = sorted(
            self._office.store.with_status(OPEN), key=lambda one: (order.get(one.severity, 3), one.id)
        )
        return words.listed("还没关闭的隐患", waiting, "现在没有没关闭的隐患。")

    def _name(self, number: str) -> str:
        person = self._staff.get(number)
        return person.name if person else "未绑定的同事"


def guessed(tried: Tried, account: str) -> bool:
    """Counts a guess, and says whether it is one too many."""
    return tried(f"receipt:{account}", WINDOW) > TRIES or tried("receipts", WINDOW) > TOGETHER


def _kept(visit: Visit) -> dict[str, Any] | None:
    """Looking at something else leaves a report that is under way as it is."""
    return dict(visit.state) or None


def _note(rest: str, step: Step) -> str:
    """The person's own words after the word that names the step."""
    said = rest
    for pattern, name in _STEPS:
        if name == step:
            said = pattern.sub("", said, count=1)
    if step in ("confirm", "assign"):
        said = _PEOPLE.sub("", said)
        said = re.sub(r"^[\s，,]*(?:一般|较大|紧急)", "", said)
        said = re.sub(r"^\s*[0-9A-Za-z]{1,40}\b", "", said) if step == "assign" else said
    return said.lstrip("了过").strip(" ，,：:。")


def _hints(hazard: Hazard, learner: str, leader: bool) -> list[str]:
    """What can be said next, in the words in which it can be said."""
    n, can = hazard.id, steps_from(hazard.status)
    said = {
        "confirm": f"属实就说：隐患 {n} 属实 较大 派 1005",
        "decline": f"不成立就说：隐患 {n} 不属实 为什么",
        "pass": f"复核好了说：隐患 {n} 复核通过",
        "return": f"不行就说：隐患 {n} 退回 哪里不行",
    }
    own = {"take": f"接手了说：隐患 {n} 接了", "fix": f"弄好了说：隐患 {n} 已处理 怎么弄的"}
    lines = [text for step, text in own.items() if step in can and learner == hazard.assignee]
    if leader:
        lines += [
            text
            for step, text in said.items()
            if step in can and (step != "decline" or hazard.status == "reported")
        ]
    return lines


def _how(number: int) -> str:
    return (
        f"没听懂要对 {number} 号做什么。可以说：隐患 {number} 接了；隐患 {number} 已处理 换了箱门；"
        f"隐患 {number} 属实 派 1005；隐患 {number} 复核通过；隐患 {number} 补充 又往下歪了。"
    )
