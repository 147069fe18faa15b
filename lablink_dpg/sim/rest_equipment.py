"""REST: the server itself, its devices, their waveforms and the search for new ones."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lablink_dpg.sim.instruments import CommandError, Instrument, Oscilloscope
from lablink_dpg.sim.lab import SERVER_VERSION, Lab
from lablink_dpg.sim.rest import Refusal, field, json_answer, json_body
from lablink_dpg.sim.stamps import iso

CRASHING_ACTIONS: Final = ("get_waveform_raw",)  # the real server answers these with a bare 500


class EquipmentRoutes:
    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def routes(self) -> list[Route]:
        return [
            Route("/api", self.about),
            Route("/health", self.alive),
            Route("/api/equipment/list", self.listing),
            Route("/api/equipment/connect", self.connect, methods=["POST"]),
            Route("/api/equipment/disconnect/{id}", self.disconnect, methods=["POST"]),
            Route("/api/equipment/{id}/status", self.status),
            Route("/api/equipment/{id}/readings", self.readings),
            Route("/api/equipment/{id}/command", self.command, methods=["POST"]),
            Route("/api/waveform/capture", self.capture, methods=["POST"]),
            Route("/api/discovery/scan", self.scan, methods=["POST"]),
        ]

    def _device(self, request: Request) -> Instrument:
        return self._lab.device(request.path_params["id"])

    async def about(self, request: Request) -> Response:
        return json_answer(
            {
                "name": "LabLink Server",
                "version": SERVER_VERSION,
                "hostname": "LabLink Server",
                "status": "running",
                "security_enabled": self._lab.access.is_on,
            }
        )

    async def alive(self, request: Request) -> Response:
        return json_answer({"status": "healthy", "connected_devices": len(self._lab.devices)})

    async def listing(self, request: Request) -> Response:
        return json_answer([device.listing() for device in self._lab.devices.values()])

    async def status(self, request: Request) -> Response:
        return json_answer(self._device(request).status())

    async def readings(self, request: Request) -> Response:
        device = self._device(request)
        readings = device.readings(self._lab.clock())
        if readings is None:
            raise Refusal(501, f"Equipment type {device.class_name} does not support readings")
        return json_answer(readings)

    async def connect(self, request: Request) -> Response:
        body = await json_body(request)
        self._lab.locks.check_connection("", field(body, "session_id", str, None))
        device = self._lab.connect(
            field(body, "equipment_type", str), field(body, "model", str), field(body, "resource_string", str)
        )
        return json_answer({"equipment_id": device.id, "status": "connected"})

    async def disconnect(self, request: Request) -> Response:
        equipment_id = request.path_params["id"]
        device = self._lab.device(equipment_id)
        self._lab.locks.check_connection(device.id, await _session_of(request))
        self._lab.disconnect(equipment_id)
        return json_answer({"equipment_id": equipment_id, "status": "disconnected"})

    async def command(self, request: Request) -> Response:
        device = self._device(request)
        body = await json_body(request)
        command_id, action = field(body, "command_id", str), field(body, "action", str)
        parameters = field(body, "parameters", dict, {})
        if action in CRASHING_ACTIONS:
            return PlainTextResponse("Internal Server Error", 500)
        if action in device.setting_actions:
            self._lab.locks.check(device.id, field(body, "session_id", str, None))
        try:
            data = device.command(action, parameters, self._lab.clock())
        except CommandError as problem:
            return json_answer({"command_id": command_id, "success": False, "data": None, "error": str(problem)})
        return json_answer({"command_id": command_id, "success": True, "data": data, "error": None})

    async def capture(self, request: Request) -> Response:
        body = await json_body(request)
        device = self._lab.device(field(body, "equipment_id", str))
        channel = field(field(body, "config", dict, {}), "channel", int, 1)
        if not isinstance(device, Oscilloscope):
            raise Refusal(400, f"Equipment {device.id} is not an oscilloscope")
        self._lab.locks.check_connection(device.id, field(body, "session_id", str, None))
        return json_answer(device.capture(channel, self._lab.clock()))

    async def scan(self, request: Request) -> Response:
        """Finds what is there, telling everybody about it step by step."""
        self._lab.locks.check_connection("", await _session_of(request))
        found = self._lab.found()
        steps: list[tuple[str, dict[str, Any]]] = [("scan_started", {"scan_types": ["mock"]})]
        steps += [("device_found", device.listing()) for device in found]
        steps += [("scan_completed", {"device_count": len(found)})]
        for event_type, data in steps:
            self._lab.hub.publish(
                {
                    "type": "discovery_progress",
                    "event_type": event_type,
                    "data": data,
                    "timestamp": iso(self._lab.clock()),
                }
            )
        return json_answer({"success": True, "count": len(found), "devices": [device.listing() for device in found]})


async def _session_of(request: Request) -> str | None:
    """Of a call that needs no body."""
    session_id: str | None = field(await json_body(request), "session_id", str, None) if await request.body() else None
    return session_id
