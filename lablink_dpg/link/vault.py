"""What the system's keyring keeps of a login: user name and refresh token, never the password.

A keyring may ask a person to unlock it, hang, or not be there at all. So each question gets a daemon thread of its own,
is waited for within a time, and whatever goes wrong is one warning: then nothing is kept, and that is all.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

SERVICE = "lablink-dpg"
MAX_KEPT = 16_384  # characters; ours has some hundreds

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    user: str = field(repr=False)
    refresh_token: str = field(repr=False)


class Vault:
    """Network thread only. One login for each server, by its address as it is shown."""

    def __init__(self, server: str, timeout_s: float, warn: Callable[[str], None]) -> None:
        self._server = server
        self._timeout_s = timeout_s
        self._warn = warn
        self._has_warned = False
        self._turn = asyncio.Lock()  # a newer login is never overwritten by an older one
        self._saving: set[asyncio.Task[None]] = set()

    async def load(self) -> Kept | None:
        return await self._ask(lambda: load(self._server), None)

    def save(self, kept: Kept) -> None:
        """Begun, not waited for: a link does not stand still for a keyring."""
        self._soon(lambda: _save(self._server, kept))

    def forget(self) -> None:
        """Begun, not waited for."""
        self._soon(lambda: _forget(self._server))

    def _soon(self, work: Callable[[], None]) -> None:
        task = asyncio.ensure_future(self._ask(work, None))
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    async def _ask(self, question: Callable[[], T], otherwise: T) -> T:
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await _in_a_thread(question)
            except TimeoutError:
                self._complain(f"it did not answer within {self._timeout_s:g} s")
            except Exception as error:  # backends raise what they like, and none of it is worth a measurement
                self._complain(type(error).__name__)
        return otherwise

    def _complain(self, why: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            self._warn(f"the system's keyring cannot be used ({why}): the login is not kept")


def load(server: str) -> Kept | None:
    """What is kept for a server. Blocks, perhaps until a person unlocks the keyring, and raises what backends raise."""
    import keyring  # here: looking for a backend takes a tenth of a second, and most runs keep nothing

    text = keyring.get_password(SERVICE, server)
    if text is None or len(text) > MAX_KEPT:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    user, token = (found.get(name) if isinstance(found, dict) else None for name in ("user", "refresh_token"))
    return Kept(user, token) if isinstance(user, str) and isinstance(token, str) else None


def _save(server: str, kept: Kept) -> None:
    import keyring

    text = json.dumps({"user": kept.user, "refresh_token": kept.refresh_token})
    keyring.set_password(SERVICE, server, text)


def _forget(server: str) -> None:
    import keyring
    from keyring.errors import PasswordDeleteError

    with contextlib.suppress(PasswordDeleteError):  # there was none
        keyring.delete_password(SERVICE, server)


async def _in_a_thread(question: Callable[[], T]) -> T:
    """As the loop's resolver: neither cancelling nor ending Python waits for a thread that hangs."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, problem = None, None
        try:
            result = question()
        except BaseException as error:
            problem = error
        with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=work, name="lablink-keyring", daemon=True).start()
    return await answer
