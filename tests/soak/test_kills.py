"""Trainings that are killed in fact, by SIGKILL, in processes of their own."""

from .kills import compare, kill_trainings, make_config


def test_killed_trainings_come_out_as_if_they_had_not_been(tmp_path):
    config = make_config(tmp_path, n_texts=40, max_steps=8, eval_frequency=4)
    killed = kill_trainings(config, tmp_path, n_kills=2, seed=1)
    assert killed.problems == []
    assert killed.n_kills == 2
    assert killed.n_equal == killed.n_trainings > 0
    folders = [tmp_path / "reference", tmp_path / "training-0"]
    assert compare(*folders) is None
    # It would be seen.
    model = folders[1] / "model-last" / "ner" / "model"
    model.write_bytes(model.read_bytes()[:-1] + b"\0")
    assert compare(*folders) == "model-last/ner/model differs"
