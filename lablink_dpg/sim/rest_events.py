"""REST: alarms, scheduled jobs and diagnostics."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lablink_dpg.sim.alarms import CONDITIONS, SEVERITIES
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.rest import Refusal, field, invalid, json_answer, json_body

BENCHMARK_STEP_S: Final = 0.025  # the real server answers a benchmark after 0.1 s


class AlarmRoutes:
    def __init__(self, lab: Lab) -> None:
        self._alarms = lab.alarms

    def routes(self) -> list[Route]:
        return [
            Route("/api/alarms", self.listing),
            Route("/api/alarms/create", self.create, methods=["POST"]),
            Route("/api/alarms/check", self.check, methods=["POST"]),
            Route("/api/alarms/events/active", self.active),
            Route("/api/alarms/events/acknowledge", self.acknowledge, methods=["POST"]),
            Route("/api/alarms/{id}/clear", self.clear, methods=["POST"]),
            Route("/api/alarms/{id}", self.one),  # shadows …/events and …/statistics, as on the real server
            Route("/api/alarms/{id}", self.delete, methods=["DELETE"]),
        ]

    async def listing(self, request: Request) -> Response:
        found = [alarm.as_json() for alarm in self._alarms.alarms.values()]
        return json_answer({"success": True, "count": len(found), "alarms": found})

    async def one(self, request: Request) -> Response:
        return json_answer({"success": True, "alarm": self._alarms.alarm(request.path_params["id"]).as_json()})

    async def create(self, request: Request) -> Response:
        body = await json_body(request)
        condition, severity = field(body, "condition", str), field(body, "severity", str, "warning")
        for name, value, known in (("condition", condition, tuple(CONDITIONS)), ("severity", severity, SEVERITIES)):
            if value not in known:
                raise invalid(["body", name], "enum", f"Input should be one of {', '.join(known)}", value)
        alarm = self._alarms.create(
            name=field(body, "name", str),
            equipment_id=field(body, "equipment_id", str, None),
            parameter=field(body, "parameter", str),
            condition=condition,
            severity=severity,
            threshold=field(body, "threshold", float, None),
            threshold_high=field(body, "threshold_high", float, None),
            threshold_low=field(body, "threshold_low", float, None),
            auto_clear=field(body, "auto_clear", bool, True),
        )
        return json_answer({"success": True, "alarm_id": alarm.alarm_id, "message": "Alarm created successfully"})

    async def check(self, request: Request) -> Response:
        body = await json_body(request)
        event = self._alarms.check(field(body, "alarm_id", str), field(body, "value", float))
        return json_answer(
            {"success": True, "triggered": event is not None, "event": None if event is None else event.as_json()}
        )

    async def active(self, request: Request) -> Response:
        found = [event.as_json() for event in self._alarms.active()]
        return json_answer({"success": True, "count": len(found), "events": found})

    async def acknowledge(self, request: Request) -> Response:
        body = await json_body(request)
        by = field(body, "acknowledged_by", str)
        self._alarms.acknowledge(field(body, "event_id", str), by, field(body, "note", str, None))
        return json_answer({"success": True, "message": "Alarm acknowledged"})

    async def clear(self, request: Request) -> Response:
        self._alarms.clear(request.path_params["id"])
        return json_answer({"success": True, "message": "Alarm cleared"})

    async def delete(self, request: Request) -> Response:
        self._alarms.delete(request.path_params["id"])
        return json_answer({"success": True, "message": "Alarm deleted successfully"})


class JobRoutes:
    def __init__(self, lab: Lab) -> None:
        self._jobs = lab.jobs

    def routes(self) -> list[Route]:
        base = "/api/scheduler/jobs"
        return [
            Route(base, self.listing),
            Route(f"{base}/create", self.create, methods=["POST"]),
            Route(f"{base}/{{id}}", self.one),
            Route(f"{base}/{{id}}", self.delete, methods=["DELETE"]),
            Route(f"{base}/{{id}}/run", self.run, methods=["POST"]),
            Route(f"{base}/{{id}}/pause", self.pause, methods=["POST"]),
            Route(f"{base}/{{id}}/resume", self.resume, methods=["POST"]),
            Route("/api/scheduler/executions", self.executions),
            Route("/api/scheduler/statistics", self.statistics),
        ]

    async def listing(self, request: Request) -> Response:
        found = [job.as_json() for job in self._jobs.jobs.values()]
        return json_answer({"success": True, "count": len(found), "jobs": found})

    async def one(self, request: Request) -> Response:
        return json_answer({"success": True, "job": self._jobs.job(request.path_params["id"]).as_json()})

    async def create(self, request: Request) -> Response:
        body = await json_body(request)
        for name in ("name", "schedule_type", "trigger_type"):
            field(body, name, str)
        job = self._jobs.create(body)
        return json_answer({"success": True, "job_id": job.job_id, "message": "Job created successfully"})

    async def delete(self, request: Request) -> Response:
        self._jobs.delete(request.path_params["id"])
        return json_answer({"success": True, "message": "Job deleted successfully"})

    async def run(self, request: Request) -> Response:
        execution = self._jobs.run(request.path_params["id"])
        return json_answer({"success": True, "execution_id": execution.execution_id, "message": "Job triggered"})

    async def pause(self, request: Request) -> Response:
        self._jobs.enable(request.path_params["id"], False)
        return json_answer({"success": True, "message": "Job paused"})

    async def resume(self, request: Request) -> Response:
        self._jobs.enable(request.path_params["id"], True)
        return json_answer({"success": True, "message": "Job resumed"})

    async def executions(self, request: Request) -> Response:
        found = [execution.as_json() for execution in self._jobs.executions]
        return json_answer({"success": True, "count": len(found), "executions": found})

    async def statistics(self, request: Request) -> Response:
        return json_answer({"success": True, "statistics": self._jobs.statistics()})


class DiagnosticsRoutes:
    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def routes(self) -> list[Route]:
        return [
            Route("/api/diagnostics/health", self.all_health),
            Route("/api/diagnostics/health/{id}", self.health),
            Route("/api/diagnostics/benchmark/{id}", self.benchmark, methods=["POST"]),
            Route("/api/diagnostics/system", self.system),
        ]

    async def all_health(self, request: Request) -> Response:
        found = {device.id: self._lab.health.report(device) for device in self._lab.devices.values()}
        return json_answer({"success": True, "count": len(found), "equipment_health": found})

    async def health(self, request: Request) -> Response:
        device = self._lab.device(request.path_params["id"])
        return json_answer({"success": True, "health": self._lab.health.report(device)})

    async def benchmark(self, request: Request) -> Response:
        device = self._lab.device(request.path_params["id"])
        benchmark_id = self._lab.new_id("bench")
        step = 0
        while not self._lab.health.progress(device, benchmark_id, step):
            step += 1
            await asyncio.sleep(BENCHMARK_STEP_S)
        return json_answer({"success": True, "benchmark": self._lab.health.benchmark(device, benchmark_id)})

    async def system(self, request: Request) -> Response:
        """Broken on the real server, in these words."""
        problem = "'EquipmentManager' object has no attribute '_equipment'"
        raise Refusal(500, f"Failed to get system diagnostics: {problem}")
