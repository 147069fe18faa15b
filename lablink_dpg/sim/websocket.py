"""The WebSocket endpoint: five messages in, acknowledged whatever they ask for; samples out."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from lablink_dpg.sim.faults import ACQUISITION
from lablink_dpg.sim.garbage import Frame
from lablink_dpg.sim.hub import Client
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.pieces import Pieces
from lablink_dpg.sim.protocols import PIECES
from lablink_dpg.sim.typed import SUBPROTOCOL

REFUSED: Final = 4001  # bad token; before the handshake is complete a client sees it as HTTP 403
TOO_SLOW: Final = 1013  # "try again later": the client has stopped reading


async def serve(websocket: WebSocket, lab: Lab) -> None:
    """One connection from handshake to end."""
    is_typed = lab.is_typed and SUBPROTOCOL in websocket.scope.get("subprotocols", ())
    await websocket.accept(SUBPROTOCOL if is_typed else None)

    async def send(frame: Frame) -> None:
        kind = PIECES if isinstance(frame, Pieces) else "text" if isinstance(frame, str) else "bytes"
        await websocket.send({"type": "websocket.send", kind: frame})

    client = Client(send, is_typed=is_typed)
    lab.hub.join(client)
    listening = asyncio.ensure_future(_listen(websocket, lab, client))
    sending = asyncio.ensure_future(client.pump())
    try:
        await asyncio.wait((listening, sending, client.close_code), return_when=asyncio.FIRST_COMPLETED)
        code = client.close_code.result() if client.close_code.done() else None
        if sending.done() and sending.exception() is None:
            code = TOO_SLOW
        if code is not None:
            with suppress(WebSocketDisconnect):
                await websocket.close(code)
    finally:
        lab.hub.leave(client)
        for task in (listening, sending):
            task.cancel()
        for result in await asyncio.gather(listening, sending, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                raise result


async def _listen(websocket: WebSocket, lab: Lab, client: Client) -> None:
    while True:
        event = await websocket.receive()
        if event["type"] == "websocket.disconnect":
            return
        text = event.get("text")
        try:
            message = orjson.loads(event["bytes"] if text is None else text)
        except orjson.JSONDecodeError:
            client.offer('{"type":"error","detail":"Invalid JSON"}')
            continue
        if isinstance(message, dict):
            answer = respond(lab, message)
            if answer is not None:
                client.offer(orjson.dumps(answer).decode())


def respond(lab: Lab, message: dict[str, Any]) -> dict[str, Any] | None:
    """Do what a message asks; None for an unknown type. The acknowledgement proves nothing: any id will do."""
    kind = message.get("type")
    if kind == "ping":
        return {"type": "pong"}
    if kind in ("start_acquisition_stream", "stop_acquisition_stream"):
        acquisition_id = str(message.get("acquisition_id"))
        key = (acquisition_id, ACQUISITION)
        if kind == "stop_acquisition_stream":
            lab.hub.stop(key)
            return {"type": "acquisition_stream_stopped", "acquisition_id": acquisition_id}
        num_samples = max(1, int(_number(message, "num_samples", 100)))
        source = lab.acquisition_source(acquisition_id, num_samples)
        position = lab.typed_position(acquisition_id, num_samples, is_incremental=message.get("incremental") is True)
        lab.hub.start(key, source, _number(message, "interval_ms", 100), num_samples, position)
        return {"type": "acquisition_stream_started", "acquisition_id": acquisition_id}
    if kind in ("start_stream", "stop_stream"):
        equipment_id, stream_type = str(message.get("equipment_id")), str(message.get("stream_type", "readings"))
        key = (equipment_id, stream_type)
        echo = {"equipment_id": equipment_id, "stream_type": stream_type}
        if kind == "stop_stream":
            lab.hub.stop(key)
            return {"type": "stream_stopped", **echo}
        lab.hub.start(key, lab.equipment_source(equipment_id, stream_type), _number(message, "interval_ms", 100))
        return {"type": "stream_started", **echo}
    return None


def _number(message: dict[str, Any], name: str, default: float) -> float:
    value = message.get(name, default)
    return value if isinstance(value, int | float) else default
