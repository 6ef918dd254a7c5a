"""Good samples of every format of annotated texts, and what may happen to a file on its way."""

import json
import random

TEXT = "Ann Lee flew to São Paulo 😀 on Monday."
SPANS = [{"start": 0, "end": 7, "label": "PER"}, {"start": 16, "end": 25, "label": "LOC"}]


def _lines(*rows):
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"


def _task(result):
    return {"id": 1, "data": {"text": TEXT}, "annotations": [{"id": 2, "result": result}]}


_RESULTS = [
    {"type": "labels", "value": {"start": 0, "end": 7, "text": "Ann Lee", "labels": ["PER"]}},
    {"type": "choices", "value": {"choices": ["travel", "news"]}},
]

SAMPLES = {
    "table.csv": f'text,label,more\n"{TEXT}",a,1\n"It ""is""\n\nfine, no?",b,2\nNo way,a|b,3\n',
    "table.tsv": f'label\ttext\na\t{TEXT}\nb\t"Two\n\nlines"\nc\tNo way\n',
    "table.jsonl": _lines(
        {"text": TEXT, "label": "a"},
        {"text": " b\u2028c ", "cats": {"a": 1, "b": 0.5}},
        {"text": "d", "label": 3},
    ),
    "prodigy.jsonl": _lines(
        {"text": TEXT, "spans": SPANS, "_view_id": "ner_manual", "answer": "accept"},
        {"text": TEXT, "label": "travel", "spans": [], "answer": "reject"},
        {"text": "b", "options": [{"id": "x"}, {"id": "y"}], "accept": ["x"], "answer": "accept"},
        {"text": "c", "label": "travel", "answer": "ignore"},
    ),
    "doccano.jsonl": _lines(
        {"id": 1, "text": TEXT, "label": [[0, 7, "PER"], [15, 26, "LOC"]]},
        {"id": 2, "text": TEXT, "entities": [{"start_offset": 0, "end_offset": 3, "label": "PER"}]},
        {"id": 3, "text": "b", "labels": ["news", "travel"]},
    ),
    "studio.json": json.dumps([_task(_RESULTS), _task(_RESULTS[:1]), _task([])], indent=1),
    "min.json": _lines(
        [
            {"id": 1, "text": TEXT, "annotator": 1, "sentiment": "good"},
            {"text": TEXT, "annotation_id": 1, "label": [_RESULTS[0]["value"]]},
        ]
    ),
    "iob.conll": "-DOCSTART-\tO\n\nAnn\tB-PER\nLee\tI-PER\nflew\tO\n\n# id 5\nto\tO\nRio\tB-LOC\n",
    "biluo.iob": "1 Ann NNP B-PER\n2 Lee NNP L-PER\n3 ran VBD O\n\n1 Rio NNP U-LOC\n2 is VBZ O\n",
    "folder/pos/1.txt": "Good, or\nnot?\n",
}

VALUES = (
    None, True, False, 0, -1, 3, 7, 39, 40, 10**18, -(10**30), 0.5, 1e308, "", " ", "\u2003", "é",
    "accept", "\0", [], {}, [[]], [None], [1, 2], [0, 3, "X"], {"start": 0, "end": 3},
    {"choices": 1}, {"a": 2}, {"": 1},
)  # fmt: skip
PIECES = (
    b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b'"', b'""', b"\r", b"\r\n", b"\n", b"\n\n", b"\t",
    b",", b" ", b"\\", b"\\ud800", b"\\u0000", b"{", b"}", b"[", b"]", b":", b"#", b"# id 1\n",
    b"NaN", b"Infinity", b"-1e999", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"\xef\xbb\xbf",
    "\u2028".encode(), "\u00a0".encode(), b"O", b"B-", b"B-X", b"I-X", b"L-PER", b"U-", b"-",
    b"-DOCSTART-", b"-DOCSTART- O\n", b'"text": "x", ', b"x" * 140_000,
)  # fmt: skip


def mutate(rng: random.Random, content: bytes) -> bytes:
    """Damage a file at one to three places."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        content = rng.choice(_MUTATIONS)(rng, content)
    return content


def _insert(rng, content):
    place = rng.randint(0, len(content))
    return content[:place] + rng.choice(PIECES) + content[place:]


def _replace(rng, content):
    place = rng.randint(0, len(content))
    return content[:place] + rng.choice(PIECES) + content[place + rng.randint(1, 6) :]


def _truncate(rng, content):
    return content[: rng.randint(0, len(content))]


def _delete(rng, content):
    place = rng.randint(0, len(content))
    return content[:place] + content[place + rng.randint(1, 20) :]


def _flip(rng, content):
    if not content:
        return content
    place = rng.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]


def _cells(rng, content):
    """Delete, double or swap cells, or lines."""
    separator = rng.choice([b"\n", b"\t", b",", b" ", b'"', b"-"])
    cells = content.split(separator)
    i, j = rng.randrange(len(cells)), rng.randrange(len(cells))
    action = rng.randrange(3)
    if action == 0:
        del cells[i]
    elif action == 1:
        cells.insert(i, cells[j])
    else:
        cells[i], cells[j] = cells[j], cells[i]
    return separator.join(cells)


def _encode(rng, content):
    text = content.decode("utf8", "replace")
    return text.encode(rng.choice(["utf-16", "utf-16-le", "latin-1", "utf-8-sig"]), "replace")


def _line_ends(rng, content):
    parts = content.split(b"\n")
    return b"".join(part + rng.choice([b"\n", b"\r\n", b"\r"]) for part in parts)


def _json_value(rng, content):
    """Put another value, or another field, somewhere into one of the objects of a JSON file."""
    try:
        lines = content.decode("utf8").split("\n")
        whole = content.lstrip().startswith(b"[")
        i = rng.randrange(len(lines))
        tree = json.loads(content if whole else lines[i])
    except (ValueError, RecursionError):
        return _insert(rng, content)
    places = list(_places(tree))
    if not places:
        return content
    holder, key = rng.choice(places)
    other, other_key = rng.choice(places)
    action = rng.randrange(4)
    if action == 0:
        del holder[key]
    elif action == 1:
        holder[key] = json.loads(json.dumps(other[other_key]))
    else:
        holder[key] = rng.choice(VALUES)
    if whole:
        return json.dumps(tree, indent=rng.choice([None, 1])).encode()
    lines[i] = json.dumps(tree, ensure_ascii=rng.random() < 0.5)
    return "\n".join(lines).encode("utf8", "surrogatepass")


def _places(tree):
    pairs = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree if isinstance(tree, list) else ())
    )
    for key, value in list(pairs):
        yield tree, key
        if isinstance(value, (dict, list)):
            yield from _places(value)


_MUTATIONS = (
    _insert, _replace, _truncate, _delete, _flip, _flip, _cells, _cells, _encode, _line_ends,
    _json_value, _json_value, _json_value, _json_value,
)  # fmt: skip
