"""The gate before the routes, without a server: the application is called as uvicorn calls it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
from starlette.responses import PlainTextResponse, Response

from lablink_dpg.sim.app import make_app
from lablink_dpg.sim.bench import BenchOptions
from lablink_dpg.sim.faults import Faults
from lablink_dpg.sim.lab import Lab
from tests.sim.talk import FakeClock


def ask(lab: Lab, calls: Sequence[tuple[str, str]], token: str | None = None) -> list[httpx.Response]:
    async def play() -> list[httpx.Response]:
        transport = httpx.ASGITransport(make_app(lab))
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://lab", headers=headers) as client:
            return [await client.request(method, path) for method, path in calls]

    return asyncio.run(play())


def test_a_scripted_fault_answers_instead_of_the_route_and_only_where_it_wants() -> None:
    class Script(Faults):
        def answer(self, method: str, path: str) -> Response | None:
            return PlainTextResponse("on fire", 503) if (method, path) == ("GET", "/api/alarms") else None

    lab = Lab(BenchOptions(streams=1), FakeClock(), Script())
    answers = ask(lab, [("GET", "/api/alarms"), ("GET", "/api/acquisition/sessions")])
    assert [(answer.status_code, "on fire" in answer.text) for answer in answers] == [(503, True), (200, False)]


def test_a_token_opens_what_is_closed_without_it() -> None:
    lab = Lab(BenchOptions(streams=1), FakeClock(), token="sesame")
    calls = [("GET", "/api"), ("GET", "/api/alarms"), ("POST", "/api/discovery/scan"), ("GET", "/nowhere")]
    assert [answer.status_code for answer in ask(lab, calls)] == [200, 401, 401, 401]
    assert [answer.status_code for answer in ask(lab, calls, "wrong")] == [200, 401, 401, 401]
    assert [answer.status_code for answer in ask(lab, calls, "sesame")] == [200, 200, 200, 404]


def test_without_security_nothing_needs_a_token() -> None:
    lab = Lab(BenchOptions(streams=1), FakeClock())
    assert [answer.status_code for answer in ask(lab, [("GET", "/api/alarms"), ("GET", "/nowhere")])] == [200, 404]
