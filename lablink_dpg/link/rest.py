"""The REST half of a server: typed answers to the questions of a display."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ssl import SSLContext
from types import TracebackType
from typing import Any
from urllib.parse import quote

import orjson

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.calls import Caller, RestError, error_detail, speaks_of_lock
from lablink_dpg.link.credentials import Credentials
from lablink_dpg.link.errors import Cause
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState, DataWindow
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.messages import BadMessage
from lablink_dpg.wire.fields import positive
from lablink_dpg.wire.reasons import MAX_TOTAL_SAMPLES
from lablink_dpg.wire.rest_data import decode_data
from lablink_dpg.wire.timestamps import parse_start

__all__ = ["About", "Rest", "RestError", "SessionLine"]

DEFAULT_BUFFER_SIZE = 10_000  # samples a channel, of a LabLink server that does not say
SESSIONS = "/api/acquisition/sessions"  # a server that refuses this can not be polled
OK, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, NOT_IMPLEMENTED = 200, 401, 403, 404, 501
LOCK_STATUSES = frozenset({UNAUTHORIZED, FORBIDDEN, 423})  # by which servers refuse who has no session or no lock


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
        credentials: Credentials | None = None,
    ) -> None:
        """``on_call`` is told how each call has ended, None for an answer of whatever content."""
        self._options = options
        self._on_call = on_call
        self._caller = Caller(address, tls)
        self._credentials = credentials or Credentials(address, options, tls)

    async def __aenter__(self) -> Rest:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._caller.__aexit__(kind, error, trace)

    async def about(self) -> About:
        body = await self._get_object("/api")
        about = About(_text(body, "name"), _text(body, "version"), body.get("security_enabled") is True)
        self._credentials.greeted(about.is_secured)
        return about

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
                serial_number=_text(line, "serial_number"),
                connection_type=_text(line, "connection_type"),
                resource_string=_text(line, "resource_string"),
                is_connected=line.get("connected") is not False,
            )
            for line in body
            if isinstance(line, dict) and isinstance(line.get("id"), str)
        )

    async def sessions(self) -> tuple[SessionLine, ...]:
        """Lines without an id are left out."""
        body = await self._get_object(SESSIONS)
        lines = body.get("sessions")
        if not isinstance(lines, list):
            raise _wrong_shape(SESSIONS, "a list 'sessions'")
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
        door = "/api/acquisition/session/{}/status"
        body = await self._get_object(door, acquisition_id)
        config, stats = _mapping(body, "config"), _mapping(body, "stats")
        channels = config.get("channels")
        if not isinstance(channels, list) or not all(isinstance(channel, str) for channel in channels):
            raise _wrong_shape(_path(door, acquisition_id), "a list of names 'config.channels'")
        return AcquisitionInfo(
            acquisition_id=acquisition_id,
            equipment_id=_text(body, "equipment_id"),
            name=_text(config, "name") or acquisition_id,
            state=AcquisitionState.parse(body.get("state")),
            channels=tuple(channels),
            sample_rate_hz=positive(config.get("sample_rate")),
            buffer_size=_count(config, "buffer_size") or DEFAULT_BUFFER_SIZE,
            total_samples=_count(stats, "total_samples"),
            metadata=_mapping(config, "metadata"),
            created_at=_text(body, "created_at"),
            started_us=parse_start(stats.get("start_time")),
            mode=_text(config, "mode"),
            num_samples=_count(config, "num_samples") or None,
            duration_s=positive(config.get("duration_seconds")) or None,
            trigger=_mapping(config, "trigger_config"),
            started_at=_text(body, "started_at"),
            stopped_at=_text(body, "stopped_at"),
            actual_rate_hz=positive(stats.get("actual_sample_rate")) or None,
            overruns=_count(stats, "buffer_overruns"),
        )

    async def session_data(self, acquisition_id: str, num_samples: int) -> DataWindow:
        """The newest ``num_samples`` a channel, or all that the server has."""
        door = "/api/acquisition/session/{}/data"
        query = f"?num_samples={num_samples}"
        body = await self._ask("GET", door, acquisition_id, query=query, timeout_s=self._options.data_timeout_s)
        window = decode_data(body, acquisition_id)
        if isinstance(window, BadMessage):
            text = f"{_path(door, acquisition_id)}: {window.reason} {window.detail}".rstrip()
            raise RestError(Cause.CONTENT, text)
        return window

    async def readings(self, equipment_id: str) -> Mapping[str, Any] | None:
        """What the device shows now, as the server words it for this type; None if it has no readings, or is gone."""
        try:
            return await self._get_object("/api/equipment/{}/readings", equipment_id)
        except RestError as error:
            if error.status in (NOT_FOUND, NOT_IMPLEMENTED):
                return None
            raise

    async def get(self, door: str, about: str = "", *, timeout_s: float | None = None) -> Any:
        """An answer, decoded. ``door``: path, with ``{}`` where the id ``about`` belongs."""
        timeout_s = timeout_s or self._options.rest_timeout_s
        return _decoded(_path(door, about), await self._ask("GET", door, about, timeout_s=timeout_s))

    async def post(self, door: str, body: Mapping[str, Any], about: str = "", *, timeout_s: float | None = None) -> Any:
        """Have the server do something; its answer, decoded."""
        timeout_s = timeout_s or self._options.rest_timeout_s
        return _decoded(_path(door, about), await self._ask("POST", door, about, body=body, timeout_s=timeout_s))

    async def delete(self, door: str, about: str) -> Any:
        timeout_s = self._options.rest_timeout_s
        return _decoded(_path(door, about), await self._ask("DELETE", door, about, timeout_s=timeout_s))

    async def _get_object(self, door: str, about: str = "") -> Mapping[str, Any]:
        body = await self._get_json(door, about)
        if not isinstance(body, dict):
            raise _wrong_shape(_path(door, about), "an object")
        return body

    async def _get_json(self, door: str, about: str = "") -> Any:
        return _decoded(_path(door, about), await self._ask("GET", door, about, timeout_s=self._options.rest_timeout_s))

    async def _ask(
        self, method: str, door: str, about: str = "", *, timeout_s: float, query: str = "", body: Any = None
    ) -> bytes:
        """The body of an answer with status 200. ``door``: path, with ``{}`` where the id ``about`` belongs."""
        path = _path(door, about)

        async def knock(token: str) -> bytes:
            try:
                status, content = await self._caller.call(
                    method, path + query, timeout_s=timeout_s, token=token, body=body
                )
            except RestError as error:
                self._on_call(error)
                raise
            problem = None if status == OK else _problem(path, status, content, token)
            self._on_call(problem)
            if problem is not None:
                raise problem
            return content

        return await self._credentials.through(door, knock)


def _path(door: str, about: str) -> str:
    return door.format(quote(about, safe="")) if about else door


def _problem(path: str, status: int, body: bytes, token: str) -> RestError:
    detail = error_detail(body)
    if status in LOCK_STATUSES and speaks_of_lock(detail):
        return RestError(Cause.STATUS, f"{detail} ({status})", status, wants_lock=True)
    if status in (UNAUTHORIZED, FORBIDDEN):
        why = "the token is wrong or expired" if token else "it wants a login or a token"
        return RestError(Cause.UNAUTHORIZED, f"{path}: refused ({status}), {why}", status)
    return RestError(Cause.STATUS, f"{path}: status {status} {detail}".rstrip(), status)


def _decoded(path: str, body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RestError(Cause.CONTENT, f"{path}: answer is not JSON, so this is not LabLink's REST") from None


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
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_TOTAL_SAMPLES else 0
