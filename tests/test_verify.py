"""The verifier itself must be trustworthy: it finds one wrong bit, and it does not call missing samples wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState, DataWindow
from lablink_dpg.model.storage import Storage
from lablink_dpg.sim.signals import expected, make_spec
from lablink_dpg.store.store import Store
from lablink_dpg.verify import LOOPED_FOR_ONE, Verifier

RATE_HZ = 1000.0
BEGAN_US = 1_795_000_000_000_000
CHANNELS = ("CH1", "CH2")
SPECS = {"CH1": make_spec("sine", 1, RATE_HZ), "CH2": make_spec("noise", 2, RATE_HZ)}
LOOPED = {name: {**spec, "loop_log2": 9} for name, spec in SPECS.items()}


def times_us(start: int, stop: int) -> np.ndarray:
    return BEGAN_US + np.arange(start, stop) * 1000


def values(start: int, stop: int, specs: Mapping[str, Any] = SPECS) -> np.ndarray:
    numbers = np.arange(start, stop)
    return np.stack([expected(specs[channel], numbers) for channel in CHANNELS])


def block(start: int, stop: int, specs: Mapping[str, Any] = SPECS) -> AcquisitionBlock:
    return AcquisitionBlock(
        "a", AcquisitionState.ACQUIRING, stop, stop - start, times_us(start, stop), CHANNELS, values(start, stop, specs)
    )


def store(capacity: int = 10_000, specs: Mapping[str, Any] = SPECS) -> Store:
    out = Store(capacity)
    out.describe(
        AcquisitionInfo("a", "e", "a", AcquisitionState.ACQUIRING, CHANNELS, RATE_HZ, metadata={"signals": specs}), "s"
    )
    return out


def ingest(into: Store, what: AcquisitionBlock) -> None:
    into.ingest(what, int(what.times_us[-1]) + 1000)


def test_every_sample_of_an_undisturbed_run_is_verified() -> None:
    filled, verifier = store(), Verifier()
    for start in range(0, 5000, 70):
        ingest(filled, block(max(0, start - 30), start + 70))
        verifier.step(filled, 1000)
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched, verifier.skipped) == (5040 * 2, 0, 0)


@pytest.mark.parametrize("number", [0, 999, 1000, 2999])
def test_one_wrong_bit_is_one_mismatch(number: int) -> None:
    wrong = block(0, 3000)
    wrong.values[1, number] = np.nextafter(wrong.values[1, number], np.inf)
    filled, verifier = store(), Verifier()
    ingest(filled, wrong)
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched) == (5999, 1)


def test_values_kept_as_float32_are_compared_as_such() -> None:
    filled = Store(10_000, Storage.FLOAT32)
    filled.describe(store().series["a"].info, "server")
    verifier = Verifier()
    ingest(filled, block(0, 1000))
    wrong = block(900, 3000)
    wrong.values[1, 600] = np.nextafter(np.float32(wrong.values[1, 600]), np.float32(np.inf))
    ingest(filled, wrong)
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched) == (5999, 1)


def test_a_sample_stored_under_the_wrong_number_is_a_mismatch() -> None:
    shifted = AcquisitionBlock(
        "a", AcquisitionState.ACQUIRING, 1001, 1000, times_us(0, 1000), CHANNELS, values(0, 1000)
    )
    filled, verifier = store(), Verifier()
    ingest(filled, shifted)
    verifier.finish(filled)
    assert verifier.mismatched > 1900


def test_a_hole_is_neither_right_nor_wrong_and_is_looked_at_again_once_it_is_filled() -> None:
    filled, verifier = store(), Verifier()
    ingest(filled, block(0, 1000))
    ingest(filled, block(1200, 1500))
    verifier.step(filled, 10_000)
    assert (verifier.verified, verifier.mismatched) == (1300 * 2, 0)
    assert filled.backfill(DataWindow("a", times_us(900, 1500), CHANNELS, values(900, 1500))) == 200
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched) == (1500 * 2, 0)


def test_a_wrong_sample_in_a_filled_hole_is_found() -> None:
    filled, verifier = store(), Verifier()
    ingest(filled, block(0, 1000))
    ingest(filled, block(1200, 1500))
    verifier.step(filled, 10_000)
    data = values(900, 1500)
    data[0, 150] += 1.0  # number 1050
    filled.backfill(DataWindow("a", times_us(900, 1500), CHANNELS, data))
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched) == (1500 * 2 - 1, 1)


def test_after_a_restart_samples_are_compared_by_their_new_numbers() -> None:
    filled, verifier = store(), Verifier()
    ingest(filled, block(0, 1000))
    again = AcquisitionBlock("a", AcquisitionState.ACQUIRING, 300, 300, times_us(2000, 2300), CHANNELS, values(0, 300))
    ingest(filled, again)
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched) == (1300 * 2, 0)


def test_what_was_overwritten_before_it_could_be_compared_is_counted_as_skipped() -> None:
    filled, verifier = store(capacity=1024), Verifier()
    ingest(filled, block(0, 1000))
    ingest(filled, block(900, 5000))
    verifier.finish(filled)
    assert verifier.mismatched == 0
    assert verifier.verified > 0
    assert verifier.skipped > 0
    assert verifier.verified + verifier.skipped == 5000 * 2


def test_a_server_without_known_signals_verifies_nothing() -> None:
    filled, verifier = Store(10_000), Verifier()
    ingest(filled, block(0, 1000))
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched, verifier.skipped) == (0, 0, 2000)


def test_a_step_waits_until_there_is_enough_to_compare() -> None:
    filled, verifier = store(), Verifier()
    ingest(filled, block(0, 1000))
    verifier.step(filled, 10_000)
    ingest(filled, block(900, 1100))
    verifier.step(filled, 10_000)
    assert verifier.verified == 2000
    ingest(filled, block(1000, 1000 + filled.capacity // 4))
    verifier.step(filled, 10_000)
    assert verifier.verified == 2000 + filled.capacity // 4 * 2


def test_looped_signals_are_verified_over_many_rounds() -> None:
    filled, verifier = store(specs=LOOPED), Verifier()
    for start in range(0, 5000, 70):
        ingest(filled, block(max(0, start - 30), start + 70, LOOPED))
        verifier.step(filled, 1000)
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched, verifier.skipped) == (5040 * 2, 0, 0)


def test_one_wrong_bit_in_a_later_round_of_a_loop_is_one_mismatch() -> None:
    wrong = block(0, 3000, LOOPED)
    wrong.values[1, 2999] = np.nextafter(wrong.values[1, 2999], np.inf)
    filled, verifier = store(specs=LOOPED), Verifier()
    ingest(filled, wrong)
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched) == (5999, 1)


def test_a_channel_that_did_not_come_is_skipped_and_not_wrong() -> None:
    partly = block(0, 3000, LOOPED)
    partly.values[1, 100:200] = np.nan
    filled, verifier = store(specs=LOOPED), Verifier()
    ingest(filled, partly)
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched, verifier.skipped) == (5900, 0, 100)


def test_a_step_takes_more_of_samples_that_are_only_looked_up() -> None:
    filled, verifier = store(specs=LOOPED), Verifier()
    ingest(filled, block(0, 5000, LOOPED))
    verifier.step(filled, 100)
    assert verifier.verified == 100 * LOOPED_FOR_ONE


def test_a_step_is_bounded_in_channel_samples() -> None:
    filled, verifier = store(), Verifier()
    ingest(filled, block(0, 5000))
    verifier.step(filled, 100)
    assert verifier.verified == 100


def test_a_channel_that_a_message_does_not_carry_is_skipped_and_not_wrong() -> None:
    filled, verifier = store(), Verifier()
    ingest(filled, block(0, 1000))
    only = AcquisitionBlock(
        "a", AcquisitionState.ACQUIRING, 1500, 500, times_us(1000, 1500), CHANNELS[:1], values(1000, 1500)[:1]
    )
    ingest(filled, only)
    verifier.finish(filled)
    assert (verifier.verified, verifier.mismatched, verifier.skipped) == (2500, 0, 500)
    counters = filled.series["a"].counters
    assert (counters.received, counters.lost) == (2500, 500)
