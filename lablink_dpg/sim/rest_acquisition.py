"""REST: acquisition sessions, their samples and their export."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lablink_dpg.sim import DEFAULT_BUFFER
from lablink_dpg.sim.acquisition import MODES, Acquisition
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.rest import Refusal, field, invalid, json_answer, json_body, query_int, text_answer
from lablink_dpg.sim.stamps import iso
from lablink_dpg.sim.timeline import MAX_RATE_HZ, MIN_RATE_HZ
from lablink_dpg.sim.trigger import EDGES, TYPES, Trigger

FORMATS: Final = ("csv", "json", "npy")  # the real server has hdf5 too, which needs a library of its own
MAX_BUFFER: Final = 10_000_000  # samples a channel: an answer of them all is a gigabyte of JSON


class AcquisitionRoutes:
    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def routes(self) -> list[Route]:
        base = "/api/acquisition/session"
        return [
            Route("/api/acquisition/sessions", self.sessions),
            Route("/api/acquisition/export", self.export, methods=["POST"]),
            Route(f"{base}/create", self.create, methods=["POST"]),
            Route(f"{base}/{{id}}/start", self._order(Acquisition.start), methods=["POST"]),
            Route(f"{base}/{{id}}/stop", self._order(Acquisition.stop), methods=["POST"]),
            Route(f"{base}/{{id}}/pause", self._order(Acquisition.pause), methods=["POST"]),
            Route(f"{base}/{{id}}/resume", self._order(Acquisition.resume), methods=["POST"]),
            Route(f"{base}/{{id}}/status", self.status),
            Route(f"{base}/{{id}}/data", self.data),
            Route(f"{base}/{{id}}", self.delete, methods=["DELETE"]),
        ]

    def _order(self, act: Callable[[Acquisition, int], tuple[bool, str]]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            acquisition = self._lab.acquisition(request.path_params["id"])
            success, message = act(acquisition, self._lab.clock())
            return json_answer(
                {"success": success, "message": message, "acquisition_id": acquisition.config.acquisition_id}
            )

        return answer

    async def sessions(self, request: Request) -> Response:
        now_us = self._lab.clock()
        found = [acquisition.summary(now_us) for acquisition in self._lab.acquisitions.values()]
        return json_answer({"sessions": found, "count": len(found)})

    async def create(self, request: Request) -> Response:
        body = await json_body(request)
        device = self._lab.device(field(body, "equipment_id", str))
        rate_hz = field(body, "sample_rate", float)
        if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            message = f"Input should be {MIN_RATE_HZ} to {MAX_RATE_HZ:.0f}"
            raise invalid(["body", "sample_rate"], "less_than_equal", message, rate_hz)
        channels = field(body, "channels", list, ["CH1"])
        if not channels or not all(isinstance(channel, str) for channel in channels):
            raise invalid(["body", "channels"], "list_type", "Input should be a list of channel names", channels)
        limits = {
            "num_samples": field(body, "num_samples", int, None),
            "duration_seconds": field(body, "duration_seconds", float, None),
            "buffer_size": field(body, "buffer_size", int, DEFAULT_BUFFER),
        }
        for name, value in limits.items():
            if value is not None and not 0 < value <= MAX_BUFFER:
                raise invalid(["body", name], "greater_than", f"Input should be 1 to {MAX_BUFFER}", value)
        acquisition = self._lab.create_acquisition(
            {
                "equipment_id": device.id,
                "name": field(body, "name", str, None),
                "sample_rate_hz": rate_hz,
                "channels": tuple(dict.fromkeys(channels)),
                "mode": choice(["body", "mode"], field(body, "mode", str, MODES[0]), MODES),
                "trigger": trigger(field(body, "trigger_config", dict, {}), channels),
                "num_samples": limits["num_samples"],
                "duration_s": limits["duration_seconds"],
                "buffer_size": limits["buffer_size"],
                "metadata": field(body, "metadata", dict, {}),
            }
        )
        return json_answer(
            {
                "success": True,
                "message": "Acquisition session created",
                "acquisition_id": acquisition.config.acquisition_id,
                "state": acquisition.state(self._lab.clock()).value,
            }
        )

    async def status(self, request: Request) -> Response:
        return json_answer(self._lab.acquisition(request.path_params["id"]).status(self._lab.clock()))

    async def data(self, request: Request) -> Response:
        acquisition = self._lab.acquisition(request.path_params["id"])
        text = acquisition.data(query_int(request, "num_samples"), self._lab.clock())
        return text_answer(self._lab.faults.stamped(text))

    async def delete(self, request: Request) -> Response:
        acquisition_id = request.path_params["id"]
        self._lab.acquisition(acquisition_id).stop(self._lab.clock())
        del self._lab.acquisitions[acquisition_id]
        return json_answer({"success": True, "message": "Acquisition deleted", "acquisition_id": acquisition_id})

    async def export(self, request: Request) -> Response:
        body = await json_body(request)
        acquisition = self._lab.acquisition(field(body, "acquisition_id", str))
        kind = field(body, "format", str, "csv")
        if kind not in FORMATS:
            raise Refusal(500, f"Export failed: format {kind} is not available, only {', '.join(FORMATS)}")
        path = self._lab.export_folder() / f"{acquisition.config.acquisition_id}.{kind}"
        write_export(path, kind, acquisition.config.channels, *acquisition.buffered(self._lab.clock()))
        return json_answer({"filepath": str(path)})


def choice(loc: list[Any], value: str, allowed: tuple[str, ...]) -> str:
    """Raises Refusal for a word that is not one of them."""
    if value not in allowed:
        words = ", ".join(f"'{word}'" for word in allowed[:-1])
        raise invalid(loc, "enum", f"Input should be {words} or '{allowed[-1]}'", value)
    return value


def trigger(body: dict[str, Any], channels: list[str]) -> Trigger:
    """``trigger_config``, checked. Raises Refusal."""
    loc = ["body", "trigger_config"]
    edge = field(body, "edge", str, None)
    channel = field(body, "channel", str, None)
    before = field(body, "pre_trigger_samples", int, 0)
    if channel is not None and channel not in channels:
        raise invalid([*loc, "channel"], "value_error", "Input should be one of the channels", channel)
    if not 0 <= before <= MAX_BUFFER:
        raise invalid([*loc, "pre_trigger_samples"], "greater_than_equal", f"Input should be 0 to {MAX_BUFFER}", before)
    return Trigger(
        trigger_type=choice([*loc, "trigger_type"], field(body, "trigger_type", str, TYPES[0]), TYPES),
        level=field(body, "level", float, None),
        edge=edge if edge is None else choice([*loc, "edge"], edge, EDGES),
        channel=channel,
        pre_trigger_samples=before,
    )


def write_export(
    path: Path,
    kind: str,
    channels: tuple[str, ...],
    times_us: NDArray[np.int64],
    values: list[NDArray[np.float64]],
) -> None:
    """Write what the buffer holds; times are local µs."""
    if kind == "npy":
        np.save(path, np.vstack(values))
        return
    stamps = [iso(int(time_us)) for time_us in times_us]
    if kind == "json":
        columns = {channel: column.tolist() for channel, column in zip(channels, values, strict=True)}
        path.write_text(json.dumps({"timestamps": stamps, "values": columns}), encoding="utf-8")
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["timestamp", *channels])
        writer.writerows(zip(stamps, *[column.tolist() for column in values], strict=True))
