"""The public corpora of names: how their files become docs, and what the project makes of names."""

import io
import json
import os
import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.tokens.underscore import Underscore

from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import SPLITS

from .projects import (
    PROJECT,
    assets,
    call,
    check,
    common,
    docbins,
    evaluate,
    make_splits,
    models,
    names,
    preprocess,
    public,
    read_docs,
    run_on,
    train,
    try_it,
    write,
    write_project,
)

ASSETS = os.environ.get("SPACY_LSTM_ASSETS")


def project_with(folder, name, contents):
    """A project with tiny files in the format of a public corpus."""
    listed = []
    for file, content in zip(public.PUBLIC[name].files, contents, strict=True):
        path = write(folder / "assets" / file, content)
        listed.append(assets.Asset(path, path.as_uri(), common.md5_of(path)))
    write_project(folder, listed)
    return folder


def preprocessed(folder, name, contents):
    """The docs that the project makes of these files, by split."""
    project = project_with(folder, name, contents)
    run_on(folder / "none", folder / "out", name, project=project)
    return {split: read_docs(folder / "out" / f"{split}.spacy") for split in SPLITS}


def named(doc):
    """The words of a doc, and its names."""
    return [token.text for token in doc], [(ent.text, ent.label_) for ent in doc.ents]


def conll2002(files):
    """The archive of CoNLL-2002."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"conll2002/{name}", data)
        archive.writestr("conll2002/README", "About it")
    return content.getvalue()


# The corpora


def test_wnut17(tmp_path):
    # Some cells have two labels, of which the first counts; # begins a word; &amp; stays as it is.
    contents = [
        "#id\tO\nLeeds\tB-location\n&amp;\tO\n\n@ann\tB-person\n\n",
        "Ann\tB-person\nLee\tI-person\n\t\nto\tO\nLeeds\tB-location\n",
        "New\tB-location,B-person\nYork\tI-location,I-person\nAnn\tB-person\n\n",
    ]
    docs = preprocessed(tmp_path, "wnut17", contents)
    assert [named(doc) for doc in docs["train"]] == [
        (["#id", "Leeds", "&amp;"], [("Leeds", "location")]),
        (["@ann"], [("@ann", "person")]),
    ]
    assert [named(doc) for doc in docs["dev"]] == [
        (["Ann", "Lee"], [("Ann Lee", "person")]),
        (["to", "Leeds"], [("Leeds", "location")]),
    ]
    assert [named(doc) for doc in docs["test"]] == [
        (["New", "York", "Ann"], [("New York", "location"), ("Ann", "person")])
    ]
    assert not docs["train"][0].cats


@pytest.mark.parametrize(("name", "prefix"), [("conll2002_esp", "esp"), ("conll2002_ned", "ned")])
def test_conll2002(tmp_path, name, prefix):
    start = "-DOCSTART- -DOCSTART- O\n" if prefix == "ned" else ""
    rows = start + "La DA O\nCoruña NC B-LOC\n, Fc O\nJosé NP B-PER\nMª NP I-PER\n\n- Fg O\n\n"
    files = {f"{prefix}.{part}": rows for part in ("train", "testa", "testb")}
    other = {"esp": "ned", "ned": "esp"}[prefix]
    docs = preprocessed(tmp_path, name, [conll2002({**files, f"{other}.train": "x O\n"})])
    for split in SPLITS:
        assert [named(doc) for doc in docs[split]] == [
            (
                ["La", "Coruña", ",", "José", "Mª"],
                [("Coruña", "LOC"), ("José Mª", "PER")],
            ),
            (["-"], []),
        ]
        assert all(len(list(doc.sents)) == 1 for doc in docs[split])


def test_conll2002_in_latin_1_is_refused(tmp_path):
    # As the shared task published it. NLTK's archive is in UTF-8.
    rows = "Coruña NC B-LOC\n".encode("latin1")
    files = {f"esp.{part}": rows for part in ("train", "testa", "testb")}
    with pytest.raises(DataError, match=r"^\[L304\].*esp\.train, line 1.*0xf1"):
        preprocessed(tmp_path, "conll2002_esp", [conll2002(files)])
    assert not (tmp_path / "out").exists()


def test_wikigold(tmp_path):
    # IOB1: a name that follows another one of the same kind begins with B-.
    articles = [
        "Ann I-PER\nLee B-PER\nwent O\n\nto O\nYork I-LOC\n\n-DOCSTART- O\n\n",
        "Leeds I-LOC\nAnn I-PER\n\n-DOCSTART- O\n\n",
        "York I-LOC\nLee I-PER\n\n-DOCSTART- O\n\n",
    ]
    keys = {split: {"document": [number]} for number, split in enumerate(SPLITS)}
    write(tmp_path / "splits" / "wikigold.json", json.dumps(keys))
    docs = preprocessed(tmp_path, "wikigold", ["".join(articles)])
    [doc] = docs["train"]
    assert named(doc) == (
        ["Ann", "Lee", "went", "to", "York"],
        [("Ann", "PER"), ("Lee", "PER"), ("York", "LOC")],
    )
    assert [sent.text for sent in doc.sents] == ["Ann Lee went", "to York"]
    assert named(docs["dev"][0]) == (["Leeds", "Ann"], [("Leeds", "LOC"), ("Ann", "PER")])
    assert named(docs["test"][0]) == (["York", "Lee"], [("York", "LOC"), ("Lee", "PER")])


def test_the_splits_of_wikigold_are_made_of_whole_articles(tmp_path):
    rows = "".join(f"Ann{i} I-PER\n\nx O\n\n-DOCSTART- O\n\n" for i in range(40))
    articles = public.read_wikigold(write(tmp_path / "wikigold.conll", rows))
    assert [articles[7].words, len(articles)] == [("Ann7", "x"), 40]
    splits = make_splits.make_splits(articles, seed=0, dev=0.15, test=0.2)
    numbers = {split: by_group["document"] for split, by_group in splits.items()}
    assert {split: len(n) for split, n in numbers.items()} == {"train": 26, "dev": 6, "test": 8}
    assert sorted(n for ns in numbers.values() for n in ns) == list(range(40))
    assert splits == make_splits.make_splits(articles, seed=0, dev=0.15, test=0.2)
    assert splits != make_splits.make_splits(articles, seed=1, dev=0.15, test=0.2)


def test_committed_splits_of_wikigold():
    committed = json.loads((PROJECT / "splits" / "wikigold.json").read_text("utf8"))
    assert {split: len(n["document"]) for split, n in committed.items()} == {
        "train": 93,
        "dev": 23,
        "test": 29,
    }
    assert sorted(n for ns in committed.values() for n in ns["document"]) == list(range(145))


@pytest.mark.skipif(not ASSETS, reason="$SPACY_LSTM_ASSETS names no folder with the public corpora")
@pytest.mark.parametrize(
    ("name", "sizes", "counts"),
    [
        ("wnut17", (3394, 1009, 1287), (1975, 836, 1079)),
        ("wikigold", (93, 23, 29), (2158, 510, 890)),
        ("conll2002_esp", (8323, 1915, 1517), (18798, 4352, 3559)),
        ("conll2002_ned", (15806, 2895, 5195), (13344, 2616, 3941)),
    ],
)
def test_numbers_of_texts_and_names_are_those_of_the_papers(tmp_path, name, sizes, counts):
    listed = [
        asset
        for asset in assets.load_assets(PROJECT)
        if str(asset.dest.relative_to(PROJECT / "assets")) in public.PUBLIC[name].files
    ]
    placed = [asset._replace(dest=tmp_path / asset.dest.relative_to(PROJECT)) for asset in listed]
    write_project(tmp_path, placed)
    for asset in placed:
        assets.fetch(asset, copies=Path(ASSETS))
    splits_file = PROJECT / "splits" / f"{name}.json"
    if splits_file.exists():
        write(tmp_path / "splits" / f"{name}.json", splits_file.read_text("utf8"))
    splits = public.read_public(name, tmp_path)
    assert tuple(len(splits[split]) for split in SPLITS) == sizes
    assert tuple(sum(len(r.ents) for r in splits[split]) for split in SPLITS) == counts


def test_language():
    assert public.language_of("conll2002_esp", "auto") == "es"
    assert public.language_of("conll2002_ned", "auto") == "nl"
    assert public.language_of("wnut17", "auto") == public.language_of("mine", "auto") == "en"
    assert public.language_of("conll2002_ned", "de") == "de"


def test_a_list_of_copies_has_an_end(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(preprocess, "MOST_COPIES", 3)
    rows = "Ann\tB-person\n\n" * 3
    preprocessed(tmp_path, "wnut17", [rows, rows, "Lee\tB-person\n"])
    listed = [
        json.loads(line)
        for line in (tmp_path / "out" / "duplicates.jsonl").read_text("utf8").splitlines()
    ]
    # Of 15 pairs, 9 are in train and dev.
    assert [[text["split"] for text in pair["texts"]] for pair in listed] == [["train", "dev"]] * 3
    assert "The first 3" in capsys.readouterr().out


# Training


def save_named(folder, train_names, other_names, cats=None):
    """A corpus of a text for each name, with these categories."""
    nlp = spacy.blank("en")
    for split in SPLITS:
        doc_bin = DocBin()
        for name, label in train_names if split == "train" else other_names:
            doc = Doc(nlp.vocab, words=["with", name])
            doc.set_ents([Span(doc, 1, 2, label=label)] if label else [])
            doc.cats = dict(cats or {})
            doc_bin.add(doc)
        folder.mkdir(exist_ok=True)
        doc_bin.to_disk(folder / f"{split}.spacy")
    return folder


BOTH = [("Ann", "PER"), ("Leeds", "LOC")]


def test_config_is_chosen_by_what_is_in_the_corpus(tmp_path):
    def found(**values):
        return check.Found(**{"labels": {}, "names": {"train": Counter()}, "report": "", **values})

    def choose(learn="auto", **values):
        return train.choose_config(found(**values), learn, tmp_path)

    people = {"train": Counter(PER=1)}
    assert choose(categories="one") == "textcat"
    assert choose(categories="any") == "textcat_multilabel"
    assert choose(categories="none", names=people) == "ner"
    assert choose(categories="one", names=people) == "shared"
    assert choose(categories="any", names=people) == "textcat_multilabel"
    assert choose("categories", categories="one", names=people) == "textcat"
    assert choose("names", categories="one", names=people) == "ner"
    with pytest.raises(DataError, match=r"^\[L410\].*no categories"):
        choose("categories", categories="none", names=people)
    with pytest.raises(DataError, match=r"^\[L411\].*no names"):
        choose("names", categories="one")


def test_a_training_that_ends_early_is_looked_at(tmp_path):
    assert train.limit_steps(0) == {}
    assert train.limit_steps(20) == {"training.max_steps": 20, "training.eval_frequency": 20}
    assert train.limit_steps(100) == {"training.max_steps": 100}


def test_find_config(tmp_path):
    for name in ("ner", "textcat"):
        write(tmp_path / f"{name}.cfg", "")
    assert train.find_config("ner", tmp_path) == tmp_path / "ner.cfg"
    with pytest.raises(DataError, match=r"^\[L405\].*'mine'.*auto, ner, textcat\."):
        train.find_config("mine", tmp_path)


def config_of(path, factory):
    text = f'[components]\n\n[components.x]\nfactory = "{factory}"\n\n[initialize]\n'
    return write(path, text)


def test_config_learns_what_the_corpus_has(tmp_path, capsys):
    corpus = save_named(tmp_path / "names", BOTH, BOTH)
    found = check.check(corpus, tmp_path / "out")
    assert found.report.endswith("2 train + 2 dev + 2 test texts, 2 labels, names only")
    ner = config_of(tmp_path / "ner.cfg", "ner")
    textcat = config_of(tmp_path / "textcat.cfg", "textcat")
    check.check_config(ner, corpus, found)
    with pytest.raises(DataError, match=r"^\[L410\]"):
        check.check_config(textcat, corpus, found)
    nothing = found._replace(names={split: Counter() for split in SPLITS})
    with pytest.raises(DataError, match=r"^\[L411\]"):
        check.check_config(ner, corpus, nothing)
    assert "[L413]" not in capsys.readouterr().out
    lacking = found._replace(names={**found.names, "train": Counter(PER=1)})
    check.check_config(ner, corpus, lacking)
    shown = " ".join(capsys.readouterr().out.split())
    assert "[L413]" in shown
    assert "label 'LOC' are in dev" in shown


def test_names_beside_categories_are_reported(tmp_path):
    corpus = save_named(tmp_path / "both", BOTH, BOTH, {"a": 1.0, "b": 0.0})
    with pytest.raises(DataError, match=r"^\[L312\]"):
        check.check(corpus, tmp_path / "out")
    corpus = save_named(tmp_path / "any", BOTH, BOTH, {"a": 1.0, "b": 1.0})
    report = check.check(corpus, tmp_path / "out").report
    assert report.endswith("texts, names with 2 labels, 2 labels, any number for each text")


def test_an_unknown_thing_to_learn(tmp_path, monkeypatch, capsys):
    command = [str(tmp_path), str(tmp_path / "out"), "--learn", "verbs"]
    assert call(train.main, monkeypatch, *command) == 1
    assert "auto, categories, names" in " ".join(capsys.readouterr().out.split())


# Scores, and a text of one's own


@pytest.fixture
def finder():
    """A pipeline that takes each large first letter for a person."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PER", "pattern": [{"IS_TITLE": True}]}])
    return nlp


def test_evaluate_and_try_names(finder, tmp_path, monkeypatch, capsys):
    finder.to_disk(tmp_path / "model")
    texts = [("Ann", "PER"), ("Leeds", "LOC"), ("lee", "PER"), ("none", "")]
    save_named(tmp_path / "c", texts, texts)
    output = tmp_path / "metrics" / "c.json"
    paths = [str(path) for path in (tmp_path / "model", tmp_path / "c" / "test.spacy", output)]
    assert call(evaluate.main, monkeypatch, *paths) == 0
    scores = json.loads(output.read_text("utf8"))
    assert scores.pop("words_per_second") > 0
    # Found: Ann, which is right, and Leeds, which isn't a person. Not found: lee.
    assert scores == {
        "ents_f": pytest.approx(0.4),
        "ents_p": 0.5,
        "ents_r": pytest.approx(1 / 3),
        "names": {
            "LOC": {"p": 0.0, "r": 0.0, "f": 0.0, "n_names": 1},
            "PER": {"p": 0.5, "r": 0.5, "f": 0.5, "n_names": 2},
        },
        "n_texts": 4,
    }
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert "PER          50.0     50.0   50.0       2" in shown
    assert "Names: precision 50.0, recall 33.3, F 40.0" in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["Ann", "PER", "right"] in lines
    assert ["Leeds", "LOC", "missed"] in lines
    assert ["Leeds", "PER", "wrong"] in lines
    assert ["lee", "PER", "missed"] in lines
    assert "none" not in shown

    assert call(try_it.main, monkeypatch, paths[0], "I met Ann") == 0
    assert ["Ann", "PER"] in [line.split() for line in capsys.readouterr().out.splitlines()]
    assert call(try_it.main, monkeypatch, paths[0], "nobody") == 0
    assert "no names" in capsys.readouterr().out


def test_confidences_are_reported_where_they_are_measured(capsys):
    scores = {"names": {}, "ents_p": 0.5, "ents_r": 0.5, "ents_f": 0.5, "words_per_second": 9}
    scores["n_texts"] = 50
    evaluate.report({**scores, "ents_ece": None})
    assert "Confidences" not in capsys.readouterr().out
    measured = {"ents_ece": 0.05, "ents_ece_low": 0.03, "ents_ece_high": 0.08}
    evaluate.report({**scores, **measured, "ents_ece_floor": 0.02})
    shown = " ".join(capsys.readouterr().out.split())
    assert "off by 5.0 points on average (3.0 to 8.0; perfect ones would be by 2.0" in shown
    assert "On only" not in shown
    evaluate.report({**scores, "ents_ece": None, "n_texts": 9})
    assert "On only 9 texts" in capsys.readouterr().out


def test_words_of_the_corpus_are_kept(finder):
    # The tokenizer would make three words of the first.
    doc = Doc(finder.vocab, words=["Ann-Lee", "said"])
    doc.set_ents([Span(doc, 0, 1, label="PER")])
    assert [token.text for token in finder.make_doc(doc.text)] == ["Ann", "-", "Lee", "said"]
    assert [t.text for t in docbins.unannotated(finder, doc)] == ["Ann-Lee", "said"]
    assert evaluate.evaluate(finder, [doc])["ents_f"] == 1.0
    plain = finder.make_doc("Ann-Lee said")
    plain.set_ents([Span(plain, 0, 3, label="PER")])
    assert [t.text for t in docbins.unannotated(finder, plain)] == [t.text for t in plain]


def test_what_is_not_annotated_is_not_measured(finder):
    doc = finder.make_doc("Ann")
    doc.cats = {"a": 1.0, "b": 0.0}
    assert models.heads_of(finder) == models.Heads(categories=False, names=True)
    with pytest.raises(DataError, match=r"^\[L412\].*gives names"):
        evaluate.evaluate(finder, [doc])


def test_name_lines(monkeypatch):
    nlp = spacy.blank("en")
    doc = nlp.make_doc("Ann  Lee in Leeds")
    doc.ents = [doc.char_span(0, 8, label="PERSON"), doc.char_span(12, 17, label="LOC")]
    monkeypatch.delitem(Underscore.span_extensions, "confidence", raising=False)
    assert names.name_lines(doc) == ["Ann Lee  PERSON", "Leeds    LOC   "]
    assert names.name_lines(nlp.make_doc("x")) == []
    known = {"PERSON": 0.9}
    extension = (None, None, lambda span: known.get(span.label_), None)
    monkeypatch.setitem(Underscore.span_extensions, "confidence", extension)
    assert [names.confidence_of(ent) for ent in doc.ents] == [0.9, None]
    assert names.name_lines(doc) == ["Ann Lee  PERSON   90.0 %", "Leeds    LOC            "]
