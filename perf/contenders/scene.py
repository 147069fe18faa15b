"""What every contender is given: the same samples, the same cells of the same window, and how its picture is judged.

Samples lie in files that all processes map, written once a case. A peer gets its window as a view of them, rolled on
by the new samples at no cost, which no program that has to receive samples could do; ours stores what is new.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 1200, 800
GAP_PX = 4  # between cells
SHARE = 100  # a hundredth of the window is new in a frame
FRAMES_AT_MOST = 30  # that a case's samples reach for, the first and the last included
SPIKE = 3.0  # the newest sample of the last frame; all others are within ±1
LIMIT = 3.5  # of the value axis, up and down
ZONE_PX = 6  # at the right edge of a plot, where the newest sample has to be seen
BEYOND_PX = 1  # the edge: where a line lies is rounded
CONTRAST = 60  # of 255, of a line to what is behind it; the frame of a plot of ours has 30
SPIKE_SHARE = 0.8  # of the rows of a zone: its ends may be rounded away


class Rect(NamedTuple):
    """Pixels from the window's upper left corner."""

    x: int
    y: int
    width: int
    height: int


class Case(NamedTuple):
    streams: int
    window: int  # samples in view, each stream

    @property
    def new(self) -> int:
        """Samples a frame, each stream."""
        return self.window // SHARE

    @property
    def samples(self) -> int:
        return self.streams * self.window


class Contender(Protocol):
    """One library. Everything is called on the main thread of its process, in the order in which it stands here."""

    def __init__(self, case: Case, signal: Signal) -> None:
        """Open the window and show the first one of ``signal``."""

    def store(self, stop: int) -> None:
        """Take the samples up to ``stop``."""

    def update(self) -> None:
        """Hand to the library what has changed."""

    def paint(self) -> None:
        """Until the pixels are there."""

    def show_spike(self, stop: int) -> None:
        """A frame like others up to ``stop``, with the value axis at ±LIMIT."""

    def plots(self) -> list[Rect]:
        """The plotting areas, one a stream."""


class Signal:
    """Samples of a case, shape (streams, window + frames), in float64 and, for graphics cards, float32."""

    def __init__(self, case: Case, doubles: NDArray[np.float64], floats: NDArray[np.float32]) -> None:
        self.case, self.doubles, self.floats = case, doubles, floats

    def stop(self, frame: int) -> int:
        """Where the window ends in that frame, 0 being the first."""
        return self.case.window + frame * self.case.new

    def spike(self, stop: int) -> None:
        """Make the last sample before ``stop`` one that cannot be mistaken; in this process only."""
        self.doubles[:, stop - 1] = self.floats[:, stop - 1] = SPIKE


def write(case: Case, folder: Path) -> None:
    """A wave with noise, other noise for each stream, alike in every run."""
    length = case.window + FRAMES_AT_MOST * case.new
    wave = 0.5 * np.sin(np.arange(length) * (2 * np.pi * 3 / case.window))
    for name, kind in (("f8", np.float64), ("f4", np.float32)):
        random = np.random.default_rng(1)
        file: Any = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", kind, (case.streams, length))
        for row in file:
            row[:] = wave + random.random(length) - 0.5
        file.flush()


def read(case: Case, folder: Path) -> Signal:
    """Mapped copy-on-write, every page touched: no frame pays for the first look at its samples."""
    doubles, floats = (np.load(folder / f"{name}.npy", mmap_mode="c") for name in ("f8", "f4"))
    assert math.isfinite(float(doubles.sum()) + float(floats.sum()))
    return Signal(case, np.asarray(doubles), np.asarray(floats))


def cells(streams: int) -> list[Rect]:
    """A grid, near square, row by row."""
    columns = math.ceil(math.sqrt(streams))
    rows = -(-streams // columns)
    width, height = WIDTH_PX // columns, HEIGHT_PX // rows
    each = (divmod(number, columns) for number in range(streams))
    return [Rect(column * width, row * height, width - GAP_PX, height - GAP_PX) for row, column in each]


def zone(plot: Rect) -> Rect:
    """Where only a spike can be: the right edge of a plot, between twice and nearly SPIKE times the other samples."""
    top = plot.y + plot.height * (LIMIT - 0.9 * SPIKE) / (2 * LIMIT)
    bottom = plot.y + plot.height * (LIMIT - 2.0) / (2 * LIMIT)
    return Rect(plot.x + plot.width - ZONE_PX, round(top), ZONE_PX + BEYOND_PX, max(1, round(bottom - top)))


def spikes_seen(picture: NDArray[np.uint8], plots: list[Rect]) -> int:
    """Of how many plots the spike is in ``picture``, shape (height, width, 3).

    It is lighter or darker than the same rows a little to the left, where no sample reaches.
    """
    seen = 0
    for plot in plots:
        x, y, width, height = zone(plot)
        here = picture[y : y + height, x : x + width].astype(np.int16)
        before = picture[y : y + height, x - width : x].astype(np.int16)
        background = np.median(before, axis=(0, 1))
        is_lit = np.abs(here - background).max(axis=2).max(axis=1) > CONTRAST  # of each row
        seen += bool(is_lit.mean() > SPIKE_SHARE)
    return seen
