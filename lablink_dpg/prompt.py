"""Asking for a password on the terminal, before anything else runs.

Only where somebody sits there, and only when the keyring has no login for one of the servers. What was typed is handed
on and kept nowhere here.
"""

from __future__ import annotations

import contextlib
import getpass
import sys
import threading
from collections.abc import Sequence

from lablink_dpg.settings import Settings, SettingsError

KEYRING_S = 60.0  # it may ask the person to unlock it first; without an answer the password is asked for


def password(settings: Settings, servers: Sequence[str]) -> str:
    """What the user types for ``settings.user``; "" where nobody has to be asked here. ``servers`` as they are shown.

    Raises:
        SettingsError: if a run without a window would need a password, and nobody can type one.
    """
    if not settings.user or (settings.remember and _are_kept(servers, settings.user)):
        return ""
    if not sys.stdin.isatty():
        if settings.headless:
            raise SettingsError("--user: without a terminal nobody can be asked for the password; use --token")
        return ""  # the window asks
    typed = ""
    with contextlib.suppress(EOFError):
        typed = getpass.getpass(f"Password of {settings.user} for {', '.join(servers)}: ")
    if not typed and settings.headless:
        raise SettingsError("--user: no password was typed, and a run without a window cannot ask again")
    return typed


def _are_kept(servers: Sequence[str], user: str) -> bool:
    """Whether the keyring has a login of this user for each of them. One that fails has none; the link says why."""
    from lablink_dpg.link import vault  # here: most runs ask nobody

    kept: list[bool] = []

    def look() -> None:
        with contextlib.suppress(Exception):
            for server in servers:
                login = vault.load(server)
                kept.append(login is not None and login.user == user)

    looking = threading.Thread(target=look, name="lablink-keyring", daemon=True)
    looking.start()
    looking.join(KEYRING_S)
    return len(kept) == len(servers) and all(kept)
