"""REST: login, sessions and locks."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.rest import field, json_answer, json_body


class AccessRoutes:
    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def routes(self) -> list[Route]:
        return [
            Route("/api/security/login", self.login, methods=["POST"]),
            Route("/api/security/refresh", self.refresh, methods=["POST"]),
            Route("/api/locks/sessions/create", self.create_session, methods=["POST"]),
            Route("/api/locks/acquire", self.acquire, methods=["POST"]),
            Route("/api/locks/release", self.release, methods=["POST"]),
        ]

    async def login(self, request: Request) -> Response:
        body = await json_body(request)
        return json_answer(self._lab.access.login(field(body, "username", str), field(body, "password", str)))

    async def refresh(self, request: Request) -> Response:
        return json_answer(self._lab.access.refresh(field(await json_body(request), "refresh_token", str)))

    async def create_session(self, request: Request) -> Response:
        body = await json_body(request)
        return json_answer(self._lab.locks.create_session(field(body, "client_name", str, "client")))

    async def acquire(self, request: Request) -> Response:
        body = await json_body(request)
        session_id = field(body, "session_id", str)
        device = self._lab.device(field(body, "equipment_id", str))
        return json_answer(self._lab.locks.acquire(device.id, session_id))

    async def release(self, request: Request) -> Response:
        body = await json_body(request)
        session_id = field(body, "session_id", str)
        device = self._lab.device(field(body, "equipment_id", str))
        return json_answer(self._lab.locks.release(device.id, session_id))
