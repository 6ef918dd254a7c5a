"""A little of what the soak does at length. Here hypothesis chooses, and finds the smallest case
that fails."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import fuzz_annotations, fuzz_calls, fuzz_configs, fuzz_texts
from .outcome import expect_no_fault
from .text_cases import ALPHABETS, WORDS

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
QUICK = settings(derandomize=True, deadline=None, max_examples=10, suppress_health_check=SLOW)
RANDOM = st.randoms(use_true_random=False)
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=8),
    st.text("".join(ALPHABETS.values()), max_size=12),
)
TEXTS = st.lists(st.lists(PIECES, max_size=6).map(" ".join), min_size=1, max_size=6)


@QUICK
@given(pipeline=st.sampled_from(["textcat", "marginals"]), texts=TEXTS)
def test_texts(pipeline, texts):
    fuzz_texts.run_case(fuzz_texts.TextCase(pipeline, texts, alone=[0], method="occlusion"))


@pytest.mark.parametrize(("fuzz", "n"), [(fuzz_annotations, 8), (fuzz_calls, 4), (fuzz_configs, 8)])
def test_others(fuzz, n):
    @settings(QUICK, max_examples=n)
    @given(rng=RANDOM)
    def run(rng):
        expect_no_fault(fuzz.run_case, fuzz.make_case(rng))

    run()
