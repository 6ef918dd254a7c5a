"""The peak memory of documents of 10 to 1,000,000 tokens, mixed, against the stated bounds.

    python benchmarks/memory.py            # a few minutes; --longest 100000 for less

Each row is a process of its own with one thread, and the peak is that above what the process had
before: the model and the documents or vectors that it reads aren't counted. The bounds are those
of `docs/reliability.md`. The table goes to benchmarks/results/memory.md.
"""

from typing import Annotated, List, NamedTuple

import speed_memory
import typer
from cells import RESULTS, markdown

from spacy_lstm.layers.lstm_plan import MAX_TOKENS

WIDTH = 128
MIB = 2**20

#: What a pipeline of the default model takes for each token of a batch, in bytes, and for each
#: batch, in MiB.
PER_TOKEN = {"textcat": 1_500, "ner": 2_500}
PER_BATCH = 128


class Row(NamedTuple):
    """A measurement.

    name (str): What was done.
    n_docs (int): With how many documents.
    n_tokens (int): With how many tokens altogether.
    peak (float): The peak of memory, in MiB.
    bound (float): What it may be at most.
    """

    name: str
    n_docs: int
    n_tokens: int
    peak: float
    bound: float

    @property
    def is_within(self) -> bool:
        """RETURNS (bool): Whether it is."""
        return self.peak <= self.bound


def mixed(longest: int) -> List[int]:
    """longest (int): The length of the longest document, at least 10.
    RETURNS (List[int]): Lengths of documents: many short ones, and some of each power of ten up to
        the longest.
    """
    lengths = [10] * 200
    n_tokens = 100
    while n_tokens <= longest:
        lengths += [n_tokens] * max(1, 1_000 // n_tokens)
        n_tokens *= 10
    return lengths


def layer_bound(lengths: List[int], *, is_train: bool) -> float:
    """The bound that `spacy_lstm.layers.lstm.LSTM` states, in MiB, for one layer that is as wide as
    its input, with what it gives: outputs, and in training the gradients of its inputs.

    lengths (List[int]): The lengths of the batch.
    is_train (bool): A step of training, or prediction.
    RETURNS (float): MiB.
    """
    n_tokens = sum(lengths)
    at_once = max(MAX_TOKENS, len(lengths))
    outputs = 4 * WIDTH * (2 if is_train else 1) + 128
    return (outputs * n_tokens + (128 if is_train else 32) * WIDTH * at_once) / MIB


def measure(longest: int) -> List[Row]:
    """longest (int): The length of the longest document in prediction. In training it is a tenth.
    RETURNS (List[Row]): All measurements.
    """
    rows = []
    for name, most, is_train in (
        ("LSTM, prediction", longest, False),
        ("LSTM, training", max(10, longest // 10), True),
    ):
        lengths = mixed(most)
        peak = speed_memory.peak(
            "layer", name="ours", tokens=lengths, width=WIDTH, is_train=is_train
        )
        bound = layer_bound(lengths, is_train=is_train)
        rows.append(Row(name, len(lengths), sum(lengths), peak, bound))
    for head, per_token in PER_TOKEN.items():
        for lengths in ([longest // 100], [longest // 10], [longest], mixed(longest)):
            peak = speed_memory.peak("pipeline", head=head, tokens=lengths)
            bound = PER_BATCH + per_token * sum(lengths) / MIB
            rows.append(Row(f"`lstm_{head}`, prediction", len(lengths), sum(lengths), peak, bound))
    return rows


def table(rows: List[Row]) -> str:
    """rows (List[Row]): Measurements.
    RETURNS (str): A table in Markdown.
    """
    header = ["what", "documents", "tokens", "peak, MiB", "bound, MiB", "within"]
    cells = [
        [
            row.name,
            str(row.n_docs),
            f"{row.n_tokens:,}",
            f"{row.peak:,.0f}",
            f"{row.bound:,.0f}",
            "yes" if row.is_within else "no",
        ]
        for row in rows
    ]
    return markdown(header, cells)


def main(
    longest: Annotated[int, typer.Option(min=1000, help="Tokens of the longest.")] = 1_000_000,
) -> None:
    """Measure peak memory, and fail where it is beyond its bound."""
    rows = measure(longest)
    done = table(rows)
    (RESULTS / "memory.md").write_text(done + "\n", encoding="utf8")
    print(done)
    raise typer.Exit(0 if all(row.is_within for row in rows) else 1)


if __name__ == "__main__":
    typer.run(main)
