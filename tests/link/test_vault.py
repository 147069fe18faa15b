"""Tests of lablink_dpg.link.vault."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import keyring
import pytest

from lablink_dpg.link.vault import MAX_KEPT, SERVICE, Kept, Vault, load
from tests.support.keyrings import FILE_VARIABLE, BrokenKeyring, FileKeyring, HangingKeyring

SERVER = "labserver:8000"
KEPT = Kept("ada", "refresh-1")


@pytest.fixture
def kept_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "keyring.json"))
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    yield tmp_path / "keyring.json"
    keyring.set_keyring(before)


@pytest.fixture
def hanging() -> Iterator[HangingKeyring]:
    before = keyring.get_keyring()
    backend = HangingKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)
    backend.release.set()


def play(scene: Callable[[Vault], Awaitable[None]], timeout_s: float = 5.0, server: str = SERVER) -> list[str]:
    """The warnings of a scene."""
    warnings: list[str] = []

    async def run() -> None:
        vault = Vault(server, timeout_s, warnings.append)
        await scene(vault)
        await asyncio.gather(*vault._saving)

    asyncio.run(run())
    return warnings


async def save(vault: Vault) -> None:
    vault.save(KEPT)


def test_what_was_kept_comes_back_for_that_server_only(kept_file: Path) -> None:
    assert play(save) == []
    assert load(SERVER) == KEPT
    assert load("elsewhere:8000") is None

    async def scene(vault: Vault) -> None:
        assert await vault.load() == KEPT

    assert play(scene) == []


def test_the_newest_of_many_logins_is_kept(kept_file: Path) -> None:
    async def scene(vault: Vault) -> None:
        for number in range(20):
            vault.save(Kept("ada", f"refresh-{number}"))

    assert play(scene) == []
    assert load(SERVER) == Kept("ada", "refresh-19")


def test_what_is_forgotten_is_gone_and_forgetting_nothing_is_no_trouble(kept_file: Path) -> None:
    async def scene(vault: Vault) -> None:
        vault.forget()
        vault.save(KEPT)
        vault.forget()
        assert await vault.load() is None

    assert play(scene) == []
    assert json.loads(kept_file.read_text()) == {}


@pytest.mark.parametrize(
    "text", ["", "null", "[]", '{"user": 3, "refresh_token": "x"}', "[" * 100_000, "x" * (MAX_KEPT + 1)]
)
def test_an_entry_that_is_not_ours_is_no_login(kept_file: Path, text: str) -> None:
    keyring.set_password(SERVICE, SERVER, text)
    assert load(SERVER) is None


def test_a_keyring_that_fails_is_one_warning() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(BrokenKeyring())

    async def scene(vault: Vault) -> None:
        assert await vault.load() is None
        vault.save(KEPT)
        vault.forget()

    try:
        (warning,) = play(scene)
    finally:
        keyring.set_keyring(before)
    assert warning == "the system's keyring cannot be used (KeyringError): the login is not kept"


def test_a_library_that_is_missing_is_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    (warning,) = play(save)
    assert "ModuleNotFoundError" in warning


def test_a_keyring_that_hangs_is_given_up_and_holds_nothing_up(hanging: HangingKeyring) -> None:
    threads = []

    async def scene(vault: Vault) -> None:
        vault.save(KEPT)
        await asyncio.sleep(0.01)  # the loop turns while the keyring hangs
        threads.extend(thread for thread in threading.enumerate() if thread.name == "lablink-keyring")

    (warning,) = play(scene, timeout_s=0.05)
    assert "did not answer within 0.05 s" in warning
    assert all(thread.daemon for thread in threads)
    assert threads
