"""Orders about acquisitions as REST calls: create and start, control, export; each outcome in one line for a person.

A LabLink server refuses in three ways: with a status, with ``success: false`` in an answer that is otherwise fine, and
with a plain text where it crashed. All come out as RestError, in the server's own words where it has any.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

from lablink_dpg.link.errors import Cause
from lablink_dpg.link.rest import NOT_FOUND, Rest, RestError
from lablink_dpg.model.orders import ControlAcquisition, CreateAcquisition, ExportAcquisition

SESSION = "/api/acquisition/session/{}"
EXPORT_S = 60.0  # a full buffer of many channels is written while we wait
FAILED = 500  # and above: the server is at fault
DONE = {"start": "started", "stop": "stopped", "pause": "paused", "resume": "resumed", "delete": "deleted"}


async def create(rest: Rest, order: CreateAcquisition) -> tuple[str, Mapping[str, Any]]:
    """Raises RestError. An acquisition that was created and does not start stays on the server, and is said to."""
    body: dict[str, Any] = {
        "equipment_id": order.equipment_id,
        "name": order.name,
        "mode": order.mode,
        "sample_rate": order.sample_rate_hz,
        "channels": list(order.channels),
        "buffer_size": order.buffer_size,
    }
    if order.num_samples is not None:
        body["num_samples"] = order.num_samples
    if order.duration_s is not None:
        body["duration_seconds"] = order.duration_s
    if order.trigger:
        body["trigger_config"] = dict(order.trigger)
    what = f"{order.name or 'acquisition'} not created"
    answer = await _done(what, rest.post("/api/acquisition/session/create", body))
    new_id = answer.get("acquisition_id")
    if not isinstance(new_id, str) or not new_id:
        raise RestError(Cause.CONTENT, f"{what}: the server names no acquisition_id")
    name = order.name or new_id
    if not order.is_started:
        return f"{name} created", answer
    await _done(f"{name} created, but not started", rest.post(f"{SESSION}/start", {}, new_id))
    return f"{name} created and started", answer


async def control(rest: Rest, order: ControlAcquisition) -> tuple[str, Mapping[str, Any]]:
    """Raises RestError. What is to be deleted and is no longer there is deleted."""
    about = order.acquisition_id
    name, done = order.name or about, DONE[order.action]
    if order.action != "delete":
        return f"{name} {done}", await _done(f"{name} not {done}", rest.post(f"{SESSION}/{order.action}", {}, about))
    try:
        return f"{name} {done}", await _done(f"{name} not {done}", rest.delete(SESSION, about))
    except RestError as error:
        if error.status != NOT_FOUND:
            raise
        return f"{name} was no longer on the server", {}


async def export(rest: Rest, order: ExportAcquisition) -> tuple[str, Mapping[str, Any]]:
    """Raises RestError."""
    name = order.name or order.acquisition_id
    what = f"{name} not exported as {order.format}"
    body = {"acquisition_id": order.acquisition_id, "format": order.format}
    answer = await _done(what, rest.post("/api/acquisition/export", body, timeout_s=EXPORT_S))
    path = answer.get("filepath")
    if not isinstance(path, str) or not path:
        raise RestError(Cause.CONTENT, f"{what}: the server names no file")
    return f"{name} exported, on the server: {path}", answer


async def _done(what: str, call: Awaitable[Any]) -> Mapping[str, Any]:
    """An answer that says so; everything else raises RestError, ``what`` first in its text."""
    try:
        answer = await call
    except RestError as error:
        raise RestError(error.cause, f"{what}: {_words(error)}", error.status) from None
    if not isinstance(answer, dict):
        raise RestError(Cause.CONTENT, f"{what}: the answer is not an object")
    if answer.get("success") is False:
        message = answer.get("message")
        raise RestError(Cause.CONTENT, f"{what}: {message if isinstance(message, str) and message else 'refused'}")
    return answer


def _words(error: RestError) -> str:
    """The server's, without path and status; these where it has none."""
    if error.status is None or error.cause is not Cause.STATUS:
        return error.detail
    said = error.detail.partition(f": status {error.status}")[2].strip()
    if said:
        return said
    return f"the server failed ({error.status})" if error.status >= FAILED else f"refused ({error.status})"
