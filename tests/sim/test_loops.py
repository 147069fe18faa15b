"""Looped signals from their tables against the same signals computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.sim.loops import Loop, Loops
from lablink_dpg.sim.signals import KINDS, MAX_LOOP_LOG2, expected, make_spec

FAR = 40_000_000_000  # samples
LOG2 = 6
LOOP = 1 << LOG2

specs = st.builds(make_spec, st.sampled_from(KINDS), st.integers(0, 2**63 - 1), st.just(1e5), loop_log2=st.just(LOG2))


def computed(spec: dict[str, Any], first: int, stop: int) -> np.ndarray:
    return expected(spec, np.arange(first, stop, dtype=np.int64))


@given(specs, st.integers(0, FAR), st.lists(st.integers(0, 3 * LOOP), min_size=1, max_size=6))
def test_stretches_are_the_same_bits_however_they_are_cut(spec: dict[str, Any], first: int, sizes: list[int]) -> None:
    loop, at = Loop(spec), first
    for size in sizes:
        assert loop.values(at, at + size).tobytes() == computed(spec, at, at + size).tobytes()
        at += size
    assert loop.values(first, at).tobytes() == computed(spec, first, at).tobytes()


@given(specs, st.integers(0, FAR), st.integers(0, 3 * LOOP))
def test_text_is_what_the_encoder_writes(spec: dict[str, Any], first: int, size: int) -> None:
    text = b"".join(Loop(spec).text(first, first + size))
    plain = orjson.dumps(computed(spec, first, first + size), option=orjson.OPT_SERIALIZE_NUMPY)
    assert b"[" + text[:-1] + b"]" == plain
    assert text[-1:] == (b"," if size else b"")


@pytest.mark.parametrize("first", [0, 1, LOOP - 1, 5 * LOOP])
def test_a_stretch_no_longer_than_the_loop_is_not_copied_and_cannot_be_changed(first: int) -> None:
    loop = Loop(make_spec("noise", 1, 1e5, loop_log2=LOG2))
    whole = loop.values(first, first + LOOP)
    assert np.shares_memory(whole, loop.values(0, LOOP))
    with pytest.raises(ValueError, match="read-only"):
        whole[0] = 0.0


def test_a_loop_too_long_to_be_kept_is_refused() -> None:
    with pytest.raises(ValueError, match=f"loop_log2 of {MAX_LOOP_LOG2 + 1}"):
        Loop({**make_spec("sine", 1, 1e5), "loop_log2": MAX_LOOP_LOG2 + 1})


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, FAR), st.integers(0, 300)), min_size=1, max_size=20))
def test_any_signal_has_its_values_whatever_is_kept(asked: list[tuple[int, int, int]]) -> None:
    kept = Loops(max_samples=3 * LOOP)
    for seed, first, size in asked:
        looped = make_spec(KINDS[seed % len(KINDS)], seed, 1e5, loop_log2=LOG2 if seed % 3 else None)
        assert kept.values(looped, first, first + size).tobytes() == computed(looped, first, first + size).tobytes()
        assert kept._samples == LOOP * len(kept._loops) <= 3 * LOOP


def test_a_loop_longer_than_any_table_is_computed() -> None:
    kept, spec = Loops(), {**make_spec("sine", 1, 1e5), "loop_log2": MAX_LOOP_LOG2 + 1}
    period = 2 << MAX_LOOP_LOG2
    assert kept.values(spec, period - 5, period + 5).tobytes() == computed(spec, period - 5, period + 5).tobytes()
    assert not kept._loops


def test_a_loop_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from lablink_dpg.sim import loops

    made: list[int] = []
    monkeypatch.setattr(loops, "expected", lambda spec, numbers: made.append(len(numbers)) or expected(spec, numbers))
    kept, spec = Loops(), make_spec("sine", 1, 1e5, loop_log2=LOG2)
    for first in range(0, 10 * LOOP, 7):
        kept.values(dict(spec), first, first + 100)
    assert made == [LOOP]
