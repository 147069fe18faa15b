"""What a run may leave behind: tasks, threads, sockets, memory; and how long this machine stood still meanwhile."""

from __future__ import annotations

import ctypes
import gc
import statistics
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from types import TracebackType
from typing import Self

import psutil

from lablink_dpg.store.series import Series

WARM_UP = 0.5  # of a run, and at most …
WARM_UP_S = 300.0  # … so long: by then as many acquisitions that are gone are kept as ever will be
TICK_S = 0.1
STANDSTILL_S = 0.5  # a thread that only sleeps wakes later by so much: nobody ran …
STANDSTILL_CPU = 0.2  # … if the process has used less than this share of a core meanwhile


@dataclass(frozen=True, slots=True)
class Counts:
    """What must not grow."""

    tasks: int
    threads: int
    descriptors: int  # sockets and files

    @staticmethod
    def now(tasks: int = 0) -> Counts:
        return Counts(tasks, threading.active_count(), psutil.Process().num_fds())

    def is_within(self, other: Counts) -> bool:
        return self.least(other) == self

    def least(self, other: Counts) -> Counts:
        return Counts(*map(min, astuple(self), astuple(other)))


@dataclass(frozen=True, slots=True)
class Memory:
    at_s: float
    rss_mb: float
    rings_mb: float  # of it: samples that are kept, whose number the settings bound

    @staticmethod
    def now(at_s: float, series: Iterable[Series]) -> Memory:
        _give_back()
        rings = sum(each.ring.held_bytes for each in series)
        return Memory(at_s, psutil.Process().memory_info().rss / 1e6, rings / 1e6)

    @property
    def rest_mb(self) -> float:
        return self.rss_mb - self.rings_mb


def growth(memory: Sequence[Memory]) -> tuple[float, float] | None:
    """Medians of what is not rings in MB, in the last third after warming up and in the first; None if too short."""
    if not memory:
        return None
    warm_s = min(memory[-1].at_s * WARM_UP, WARM_UP_S)
    rest = [each.rest_mb for each in memory if each.at_s >= warm_s]
    third = len(rest) // 3
    return (statistics.median(rest[-third:]), statistics.median(rest[:third])) if third else None


def _give_back() -> None:
    """What is free but kept for later, rings of acquisitions that are forgotten above all, is no leak."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc only
        if trim is not None:
            trim(0)


def cpu_s(*pids: int) -> tuple[float, float]:
    """Seconds of CPU that these processes have used so far, and all of the machine's together."""
    own = [psutil.Process(pid).cpu_times() for pid in pids]
    machine = psutil.cpu_times()
    idle = machine.idle + getattr(machine, "iowait", 0.0)
    # Linux counts the time of guests as the user's, too.
    guests = getattr(machine, "guest", 0.0) + getattr(machine, "guest_nice", 0.0)
    return sum(each.user + each.system for each in own), sum(machine) - idle - guests


class Standstill:
    """Seconds for which no thread of this process ran, though one wanted to: the machine was somewhere else.

    The simulator's samples go on by the clock, and its buffer is as short as ever.
    """

    def __init__(self) -> None:
        self.seconds = 0.0  # written by its own thread only
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="standstill", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            began_s, used_s = time.monotonic(), time.process_time()
            if self._over.wait(TICK_S):
                return
            late_s = time.monotonic() - began_s - TICK_S
            if late_s > STANDSTILL_S and time.process_time() - used_s < STANDSTILL_CPU * late_s:
                self.seconds += late_s
