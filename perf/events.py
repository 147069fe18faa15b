"""From the server's sending of an event to the end of the frame in which it is drawn, over loopback.

``python -m perf events``; forty seconds. A simulator in a process of its own, and the whole program with a real window
on a display of its own (Xvfb; where there is none, that of DISPLAY; where there is neither, frames are built and no
pixels made). A sending time is the one that the server wrote into the message: both clocks are this machine's. A frame
ends when the library has swapped its buffers.

Xvfb has no graphics card. What is kept to is therefore measured with Mesa's driver that takes every command and fills
no pixel, as a card would take that work from the processor; a run with pixels filled by the processor is there to be
read, beside the length of its frames, of which an event waits for one and a half.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx
import numpy as np

from lablink_dpg.clock import AxisClock
from lablink_dpg.model.commands import WatchDevice
from lablink_dpg.pace import LINGER_S
from lablink_dpg.session import Session, connect
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.times import FrameTimes
from lablink_dpg.turn import short_turns
from perf.result import Result, table

GOAL_MS = 100.0  # at the median
STREAMS, RATE_HZ = 8, 1000.0
BUSY_EVENTS, BUSY_EVERY_S = 40, 0.137  # in step with neither frames nor streams
IDLE_EVENTS, IDLE_EVERY_S = 7, LINGER_S + 0.537  # each comes to a window that has fallen asleep
LIMIT_S = 90.0


@dataclass
class Watch:
    """What has been drawn, and when its frame had ended. Main thread."""

    session: Session
    clock: AxisClock = field(default_factory=AxisClock)
    alarms_us: dict[str, int] = field(default_factory=dict)  # by event_id
    readings_ms: list[float] = field(default_factory=list)
    frames_ms: list[float] = field(default_factory=list)  # what preparing and drawing one takes
    is_drawn: Callable[[str], bool] = lambda _: True  # whether an event is on the screen
    _stamps: dict[tuple[str, str], str] = field(default_factory=dict)

    def frame_ended(self, frame_ms: float) -> None:
        now_us = self.clock.now_us()
        self.frames_ms.append(frame_ms)
        for event in self.session.books()[0].alarms.open:
            if event.event_id not in self.alarms_us and self.is_drawn(event.event_id):
                self.alarms_us[event.event_id] = now_us

    def readings_drawn(self, readings: Mapping[tuple[str, str], Any]) -> None:
        """Those with which the frame that has just ended was drawn."""
        now_us = self.clock.now_us()
        for key, reading in readings.items():
            stamp = reading.data.get("timestamp")
            if isinstance(stamp, str) and stamp != self._stamps.get(key):
                is_first = key not in self._stamps
                self._stamps[key] = stamp
                if not is_first:
                    self.readings_ms.append((now_us - _sent_us(stamp)) / 1000)


class Sender(threading.Thread):
    """Makes alarms, each by a rule of its own, and keeps when the server says that it has sent them."""

    def __init__(self, url: str, events: int, every_s: float) -> None:
        super().__init__(daemon=True)
        self.sent_us: dict[str, int] = {}
        self._url, self._events, self._every_s = url, events, every_s

    def run(self) -> None:
        with httpx.Client(base_url=self._url, trust_env=False) as rest:
            body = {"parameter": "voltage", "condition": "greater_than", "threshold": 5.0, "severity": "warning"}
            answers = [rest.post("/api/alarms/create", json={**body, "name": f"Rule {n}"}) for n in range(self._events)]
            for answer in answers:
                time.sleep(self._every_s)
                check = {"alarm_id": answer.json()["alarm_id"], "value": 9.5}
                event = rest.post("/api/alarms/check", json=check).json()["event"]
                self.sent_us[event["event_id"]] = _sent_us(event["triggered_at"])


def _sent_us(stamp: str) -> int:
    """Of the server's naive local time, which is this machine's."""
    return round(datetime.fromisoformat(stamp).timestamp() * 1e6)


def measure(streams: int, events: int, every_s: float, *, has_window: bool) -> dict[str, list[float]]:
    """Milliseconds of each alarm, each reading and each frame."""
    with SimProcess(streams=streams, rate_hz=RATE_HZ) as simulator, connect(simulator.url) as session, short_turns():
        watch, sender = Watch(session), Sender(simulator.url, events, every_s)
        began_s = time.monotonic()
        watched: set[str] = set()

        def should_stop() -> bool:
            session.drain()
            link = session.links()[0]
            for info in link.equipment if streams else ():
                if info.equipment_id not in watched and info.type != "oscilloscope":  # whose data have no time
                    watched.add(info.equipment_id)
                    session.send(WatchDevice(info.equipment_id, True))
            if not sender.ident and link.server_version and time.monotonic() - began_s > 2.0:
                sender.start()
            is_over = bool(sender.ident) and not sender.is_alive() and sender.sent_us.keys() <= watch.alarms_us.keys()
            return is_over or time.monotonic() - began_s > LIMIT_S

        (_in_window if has_window else _without_window)(session, watch, should_stop)
    missing = sender.sent_us.keys() - watch.alarms_us.keys()
    assert len(sender.sent_us) == events, "the simulator did not send them all"
    assert not missing, f"{len(missing)} alarms were never drawn"
    alarms = [(watch.alarms_us[event_id] - sent_us) / 1000 for event_id, sent_us in sender.sent_us.items()]
    return {"alarms": alarms, "readings": watch.readings_ms, "frames": watch.frames_ms}


def _in_window(session: Session, watch: Watch, should_stop: Callable[[], bool]) -> None:
    from lablink_dpg.gui import docking
    from lablink_dpg.gui.alarm_rows import Key
    from lablink_dpg.gui.docking import PanelName
    from lablink_dpg.gui.panels.alarms import AlarmsPanel
    from lablink_dpg.gui.window import Window

    window = Window(session)
    server = session.books()[0].server

    def is_drawn(event_id: str) -> bool:
        panel = window.docks.panels.get(PanelName.ALARMS)
        return isinstance(panel, AlarmsPanel) and panel.rows.point(Key(server, event_id).text) is not None

    class Ended(FrameTimes):
        def add(self, started_s: float, prepare_ms: float, draw_ms: float) -> None:
            super().add(started_s, prepare_ms, draw_ms)
            watch.frame_ended(prepare_ms + draw_ms)
            watch.readings_drawn(window.links[0].readings)

    watch.is_drawn = is_drawn
    window.times = Ended()
    docks = window.state.docks
    for name in (PanelName.ALARMS, PanelName.EQUIPMENT):
        docks = docking.open_panel(docks, name)
    window.state = replace(window.state, docks=docks)
    window.run(should_stop)


def _without_window(session: Session, watch: Watch, should_stop: Callable[[], bool]) -> None:
    from lablink_dpg import headless

    class Ended(FrameTimes):
        def add(self, started_s: float, prepare_ms: float, draw_ms: float) -> None:
            super().add(started_s, prepare_ms, draw_ms)
            watch.frame_ended(prepare_ms + draw_ms)
            watch.readings_drawn(session.links()[0].readings)

    headless.run(session, should_stop, 30.0, 10_000_000, Ended())


@contextmanager
def display(screen: str = "1600x1000x24") -> Iterator[str]:
    """Name of a display of its own with such a screen, else of the one that there is; "" for none."""
    program = shutil.which("Xvfb")
    if program is None:
        yield os.environ.get("DISPLAY", "")
        return
    reader, writer = os.pipe()
    command = [program, "-displayfd", str(writer), "-screen", "0", screen, "+extension", "GLX", "-noreset"]
    server = subprocess.Popen(command, pass_fds=(writer,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait(20)


def run() -> list[Result]:
    """Each case in a process of its own: the library survives one window."""
    busy, idle = (STREAMS, BUSY_EVENTS, BUSY_EVERY_S), (0, IDLE_EVENTS, IDLE_EVERY_S)
    with display() as name:
        results = _results(f"{STREAMS} streams", _child(name, busy), is_kept=True)
        results += _results("window at rest", _child(name, idle), is_kept=True)
        if name:
            results += _results("drawn by the processor", _child(name, busy, is_software=True), is_kept=False)
    return results


def _results(case: str, got: dict[str, list[float]], *, is_kept: bool) -> list[Result]:
    frame_ms = float(np.median(got.pop("frames")))
    results = [Result(f"events, {case}: a frame, median", frame_ms, GOAL_MS, "ms", "the goal")]
    for kind, ages_ms in got.items():
        if ages_ms:
            p50, p99 = (float(value) for value in np.percentile(ages_ms, (50, 99)))
            at_most = 1.0 if is_kept else None
            label = f"events, {case}: {len(ages_ms)} {kind}"
            results.append(Result(f"{label}, median", p50, GOAL_MS, "ms", "the goal", at_most=at_most))
            results.append(Result(f"{label}, p99", p99, GOAL_MS, "ms", "the goal"))
    return results


def _child(display_name: str, case: tuple[int, int, float], *, is_software: bool = False) -> dict[str, list[float]]:
    command = [sys.executable, "-m", "perf.events", *map(str, case)]
    environment = {**os.environ, "DISPLAY": display_name}
    if not is_software:
        environment["GALLIUM_NOOP"] = "true"
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=2 * LIMIT_S)
    got: dict[str, list[float]] = json.loads(done.stdout)
    return got


if __name__ == "__main__":
    if len(sys.argv) > 1:
        has_display = bool(os.environ.get("DISPLAY"))
        case = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
        print(json.dumps(measure(*case, has_window=has_display)))
    else:
        print(table(run()))
