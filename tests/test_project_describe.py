"""The statistics of a corpus: their numbers, and the command that writes them."""

import json
import zipfile
from collections import Counter
from itertools import combinations
from math import log, sqrt

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_lstm.training.readers.records import DataError

from .described import NLP, doc_of, save, statistics_of
from .projects import (
    ROOT,
    call,
    corpus_counts,
    corpus_statistics,
    corpus_tables,
    describe,
    run_on,
    stop_words,
    telling_words,
    write,
)

FILES = ["coverage.svg", "index.html", "labels.svg", "lengths.svg", "statistics.json"]


# Numbers


def test_texts_and_words():
    docs = [doc_of("The cat,  the Cat!"), doc_of("A dog"), doc_of("$ 5 \n"), doc_of("a b c d e f")]
    found = statistics_of(docs)["splits"]["train"]
    assert [[t.text for t in doc if t.is_space] for doc in docs] == [[" "], [], ["\n"], []]
    assert found["documents"] == 4
    assert found["tokens"] == 6 + 2 + 2 + 6
    assert found["tokens_per_document"] == {"min": 2, "median": 2, "mean": 4.0, "p95": 6, "max": 6}
    assert sum(found["histogram"]) == 4
    assert found["words"] == 4 + 2 + 2 + 6
    assert found["different_words"] == len({*["the", "cat", "a", "dog"], *"$5bcdef"})
    assert found["words_that_occur_once"] == len({"dog", *"$5bcdef"})
    assert found["sentences"] is None
    assert found["categorized"] == 0
    assert found["labels_per_document"] is None


def test_sentences_and_words_of_the_source():
    marked = [
        doc_of("", words=["Ca", "n't", "\"'", "go"], starts=[True, False, False, True]),
        doc_of("", words=["Yes"]),
    ]
    assert marked[0].has_unknown_spaces
    found = statistics_of(marked, [*marked, doc_of("not marked")])["splits"]
    assert found["train"]["sentences"] == 3
    assert found["dev"]["sentences"] is None
    assert found["train"]["tokens"] == 5
    assert found["train"]["words"] == 4


@pytest.mark.parametrize("share", [0.1, 0.5, 0.51, 0.95, 1.0])
def test_quantile(share):
    counts = {3: 5, 1: 1, 10: 3, 4: 1}
    values = sorted(Counter(counts).elements())
    # The least value that so many are not greater than.
    least = next(v for v in values if sum(w <= v for w in values) >= share * len(values) - 1e-9)
    assert corpus_statistics.quantile(counts, share) == least


def test_few_long_texts_do_not_stretch_the_bins():
    edges = corpus_statistics.length_edges({"train": Counter({10: 99, 20: 99, 5000: 1})})
    assert edges == list(range(0, 43, 2))
    found = statistics_of([*([doc_of("a b")] * 99), doc_of("a " * 50)])
    assert found["length_edges"] == [0, 1, 2, 3, 4, 5]
    assert found["splits"]["train"]["histogram"] == [0, 0, 99, 0, 1]
    edges = corpus_statistics.length_edges({"train": Counter({2: 1, 1000: 1})})
    assert len(edges) - 1 <= corpus_statistics.MOST_BINS
    assert edges[-1] > 1000


def test_labels_that_exclude_each_other():
    docs = [doc_of("x", [label], labels="abc") for label in "aab"]
    found = statistics_of(docs, docs[:1])
    assert found["exclusive"] is True
    assert list(found["labels"]) == ["a", "b", "c"]
    assert found["labels"]["a"]["train"] == {"documents": 2, "share": 2 / 3}
    assert found["labels"]["a"]["dev"] == {"documents": 1, "share": 1.0}
    assert found["labels"]["c"]["train"] == {"documents": 0, "share": 0.0}
    assert found["pairs"] == {}


def test_labels_that_apply_together():
    sets = ["ab", "abc", "b", "", "ac"]
    docs = [doc_of("x", list(cats), labels="abc") for cats in sets]
    found = statistics_of([*docs, doc_of("unknown")])
    assert found["exclusive"] is False
    assert found["pairs"] == {
        "a": {"b": 2, "c": 2},
        "b": {"a": 2, "c": 1},
        "c": {"a": 2, "b": 1},
    }
    train = found["splits"]["train"]
    assert (train["documents"], train["categorized"], train["without_label"]) == (6, 5, 1)
    assert train["labels_per_document"] == sum(map(len, sets)) / 5
    rows = {row[0]: row[1] for row in corpus_tables.labels_table(found).rows}
    assert rows["a"] == "3 (60.0 %)"
    assert (rows["(none)"], rows["(unknown)"]) == ("1 (20.0 %)", "1")


def test_names():
    def docs(*names):
        return [doc_of(f"in {name} today", names=[(name, kind)]) for name, kind in names]

    train = docs(("Oslo", "PLACE"), ("Oslo", "PLACE"), ("New York", "PLACE"), ("Ada", "PERSON"))
    dev = docs(("Oslo", "PLACE"), ("Rome", "PLACE"), ("Rome", "PLACE"), ("Ada", "PLACE"))
    found = statistics_of(train, dev, docs(("New\nYork", "PLACE")))["entities"]
    assert list(found) == ["PERSON", "PLACE"]
    place = found["PLACE"]
    assert place["train"] == {"names": 3, "different_names": 2, "mean_tokens": 4 / 3}
    # Ada is in train, but as another type.
    assert place["dev"]["unseen"] == 3 / 4
    assert place["dev"]["different_unseen"] == 2 / 3
    # The line break is a token.
    assert place["test"] == {
        "names": 1,
        "different_names": 1,
        "mean_tokens": 3.0,
        "unseen": 0.0,
        "different_unseen": 0.0,
    }
    assert found["PERSON"]["dev"]["names"] == 0
    assert found["PERSON"]["dev"]["unseen"] is None


def test_coverage_is_the_mean_over_all_choices():
    train = ["a b", "a c", "d", "a b e", "f g"]
    other = "a a b c d d g z"
    counts = [corpus_counts.count_docs(map(doc_of, texts)) for texts in (train, [other])]
    shares = [i / 5 for i in range(1, 6)]
    got = corpus_statistics.coverage(*counts, shares)
    for size, step in enumerate(got, start=1):
        words, different = [], []
        for chosen in combinations(train, size):
            known = set(" ".join(chosen).split())
            words.append(sum(w in known for w in other.split()) / 8)
            different.append(len(known & set(other.split())) / 6)
        assert step["words"] == pytest.approx(sum(words) / len(words))
        assert step["different_words"] == pytest.approx(sum(different) / len(different))
    assert got[-1]["words"] == pytest.approx(7 / 8)


def test_frequent_words():
    docs = [doc_of("b b a the the the A c")]
    found = statistics_of(docs, [doc_of("a a")], top=2, stop_words={"the"})
    assert found["frequent_words"] == [
        {"word": "a", "train": 2, "dev": 2, "test": 2},
        {"word": "b", "train": 2, "dev": 0, "test": 2},
    ]


def test_telling_words_are_those_of_the_paper():
    texts = {"good": ["fine soup soup", "fine day", "soup fine"], "bad": ["cold soup", "cold day"]}
    counts = telling_words.WordsByLabel()
    for label, of_label in texts.items():
        for text in of_label:
            counts.add(sorted(set(text.split())), [label])
    found = telling_words.telling_words(counts, min_count=1)
    y = {"good": {"fine": 3, "soup": 2, "day": 1}, "bad": {"cold": 2, "soup": 1, "day": 1}}
    prior = {"fine": 3, "soup": 3, "day": 2, "cold": 2}  # alpha, of the paper's equation 15
    assert counts.total == prior

    def z(word):
        odds, variance = [], 0.0
        for label in ("good", "bad"):
            own = y[label].get(word, 0) + prior[word]
            rest = sum(y[label].values()) + sum(prior.values()) - own
            odds.append(log(own / rest))
            variance += 1 / own
        return (odds[0] - odds[1]) / sqrt(variance)

    expected = {"good": {"fine": 3, "soup": 2}, "bad": {"cold": 2, "day": 1}}
    for label, sign in (("good", 1), ("bad", -1)):
        assert {item.word: item.texts for item in found[label]} == expected[label]
        assert [item.word for item in found[label]] == list(expected[label])
        for item in found[label]:
            assert item.z == pytest.approx(sign * z(item.word))
            assert item.others == prior[item.word] - item.texts
    settings = {"top": 1, "min_count": 3, "stop_words": {"fine"}}
    few = telling_words.telling_words(counts, **settings)
    assert [item.word for item in few["good"]] == ["soup"]
    assert few["bad"] == []


@pytest.mark.parametrize("text", ["a b c", "a"])
def test_a_label_of_all_texts_has_no_telling_words(text):
    found = statistics_of([doc_of(text, ["all"])], min_count=1)
    assert found["telling_words"] == {"all": []}


# Stop words


def test_stop_words(tmp_path):
    assert stop_words.load_stop_words("none", NLP) == set()
    words = stop_words.load_stop_words("spacy", NLP)
    assert words >= NLP.Defaults.stop_words
    write(tmp_path / "lists" / "english", "the\ndon't\n")
    write(tmp_path / "lists" / "README", "no list\n")
    expected = {"the", "don't", "do", "n't"}
    assert stop_words.load_stop_words(str(tmp_path / "lists"), NLP) == expected


def test_stop_words_of_an_archive(tmp_path, make_zip):
    path = make_zip({"stopwords/english": "the\n", "stopwords/german": "Der\n"})
    assert stop_words.load_stop_words(str(path), NLP) == {"the"}
    assert stop_words.load_stop_words(str(path), spacy.blank("de")) == {"der"}
    with pytest.raises(DataError, match=r"^\[L393\].*'finnish', only for: english, german"):
        stop_words.load_stop_words(str(path), spacy.blank("fi"))
    write(tmp_path / "bad.zip", "not an archive")
    with pytest.raises(DataError, match=r"^\[L392\].*bad.zip"):
        stop_words.load_stop_words(str(tmp_path / "bad.zip"), NLP)
    write(tmp_path / "lists" / "english", b"the\n\xff\n")
    with pytest.raises(DataError, match=r"^\[L304\].*english, line 2"):
        stop_words.load_stop_words(str(tmp_path / "lists"), NLP)
    with pytest.raises(DataError, match=r"^\[L301\]"):
        stop_words.load_stop_words(str(tmp_path / "nothing"), NLP)


@pytest.fixture
def make_zip(tmp_path):
    def make(files):
        path = tmp_path / "stopwords.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        path.chmod(0o644)
        return path

    return make


# The command


def test_bundled(tmp_path, monkeypatch, capsys):
    corpus, output = tmp_path / "corpora" / "topics", tmp_path / "metrics" / "topics"
    run_on(ROOT / "corpus" / "bundled", corpus, "bundled_topics")
    args = [str(corpus), str(output), "--top", "3", "--stopwords", "spacy"]
    assert call(describe.main, monkeypatch, *args) == 0
    found = json.loads((output / "statistics.json").read_text("utf8"))
    assert {s: d["documents"] for s, d in found["splits"].items()} == {
        "train": 1080,
        "dev": 180,
        "test": 270,
    }
    assert found["labels"]["quality"]["train"]["documents"] == 228
    assert sum(kind["train"]["names"] for kind in found["entities"].values()) == 1439
    assert found["exclusive"] is False
    assert 0.8 < found["coverage"]["test"]["words"] < 0.9
    assert found["coverage_by_size"][-1]["test"] == found["coverage"]["test"]
    [first, *_] = found["telling_words"]["food"]
    assert first["word"] == "food"
    assert all(len(items) == 3 for items in found["telling_words"].values())
    assert not {item["word"] for item in found["frequent_words"]} & NLP.Defaults.stop_words
    assert sorted(p.name for p in output.iterdir()) == sorted(
        [*FILES, "pairs.svg", "telling_words.svg"]
    )
    printed = capsys.readouterr().out
    assert "1,080" in printed
    assert "\nfood: food, " in printed
    assert (output / "index.html").read_text("utf8").count("<svg") == 5


def test_charts_of_an_earlier_corpus_go(tmp_path, monkeypatch, capsys):
    docs = [doc_of(f"{label} x", [label]) for label in ("a", "a", "b\x1b", "b\x1b")]
    args = [str(save(tmp_path / "mine", docs)), str(tmp_path / "out"), "--min-count", "1"]
    assert call(describe.main, monkeypatch, *args) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [*FILES, "telling_words.svg"]
    assert "b\x1b" not in capsys.readouterr().out
    save(tmp_path / "mine", [doc_of("a")])
    assert call(describe.main, monkeypatch, *args) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [name for name in FILES if name != "labels.svg"]


def test_long_tables_are_cut_in_the_terminal(tmp_path, monkeypatch, capsys):
    labels = [f"label {i:02d}" for i in range(30)]
    docs = [doc_of(f"{label} w{label[-2:]}", [label]) for label in labels]
    save(tmp_path / "mine", docs)
    args = [str(tmp_path / "mine"), str(tmp_path / "out"), "--min-count", "1"]
    assert call(describe.main, monkeypatch, *args) == 0
    printed = capsys.readouterr().out
    assert "label 19  " in printed
    assert "label 20  " not in printed
    assert printed.count("and 10 more, in index.html") == 2


def test_bad_input(tmp_path, monkeypatch, capsys):
    corpus, output = save(tmp_path / "mine", [doc_of("x", ["a"])]), tmp_path / "out"
    args = [str(corpus), str(output)]
    DocBin().to_disk(corpus / "dev.spacy")
    assert call(describe.main, monkeypatch, *args) == 1
    assert "[L303]" in capsys.readouterr().out
    (corpus / "dev.spacy").unlink()
    assert call(describe.main, monkeypatch, *args) == 1
    assert "[L301]" in capsys.readouterr().out
    assert not output.exists()
    assert call(describe.main, monkeypatch, *args, "--top", "0") == 2
    assert call(describe.main, monkeypatch, *args, "--lang", "xy") == 1
    assert "[L330]" in capsys.readouterr().out
    monkeypatch.setattr(describe, "MISSING", ImportError("No module named 'matplotlib'"))
    assert call(describe.main, monkeypatch, *args) == 1
    printed = capsys.readouterr().out
    assert "[L391]" in printed
    assert "No module named 'matplotlib'" in printed
