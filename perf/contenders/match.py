"""Contenders in one case, each a process with a display of its own, in turns so that a slow moment hits all alike."""

from __future__ import annotations

import json
import os
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np

from perf.contenders import scene
from perf.events import display

PHASES = ("store", "update", "paint")
ROUNDS = 4
FRAMES, TURN_S = 6, 2.0  # a turn ends after as many frames, or with the first that ends later
ANSWER_S = 120.0  # the longest that is waited for an answer; filling 64 × 10⁶ takes a tenth of it
LONGEST_WORDS = 60  # letters of a library's last words


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

    def __init__(self, name: str, case: scene.Case, folder: Path, display_name: str) -> None:
        self.problem = ""
        self._case, self._display = case, display_name
        self.times_ms: dict[str, list[float]] = {phase: [] for phase in PHASES}
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115: as long as the process
        command = [sys.executable, "-m", "perf.contenders", name, str(case.streams), str(case.window), str(folder)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={**os.environ, "DISPLAY": display_name},
        )

    def __enter__(self) -> Player:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._said.close()

    def wait_until_ready(self) -> None:
        self._answer()

    def turn(self) -> None:
        answer = self._ask(f"turn {FRAMES} {TURN_S}")
        for phase, kept in self.times_ms.items():
            kept += answer.get(phase, [])

    def outcome(self) -> Outcome:
        """Looks for the newest sample first, with the last frame."""
        plots = self._ask("spike").get("plots", [])
        if self.problem:
            return Outcome(self.problem)
        medians = {phase: statistics.median(times) for phase, times in self.times_ms.items()}
        return Outcome("", medians, len(self.times_ms["paint"]), self._look([scene.Rect(*plot) for plot in plots]))

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
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # what it had to say comes now
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
        self._said.seek(0)
        lines = [line.strip() for line in self._said.read().decode(errors="replace").splitlines() if line.strip()]
        return "ended: " + (lines[-1] if lines else "without a word")[:LONGEST_WORDS]


def play(case: scene.Case, names: Sequence[str], folder: Path) -> dict[str, Outcome]:
    """Outcomes by name. ``folder`` is for the samples."""
    scene.write(case, folder)
    with ExitStack() as stack:
        players = {}
        for name in names:
            display_name = stack.enter_context(display())
            if not display_name:
                return {name: Outcome("no display") for name in names}
            players[name] = stack.enter_context(Player(name, case, folder, display_name))
        for player in players.values():
            player.wait_until_ready()
        for _ in range(ROUNDS):
            for player in players.values():
                player.turn()
        return {name: player.outcome() for name, player in players.items()}
