"""One kind sentence on what would help now, read off the customer's state: the answer to 提示."""

from __future__ import annotations

import re

from bot.content.personas import Persona
from bot.roleplay.session import Practice
from bot.roleplay.stage import Stage
from bot.roleplay.state import State

RAGING, UPSET = 82.0, 35.0
HEARD, CLEAR, TRUSTING = 40.0, 55.0, 35.0
STUNG = 0.5
_BLOWS = ("threat", "insult", "leak", "false", "blame", "rhet")


def hint(stage: Stage, practice: Practice) -> str:
    """What the customer needs most at this moment; it says what to do, never the words to copy."""
    persona, state = stage.persona(practice.persona), practice.state
    name = persona.name
    if practice.over:
        return "这一通已经结束了，可以看得分，也可以把最后一句重说一遍。"
    if _stung(practice):
        return f"上一句伤着{name}了，先为那句话认个不是，电费放一放再谈。"
    waiting = _waiting(persona, state)
    if waiting:
        return f"{name}说的“{waiting}”还没人接，这比电费要紧，先回应这一句。"
    power = next((word for word in persona.power_words if word in practice.customer), "")
    if state.understood < HEARD and state.anger >= RAGING:
        return f"{name}正在气头上，道理先放下，用一句短话说出对方急的是什么。"
    if power and state.understood >= HEARD:
        return f"{name}提到了{power}，不用怕，平平静静把渠道告诉对方，再问卡在哪里。"
    if state.understood < HEARD:
        return f"{name}还没觉得你听懂了，把对方的难处用自己的话说一遍，先别急着讲道理。"
    if not any(utterance.revealed for utterance in practice.said):
        return f"火头过了，问{name}一句真正为难的是什么，然后等着听完。"
    if state.clarity < CLEAR:
        return f"{name}听得进话了，现在给一个看得见的办法：谁来办、办什么、什么时候，最好有两个可挑。"
    if state.trust < TRUSTING:
        return f"{name}还不大信，说清你现在就去查什么，什么时候给回音。"
    if state.anger >= UPSET:
        return f"办法{name}听明白了，再接一接情绪，气顺了就能定下来。"
    return f"快谈成了，把约好的人、时间和凭据重复一遍，谢谢{name}。"


def _stung(practice: Practice) -> bool:
    if not practice.turns:
        return False
    moves = practice.turns[-1].judgement.moves
    return any(moves.get(name, 0.0) >= STUNG for name in _BLOWS)


def _waiting(persona: Persona, state: State) -> str:
    """The first words of the gravest thing said and not yet answered."""
    gravest = max(state.open, key=lambda fact: fact.severity, default=None)
    if gravest is None:
        return ""
    said = next(fact.says for fact in persona.vulnerable if fact.id == gravest.id)
    return re.split("[，。！？]", said)[0]
