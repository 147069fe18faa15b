"""The REST calls behind orders about devices: connect, disconnect, discover, capture a waveform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lablink_dpg.link.errors import Cause
from lablink_dpg.link.locks import with_lock
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.model.orders import CaptureWaveform, ConnectDevice, DisconnectDevice, Discover
from lablink_dpg.wire.waveform import parse_waveform

if TYPE_CHECKING:
    from lablink_dpg.link.order_calls import Outcome

CONNECT_S = 20.0  # an instrument may have to wake up, and answers *IDN? last
SCAN_S = 120.0  # all interfaces, each with its own patience
CAPTURE_S = 30.0  # a scope that waits for its trigger, and megabytes over GPIB
MAX_DEVICES = 256  # of one scan that are told


async def connect(rest: Rest, order: ConnectDevice) -> Outcome:
    body = {"resource_string": order.resource, "equipment_type": order.type, "model": order.model}

    async def call(session_id: str) -> Any:
        return await rest.post("/api/equipment/connect", body | _session(session_id), timeout_s=CONNECT_S)

    answer = _object(await with_lock(rest, "", call))
    equipment_id = answer.get("equipment_id")
    return f"connected {order.resource}" + (f" as {equipment_id}" if isinstance(equipment_id, str) else ""), answer


async def disconnect(rest: Rest, order: DisconnectDevice) -> Outcome:
    async def call(session_id: str) -> Any:
        door = "/api/equipment/disconnect/{}"
        return await rest.post(door, _session(session_id), order.equipment_id, timeout_s=CONNECT_S)

    return f"disconnected {order.equipment_id}", _object(await with_lock(rest, order.equipment_id, call))


async def discover(rest: Rest, order: Discover) -> Outcome:
    async def call(session_id: str) -> Any:
        return await rest.post("/api/discovery/scan", _session(session_id), timeout_s=SCAN_S)

    answer = _object(await with_lock(rest, "", call))
    devices = answer.get("devices")
    found = devices[:MAX_DEVICES] if isinstance(devices, list) else []
    return f"the search has found {len(found)} device{'s' if len(found) != 1 else ''}", {"devices": found}


async def capture(rest: Rest, order: CaptureWaveform) -> Outcome:
    async def call(session_id: str) -> Any:
        body = {"equipment_id": order.equipment_id, "config": {"channel": order.channel}} | _session(session_id)
        return await rest.post("/api/waveform/capture", body, timeout_s=CAPTURE_S)

    answer = await with_lock(rest, order.equipment_id, call)
    waveform = parse_waveform(answer, order.equipment_id, order.channel)
    if isinstance(waveform, str):
        raise RestError(Cause.CONTENT, f"no waveform of {order.equipment_id}: {waveform}")
    return f"captured channel {order.channel} of {order.equipment_id}", {"waveform": waveform}


def _session(session_id: str) -> dict[str, Any]:
    return {"session_id": session_id} if session_id else {}


def _object(answer: Any) -> dict[str, Any]:
    return answer if isinstance(answer, dict) else {}
