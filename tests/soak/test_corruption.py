from .corruption import GOOD, count_guarded


def test_harmed_files_are_refused_or_do_no_harm():
    found = count_guarded(100, seed=7)
    assert not found["failures"]
    assert set(found["counts"]) <= set(GOOD)
    assert sum(found["counts"].values()) == 100
    assert found["counts"]["refused"] > 60
