"""Keyrings to stand in for the system's, by the library's own way of choosing one: PYTHON_KEYRING_BACKEND."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

FILE_VARIABLE = "TEST_KEYRING_FILE"


class FileKeyring(KeyringBackend):
    """In a file, so that a test can look into the keyring of another process."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return _entries().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        _path().write_text(json.dumps({**_entries(), f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        entries = _entries()
        if entries.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("not found")
        _path().write_text(json.dumps(entries))


class BrokenKeyring(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringError("no D-Bus")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError("no D-Bus")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringError("no D-Bus")


class HangingKeyring(KeyringBackend):
    """Waits for a person who never comes, until the test lets it go."""

    priority = 1  # type: ignore[assignment]
    release = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.release.wait()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.release.wait()

    def delete_password(self, service: str, username: str) -> None:
        self.release.wait()


def _path() -> Path:
    return Path(os.environ[FILE_VARIABLE])


def _entries() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_path().read_text())
    except FileNotFoundError:
        return {}
    return found
