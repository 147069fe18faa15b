"""Anything a server could send, through every way of decoding: no exception, no difference, no wrong sample."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.model.messages import BadMessage, Message
from lablink_dpg.wire import decoder, numbers, rows, timestamps, window
from lablink_dpg.wire.decoder import decode
from lablink_dpg.wire.reasons import Reason
from tests.support.wire_messages import (
    ACQUISITION,
    as_sent,
    damaged,
    json_values,
    message,
    misshapen,
    odd_samples,
    stamps,
    windows,
)
from tests.support.wire_oracle import check_block, fingerprint, times, without_known

# From where on something is done in the way that pays for many.
MANY_FROM = (
    (window, "LONG_LIST"),
    (window, "SHORT_BYTES"),
    (window, "MAX_STEPS"),
    (rows, "CHUNK_ROWS"),
    (timestamps, "EVEN_FROM"),
)
HONEST = message(9, stamps(6), {"CH1": [0.5, -1.0, 2e-9, 3.25, 1e9, -0.0], "CH2": [1, 2, 3, 4, 5, 6]})


def decode_every_way(raw: bytes, last_totals: Mapping[str, int]) -> Message:
    """Decode with each accelerator, lists together and apart, and without the fast way.

    All agree, and a block holds what the oracle reads.
    """
    results = []
    for accelerator in numbers.ACCELERATORS.values():
        for few in (False, True):  # samples are enough for what is done of many
            with ExitStack() as stack:
                stack.enter_context(patch.object(numbers, "active", accelerator))
                for module, name in MANY_FROM if few else ():
                    stack.enter_context(patch.object(module, name, 1))
                results.append(decode(raw, last_totals))
                received = bytearray(raw)
                results.append(decode(received, last_totals))
                received[:] = b"?" * len(raw)  # its memory is used again
                received.clear()
    assert len({fingerprint(result) for result in results}) == 1
    result = results[0]
    with patch.object(decoder, "locate", lambda raw: None):
        careful = decode(raw, last_totals)
    if fingerprint(careful) != fingerprint(result):
        # The one difference there may be: the fast way does not see a flaw among samples that are stored already.
        assert isinstance(result, AcquisitionBlock)
        assert isinstance(careful, BadMessage)
        # Unequal lengths: one known timestamp less, in as many bytes.
        assert careful.reason in (Reason.INVALID_JSON, Reason.INVALID_UTF8, Reason.UNEQUAL_LENGTHS)
        assert result.times_us.size < result.count
        raw = without_known(raw, result.count, result.times_us.size)
        with patch.object(decoder, "locate", lambda raw: None):
            assert fingerprint(decode(raw, last_totals)) == fingerprint(result)
    if isinstance(result, AcquisitionBlock):
        check_block(result, raw, last_totals)
    elif isinstance(result, BadMessage):
        assert result.reason in list(Reason)
        assert len(result.detail) <= 200
        assert result.detail.isprintable()
    return result


@given(windows())
def test_an_honest_window_is_a_block_without_problems(sent: tuple[bytes, dict[str, int]]) -> None:
    result = decode_every_way(*sent)
    assert isinstance(result, AcquisitionBlock)
    assert result.problems == ()


@given(windows(odd_samples))
def test_odd_samples_cost_nothing_but_themselves(sent: tuple[bytes, dict[str, int]]) -> None:
    assert isinstance(decode_every_way(*sent), AcquisitionBlock)


@given(misshapen(HONEST), st.none() | st.integers(0, 12))
def test_misshapen_messages_are_blocks_that_are_right_or_values_with_a_reason(sent: Any, stored: int | None) -> None:
    decode_every_way(as_sent(sent), {} if stored is None else {ACQUISITION: stored})


@given(damaged(as_sent(HONEST)), st.none() | st.integers(0, 12))
def test_damaged_messages_are_blocks_that_are_right_or_values_with_a_reason(raw: bytes, stored: int | None) -> None:
    decode_every_way(raw, {} if stored is None else {ACQUISITION: stored})


@given(damaged(json.dumps(HONEST).encode()), st.none() | st.integers(0, 12))
def test_damaged_messages_with_blanks_as_well(raw: bytes, stored: int | None) -> None:
    decode_every_way(raw, {} if stored is None else {ACQUISITION: stored})


@given(st.binary(max_size=200) | json_values.map(as_sent), st.booleans())
def test_any_bytes_at_all_are_a_value(raw: bytes, is_binary: bool) -> None:
    assert fingerprint(decode(raw, {}, is_binary=is_binary)) == fingerprint(
        decode(bytearray(raw), {}, is_binary=is_binary)
    )


@given(st.text(max_size=50) | st.text(st.characters(categories=["Cs"]), max_size=3))
def test_any_text_at_all_is_a_value(text: str) -> None:
    decode(text, {})


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), min_size=1, max_size=8),
    st.sampled_from([1, 101, 25_000, 333_333]),
    st.integers(1, 3),
    st.integers(0, 2**32),
)
def test_windows_with_a_seam_anywhere_join_to_the_stream_they_were_cut_from(
    steps: list[tuple[int, int]], step_us: int, channels: int, seed: int
) -> None:
    """Each window is so many samples further than the one before, and so many more than these long."""
    noise = np.random.default_rng(seed)
    end = sum(step for step, _ in steps)
    texts = stamps(end, step_us=step_us)
    values = noise.normal(size=(channels, end)) * 10.0 ** noise.integers(-9, 9, size=(channels, end))
    values[noise.random(values.shape) < 0.2] = 0.5  # numbers of very different lengths
    read, stored, total = [], {ACQUISITION: 0}, 0
    for step, more in steps:
        total += step
        first = max(0, total - step - more)
        listed = {f"CH{number}": row[first:total].tolist() for number, row in enumerate(values)}
        result = decode_every_way(as_sent(message(total, texts[first:total], listed)), stored)
        if isinstance(result, AcquisitionBlock):
            read.append(np.asarray(result.values))
            assert np.asarray(result.times_us).tolist() == times(texts[total - step : total]).tolist()
        stored = {ACQUISITION: total}
    joined = np.concatenate(read, axis=1) if read else np.empty((channels, 0))
    assert joined.tobytes() == values.tobytes()
