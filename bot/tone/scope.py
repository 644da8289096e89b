"""When words do not mean what they say: denied, quoted, asked, refused, or lawful notice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.content.rubric import Rubric
from bot.tone.text import View

LAWFUL_AFTER_DAYS = 30
_FACT = re.compile(r"(?:欠|逾期|金额)[^。]{0,8}\d")
_STEP = re.compile(r"催交|催缴|催告|催过|书面|通知|审批|批准|程序")
_HEDGE = re.compile(r"可能|届时|按(?:规定|照)?[^，。]{0,4}程序|依程序|才(?:会|能|可)")
_WAY = re.compile(r"避免|分期|交清|结清|异议|申诉|95598|办理|商量|找我|缓交")
_RUSH = re.compile(r"今天(?:就|下午|晚上|必)|马上|立刻|现在就|立马|否则|要不然|不然")
_DAYS = re.compile(r"逾期(?:了|已|已经)?(\d{1,4})[天日]")
_GENERAL = re.compile(r"超过(?:30|三十)|满(?:30|三十)|(?:30|三十)[天日](?:以上|以后|之后)")
_CLOSE = "不没别未甭莫勿"


class Excuses:
    """Tells whether what a red line found is excused."""

    def __init__(self, rubric: Rubric) -> None:
        self._words = {name: rubric.compile(*patterns) for name, patterns in rubric.excuses.items()}
        self._tests: dict[str, Callable[[View, int, int, Mapping[str, object]], bool]] = {
            "negation": lambda v, a, b, _: self._denied_before(v, a),
            "inner": lambda v, a, b, _: self._denied_inside(v, a, b),
            "quotation": lambda v, a, b, _: v.quoted(a, b) and len(v.norm) - (b - a) >= 8,
            "attribution": lambda v, a, b, _: self._in_clause("attribution", v, a),
            "question": lambda v, a, b, _: self._in_clause("question", v, a, b + 6),
            "authority": lambda v, a, b, _: self._in_sentence("authority", v, a),
            "refusal": lambda v, a, b, _: self._in_sentence("refusal", v, a),
            "notice": lambda v, a, b, facts: _open_wording(v, a) and lawful_notice(v, facts),
        }

    def hold(
        self, names: tuple[str, ...], found: View, start: int, end: int, facts: Mapping[str, object]
    ) -> bool:
        """Whether any of the named excuses applies to `start`..`end` of the view."""
        return any(self._tests[name](found, start, end, facts) for name in names)

    def _denied_before(self, found: View, start: int) -> bool:
        begin, _ = found.clause(start)
        before = found.norm[begin:start]
        if self._words["rescind"].search(found.norm[begin : start + 4]):
            return False
        return bool(before and before[-1] in _CLOSE) or bool(self._words["negation"].search(before))

    def _denied_inside(self, found: View, start: int, end: int) -> bool:
        inside = found.norm[start:end]
        if self._words["rescind"].search(inside):
            return False
        return bool(self._words["negation"].search(inside))

    def _in_clause(self, name: str, found: View, start: int, end: int = 0) -> bool:
        begin, _ = found.clause(start)
        return bool(self._words[name].search(found.norm[begin : max(start + 2, end)]))

    def _in_sentence(self, name: str, found: View, start: int) -> bool:
        begin, stop = found.sentence(start)
        return bool(self._words[name].search(found.norm[begin:stop]))


def _open_wording(found: View, start: int) -> bool:
    """Whether the very sentence says 可能 or 按程序; a blunt one beside a lawful notice stays a threat."""
    begin, stop = found.sentence(start)
    return bool(_HEDGE.search(found.norm[begin:stop]))


def lawful_notice(found: View, facts: Mapping[str, object]) -> bool:
    """Whether the reply is lawful notice: procedure and open wording, with facts or a way out.

    Never where someone lives on a machine, nor for a postpaid customer at most 30 days late, nor where the facts of
    the case say that no notice was served or the cut-off was not approved.
    """
    text = found.norm
    if facts.get("life_support") or facts.get("approved") is False or _RUSH.search(text):
        return False
    served = facts.get("notices")
    if isinstance(served, int | float) and served < 1:
        return False
    held = [bool(part.search(text)) for part in (_FACT, _STEP, _HEDGE, _WAY)]
    held[0] = held[0] or bool(_GENERAL.search(text))
    if not (held[1] and held[2] and sum(held) >= 3):
        return False
    return bool(_GENERAL.search(text)) or facts.get("billing_mode") == "prepaid" or not _early(text, facts)


def _early(text: str, facts: Mapping[str, object]) -> bool:
    days = facts.get("overdue_days")
    said = _DAYS.search(text)
    if not isinstance(days, int | float) and said:
        days = int(said[1])
    return isinstance(days, int | float) and days <= LAWFUL_AFTER_DAYS
