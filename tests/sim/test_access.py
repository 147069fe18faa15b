from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from lablink_dpg.sim.access import LOGIN_ATTEMPTS, TOKEN_LIFE_S, Access, Locks
from lablink_dpg.sim.rest import Refusal
from tests.sim.talk import FakeClock


def make(clock: FakeClock, token: str | None = "T") -> Access:
    return Access(token, "lablink", clock, itertools.count(1).__next__)


def refused(status: int, words: str, attempt: Callable[[], object]) -> None:
    with pytest.raises(Refusal, match=words) as refusal:
        attempt()
    assert refusal.value.status == status


def test_without_a_token_everything_is_open() -> None:
    access = make(FakeClock(), token=None)
    assert not access.is_on
    assert access.accepts(None)


def test_with_a_token_only_it_and_those_of_a_login_open() -> None:
    access = make(FakeClock())
    granted = access.login("ada", "lablink")
    assert [access.accepts(token) for token in ("T", granted["access_token"], "x", "", None)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert not access.accepts(granted["refresh_token"])
    assert (granted["token_type"], granted["expires_in"]) == ("bearer", TOKEN_LIFE_S)


def test_a_logins_token_expires_the_fixed_one_does_not() -> None:
    clock = FakeClock()
    access = make(clock)
    token = access.login("ada", "lablink")["access_token"]
    clock.forward(TOKEN_LIFE_S - 1)
    assert access.accepts(token)
    clock.forward(1)
    assert not access.accepts(token)
    assert access.accepts("T")


def test_a_refresh_token_renews_once() -> None:
    clock = FakeClock()
    access = make(clock)
    first = access.login("ada", "lablink")
    clock.forward(TOKEN_LIFE_S)
    second = access.refresh(first["refresh_token"])
    assert access.accepts(second["access_token"])
    refused(401, "refresh token", lambda: access.refresh(first["refresh_token"]))


def test_wrong_passwords_count_down_and_then_lock_that_account_only() -> None:
    access = make(FakeClock())
    for left in range(LOGIN_ATTEMPTS - 1, -1, -1):
        refused(401, f"{left} attempts remaining", lambda: access.login("ada", "guess"))
    refused(403, "locked", lambda: access.login("ada", "lablink"))
    access.login("grace", "lablink")


def test_a_right_password_resets_the_count() -> None:
    access = make(FakeClock())
    for _ in range(3):
        for _ in range(LOGIN_ATTEMPTS - 1):
            refused(401, "remaining", lambda: access.login("ada", "guess"))
        access.login("ada", "lablink")


def test_a_token_can_be_given_another_life() -> None:
    clock = FakeClock()
    access = Access("T", "lablink", clock, itertools.count(1).__next__, token_life_s=2)
    granted = access.login("ada", "lablink")
    assert granted["expires_in"] == 2
    clock.forward(1.9)
    assert access.accepts(granted["access_token"])
    clock.forward(0.1)
    assert not access.accepts(granted["access_token"])


def test_expired_at_once_no_token_opens_until_it_is_renewed() -> None:
    access = make(FakeClock())
    granted = access.login("ada", "lablink")
    access.expire()
    assert not any(access.accepts(token) for token in ("T", granted["access_token"], None))
    assert access.accepts(access.refresh(granted["refresh_token"])["access_token"])


def test_a_locked_account_takes_neither_password_nor_refresh_until_it_is_unlocked() -> None:
    access = make(FakeClock())
    granted = access.login("ada", "lablink")
    access.lock(True)
    refused(403, "locked", lambda: access.login("ada", "lablink"))
    refused(403, "locked", lambda: access.refresh(granted["refresh_token"]))
    assert access.accepts(granted["access_token"])
    access.lock(False)
    access.refresh(granted["refresh_token"])
    access.login("ada", "lablink")


def test_a_lock_belongs_to_one_session() -> None:
    numbers = itertools.count()
    locks = Locks(FakeClock(), lambda prefix: f"{prefix}_{next(numbers)}")
    mine, yours = (locks.create_session("c")["session_id"] for _ in range(2))
    refused(401, "session_id required", lambda: locks.check("ps", None))
    refused(403, "does not hold", lambda: locks.check("ps", mine))
    refused(404, "not found", lambda: locks.acquire("ps", "nobody"))
    locks.acquire("ps", mine)
    locks.acquire("ps", mine)  # again is no error
    locks.check("ps", mine)
    refused(409, "locked by", lambda: locks.acquire("ps", yours))
    refused(403, "does not hold", lambda: locks.check("ps", yours))
    refused(403, "does not hold", lambda: locks.release("ps", yours))
    locks.release("ps", mine)
    locks.acquire("ps", yours)
