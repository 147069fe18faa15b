"""Tokens that expire, are wrong or missing, accounts that lock: what the link does, to the exact number of calls."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.subjects import SUBJECTS
from lablink_dpg.model.commands import Forget, Login, ReconnectNow
from lablink_dpg.model.link import LinkNeed, LinkState, Mode
from tests.link.lab import until
from tests.link.running import IMPATIENT, Running, linked
from tests.support.secured import LOGIN, PASSWORD, REFRESH, TOKEN, USER, Secured, says

LOGGED_IN = replace(IMPATIENT, user=USER, password=PASSWORD, renew_spacing_s=0.0)
WATCHED_S = 1.0  # for calls that must not come: fifty times the link's first wait
QUIET_CALLS = 12  # of all kinds in that time, from a link that waits for a person: the attempt that taught it, no more


def name(run: Running) -> str:
    """Of the first acquisition, once it is known."""
    until(lambda: run.store.series, lambda: f"nothing is listed: {run.network.status}")
    return next(iter(run.store.series))


def until_need(run: Running, need: LinkNeed) -> None:
    until(lambda: run.network.status.needs is need, lambda: f"not {need}: {run.network.status}")


def check_that_it_is_left_alone(server: Secured) -> None:
    before = len(server.calls)
    assert before <= QUIET_CALLS, server.calls
    time.sleep(WATCHED_S)
    assert len(server.calls) == before, server.calls[before:]


def test_a_login_is_made_once_and_everything_streams() -> None:
    with Secured() as server, linked(server.url, LOGGED_IN) as run:
        run.until_state(LinkState.STREAMING)
        run.until_more(name(run))
        assert server.logins == (1, 0)
        assert run.network.status.needs is LinkNeed.NOTHING


def test_an_expired_token_is_renewed_once_and_nothing_of_the_stream_is_missing() -> None:
    with Secured() as server, linked(server.url, LOGGED_IN) as run:
        stream = name(run)
        run.until_more(stream)
        server.lab.access.expire()
        until(lambda: server.logins == (1, 1), lambda: f"{server.logins}")
        run.until_more(stream, 500)
        assert run.state is LinkState.STREAMING
        assert run.network.status.counters.reconnects == 0
        assert server.logins == (1, 1)
        run.until_nothing_is_missing(stream)
        assert run.network.status.needs is LinkNeed.NOTHING


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.WEBSOCKET])
def test_a_connection_lost_with_an_expired_token_is_made_again_with_a_renewed_one(mode: Mode) -> None:
    with Secured() as server, linked(server.url, LOGGED_IN, mode=mode) as run:
        stream = name(run)
        run.until_more(stream)
        server.lab.access.expire()
        server.cut()
        until(lambda: run.network.status.counters.reconnects == 1, lambda: str(run.network.status))
        run.until_state(LinkState.STREAMING)
        run.until_more(stream)
        assert server.logins == (1, 1)
        run.until_nothing_is_missing(stream)


def test_while_polling_an_expired_token_costs_one_renewal_for_all_streams() -> None:
    with Secured(streams=8) as server, linked(server.url, LOGGED_IN, mode=Mode.POLLING) as run:
        stream = name(run)
        run.until_more(stream)
        server.lab.access.expire()
        until(lambda: server.logins == (1, 1), lambda: f"{server.logins}")
        run.until_more(stream, 500)
        assert server.logins == (1, 1)
        assert run.state is LinkState.POLLING
        run.until_nothing_is_missing(stream)


def test_a_wrong_password_is_sent_once_then_a_person_is_asked_and_the_server_left_alone() -> None:
    with Secured() as server, linked(server.url, LOGGED_IN, password="not-the-password") as run:
        until_need(run, LinkNeed.PASSWORD)
        run.until_state(LinkState.WAITING)
        assert run.network.status.needs_why == "wrong user name or password, 4 attempts left"
        check_that_it_is_left_alone(server)
        assert server.logins == (1, 0)
        run.network.send(Login(USER, PASSWORD))
        run.until_state(LinkState.STREAMING)
        run.until_more(name(run))
        assert server.logins == (2, 0)
        assert run.network.status.needs is LinkNeed.NOTHING


@pytest.mark.parametrize("mode", list(Mode))
def test_without_a_login_a_person_is_asked_and_the_server_left_alone(mode: Mode) -> None:
    with Secured() as server, linked(server.url, mode=mode) as run:
        until_need(run, LinkNeed.PASSWORD)
        run.until_state(LinkState.WAITING)
        assert run.network.status.reason == "this server wants a login or a token"
        check_that_it_is_left_alone(server)
        assert server.logins == (0, 0)
        assert not run.store.series
        run.network.send(Login(USER, PASSWORD))
        until_need(run, LinkNeed.NOTHING)
        run.until_more(name(run))
        assert server.logins == (1, 0)


def test_a_wrong_fixed_token_is_never_renewed() -> None:
    with Secured() as server, linked(server.url, token="not-the-token") as run:
        until_need(run, LinkNeed.TOKEN)
        run.until_state(LinkState.WAITING)
        assert "wrong or expired" in run.network.status.reason
        check_that_it_is_left_alone(server)
        assert server.logins == (0, 0)


def test_a_right_fixed_token_opens_and_when_it_expires_the_stream_goes_on_and_a_person_is_asked() -> None:
    with Secured() as server, linked(server.url, token=TOKEN) as run:
        stream = name(run)
        run.until_more(stream)
        server.lab.access.expire()
        until_need(run, LinkNeed.TOKEN)
        run.until_more(stream, 300)
        assert run.state is LinkState.STREAMING
        assert server.logins == (0, 0)
        assert run.network.status.counters.rest_errors <= 2 + len(SUBJECTS), "calls that were not made are not counted"


def test_a_locked_account_is_tried_once_and_then_left_alone() -> None:
    with Secured() as server:
        server.lab.access.lock(True)
        with linked(server.url, LOGGED_IN) as run:
            until_need(run, LinkNeed.LOCKED)
            run.until_state(LinkState.WAITING)
            check_that_it_is_left_alone(server)
            run.network.send(ReconnectNow())
            until(lambda: server.count("/ws") == 2, lambda: str(server.calls))
            until_need(run, LinkNeed.LOCKED)
            assert server.logins == (1, 0)


def test_an_account_locked_meanwhile_loses_its_login_with_one_call() -> None:
    with Secured() as server, linked(server.url, LOGGED_IN) as run:
        run.until_more(name(run))
        server.lab.access.lock(True)
        server.lab.access.expire()
        server.cut()
        until_need(run, LinkNeed.LOCKED)
        run.until_state(LinkState.WAITING)
        assert server.logins == (1, 1)
        time.sleep(WATCHED_S)
        assert server.logins == (1, 1)
        server.lab.access.lock(False)
        run.network.send(Login(USER, PASSWORD))
        run.until_state(LinkState.STREAMING)
        assert server.logins == (2, 1)


def test_a_websocket_refused_for_another_reason_costs_one_renewal_and_is_polled() -> None:
    with Secured() as server:
        server.instead["/ws"] = says(403)
        with linked(server.url, LOGGED_IN) as run:
            run.until_state(LinkState.POLLING)
            run.until_more(name(run), 500)
            assert server.count(LOGIN) == 1
            assert server.count(REFRESH) <= 1
            assert run.network.status.needs is LinkNeed.NOTHING


def test_logged_out_the_link_waits_for_the_next_login() -> None:
    with Secured() as server, linked(server.url, LOGGED_IN) as run:
        run.until_more(name(run))
        run.network.send(Forget())
        until_need(run, LinkNeed.PASSWORD)
        run.until_state(LinkState.WAITING)
        assert server.logins == (1, 0)


@pytest.mark.parametrize("options", [LOGGED_IN, replace(IMPATIENT, token="not-the-token"), IMPATIENT])
def test_no_secret_is_in_anything_the_link_tells(options: LinkOptions, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with Secured() as server, linked(server.url, options) as run:
        if options is LOGGED_IN:
            run.until_more(name(run))
            server.lab.access.expire()
            server.cut()
            until(lambda: server.logins == (1, 1), lambda: f"{server.logins}")
            run.until_state(LinkState.STREAMING)
        else:
            run.until_state(LinkState.WAITING)
        told = [repr(run.network.status), *run.texts, caplog.text, repr(options), repr(Login(USER, PASSWORD))]
    secrets = [*server.secrets, "not-the-token"]
    assert len(server.given) in (0, 4)
    assert not [secret for secret in secrets for text in told if secret in text]
