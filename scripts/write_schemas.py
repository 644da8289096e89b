"""Writes knowledge/schemas/*.json from the content models, for editors that complete and check YAML.

.venv/bin/python scripts/write_schemas.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.content.awareness import Checklist, SloganSet, WorkOrder  # noqa: E402
from bot.content.contests import Contest  # noqa: E402
from bot.content.curricula import Curriculum  # noqa: E402
from bot.content.drills import Drill  # noqa: E402
from bot.content.exams import Exam  # noqa: E402
from bot.content.hazards import HazardSign  # noqa: E402
from bot.content.models import CaseStudy, Faq, RegulationCard  # noqa: E402  the path comes first
from bot.content.personas import Persona  # noqa: E402
from bot.content.points import RuleBook  # noqa: E402
from bot.content.quizzes import QuizSet  # noqa: E402
from bot.content.rotation import Coverage, RotationPlace  # noqa: E402
from bot.content.scenarios import Scenario  # noqa: E402

MODELS = {
    "regulation": RegulationCard,
    "case": CaseStudy,
    "faq": Faq,
    "persona": Persona,
    "scenario": Scenario,
    "exam": Exam,
    "contest": Contest,
    "quiz": QuizSet,
    "drill": Drill,
    "slogans": SloganSet,
    "checklist": Checklist,
    "game": WorkOrder,
    "curriculum": Curriculum,
    "hazard": HazardSign,
    "points": RuleBook,
    "rotation": RotationPlace,
    "coverage": Coverage,
}


def schemas() -> dict[str, str]:
    """File name → its text, the same on every machine."""
    return {
        f"{name}.schema.json": json.dumps(
            model.model_json_schema(), ensure_ascii=False, indent=2, sort_keys=True
        )
        + "\n"
        for name, model in MODELS.items()
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        (ROOT / "knowledge" / "schemas" / name).write_text(text, encoding="utf-8")
