"""What may follow on what: 报告 → 核实（派人）→ 处理 → 复核 → 关闭; nothing happens twice, and nobody checks their own work."""

from __future__ import annotations

from typing import Literal

from bot.errors import BadInput

Status = Literal["reported", "assigned", "taken", "fixed", "closed", "declined", "same"]
Step = Literal["confirm", "decline", "same", "assign", "take", "fix", "return", "pass", "reopen", "note"]
STATUS_NAMES: dict[Status, str] = {
    "reported": "等核实",
    "assigned": "已派人",
    "taken": "处理中",
    "fixed": "等复核",
    "closed": "已关闭",
    "declined": "不成立",
    "same": "与另一条相同",
}
STEP_NAMES: dict[str, str] = {
    "report": "报告", "confirm": "核实属实，派人", "decline": "核实不成立", "same": "与另一条相同", "assign": "改派",
    "take": "接手", "fix": "处理完", "return": "复核退回", "pass": "复核通过", "reopen": "重新打开", "note": "补充",
    "escalate": "超时上报",
}  # fmt: skip
OPEN: frozenset[str] = frozenset({"reported", "assigned", "taken", "fixed"})

_NEXT: dict[Step, tuple[frozenset[str], Status | None]] = {
    "confirm": (frozenset({"reported"}), "assigned"),
    "decline": (frozenset({"reported"}), "declined"),
    "same": (frozenset({"reported"}), "same"),
    "assign": (frozenset({"assigned", "taken"}), "assigned"),
    "take": (frozenset({"assigned"}), "taken"),
    "fix": (frozenset({"assigned", "taken"}), "fixed"),
    "return": (frozenset({"fixed"}), "taken"),
    "pass": (frozenset({"fixed"}), "closed"),
    "reopen": (frozenset({"closed", "declined", "same"}), "reported"),
    "note": (frozenset(STATUS_NAMES), None),
}
_BY_LEADERS: frozenset[str] = frozenset({"confirm", "decline", "same", "assign", "return", "pass"})


def follow(status: str, step: Step) -> Status:
    """The status after a step; raises BadInput, with what can be done instead, where it does not fit."""
    allowed, then = _NEXT[step]
    if status not in allowed:
        now = STATUS_NAMES.get(status, status)  # type: ignore[call-overload]
        can = "、".join(STEP_NAMES[name] for name in steps_from(status) if name != "note") or "没有别的步骤了"
        raise BadInput(f"这条隐患现在是“{now}”，不能再“{STEP_NAMES[step]}”。", f"现在能做的：{can}。")
    return then or status  # type: ignore[return-value]


def steps_from(status: str) -> list[Step]:
    return [step for step, (allowed, _) in _NEXT.items() if status in allowed]


def may(step: Step, actor: str, leads: bool, reporter: str, assignee: str) -> str:
    """ "" when this person may take this step, else why not."""
    if step in _BY_LEADERS and not leads:
        return "这一步由培训师或主管来做。"
    if step in ("confirm", "decline", "same") and actor and actor == reporter:
        return "自己报的，请另一位培训师或主管核实。"
    if step in ("pass", "return") and actor and actor == assignee:
        return "自己处理的，请另一位培训师或主管复核。"
    if step in ("take", "fix") and actor != assignee:
        return "这条派给了别人，由接手的人来说。"
    if step == "reopen" and not leads and actor != reporter:
        return "重新打开由报告人、培训师或主管来做。"
    return ""
