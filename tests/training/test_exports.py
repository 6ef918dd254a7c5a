"""Exports of Prodigy, doccano and Label Studio, as these tools write them."""

import json
from collections import Counter

import pytest

from spacy_lstm.training.readers.exports import iter_export_json, iter_export_jsonl
from spacy_lstm.training.readers.records import DataError, Entity

from ..projects import write

TEXT = "Apple hired Ann Lee in Paris."
APPLE, ANN, PARIS = Entity(0, 5, "ORG"), Entity(12, 19, "PERSON"), Entity(23, 28, "GPE")


def read(tmp_path, *rows, **settings):
    """Read rows, both as lines and as an array."""
    lines = write(tmp_path / "a.jsonl", "\n".join(json.dumps(row) for row in rows))
    array = write(tmp_path / "a.json", json.dumps(rows, indent=1))
    records = [record for record, _ in iter_export_jsonl(lines, **settings)]
    again = list(iter_export_json(array, **settings))
    assert [r._replace(where="") for r in again] == [r._replace(where="") for r in records]
    return records


def fails(tmp_path, code, *rows):
    """Get the message, which must name the line of the last row."""
    path = write(tmp_path / "a.jsonl", "\n".join(json.dumps(row) for row in rows))
    with pytest.raises(DataError, match=rf"^\[{code}\]") as info:
        list(iter_export_jsonl(path))
    assert f"{path}, line {len(rows)}: " in str(info.value)
    return str(info.value)


def test_prodigy_names(tmp_path):
    spans = [
        {"start": 12, "end": 19, "token_start": 2, "token_end": 3, "label": "PERSON"},
        {"start": 0, "end": 5, "token_start": 0, "token_end": 0, "label": "ORG"},
    ]
    tokens = [{"text": "Apple", "start": 0, "end": 5, "id": 0, "ws": True}]
    row = {
        "text": TEXT,
        "_input_hash": 1,
        "_task_hash": 2,
        "_view_id": "ner_manual",
        "tokens": tokens,
    }
    skipped = Counter()
    records = read(
        tmp_path,
        {**row, "spans": spans, "answer": "accept"},
        {**row, "answer": "accept"},
        {**row, "spans": spans, "answer": "reject"},
        {**row, "spans": spans, "answer": "ignore"},
        {"text": TEXT, "spans": spans},  # without an answer, as others write the format
        skipped=skipped,
    )
    assert [(r.text, r.cats, r.ents, r.words) for r in records] == [
        (TEXT, {}, (APPLE, ANN), None),
        (TEXT, {}, (), None),
        (TEXT, {}, (APPLE, ANN), None),
    ]
    assert skipped == {"rejected": 2, "ignored": 2}  # once as lines, once as an array
    assert "ner.manual" in fails(tmp_path, "L379", {**row, "_view_id": "ner", "spans": spans[:1]})


def test_prodigy_categories(tmp_path):
    pattern = [{"start": 0, "end": 5, "text": "Apple", "pattern": 7}]
    row = {"text": TEXT, "meta": {"score": 0.5}, "label": "TECH", "spans": pattern}
    records = read(
        tmp_path,
        {**row, "answer": "accept"},
        {**row, "spans": [], "answer": "reject"},
        {**row, "answer": "ignore"},
    )
    assert [(r.cats, r.ents) for r in records] == [({"TECH": 1.0}, None), ({"TECH": 0.0}, None)]
    both = [{"start": 0, "end": 5, "label": "ORG"}]
    [record] = read(tmp_path, {**row, "spans": both, "answer": "accept"})
    assert (record.cats, record.ents) == ({"TECH": 1.0}, (APPLE,))
    message = fails(tmp_path, "L380", {**row, "answer": "accept"}, {**row, "answer": "yes"})
    assert "'answer' must be" in message


def test_prodigy_choices(tmp_path):
    options = [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}, {"id": 3, "text": "C"}]
    row = {"text": TEXT, "options": options, "config": {"choice_style": "multiple"}}
    skipped = Counter()
    records = read(
        tmp_path,
        {**row, "accept": ["b", 3], "answer": "accept"},
        {**row, "accept": [], "answer": "accept"},
        {**row, "accept": ["a"], "answer": "reject"},
        skipped=skipped,
    )
    assert [(r.cats, r.ents) for r in records] == [
        ({"a": 0.0, "b": 1.0, "3": 1.0}, None),
        ({"a": 0.0, "b": 0.0, "3": 0.0}, None),
    ]
    assert skipped == {"rejected": 2}
    [record] = read(tmp_path, {"text": TEXT, "accept": []})
    assert (record.cats, record.ents) == ({}, None)
    message = fails(tmp_path, "L380", {**row, "accept": ["d"], "answer": "accept"})
    assert '"d"' in message
    fails(tmp_path, "L380", {**row, "accept": "a", "answer": "accept"})
    fails(tmp_path, "L380", {**row, "options": [1], "accept": [], "answer": "accept"})


@pytest.mark.parametrize("field", ["label", "labels"])
def test_doccano_names(tmp_path, field):
    records = read(
        tmp_path,
        {"id": 1, "text": TEXT, field: [], "Comments": []},
        {"id": 2, "text": TEXT, field: [[23, 28, "GPE"], [0, 5, "ORG"]], "Comments": []},
    )
    assert [(r.cats, r.ents) for r in records] == [({}, ()), ({}, (APPLE, PARIS))]


def test_doccano_entities(tmp_path):
    entities = [{"id": 8, "label": "GPE", "start_offset": 23, "end_offset": 28}]
    row = {"id": 1, "text": TEXT, "relations": [], "Comments": []}
    records = read(
        tmp_path,
        {**row, "entities": entities},
        {**row, "entities": []},
        {**row, "entities": [[0, 5, "ORG"]], "label": "tech"},
        {**row, "entities": [], "cats": {"tech": 0.5}},
    )
    assert [(r.cats, r.ents) for r in records] == [
        ({}, (PARIS,)),
        ({}, ()),
        ({"tech": 1.0}, (APPLE,)),
        ({"tech": 0.5}, ()),
    ]


def test_doccano_categories(tmp_path):
    records = read(
        tmp_path,
        {"id": 1, "data": TEXT, "label": ["tech", "jobs "]},
        {"id": 2, "data": TEXT, "label": []},
        text_column="data",
    )
    assert [(r.cats, r.ents) for r in records] == [({"tech": 1.0, "jobs": 1.0}, None), ({}, None)]
    fails(tmp_path, "L380", {"text": TEXT, "label": ["a", [0, 5, "ORG"]]})
    fails(tmp_path, "L380", {"text": TEXT, "label": [0, 5, "ORG"]})
    fails(tmp_path, "L377", {"text": TEXT, "label": [[0, 5, "ORG"], "a"]})


def task(*results, **annotation):
    return {
        "id": 1,
        "data": {"text": TEXT},
        "annotations": [
            {"id": 11, "completed_by": 1, "was_cancelled": False, "ground_truth": False}
            | {"result": list(results), **annotation}
        ],
        "predictions": [{"result": [label(0, 29, "WRONG")]}],
        "project": 3,
    }


def label(start, end, name):
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [name]}
    return {
        "id": "x",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": value,
        "origin": "manual",
    }


def choice(*names):
    return {
        "from_name": "sentiment",
        "to_name": "text",
        "type": "choices",
        "value": {"choices": list(names)},
    }


def test_label_studio(tmp_path):
    skipped = Counter()
    records = read(
        tmp_path,
        task(choice("Positive"), {"type": "rating", "value": {"rating": 3}}),
        task(label(23, 29, "GPE"), label(0, 6, "ORG"), choice("a", "b")),
        task(choice("Negative"), was_cancelled=True),
        {**task(), "annotations": []},
        skipped=skipped,
    )
    assert [(r.text, r.cats, r.ents) for r in records] == [
        (TEXT, {"Positive": 1.0}, ()),
        (TEXT, {"a": 1.0, "b": 1.0}, (APPLE, Entity(23, 29, "GPE"))),
    ]
    assert skipped == {"cancelled": 2, "not annotated": 2}
    [record] = read(tmp_path, task(choice("Positive")))
    assert record.ents is None
    [record] = read(tmp_path, {"data": {"text": TEXT}, "completions": [{"result": [choice("a")]}]})
    assert record.cats == {"a": 1.0}
    fails(tmp_path, "L380", task({**label(0, 5, "ORG"), "type": "hypertextlabels"}))
    fails(tmp_path, "L380", task({**label(0, 5, "ORG"), "value": 3}))
    fails(tmp_path, "L380", {**task(), "annotations": "x"})


def test_label_studio_with_several_annotators(tmp_path):
    one, other = task(choice("a")), task(choice("b"), ground_truth=True)
    both = {**one, "annotations": one["annotations"] + other["annotations"]}
    [record] = read(tmp_path, both)
    assert record.cats == {"b": 1.0}
    [record] = read(tmp_path, {**one, "annotations": one["annotations"] * 2})
    assert record.cats == {"a": 1.0}
    different = {**one, "annotations": one["annotations"] + task(choice("b"))["annotations"]}
    assert "2 annotations" in fails(tmp_path, "L378", one, different)


def test_label_studio_json_min(tmp_path):
    row = {"id": 1, "text": TEXT, "annotator": 1, "annotation_id": 2, "lead_time": 3.5}
    span = {"start": 12, "end": 19, "text": "Ann Lee", "labels": ["PERSON"]}
    records = read(
        tmp_path,
        {**row, "sentiment": "Positive"},
        {**row, "sentiment": {"choices": ["a", "b"]}, "label": [span]},
    )
    assert [(r.cats, r.ents) for r in records] == [
        ({"Positive": 1.0}, ()),
        ({"a": 1.0, "b": 1.0}, (ANN,)),
    ]
    [record] = read(tmp_path, {**row, "tone": "Positive", "label": "x"}, label_column="tone")
    assert (record.cats, record.ents) == ({"Positive": 1.0}, None)
    fails(tmp_path, "L380", {**row, "sentiment": 4})
    fails(tmp_path, "L377", {**row, "label": [{**span, "labels": ["PERSON", "ORG"]}]})


def test_rows_of_no_tool(tmp_path):
    records = read(
        tmp_path,
        {"text": TEXT, "label": "a|b"},
        {"text": TEXT, "cats": {"c": 0.25}},
        label_separator="|",
    )
    assert [r.cats for r in records] == [{"a": 1.0, "b": 1.0}, {"c": 0.25}]
    fails(tmp_path, "L308", {"text": TEXT, "label": "a"}, {"text": TEXT})


@pytest.mark.parametrize(
    ("span", "code", "part"),
    [
        ([23, 30, "GPE"], "L373", "29 characters"),
        ([-6, 5, "GPE"], "L373", "-6"),
        ([5, 0, "GPE"], "L373", "5 to 0"),
        ([10**30, 10**31, "GPE"], "L373", f"{10**30} to {10**31}"),
        ([5, 5, "GPE"], "L374", "5 to 5"),
        ([5, 6, "GPE"], "L374", "whitespace"),
        ({"start": 0, "end": 5, "label": "ORG", "text": "Apples"}, "L375", "'Apples'"),
        ([13, 16, "GPE"], "L376", "'Ann Lee' (PERSON)"),
        ([12, 19, "GPE"], "L376", "(GPE)"),
        ([0, 5], "L377", "[0, 5]"),
        ([0, 5.0, "GPE"], "L377", "5.0"),
        ([False, True, "GPE"], "L377", "false"),
        ([0, 5, " "], "L377", '" "'),
        ({"start": 0, "end": 5}, "L377", "`start`"),
        ({"start": 0, "end": 5, "labels": []}, "L377", "[]"),
        ([0, 5, 6], "L377", "6"),
        (None, "L377", "null"),
    ],
)
def test_bad_names(tmp_path, span, code, part):
    good = [12, 19, "PERSON"]
    message = fails(
        tmp_path, code, {"text": TEXT, "label": [good]}, {"text": TEXT, "label": [good, span]}
    )
    assert part in message


def test_untidy_names(tmp_path):
    row = {"text": "  Ann\n Lee, Bo ", "label": [[11, 15, "B"], [1, 10, " A "], [2, 10, "A"]]}
    [record] = read(tmp_path, row)
    assert record.text == "Ann\n Lee, Bo"
    assert [(record.text[e.start : e.end], e.label) for e in record.ents] == [
        ("Ann\n Lee", "A"),
        ("Bo", "B"),
    ]
    # Tools show a line break as a space.
    span = {"start": 2, "end": 10, "text": "Ann  Lee", "label": "A"}
    [record] = read(tmp_path, {"text": row["text"], "spans": [span]})
    assert record.ents == (Entity(0, 8, "A"),)


@pytest.mark.parametrize(
    ("content", "line", "part"),
    [
        ('\n{"text": "a"}', 2, "begin with ["),
        ("", 1, "begin with ["),
        ('[\n{"text": "a", "label": "x"}\n{}]', 3, "neither , nor ]"),
        ('[\n{"text": "a", "label": "x"},\n]', 3, "Expecting value"),
        ('[\n{"text": "a", "label": "x"},\n\n7]', 4, "it is 7"),
        ('[\n{"text": "a", "label": "x"}\n]\n]', 4, "more after the end"),
        ('[\n{"text": "a", "label": "x"},\n{"text": "b}]', 3, "Unterminated string"),
        ("[\n" + "[" * 100_000, 2, "nested too deeply"),
        ('[\n{"text": "a",\n "n": NaN}]', 2, "NaN"),
    ],
)
def test_bad_arrays(tmp_path, content, line, part):
    path = write(tmp_path / "a.json", content)
    with pytest.raises(DataError, match=r"^\[L381\]") as info:
        list(iter_export_json(path))
    assert f"{path}, line {line}: " in str(info.value)
    assert part in str(info.value)


def test_arrays(tmp_path):
    assert list(iter_export_json(write(tmp_path / "a.json", " [ ]\n"))) == []
    path = write(
        tmp_path / "a.json",
        '\ufeff[{"text": "a", "label": "x"},\r\n {"text":\n"b", "label": "x"}, {"text": "c",'
        '\n"label": "y"}]',
    )
    records = list(iter_export_json(path))
    assert [(r.text, r.where) for r in records] == [
        ("a", f"{path}, line 1"),
        ("b", f"{path}, line 2"),
        ("c", f"{path}, line 3"),
    ]


def test_go_on_within_an_export(tmp_path):
    rows = [{"text": TEXT, "label": []}, {"text": TEXT, "answer": "ignore"}] * 2
    rows.append({"text": TEXT, "label": [[0, 5, "ORG"]]})
    path = write(tmp_path / "a.jsonl", "\n".join(json.dumps(row) for row in rows))
    whole = list(iter_export_jsonl(path))
    assert [r.ents for r, _ in whole] == [(), (), (APPLE,)]
    for i, (_, after) in enumerate(whole, start=1):
        assert list(iter_export_jsonl(path, start=after)) == whole[i:]
