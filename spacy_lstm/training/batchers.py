"""Batches for corpora of long and short texts: limited by the number of tokens and of texts."""

from functools import partial
from itertools import repeat
from typing import Any, Callable, Iterable, Iterator, List, Optional, TypeVar, Union

from thinc.types import Generator

from ..errors import Errors
from ..errors.checks import check_function, is_number

ItemT = TypeVar("ItemT")
Sizing = Union[int, List[int], Generator]


def make_batcher(
    *,
    max_tokens: Sizing,
    max_docs: Sizing,
    discard_oversize: bool = False,
    get_length: Optional[Callable[[ItemT], int]] = None,
) -> Callable[[Iterable[ItemT]], Iterable[List[ItemT]]]:
    """Create a batcher that fills a batch with the next texts, in their order, until one more would
    be too many or too long. So the memory of a step is bounded by the tokens, however long the
    texts are, and a step learns from at most so many texts, however short they are.

    max_tokens (Union[int, List[int], Generator]): The most tokens of a batch. A schedule gives a
        value for each batch; where it ends, its last value stays.
    max_docs (Union[int, List[int], Generator]): The most texts of a batch, likewise.
    discard_oversize (bool): Whether texts of more than `max_tokens` are left out. Otherwise each of
        them is a batch of its own.
    get_length (Optional[Callable[[ItemT], int]]): The length of a text. By default `len`.
    RETURNS (Callable[[Iterable[ItemT]], Iterable[List[ItemT]]]): The batcher.
    RAISES (ValueError): If a limit is less than 1; where it is a schedule, the batcher raises.
    """
    for name, size in (("max_tokens", max_tokens), ("max_docs", max_docs)):
        if isinstance(size, (int, str)):
            _check(name, size)
    if get_length is not None:
        check_function("`get_length`", get_length)
    return partial(
        batch_by_tokens_and_docs,
        max_tokens=max_tokens,
        max_docs=max_docs,
        discard_oversize=discard_oversize,
        get_length=len if get_length is None else get_length,
    )


def batch_by_tokens_and_docs(
    items: Iterable[ItemT],
    *,
    max_tokens: Sizing,
    max_docs: Sizing,
    discard_oversize: bool = False,
    get_length: Callable[..., int] = len,
) -> Iterator[List[ItemT]]:
    """Cut a stream of texts into batches, as `make_batcher` says.

    items (Iterable[ItemT]): The texts.
    max_tokens (Union[int, List[int], Generator]): The most tokens of a batch.
    max_docs (Union[int, List[int], Generator]): The most texts of a batch.
    discard_oversize (bool): Whether texts of more than `max_tokens` are left out.
    get_length (Callable[[ItemT], int]): The length of a text.
    YIELDS (List[ItemT]): The batches. None of them is empty.
    RAISES (ValueError): If a limit is less than 1, or a schedule is empty.
    """
    tokens, docs = _values("max_tokens", max_tokens), _values("max_docs", max_docs)
    most_tokens, most_docs = next(tokens), next(docs)
    batch: List[ItemT] = []
    n_tokens = 0
    for item in items:
        length = get_length(item)
        if discard_oversize and length > most_tokens:
            continue
        if batch and (n_tokens + length > most_tokens or len(batch) + 1 > most_docs):
            yield batch
            batch, n_tokens = [], 0
            most_tokens, most_docs = next(tokens), next(docs)
        batch.append(item)
        n_tokens += length
    if batch:
        yield batch


def _values(name: str, size: Sizing) -> Iterator[float]:
    if isinstance(size, int):
        size = [size]
    last = None
    for last in size:
        _check(name, last)
        yield last
    if last is None:
        raise ValueError(Errors.L656.format(name=name))
    yield from repeat(last)


def _check(name: str, value: Any) -> None:
    if not is_number(value) or not value >= 1:
        kind = "a number"
        raise ValueError(Errors.L002.format(name=name, kind=kind, least=1, value=value))
