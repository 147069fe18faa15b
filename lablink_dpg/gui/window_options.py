"""What a window is opened with, and what a run of it came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.gui.looks import Looks

SERVERS_IN_TITLE = "{servers}"  # is replaced by their names, also when they change


@dataclass(frozen=True, slots=True)
class WindowOptions:
    fps: float = 30.0
    span_us: int = 10_000_000
    title: str = "LabLink"
    width: int = 1600
    height: int = 1000
    user: str = field(default="", repr=False)  # before anybody has typed another
    remember: bool = False  # as the user has said at the start
    screenshot: Path | None = None  # written just before the window closes
    looks: Looks | None = None  # at the start; None: as preferred


@dataclass(frozen=True, slots=True)
class WindowResult:
    """What a run came to. The arrays hold the newest frames, oldest first, bounded."""

    frames: int
    elapsed_s: float
    prepare_ms: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    draw_ms: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    screenshot_problem: str | None = None

    @property
    def fps(self) -> float:
        return self.frames / self.elapsed_s if self.elapsed_s > 0 else 0.0
