"""Words for the trainee after a call: why a cause works, the one thing for next time, and a summary.

Addressed to the trainee as 你, the kind way first; used by `bot.roleplay.scoring`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from bot.content.personas import Persona
from bot.roleplay.dynamics import (
    ACK_THEN_WHY,
    CARED,
    HEARD,
    IMPATIENT,
    MISSED,
    MOVE_LABELS,
    OPTION,
    PLAN,
    REPEATING,
    RESPECT,
    SETTLING,
    SORRY,
    SPOILT,
    STOCK_SORRY,
    VERIFY,
    WHY,
    WHY_FIRST,
)
from bot.roleplay.session import Practice, TurnRecord

_WHY: dict[str, str] = {
    HEARD: "客户觉得你听进去了，火就有了落处。",
    ACK_THEN_WHY: "先认了客户的难处再讲道理，道理客户才听得进。",
    WHY_FIRST: "客户还在气头上，道理讲早了，听着像顶嘴。",
    WHY: "话讲明白了，客户心里有了数。",
    SORRY: "这句道歉说到了具体的事，客户收下了。",
    STOCK_SORRY: "道歉说成了口头禅，听多了反而烦。",
    PLAN: "有人、有事、有时候，客户看得见出路。",
    OPTION: "有得选，客户觉得自己作得了主。",
    RESPECT: "称呼和口气给足了面子。",
    VERIFY: "你动手去查，比说一百句没错都强。",
    CARED: "你先接住了客户最要紧的事，再谈电费。",
    SETTLING: "没人再添火，气自己也会消一点。",
    SPOILT: "好话里夹了一句不中听的，客户只记住了那一句。",
    REPEATING: "同样的话说第二遍，客户觉得你在应付。",
    MISSED: "客户说了要紧的事，你没有接，客户只会说得更响。",
    IMPATIENT: "说了这么久还没有办法，客户的耐心用完了。",
    MOVE_LABELS["threat"]: "一威胁，前面攒下的信任就没了。",
    MOVE_LABELS["insult"]: "话伤了人，事就谈不下去了。",
    MOVE_LABELS["blame"]: "一责怪，客户就只顾着替自己争理。",
    MOVE_LABELS["rhet"]: "反问听着像挖苦，客户只会顶回来。",
    MOVE_LABELS["command"]: "命令的口气，越催客户越不动。",
    MOVE_LABELS["deflect"]: "一推出去，客户就认定你不想管。",
    MOVE_LABELS["cold"]: "话冷得像录音，客户觉得对面没有人。",
    MOVE_LABELS["refuse"]: "一口回绝又没有别的路，客户只剩下发火。",
    MOVE_LABELS["jargon"]: "听不懂的词，在客户耳朵里是糊弄。",
    MOVE_LABELS["leak"]: "别人的事、客户的事都不能往外说，信任一下就空了。",
    MOVE_LABELS["false"]: "没有把握的话说死了，客户迟早要来对质。",
    MOVE_LABELS["interrupt"]: "话没让客户说完，客户会从头再说一遍，声音更大。",
}
_REDLINE_NEXT: dict[str, str] = {
    "threat": "把“不交就怎样”换成“怎样就不会走到那一步”。",
    "insult": "被顶的时候先停一拍，只说事，不说人。",
    "privacy": "只跟本人谈，别人的事、欠多少，一个字不往外说。",
    "private_collection": "谈到交钱，只说官方渠道，不经自己的手。",
    "false_promise": "做不了主的，说“我帮您申请，以审批为准”。",
    "illegal_cutoff": "说到停电，先想程序走到哪一步了，没走到就不说。",
    "deceive": "不清楚的就说去核实，不编程序，不编权限。",
    "obstruct_complaint": "客户说要投诉，先把渠道告诉他，再问他卡在哪里。",
}
_BAD_NEXT: dict[str, str] = {
    WHY_FIRST: "{name}说完，先说出他急的是什么，再讲道理。",
    STOCK_SORRY: "道歉只说一次，说清楚为哪件事。",
    REPEATING: "每一句都往前走一步，不说第二遍。",
    MISSED: "{name}说到家里的难处，先接这一句，再谈钱。",
    IMPATIENT: "早一点拿出办法，说清谁来办、什么时候。",
    SPOILT: "好话说完就停，后面不带刺。",
    MOVE_LABELS["blame"]: "只说事情怎么解决，不说是谁的错。",
    MOVE_LABELS["rhet"]: "把反问改成真的想知道的问题。",
    MOVE_LABELS["command"]: "把“你赶紧”换成“您看这样行不行”。",
    MOVE_LABELS["deflect"]: "不归自己管的，也要说清归谁管、你帮他转到哪一步。",
    MOVE_LABELS["cold"]: "说规定之前，先说一句人话。",
    MOVE_LABELS["refuse"]: "办不到的后面，接一句办得到的。",
    MOVE_LABELS["jargon"]: "行话换成{name}家里会说的话。",
    MOVE_LABELS["interrupt"]: "等{name}说完，数一拍再开口。",
}
_WEAK_NEXT: dict[str, str] = {
    "respect": "开口先称呼，句句用您。",
    "empathy": "说出{name}急的那件具体的事，不只说“我理解”。",
    "listening": "把{name}的话复述一遍，问一句“我说得对吗”。",
    "accuracy": "拿不准的数和规定，先说去核实。",
    "solution": "给两个办法让{name}挑，带上人和时间。",
    "steadiness": "对方声音越大，你的句子越短越平。",
    "closing": "挂断前把约好的事重复一遍，谢谢{name}。",
}
_KEEP = "换一个更难的客户，照这个节奏再走一遍。"
_SMALL, _WEAK = 3.0, 75.0


def why_of(label: str) -> str:
    """One sentence on what a cause does to a person."""
    return _WHY.get(label, "")


def next_time(turns: Sequence[TurnRecord], redlines: Sequence[str], name: str) -> str:
    """The one thing to practise: a red line first, then what angered most, then the weakest dimension."""
    if not turns:
        return "先说一句试试，说错了可以重说。"
    if redlines:
        return _REDLINE_NEXT[redlines[0]]
    harm: dict[str, float] = defaultdict(float)
    for turn in turns:
        for reason in turn.reasons:
            if reason.value > 0 and reason.label in _BAD_NEXT:
                harm[_blamed(turn) if reason.label == SPOILT else reason.label] += reason.value
    worst = max(harm, key=lambda label: harm[label], default="")
    if worst and harm[worst] >= _SMALL:
        return _BAD_NEXT[worst].format(name=name)
    weakest, score = _weakest(turns)
    return _WEAK_NEXT[weakest].format(name=name) if weakest and score < _WEAK else _KEEP


def summarise(practice: Practice, persona: Persona) -> str:
    """Two or three sentences: how it went, what worked or hurt most, and how it stands."""
    if not practice.turns:
        return f"还没有和{persona.name}说上话。"
    start, end = round(practice.first.anger), round(practice.state.anger)
    went = f"怒气从 {start} 降到 {end}" if end < start else f"怒气从 {start} 升到 {end}"
    parts = [
        f"{len(practice.turns)} 句话，{went if end != start else f'怒气停在 {end}'}。",
        _turning(practice),
    ]
    if practice.state.complied:
        parts.append(f"{persona.name}嘴上答应了，是被吓的，事后会去投诉。")
    parts.append(persona.outcomes[practice.outcome])
    return "".join(part for part in parts if part)


def _blamed(turn: TurnRecord) -> str:
    """What spoilt the kind words of a turn, named rather than the spoiling itself."""
    bad = (r.label for r in turn.reasons if r.value > 0 and r.label in _BAD_NEXT and r.label != SPOILT)
    return next(bad, SPOILT)


def _turning(practice: Practice) -> str:
    """The single strongest cause, towards where the call went."""
    went = practice.state.anger - practice.first.anger
    causes = [
        (reason, turn.number)
        for turn in practice.turns
        for reason in turn.reasons
        if reason.value * went > 0 and reason.label in _WHY
    ]
    if not causes:
        return ""
    reason, number = max(causes, key=lambda cause: abs(cause[0].value))
    verb = "起作用最大" if went < 0 else "伤得最重"
    return f"{verb}的是第 {number} 句的“{reason.label}”。"


def _weakest(turns: Sequence[TurnRecord]) -> tuple[str, float]:
    """The dimension with the lowest mean, and that mean; ("", inf) when none applied."""
    values: dict[str, list[int]] = defaultdict(list)
    for turn in turns:
        for name, value in turn.judgement.dimensions.items():
            if value is not None and name in _WEAK_NEXT:
                values[name].append(value)
    means = {name: sum(found) / len(found) for name, found in values.items()}
    return min(means.items(), key=lambda item: item[1], default=("", math.inf))
