import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thinc.api import NumpyOps

from spacy_lstm.layers import distinct
from spacy_lstm.layers.distinct import collect, find_distinct, spread

OPS = NumpyOps()


def random_rows(n=200, n_columns=3, n_values=4, seed=0):
    rng = numpy.random.default_rng(seed)
    values = rng.integers(0, 2**64, size=n_values, dtype="uint64")
    return values[rng.integers(0, n_values, size=(n, n_columns))]


def check(rows):
    found = find_distinct(rows)
    numpy.testing.assert_array_equal(rows[found.first][found.kinds], rows)
    assert len(found.first) == len({tuple(row) for row in rows.tolist()})


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 2**32, 2**63, 2**64 - 1])), max_size=30
    )
)
def test_finds_one_row_of_each_kind(rows):
    check(numpy.array(rows, dtype="uint64").reshape(-1, 2))


def test_order_of_columns_matters():
    rows = numpy.array([[1, 2], [2, 1], [0, 0], [3, 0], [0, 3]], dtype="uint64")
    assert len(find_distinct(rows).first) == 5


@pytest.mark.parametrize("n_hashes", [1, 2, 7])
def test_rows_with_the_same_hash_stay_apart(monkeypatch, n_hashes):
    def collide(rows):
        return rows[:, 0] % numpy.uint64(n_hashes)

    monkeypatch.setattr(distinct, "_hash", collide)
    check(random_rows())


def test_spread_and_collect():
    rows = random_rows(n=50)
    found = find_distinct(rows)
    rng = numpy.random.default_rng(1)
    computed = rng.normal(size=(len(found.first), 6))
    given = spread(OPS, computed, found)
    numpy.testing.assert_array_equal(given, computed[found.kinds])
    d_rows = rng.normal(size=given.shape)
    expected = numpy.zeros_like(computed)
    numpy.add.at(expected, found.kinds, d_rows)
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
        got = collect(OPS, d_rows.astype(dtype), found)
        assert got.dtype == dtype
        numpy.testing.assert_allclose(got, expected, atol=tolerance)
    strided = numpy.asfortranarray(d_rows.astype("float32"))
    numpy.testing.assert_allclose(collect(OPS, strided, found), expected, atol=1e-5)
