"""Tests of lablink_dpg.link.locks and of the orders that need one, against the shipped simulator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from lablink_dpg.link import equipment_calls
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.calls import speaks_of_lock
from lablink_dpg.link.credentials import Credentials
from lablink_dpg.link.errors import Cause
from lablink_dpg.link.locks import ACQUIRE, RELEASE, SESSIONS, with_lock
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.tls import tls_context
from lablink_dpg.model.orders import CaptureWaveform, ConnectDevice, DisconnectDevice, Discover
from lablink_dpg.model.waveform import Waveform
from tests.link.lab import until_soon
from tests.support.secured import TOKEN, Secured, says

T = TypeVar("T")
LOAD = ConnectDevice("MOCK::LOAD::1", "electronic_load", "MockLoad-1000")


def ask(server: Secured, call: Callable[[Rest], Awaitable[T]], options: LinkOptions | None = None) -> T:
    async def run() -> T:
        address, used = parse_address(server.url), options or LinkOptions()
        tls = tls_context(address)
        async with Rest(address, used, tls, credentials=Credentials(address, used, tls)) as rest:
            return await call(rest)

    return asyncio.run(run())


def ids(server: Secured, kind: str) -> str:
    return next(device.id for device in server.lab.devices.values() if device.type == kind)


def locking(server: Secured) -> list[str]:
    return [call.path for call in server.calls if "/locks/" in call.path]


@pytest.fixture
def strict() -> Secured:
    return Secured(token=None, has_strict_locks=True)


def test_where_no_lock_is_wanted_none_is_taken() -> None:
    with Secured(token=None) as server:
        load = ids(server, "electronic_load")
        text, answer = ask(server, lambda rest: equipment_calls.disconnect(rest, DisconnectDevice(load)))
        assert (text, answer["status"]) == (f"disconnected {load}", "disconnected")
        assert locking(server) == []
        assert load not in server.lab.devices


def test_a_device_is_disconnected_under_its_lock_which_is_given_back(strict: Secured) -> None:
    with strict as server:
        load = ids(server, "electronic_load")
        ask(server, lambda rest: equipment_calls.disconnect(rest, DisconnectDevice(load)))
        assert load not in server.lab.devices
        assert locking(server) == [SESSIONS, ACQUIRE, RELEASE]
        assert not server.lab.locks.is_locked(load)


def test_a_waveform_is_captured_under_the_lock_of_its_scope(strict: Secured) -> None:
    with strict as server:
        scope = ids(server, "oscilloscope")
        text, answer = ask(server, lambda rest: equipment_calls.capture(rest, CaptureWaveform(scope, 2)))
        waveform = answer["waveform"]
        assert isinstance(waveform, Waveform)
        assert (waveform.channel, waveform.volts.size, waveform.sample_rate_hz) == (2, 1000, 1e9)
        assert len(text) < 100, "the samples are no part of the line"
        assert not server.lab.locks.is_locked(scope)


def test_connections_and_searches_have_no_device_to_lock_and_take_a_session(strict: Secured) -> None:
    with strict as server:
        text, answer = ask(server, lambda rest: equipment_calls.connect(rest, LOAD))
        assert answer["equipment_id"] in text
        assert locking(server) == [SESSIONS]
        text, answer = ask(server, lambda rest: equipment_calls.discover(rest, Discover()))
        assert len(answer["devices"]) == 4
        assert "4 devices" in text


def test_the_lock_is_given_back_also_when_the_call_fails(strict: Secured) -> None:
    with strict as server:
        supply = ids(server, "power_supply")

        async def call(session_id: str) -> None:
            if not session_id:
                raise RestError(Cause.STATUS, "session_id required", 401, wants_lock=True)
            assert server.lab.locks.is_locked(supply)
            raise RestError(Cause.STATUS, "the fuse has blown", 500)

        with pytest.raises(RestError, match="fuse"):
            ask(server, lambda rest: with_lock(rest, supply, call))
        assert not server.lab.locks.is_locked(supply)


def test_the_lock_is_given_back_also_when_the_link_goes_down_meanwhile(strict: Secured) -> None:
    with strict as server:
        supply = ids(server, "power_supply")

        async def call(session_id: str) -> None:
            if not session_id:
                raise RestError(Cause.STATUS, "session_id required", 401, wants_lock=True)
            await asyncio.get_running_loop().create_future()

        async def cancelled(rest: Rest) -> None:
            task = asyncio.ensure_future(with_lock(rest, supply, call))
            await until_soon(lambda: server.lab.locks.is_locked(supply))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        ask(server, cancelled)
        assert not server.lab.locks.is_locked(supply)


def test_a_device_that_another_person_has_locked_is_left_alone(strict: Secured) -> None:
    with strict as server:
        load = ids(server, "electronic_load")
        other = server.lab.locks.create_session("another person")["session_id"]
        server.lab.locks.acquire(load, other)
        with pytest.raises(RestError, match="is locked by session"):
            ask(server, lambda rest: equipment_calls.disconnect(rest, DisconnectDevice(load)))
        assert load in server.lab.devices
        assert server.lab.locks.is_locked(load)


def test_a_refusal_about_a_lock_is_no_matter_of_the_login() -> None:
    """On a secured server: the token is not renewed for it, and nobody is asked for a password."""
    with Secured(has_strict_locks=True) as server:
        load = ids(server, "electronic_load")
        ask(
            server,
            lambda rest: equipment_calls.disconnect(rest, DisconnectDevice(load)),
            LinkOptions(token=TOKEN),
        )
        assert load not in server.lab.devices
        assert server.logins == (0, 0)


def test_a_refusal_about_the_token_still_is_one() -> None:
    with Secured(has_strict_locks=True) as server:
        load = ids(server, "electronic_load")
        with pytest.raises(RestError) as refusal:
            ask(server, lambda rest: equipment_calls.disconnect(rest, DisconnectDevice(load)))
        assert refusal.value.cause is Cause.UNAUTHORIZED
        assert not refusal.value.wants_lock
        assert locking(server) == []


@pytest.mark.parametrize("answer", [{}, {"session_id": 7}, {"session_id": ""}, [], None])
def test_a_session_without_a_name_is_an_error_for_a_person(strict: Secured, answer: object) -> None:
    with strict as server:
        load = ids(server, "electronic_load")
        server.instead[SESSIONS] = says(200, answer)
        with pytest.raises(RestError, match="session_id"):
            ask(server, lambda rest: equipment_calls.disconnect(rest, DisconnectDevice(load)))


@pytest.mark.parametrize("answer", [[], None, 7, "x", {"devices": 3}, {"devices": [1, None]}])
def test_an_answer_of_another_shape_is_borne(strict: Secured, answer: object) -> None:
    with strict as server:
        server.instead["/api/discovery/scan"] = says(200, answer)
        server.instead["/api/equipment/connect"] = says(200, answer)
        server.instead["/api/waveform/capture"] = says(200, answer)
        ask(server, lambda rest: equipment_calls.discover(rest, Discover()))
        ask(server, lambda rest: equipment_calls.connect(rest, LOAD))
        with pytest.raises(RestError, match="no waveform of x"):
            ask(server, lambda rest: equipment_calls.capture(rest, CaptureWaveform("x")))


@pytest.mark.parametrize(
    ("detail", "is_lock"),
    [
        ("session_id required for control commands when locks are enabled", True),
        ("Session session_1 does not hold the lock of equipment ps_1", True),
        ("Equipment ps_1 is locked by session session_2", True),
        ("Account is locked due to too many failed login attempts", False),
        ("Not authenticated", False),
        ("Token expired", False),
        ("clock skew", False),
        ("", False),
    ],
)
def test_refusals_are_told_apart_by_their_words(detail: str, is_lock: bool) -> None:
    assert speaks_of_lock(detail) is is_lock
