"""The signals are what a client is checked against, so they themselves are checked against slow, obvious maths."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.sim.signals import (
    BLOCK,
    KINDS,
    MAX_LOOP_LOG2,
    MIN_LOOP_LOG2,
    SPIKE_LOG2,
    TABLE_GRID,
    TABLE_LOG2,
    expected,
    make_spec,
    mix,
    unit,
)

RATE_HZ = 10_000.0
FAR = 40_000_000_000  # samples: 46 days at 10 kS/s

specs = st.builds(make_spec, st.sampled_from(KINDS), st.integers(0, 2**63 - 1), st.just(RATE_HZ))


def plain(kind: str, **changes: Any) -> dict[str, Any]:
    """Amplitude 1 around 0, without noise and spikes."""
    return make_spec(kind, 3, RATE_HZ, **{"amplitude": 1.0, "offset": 0.0, "noise": 0.0, "spike": 0.0, **changes})


@given(specs, st.integers(0, FAR), st.lists(st.integers(0, 3000), min_size=1, max_size=8), st.integers(0, 7))
def test_values_are_the_same_however_the_indices_are_cut(
    spec: dict[str, Any], first: int, sizes: list[int], shift: int
) -> None:
    count = sum(sizes)
    whole = expected(spec, np.arange(first, first + count, dtype=np.int64))
    # Each piece lies at another alignment, as slices of a bigger array do.
    cuts = np.cumsum([0, *sizes])
    room = np.arange(first - shift, first + count, dtype=np.int64)[shift:]
    pieces = [expected(spec, room[start:stop]) for start, stop in itertools.pairwise(cuts)]
    assert np.concatenate(pieces).tobytes() == whole.tobytes()


@given(specs, st.lists(st.integers(0, FAR), min_size=1, max_size=50))
def test_a_sample_depends_on_its_own_index_only(spec: dict[str, Any], indices: list[int]) -> None:
    together = expected(spec, np.array(indices, dtype=np.int64))
    alone = [expected(spec, np.array([index], dtype=np.int64))[0] for index in indices]
    assert together.tolist() == alone


def test_indices_may_come_in_strides_and_backwards() -> None:
    spec = make_spec("sine", 1, RATE_HZ)
    forward = expected(spec, np.arange(3 * BLOCK, dtype=np.int64))
    assert (expected(spec, np.arange(3 * BLOCK, dtype=np.int64)[::-7]) == forward[::-7]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_spec_survives_json_and_values_do_too(kind: str) -> None:
    spec = make_spec(kind, 99, RATE_HZ)
    indices = np.arange(5000, dtype=np.int64)
    values = expected(spec, indices)
    assert np.isfinite(values).all()
    assert (expected(json.loads(json.dumps(spec)), indices) == values).all()
    text = json.dumps(values.tolist())
    assert (np.array(json.loads(text)) == values).all()
    assert len(text) / len(values) > 17, "values are as long as a real server's, not artificially short"


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_exactly_one_spike_in_each_stretch_and_it_is_one_sample_wide(kind: str) -> None:
    spec = make_spec(kind, 5, RATE_HZ, spike=100.0, spike_log2=8)
    indices = np.arange(256 * 200, dtype=np.int64)
    extra = expected(spec, indices) - expected({**spec, "spike": 0.0}, indices)
    spikes = np.flatnonzero(extra)
    assert (spikes // 256 == np.arange(200)).all()
    assert extra[spikes] == pytest.approx(100.0)
    assert np.diff(spikes).min() > 1
    assert len(set((spikes % 256).tolist())) > 50, "their places look random"


def test_specs_have_spikes_unless_told_otherwise() -> None:
    for seed in range(20):
        spec = make_spec("sine", seed, RATE_HZ)
        values = expected(spec, np.arange(20_000, dtype=np.int64)) - spec["offset"]
        assert 1 <= np.count_nonzero(np.abs(values) > 3 * spec["amplitude"]) <= 3


def test_a_sine_is_a_sine() -> None:
    spec = plain("sine", frequency_hz=50.0)
    indices = np.arange(1_000_000, 1_010_000, dtype=np.int64)
    phase = spec["phase"] / 2**64
    truth = [math.sin(2 * math.pi * (phase + 50.0 * index / RATE_HZ)) for index in indices.tolist()]
    assert np.abs(expected(spec, indices) - truth).max() < 2 * math.pi / 2**TABLE_LOG2 + 1e-6


def test_a_square_has_two_values_and_the_right_period() -> None:
    values = expected(plain("square", frequency_hz=100.0), np.arange(10_000, dtype=np.int64))
    assert set(values.tolist()) == {1.0, -1.0}
    assert abs(np.count_nonzero(np.diff(values)) - 200) <= 1


def test_a_ramp_rises_steadily_and_falls_once_a_period() -> None:
    values = expected(plain("ramp", frequency_hz=100.0), np.arange(10_000, dtype=np.int64))
    steps = np.diff(values)
    falls = np.flatnonzero(steps < 0)
    assert (np.diff(falls) == 100).all()
    assert np.delete(steps, falls) == pytest.approx(2 * 100 / RATE_HZ)
    assert values.min() >= -1.0
    assert values.max() < 1.0


def test_noise_is_centred_bounded_and_uncorrelated() -> None:
    values = expected(plain("noise"), np.arange(200_000, dtype=np.int64))
    assert np.abs(values).max() < 1.0
    assert abs(values.mean()) < 0.005
    assert values.std() == pytest.approx(1 / math.sqrt(6), rel=0.02)
    assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 0.01


def test_a_chirp_gets_faster_until_it_starts_again() -> None:
    spec = plain("chirp", frequency_hz=20.0)
    sweep = 1 << spec["sweep_log2"]
    values = expected(spec, np.arange(sweep, dtype=np.int64))
    crossings = [np.count_nonzero(np.diff(np.sign(quarter)) != 0) for quarter in np.split(values, 4)]
    assert crossings == sorted(crossings)
    assert crossings[3] > 2.5 * crossings[0]
    # Only its phase goes on from one sweep to the next, as k restarts: the second sweep equals the first.
    assert (expected(spec, np.arange(sweep, 2 * sweep, dtype=np.int64)) == values).all()


@given(
    st.sampled_from(KINDS),
    st.integers(0, 2**63 - 1),
    st.integers(MIN_LOOP_LOG2, 16),
    st.lists(st.integers(0, FAR), min_size=1, max_size=50),
)
def test_a_loop_is_its_first_samples_again_and_again(kind: str, seed: int, log2: int, indices: list[int]) -> None:
    spec = make_spec(kind, seed, RATE_HZ, loop_log2=log2)
    once = {name: value for name, value in spec.items() if name != "loop_log2"}
    looped = expected(spec, np.array(indices, dtype=np.int64))
    first = expected(once, np.array([index % 2**log2 for index in indices], dtype=np.int64))
    assert looped.tobytes() == first.tobytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("log2", [MIN_LOOP_LOG2, 10, 16])
def test_a_loop_holds_whole_turns_so_that_the_wave_passes_its_seam(kind: str, log2: int) -> None:
    spec = make_spec(kind, 7, 1e6, loop_log2=log2)
    assert 0 < spec["step"] < 2**64
    assert spec["step"] * 2**log2 % 2**64 == 0
    assert spec.get("sweep_log2", log2) <= log2


def test_a_loop_is_without_a_seam_where_the_signal_is() -> None:
    spec = plain("sine", frequency_hz=30.0, loop_log2=12)
    over_the_seam = expected(spec, np.arange(4096 - 50, 4096 + 50, dtype=np.int64))
    assert np.abs(np.diff(over_the_seam)).max() < 1.01 * 2 * math.pi * spec["step"] / 2**64


@pytest.mark.parametrize("log2", [MIN_LOOP_LOG2, 8, SPIKE_LOG2, 16])
def test_each_round_of_a_loop_has_its_spikes(log2: int) -> None:
    spec = make_spec("sine", 7, RATE_HZ, loop_log2=log2, spike=100.0)
    indices = np.arange(2 * 2**log2, dtype=np.int64)
    extra = expected(spec, indices) - expected({**spec, "spike": 0.0}, indices)
    assert np.count_nonzero(extra) == 2 * max(1, 2**log2 // 2**SPIKE_LOG2)


def test_a_spec_without_loop_says_nothing_of_loops() -> None:
    assert "loop_log2" not in make_spec("chirp", 1, RATE_HZ), "specs of earlier runs stay what they were"


@pytest.mark.parametrize("log2", [MIN_LOOP_LOG2 - 1, MAX_LOOP_LOG2 + 1])
def test_a_loop_out_of_bounds_is_refused(log2: int) -> None:
    with pytest.raises(ValueError, match=f"loop_log2 of {log2}"):
        make_spec("sine", 0, 1.0, loop_log2=log2)


@pytest.mark.parametrize("log2", [-1, 64, 10**12])
def test_a_loop_that_cannot_be_counted_is_refused(log2: int) -> None:
    with pytest.raises(ValueError, match=f"loop_log2 of {log2}"):
        expected({**make_spec("sine", 0, 1.0), "loop_log2": log2}, np.zeros(1, dtype=np.int64))


def test_seeds_make_different_signals() -> None:
    indices = np.arange(100, dtype=np.int64)
    firsts = {tuple(expected(make_spec("sine", seed, RATE_HZ), indices).tolist()) for seed in range(100)}
    assert len(firsts) == 100


def test_no_table_entry_is_so_near_a_rounding_boundary_that_two_maths_libraries_could_disagree() -> None:
    turns = np.arange(1 << TABLE_LOG2) * (2 * math.pi / (1 << TABLE_LOG2))
    scaled = np.sin(turns) * TABLE_GRID
    assert np.abs(scaled - np.floor(scaled) - 0.5).min() > 1000 * np.spacing(TABLE_GRID)


def test_frequencies_beyond_what_the_rate_can_carry_are_lowered() -> None:
    assert plain("sine", frequency_hz=1e9)["step"] == 1 << 62


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("triangle", 0, 1.0), "triangle"),
        (("sine", 0, 0.0), "positive"),
        (("sine", 0, math.nan), "positive"),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_spec(*arguments)


def test_an_unknown_kind_in_a_spec_is_refused() -> None:
    with pytest.raises(ValueError, match="triangle"):
        expected({**make_spec("sine", 0, 1.0), "kind": "triangle"}, np.zeros(1, dtype=np.int64))


def test_a_spike_needs_a_stretch_wide_enough() -> None:
    with pytest.raises(ValueError, match="spike_log2 of 1"):
        make_spec("sine", 0, 1.0, spike_log2=1)


def test_chance_is_spread_over_its_range() -> None:
    assert len({mix(number) for number in range(1000)}) == 1000
    assert 0 not in {mix(number) for number in range(1000)}
    assert np.histogram([unit(1, number) for number in range(1000)], bins=4, range=(0, 1))[0].min() > 200
