"""Measures follow-up questions on written dialogues, and fits the decision whether an utterance is one.

    .venv/bin/python -m benchmarks.retrieval.followups [--fit] [--set dev|blind]

Reads benchmarks/retrieval/dialogues: `dev.jsonl` is fitted on, `blind.jsonl` only reported. A turn is `open`, `follow`
(with its `standalone` wording), `new` or `chat`, and names the clauses that answer it; `unknown` ones nobody can answer.
Besides, the first question of another dialogue is asked at the end of each: it must not be dragged along either.
Prints a markdown table; `--fit` writes models/followup/coefficients.json first. Run it again when the encoder, the
ranker or the refusal was fitted anew.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from bot.asking import FOLLOWUP, open_models
from bot.content.loader import load_knowledge
from bot.content.terms import load_terms
from bot.messages import AnswerBlock
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.answering.followup import FollowUps, understood
from bot.retrieval.answering.followup_decision import FEATURES, Decision
from bot.retrieval.answering.followup_signs import is_chat
from bot.retrieval.evaluation.clauses import clauses_of, holds
from bot.settings import Settings

DIALOGUES = Path(__file__).with_name("dialogues")
KEPT = 3
"""Answers of the conversation that a turn sees, as in the bot."""
Row = Mapping[str, Any]


class Remembering(Answerer):
    """Asks each question once: the same ones come up again and again here."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._known: dict[str, AnswerBlock] = {}

    def ask(self, question: str) -> AnswerBlock:
        if question not in self._known:
            self._known[question] = super().ask(question)
        return self._known[question]


@dataclass(frozen=True)
class Seen:
    """A turn and the last answer before it, had everything before been read as its author meant it."""

    turn: Row
    last: AnswerBlock
    dialogue: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fit", action="store_true", help="fit on dev.jsonl and write the coefficients")
    parser.add_argument("--set", choices=("dev", "blind"), default="dev")
    given = parser.parse_args()
    settings = Settings.read()
    answerer = Remembering(
        load_knowledge(settings.knowledge),
        load_terms(settings.knowledge / "terms"),
        open_models(settings),
        settings.data / "cache",
    )
    if given.fit:
        write(fit(answerer, read("dev")))
    print(table(report(answerer, Decision.load(FOLLOWUP), read(given.set)), given.set))


def read(name: str) -> list[list[Row]]:
    """The dialogues of one set, each with the first question of another one, `other`, at its end."""
    lines = (DIALOGUES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    turns = [json.loads(line)["turns"] for line in lines]
    return [
        [*own, {**turns[(n + len(turns) // 2) % len(turns)][0], "kind": "other"}]
        for n, own in enumerate(turns)
    ]


def seen_in(answerer: Answerer, dialogues: Sequence[Sequence[Row]]) -> Iterator[Seen]:
    """Every turn that is either a follow-up or new, after its last answer."""
    for number, turns in enumerate(dialogues):
        last: AnswerBlock | None = None
        for turn in turns:
            if turn["kind"] == "chat" or is_chat(turn["q"]):
                continue
            if last is not None:
                yield Seen(turn, last, number)
            alone = answerer.ask(turn["q"])
            last = understood(answerer, turn["q"], last) if last and turn["kind"] == "follow" else alone


def fit(answerer: Answerer, dialogues: Sequence[Sequence[Row]]) -> Decision:
    """The decision, after printing how it does on dialogues it was not fitted on, beside a rule without numbers."""
    seen = list(seen_in(answerer, dialogues))
    reader = FollowUps(answerer, Decision.never())
    values = [reader.features_of(s.turn["q"], s.last) for s in seen]
    x, y = (
        np.array([[v[n] for n in FEATURES] for v in values]),
        np.array([s.turn["kind"] == "follow" for s in seen]),
    )
    mean, scale = x.mean(0), x.std(0) + 1e-6
    z = (x - mean) / scale
    model = LogisticRegression(C=0.3, class_weight="balanced", max_iter=2000)
    unseen = cross_val_predict(model, z, y, groups=[s.dialogue for s in seen], cv=GroupKFold(10))
    rule = np.array([not v["switch"] and not (answerer.ask(s.turn["q"]).answered and v["length"] > 8)
                     for v, s in zip(values, seen, strict=True)])  # fmt: skip
    for name, said in (("learned, cross-validated", unseen), ("rule: short, or not answered alone", rule)):
        print(f"{name}: {balanced_accuracy_score(y, said):.3f} balanced, {(y == said).mean():.3f} plain")
    model.fit(z, y)
    mean_of, scale_of, weight_of = (
        dict(zip(FEATURES, np.round(part, 4).tolist(), strict=True)) for part in (mean, scale, model.coef_[0])
    )
    return Decision(mean_of, scale_of, weight_of, bias=round(float(model.intercept_[0]), 4))


def report(answerer: Answerer, decision: Decision, dialogues: Sequence[Sequence[Row]]) -> dict[str, float]:
    """Shares over the turns of each kind, the conversation being whatever the bot itself made of it so far."""
    reader = FollowUps(answerer, decision)
    found: dict[str, list[bool]] = defaultdict(list)
    for turns in dialogues:
        earlier: list[AnswerBlock] = []
        for turn in turns:
            kind, alone = turn["kind"], answerer.ask(turn["q"])
            reading = reader.read(turn["q"], earlier[-KEPT:])
            wanted = {"open": "new", "other": "new"}.get(kind, kind)
            found[f"{kind} decided"].append(reading.kind == wanted)
            block = reading.block
            if kind in ("new", "other"):
                found[f"{kind} as alone"].append(block == alone)
            if turn.get("unknown"):
                found["unknown refused"].append(not block.answered)
                found["unknown refused written out"].append(not answerer.ask(turn["standalone"]).answered)
            elif kind == "follow":
                ways = (("", block), (" alone", alone), (" written out", answerer.ask(turn["standalone"])))
                for name, given in ways:
                    right = rightness(given, turn)
                    found[f"follow first{name}"].append(right[:1] == [True])
                    found[f"follow three{name}"].append(any(right))
            elif kind in ("open", "new"):
                right = rightness(block, turn)
                found[f"{kind} first"].append(right[:1] == [True])
                found[f"{kind} three"].append(any(right))
            if reading.kind != "chat":
                earlier.append(block)
    return {name: round(sum(v) / len(v), 3) for name, v in found.items()} | {
        f"{name.split()[0]} turns": len(v) for name, v in found.items() if name.endswith(("decided", "refused"))
    }  # fmt: skip


def rightness(block: AnswerBlock, turn: Row) -> list[bool]:
    cited = [c for c in block.citations if c.kind == "regulation"]
    return [holds(c, clauses_of(turn)) for c in cited[:3]]


def table(figures: Mapping[str, float], name: str) -> str:
    def of(key: str) -> str:
        return f"{figures[key]:.3f}".lstrip("0") if key in figures else ""

    lines = [f"| {name} | turns | decided right | first | among three |", "|---|---|---|---|---|"]
    for label, key, way in (
        ("first question", "open", ""), ("follow-up", "follow", ""), ("the same asked alone", "follow", " alone"),
        ("the same written out by hand (upper bound)", "follow", " written out"), ("new topic", "new", ""),
    ):  # fmt: skip
        decided = "" if way else of(f"{key} decided")
        lines.append(f"| {label} | {figures[f'{key} turns']:.0f} | {decided} | {of(f'{key} first{way}')} | {of(f'{key} three{way}')} |")  # fmt: skip
    lines.append(
        f"| another dialogue's first question | {figures['other turns']:.0f} | {of('other decided')} | | |"
    )
    lines.append(
        f"| thanks, nods: not answered as a question | {figures['chat turns']:.0f} | {of('chat decided')} | | |"
    )
    return "\n".join([
        *lines, "",
        f"Answered exactly as when asked alone: new topics {of('new as alone')}, another dialogue's first question {of('other as alone')}. "
        f"Follow-ups nobody can answer ({figures.get('unknown turns', 0):.0f}): refused {of('unknown refused')}, written out by hand {of('unknown refused written out')}.",
    ])  # fmt: skip


def write(decision: Decision) -> None:
    FOLLOWUP.parent.mkdir(parents=True, exist_ok=True)
    held = {"mean": decision.mean, "scale": decision.scale, "weight": decision.weight,
            "bias": decision.bias, "threshold": decision.threshold}  # fmt: skip
    FOLLOWUP.write_text(json.dumps(held, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
