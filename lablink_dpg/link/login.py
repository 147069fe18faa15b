"""The two calls that give tokens, and what the server's answer to them means.

A server's own words about a login are never passed on: they may repeat the user name, or the password.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ssl import SSLContext
from typing import Any

import orjson

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.calls import Answer, Caller, RestError, error_detail
from lablink_dpg.link.errors import Cause

LOGIN, REFRESH = "/api/security/login", "/api/security/refresh"
OK = 200
DECIDED = frozenset({400, 401, 403, 404, 422, 423})  # other statuses say nothing of what was sent
LOCKED = 423
NOT_FOUND = 404
MAX_TOKEN = 8192  # characters: what servers take as a header or in a URL
MIN_LIFE_S = 1.0  # of a token; a server that says less means something else

_UNSENT = frozenset({Cause.DNS, Cause.REFUSED, Cause.TLS})
_ATTEMPTS = re.compile(r"(\d{1,3}) attempts? remaining")


class Outcome(Enum):
    """Why there are no tokens."""

    UNSENT = "the server never got it"
    UNCLEAR = "the server may have got it, and has not decided"
    REFUSED = "the server has decided"
    LOCKED = "the account is locked"


class LoginFailed(Exception):
    """No tokens; the text is one line for a person."""

    def __init__(self, outcome: Outcome, text: str) -> None:
        super().__init__(text)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Grant:
    token: str = field(repr=False)
    refresh_token: str = field(repr=False)  # "" where there is none
    life_s: float  # infinite where the server does not say


async def log_in(address: ServerAddress, tls: SSLContext, timeout_s: float, user: str, password: str) -> Grant:
    """Raises LoginFailed."""
    answer = await _post(address, tls, timeout_s, LOGIN, {"username": user, "password": password})
    return _grant(answer, "the login", _wrong_password(answer))


async def refresh(address: ServerAddress, tls: SSLContext, timeout_s: float, refresh_token: str) -> Grant:
    """Raises LoginFailed."""
    answer = await _post(address, tls, timeout_s, REFRESH, {"refresh_token": refresh_token})
    return _grant(answer, "renewing the login", "the login has expired and cannot be renewed")


async def _post(
    address: ServerAddress, tls: SSLContext, timeout_s: float, path: str, body: Mapping[str, str]
) -> Answer:
    """On a connection of its own: a login does not queue behind the calls that wait for it."""
    try:
        async with Caller(address, tls) as caller:
            return await caller.call("POST", path, timeout_s=timeout_s, body=body)
    except RestError as error:
        outcome = Outcome.UNSENT if error.cause in _UNSENT else Outcome.UNCLEAR
        raise LoginFailed(outcome, error.detail) from None


def _wrong_password(answer: Answer) -> str:
    left = _ATTEMPTS.search(error_detail(answer.body))
    if left is None:
        return "wrong user name or password"
    return f"wrong user name or password, {left[1]} attempts left"


def _grant(answer: Answer, what: str, refused: str) -> Grant:
    if answer.status == OK:
        return _tokens(answer.body, what)
    if answer.status == NOT_FOUND:
        raise LoginFailed(Outcome.REFUSED, "this server knows no login by password; it wants a token")
    if answer.status not in DECIDED:
        raise LoginFailed(Outcome.UNCLEAR, f"{what} failed with status {answer.status}")
    if answer.status == LOCKED or "lock" in error_detail(answer.body).lower():
        raise LoginFailed(Outcome.LOCKED, "the account is locked")
    raise LoginFailed(Outcome.REFUSED, refused)


def _tokens(body: bytes, what: str) -> Grant:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not (token := _token(found.get("access_token"))):
        raise LoginFailed(Outcome.UNCLEAR, f"{what} was answered without a token")
    return Grant(token, _token(found.get("refresh_token")), _life_s(found.get("expires_in")))


def _token(value: Any) -> str:
    """As it can stand in a header, "" if it cannot."""
    is_token = isinstance(value, str) and len(value) <= MAX_TOKEN and value.isascii() and value.isprintable()
    return value if is_token else ""


def _life_s(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= MIN_LIFE_S:
        return math.inf
    return float(value)
