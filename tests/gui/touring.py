"""A tour in a process of its own: ``python -m tests.gui.touring FOLDER``; prints what the stage was asked for."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from lablink_dpg.gui.tour import Cue, Tour
from lablink_dpg.gui.window import Window
from lablink_dpg.gui.window_options import WindowOptions
from lablink_dpg.model.alarm import AlarmEvent, AlarmState, Severity
from lablink_dpg.model.link import LinkState
from tests.support.synthetic_lab import SyntheticLab

PACE = 0.2  # of the waits of a real tour
FRAME_S = 0.05  # of the tour's clock, which goes with the frames: what takes some to appear has them on any machine


def main() -> None:
    source = SyntheticLab(streams=4, devices=3, jobs=2)
    cues = []

    def stage(cue: Cue) -> None:
        cues.append(cue.value)
        if cue is Cue.GONE:
            source.link_state = LinkState.WAITING
            return
        now_us = source.now_us()
        words = ("Over range", Severity.CRITICAL, AlarmState.ACTIVE, "dev_00000000", "CH1", 1.7, 1.5, "", now_us)
        source.labs[0].alarms.take_open([AlarmEvent("event_1", "alarm_1", *words)], now_us)

    window = Window(source, WindowOptions(fps=60))
    tour = Tour(window, source, Path(sys.argv[1]), stage, pace=PACE)
    frames = count()
    window.run(lambda: tour.step(next(frames) * FRAME_S))
    assert tour.is_over
    sys.stdout.write(" ".join(cues) + "\n")


if __name__ == "__main__":
    main()
