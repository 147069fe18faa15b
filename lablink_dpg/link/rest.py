"""The REST half of a server: typed answers, and one clear error for each way a call can fail.

The environment's proxy settings are ignored: a lab's server stands in the lab's network, and a proxy set for
browsing cannot reach it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ssl import SSLContext
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.errors import Cause, explain_network_error
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState, DataWindow
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.messages import BadMessage
from lablink_dpg.wire.rest_data import decode_data
from lablink_dpg.wire.timestamps import parse_start

MAX_BODY_BYTES = 64 * 2**20  # as much as one WebSocket message; a server that answers more is not a LabLink server
MAX_CONNECTIONS = 24  # more than 8 pollers, 4 backfillers and 9 calls of the listing ever use together
DEFAULT_BUFFER_SIZE = 10_000  # samples a channel, of a LabLink server that does not say
DETAIL_LENGTH = 160  # of what a server says about its error, in characters


class RestError(Exception):
    """A call failed. ``detail`` is one line for a person, without any secret."""

    def __init__(self, cause: Cause, detail: str, status: int | None = None) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail
        self.status = status


@dataclass(frozen=True, slots=True)
class About:
    """Answer of ``GET /api``."""

    name: str
    version: str
    is_secured: bool


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One line of ``GET /api/acquisition/sessions``."""

    acquisition_id: str
    state: AcquisitionState
    total_samples: int
    created_at: str = ""  # "" where the server does not say


class Rest:
    """Network thread only; an async context manager. Every call raises RestError and nothing else."""

    def __init__(
        self,
        address: ServerAddress,
        options: LinkOptions,
        tls: SSLContext,
        on_call: Callable[[RestError | None], None] = lambda _: None,
    ) -> None:
        """``on_call`` is told how each call has ended, None for an answer of whatever content."""
        self._address = address
        self._options = options
        self._on_call = on_call
        headers = {"Authorization": f"Bearer {options.token}"} if options.token else {}
        self._client = httpx.AsyncClient(
            base_url=address.rest_url,
            headers=headers,
            verify=tls,
            trust_env=False,
            timeout=None,  # each call as a whole has one, in _get: httpx's count from byte to byte
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
        )

    async def __aenter__(self) -> Rest:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def about(self) -> About:
        body = await self._get_object("/api")
        return About(_text(body, "name"), _text(body, "version"), body.get("security_enabled") is True)

    async def equipment(self) -> tuple[EquipmentInfo, ...]:
        """Lines without an id are left out: nothing could be asked about them."""
        body = await self._get_json("/api/equipment/list")
        if not isinstance(body, list):
            raise _wrong_shape("/api/equipment/list", "a list")
        return tuple(
            EquipmentInfo(
                equipment_id=line["id"],
                type=_text(line, "type"),
                manufacturer=_text(line, "manufacturer"),
                model=_text(line, "model"),
                nickname=_text(line, "nickname") or None,
            )
            for line in body
            if isinstance(line, dict) and isinstance(line.get("id"), str)
        )

    async def sessions(self) -> tuple[SessionLine, ...]:
        """Lines without an id are left out."""
        body = await self._get_object("/api/acquisition/sessions")
        lines = body.get("sessions")
        if not isinstance(lines, list):
            raise _wrong_shape("/api/acquisition/sessions", "a list 'sessions'")
        return tuple(
            SessionLine(
                acquisition_id=line["acquisition_id"],
                state=AcquisitionState.parse(line.get("state")),
                total_samples=_count(line, "total_samples"),
                created_at=_text(line, "created_at"),
            )
            for line in lines
            if isinstance(line, dict) and isinstance(line.get("acquisition_id"), str)
        )

    async def session_status(self, acquisition_id: str) -> AcquisitionInfo:
        path = f"/api/acquisition/session/{quote(acquisition_id, safe='')}/status"
        body = await self._get_object(path)
        config, stats = _mapping(body, "config"), _mapping(body, "stats")
        channels = config.get("channels")
        if not isinstance(channels, list) or not all(isinstance(channel, str) for channel in channels):
            raise _wrong_shape(path, "a list of names 'config.channels'")
        return AcquisitionInfo(
            acquisition_id=acquisition_id,
            equipment_id=_text(body, "equipment_id"),
            name=_text(config, "name") or acquisition_id,
            state=AcquisitionState.parse(body.get("state")),
            channels=tuple(channels),
            sample_rate_hz=_rate(config),
            buffer_size=_count(config, "buffer_size") or DEFAULT_BUFFER_SIZE,
            total_samples=_count(stats, "total_samples"),
            metadata=_mapping(config, "metadata"),
            created_at=_text(body, "created_at"),
            started_us=parse_start(stats.get("start_time")),
        )

    async def session_data(self, acquisition_id: str, num_samples: int) -> DataWindow:
        """The newest ``num_samples`` a channel, or all that the server has."""
        path = f"/api/acquisition/session/{quote(acquisition_id, safe='')}/data"
        body = await self._get(f"{path}?num_samples={num_samples}", self._options.data_timeout_s)
        window = decode_data(body, acquisition_id)
        if isinstance(window, BadMessage):
            raise RestError(Cause.CONTENT, f"{path}: {window.reason} {window.detail}".rstrip())
        return window

    async def _get_object(self, path: str) -> Mapping[str, Any]:
        body = await self._get_json(path)
        if not isinstance(body, dict):
            raise _wrong_shape(path, "an object")
        return body

    async def _get_json(self, path: str) -> Any:
        body = await self._get(path, self._options.rest_timeout_s)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise RestError(Cause.CONTENT, f"{path}: answer is not JSON, so this is not LabLink's REST") from None

    async def _get(self, path: str, timeout_s: float) -> bytes:
        try:
            body = await self._get_answer(path, timeout_s)
        except RestError as error:
            self._on_call(error)
            raise
        self._on_call(None)
        return body

    async def _get_answer(self, path: str, timeout_s: float) -> bytes:
        try:
            async with asyncio.timeout(timeout_s), self._client.stream("GET", path) as response:
                body = await _bounded_body(response, path)
        except TimeoutError:
            raise RestError(Cause.TIMEOUT, f"{path}: no answer within {timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise RestError(*explain_network_error(error, self._address.host, self._address.port)) from None
        status = response.status_code
        if status == httpx.codes.OK:
            return body
        said = _error_detail(body)
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            token = "the token is wrong or expired" if self._options.token else "it wants a token"
            raise RestError(Cause.UNAUTHORIZED, f"{path}: refused ({status}), {token}", status)
        raise RestError(Cause.STATUS, f"{path}: status {status} {said}".rstrip(), status)


async def _bounded_body(response: httpx.Response, path: str) -> bytes:
    chunks, size = [], 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise RestError(Cause.CONTENT, f"{path}: answer of over {MAX_BODY_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _error_detail(body: bytes) -> str:
    """``{"detail": text}``, the messages of a 422, nothing for pages made for browsers."""
    try:
        detail = orjson.loads(body).get("detail")
    except (orjson.JSONDecodeError, AttributeError):
        return ""
    if isinstance(detail, list):  # 422: what is wrong with which field; the input is left out
        detail = "; ".join(str(item.get("msg", "")) for item in detail if isinstance(item, dict))
    return detail[:DETAIL_LENGTH] if isinstance(detail, str) else ""


def _wrong_shape(path: str, wanted: str) -> RestError:
    return RestError(Cause.CONTENT, f"{path}: answer is JSON, but not {wanted}")


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def _mapping(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _count(body: Mapping[str, Any], key: str) -> int:
    value = body.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _rate(config: Mapping[str, Any]) -> float:
    value = config.get("sample_rate")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if math.isfinite(value) and value > 0 else 0.0
