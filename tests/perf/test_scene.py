"""What all contenders are given, and the eye that looks for the newest sample in their pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perf.contenders import scene


@pytest.mark.parametrize("streams", [1, 2, 10, 64, 65])
def test_cells_lie_in_the_window_and_beside_each_other(streams: int) -> None:
    cells = scene.cells(streams)
    taken = np.zeros((scene.HEIGHT_PX, scene.WIDTH_PX), int)
    for cell in cells:
        taken[cell.y : cell.y + cell.height, cell.x : cell.x + cell.width] += 1
    assert len(cells) == streams
    assert taken.sum() == sum(cell.width * cell.height for cell in cells)
    assert taken.max() == 1


def test_samples_are_the_same_in_every_run_and_in_both_precisions(tmp_path: Path) -> None:
    case = scene.Case(3, 1000)
    signals = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        scene.write(case, folder)
        signals.append(scene.read(case, folder))
    first, second = signals
    assert first.doubles.shape == (3, 1000 + scene.FRAMES_AT_MOST * 10)
    assert np.array_equal(first.doubles, second.doubles)
    assert np.array_equal(first.doubles.astype(np.float32), first.floats)
    assert np.abs(first.doubles).max() <= 1.0
    assert not np.array_equal(first.doubles[0], first.doubles[1])


def test_a_spike_stays_in_the_process_that_made_it(tmp_path: Path) -> None:
    case = scene.Case(2, 1000)
    scene.write(case, tmp_path)
    signal = scene.read(case, tmp_path)
    signal.spike(signal.stop(3))
    assert (signal.doubles[:, 1029] == scene.SPIKE).all()
    assert (signal.floats[:, 1029] == scene.SPIKE).all()
    assert np.abs(scene.read(case, tmp_path).doubles).max() <= 1.0


def _picture(plots: list[scene.Rect], background: int) -> np.ndarray:
    """Plots as contenders draw them: a band where values within ±1 are, and a faint frame."""
    picture = np.full((scene.HEIGHT_PX, scene.WIDTH_PX, 3), background, np.uint8)
    for x, y, width, height in plots:
        middle, half = y + height // 2, round(height / (2 * scene.LIMIT))
        picture[middle - half : middle + half, x : x + width] = (0, 200, 200)
        picture[y : y + height, x + width - 1] = background + 30
    return picture


def _spike(picture: np.ndarray, plot: scene.Rect, from_edge_px: int) -> None:
    top = plot.y + round(plot.height * (scene.LIMIT - scene.SPIKE) / (2 * scene.LIMIT))
    picture[top : plot.y + plot.height // 2, plot.x + plot.width - from_edge_px] = (0, 200, 200)


@pytest.mark.parametrize("background", [0, 20, 225])
@pytest.mark.parametrize("from_edge_px", [0, 1, 4])
def test_spikes_at_the_right_edge_are_seen_and_only_they(background: int, from_edge_px: int) -> None:
    plots = scene.cells(64)
    picture = _picture(plots, background)
    assert scene.spikes_seen(picture, plots) == 0
    for plot in plots[:40]:
        _spike(picture, plot, from_edge_px)
    assert scene.spikes_seen(picture, plots) == 40


def test_a_spike_that_is_not_the_newest_sample_is_not_taken_for_it() -> None:
    plots = scene.cells(10)
    picture = _picture(plots, 20)
    for plot in plots:
        _spike(picture, plot, 20)
    assert scene.spikes_seen(picture, plots) == 0
