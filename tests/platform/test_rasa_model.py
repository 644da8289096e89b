"""What bot/rasa_model.py promises, with a stand-in for `rasa train`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bot.errors import NotReady
from bot.rasa_model import KEEP, RasaModel

TRAIN = """
import pathlib, sys
name, out = (sys.argv[sys.argv.index(flag) + 1] for flag in ("--fixed-model-name", "--out"))
pathlib.Path(out).mkdir(parents=True)
pathlib.Path(out, name + ".tar.gz").write_text("model")
pathlib.Path("trainings").open("a").write("x")
"""
FAIL = "import sys; print('YamlException: 第 3 行缩进不对'); print('-----'); sys.exit(1)"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "config.yml",
        "data/nlu/greet.yml",
        "knowledge/terms/jieba/words.txt",
        "knowledge/faq/a.yaml",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("你好")
    return tmp_path


def model(project: Path, program: str = TRAIN) -> RasaModel:
    return RasaModel(project / "var", project, (sys.executable, "-c", program))


@pytest.mark.parametrize("name", ["config.yml", "data/nlu/greet.yml", "knowledge/terms/jieba/words.txt"])
def test_changed_input_changes_the_model(project: Path, name: str) -> None:
    """Configuration, training data and the word list each decide the model."""
    before = model(project).fingerprint()

    (project / name).write_text("您好")

    assert model(project).fingerprint() != before


def test_renamed_input_changes_the_model(project: Path) -> None:
    """A new training file counts, even with content that was there before."""
    before = model(project).fingerprint()

    (project / "data/nlu/greet.yml").rename(project / "data/nlu/hello.yml")

    assert model(project).fingerprint() != before


def test_other_content_keeps_the_model(project: Path) -> None:
    """Cards and a touched file need no new training."""
    before = model(project).fingerprint()

    (project / "knowledge/faq/a.yaml").write_text("另一条问答")
    os.utime(project / "config.yml", (1, 1))

    assert before == model(project).fingerprint()


def test_second_start_reuses_the_model(project: Path) -> None:
    """Training happens once for the same inputs."""
    first = model(project).ready()

    assert first == model(project).ready() == model(project).cached()
    assert (project / "trainings").read_text() == "x"


def test_failed_training_names_the_reason(project: Path) -> None:
    """Rasa's last meaningful line and the log's path reach the person; nothing half made is kept."""
    with pytest.raises(NotReady, match=r"第 3 行缩进不对.*rasa-train\.log") as failure:
        model(project, FAIL).ready()

    assert failure.value.exit_code == 2
    assert model(project).cached() is None


def test_missing_rasa_names_the_command(project: Path) -> None:
    """Without Rasa's environment the remedy is the one command that builds it."""
    with pytest.raises(NotReady, match="make run"):
        RasaModel(project / "var", project).ready()


def test_old_models_are_pruned(project: Path) -> None:
    """The model in use and the one before stay; older ones go."""
    for moment in range(KEEP + 2):
        (project / "config.yml").write_text(str(moment))
        os.utime(model(project).ready(), (moment, moment))

    kept = list((project / "var/cache/rasa").glob("*.tar.gz"))

    assert len(kept) == KEEP
    assert model(project).cached() in kept
