"""`spacy lstm attack`: its figures beside hand-made ones, and on trained pipelines."""

import io
import itertools
import json
import random

import numpy
import pytest
import spacy
from rich.console import Console
from spacy.cli._util import app
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc, DocBin, Span
from typer.testing import CliRunner

from spacy_lstm.cli.attack import print_reports
from spacy_lstm.training.perturbations import ATTACKS
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.robustness import Counts, attack_pipeline, find_heads, worst

from ..ner_pipelines import TEXTS, annotated, shared_ner_pipeline, train_ner
from ..pipelines import blank, examples, textcat_pipeline, train


class Words:
    """Categories by the first word that has one; a capital makes another word of it."""

    labels = ("BAD", "GOOD")

    def __init__(self, multi_label):
        self.multi_label = multi_label
        self.cfg = {"threshold": 0.7}

    def __call__(self, doc):
        good = any(token.text in ("good", "fine") for token in doc)
        bad = any(token.text in ("bad", "awful") for token in doc)
        doc.cats = {"GOOD": 0.8 * good + 0.1, "BAD": 0.8 * bad}
        return doc

    def score(self, examples, **kwargs):
        settings = {"labels": self.labels, "multi_label": self.multi_label, **self.cfg, **kwargs}
        return Scorer.score_cats(examples, "cats", **settings)


@Language.factory("test_attack_words", assigns=["doc.cats"], default_config={"multi_label": False})
def make_words(nlp, name, multi_label):
    return Words(multi_label)


def rules(*, multi_label=False):
    nlp = spacy.blank("en")
    nlp.add_pipe("test_attack_words", name="words", config={"multi_label": multi_label})
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PLACE", "pattern": "New York"}])
    spans = nlp.add_pipe("span_ruler")
    spans.add_patterns([{"label": "PLACE", "pattern": "new york"}])
    return nlp


def text(nlp, words, cats=None, places=None, key=None):
    doc = nlp.make_doc(words)
    doc.cats = cats or {}
    spans = [Span(doc, start, end, "PLACE") for start, end in places or []]
    if places is not None:
        doc.set_ents(spans)
    if key is not None:
        doc.spans[key] = spans
    return doc


GOOD, BAD = {"GOOD": 1.0, "BAD": 0.0}, {"GOOD": 0.0, "BAD": 1.0}


def docs_for(nlp):
    return [
        text(nlp, "a good day in New York", GOOD, [(4, 6)], "ruler"),
        text(nlp, "an awful Berlin", BAD, [(2, 3)], "ruler"),
        text(nlp, "a FINE day", GOOD, []),
        text(nlp, "Awful it was", BAD),
        text(nlp, ""),
    ]


def save(nlp, folder, docs):
    nlp.to_disk(folder / "model")
    DocBin(docs=docs).to_disk(folder / "test.spacy")
    return folder / "model", folder / "test.spacy"


def call(*args):
    return CliRunner().invoke(app, ["lstm", "attack", *map(str, args)])


def by_attack(report):
    return {outcome.attack: outcome for outcome in report.outcomes}


def test_figures_are_those_of_a_hand_made_sum():
    nlp = rules()
    words, ents, spans = attack_pipeline(nlp, docs_for(nlp), kinds=["lower", "upper", "title"])
    assert [(r.name, r.n_texts) for r in (words, ents, spans)] == [
        ("words", 4),
        ("entity_ruler", 3),
        ("span_ruler", 2),
    ]
    # Clean: good and awful are seen, FINE isn't but GOOD has 0.1 alone, and Awful isn't.
    # Lower: all are seen. Upper and title: none, and GOOD is what is left.
    outcomes = by_attack(words)
    assert {k: o.scores["accuracy"] for k, o in outcomes.items()} == {
        "clean": 0.75,
        "lower": 1.0,
        "upper": 0.5,
        "title": 0.5,
    }
    assert {k: (o.difference, o.changed) for k, o in outcomes.items()} == {
        "clean": (0.0, 0.0),
        "lower": (0.25, 0.25),
        "upper": (-0.25, 0.25),
        "title": (-0.25, 0.25),
    }
    # GOOD: 2 right of 3 found and 2 that there are; BAD: 1 of 1 and 2.
    assert outcomes["clean"].scores["macro F"] == pytest.approx((0.8 + 2 / 3) / 2)
    # New York is found, Berlin never.
    assert {k: (o.scores["F"], o.changed) for k, o in by_attack(ents).items()} == {
        "clean": (pytest.approx(2 / 3), 0.0),
        "lower": (0.0, pytest.approx(1 / 3)),
        "upper": (0.0, pytest.approx(1 / 3)),
        "title": (pytest.approx(2 / 3), 0.0),
    }
    assert {k: (o.scores["F"], o.changed) for k, o in by_attack(spans).items()} == {
        "clean": (0.0, 0.0),
        "lower": (pytest.approx(2 / 3), 0.5),
        "upper": (0.0, 0.0),
        "title": (0.0, 0.0),
    }
    # Of the 6 + 3 + 3 + 3 words: lower changes New, York, Berlin, FINE and Awful.
    touched = {k: round(15 * o.touched, 6) for k, o in outcomes.items()}
    assert touched == {"clean": 0, "lower": 5, "upper": 14, "title": 10}


def test_several_labels_a_text():
    nlp = rules(multi_label=True)
    docs = [
        text(nlp, "good and bad", {"GOOD": 1.0, "BAD": 1.0}),
        text(nlp, "BAD", {"BAD": 0.0}),
        text(nlp, "nothing", {"GOOD": 0.0, "BAD": 0.0}),
    ]
    [report] = attack_pipeline(nlp, docs, kinds=["lower", "upper"])
    outcomes = by_attack(report)
    # Clean: both right. Lower: BAD is found where it isn't. Upper: neither is found.
    assert {k: (o.scores["micro F"], o.changed) for k, o in outcomes.items()} == {
        "clean": (1.0, 0.0),
        "lower": (pytest.approx(4 / 5), pytest.approx(1 / 3)),
        "upper": (0.0, pytest.approx(1 / 3)),
    }
    assert "macro AUC" in outcomes["clean"].scores


def test_what_is_found_moves_with_swapped_words():
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "X", "pattern": "Berlin"}])
    docs = [text(nlp, "from Berlin to Berlin we go", places=[]) for _ in range(5)]
    [report] = attack_pipeline(nlp, docs, kinds=["swaps"], rate=1.0)
    assert report.outcomes[1].touched > 0.6
    assert report.outcomes[1].changed == 0.0


def test_worst_choice_is_the_worst_of_all():
    rng = random.Random(0)
    for _ in range(200):
        counts = [
            [Counts(*(rng.randint(0, 3) for _ in range(3)), frozenset()) for _ in range(3)]
            for _ in range(4)
        ]

        def f(picks, counts=counts):
            rows = [row[i] for row, i in zip(counts, picks, strict=True)]
            right = sum(c.right for c in rows)
            total = 2 * right + sum(c.wrong + c.missed for c in rows)
            return 2 * right / total if total else 0.0

        lowest = min(f(picks) for picks in itertools.product(range(3), repeat=4))
        assert f(worst(counts)) == pytest.approx(lowest)


def test_a_text_is_right_only_if_it_is_right_in_all_tries():
    nlp = rules()
    docs = [text(nlp, "it was awful", BAD) for _ in range(200)]
    shares = []
    for tries in (1, 2, 3):
        [report] = attack_pipeline(nlp, docs, kinds=["typos"], rate=0.5, tries=tries)
        shares.append(report.outcomes[1].scores["accuracy"])
    # In every other text its only long word is mistyped.
    assert shares == pytest.approx([0.5, 0.25, 0.125], abs=0.1)
    assert shares[0] > shares[1] > shares[2]


@pytest.fixture(scope="module")
def trained():
    nlp = textcat_pipeline()
    train(nlp)
    ner = shared_ner_pipeline()
    train_ner(ner)
    return nlp, ner


def test_more_tries_are_never_better(trained):
    nlp, ner = trained
    cats = [eg.reference for eg in examples(nlp)]
    ents = [annotated(ner, words, spans) for words, spans in TEXTS]
    for pipeline, docs in ((nlp, cats), (ner, ents)):
        for kind in ("typos", "swaps"):
            scores = []
            for tries in (1, 2, 4, 8):
                [report] = attack_pipeline(pipeline, docs, kinds=[kind], rate=0.5, tries=tries)
                clean, outcome = report.outcomes
                scores.append(next(iter(outcome.scores.values())))
                assert outcome.difference == scores[-1] - next(iter(clean.scores.values()))
            assert scores == sorted(scores, reverse=True)
            if kind == "typos":  # where no word is lost, the categories stay
                assert scores[-1] < scores[0] < next(iter(clean.scores.values()))


def test_clean_figures_are_those_of_spacy(trained):
    nlp, ner = trained
    for pipeline, docs, keys in (
        (nlp, [eg.reference for eg in examples(nlp)], ["cats_micro_f", "cats_score"]),
        (ner, [annotated(ner, words, spans) for words, spans in TEXTS], ["ents_f"]),
    ):
        expected = pipeline.evaluate([spacy.training.Example(nlp(d.text), d) for d in docs])
        [report] = attack_pipeline(pipeline, docs, kinds=["lower"])
        assert list(report.outcomes[0].scores.values()) == [expected[key] for key in keys]


def test_seeds_and_texts_beside_it(trained):
    nlp, _ = trained
    docs = [eg.reference for eg in examples(nlp)]
    first, again, other = (
        attack_pipeline(nlp, docs, rate=0.5, seed=seed)[0].outcomes for seed in (1, 1, 2)
    )
    assert first == again
    assert first[1] != other[1]
    assert [o.attack for o in first] == ["clean", *ATTACKS]


def test_what_can_be_attacked():
    nlp = rules()
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler", name="silent", config={"scorer": None}).add_patterns(
        [{"label": "X", "pattern": "x"}]
    )
    nlp.add_pipe("entity_ruler", name="no patterns")
    nlp.add_pipe("span_finder")  # of spans without labels
    assert [(head.name, head.key) for head in find_heads(nlp)] == [
        ("words", "cats_micro_f"),
        ("entity_ruler", "ents_f"),
        ("span_ruler", "spans_ruler_f"),
    ]


def test_a_scorer_of_another_kind():
    nlp = rules()
    nlp.get_pipe("entity_ruler").scorer = lambda examples, **cfg: {"ents_beauty": 1.0}
    with pytest.raises(DataError, match=r"^\[L706\].*'entity_ruler'.*`ents_f`.*ents_beauty"):
        attack_pipeline(nlp, docs_for(nlp))


@pytest.mark.parametrize("factory", ["textcat", "textcat_multilabel", "ner", "spancat"])
def test_stock_components_of_spacy(factory):
    nlp = blank()
    nlp.add_pipe(factory)
    data = []
    for words, spans in TEXTS:
        doc = annotated(nlp, words, spans)
        doc.cats = {"LONG": float(len(doc) > 4), "SHORT": float(len(doc) <= 4)}
        doc.spans["sc"] = list(doc.ents)
        data.append(spacy.training.Example(nlp.make_doc(words), doc))
    nlp.initialize(lambda: data)
    [report] = attack_pipeline(nlp, [eg.reference for eg in data], tries=2)
    assert (report.name, report.n_texts) == (factory, len(TEXTS))
    assert [o.attack for o in report.outcomes] == ["clean", *ATTACKS]
    expected = nlp.evaluate(data)
    key = find_heads(nlp)[0].key
    assert next(iter(report.outcomes[0].scores.values())) == expected[key]


def test_command_writes_what_it_prints(tmp_path):
    nlp = rules()
    model, data = save(nlp, tmp_path, docs_for(nlp))
    output = tmp_path / "attack.json"
    result = call(model, data, "--kind", "lower", "--kind", "upper", "--output", output)
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["words", "(4", "texts)"] in lines
    assert ["clean", "75.0", "73.3"] in lines
    assert ["lower", "33.3", "100.0", "+25.0", "100.0", "25.0"] in lines
    assert ["upper", "93.3", "50.0", "-25.0", "33.3", "25.0"] in lines
    figures = json.loads(output.read_text())
    assert {k: figures[k] for k in ("model", "data", "rate", "tries", "seed")} == {
        "model": str(model),
        "data": str(data),
        "rate": 0.1,
        "tries": 1,
        "seed": 0,
    }
    words = figures["components"]["words"]
    assert words["n_texts"] == 4
    assert words["outcomes"][2] == {
        "attack": "upper",
        "scores": {"accuracy": 0.5, "macro F": pytest.approx(1 / 3)},
        "difference": -0.25,
        "changed": 0.25,
        "touched": pytest.approx(14 / 15),
    }
    assert list(figures["components"]) == ["words", "entity_ruler", "span_ruler"]


def test_limit_and_tries_are_passed_on(tmp_path):
    nlp = rules()
    docs = [text(nlp, "it was awful", BAD) for _ in range(30)]
    model, data = save(nlp, tmp_path, docs)
    args = ["--kind", "typos", "--rate", "1", "--limit", "7", "--tries", "3", "--seed", "5"]
    result = call(model, data, *args)
    assert result.exit_code == 0, result.output
    assert "(7 texts)" in result.stdout
    assert "100 % of the words" in result.stdout
    assert "worst of 3 tries" in " ".join(result.stdout.split())
    assert ["typos", "33.3", "0.0", "-100.0", "0.0", "100.0"] in [
        line.split() for line in result.stdout.splitlines()
    ]


def test_prints_in_any_encoding():
    nlp = rules()
    reports = attack_pipeline(nlp, docs_for(nlp))
    raw = io.BytesIO()
    file_ = io.TextIOWrapper(raw, encoding="ascii")
    print_reports(reports, rate=0.1, tries=1, console=Console(file=file_, width=80))
    file_.flush()
    printed = raw.getvalue().decode("ascii")
    assert "title" in printed
    assert "-0.0" not in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_code_of_a_component_is_imported(tmp_path):
    code = tmp_path / "parts.py"
    code.write_text("raise SystemExit('imported')\n")
    result = call(tmp_path, tmp_path / "x.spacy", "--code", code)
    assert (result.exit_code, "imported" in result.output) == (1, True)


def test_errors(tmp_path):
    nlp = rules()
    model, data = save(nlp, tmp_path, docs_for(nlp))

    def failed(*args):
        result = call(*args)
        assert (result.exit_code, result.stdout) == (1, "")
        return " ".join(result.stderr.split())

    assert "[L501]" in failed(tmp_path / "none", data)
    assert "[L634]" in failed(model, tmp_path / "none.spacy")
    (tmp_path / "broken.spacy").write_bytes(b"no docs")
    assert "[L634]" in failed(model, tmp_path / "broken.spacy")
    for rate in ("0", "1.5", "nan"):
        assert "[L703]" in failed(model, data, "--rate", rate)
    assert "[L704] There is no attack 'typo'" in failed(model, data, "--kind", "typo")
    plain = tmp_path / "plain.spacy"
    DocBin(docs=[nlp.make_doc("no annotation")]).to_disk(plain)
    message = failed(model, plain)
    assert "[L702]" in message
    assert "words, entity_ruler, span_ruler" in message
    bare = spacy.blank("en")
    bare.add_pipe("sentencizer")
    bare.to_disk(tmp_path / "bare")
    assert "[L701]" in failed(tmp_path / "bare", data)
    assert "[L707]" in failed(model, data, "--gpu-id", "99")
    # The table of a long run isn't lost.
    result = call(model, data, "--output", tmp_path / "no" / "folder.json")
    assert (result.exit_code, "[L705]" in result.stderr) == (1, True)
    assert "difference" in result.stdout
    assert call(model, data, "--tries", "0").exit_code == 2
    assert call(model, data, "--seed", "-1").exit_code == 2


def test_words_of_the_source_stay_words():
    nlp = rules()
    doc = Doc(nlp.vocab, words=["can't", "be", "good", "!!"])
    doc.cats = GOOD
    [report] = attack_pipeline(nlp, [doc], kinds=["upper"])
    assert report.outcomes[0].scores["accuracy"] == 1.0
    assert numpy.isclose(report.outcomes[1].touched, 1.0)
