"""The tables and plots that are made of results."""

import pytest

from .tiny import cell  # isort: skip

import cells
from accuracy import compared, plots, report, summary, tables
from accuracy.experiments import EXPERIMENTS, FOLDER, at_size
from accuracy.models import (
    ACCURACY,
    CRF,
    EFFICIENCY,
    LINEAR_ALONE,
    NBSVM,
    TFIDF,
)
from accuracy.published import PUBLISHED
from accuracy.variants import ADVERSARIAL, ALONE

SST2, WNUT17 = EXPERIMENTS["sst2"], EXPERIMENTS["wnut17"]
ENTITIES = {"key": "f", "others": ("p", "r")}


def row(*values, **more):
    return {str(i): cell(value, **more) for i, value in enumerate(values)}


def test_committed_tables_are_those_of_the_results():
    for name, content in report.pages(FOLDER).items():
        assert (FOLDER / name).read_text("utf8") == content, "python benchmarks/accuracy tables"
    known = {f"{name}{end}" for name in EXPERIMENTS for end in (".json", ".md", ".svg")}
    assert {path.name for path in FOLDER.iterdir()} <= {"summary.md", "compared.md", *known}
    for path in FOLDER.glob("*.json"):
        experiment = EXPERIMENTS[path.stem]
        results = cells.read_results(path)
        assert set(results) <= set(experiment.rows), "a row that isn't in the code any more"
        for by_column in results.values():
            assert len({c["fingerprint"] for c in by_column.values()}) == 1


def test_models_and_differences_and_what_is_published():
    results = {ACCURACY: row(0.8, 0.9, 0.7), EFFICIENCY: row(0.5, 0.7), NBSVM: row(0.75)}
    page = tables.table_of(SST2, results)
    models, differences, published = page.split("\n\n")[2::2]
    start = f"| {ACCURACY} | 3 | 80.0 ± 10.0 | 80.0 ± 10.0 | 50.0 ± 0.0 |"
    assert models.splitlines()[3] == f"{start} 90 s | 60 s | 20,000 | 1.5 MB |"
    assert f"| {EFFICIENCY} | 2 | 60.0 ± 14.1 (2 of 3) |" in models
    assert f"| {NBSVM} | 1 | 75.0 | 75.0 |" in models
    # 30 and 20 points over the seeds that both have; nothing is random in NBSVM.
    assert differences.splitlines()[2:] == [
        f"| {EFFICIENCY} | 2 | +25.0 ± 7.1 |",
        f"| {NBSVM} | 3 | +5.0 ± 10.0 |",
    ]
    assert "| CNN-rand | 82.7 |" in published


def test_until_spacys_best_on_dev():
    stock = {
        "0": cell(0.6, curve=[[10.0, 0.5], [40.0, 0.6]], **ENTITIES),
        "1": cell(0.7, curve=[[20.0, 0.7]], **ENTITIES),
    }
    ours = row(0.8, 0.9, 0.7, curve=[[8.0, 0.6]], **ENTITIES)
    results = {ACCURACY: ours, EFFICIENCY: stock, CRF: row(0.5, **ENTITIES)}
    _, *lines = tables.corpus_tables(WNUT17, results)[0].splitlines()
    # Ours is as good as spaCy's best with seed 0, and never with seed 1; 2 has no peer.
    assert lines[2].endswith("| 90 s | 60 s | 8 s (1 of 2) | 20,000 | 1.5 MB |")
    assert "| 60 s | 30 s | 20,000 |" in lines[3]
    assert "| 60 s | – | 20,000 |" in lines[4]
    never = {ACCURACY: row(0.8, curve=[[8.0, 0.1]], **ENTITIES), EFFICIENCY: stock}
    assert "| never |" in tables.corpus_tables(WNUT17, never)[0].splitlines()[3]


def test_ablations():
    ablation = EXPERIMENTS["ablation_sst2"]
    results = {ACCURACY: row(0.8, 0.9, 0.7), "dropout 0.2": row(0.7, 0.9, 0.5)}
    lines = tables.table_of(ablation, results).splitlines()
    assert lines[-3] == f"| {ACCURACY} | 80.0 ± 10.0 | – | 80.0 ± 10.0 | – |"
    difference = "70.0 ± 20.0 | -10.0 ± 10.0"
    assert lines[-2] == f"| dropout 0.2 | {difference} | {difference} |"


def test_robustness():
    plain, embeddings, _ = ADVERSARIAL
    attacks = {"clean": 0.8, "typos": 0.6}
    results = {
        plain: row(0.8, 0.8, 0.8, attacks=attacks),
        embeddings: row(0.9, attacks=attacks, cpu=150.0),
        ALONE + plain: row(0.7, attacks=attacks, cpu=40.0),
        ALONE + embeddings: row(0.7, attacks=attacks, cpu=80.0),
    }
    table = tables.table_of(EXPERIMENTS["robustness_sst2"], results).splitlines()
    assert table[-7].split(" | ")[2:] == [
        "test, clean",
        "test, typos",
        "training, times as long |",
    ]
    assert table[-5].endswith("| 80.0 ± 0.0 | 80.0 ± 0.0 | 60.0 ± 0.0 | 1.0 |")
    assert table[-4].endswith("| 90.0 (1 of 3) | 80.0 | 60.0 | 2.5 |")
    # The BiLSTM alone is compared with itself.
    assert table[-3].endswith("| 70.0 (1 of 3) | 80.0 | 60.0 | 1.0 |")
    assert table[-2].endswith("| 70.0 (1 of 3) | 80.0 | 60.0 | 2.0 |")


def curve_results():
    shapes = {ACCURACY: 0.02, EFFICIENCY: 0.1, NBSVM: 0.05}
    results = {}
    for i, size in enumerate((100, 300, 1000, 3000, None)):
        for model, less in shapes.items():
            n_docs = {"train": size or 6920}
            values = [0.55 + 0.07 * i - less + sd for sd in (0.0, 0.01, -0.01)]
            results[at_size(model, size)] = row(*values, n_docs=n_docs)
    return results


def test_learning_curves():
    curve, results = EXPERIMENTS["curve_sst2"], curve_results()
    table = tables.table_of(curve, results)
    assert f"| {ACCURACY} | 53.0 ± 1.0 | 60.0 ± 1.0 |" in table
    assert "(curve_sst2.svg)" in table
    line = plots.lines_of(curve, results)[ACCURACY]
    assert [n for n, _, _ in line] == [100, 300, 1000, 3000, 6920]
    assert line[0][1:] == pytest.approx((53.0, 1.0))
    svg = plots.draw_curve(curve, results)
    assert svg == plots.draw_curve(curve, results)
    for text in (ACCURACY, EFFICIENCY, NBSVM, "6,920", "sst2: accuracy on test, %"):
        assert f">{text}</text>" in svg


def test_labels_do_not_overlap():
    assert plots.spaced([1.0, 5.0, 9.0], 1.0) == [1.0, 5.0, 9.0]
    assert plots.spaced([5.0, 5.2, 1.0], 1.0) == pytest.approx([4.6, 5.6, 1.0])
    # Two that are moved apart meet a third one.
    assert plots.spaced([5.0, 5.0, 5.9], 1.0) == pytest.approx([4.3, 5.3, 6.3])


def test_summary():
    results = {name: {} for name in EXPERIMENTS if EXPERIMENTS[name].kind == "corpus"}
    experiments = {name: EXPERIMENTS[name] for name in results}
    results["sst2"] = {
        ACCURACY: row(0.84, 0.85, 0.83),
        LINEAR_ALONE: row(0.83, 0.84, 0.83),
        NBSVM: row(0.829),
        TFIDF: row(0.81),
        EFFICIENCY: row(0.99),  # one seed of three
    }
    results["wikigold"] = {
        ACCURACY: row(0.6, 0.6, 0.6, **ENTITIES),
        CRF: row(0.65, **ENTITIES),
    }
    page = summary.summary(experiments, results)
    ours = "– | 84.0 ± 1.0 | –"
    peer = f"82.9 ({NBSVM})"
    assert f"| [sst2](sst2.md) | accuracy | {ours} | {peer} | 83.8 | 84.5 | reached |" in page
    assert f"| 65.0 ({CRF}) | the best |  | missed by 5.0 |" in page
    assert "| wnut17 | F1 | – | – | – | – | 24.0 | 26.0 | – |" in page
    assert "| sst2 | 3 | +0.7 ± 0.6 | reached |" in page
    assert "| movie_reviews | 0 | – | – |" in page
    for value, expected in [(0.845, "aim reached"), (0.83, "missed by 0.8")]:
        results["sst2"][ACCURACY] = row(value, value, value)
        assert summary.verdict(SST2, results["sst2"]) == expected


def test_compared():
    corpora = {name: e for name, e in EXPERIMENTS.items() if e.kind == "corpus"}
    results = {name: {} for name in corpora}
    results["sst2"] = {ACCURACY: row(0.8, 0.9, 0.7), NBSVM: row(0.75)}
    page = compared.compared(corpora, results)
    categories = page.split("[start:categories] -->\n")[1].split("\n<!--")[0]
    assert categories.splitlines() == [
        "| model | sst2, accuracy |",
        "| --- | --- |",
        f"| {ACCURACY} | 80.0 ± 10.0 |",
        f"| {NBSVM} | 75.0 |",
    ]
    assert "[start:entities] -->\nNothing is measured yet.\n<!--" in page
    bert, tweets, *_ = page.split("[start:transformers] -->\n")[1].splitlines()[2:]
    assert bert.split(" | ")[1:3] == ["BERT, large", "94.9"]
    assert bert.endswith("| 80.0 ± 10.0 |")
    assert tweets.split(" | ")[1:3] == ["BERTweet", "56.5"]
    assert tweets.endswith("| – |")


def test_published_figures_are_of_corpora_that_are_measured():
    assert {p.corpus for p in PUBLISHED} <= set(EXPERIMENTS)
    assert all(0 < p.score < 100 and p.source for p in PUBLISHED)
