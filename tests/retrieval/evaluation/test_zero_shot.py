"""The untuned base is measured as it came."""

from __future__ import annotations

import numpy as np
import pytest

from bot.retrieval.evaluation.zero_shot import ZeroShotEncoder


@pytest.fixture(scope="module")
def encoder() -> ZeroShotEncoder:
    return ZeroShotEncoder()


def test_rows_do_not_depend_on_company(encoder: ZeroShotEncoder) -> None:
    """A text gets the same unit row alone and beside a longer one: padding counts for nothing."""
    short, long = "欠费停电", "逾期未交付电费的，供电企业可以从逾期之日起加收违约金。" * 3
    together = encoder.encode_passages([short, long])

    assert (2, encoder.dim) == together.shape
    assert [1.0, 1.0] == pytest.approx(np.linalg.norm(together, axis=1).tolist(), abs=1e-5)
    assert np.allclose(together[:1], encoder.encode_passages([short]), atol=1e-5)


def test_base_knows_some_chinese(encoder: ZeroShotEncoder) -> None:
    """Without any training of ours, a question is nearest to the sentence that answers it."""
    passages = encoder.encode_passages(
        ["饲养的动物造成损害的，饲养人赔偿。", "检修停电要提前七天通知。", "合同自签字时成立。"]
    )

    assert [1] == (encoder.encode_queries(["停电会提前告诉我吗"]) @ passages.T).argmax(1).tolist()


def test_no_text_gives_no_rows(encoder: ZeroShotEncoder) -> None:
    """Nothing to encode is no error."""
    assert (0, encoder.dim) == encoder.encode_passages([]).shape
