"""One message from the server, in whatever bytes it comes, as one value. Never raises: a bad message is a value too.

``decode`` keeps nothing between calls; what is already stored is told to it, so that of an overlapping window only the
new samples are converted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionState
from lablink_dpg.model.messages import (
    Acknowledgement,
    AcquisitionEmpty,
    BadMessage,
    Capabilities,
    Message,
    Pong,
    Reading,
    ServerError,
    ServerEvent,
)
from lablink_dpg.wire import cbor, typed
from lablink_dpg.wire.compression import decompress
from lablink_dpg.wire.lists import Window, locate
from lablink_dpg.wire.plain import count_field, kind, list_field, load_object, object_field, text_field
from lablink_dpg.wire.reasons import MAX_MESSAGE_BYTES, MAX_TOTAL_SAMPLES, Reason, Refused, clip, in_order
from lablink_dpg.wire.samples import Samples, samples_of_window
from lablink_dpg.wire.straight import usual
from lablink_dpg.wire.timestamps import as_even, parse_start
from lablink_dpg.wire.window import read_end

# What a message begins with that is CBOR: a map of any length. No JSON text begins with one of these, nor a
# compressed frame.
CBOR_MAP = frozenset((*range(0xA0, 0xBC), 0xBF))


def decode(
    raw: bytes | bytearray | str,
    last_totals: Mapping[str, int],
    last_starts: Mapping[str, int] = MappingProxyType({}),
    *,
    is_binary: bool = False,
) -> Message:
    """Decode one WebSocket message; ``is_binary`` if it came in a binary frame. Any thread.

    Typed samples are views of ``raw``: a bytearray must stay as it is while there are any. Nothing else refers to it.

    ``last_totals[acquisition_id]`` is the ``total_samples`` already stored: of a window, only the newer samples are
    in the block. A smaller total, another start than ``last_starts`` has (both are a restart) or an unknown id gives
    all that is of this run: a server's buffer, and so its windows, may reach back into the run before.
    """
    try:
        message = _as_bytes(raw, is_binary)
        if message and message[0] in CBOR_MAP:
            typed_message = cast("bytes", message)  # a bytearray does for what is asked of it
            return usual(typed_message) or _decode_object(_load_typed(typed_message), last_totals, last_starts)
        window = locate(message) if len(message) <= MAX_MESSAGE_BYTES else None
        block = _fast_block(window, last_totals, last_starts) if window is not None else None
        return block if block is not None else _decode_object(load_object(message), last_totals, last_starts)
    except Refused as refused:
        return BadMessage(refused.reason.value, refused.detail)


def _as_bytes(raw: bytes | bytearray | str, is_binary: bool) -> bytes | bytearray:
    if isinstance(raw, str):
        try:
            return raw.encode("utf-8")
        except UnicodeEncodeError as error:
            raise Refused(Reason.INVALID_UTF8, str(error)) from None
    return decompress(bytes(raw)) if is_binary else raw


def _load_typed(message: bytes) -> dict[str, Any]:
    value: dict[str, Any] = cbor.load(message)  # begins as a map does
    return value if value.get("type") == "acquisition_stream" else cbor.as_plain(value)


def _fast_block(
    window: Window, last_totals: Mapping[str, int], last_starts: Mapping[str, int]
) -> AcquisitionBlock | None:
    """The block of an ordinary message, or None if the careful way has to decide."""
    message = window.skeleton
    if message.get("type") != "acquisition_stream":
        return None
    try:
        head = _Head(message)
        count = count_field(message["data"], "count", MAX_TOTAL_SAMPLES)
    except Refused:
        return None
    samples = read_end(window, count, head.new_of(count, last_totals, last_starts))
    return None if samples is None else head.block(count, samples)


class _Head:
    """What an ``acquisition_stream`` message says besides its samples."""

    __slots__ = ("acquisition_id", "started_us", "state", "total_samples")

    def __init__(self, message: dict[str, Any]) -> None:
        self.acquisition_id = text_field(message, "acquisition_id")
        state = message.get("state")
        self.state = AcquisitionState.parse(state) if isinstance(state, str) else AcquisitionState.UNKNOWN
        stats = object_field(message, "stats")
        self.total_samples = count_field(stats, "total_samples", MAX_TOTAL_SAMPLES)
        self.started_us = parse_start(stats.get("start_time"))

    def new_of(self, count: int, last_totals: Mapping[str, int], last_starts: Mapping[str, int]) -> int:
        """How many samples of a window of ``count`` are of this run and not stored yet."""
        last = last_totals.get(self.acquisition_id)
        if last is None or self.total_samples < last or self._is_other_run(last_starts.get(self.acquisition_id)):
            last = 0
        return min(count, self.total_samples - last)

    def _is_other_run(self, last_start: int | None) -> bool:
        return last_start is not None and self.started_us is not None and self.started_us != last_start

    def block(self, count: int, samples: Samples) -> AcquisitionBlock:
        times_us, is_even = as_even(samples.times_us)
        return AcquisitionBlock(
            self.acquisition_id,
            self.state,
            self.total_samples,
            count,
            times_us,
            samples.channels,
            samples.values,
            in_order(samples.problems) if samples.problems else (),
            self.started_us,
            is_even,
        )


def _decode_object(message: dict[str, Any], last_totals: Mapping[str, int], last_starts: Mapping[str, int]) -> Message:
    type_ = text_field(message, "type")
    if type_ == "acquisition_stream":
        return _acquisition(message, last_totals, last_starts)
    decoder = _DECODERS.get(type_)
    if decoder is None:
        raise Refused(Reason.UNKNOWN_TYPE, f"type {type_[:80]!r}")
    return decoder(type_, message)


def _acquisition(
    message: dict[str, Any], last_totals: Mapping[str, int], last_starts: Mapping[str, int]
) -> AcquisitionBlock | AcquisitionEmpty:
    head = _Head(message)
    if "data" in message and message["data"] is None:
        return AcquisitionEmpty(head.acquisition_id, head.state, head.total_samples)
    data = object_field(message, "data")
    if "first" in data:
        return typed.window_of(head.acquisition_id, head.state, head.total_samples, head.started_us, data)
    timestamps, by_channel = list_field(data, "timestamps"), object_field(data, "values")
    count = count_field(data, "count", MAX_TOTAL_SAMPLES)
    if len(timestamps) != count:
        raise Refused(Reason.UNEQUAL_LENGTHS, f"count is {count}, timestamps has {len(timestamps)}")
    if count == 0 and all(values == [] for values in by_channel.values()):
        return AcquisitionEmpty(head.acquisition_id, head.state, head.total_samples)
    return head.block(count, samples_of_window(timestamps, by_channel, head.new_of(count, last_totals, last_starts)))


def _reading(type_: str, message: dict[str, Any]) -> Reading:
    return Reading(
        text_field(message, "equipment_id"), text_field(message, "stream_type"), object_field(message, "data")
    )


def _stream_acknowledgement(type_: str, message: dict[str, Any]) -> Acknowledgement:
    return Acknowledgement(type_, text_field(message, "equipment_id"), text_field(message, "stream_type"))


def _acquisition_acknowledgement(type_: str, message: dict[str, Any]) -> Acknowledgement:
    return Acknowledgement(type_, text_field(message, "acquisition_id"))


def _event(type_: str, message: dict[str, Any]) -> ServerEvent:
    return ServerEvent(type_, object_field(message, "data"))


def _flat_event(type_: str, message: dict[str, Any]) -> ServerEvent:
    """An event with fields at the top level: all of them, as sent."""
    return ServerEvent(type_, {name: value for name, value in message.items() if name != "type"})


def _pong(type_: str, message: dict[str, Any]) -> Pong:
    return Pong()


def _capabilities(type_: str, message: dict[str, Any]) -> Capabilities:
    return Capabilities(object_field(message, "features") if "features" in message else {})


def _error(type_: str, message: dict[str, Any]) -> ServerError:
    detail = message.get("detail", message.get("error", ""))
    return ServerError(clip(detail) if isinstance(detail, str) else f"({kind(detail)})")


_DECODERS: Mapping[str, Callable[[str, dict[str, Any]], Message]] = {
    "stream_data": _reading,
    "stream_started": _stream_acknowledgement,
    "stream_stopped": _stream_acknowledgement,
    "acquisition_stream_started": _acquisition_acknowledgement,
    "acquisition_stream_stopped": _acquisition_acknowledgement,
    "alarm_event": _event,
    "alarm_updated": _event,
    "alarm_cleared": _event,
    "alarm": _flat_event,  # the older notification
    "job_created": _event,
    "job_updated": _event,
    "job_deleted": _event,
    "job_started": _event,
    "job_completed": _event,
    "job_failed": _event,
    "discovery_progress": _flat_event,  # event_type and timestamp stand beside data
    "health_changed": _event,
    "benchmark_progress": _event,
    "pong": _pong,
    "capabilities": _capabilities,
    "error": _error,
}

# Types of messages that become a ServerEvent.
EVENT_TYPES = frozenset(name for name, decoder in _DECODERS.items() if decoder in (_event, _flat_event))
