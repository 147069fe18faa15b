"""Reading events about health and benchmarks into a server's book, and what became of a benchmark that was ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lablink_dpg.books.lab import LabBook
from lablink_dpg.model.health import Degradation
from lablink_dpg.model.orders import OrderDone
from lablink_dpg.wire.health import parse_benchmark, parse_change, parse_progress

NO_RESULT = "the server answered without a result"


def changed(book: LabBook, data: Mapping[str, Any], stamp: Callable[[Any], int], now_us: int) -> None:
    """``health_changed``."""
    change = parse_change(data, stamp)
    if change is not None:
        book.health.take_change(change)


def progressed(book: LabBook, data: Mapping[str, Any], stamp: Callable[[Any], int], now_us: int) -> None:
    """``benchmark_progress``."""
    run = parse_progress(data, now_us)
    if run is not None:
        book.health.take_progress(run)


def benchmark_done(book: LabBook, equipment_id: str, done: OrderDone) -> None:
    """The answer to an order of a benchmark."""
    run = parse_benchmark(done.data, equipment_id, done.at_us) if done.is_done else None
    problem = "" if run is not None else NO_RESULT if done.is_done else done.text
    book.health.take_answer(equipment_id, run, problem, done.at_us)


def degradation_words(name: str, drop: Degradation) -> str:
    """One line for a person: what is worse, and from what to what."""
    scores = ""
    if drop.score is not None:
        before = "" if drop.previous_score is None else f"{drop.previous_score:.0f} → "
        scores = f" (score {before}{drop.score:.0f})"
    return f"health of {name}: {drop.before.value} → {drop.after.value}{scores}"


def benchmark_words(name: str, done: OrderDone) -> str:
    """One line for a person about what the order came to."""
    return f"benchmark of {name} done" if done.is_done else f"benchmark of {name}: {done.text}"
