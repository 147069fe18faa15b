"""The frame loop stands still for ten seconds: samples are stored meanwhile, in bounded memory, and none is lost."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from lablink_dpg.model.exit_code import ExitCode
from lablink_dpg.session import connect
from lablink_dpg.sim.process import SimProcess
from tests.gui.desktop import Desktop
from tests.session.test_session import until
from tests.system.running import LIMIT_S, start

AWAY_S = 10.0
RATE_HZ, STREAMS, FPS = 1000, 4, 30


def window_of(server: str) -> int:
    """The X server's id of the window that watches ``server``, once it is there."""
    words = ("xdotool", "search", "--onlyvisible", "--name", server)
    end = time.monotonic() + LIMIT_S
    while True:
        found = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
        if found:
            return int(found[0])
        assert time.monotonic() < end, "no window"
        time.sleep(0.05)


@pytest.mark.parametrize("history", [1_000_000, 2_000], ids=["all of it fits", "a fifth of it fits"])
def test_a_window_minimised_for_ten_seconds_has_every_sample(
    history: int, xvfb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a short history too: it is compared as it comes, whether there are frames or not."""
    monkeypatch.setenv("DISPLAY", xvfb)
    environment = {**os.environ, "GALLIUM_NOOP": "true"}
    with SimProcess(streams=STREAMS, rate_hz=RATE_HZ) as simulator:
        arguments = ("--history", str(history), "--verify", "--report", "-")
        process = start(simulator.url, *arguments, environment=environment)
        try:
            desktop = Desktop(window_of(simulator.url.removeprefix("http://")))
            time.sleep(1.0)  # a second of frames before, one after
            desktop.minimise()
            time.sleep(AWAY_S)
            desktop.restore()
            time.sleep(1.0)
            process.terminate()
            out, errors = process.communicate(timeout=LIMIT_S)
        finally:
            process.kill()
    assert process.returncode == ExitCode.OK, errors
    report = json.loads(out)
    samples, verify = report["samples"], report["verify"]
    assert report["frames"] < FPS * (report["duration_s"] - AWAY_S + 1.0), "there were none meanwhile"
    assert samples["received"] >= 0.9 * STREAMS * RATE_HZ * AWAY_S
    assert (samples["lost"], verify["mismatched"], verify["skipped"]) == (0, 0, 0)
    assert verify["verified"] == samples["received"] + samples["backfilled"]
    assert report["link"]["reconnects"] == 0


def test_a_program_that_asks_nothing_for_a_while_finds_everything_that_fits_and_no_more() -> None:
    """As after a debugger or a long computation on the main thread: nobody draws, drains or reads."""
    history = 2_000
    with SimProcess(streams=STREAMS, rate_hz=RATE_HZ) as simulator, connect(simulator.url, history=history) as session:
        until(lambda: len(session.series) == STREAMS and all(each.ring.head for each in session.series.values()))
        heads = [series.ring.head for series in session.series.values()]
        time.sleep(3 * history / RATE_HZ)
        rings = [series.ring for series in session.series.values()]
        came = [ring.head - head for ring, head in zip(rings, heads, strict=True)]
        assert min(came) > 2 * history
        assert session.counters().lost == 0
        for ring in rings:
            head = ring.head
            assert ring.oldest >= head - ring.capacity
            assert ring.read(head - history // 2, head).shape == (1, history // 2)
        assert session.dropped_events == 0
