"""Measuring: ours and the peer's in turn, medians of ratios."""

import dataclasses
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any as Any  # noqa: PLC0414 -- for the groups


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table; ``bound`` is the largest ratio that we promise."""

    work: str
    bound: float
    ratio: float
    ours: str
    peer: str

    @property
    def is_within(self) -> bool:
        return self.ratio <= self.bound

    def __str__(self) -> str:
        mark = "" if self.is_within else " (!)"
        return f"| {self.work} | {self.bound:g} | {self.ratio:.3f}{mark} | {self.ours} | {self.peer} |"


def show_time(seconds: float) -> str:
    """Seconds in a unit that reads well."""
    for unit, scale in (("s", 1.0), ("ms", 1e3)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.2f} {unit}"
    return f"{seconds * 1e6:.1f} µs"


def row(work: str, bound: float, pairs: list[tuple[float, float]]) -> Row:
    ratio = statistics.median(ours / peer for ours, peer in pairs)
    ours, peer = (statistics.median(side) for side in zip(*pairs, strict=True))
    return Row(work, bound, ratio, show_time(ours), show_time(peer))


def warm(
    work: str,
    bound: float,
    ours: Callable[..., object],
    peer: Callable[..., object],
    *,
    setup: "Callable[[], object] | None" = None,
    seconds: float = 3.0,
) -> Row:
    """Two functions in this process, in turn, for some seconds; what *setup* makes anew is handed to each, and not timed."""

    def once(function: Callable[..., object], calls: int) -> float:
        taken = 0.0
        for _ in range(calls):
            made = () if setup is None else (setup(),)
            start = time.perf_counter()
            function(*made)
            taken += time.perf_counter() - start
        return taken / calls

    # As many calls a turn as fill two milliseconds, so that neither always runs in the other's cold caches.
    our_calls = max(1, int(0.002 / once(ours, 3)))
    peer_calls = max(1, int(0.002 / once(peer, 3)))
    pairs: list[tuple[float, float]] = []
    gc.collect()
    gc.freeze()
    end = time.monotonic() + seconds
    while len(pairs) < 5 or (time.monotonic() < end and len(pairs) < 500):
        pairs.append((once(ours, our_calls), once(peer, peer_calls)))
    gc.unfreeze()
    return row(work, bound, pairs)


_TIMED = """
import sys, time
start = time.perf_counter()
{code}
print(time.perf_counter() - start)
"""


def cold(work: str, bound: float, ours: str, peer: str, *, runs: int = 40) -> Row:
    """Two pieces of code, each timed inside a new process of its own."""

    def once(code: str) -> float:
        command = [sys.executable, "-c", _TIMED.format(code=code)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    return row(work, bound, _in_turn(lambda: once(ours), lambda: once(peer), runs))


def process(work: str, bound: float, ours: list[str], peer: list[str], *, runs: int = 40) -> Row:
    """Two whole processes: the interpreter's arguments."""

    def once(arguments: list[str]) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        return time.perf_counter() - start

    return row(work, bound, _in_turn(lambda: once(ours), lambda: once(peer), runs))


def _in_turn(ours: Callable[[], float], peer: Callable[[], float], runs: int) -> list[tuple[float, float]]:
    ours()  # both have their bytecode written and their files in memory
    peer()
    return [(ours(), peer()) for _ in range(runs)]
