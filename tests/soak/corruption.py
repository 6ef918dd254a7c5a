"""Load thousands of harmed files, and count what comes of it.

    python -m tests.soak.corruption 2000

Files of which nobody wrote a new checksum must be refused with a coded error, or give the very
predictions that they gave before. Where somebody did, a file may be another model that is complete
and works. In no case may there be another exception, a wait, or a component that is half loaded.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Tuple

import spacy
import srsly
from spacy.language import Language

from spacy_lstm.pipeline.nltk_tokenizer import KIND
from tests.fixtures.saved import COMPONENTS, FOLDER, build, predictions

from .damage import ACCIDENTS, MALICE, Files, sign

#: From how many seconds on loading counts as hanging.
PATIENCE = 10.0
#: How much address space a run may take beyond what it starts with.
ROOM = 1 << 30
#: What may come of a file. All others are failures.
GOOD = ("refused", "same predictions", "another model")
TOKENIZER = "tokenizer"


class Variant(NamedTuple):
    """A harmed component.

    name (str): The component.
    kind (str): What was done to it.
    files (Dict[str, bytes]): The content of its files.
    is_signed (bool): Whether the checksum is right.
    """

    name: str
    kind: str
    files: Files
    is_signed: bool


class Corruption:
    """A pipeline, and harm done to its files."""

    def __init__(self, seed: int = 0) -> None:
        self.nlp = spacy.load(FOLDER / "format_1")
        self.expected = predictions(self.nlp)
        self._rng = random.Random(seed)
        other = build(seed=1)
        names = [*COMPONENTS, TOKENIZER]
        self._runs = [{name: files_of(nlp, name) for name in names} for nlp in (self.nlp, other)]
        self.failures: List[str] = []

    def variants(self, n: int) -> List[Variant]:
        """RETURNS: So many harmed components."""
        return [self._variant() for _ in range(n)]

    def _variant(self) -> Variant:
        rng = self._rng
        name = rng.choice(list(self._runs[0]))
        files = dict(self._runs[0][name])
        kind = rng.random()
        if kind < 0.1:
            return Variant(name, "swap", self._swap(name, files), False)
        if kind < 0.55:
            harm = rng.choice(ACCIDENTS)
            harm(files, rng)
            return Variant(name, harm.__name__, files, False)
        harms = [harm for harm in MALICE if "model" in files or harm.__name__.endswith("_cfg")]
        harm = rng.choice(harms)
        harm(files, rng)
        sign(class_of(self.nlp, name), files)
        return Variant(name, harm.__name__, files, True)

    def _swap(self, name: str, files: Files) -> Files:
        """A file of another component, or of another run."""
        others = [run[other] for run in self._runs for other in run if other != name]
        source = self._rng.choice([*others, self._runs[1][name]])
        swapped = self._rng.choice(list(source))
        return {**files, swapped: source[swapped]}

    def try_one(self, variant: Variant, folder: Path) -> str:
        """Load a variant, from the folder or as bytes. RETURNS: What comes of it."""
        pipe = component(self.nlp, variant.name)
        before = state(pipe)
        start = time.monotonic()
        try:
            if self._rng.random() < 0.5:
                for name, data in variant.files.items():
                    (folder / name).write_bytes(data)
                pipe.from_disk(folder, exclude=["vocab"])
            else:
                pipe.from_bytes(srsly.msgpack_dumps(variant.files), exclude=["vocab"])
            result = self._compare(variant)
        except ValueError as err:
            if not str(err).startswith("[L"):
                return f"uncoded: {err!r}"[:200]
            if state(pipe) != before:
                return "half loaded"
            result = "refused"
        except Exception as err:  # this is what is looked for
            return f"uncoded: {err!r}"[:200]
        finally:
            for path in folder.iterdir():
                path.unlink()
            # What was loaded may have left its traces: attributes, weights.
            self._restore(variant.name, before)
        return "hangs" if time.monotonic() - start > PATIENCE else result

    def _restore(self, name: str, before: Any) -> None:
        pipe = component(self.nlp, name)
        if state(pipe) != before:
            if name != TOKENIZER:
                pipe.cfg.clear()
            pipe.from_bytes(srsly.msgpack_dumps(self._runs[0][name]), exclude=["vocab"])

    def _compare(self, variant: Variant) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # huge weights overflow
            found = predictions(self.nlp)
            self.nlp("Ann liked it.")
        if found == self.expected:
            return "same predictions"
        return "another model" if variant.is_signed else "changed predictions"


def component(nlp: Language, name: str) -> Any:
    """RETURNS: A component, or the tokenizer."""
    return nlp.tokenizer if name == TOKENIZER else nlp.get_pipe(name)


def state(pipe: Any) -> Any:
    """RETURNS: All that loading may change of a component: cheaper to get than its bytes."""
    if not hasattr(pipe, "model"):
        return pipe.settings
    nodes = [
        (
            node.name,
            {name: node.maybe_get_dim(name) for name in node.dim_names},
            repr(node.attrs),
            node.attrs["keys"].tobytes() if "keys" in node.attrs else None,
            {
                n: node.get_param(n).tobytes() if node.has_param(n) else None
                for n in node.param_names
            },
            {
                name: id(node.get_ref(name)) if node.has_ref(name) else None
                for name in node.ref_names
            },
        )
        for node in pipe.model.walk()
    ]
    return nodes, repr(pipe.cfg)


def class_of(nlp: Language, name: str) -> str:
    """RETURNS: What its files say that it is."""
    return KIND if name == TOKENIZER else nlp.get_pipe(name).kind


def files_of(nlp: Language, name: str) -> Files:
    """RETURNS: The content of each file of a component."""
    content = srsly.msgpack_loads(component(nlp, name).to_bytes(exclude=["vocab"]))
    return {key: c.encode() if isinstance(c, str) else c for key, c in content.items()}


def count(n: int, seed: int = 0) -> Tuple[Dict[str, int], List[str]]:
    """Load so many harmed files.

    RETURNS: How often each thing came of them, and what to look at of the failures.
    """
    corruption = Corruption(seed)
    counts: Counter = Counter()
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for variant in corruption.variants(n):
            result = corruption.try_one(variant, Path(folder))
            counts[result.split(":")[0]] += 1
            if result not in GOOD:
                failures.append(f"{variant.name}: {variant.kind}: {result}")
    return dict(counts), failures


def count_guarded(n: int, seed: int = 0, *, seconds: float = 600.0) -> Dict[str, Any]:
    """The same in a process of its own, whose time and memory are limited: what can't be caught
    otherwise (a crash, a loop in C, a huge allocation) ends it.

    RETURNS: `counts` and `failures`.
    """
    command = [sys.executable, "-m", "tests.soak.corruption", str(n), str(seed)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode:
        return {"counts": {}, "failures": [f"exit code {done.returncode}: {done.stderr[-2000:]}"]}
    return json.loads(done.stdout.splitlines()[-1])


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))


def main(n: int, seed: int = 0) -> None:
    if sys.platform == "linux":
        _limit_memory()
    counts, failures = count(n, seed)
    sys.stdout.write(json.dumps({"counts": counts, "failures": failures}) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
