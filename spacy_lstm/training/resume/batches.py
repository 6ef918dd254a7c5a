"""The batches of a training, which can be gone through again to where it stopped."""

from typing import Any, Dict, Generic, Iterator, List, Tuple, TypeVar

from spacy.training import Example

from ...errors import Errors
from ..readers.records import DataError
from .random_states import DRAWING

ItemT = TypeVar("ItemT")
#: By generator, the states from which it was drawn: the number of the batch and the state before.
Journal = Dict[str, List[Tuple[int, Any]]]
Batch = Tuple[int, List[Example]]


class Replayable(Generic[ItemT]):
    """An iterator that can be brought to where another one like it stands, by going through all of
    its items, however its source chooses them: readers, augmenters, the order of an epoch, and
    batches whose size follows a schedule come out the same.

    Where the source draws random numbers from a generator that others draw from in between, as
    spaCy's parser does, its state before the item is noted: 3 kB. Where only the source draws, as
    with our own components, there is one note at the beginning.

    items (Iterator[ItemT]): The source. It mustn't have begun.
    """

    def __init__(self, items: Iterator[ItemT]) -> None:
        self._items = items
        self._after: Dict[str, Any] = dict.fromkeys(DRAWING)
        self.n_items = 0
        self.journal: Journal = {name: [] for name in DRAWING}

    def __iter__(self) -> Iterator[ItemT]:
        return self

    def __next__(self) -> ItemT:
        before = {name: generator.get() for name, generator in DRAWING.items()}
        item = next(self._items)
        for name, generator in DRAWING.items():
            after = generator.get()
            if after != before[name]:
                if before[name] != self._after[name]:
                    self.journal[name].append((self.n_items, before[name]))
                self._after[name] = after
        self.n_items += 1
        return item

    def replay(self, n_items: int, journal: Journal) -> Iterator[ItemT]:
        """Go on to where another one was. Afterwards the generators of random numbers have to be
        set to their states there.

        n_items (int): How many items it had given.
        journal (Journal): Its journal.
        YIELDS (ItemT): The items until there: fewer where the source has fewer now.
        """
        notes = {name: dict(journal[name]) for name in DRAWING}
        for number in range(n_items):
            for name, generator in DRAWING.items():
                if number in notes[name]:
                    generator.set(notes[name][number])
            try:
                yield next(self._items)
            except StopIteration:
                return
        self.n_items = n_items
        self.journal = {name: list(journal[name]) for name in DRAWING}
        for name, notes_of in self.journal.items():
            self._after[name] = DRAWING[name].get() if notes_of else None


def go_on(batches: Replayable[Batch], n_batches: int, journal: Journal, n_words: int) -> None:
    """Bring the batches to where a training stopped.

    batches (Replayable[Batch]): The batches, from their beginning.
    n_batches (int): How many there had been.
    journal (Journal): Their journal.
    n_words (int): How many words were in them.
    RAISES (DataError): If the words are other ones.
    """
    got = sum(len(eg) for _, batch in batches.replay(n_batches, journal) for eg in batch)
    if got != n_words:
        raise DataError(Errors.L756.format(n_batches=n_batches, expected=n_words, got=got))
