"""The ASGI application: every route, the gate before them, and the server's way to report errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.rest import Refusal, json_answer
from lablink_dpg.sim.rest_access import AccessRoutes
from lablink_dpg.sim.rest_acquisition import AcquisitionRoutes
from lablink_dpg.sim.rest_equipment import EquipmentRoutes
from lablink_dpg.sim.rest_events import AlarmRoutes, DiagnosticsRoutes, JobRoutes
from lablink_dpg.sim.websocket import REFUSED, serve

OPEN_PATHS: Final = frozenset(
    {"/api", "/health", "/api/equipment/list", "/api/security/login", "/api/security/refresh"}
)  # answer without a token, also with security on


class Gate:
    """Before any route: the scripted faults, then the token."""

    def __init__(self, app: ASGIApp, lab: Lab) -> None:
        self._app = app
        self._lab = lab

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            faults = self._lab.faults
            if faults.rest_delay_s:
                await asyncio.sleep(faults.rest_delay_s)
            answer = faults.answer(scope["method"], scope["path"]) or self._refuse(Request(scope))
            if answer is not None:
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refuse(self, request: Request) -> Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if request.url.path in OPEN_PATHS or self._lab.access.accepts(token if scheme.lower() == "bearer" else None):
            return None
        return json_answer({"detail": "Not authenticated"}, 401)


def make_app(lab: Lab, *, has_rest: bool = True, has_websocket: bool = True) -> Starlette:
    """Both halves on one port, or one half for a port of its own."""
    routes: list[Route | WebSocketRoute] = []
    if has_rest:
        for part in (EquipmentRoutes, AcquisitionRoutes, AccessRoutes, AlarmRoutes, JobRoutes, DiagnosticsRoutes):
            routes += part(lab).routes()
    if has_websocket:
        routes.append(WebSocketRoute("/ws", _websocket(lab)))
    app = Starlette(
        routes=routes,
        exception_handlers={Refusal: _refusal, HTTPException: _http_problem},
    )
    app.add_middleware(Gate, lab=lab)
    return app


def _websocket(lab: Lab) -> Callable[[WebSocket], Awaitable[None]]:
    async def endpoint(websocket: WebSocket) -> None:
        if lab.faults.ws_status is not None:
            await websocket.send_denial_response(PlainTextResponse("", lab.faults.ws_status))
        elif lab.access.accepts(websocket.query_params.get("token")):
            await serve(websocket, lab)
        else:
            await websocket.close(REFUSED)

    return endpoint


async def _refusal(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Refusal)
    return json_answer({"detail": problem.detail}, problem.status)


async def _http_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    return json_answer({"detail": problem.detail}, problem.status_code)
