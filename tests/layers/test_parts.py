import numpy
import pytest

from spacy_lstm.layers import parts


@pytest.mark.parametrize("n_rows", [1, 3, 4, 9])
def test_rows_in_parts_are_the_rows(n_rows, monkeypatch):
    monkeypatch.setattr(parts, "ROWS_AT_ONCE", 3)
    rows = numpy.arange(2 * n_rows, dtype="float32").reshape(-1, 2)
    seen = []

    def compute(part):
        seen.append(part.stop - part.start)
        return rows[part] * 2

    numpy.testing.assert_array_equal(parts.in_parts(compute, n_rows), rows * 2)
    assert sum(seen) == n_rows
    assert max(seen) <= 3
