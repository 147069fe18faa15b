"""Who may do what: logins and their tokens, client sessions and the locks on devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lablink_dpg.sim.rest import Refusal
from lablink_dpg.sim.stamps import LocalClock, iso

TOKEN_LIFE_S: Final = 1800  # as the real server's
LOGIN_ATTEMPTS: Final = 5  # wrong passwords before an account locks
TOKEN_VARIABLE = "LABLINK_SIM_TOKEN"  # for the token, which has no business in a list of processes
DEFAULT_PASSWORD: Final = "lablink"
LOCKED: Final = "Account is locked due to too many failed login attempts"


class Access:
    """Tokens. ``fixed_token`` switches security on and does not age; logins hand out others that do."""

    def __init__(
        self,
        fixed_token: str | None,
        password: str,
        clock: LocalClock,
        new_token: Callable[[], int],
        token_life_s: float = TOKEN_LIFE_S,
    ) -> None:
        self._fixed = fixed_token
        self._is_fixed_valid = True
        self._is_locked = False
        self._password = password
        self._clock = clock
        self._new_token = new_token
        self._token_life_s = token_life_s
        self._expiry_us: dict[str, int] = {}  # by access token
        self._refresh: set[str] = set()
        self._failures: dict[str, int] = {}  # by user name

    @property
    def is_on(self) -> bool:
        return self._fixed is not None

    def accepts(self, token: str | None) -> bool:
        """Whether this token opens the door now; without security everything does."""
        if self._fixed is None or (self._is_fixed_valid and token == self._fixed):
            return True
        return token is not None and self._clock() < self._expiry_us.get(token, 0)

    def expire(self) -> None:
        """No token given out so far opens anything any more, nor does the fixed one; refreshing goes on working."""
        self._expiry_us.clear()
        self._is_fixed_valid = False

    def lock(self, is_locked: bool) -> None:
        """Refuse every login and every refresh, as for an account that is locked; tokens given out stay valid."""
        self._is_locked = is_locked

    def login(self, username: str, password: str) -> dict[str, Any]:
        """Any user name with the one password.

        Raises:
            Refusal: 401 for a wrong password, 403 once the account is locked.
        """
        failures = self._failures.get(username, 0)
        if self._is_locked or failures >= LOGIN_ATTEMPTS:
            raise Refusal(403, LOCKED)
        if password != self._password:
            self._failures[username] = failures + 1
            left = LOGIN_ATTEMPTS - failures - 1
            raise Refusal(401, f"Invalid username or password. {left} attempts remaining.")
        self._failures.pop(username, None)
        return self._grant()

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """A new pair of tokens for an old refresh token, which is then used up.

        Raises:
            Refusal: 401 for one that was never given out or is used up, 403 while the account is locked.
        """
        if self._is_locked:
            raise Refusal(403, LOCKED)
        if refresh_token not in self._refresh:
            raise Refusal(401, "Invalid or expired refresh token")
        self._refresh.discard(refresh_token)
        return self._grant()

    def _grant(self) -> dict[str, Any]:
        now_us = self._clock()
        self._expiry_us = {token: expiry for token, expiry in self._expiry_us.items() if expiry > now_us}
        access, refresh = (f"{self._new_token():016x}{self._new_token():016x}" for _ in range(2))
        self._expiry_us[access] = now_us + round(self._token_life_s * 1e6)
        self._refresh.add(refresh)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "bearer",
            "expires_in": self._token_life_s,
        }


class Locks:
    """Sessions of clients and the exclusive locks they hold, one a device."""

    def __init__(self, clock: LocalClock, new_id: Callable[[str], str], *, is_strict: bool = False) -> None:
        """``is_strict``: connections, scans and captures want a session, or the lock where there is a device."""
        self._clock = clock
        self._new_id = new_id
        self._is_strict = is_strict
        self._sessions: set[str] = set()
        self._holders: dict[str, str] = {}  # equipment id → session id

    def create_session(self, client_name: str) -> dict[str, Any]:
        session_id = self._new_id("session")
        self._sessions.add(session_id)
        return {
            "success": True,
            "session_id": session_id,
            "client_name": client_name,
            "created_at": iso(self._clock()),
        }

    def acquire(self, equipment_id: str, session_id: str) -> dict[str, Any]:
        """Raises:
        Refusal: 404 for an unknown session, 409 if another one holds the lock.
        """
        if session_id not in self._sessions:
            raise Refusal(404, f"Session {session_id} not found")
        holder = self._holders.setdefault(equipment_id, session_id)
        if holder != session_id:
            raise Refusal(409, f"Equipment {equipment_id} is locked by session {holder}")
        return {"success": True, "equipment_id": equipment_id, "session_id": session_id, "lock_mode": "exclusive"}

    def release(self, equipment_id: str, session_id: str) -> dict[str, Any]:
        """Raises:
        Refusal: 403 if the session does not hold the lock.
        """
        self._require(equipment_id, session_id)
        del self._holders[equipment_id]
        return {"success": True, "equipment_id": equipment_id, "session_id": session_id}

    def check(self, equipment_id: str, session_id: str | None) -> None:
        """Before a setting command.

        Raises:
            Refusal: 401 without a session, 403 without the lock.
        """
        if session_id is None:
            raise Refusal(401, "session_id required for control commands when locks are enabled")
        self._require(equipment_id, session_id)

    def check_connection(self, equipment_id: str, session_id: str | None) -> None:
        """Before a device is disconnected or read out, or, with "", before one is connected or looked for.

        Raises:
            Refusal: as ``check``, if this server is strict.
        """
        if not self._is_strict:
            return
        if equipment_id:
            self.check(equipment_id, session_id)
        elif session_id not in self._sessions:
            raise Refusal(401, "session_id required for equipment connections when locks are enabled")

    def forget(self, equipment_id: str) -> None:
        """The device is gone, and with it its lock."""
        self._holders.pop(equipment_id, None)

    def is_locked(self, equipment_id: str) -> bool:
        return equipment_id in self._holders

    def _require(self, equipment_id: str, session_id: str) -> None:
        if self._holders.get(equipment_id) != session_id:
            raise Refusal(403, f"Session {session_id} does not hold the lock of equipment {equipment_id}")
