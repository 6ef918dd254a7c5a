"""Ways in which the files of a component come to harm: by accident, or by somebody who knows the
format and writes a new checksum."""

import json
import random
import struct
from typing import Any, Callable, Dict, List

import numpy
import srsly

from spacy_lstm.files.manifest import dump_manifest

#: The content of each file of a component.
Files = Dict[str, bytes]
Random = random.Random


# Accidents: the checksum stays what it was.


def flip_bits(files: Files, rng: Random) -> None:
    name = _any_name(files, rng)
    data = bytearray(files[name])
    for _ in range(rng.choice([1, 1, 1, 2, 8])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    files[name] = bytes(data)


def truncate(files: Files, rng: Random) -> None:
    name = _any_name(files, rng)
    files[name] = files[name][: rng.randrange(len(files[name]))]


def extend(files: Files, rng: Random) -> None:
    name = _any_name(files, rng)
    n = rng.choice([1, 7, 100])
    files[name] += rng.choice([bytes(n), rng.randbytes(n), files[name][:n], b" " * n])


def zero_block(files: Files, rng: Random) -> None:
    name = _any_name(files, rng)
    data = bytearray(files[name])
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.choice([4, 64, 4096]))
    data[start:end] = bytes(end - start)
    files[name] = bytes(data)


def swap_blocks(files: Files, rng: Random) -> None:
    name = _any_name(files, rng)
    middle = rng.randrange(len(files[name]))
    files[name] = files[name][middle:] + files[name][:middle]


def remove(files: Files, rng: Random) -> None:
    del files[_any_name(files, rng)]


def edit_manifest(files: Files, rng: Random) -> None:
    found = json.loads(files["format.json"])
    where = rng.choice([found, found["files"], *found["files"].values()])
    key = rng.choice(list(where))
    if rng.random() < 0.3:
        del where[key]
    else:
        where[key] = _any_value(rng)
    files["format.json"] = json.dumps(found).encode()


ACCIDENTS: List[Callable[[Files, Random], None]] = [
    flip_bits,
    flip_bits,
    truncate,
    extend,
    zero_block,
    swap_blocks,
    remove,
    edit_manifest,
]


# Malice: the checksum is right again.


def edit_cfg(files: Files, rng: Random) -> None:
    cfg = json.loads(files["cfg"])
    cfg[rng.choice([*cfg, "labels", "temperature", "threshold"])] = _any_value(rng)
    files["cfg"] = json.dumps(cfg).encode()


def bomb_cfg(files: Files, rng: Random) -> None:
    deep = 10 ** rng.choice([3, 5])
    files["cfg"] = rng.choice(
        [
            b"[" * deep,
            b'{"labels":' * deep + b"[]" + b"}" * deep,
            b'{"labels": [' + b'"a",' * deep + b'"b"]}',
            b'{"temperature": ' + b"9" * deep + b"}",
            b'{"temperature": NaN}',
            b'{"temperature": 1e999}',
            b"null",
            b"\xff\xfe",
            b'{"labels": "' + b"\\u0000" * 1000 + b'"}',
        ]
    )


def edit_message(files: Files, rng: Random) -> None:
    """Change something anywhere in what thinc reads."""
    message = srsly.msgpack_loads(files["model"])
    places = _places(message)
    for _ in range(rng.choice([1, 1, 2])):
        where, key = rng.choice(places)
        action = rng.random()
        if action < 0.2 and isinstance(where, dict):
            where.pop(key, None)
        elif action < 0.3 and isinstance(where, list):
            where.append(_any_value(rng))
        else:
            where[key] = _changed(where[key], rng) if _has(where, key) else _any_value(rng)
    files["model"] = srsly.msgpack_dumps(message)


def edit_shapes(files: Files, rng: Random) -> None:
    """Give a layer another size, in its dimensions and weights alike."""
    message = srsly.msgpack_loads(files["model"])
    i = rng.randrange(len(message["nodes"]))
    dims, params = message["nodes"][i]["dims"], message["params"][i]
    for name in dims:
        old, new = dims[name], rng.choice([0, 1, 3, 8, 1000, 2**40])
        dims[name] = new
        for key, value in params.items():
            if value is not None and old in value.shape and new <= 1000:
                shape = [new if size == old else size for size in value.shape]
                params[key] = numpy.zeros(shape, dtype="float32")
    files["model"] = srsly.msgpack_dumps(message)


def edit_weights(files: Files, rng: Random) -> None:
    message = srsly.msgpack_loads(files["model"])
    full = [params for params in message["params"] if any(p is not None for p in params.values())]
    if full:
        params = rng.choice(full)
        name = rng.choice([name for name, value in params.items() if value is not None])
        params[name] = _changed(params[name], rng)
    files["model"] = srsly.msgpack_dumps(message)


def lie_about_lengths(files: Files, rng: Random) -> None:
    """Announce more than there is: lists, dicts, texts and binary data of up to 2³² items."""
    data = bytearray(files["model"])
    place = rng.randrange(min(len(data), 3000))
    header = bytes([rng.choice([0xDD, 0xDF, 0xDB, 0xC6, 0xC9])])
    huge = struct.pack(">I", rng.choice([2**32 - 1, 2**31, 2**20]))
    data[place : place + rng.choice([0, 5])] = header + huge
    files["model"] = bytes(data)


def nest(files: Files, rng: Random) -> None:
    deep = 10 ** rng.choice([2, 3, 6])
    header = rng.choice([b"\x91", b"\x81\xa1a", b"\xdd\x00\x00\xff\xff"])
    files["model"] = rng.choice([b"", b"\x84\xa5nodes"]) + header * min(deep, 10**6 // len(header))


def flip_and_sign(files: Files, rng: Random) -> None:
    flip_bits(files, rng)


def replace_model(files: Files, rng: Random) -> None:
    files["model"] = rng.choice(
        [b"", b"\xc0", b"\x80", rng.randbytes(200), srsly.msgpack_dumps({"nodes": []})]
    )


MALICE: List[Callable[[Files, Random], None]] = [
    edit_cfg,
    bomb_cfg,
    edit_message,
    edit_message,
    edit_message,
    edit_shapes,
    edit_weights,
    lie_about_lengths,
    nest,
    flip_and_sign,
    replace_model,
]


def sign(kind: str, files: Files) -> None:
    """Write the manifest anew."""
    rest = {name: data for name, data in files.items() if name != "format.json"}
    files["format.json"] = dump_manifest(kind, rest)


def _any_name(files: Files, rng: Random) -> str:
    return rng.choice([name for name, data in files.items() if data])


def _any_value(rng: Random) -> Any:
    return rng.choice(
        [None, True, 0, -1, 2**63, 1.5, float("inf"), "", "x" * 1000, [], [[]], {}, {"a": 1}, ["a"]]
    )


def _places(value: Any) -> List[Any]:
    found = []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inside in items:
        found.append((value, key))
        if isinstance(inside, (dict, list)):
            found.extend(_places(inside))
    return found


def _has(where: Any, key: Any) -> bool:
    return key in where if isinstance(where, dict) else key < len(where)


def _changed(value: Any, rng: Random) -> Any:
    if isinstance(value, numpy.ndarray):
        strange = value.astype("float32").copy()
        if strange.size:
            strange.reshape(-1)[rng.randrange(strange.size)] = rng.choice(
                [numpy.nan, numpy.inf, 1e30, 0.0]
            )
        return rng.choice(
            [
                strange,
                strange,
                value[..., :-1],
                value.reshape(-1),
                value.T,
                value.astype("float64"),
                value.astype("int32"),
                value.astype("complex64"),
                numpy.zeros(3, dtype=[("a", "f4")]),
                numpy.zeros((0, 5), dtype="float32"),
                {b"nd": True, b"type": "|O", b"kind": b"", b"shape": [1], b"data": b"12345678"},
                {b"nd": True, b"type": "<f4", b"kind": b"", b"shape": [2**40, 2**40], b"data": b""},
                {b"nd": True, b"type": "<f4", b"kind": b"", b"shape": [-1], b"data": bytes(8)},
                {b"nd": True, b"type": [["a", "<f4"]], b"kind": b"V", b"shape": [1], b"data": b"0"},
            ]
        )
    if isinstance(value, bytes):
        return rng.choice([b"", b"\xc1", b"\xdd\xff\xff\xff\xff", srsly.msgpack_dumps(2**40)])
    return _any_value(rng)
