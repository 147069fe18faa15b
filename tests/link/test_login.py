"""Tests of lablink_dpg.link.login: what each answer of a server means."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Coroutine
from typing import Any

import pytest

from lablink_dpg.link.address import ServerAddress, parse_address
from lablink_dpg.link.login import LOGIN, REFRESH, Grant, LoginFailed, Outcome, log_in, refresh
from lablink_dpg.link.tls import tls_context
from tests.support.secured import PASSWORD, USER, Secured, says


def run(address: ServerAddress, call: Any, *words: str, timeout_s: float = 5.0) -> Grant:
    work: Coroutine[Any, Any, Grant] = call(address, tls_context(address), timeout_s, *words)
    return asyncio.run(work)


def failed(address: ServerAddress, call: Any, *words: str, timeout_s: float = 5.0) -> LoginFailed:
    with pytest.raises(LoginFailed) as caught:
        run(address, call, *words, timeout_s=timeout_s)
    return caught.value


def test_a_login_and_its_renewal_give_tokens_that_no_text_shows() -> None:
    with Secured() as server:
        address = parse_address(server.url)
        first = run(address, log_in, USER, PASSWORD)
        second = run(address, refresh, first.refresh_token)
        assert server.given == [first.token, first.refresh_token, second.token, second.refresh_token]
    assert first.life_s == 1800
    assert not any(secret in repr(first) for secret in server.given)


@pytest.mark.parametrize(
    ("answer", "outcome", "text"),
    [
        (says(401, {"detail": f"Invalid {PASSWORD}. 3 attempts remaining."}), Outcome.REFUSED, ", 3 attempts left"),
        (says(401, {"detail": f"Invalid {PASSWORD}. 1 attempt remaining."}), Outcome.REFUSED, ", 1 attempts left"),
        (says(401, {"detail": f"{USER} unknown"}), Outcome.REFUSED, "wrong user name or password"),
        (says(422, {"detail": [{"msg": PASSWORD, "input": PASSWORD}]}), Outcome.REFUSED, "wrong user name or password"),
        (says(401, {"detail": "Account locked"}), Outcome.LOCKED, "the account is locked"),
        (says(423, [USER]), Outcome.LOCKED, "the account is locked"),
        (says(404, {"detail": "Not Found"}), Outcome.REFUSED, "this server knows no login by password"),
        (says(429, {"detail": PASSWORD}), Outcome.UNCLEAR, "status 429"),
        (says(500, {"detail": PASSWORD}), Outcome.UNCLEAR, "status 500"),
        (says(302), Outcome.UNCLEAR, "status 302"),
        (says(200, [1]), Outcome.UNCLEAR, "without a token"),
        (says(200, {"access_token": ""}), Outcome.UNCLEAR, "without a token"),
        (says(200, {"access_token": 5}), Outcome.UNCLEAR, "without a token"),
        (says(200, {"access_token": "a\r\nX-Header: b"}), Outcome.UNCLEAR, "without a token"),
        (says(200, {"access_token": "a" * 9000}), Outcome.UNCLEAR, "without a token"),
    ],
)
def test_each_answer_has_its_meaning_and_repeats_no_secret(answer: Any, outcome: Outcome, text: str) -> None:
    with Secured() as server:
        server.instead[LOGIN] = answer
        problem = failed(parse_address(server.url), log_in, USER, PASSWORD)
    assert problem.outcome is outcome
    assert text in str(problem)
    assert USER not in str(problem)
    assert PASSWORD not in str(problem)


@pytest.mark.parametrize(
    ("life", "life_s"), [(3, 3.0), (0.5, math.inf), (None, math.inf), ("1800", math.inf), (True, math.inf)]
)
def test_a_life_that_makes_no_sense_is_unknown(life: object, life_s: float) -> None:
    with Secured() as server:
        server.instead[REFRESH] = says(200, {"access_token": "a", "expires_in": life})
        assert run(parse_address(server.url), refresh, "r") == Grant("a", "", life_s)


def test_what_never_left_is_told_from_what_may_have_arrived() -> None:
    assert failed(parse_address("127.0.0.1:1"), log_in, USER, PASSWORD).outcome is Outcome.UNSENT
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = parse_address(f"127.0.0.1:{deaf.getsockname()[1]}")
        assert failed(address, log_in, USER, PASSWORD, timeout_s=0.1).outcome is Outcome.UNCLEAR
