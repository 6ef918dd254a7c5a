"""`spacy lstm init-config`: complete configs that train, with comments."""

import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
import spacy
from spacy.cli._util import app
from spacy.cli.debug_config import debug_config
from spacy.cli.init_config import fill_config
from spacy.tokens import DocBin
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config
from thinc.api import Config
from typer.testing import CliRunner

from spacy_lstm.training.recipes import Recipe
from spacy_lstm.training.recipes.build import make_config
from spacy_lstm.training.recipes.fragments import FOLDER, read_explanations, read_fragment
from spacy_lstm.training.recipes.plan import OURS
from spacy_lstm.training.recipes.write import name_of

from ..pipelines import TAGS, examples, size_of_batches
from ..projects import PROJECT, ROOT

PIPELINES = [
    "textcat",
    "textcat_multilabel",
    "ner",
    "textcat,ner",
    "textcat,tagger,parser,sentencizer",
]
WRITTEN = {"textcat", "textcat_multilabel", "ner", "shared"}
CASES = [(recipe, names) for recipe in Recipe for names in PIPELINES]


def call(*args):
    return CliRunner().invoke(app, ["lstm", "init-config", *map(str, args)])


def made(names, recipe=Recipe.accuracy, **settings):
    text = make_config(pipeline=names.split(","), optimize=recipe, **settings)
    return Config().from_str(text, interpolate=False)


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "texts.spacy"
    nlp = spacy.blank("en")
    docs = []
    for given in examples(nlp):
        n = len(given.reference)
        annotation = {
            "tags": [TAGS[i % 3] for i in range(n)],
            "heads": [0] * n,
            "deps": ["ROOT", *["x"] * (n - 1)],
            "entities": ["U-START", *["O"] * (n - 1)],
            "cats": given.reference.cats,
        }
        docs.append(Example.from_dict(nlp.make_doc(given.text), annotation).reference)
    DocBin(docs=docs).to_disk(path)
    return path


@pytest.mark.parametrize(("recipe", "names"), CASES)
def test_is_complete_valid_and_trains(recipe, names, corpus, tmp_path):
    path = tmp_path / "it.cfg"
    result = call(path, "--pipeline", names, "--optimize", recipe.value)
    assert result.exit_code == 0, result.output
    assert f"spacy train {path}" in result.stdout.replace("\n", " ")
    _, filled = fill_config(tmp_path / "filled.cfg", path, silent=True)
    assert filled == Config().from_disk(path, interpolate=False)
    overrides = {"paths.train": str(corpus), "paths.dev": str(corpus)}
    debug_config(path, overrides=overrides)
    size = size_of_batches(filled)
    overrides.update(
        {"training.max_steps": 2, "training.eval_frequency": 2, f"training.batcher.{size}": 8}
    )
    if "parser" in names:  # which can't learn from a corpus without its frequent labels
        overrides["components.parser.min_action_freq"] = 1
    nlp = init_nlp(load_config(path, overrides=overrides, interpolate=False))
    (tmp_path / "out").mkdir()
    with (tmp_path / "log").open("w") as log:
        _, output = train(nlp, tmp_path / "out", stdout=log)
    loaded = spacy.load(output)
    asked = [name for name in loaded.pipe_names if name in names.split(",")]
    assert asked == names.split(",")
    doc = loaded("a great film. I would see it again")
    assert bool(doc.cats) == ("textcat" in names)
    assert doc.has_annotation("ENT_IOB") == ("ner" in names)
    assert doc.has_annotation("TAG") == ("tagger" in names)
    assert doc.has_annotation("DEP") == ("parser" in names)
    for name in asked:
        pipe = loaded.get_pipe(name)
        if hasattr(pipe, "model"):
            upstream = [getattr(node, "upstream_name", None) for node in pipe.model.walk()]
            assert ("tok2vec" in upstream) == ("," in names)


@pytest.mark.parametrize("name", OURS)
def test_speed_is_what_add_pipe_makes(name):
    nlp = spacy.blank("en")
    nlp.add_pipe(OURS[name], name=name)
    assert made(name, Recipe.speed)["components"][name] == nlp.config["components"][name]


def test_speed_shares_the_encoder_that_add_pipe_makes():
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_encoder", name="tok2vec")
    components = made("textcat,ner", Recipe.speed)["components"]
    assert components["tok2vec"] == nlp.config["components"]["tok2vec"]


def written_configs():
    makefile = (ROOT / "Makefile").read_text(encoding="utf8")
    (common,) = re.findall(r"^INIT_CONFIG := -m spacy lstm init-config (.*)$", makefile, re.M)
    for args in re.findall(r"^\t\$\(PY\) \$\(INIT_CONFIG\) (.*)$", makefile, re.M):
        path, *more = shlex.split(args)
        yield Path(path), [*shlex.split(common), *more]


def test_make_configs_writes_all_but_the_textbook():
    paths = [ROOT / path for path, _ in written_configs()]
    assert {path.stem for path in paths} == WRITTEN
    assert set(paths) == set((PROJECT / "configs").glob("*.cfg")) - {
        PROJECT / "configs" / "textbook.cfg"
    }


@pytest.mark.parametrize(("path", "args"), list(written_configs()), ids=sorted(WRITTEN))
def test_configs_of_the_project_are_written_by_the_command(path, args, tmp_path):
    text = (ROOT / path).read_bytes()
    result = call(tmp_path / path.name, *args)
    assert result.exit_code == 0, result.output
    assert (tmp_path / path.name).read_bytes() == text, "run `make configs`"
    # The first line tells how to make it again.
    command = text.decode("utf8").splitlines()[0].split("`")[1]
    again = shlex.split(command)[shlex.split(command).index("OUT.cfg") + 1 :]
    assert call("-", *again).stdout_bytes == text


@pytest.mark.parametrize(("recipe", "names"), CASES)
def test_training_ends_by_patience_alone(recipe, names):
    """A limit of epochs would end it before the first look at dev where texts are few."""
    training = made(names, recipe)["training"]
    assert training["max_epochs"] == training["max_steps"] == 0
    assert training["patience"] > training["eval_frequency"]


def test_long_reads_sentences_alone_where_the_encoder_is_its_own():
    config = made("ner", Recipe.long)
    assert config["nlp"]["pipeline"] == ["sentencizer", "ner"]
    assert config["training"]["annotating_components"] == ["sentencizer"]
    assert config["components"]["ner"]["reset"] == "sentence"
    assert config["training"]["score_weights"]["ents_f"] == 1.0
    assert not config["training"]["score_weights"]["sents_f"]
    assert made("ner,sentencizer", Recipe.long)["nlp"]["pipeline"] == ["sentencizer", "ner"]
    shared = made("textcat,ner", Recipe.long)
    assert shared["nlp"]["pipeline"] == ["tok2vec", "textcat", "ner"]
    assert shared["components"]["ner"]["reset"] is None
    accurate = made("ner")
    size = accurate["training"]["batcher"]["max_docs"]
    assert config["training"]["batcher"]["max_docs"] == size
    config["components"]["ner"]["reset"] = None
    assert config["components"]["ner"] == accurate["components"]["ner"]


def test_encoder_that_spacys_components_read_is_normalized():
    def layer_norm(names):
        return made(names)["components"]["tok2vec"]["model"]["encode"]["layer_norm"]

    assert layer_norm("tagger,ner") is True
    assert layer_norm("textcat,ner") is False
    assert layer_norm("tok2vec,ner") is False


def test_gpu_and_vectors(corpus, tmp_path):
    vectors = spacy.blank("en")
    for word in ("great", "film"):
        vectors.vocab.set_vector(word, numpy.ones(5, dtype="float32"))
    vectors.to_disk(tmp_path / "vectors")
    result = call("-", "-p", "textcat", "--vectors", tmp_path / "vectors", "--gpu")
    assert (result.exit_code, result.stderr) == (0, "")
    config = Config().from_str(result.stdout, interpolate=False)
    assert config["paths"]["vectors"] == str(tmp_path / "vectors")
    assert config["system"]["gpu_allocator"] == "pytorch"
    embed = config["components"]["textcat"]["model"]["tok2vec"]["embed"]["embed"]
    assert embed["include_static_vectors"] is True
    config["system"]["gpu_allocator"] = None
    config["paths"].update(train=str(corpus), dev=str(corpus))
    model = init_nlp(config).get_pipe("textcat").model
    (layer,) = [node for node in model.walk() if node.name == "static_vectors"]
    assert layer.get_dim("nM") == 5
    result = call("-", "--vectors", "no_such_vectors")
    assert result.exit_code == 0
    assert "[LW681]" in result.stderr
    assert "no_such_vectors" in result.stderr


@pytest.mark.parametrize(("recipe", "names"), CASES)
def test_a_comment_for_each_choice(recipe, names):
    text = make_config(pipeline=names.split(","), optimize=recipe)
    config = Config().from_str(text, interpolate=False)
    explanations = read_explanations()
    above, section, commented = "", (), set()
    for line in text.splitlines():
        if line.startswith("["):
            section = tuple(line.strip("[]").split("."))
        keys = section if line.startswith("[") else (*section, line.partition(" = ")[0])
        if line and above.startswith("#") and not line.startswith("#"):
            commented.add(keys)
        above = line
    found, present = 0, set(leaves(config))
    for path in FOLDER.glob("*.cfg"):
        if path.stem == "explanations":
            continue
        values = read_fragment(path.stem).values
        for given in leaves(values):
            keys = placed(config, given)
            # What the config has of another fragment, or by default, isn't this choice.
            is_chosen = keys in present and at(config, keys) == at(values, given)
            if is_chosen and "score_weights" not in keys:
                found += 1
                assert any(keys[: len(keys) - n] in commented for n in range(3)), keys
    assert found > 10
    # What registered functions are explained to have, they have.
    for name in {name_of(config, keys[:-1]) for keys in leaves(config)}:
        explained = {keys[-1] for keys in explanations if keys[:-1] == name}
        for keys in leaves(config):
            if name and name_of(config, keys[:-1]) == name:
                assert keys[-1] not in explained or keys in commented, keys


def test_explanations_are_of_settings_that_there_are():
    known = set()
    for recipe, names in CASES:
        config = made(names, recipe)
        for keys in leaves(config):
            for n in (1, 2):
                section = keys[:-n]
                name = name_of(config, section)
                known |= {name, (*name, keys[len(section)])}
    for keys in read_explanations():
        assert keys in known, keys


def leaves(values, path=()):
    for key, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        elif not key.startswith("@"):
            yield (*path, key)


def placed(config, keys):
    """Where a setting of a fragment is in a config."""
    if keys[0] != "encoder":
        return keys
    components = config["components"]
    if "tok2vec" in components:
        return ("components", "tok2vec", "model", *keys[1:])
    (head,) = [name for name in components if name in OURS]
    return ("components", head, "model", "tok2vec", *keys[1:])


def at(values, keys):
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--lang", "klingon"], "L681", "en, "),
        (["--lang", "../en"], "L681", "en, "),
        (["--pipeline", "textcat,lstm_ner"], "L683", "textcat, textcat_multilabel, ner"),
        (["--pipeline", "texcat"], "L683", "tagger"),
        (["--pipeline", "ner,textcat,ner"], "L684", "'ner'"),
        (["--pipeline", "sentencizer"], "L685", "sentencizer"),
        (["--pipeline", " , "], "L685", "none"),
        (["--pipeline", "tok2vec"], "L685", "none"),
    ],
)
def test_what_can_be_wrong(args, code, words, tmp_path):
    path = tmp_path / "it.cfg"
    result = call(path, *args)
    assert result.exit_code == 1
    assert f"[{code}]" in result.stderr
    assert words in result.stderr
    assert isinstance(result.exception, SystemExit)
    assert list(tmp_path.iterdir()) == []


def test_a_language_whose_tokenizer_is_not_installed(monkeypatch):
    def broken(code):
        raise ImportError("install  its\nwords")

    monkeypatch.setattr("spacy_lstm.training.recipes.plan.get_lang_class", broken)
    result = call("-")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[L682]" in result.stderr
    assert "install its words" in result.stderr


def test_a_component_that_needs_settings():
    result = call("-", "-p", "ner,nn_labeller")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[L688]" in result.stderr


def test_other_names_of_a_language():
    assert made("ner", lang="es")["nlp"]["lang"] == "es"
    assert made("ner", lang="spa")["nlp"]["lang"] == "es"
    assert call("-", "--optimize", "fast").exit_code == 2


def test_a_file_is_overwritten_by_force_only_and_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "new" / "it.cfg"
    assert call(path, "-p", "ner").exit_code == 0
    before = path.read_bytes()
    if sys.platform != "win32":  # as any other file that is made
        other = tmp_path / "other"
        other.touch()
        assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)
    result = call(path, "-p", "textcat")
    assert result.exit_code == 1
    assert f"[L686] {path}" in result.stderr
    assert path.read_bytes() == before
    with monkeypatch.context() as patched:

        def fail(self, target):
            raise OSError(28, "No space left on device")

        patched.setattr(Path, "replace", fail)
        result = call(path, "-p", "textcat", "--force")
    assert result.exit_code == 1
    assert "[L687]" in result.stderr
    assert "No space left on device" in result.stderr
    assert path.read_bytes() == before
    assert call(path, "-p", "textcat", "--force").exit_code == 0
    assert path.read_bytes() != before
    assert [file.name for file in path.parent.iterdir()] == ["it.cfg"]
    result = call(tmp_path, "--force")
    assert result.exit_code == 1
    assert "[L687]" in result.stderr


def test_command_line(tmp_path):
    command = [sys.executable, "-m", "spacy", "lstm", "init-config", "-", "-p", "ner"]
    result = subprocess.run(command, capture_output=True, check=True)
    assert result.stderr == b""
    text = result.stdout.decode("utf8").replace("\r\n", "\n")
    assert text == make_config(pipeline=["ner"])
