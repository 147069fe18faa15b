"""Taking a session and the lock of a device for one call, where a server wants that, and giving the lock back.

Whether it does is learnt from its refusal: most calls of most servers need neither. A lock is held for as long as the
call takes and released whatever became of it: another person may be waiting for the device.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from lablink_dpg.link.errors import Cause
from lablink_dpg.link.rest import Rest, RestError

CLIENT_NAME = "lablink-dpg"
RELEASE_S = 1.0  # for a release; the link may be closing, and a server forgets the locks of sessions that are gone
SESSIONS, ACQUIRE, RELEASE = "/api/locks/sessions/create", "/api/locks/acquire", "/api/locks/release"

T = TypeVar("T")

_log = logging.getLogger(__name__)


async def with_lock(rest: Rest, equipment_id: str, call: Callable[[str], Awaitable[T]]) -> T:
    """What ``call("")`` returns, or ``call(session_id)`` where the server wants a session and the device's lock.

    ``equipment_id`` "": there is no device to lock, a session is all that can be had.

    Raises:
        RestError: as ``call`` did, or because the lock is not to be had.
    """
    try:
        return await call("")
    except RestError as refusal:
        if not refusal.wants_lock:
            raise
    session_id = await _session(rest)
    if not equipment_id:
        return await call(session_id)
    lock = {"equipment_id": equipment_id, "session_id": session_id}
    is_refused = False
    try:
        try:
            await rest.post(ACQUIRE, lock)
        except RestError as refusal:
            is_refused = refusal.status is not None  # otherwise nobody knows: the answer may have been lost
            raise
        return await call(session_id)
    finally:
        if not is_refused:
            await _release(rest, lock)


async def _release(rest: Rest, lock: Mapping[str, str]) -> None:
    try:
        await rest.post(RELEASE, lock, timeout_s=RELEASE_S)
    except RestError as error:
        # A device that was just disconnected has no lock any more: the server may well say so.
        _log.info("lock of %s not released: %s", lock["equipment_id"], error.detail)


async def _session(rest: Rest) -> str:
    answer = await rest.post(SESSIONS, {"client_name": CLIENT_NAME})
    session_id = answer.get("session_id") if isinstance(answer, dict) else None
    if not isinstance(session_id, str) or not session_id:
        raise RestError(Cause.CONTENT, f"{SESSIONS}: answer without a session_id")
    return session_id
