"""From a reading to points: seven dimensions, their weighted mean, and the caps."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.rubric import Rubric
from bot.judgement import DIMENSIONS
from bot.tone.reading import Reading

BANDS = ((85, 5), (70, 4), (50, 3), (25, 2))
HEARD_ENOUGH = 40
_HARSH = {"insult": 50, "threat": 45, "leak": 25, "false": 10, "rhet": 22, "blame": 24, "command": 18,
          "interrupt": 12, "cold": 20, "deflect": 18, "refuse": 18, "jargon": 6}  # fmt: skip
_MORE = 0.4
BLUNT = 14
FIRST_STEP = 0.5
NOTHING = 5
"""For a reply that says nothing, or nothing beside a red line."""


def band(overall: int) -> int:
    """1..5 for 0..100."""
    return next((number for floor, number in BANDS if overall >= floor), 1)


def dimensions(reading: Reading) -> dict[str, int | None]:
    """Points 0..100 for each dimension; None where the call has not come that far yet."""
    if reading.empty:
        return {name: None if name == "closing" else NOTHING for name in DIMENSIONS}
    m = reading.moves
    harsh = _harsh(m)
    heard = max(m["ack"], 0.9 * m["safety"], 0.75 * m["apol"], 0.6 * m["para"], 0.45 * m["boundary"])
    doing = max(m["plan"], FIRST_STEP * m["verify"]) * (0.5 + 0.5 * reading.fit)
    caring = max(heard, 0.85 * doing * reading.uptake)
    blunt = BLUNT if reading.blunt and caring < 0.5 else 0
    points: dict[str, float | None] = {
        "respect": 60 + 14 * m["respect"] + 28 * caring - harsh - blunt,
        "empathy": 30 + 56 * heard + 10 * m["para"] + 22 * doing * reading.uptake - 0.7 * harsh,
        "listening": 34 + 36 * reading.uptake + 32 * max(m["verify"], 0.9 * m["ask"], m["para"], 0.6 * doing)
        + 8 * min(m["para"], m["verify"]) - 0.6 * harsh,
        "accuracy": 62 + 22 * m["explain"] + 16 * max(m["verify"], doing, m["boundary"]) - 30 * m["jargon"]
        - 60 * m["false"] - 30 * m["leak"] - 0.4 * harsh,
        "solution": 28 + 14 * m["explain"] + 22 * m["option"] + 58 * doing + 8 * m["verify"] - 0.6 * harsh,
        "steadiness": 72 + 18 * max(m["boundary"], caring) + 12 * doing - 1.2 * harsh - blunt,
        "closing": None,
    }  # fmt: skip
    if any(hit.cue.id in ("call-back", "close-recap") for hit in reading.hits):
        points["closing"] = 88 - harsh
    if reading.wrong_figure:
        points["accuracy"] = 15
    _leave_out_what_is_too_early(points, reading)
    return {name: None if value is None else max(0, min(100, round(value))) for name, value in points.items()}


def overall(points: Mapping[str, int | None], reading: Reading, rubric: Rubric) -> int:
    """The weighted mean of what applies, held down by the caps."""
    given = {name: value for name, value in points.items() if value is not None}
    weights = {name: rubric.dimensions[name].weight for name in given}
    mean = sum(value * weights[name] for name, value in given.items()) / max(1, sum(weights.values()))
    score = max(round(mean), rubric.caps.plain) if reading.plain else round(mean)
    return max(0, min([100, score, *caps(points, reading, rubric)]))


def caps(points: Mapping[str, int | None], reading: Reading, rubric: Rubric) -> list[int]:
    """Every cap that applies to this reading."""
    m, limit = reading.moves, rubric.caps
    found: list[int] = []
    if reading.crossings:
        found.append(NOTHING if reading.nothing_else else limit.redline)
    if reading.scorned:
        found.append(limit.scorn)
    if reading.empty:
        found.append(limit.empty)
    if reading.hollow and reading.nothing_else:
        found.append(limit.shell)
    worst = max(m[move] for move in ("cold", "deflect", "refuse", "blame", "rhet", "command"))
    if worst >= 0.45 and m["plan"] < 0.9:
        found.append(limit.dismissive)
    if reading.bare and (reading.blunt or reading.pointed):
        found.append(limit.bare)
    nothing_done = max(m["plan"], m["option"], m["verify"], m["safety"]) < 0.5
    if (
        reading.stock_hits >= 1
        and nothing_done
        and (reading.best("ack", "para") is None or reading.uptake < 0.4)
    ):
        found.append(limit.shell)
    if reading.best("ack", "apol", "safety", "para") is None and m["plan"] * max(reading.uptake, 0.5) < 0.45:
        found.append(limit.careless)
    if nothing_done and points.get("solution") is not None:
        found.append(limit.idle)
    if m["plan"] < 0.9 and points.get("solution") is not None:
        found.append(limit.vague)
    return found


def _harsh(moves: Mapping[str, float]) -> float:
    """What harsh moves cost: the worst in full, each further one at 0.4."""
    costs = sorted((points * moves[move] for move, points in _HARSH.items()), reverse=True)
    return costs[0] + _MORE * sum(costs[1:])


def _leave_out_what_is_too_early(points: dict[str, float | None], reading: Reading) -> None:
    """Nobody must explain or solve before the customer feels heard; who does so anyway is judged on it."""
    understood = reading.turn.understood
    if understood is None or understood >= HEARD_ENOUGH:
        return
    m = reading.moves
    if max(m["explain"], m["jargon"], m["false"], m["leak"]) < 0.3 and not reading.wrong_figure:
        points["accuracy"] = None
    if max(m["plan"], m["option"], m["deflect"], m["refuse"], m["command"], m["cold"]) < 0.3:
        points["solution"] = None
    if not reading.concerns and not reading.turn.history and max(m["ask"], m["verify"], m["para"]) < 0.3:
        points["listening"] = None
