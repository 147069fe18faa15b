"""Tests of lablink_dpg.link.rest, against a real server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from starlette.responses import Response

from lablink_dpg.link import calls
from lablink_dpg.link.address import ServerAddress, parse_address
from lablink_dpg.link.calls import MAX_BODY_BYTES, Caller
from lablink_dpg.link.errors import Cause
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import About, Rest, RestError
from lablink_dpg.link.tls import tls_context
from lablink_dpg.model.acquisition import AcquisitionState
from lablink_dpg.model.equipment import EquipmentInfo
from tests.link.lab import Acquisition, Lab
from tests.support import certificates
from tests.support.secured import Secured

T = TypeVar("T")

QUICK_ENOUGH = LinkOptions(rest_timeout_s=20.0)  # for the largest answers on a busy machine
QUICK = LinkOptions(rest_timeout_s=0.2, data_timeout_s=0.2)
LISTING = "/api/acquisition/sessions"


def ask(
    where: Lab | ServerAddress,
    call: Callable[[Rest], Awaitable[T]],
    options: LinkOptions = LinkOptions(),  # noqa: B008
) -> T:
    async def run() -> T:
        address = parse_address(where.url) if isinstance(where, Lab) else where
        async with Rest(address, options, tls_context(address)) as rest:
            return await call(rest)

    return asyncio.run(run())


def test_the_greeting_tells_version_and_security() -> None:
    with Lab() as lab:
        lab.is_secured = True
        assert ask(lab, Rest.about) == About("LabLink Server", "1.2.5", True)


def test_equipment_and_sessions_are_listed() -> None:
    with Lab(Acquisition("a", frozen_total=7), Acquisition("b", state="stopped", frozen_total=9)) as lab:
        (device,) = ask(lab, Rest.equipment)
        lines = ask(lab, Rest.sessions)
    assert device == EquipmentInfo("scope_1", "oscilloscope", "Mock", "M", None)
    assert device.is_connected
    assert [(line.acquisition_id, line.state, line.total_samples) for line in lines] == [
        ("a", AcquisitionState.ACQUIRING, 7),
        ("b", AcquisitionState.STOPPED, 9),
    ]


def test_a_session_is_described_whole() -> None:
    with Lab(Acquisition("a", 250.0, ("CH1", "CH2"), frozen_total=7, buffer_size=500)) as lab:
        info = ask(lab, lambda rest: rest.session_status("a"))
    assert (info.name, info.equipment_id, info.state) == ("run a", "scope_1", AcquisitionState.ACQUIRING)
    assert (info.channels, info.sample_rate_hz, info.buffer_size, info.total_samples) == (("CH1", "CH2"), 250.0, 500, 7)
    assert info.metadata == {"made": "by a test"}


def test_the_newest_samples_are_fetched() -> None:
    with Lab(Acquisition("a", channels=("CH1", "CH2"), frozen_total=100)) as lab:
        window = ask(lab, lambda rest: rest.session_data("a", 10))
    assert window.channels == ("CH1", "CH2")
    assert np.array_equal(window.values, [np.arange(90, 100)] * 2)


def test_answers_of_a_real_server_are_understood(captures: Path) -> None:
    """Every recorded answer to a call that the link makes, served again as it was."""
    with Lab() as lab:
        for line in (captures / "as-designed.jsonl").read_text().splitlines():
            record = json.loads(line)
            if record["kind"] == "rest" and record["method"] == "GET" and record["status"] == 200:
                lab.answers[record["path"]] = (200, "application/json", json.dumps(record["body"]).encode())
        about, equipment, sessions = ask(lab, Rest.about), ask(lab, Rest.equipment), ask(lab, Rest.sessions)
        info = ask(lab, lambda rest: rest.session_status(sessions[0].acquisition_id))
        window = ask(lab, lambda rest: rest.session_data(sessions[0].acquisition_id, 20))
    assert (about.version, len(equipment), len(sessions)) == ("1.2.5", 3, 1)
    assert (info.name, info.sample_rate_hz, info.channels, info.buffer_size) == ("tour", 200.0, ("CH1", "CH2"), 2000)
    assert window.values.shape == (2, 20)


@pytest.mark.parametrize(
    ("answer", "cause", "said"),
    [
        ((500, "text/plain", b"Internal Server Error"), Cause.STATUS, "status 500"),
        ((500, "application/json", b'{"detail": "no such thing"}'), Cause.STATUS, "status 500 no such thing"),
        ((404, "text/html", b"<html>not here</html>"), Cause.STATUS, "status 404"),
        ((422, "application/json", b'{"detail": [{"msg": "too many", "input": 9}]}'), Cause.STATUS, "422 too many"),
        (
            (422, "application/json", b'{"detail": [{"loc": ["body", "rate", 0], "msg": "too many"}, 7, {"loc": 3}]}'),
            Cause.STATUS,
            "422 rate.0: too many",
        ),
        ((302, "text/html", b""), Cause.STATUS, "status 302"),
        ((401, "application/json", b'{"detail": "x"}'), Cause.UNAUTHORIZED, "wants a login"),
        ((200, "text/html", b"<html>hello</html>"), Cause.CONTENT, "not JSON"),
        ((200, "application/json", b""), Cause.CONTENT, "not JSON"),
        ((200, "application/json", b"[]"), Cause.CONTENT, "not an object"),
        ((200, "application/json", b'{"sessions": 3}'), Cause.CONTENT, "not a list 'sessions'"),
    ],
)
def test_each_way_of_a_wrong_answer_is_one_clear_error(answer: tuple[int, str, bytes], cause: Cause, said: str) -> None:
    with Lab() as lab:
        lab.answers[LISTING] = answer
        with pytest.raises(RestError) as failed:
            ask(lab, Rest.sessions)
    assert failed.value.cause is cause
    assert said in failed.value.detail
    assert LISTING in failed.value.detail
    assert "<" not in failed.value.detail


def test_lines_without_an_id_are_left_out() -> None:
    with Lab() as lab:
        lab.answers[LISTING] = (200, "application/json", b'{"sessions": [{"acquisition_id": "a"}, {}, null, 3]}')
        lab.answers["/api/equipment/list"] = (200, "application/json", b'[{"id": "x"}, {"id": 3}, []]')
        assert [line.acquisition_id for line in ask(lab, Rest.sessions)] == ["a"]
        assert [device.equipment_id for device in ask(lab, Rest.equipment)] == ["x"]


@pytest.mark.parametrize("rate", ["true", '"fast"', "null", "-1", "1e999"])
def test_a_sample_rate_that_is_none_is_unknown(rate: str) -> None:
    with Lab() as lab:
        body = f'{{"config": {{"channels": [], "sample_rate": {rate}, "buffer_size": null}}}}'.encode()
        lab.answers["/api/acquisition/session/a/status"] = (200, "application/json", body)
        if rate == "1e999":  # beyond float64: the whole answer is no JSON to a strict parser
            with pytest.raises(RestError, match="not JSON"):
                ask(lab, lambda rest: rest.session_status("a"))
        else:
            info = ask(lab, lambda rest: rest.session_status("a"))
            assert (info.sample_rate_hz, info.buffer_size, info.name) == (0.0, 10_000, "a")


def test_data_that_cannot_be_used_are_an_error() -> None:
    with Lab() as lab:
        lab.answers["/api/acquisition/session/a/data"] = (200, "text/html", b"<html>")
        with pytest.raises(RestError, match="invalid_json") as failed:
            ask(lab, lambda rest: rest.session_data("a", 10))
    assert failed.value.cause is Cause.CONTENT


def test_an_id_with_odd_letters_stays_one_part_of_the_path() -> None:
    with Lab() as lab, pytest.raises(RestError):
        ask(lab, lambda rest: rest.session_status("../../x?y"))
    assert lab.requests == ["/api/acquisition/session/..%2F..%2Fx%3Fy/status"]


def test_a_server_that_never_answers_is_a_timeout() -> None:
    with Lab() as lab:
        lab.hangs.add("/api")
        with pytest.raises(RestError, match=r"no answer within 0\.2 s") as failed:
            ask(lab, Rest.about, QUICK)
    assert failed.value.cause is Cause.TIMEOUT
    assert failed.value.cause.is_unreachable


def test_a_port_where_nothing_listens_is_refused() -> None:
    with Lab() as lab:
        address = parse_address(lab.url)
    with pytest.raises(RestError, match=f"nothing listens on 127.0.0.1 port {address.port}") as failed:
        ask(address, Rest.about)
    assert failed.value.cause is Cause.REFUSED


def test_a_host_name_that_does_not_exist_is_named() -> None:
    with pytest.raises(RestError, match=r"'no-such-host\.invalid' cannot be resolved") as failed:
        ask(parse_address("no-such-host.invalid"), Rest.about, LinkOptions(rest_timeout_s=10))
    assert failed.value.cause is Cause.DNS


def test_plain_http_where_tls_is_wanted_is_a_tls_error() -> None:
    with Lab() as lab, pytest.raises(RestError, match="no TLS") as failed:
        ask(parse_address(lab.url.replace("http", "https")), Rest.about)
    assert failed.value.cause is Cause.TLS


def test_the_error_names_https_where_a_server_speaks_tls(tmp_path: Path) -> None:
    certificate = certificates.make(tmp_path).server
    with Secured(certificate=certificate) as server, pytest.raises(RestError, match="https://") as failed:
        ask(parse_address(server.url.replace("https", "http")), Rest.about)
    assert failed.value.cause is Cause.NETWORK


@pytest.mark.parametrize("body", [b"{}", b"{"], ids=["whole", "cut off"])
def test_a_server_that_has_answered_before_is_not_suspected_of_tls(body: bytes) -> None:
    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body)
        if len(body) == 2:
            await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async def run() -> str:
        async with await asyncio.start_server(answer_once, "127.0.0.1", 0) as server:
            address = parse_address(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
            async with Caller(address, tls_context(address)) as caller:
                if len(body) == 2:
                    await caller.call("GET", "/api", timeout_s=5.0)
                with pytest.raises(RestError) as failed:
                    await caller.call("GET", "/api", timeout_s=5.0)
        return failed.value.detail

    detail = asyncio.run(run())
    assert "hangs up" in detail
    assert "https" not in detail


def test_a_server_that_hangs_up_is_a_network_error() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def run() -> RestError:
        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            address = parse_address(f"127.0.0.1:{port}")
            async with Rest(address, LinkOptions(), tls_context(address)) as rest:
                with pytest.raises(RestError) as failed:
                    await rest.about()
            return failed.value

    assert asyncio.run(run()).cause is Cause.NETWORK


@pytest.mark.parametrize(("pause_s", "connections"), [(0.0, 1), (0.3, 2)])
def test_a_connection_is_not_kept_so_long_that_the_server_ends_it(
    pause_s: float, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would do so while a call is on its way, now and then."""
    monkeypatch.setattr(calls, "KEPT_S", 0.1)
    came: list[asyncio.Task[None] | None] = []  # a connection each

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError):  # the client has closed it
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()
        await writer.wait_closed()

    async def run() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            address = parse_address(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
            async with Caller(address, tls_context(address)) as caller:
                for _ in range(2):
                    await caller.call("GET", "/api", timeout_s=1.0)
                    await asyncio.sleep(pause_s)
            await asyncio.gather(*filter(None, came))

    asyncio.run(run())
    assert len(came) == connections


def test_the_token_goes_into_the_header_and_into_no_error() -> None:
    with Lab() as lab:
        lab.answers[LISTING] = (403, "text/plain", b"")
        with pytest.raises(RestError, match="wrong or expired") as failed:
            ask(lab, Rest.sessions, LinkOptions(token="geheim"))
    assert lab.headers[0]["Authorization"] == "Bearer geheim"
    assert "geheim" not in str(failed.value)


def test_without_a_token_there_is_no_header() -> None:
    with Lab() as lab:
        ask(lab, Rest.sessions)
    assert "Authorization" not in lab.headers[0]


def test_an_environment_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:  # bound, not listening: a proxy there would be refused
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with Lab() as lab:
            assert ask(lab, Rest.about).version == "1.2.5"


def secured(call: Callable[[Rest], Awaitable[T]], **instead: Callable[[], Response]) -> T:
    """The answer of the shipped simulator, or of ``instead`` by the last part of the path."""
    with Secured(token=None) as server:
        server.instead.update({f"/api/locks/{name}": answer for name, answer in instead.items()})
        return ask(parse_address(server.url), call, QUICK_ENOUGH)


def test_a_device_has_readings_or_none() -> None:
    async def all_of_them(rest: Rest) -> dict[str, object]:
        return {device.type: await rest.readings(device.equipment_id) for device in await rest.equipment()}

    found = secured(all_of_them)
    assert found.pop("oscilloscope") is None  # 501
    assert {"voltage_actual", "current_actual"} <= set(found["power_supply"])  # type: ignore[call-overload]
    assert {"voltage", "current", "power"} <= set(found["electronic_load"])  # type: ignore[call-overload]
    assert secured(lambda rest: rest.readings("no/such device?")) is None  # 404


def test_readings_that_fail_otherwise_are_an_error() -> None:
    with Lab() as lab:
        lab.answers["/api/equipment/a/readings"] = (500, "text/plain", b"Internal Server Error")
        with pytest.raises(RestError, match="status 500"):
            ask(lab, lambda rest: rest.readings("a"))


def test_a_post_sends_json_and_gives_back_json() -> None:
    answer = secured(lambda rest: rest.post("/api/locks/sessions/create", {"client_name": "µ"}))
    assert (answer["success"], answer["client_name"]) == (True, "µ")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (lambda: Response("no", 500), Cause.STATUS),
        (lambda: Response("<html>", 200), Cause.CONTENT),
        (lambda: Response("x" * (MAX_BODY_BYTES + 1), 200), Cause.CONTENT),
        (lambda: Response("{}", 403), Cause.UNAUTHORIZED),
        (lambda: Response('{"detail": [{"msg": "too many", "input": "secret"}]}', 422), Cause.STATUS),
    ],
)
def test_a_post_fails_as_clearly_as_a_get(answer: Callable[[], Response], cause: Cause) -> None:
    with pytest.raises(RestError) as failed:
        secured(lambda rest: rest.post("/api/locks/acquire", {}), acquire=answer)
    assert failed.value.cause is cause
    assert "/api/locks/acquire" in failed.value.detail
    assert "secret" not in failed.value.detail
