import numpy
import pytest
from thinc.api import fix_random_seed
from thinc.types import Ragged

from spacy_lstm.layers.pooling import POOLINGS, pooling
from spacy_lstm.layers.running_pooling import RunningPooling


@pytest.mark.parametrize("ends_apart", [True, False])
@pytest.mark.parametrize("kinds", [*POOLINGS, list(POOLINGS)])
def test_is_the_pooling_of_all_so_far(kinds, ends_apart):
    fix_random_seed(0)
    rng = numpy.random.default_rng(0)
    X = rng.normal(scale=4, size=(20, 6)).astype("float32")
    layer = pooling(kinds, 6, ends_apart=ends_apart)
    layer.initialize()
    for node in layer.walk():
        if node.has_param("Q"):
            node.set_param("Q", rng.normal(scale=3, size=6).astype("float32"))
    running = RunningPooling(layer)
    for start, end in ((0, 1), (1, 8), (8, 20)):
        running.add(X[start:end])
        expected = layer.predict(Ragged(X[:end], numpy.array([end], dtype="int32")))
        numpy.testing.assert_allclose(running.value(), expected, rtol=1e-5, atol=1e-5)
