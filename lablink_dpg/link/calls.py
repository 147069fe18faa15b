"""One HTTP call to a server: bounded in time and size, and one clear error for each way it can fail.

The environment's proxy settings are ignored: a lab's server stands in the lab's network, and a proxy set for
browsing cannot reach it.

The library does not bear a task that is cancelled while it tidies up: the connection then counts as in use for ever,
and when all of them do, no call is answered any more. Each exchange therefore is a task of its own, which nobody
cancels: it is ended by a scope of anyio, which waits for such moments to pass.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from ssl import SSLContext
from types import TracebackType
from typing import Any, NamedTuple, Self

import anyio
import httpcore  # noqa: F401 - httpx would with its first client, on the network thread while the first frames are drawn
import httpx
import orjson

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.errors import CallFailed, Cause, explain_network_error

MAX_BODY_BYTES = 64 * 2**20  # as much as one WebSocket message; a server that answers more is not a LabLink server
MAX_CONNECTIONS = 36  # more than 8 pollers, 4 backfillers, 9 calls of the listing, 7 lists and 4 orders ever use
KEPT_S = 3.0  # a connection without a call: LabLink's uvicorn closes it after 5 s, and a call at that moment would fail
DETAIL_LENGTH = 160  # of what a server says about its error, in characters
_LOCK = re.compile(r"\bsession_id\b|\block(s|ed)?\b", re.IGNORECASE)
_LOGIN = re.compile(r"\b(account|password|token|login)\b", re.IGNORECASE)
_PARTS = ("body", "query", "path")  # of a request: a field is named without


class RestError(CallFailed):
    """A call failed. ``detail`` is one line for a person, without any secret."""

    def __init__(self, cause: Cause, detail: str, status: int | None = None, *, wants_lock: bool = False) -> None:
        super().__init__(cause, detail)
        self.detail = detail
        self.status = status
        self.wants_lock = wants_lock  # a session or a lock on the device is wanted; a login would change nothing

    @property
    def kind(self) -> str:
        """The same for all calls that fail in this way."""
        return self.cause.value if self.status is None else f"status {self.status}"


class Answer(NamedTuple):
    status: int
    body: bytes


class Caller:
    """Network thread only; an async context manager, which closes the connections it keeps."""

    def __init__(self, address: ServerAddress, tls: SSLContext) -> None:
        self._address = address
        self._has_answered = False
        self._client = httpx.AsyncClient(
            base_url=address.rest_url,
            verify=tls,
            trust_env=False,
            timeout=None,  # each call as a whole has one: httpx's count from byte to byte
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEPT_S),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def call(self, method: str, path: str, *, timeout_s: float, token: str = "", body: Any = None) -> Answer:
        """An answer of whatever status. ``body`` is sent as JSON, unless it is None.

        Raises:
            RestError: if there is no answer in time, or a too large one.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = orjson.dumps(body)
        scope = anyio.CancelScope()
        exchange = asyncio.ensure_future(self._exchange(scope, method, path, headers, content))
        try:
            async with asyncio.timeout(timeout_s):
                answer = await asyncio.shield(exchange)
        except TimeoutError:
            # What was asked comes last: it is long, and a line may be cut.
            raise RestError(Cause.TIMEOUT, f"no answer within {timeout_s:g} s: {path}") from None
        except httpx.RemoteProtocolError:
            raise RestError(Cause.NETWORK, self._no_answer()) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise RestError(*explain_network_error(error, self._address.host, self._address.port)) from None
        finally:
            scope.cancel()
            await _ended(exchange)
        assert answer is not None, "only what is given up has none"
        return answer

    def _no_answer(self) -> str:
        text = f"{self._address.host} port {self._address.port} hangs up or answers what is not HTTP"
        is_maybe_tls = not self._has_answered and not self._address.is_secure
        return text + (" (if it speaks TLS: https://)" if is_maybe_tls else "")

    async def _exchange(
        self, scope: anyio.CancelScope, method: str, path: str, headers: dict[str, str], content: bytes | None
    ) -> Answer | None:
        """None if the scope was cancelled."""
        with scope:
            async with self._client.stream(method, path, headers=headers, content=content) as response:
                self._has_answered = True
                return Answer(response.status_code, await _bounded_body(response, path))
        return None


async def _ended(exchange: asyncio.Task[Answer | None]) -> None:
    """Wait for a task that is about to end, however often this one is cancelled meanwhile."""
    cancelled: asyncio.CancelledError | None = None
    while not exchange.done():
        try:
            await asyncio.wait({exchange})
        except asyncio.CancelledError as error:
            cancelled = error
    with contextlib.suppress(Exception):
        exchange.result()  # looked at: who gave it up does not care how it has ended
    if cancelled is not None:
        raise cancelled


async def _bounded_body(response: httpx.Response, path: str) -> bytes:
    chunks, size = [], 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise RestError(Cause.CONTENT, f"{path}: answer of over {MAX_BODY_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def error_detail(body: bytes) -> str:
    """``{"detail": text}``, the messages of a 422, nothing for pages made for browsers."""
    try:
        detail = orjson.loads(body).get("detail")
    except (orjson.JSONDecodeError, AttributeError):
        return ""
    if isinstance(detail, list):  # 422: what is wrong with which field; the input is left out
        detail = "; ".join(filter(None, (_complaint(item) for item in detail if isinstance(item, dict))))
    return detail[:DETAIL_LENGTH] if isinstance(detail, str) else ""


def speaks_of_lock(detail: str) -> bool:
    """Whether a refusal is about sessions and locks on devices. A locked account is a matter of its login."""
    return _LOCK.search(detail) is not None and _LOGIN.search(detail) is None


def _complaint(item: Mapping[str, Any]) -> str:
    """One of a 422: ``sample_rate: Input should be a valid number``."""
    place, words = item.get("loc"), str(item.get("msg", ""))
    where = ".".join(str(step) for step in place if step not in _PARTS) if isinstance(place, list) else ""
    return f"{where}: {words}" if where else words
