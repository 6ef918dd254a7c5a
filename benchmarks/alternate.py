"""Two things measured by turns, and what is made of the times: ratios, medians, tables.

On one thread the clock is the CPU time of the process: what the wall shows on an idle core, and on
a busy machine much steadier. What several threads take is measured by the wall.
"""

import math
import statistics
import time
from typing import Any, Callable, List, Literal, NamedTuple, Sequence

Clock = Literal["cpu", "wall"]
CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}


class Spread(NamedTuple):
    """What several measurements say.

    median (float): The median.
    low (float): The least.
    high (float): The greatest.
    """

    median: float
    low: float
    high: float


class Pairs(NamedTuple):
    """Seconds a call, of ours and of a peer, measured by turns.

    ours (List[float]): Ours.
    peer (List[float]): The peer's: each follows ours of the same index.
    """

    ours: List[float]
    peer: List[float]

    @property
    def ratio(self) -> Spread:
        """RETURNS (Spread): How many times as fast as the peer ours is, over the pairs."""
        return spread_of([peer / ours for ours, peer in zip(self.ours, self.peer, strict=True)])


def alternate(
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    *,
    pairs: int,
    clock: Clock = "cpu",
    least: float = 0.02,
    most: float = 20.0,
) -> Pairs:
    """Measure by turns: ours, the peer, ours, the peer … Both are warmed up first.

    ours (Callable[[], Any]): Does our work once.
    peer (Callable[[], Any]): Does the same work the other way.
    pairs (int): How many times each is measured.
    clock (Clock): "cpu" for the CPU time of the process, "wall" for the wall.
    least (float): The seconds that a measurement takes at least: short work is repeated in it.
    most (float): The seconds after which no other pair is begun: some peers are very slow.
    RETURNS (Pairs): The times, of at least one pair.
    """
    repeats = [repeats_for(work, clock=clock, least=least) for work in (ours, peer)]
    found = Pairs([], [])
    start = time.perf_counter()
    while not found.ours or (len(found.ours) < pairs and time.perf_counter() - start < most):
        found.ours.append(seconds(ours, repeats[0], clock=clock))
        found.peer.append(seconds(peer, repeats[1], clock=clock))
    return found


def repeats_for(work: Callable[[], Any], *, clock: Clock, least: float) -> int:
    """Warm up, and find out how often work has to be repeated to be measured.

    work (Callable[[], Any]): Does the work once.
    clock (Clock): The clock.
    least (float): The seconds that a measurement takes at least.
    RETURNS (int): How many times.
    """
    once = seconds(work, 1, clock=clock)
    if once < 1.0:  # what is done only once can't be most of so long a time
        once = seconds(work, 1, clock=clock)
    return max(1, math.ceil(least / max(once, 1e-7)))


def seconds(work: Callable[[], Any], repeats: int, *, clock: Clock) -> float:
    """work (Callable[[], Any]): Does the work once.
    repeats (int): How many times it is done.
    clock (Clock): The clock.
    RETURNS (float): Seconds for each time.
    """
    now = CLOCKS[clock]
    start = now()
    for _ in range(repeats):
        work()
    return (now() - start) / repeats


def spread_of(values: Sequence[float]) -> Spread:
    """values (Sequence[float]): Measurements.
    RETURNS (Spread): Their median, the least and the greatest.
    """
    return Spread(statistics.median(values), min(values), max(values))


def slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """How a cost grows with a size: 1 where twice the size costs twice as much, 2 where it costs
    four times as much.

    sizes (Sequence[float]): The sizes, not all the same.
    costs (Sequence[float]): The cost at each of them.
    RETURNS (float): The slope of the line through the logarithms, by least squares.
    """
    xs, ys = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    return statistics.linear_regression(xs, ys).slope


def times(ratio: Spread) -> str:
    """ratio (Spread): How many times as fast.
    RETURNS (str): Such as "1.85× (1.72–1.93)".
    """
    median, low, high = (f"{value:.1f}" if value >= 20 else f"{value:.2f}" for value in ratio)
    return f"{median}× ({low}–{high})"
