"""Faults of REST and of the doors to it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from lablink_dpg.sim.process import SimProcess
from tests.sim.faulty import cleared, ids
from tests.sim.talk import Talk

TOKEN = "sesame"


@pytest.fixture(scope="module")
def module_process() -> Iterator[SimProcess]:
    with SimProcess(streams=1, seed=9) as process:
        yield process


@pytest.fixture
def process(module_process: SimProcess) -> Iterator[SimProcess]:
    with cleared(module_process):
        yield module_process


@pytest.fixture
def talk(process: SimProcess) -> Iterator[Talk]:
    with Talk(process) as talk:
        yield talk


def test_rest_answers_late_and_the_websocket_does_not(process: SimProcess, talk: Talk) -> None:
    acquisition_id = ids(talk)[0]
    process.fault("slow-rest:0.5")
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{process.url}/api", timeout=0.2)
    began_at = time.monotonic()
    assert ids(talk) == [acquisition_id], "late, but the truth"
    assert time.monotonic() - began_at >= 0.5
    talk.stream(acquisition_id)
    talk.next_window(acquisition_id)


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        ("rest-500", 500, "text/plain; charset=utf-8", "Internal Server Error"),
        ("rest-html", 502, "text/html; charset=utf-8", "<html>"),
        ("rest-html:200", 200, "text/html; charset=utf-8", "<html>"),
        ("rest-type", 200, "text/plain; charset=utf-8", '["not"'),
    ],
)
def test_rest_answers_something_else_until_it_is_cleared(
    process: SimProcess, talk: Talk, fault: str, status: int, content_type: str, body: str
) -> None:
    process.fault(fault)
    for method, path in (("GET", "/api/acquisition/sessions"), ("POST", "/api/security/login"), ("GET", "/api")):
        answer = talk.rest.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)
        assert answer.text.startswith(body)
    process.fault("clear")
    assert ids(talk)


def test_expired_tokens_open_nothing_and_can_be_renewed() -> None:
    with SimProcess(streams=1, token=TOKEN) as process, Talk(process, TOKEN) as talk:
        granted = talk.post("/api/security/login", {"username": "me", "password": "lablink"})
        process.fault("expire")
        for token in (TOKEN, granted["access_token"]):
            answer = httpx.get(f"{process.url}/api/acquisition/sessions", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401
        renewed = talk.post("/api/security/refresh", {"refresh_token": granted["refresh_token"]})
        with Talk(process, renewed["access_token"]) as again:
            assert ids(again)


def test_a_locked_account_is_refused_until_it_is_cleared() -> None:
    with SimProcess(streams=1, token=TOKEN) as process, Talk(process, TOKEN) as talk:
        process.fault("lock")
        login = {"username": "me", "password": "lablink"}
        assert "locked" in talk.post("/api/security/login", login, status=403)["detail"]
        process.fault("clear")
        assert talk.post("/api/security/login", login)["access_token"]
