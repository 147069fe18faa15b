"""Tests of folding, compiled and by numpy, against a slow oracle that goes from value to value."""

from __future__ import annotations

import importlib.machinery
import math
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from lablink_dpg.store import folding
from lablink_dpg.store.folding import FANOUT, LONG_ROW, Fold, fold, fold_by_numpy

# Both, or numpy's alone where there was no compiler when this was installed.
FOLDS = list(dict.fromkeys((fold_by_numpy, fold)))
ALL = pytest.mark.parametrize("folds", FOLDS, ids=["numpy", "compiled"][: len(FOLDS)])


def extreme(values: list[float], *, is_low: bool) -> float:
    known = [value for value in values if not math.isnan(value)]
    return (min if is_low else max)(known) if known else math.nan


def check(folds: Fold, lows: np.ndarray[Any, Any], highs: np.ndarray[Any, Any], source_slot: int, slot: int) -> None:
    """All cells that there are from ``source_slot`` on; what lies around them stays."""
    channels, n = lows.shape
    cells = (n - source_slot) // FANOUT
    low, high = np.full((2, channels, slot + cells + 3), 7.5, lows.dtype)
    folds(lows, highs, source_slot, low, high, slot, cells)
    for channel in range(channels):
        for cell in range(cells):
            span = slice(source_slot + cell * FANOUT, source_slot + (cell + 1) * FANOUT)
            least = extreme(lows[channel, span].tolist(), is_low=True)
            most = extreme(highs[channel, span].tolist(), is_low=False)
            np.testing.assert_equal((low[channel, slot + cell], high[channel, slot + cell]), (least, most))
    for out in (low, high):
        assert (out[:, :slot] == 7.5).all()
        assert (out[:, slot + cells :] == 7.5).all()


@ALL
@given(data=st.data())
def test_extremes_are_those_of_the_values_whatever_they_are(folds: Fold, data: st.DataObject) -> None:
    dtype = data.draw(st.sampled_from((np.float64, np.float32)))
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(0, 5 * FANOUT)))
    width = 8 * np.dtype(dtype).itemsize
    values = st.floats(width=width) | st.just(math.nan) | st.sampled_from((math.inf, -math.inf))
    some, others = (data.draw(npst.arrays(dtype, shape, elements=values)) for _ in range(2))
    check(
        folds,
        np.fmin(some, others),
        np.fmax(some, others),
        data.draw(st.integers(0, shape[1])),
        data.draw(st.integers(0, 4)),
    )


@ALL
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "cells", [1, 40, LONG_ROW - 1, LONG_ROW, 5000]
)  # from 4096 cells of four channels on others may run meanwhile
def test_long_rows_with_holes_are_folded_alike(folds: Fold, dtype: type, cells: int) -> None:
    values = np.random.default_rng(cells).normal(size=(4, cells * FANOUT + 5)).astype(dtype)
    values[1, 3::7] = np.nan
    values[2, FANOUT : 3 * FANOUT] = np.nan
    values[3, ::50] = np.inf
    check(folds, values, values, 5, 2)


@ALL
def test_a_cell_of_nothing_but_one_infinity_is_that_and_of_nothing_at_all_nan(folds: Fold) -> None:
    for value in (math.inf, -math.inf, math.nan, 0.0):
        check(folds, np.full((1, FANOUT), value), np.full((1, FANOUT), value), 0, 0)


def test_it_is_compiled_where_there_is_a_compiler_and_what_it_needs() -> None:
    compiler = shutil.which(os.environ.get("CC", "cc"))
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    assert folding.IS_COMPILED or compiler is None or not headers.exists(), "install it anew: pip install -e ."


OF_ANOTHER_MACHINE = f"_fold{importlib.machinery.EXTENSION_SUFFIXES[0]}", b"of another machine"
OF_ANOTHER_VERSION = "_fold.py", b"VERSION, fold = 0, None"
OF_ANOTHER_KIND = "_fold.py", b""


@pytest.mark.parametrize("module", [OF_ANOTHER_MACHINE, OF_ANOTHER_VERSION, OF_ANOTHER_KIND])
def test_what_lies_there_and_is_of_no_use_is_done_without(module: tuple[str, bytes], tmp_path: Path) -> None:
    """As if the folder had been copied from another machine, or the package only half renewed: numpy folds."""
    package = tmp_path / "lablink_dpg"
    shutil.copytree(Path(folding.__file__).parents[1], package, ignore=shutil.ignore_patterns("_fold.*", "__pycache__"))
    name, content = module
    (package / "store" / name).write_bytes(content)
    words = "from lablink_dpg.store import folding; print(folding.IS_COMPILED, folding.fold is folding.fold_by_numpy)"
    done = subprocess.run([sys.executable, "-c", words], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


good = np.zeros((2, 64))
read_only = np.zeros((2, 64))
read_only.flags.writeable = False


@pytest.mark.parametrize(
    "arguments",
    [
        (good, good, 0, good, good, 0, 5),
        (good, good, 1, good, good, 0, 4),
        (good, good, 0, good, good, 61, 4),
        (good, good, -16, good, good, 0, 1),
        (good, good, 0, good, good, -1, 1),
        (good, good, 0, good, good, 0, -1),
        (good, good, 0, good, good, 0, 2**62),
        (good, good, 0, good, good, 0, -(2**63)),
        (good, good[:1], 0, good, good, 0, 1),
        (good, good, 0, good[:1], good, 0, 1),
        (good, good, 0, good, good.astype(np.float32), 0, 1),
        (good.astype(np.int64), good, 0, good, good, 0, 1),
        (good.astype(">f8"), good, 0, good, good, 0, 1),
        (good[0], good, 0, good, good, 0, 1),
        (good.T, good, 0, good, good, 0, 1),
        (good, good[:, ::2], 0, good, good, 0, 1),
        (good, good, 0, good, read_only, 0, 1),
        ([1.0], good, 0, good, good, 0, 1),
    ],
)
def test_arrays_it_was_not_made_for_are_refused_and_nothing_is_written(arguments: tuple[Any, ...]) -> None:
    compiled = [each for each in FOLDS if each is not fold_by_numpy]
    for each in compiled:
        with pytest.raises((ValueError, TypeError, BufferError)):
            each(*arguments)
    assert not good.any()
