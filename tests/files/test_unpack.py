import struct

import numpy
import pytest
import srsly

from spacy_lstm.files.unpack import HEAD, UnreadableError, read_json, unpack, unpack_first


def test_reads_what_srsly_packs():
    content = {
        "W": numpy.arange(6, dtype="float32").reshape(2, 3),
        "keys": numpy.array([1, 2**64 - 1], dtype="uint64"),
        "one": numpy.float32(0.5),
        "none": None,
        "more": [1, "x", b"y", {"z": 2.5}],
    }
    found = unpack(srsly.msgpack_dumps(content))
    for name in ("W", "keys"):
        array = found.pop(name)
        assert array.dtype == content[name].dtype
        numpy.testing.assert_array_equal(array, content.pop(name))
    assert found == content


def packed_array(**changes):
    array = {"nd": True, "type": "<f4", "kind": b"", "shape": [2], "data": bytes(8), **changes}
    return srsly.msgpack_dumps({key.encode(): value for key, value in array.items()})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "|O"}, "unknown type"),
        ({"type": "<U2"}, "unknown type"),
        ({"type": [["a", "<f4"]]}, "unknown type"),
        ({"data": "text"}, "unknown type"),
        ({"shape": [3]}, "other than the values"),
        ({"shape": [2**40, 2**40]}, "other than the values"),
        ({"shape": [-2]}, "impossible shape"),
        ({"shape": [True, 2]}, "impossible shape"),
        ({"shape": [1] * 9}, "impossible shape"),
        ({"shape": 2}, "impossible shape"),
    ],
)
def test_refuses_impossible_arrays(changes, message):
    assert unpack(packed_array()).shape == (2,)
    with pytest.raises(UnreadableError, match=message):
        unpack(packed_array(**changes))


HUGE = struct.pack(">I", 2**32 - 1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x92\x01",  # a list of two, with one
        b"\x01\x01",  # more than one message
        b"\x91" * 5000,  # nested
        b"\xdd" + HUGE,  # a list
        b"\xdf" + HUGE,  # a dict
        b"\xdb" + HUGE,  # a text
        b"\xc6" + HUGE,  # binary data
        b"\xc9" + HUGE + b"\x01",  # an extension
        b"\xd4\x05x",  # a small extension
        b"\xa1\xff",  # no UTF-8
        b"\x82\xa1a\x01\xa1a\x02",  # a key twice
        b"\x81\x91\x01\x02",  # a list as a key
        b"\x81\x01\x02",  # a number as a key
    ],
)
def test_refuses_other_messages(data):
    with pytest.raises(UnreadableError):
        unpack(data)


def test_reads_the_first_entry_from_the_head_alone():
    data = srsly.msgpack_dumps({"nodes": [{"a": 1}], "params": b"x" * 2 * HEAD})
    assert unpack_first(data[:HEAD], "nodes")[0] == [{"a": 1}]
    for head, key in ((data[:9], "nodes"), (data, "params"), (b"", "nodes"), (b"\x80", "nodes")):
        with pytest.raises(UnreadableError):
            unpack_first(head[:HEAD], key)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\xff"}',
        b"[" * 10**6,
        b'{"a": ' + b"9" * 10**5 + b"}",
    ],
)
def test_refuses_other_json(data):
    assert read_json(b'{"a": [1]}') == {"a": [1]}
    with pytest.raises(UnreadableError):
        read_json(data)
