"""The whole program in a real window: simulator, link, store, frames, pixels, and a user's hand on the mouse."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import numpy as np
from PIL import Image

from lablink_dpg.model.exit_code import ExitCode
from tests.support.windows import play
from tests.system.running import LIMIT_S, run, start

BRIGHT = 150  # a line of a plot, on a background below 40


def bright_share(picture: Path) -> list[float]:
    """Share of bright pixels in each of the 2 × 2 quarters below the toolbar and above the status bar."""
    with Image.open(picture) as image:
        assert image.size == (1600, 1000)
        pixels = np.asarray(image.convert("RGB")).max(axis=2)[70:-50]
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    return [
        float((pixels[row * height : (row + 1) * height, column * width : (column + 1) * width] > BRIGHT).mean())
        for row in (0, 1)
        for column in (0, 1)
    ]


def test_streams_are_on_the_screen_and_the_picture_shows_them(xvfb: str, tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    environment = {**os.environ, "DISPLAY": xvfb}
    arguments = ("--streams", "4", "--duration", "5", "--verify", "--report", "-", "--screenshot", str(picture))
    done = run(*arguments, environment=environment)
    assert done.returncode == ExitCode.OK, done.stderr
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert report["frames"] > 10
    assert report["frame_ms"]["draw"]["p50"] > 0
    assert report["samples"]["lost"] == 0
    assert report["verify"]["mismatched"] == 0
    assert min(bright_share(picture)) > 0.002, "a plot is empty"


def test_a_server_that_is_not_there_leaves_a_window_that_says_so_and_can_be_closed(xvfb: str, tmp_path: Path) -> None:
    picture = tmp_path / "empty.png"
    environment = {**os.environ, "DISPLAY": xvfb}
    process = start("127.0.0.1:9", "--screenshot", str(picture), "--report", "-", environment=environment)
    try:
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            found = subprocess.run(
                ["xdotool", "search", "--name", "127.0.0.1:9"], env=environment, capture_output=True, check=False
            )
            if found.stdout.strip():
                break
            time.sleep(0.1)
        subprocess.run(["xdotool", "key", "--window", found.stdout.split()[0], "space"], env=environment, check=True)
        time.sleep(1.0)  # the text fades in with the first frames; nothing can be waited for in a foreign process
        process.terminate()
        out, errors = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    assert process.returncode == ExitCode.OK, errors
    report = json.loads(out)
    assert report["streams"] == 0
    assert "refused" in report["link"]["reason"] or "refused" in errors
    assert max(bright_share(picture)) > 0.0005, "the window says nothing"


def test_a_server_that_asks_is_logged_in_to_by_hand(xvfb: str, tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    done = play(xvfb, "tests.system.login_window", picture, is_seen=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ok\n"
    assert min(bright_share(picture)) > 0.002, "a plot is empty"
