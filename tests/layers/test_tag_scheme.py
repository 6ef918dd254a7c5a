import copy
import pickle
from itertools import pairwise, product

import numpy
import pytest

from spacy_lstm.layers.tag_scheme import TagScheme, is_width, span_tags

from ..crf_reference import SCHEMES, scheme_of

schemes = pytest.mark.parametrize("scheme", SCHEMES)


def all_taggings(n_tokens, labels):
    """Every list of disjoint entities of a document, in order."""
    if n_tokens == 0:
        return [[]]
    found = [
        [(s + 1, e + 1, label) for s, e, label in rest]
        for rest in all_taggings(n_tokens - 1, labels)
    ]
    for length in range(1, n_tokens + 1):
        for label, rest in product(labels, all_taggings(n_tokens - length, labels)):
            shifted = [(s + length, e + length, other) for s, e, other in rest]
            found.append([(0, length, label), *shifted])
    return found


def is_legal(tags, path):
    within = all(tags.transitions[a, b] for a, b in pairwise(path))
    return within and (not path or bool(tags.starts[path[0]] and tags.ends[path[-1]]))


def test_tags_are_in_the_order_of_labels():
    assert TagScheme(["X", "Y"]).tags == (
        *("O", "B-X", "I-X", "L-X", "U-X"),
        *("B-Y", "I-Y", "L-Y", "U-Y"),
    )
    assert TagScheme(["X", "Y"], "BIO").tags == ("O", "B-X", "I-X", "B-Y", "I-Y")
    assert TagScheme([]).tags == ("O",)


@schemes
def test_a_label_more_only_appends(scheme):
    small, large = scheme_of(1, scheme), scheme_of(3, scheme)
    n = len(small)
    assert n == small.n_tags == len(small.tags)
    assert large.tags[:n] == small.tags
    for name in ("transitions", "starts", "ends"):
        old = getattr(large, name)[tuple(slice(n) for _ in getattr(large, name).shape)]
        numpy.testing.assert_array_equal(old, getattr(small, name))
    assert small.tag("I", "X") == large.tag("I", "X") == small.tags.index("I-X")
    assert large.tag("B", "Z") == large.tags.index("B-Z")
    assert large.tag("O", "") == 0


@schemes
def test_legal_paths_are_those_of_entities_and_no_others(scheme):
    tags = scheme_of(2, scheme)
    for n_tokens in range(4):
        spans = all_taggings(n_tokens, tags.labels)
        paths = {tuple(tags.encode(n_tokens, some).tolist()): some for some in spans}
        assert len(paths) == len(spans)
        for path in product(range(len(tags)), repeat=n_tokens):
            assert is_legal(tags, path) == (path in paths)
            if path in paths:
                assert tags.decode(numpy.array(path, dtype="int32")) == paths[path]
            else:
                with pytest.raises(ValueError, match=f"L606.*{scheme}"):
                    tags.decode(numpy.array(path))


def test_what_may_follow_in_bilou():
    tags = TagScheme(["X", "Y"])
    after = {
        name: [tags.tags[i] for i in numpy.flatnonzero(tags.transitions[number])]
        for number, name in enumerate(tags.tags)
    }
    opening = ["O", "B-X", "U-X", "B-Y", "U-Y"]
    assert after["O"] == after["L-X"] == after["U-Y"] == opening
    assert after["B-X"] == after["I-X"] == ["I-X", "L-X"]
    assert not tags.transitions.flags.writeable


def test_encode_and_span_tags():
    tags = TagScheme(["X", "Y"])
    path = tags.encode(7, [(4, 7, "Y"), (0, 1, "X"), (1, 3, "X")])
    assert [tags.tags[tag] for tag in path] == ["U-X", "B-X", "L-X", "O", "B-Y", "I-Y", "L-Y"]
    assert tags.span_tags(3, "Y").tolist() == path[4:].tolist()
    assert span_tags("BIO", 3, 3).tolist() == [3, 4, 4]
    assert path.dtype == "int32"


@schemes
def test_it_is_a_value(scheme):
    tags = scheme_of(2, scheme)
    for same in (pickle.loads(pickle.dumps(tags)), copy.deepcopy(tags), eval(repr(tags))):
        assert same == tags
        assert hash(same) == hash(tags)
        assert same.encode(2, [(0, 2, "Y")]).tolist() == tags.encode(2, [(0, 2, "Y")]).tolist()
    assert tags != scheme_of(1, scheme)
    assert tags != tags.tags
    with pytest.raises(AttributeError, match=r"L603.*'labels'"):
        tags.labels = ("Z",)


def test_widths():
    assert [n for n in range(10) if is_width("BILUO", n)] == [1, 5, 9]
    assert [n for n in range(6) if is_width("BIO", n)] == [1, 3, 5]


def test_errors():
    with pytest.raises(ValueError, match=r"L601.*'IOB'.*BILUO, BIO"):
        TagScheme(["X"], "IOB")
    for wrong in (["X", "X"], [""], "X"):
        with pytest.raises(ValueError, match="L602"):
            TagScheme(wrong)
    tags = TagScheme(["X"], "BIO")
    for prefix, label in (("L", "X"), ("B", "Y"), ("BI", "X"), ("", "X"), ("O", "X")):
        with pytest.raises(ValueError, match="L604.*O, B-X, I-X"):
            tags.tag(prefix, label)
    for spans in ([(0, 0, "X")], [(-1, 1, "X")], [(1, 4, "X")], [(0, 2, "X"), (1, 3, "X")]):
        with pytest.raises(ValueError, match="L605.*'X'.*3 tokens"):
            tags.encode(3, spans)
    for path in ([3], [-1], [0, 2]):
        with pytest.raises(ValueError, match="L606"):
            tags.decode(numpy.array(path))
