"""The answer of REST ``…/data``: the newest samples of the server's buffer, with the same tolerance as the WebSocket.

Never raises. The body names no sample numbers; which samples these are is found by the store.
"""

from __future__ import annotations

import numpy as np

from lablink_dpg.model.acquisition import DataWindow
from lablink_dpg.model.messages import BadMessage
from lablink_dpg.wire.lists import locate
from lablink_dpg.wire.plain import count_field, list_field, load_object, object_field, text_field
from lablink_dpg.wire.reasons import MAX_MESSAGE_BYTES, MAX_TOTAL_SAMPLES, Reason, Refused, in_order
from lablink_dpg.wire.samples import Samples, samples_of_window
from lablink_dpg.wire.window import read_end


def decode_data(body: bytes, acquisition_id: str) -> DataWindow | BadMessage:
    """All samples of ``{"acquisition_id", "channels", "data": {"timestamps", "values"}, "count"}``. Any thread.

    An answer about another acquisition is refused. An empty buffer gives a window of no samples.
    """
    try:
        samples = _fast(body, acquisition_id)
        if samples is None:
            samples = _careful(body, acquisition_id)
    except Refused as refused:
        return BadMessage(refused.reason.value, refused.detail)
    return DataWindow(
        acquisition_id,
        samples.times_us,
        samples.channels,
        np.asarray(samples.values, np.float64),
        in_order(set(samples.problems)),
    )


def _fast(body: bytes, acquisition_id: str) -> Samples | None:
    window = locate(body) if len(body) <= MAX_MESSAGE_BYTES else None
    if window is None or window.skeleton.get("acquisition_id") != acquisition_id:
        return None
    try:
        count = count_field(window.skeleton, "count", MAX_TOTAL_SAMPLES)
    except Refused:
        return None
    return read_end(window, count, count)


def _careful(body: bytes, acquisition_id: str) -> Samples:
    message = load_object(body)
    answered = text_field(message, "acquisition_id")
    if answered != acquisition_id:
        raise Refused(Reason.WRONG_TYPE, f"acquisition_id is {answered[:80]!r}, not {acquisition_id[:80]!r}")
    data = object_field(message, "data")
    timestamps, by_channel = list_field(data, "timestamps"), object_field(data, "values")
    count = count_field(message, "count", MAX_TOTAL_SAMPLES)
    if len(timestamps) != count:
        raise Refused(Reason.UNEQUAL_LENGTHS, f"count is {count}, timestamps has {len(timestamps)}")
    return samples_of_window(timestamps, by_channel, count)
