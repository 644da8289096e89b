"""Fits the ranker and the refusal on written questions, and reports on questions kept apart.

    .venv/bin/python -m benchmarks.retrieval.fit [--dry]

Reads benchmarks/retrieval/questions: `train.jsonl` is fitted on, `blind.jsonl` only reported; its authors saw no card.
A question names the clauses that answer it, not cards, so the sets outlive the knowledge base. The ranker is a
conditional logit over the candidates of each answerable question; the refusal a logistic regression on what the first
candidate looks like and how it leads, over all questions. Below the threshold from which on we answer lies a band in
which we ask back; see `fit_band`. Writes models/ranker/weights.json and models/refusal/coefficients.json.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from bot.asking import open_models
from bot.content.loader import Knowledge, load_knowledge
from bot.content.models import RegulationCard
from bot.content.terms import Terms, load_terms
from bot.retrieval.answering.answer import Answerer, Models
from bot.retrieval.answering.asking_back import ways_of
from bot.retrieval.evaluation.clauses import clauses_of, holds
from bot.retrieval.ingestion.pieces import Piece
from bot.retrieval.ranker import FEATURES as RANKED_BY
from bot.retrieval.ranker import Ranker
from bot.retrieval.refusal import FEATURES as SURE_BY
from bot.retrieval.refusal import Confidence
from bot.retrieval.retriever import Item
from bot.settings import ROOT, Settings

QUESTIONS = Path(__file__).with_name("questions")
RANKER = ROOT / "models" / "ranker" / "weights.json"
REFUSAL = ROOT / "models" / "refusal" / "coefficients.json"
DOCUMENTS = ROOT / "models" / "refusal" / "documents.json"
RIDGE = 0.01
REFUSED = 0.9
"""The share of unanswerable questions that the threshold turns away."""
ASKED_BACK = 0.1
"""The share of unanswerable questions that may be asked back instead of declined."""

Unseen = dict[str, float]
"""Question → its probability by a model that saw no question of the same situation."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dry", action="store_true", help="report, write nothing")
    dry = parser.parse_args().dry
    settings = Settings.read()
    knowledge = load_knowledge(settings.knowledge)
    terms = load_terms(settings.knowledge / "terms")
    models = open_models(settings, trained=False)
    train, blind = (read(name) for name in ("train", "blind"))

    answerer = Answerer(knowledge, terms, models, settings.data / "cache")
    models = replace(models, ranker=fit_ranker(answerer, knowledge, train))
    answerer = Answerer(knowledge, terms, models, settings.data / "cache")
    confidence, unseen = fit_confidence(answerer, knowledge, train)
    answerer = Answerer(knowledge, terms, replace(models, confidence=confidence), settings.data / "cache")
    unsure = fit_band(answerer, train, unseen, confidence.threshold)
    models = replace(models, confidence=replace(confidence, unsure=unsure))
    answerer = Answerer(knowledge, terms, models, settings.data / "cache")
    outcomes = {
        "train, cross-validated": outcomes_of(answerer, knowledge, train, models.confidence, unseen),
        "blind": outcomes_of(answerer, knowledge, blind, models.confidence),
    }
    of_documents = fit_documents(models, terms, knowledge, train)
    figures = {name: report(answerer, rows) for name, rows in (("train", train), ("blind", blind))}
    if not dry:
        d = of_documents
        write(
            DOCUMENTS,
            {"mean": d.mean, "scale": d.scale, "weight": d.weight, "bias": d.bias, "threshold": d.threshold},
        )
        write(
            RANKER, {"mean": models.ranker.mean, "scale": models.ranker.scale, "weight": models.ranker.weight}
        )
        c = models.confidence
        write(
            REFUSAL,
            {"mean": c.mean, "scale": c.scale, "weight": c.weight, "bias": c.bias, "threshold": c.threshold,
             "unsure": c.unsure, "figures": figures, "outcomes": outcomes},
        )  # fmt: skip
    print(json.dumps({"ranker": models.ranker.weight, "refusal": models.confidence.weight,
                      "threshold": models.confidence.threshold,
                      "unsure": models.confidence.unsure, **figures, "outcomes": outcomes}, ensure_ascii=False, indent=2))  # fmt: skip


def read(name: str) -> list[dict[str, Any]]:
    """The rows of one question set; rows without an accepted clause must not be answered."""
    return [
        json.loads(line) for line in (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def right(item: Item, knowledge: Knowledge, row: dict[str, Any]) -> bool:
    """A card is right by its clause; a case or an FAQ by the cards it rests on."""
    cards = [item] if isinstance(item, RegulationCard) else [knowledge.cards[ref] for ref in item.cards]
    return any(holds(card, clauses_of(row)) for card in cards)


Group = tuple[Any, Any]
"""A question's candidates: [candidates, features] as the ranker sees them, and which of them are right."""


def fit_ranker(answerer: Answerer, knowledge: Knowledge, rows: Sequence[dict[str, Any]]) -> Ranker:
    """Weights that make a right candidate likely among all candidates of its question."""
    mean, scale, weight = weigh(groups_of(answerer, knowledge, rows))
    return Ranker(*(named(RANKED_BY, values) for values in (mean, scale, weight)))


def groups_of(answerer: Answerer, knowledge: Knowledge, rows: Sequence[dict[str, Any]]) -> list[Group]:
    """The candidates of every answerable question, whether a right one is among them or not."""
    items: dict[str, Item] = {**knowledge.cards, **knowledge.cases, **knowledge.faqs}
    groups: list[Group] = []
    for row in rows:
        if row.get("accept"):
            hits = answerer.candidates(row["question"])
            labels = np.array([right(items[h.item], knowledge, row) for h in hits])
            groups.append((np.array([[h.features[n] for n in RANKED_BY] for h in hits]), labels))
    return groups


def weigh(groups: Sequence[Group], among: Sequence[str] = RANKED_BY) -> tuple[Any, Any, Any]:
    """(mean, scale, weight) of the features; those that are not `among` weigh nothing."""
    held = [(values, labels) for values, labels in groups if labels.any()]
    stacked = np.vstack([values for values, _ in held])
    mean, scale = stacked.mean(0), stacked.std(0) + 1e-6
    counted = np.array([name in among for name in RANKED_BY], float)

    def loss(weight: Any) -> tuple[float, Any]:
        total, slope = RIDGE * len(held) * weight @ weight, 2 * RIDGE * len(held) * weight
        for values, labels in held:
            z = (values - mean) / scale * counted
            chance = softmax(z @ weight)
            good = chance * labels / (chance @ labels)
            total -= np.log(chance @ labels)
            slope = slope + z.T @ (chance - good)
        return float(total), slope

    found = minimize(loss, np.zeros(len(RANKED_BY)), jac=True, method="L-BFGS-B")
    return mean, scale, found.x * counted


def fit_confidence(
    answerer: Answerer, knowledge: Knowledge, rows: Sequence[dict[str, Any]]
) -> tuple[Confidence, Unseen]:
    """Probability that a right clause is among the first three candidates.

    The threshold is where REFUSED of the unanswerable fall below it, each judged by a model that saw no question of
    the same situation.
    """
    items: dict[str, Item] = {**knowledge.cards, **knowledge.cases, **knowledge.faqs}
    values, labels, answerable, situations, asked = [], [], [], [], []
    for row in rows:
        _, seen = answerer.features_of(row["question"])
        if not seen:
            continue
        first = answerer.candidates(row["question"])[:3]
        values.append([seen[n] for n in SURE_BY])
        answerable.append(bool(row["accept"]))
        labels.append(answerable[-1] and any(right(items[h.item], knowledge, row) for h in first))
        situations.append(row["situation"])
        asked.append(row["question"])
    x, y, known = np.array(values), np.array(labels), np.array(answerable)
    mean, scale = x.mean(0), x.std(0)
    scale = np.where(scale < 1e-4, 1.0, scale)  # what never varies says nothing
    z = (x - mean) / scale
    model = LogisticRegression(C=0.5, class_weight="balanced", max_iter=2000)
    unseen = cross_val_predict(model, z, y, groups=situations, cv=GroupKFold(5), method="predict_proba")[:, 1]
    model.fit(z, y)
    confidence = Confidence(
        *(named(SURE_BY, part) for part in (mean, scale, model.coef_[0])),
        bias=round(float(model.intercept_[0]), 5),
        threshold=round(float(np.quantile(unseen[~known], REFUSED)), 4),
    )
    return confidence, dict(zip(asked, map(float, unseen), strict=True))


def fit_documents(
    models: Models, terms: Terms, knowledge: Knowledge, rows: Sequence[dict[str, Any]]
) -> Confidence:
    """How sure we may be of a document's passage: the cards as if they were documents, their summaries without any ways
    of asking."""
    pieces = [Piece(c.id, c.law, n, c.summary, (c.title,)) for n, c in enumerate(knowledge.cards.values())]
    bare = replace(knowledge, cards={}, faqs={}, cases={})
    answerer = Answerer(bare, terms, models, pieces=pieces)
    return fit_confidence(answerer, knowledge, rows)[0]


def fit_band(answerer: Answerer, rows: Sequence[dict[str, Any]], unseen: Unseen, threshold: float) -> float:
    """The lowest probability from which on at most ASKED_BACK of the unanswerable are asked back.

    The lower it lies, the more answerable questions find their choice: so as low as the unanswerable allow.
    """
    room = int(ASKED_BACK * sum(not row["accept"] for row in rows))
    unsure = threshold
    for row in sorted(rows, key=lambda row: -unseen.get(row["question"], 0.0)):
        probability = unseen.get(row["question"], 0.0)
        if probability >= threshold:
            continue
        if not row["accept"] and answerer.choices(row["question"]):
            room -= 1
        if room < 0:
            break
        unsure = probability
    return round(unsure + 5e-5, 4)


def outcomes_of(
    answerer: Answerer, knowledge: Knowledge, rows: Sequence[dict[str, Any]], confidence: Confidence,
    unseen: Unseen | None = None,
) -> dict[str, dict[str, int]]:  # fmt: skip
    """How many were answered, asked back and declined, of those with an answer and of those without. Where `unseen`
    is given it decides in place of the probability that the fitted model states."""
    items: dict[str, Item] = {**knowledge.cards, **knowledge.cases, **knowledge.faqs}
    owners: dict[str, list[Item]] = {}
    for item in items.values():
        for way in ways_of(item):
            owners.setdefault(way, []).append(item)
    counts = {"answerable": Counter[str](), "unanswerable": Counter[str]()}
    for row in rows:
        question, block = row["question"], answerer.ask(row["question"])
        good, choices = [items[c.id] for c in block.citations[:3]], block.choices
        if unseen is not None:
            probability = unseen.get(question, 0.0)
            sure, near = probability >= confidence.threshold, probability >= confidence.unsure
            good = [items[h.item] for h in answerer.candidates(question)[:3]] if sure else []
            choices = answerer.choices(question) if near and not sure else []
        if choices:
            outcome, good = "asked_back", [item for choice in choices for item in owners.get(choice, ())]
        else:
            outcome = "answered" if good else "declined"
        if row["accept"] and outcome != "declined":
            outcome += "_right" if any(right(item, knowledge, row) for item in good) else "_wrong"
        counts["answerable" if row["accept"] else "unanswerable"][outcome] += 1
    return {name: dict(sorted(held.items())) for name, held in counts.items()}


def report(answerer: Answerer, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """What a user would see: shares of right first and among three citations, of answers, and of refusals."""
    known, unknown = [], []
    for row in rows:
        block = answerer.ask(row["question"])
        cited = [c for c in block.citations if c.kind == "regulation"]
        hits = [holds(c, clauses_of(row)) for c in cited]
        (known if row.get("accept") else unknown).append((block, hits))
    every = [*known, *unknown]
    return {
        "answerable": len(known),
        "right_first": share(h[:1] == [True] for _, h in known),
        "right_among_three": share(any(h[:3]) for _, h in known),
        "answered": share(b.answered for b, _ in known),
        "unanswerable": len(unknown),
        "refused": share(not b.answered for b, _ in unknown),
        "auc": round(
            float(roc_auc_score([1] * len(known) + [0] * len(unknown), [b.confidence for b, _ in every])), 3
        ),
    }


def share(values: Any) -> float:
    held = list(values)
    return round(sum(held) / max(1, len(held)), 3)


def softmax(values: Any) -> Any:
    raised = np.exp(values - values.max())
    return raised / raised.sum()


def named(names: Sequence[str], values: Any) -> dict[str, float]:
    return dict(zip(names, np.round(values, 5).tolist(), strict=True))


def write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
