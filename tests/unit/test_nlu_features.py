"""What the classifier looks at: counted by hand for one message, it is what was counted in training."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from nlu.components.features import Features

LINES = ["创业担保贷款能贷多少", "贷款 要什么材料", "chuangye daikuan", "預約法律諮詢", "你好", "谢谢了 谢谢"]
WORDS = st.text("创业担保贷款能多少要什么材料约你好谢 abc1?", min_size=1, max_size=40)


class Lengths:
    """An encoder that needs no model."""

    def encode(self, text: str) -> npt.NDArray[np.float32]:
        return np.array([1.0, len(text) % 7, len(text) % 3], np.float32)


def features() -> Features:
    return Features(Lengths())  # type: ignore[arg-type]


def test_scores_of_training_lines_are_their_rows_times_the_weights() -> None:
    learnt = features()
    rows = learnt.fit(LINES)
    weights = np.random.default_rng(5).normal(size=(rows.shape[1], 4)).astype(np.float32)
    assert np.allclose(learnt.scores(LINES, learnt.split(weights)), rows @ weights, atol=1e-4)


@given(WORDS)
def test_restored_features_score_alike(text: str) -> None:
    learnt = features()
    rows = learnt.fit(LINES)
    weights = np.ones((rows.shape[1], 2), np.float32)
    state = learnt.state()
    restored = Features.restore(Lengths(), state["words"], state["arrays"])  # type: ignore[arg-type]
    before, after = (one.scores([text], one.split(weights)) for one in (learnt, restored))
    assert np.isfinite(before).all()
    assert np.allclose(before, after, atol=1e-5)
