"""What setup.cfg promises by name is there."""

import configparser
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import spacy
from spacy.util import registry
from thinc.api import Config
from thinc.api import registry as thinc_registry

ROOT = Path(__file__).resolve().parent.parent
GROUPS = (
    "spacy_cli",
    "spacy_factories",
    "spacy_architectures",
    "spacy_batchers",
    "spacy_loggers",
    "spacy_readers",
    "spacy_scorers",
    "spacy_tokenizers",
    "thinc_layers",
    "thinc_optimizers",
    "thinc_schedules",
)


def promised():
    parser = configparser.ConfigParser()
    parser.optionxform = str
    parser.read(ROOT / "setup.cfg", encoding="utf8")
    for group, lines in parser["options.entry_points"].items():
        for line in lines.strip().splitlines():
            yield group, line.split("=")[0].strip()


@pytest.mark.parametrize(("group", "name"), list(promised()))
def test_every_entry_point_loads(group, name):
    assert group in GROUPS
    (found,) = entry_points(group=group, name=name)
    assert callable(found.load())
    owner, kind = group.split("_", 1)
    if owner == "thinc":
        assert getattr(thinc_registry, kind).get(name) is found.load()
    else:
        assert registry.has(kind, name)


@pytest.mark.parametrize("name", [name for group, name in promised() if group == "spacy_factories"])
def test_every_factory_can_be_added_and_described(name):
    nlp = spacy.blank("xx")
    pipe = nlp.add_pipe(name)
    meta = nlp.get_factory_meta(name)
    assert meta.factory == name
    assert pipe.name == name
    weights = [w for w in meta.default_score_weights.values() if w]
    assert sum(weights) in (0, 1)
    # What an unconfigured component is made of stands in its config.
    again = spacy.blank("xx", config=Config().from_str(nlp.config.to_str()))
    assert again.config["components"] == nlp.config["components"]


def test_importing_is_free_of_side_effects():
    import spacy_lstm

    assert spacy_lstm.__version__.count(".") == 2
