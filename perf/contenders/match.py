"""Contenders, each a process with a display of its own, in turns so that a slow moment hits all alike.

The first frame of a turn is not counted: it pays for what the others have left in the processor's caches, which a
program that draws thirty times a second does not.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from perf.contenders import scene
from perf.events import display

PHASES = ("store", "update", "paint")
ROUNDS = 3
FRAMES, TURN_S = 8, 1.5  # a turn ends after as many frames, or with the first that ends later
ANSWER_S = 120.0  # the longest that is waited for an answer; filling 64 × 10⁶ takes a tenth of it
LONGEST_FRAME_S = 15.0  # a contender whose first frame takes longer has to do no other
LONGEST_WORDS = 60  # letters of a library's last words
TOO_SLOW = "too slow"


class Entry(NamedTuple):
    name: str
    case: scene.Case


@dataclass
class Outcome:
    """Of one contender in one case: medians, or why there are none."""

    problem: str = ""
    times_ms: Mapping[str, float] = field(default_factory=dict)  # by phase
    frames: int = 0
    seen: int | None = None  # plots in which the newest sample is seen; None where nobody could look

    @property
    def frame_ms(self) -> float:
        return sum(self.times_ms.values())


class Player:
    """One contender's process. Leaving the block ends it."""

    def __init__(self, entry: Entry, folder: Path, display_name: str) -> None:
        """``folder`` is the player's own; the samples are in the one above."""
        self.problem = ""
        self._display = display_name
        self._times_ms: dict[str, list[float]] = {phase: [] for phase in PHASES}
        self._said = folder / "said.txt"
        command = [sys.executable, "-m", "perf.contenders", entry.name, *map(str, entry.case), str(folder.parent)]
        environment = {**os.environ, "DISPLAY": display_name}
        environment.pop("GALLIUM_NOOP", None)  # would fill no pixel
        with self._said.open("wb") as said:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=said, env=environment)

    def __enter__(self) -> Player:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def wait_until_ready(self) -> None:
        first_ms = self._answer().get("first_ms", 0.0)
        if first_ms > LONGEST_FRAME_S * 1000:
            self.problem = TOO_SLOW

    def turn(self) -> None:
        answer = self._ask(f"turn {FRAMES} {TURN_S}")
        for phase in PHASES:
            times = answer.get(phase, [])
            self._times_ms[phase] += times[1:] or times

    def outcome(self) -> Outcome:
        """Looks for the newest sample first, with the last frame."""
        plots = self._ask("spike").get("plots", [])
        if self.problem:
            return Outcome(self.problem)
        medians = {phase: statistics.median(times) for phase, times in self._times_ms.items()}
        return Outcome("", medians, len(self._times_ms["paint"]), self._look([scene.Rect(*plot) for plot in plots]))

    def _look(self, plots: list[scene.Rect]) -> int | None:
        try:
            from PIL import ImageGrab
        except ImportError:
            return None
        if not shutil.which("Xvfb"):  # somebody's own screen is not for taking pictures of
            return None
        return scene.spikes_seen(np.asarray(ImageGrab.grab(xdisplay=self._display).convert("RGB")), plots)

    def _ask(self, line: str) -> dict[str, Any]:
        if self.problem:
            return {}
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # what it had to say comes now
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        out = self._process.stdout
        assert out is not None
        if not select.select([out], [], [], ANSWER_S)[0]:
            self.problem = f"no answer in {ANSWER_S:g} s"
            return {}
        line = out.readline()
        if not line:
            self.problem = self._last_words()
            return {}
        answer: dict[str, Any] = json.loads(line)
        self.problem = answer.get("problem", "")
        return answer

    def _last_words(self) -> str:
        text = self._said.read_text(errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return "ended: " + (lines[-1] if lines else "without a word")[:LONGEST_WORDS]


def play(entries: Sequence[Entry], folder: Path) -> dict[Entry, Outcome]:
    """All of them in turns. ``folder`` is for the samples."""
    with ExitStack() as stack:
        players: dict[Entry, Player] = {}
        for number, entry in enumerate(entries):
            samples = folder / f"{entry.case.streams}-{entry.case.window}"
            if not samples.exists():
                samples.mkdir()
                scene.write(entry.case, samples)
            display_name = stack.enter_context(display())
            if not display_name:
                return {entry: Outcome("no display") for entry in entries}
            (samples / str(number)).mkdir()
            players[entry] = stack.enter_context(Player(entry, samples / str(number), display_name))
            players[entry].wait_until_ready()
        for _ in range(ROUNDS):
            for player in players.values():
                player.turn()
        return {entry: player.outcome() for entry, player in players.items()}
