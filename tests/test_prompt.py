"""Tests of lablink_dpg.prompt: who is asked for a password, and when."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from lablink_dpg import prompt
from lablink_dpg.settings import Settings, SettingsError
from tests.support.keyrings import FILE_VARIABLE, BrokenKeyring, FileKeyring, HangingKeyring

SERVERS = ["a:8000", "b:8000"]
ENTRY = '{"user": "ada", "refresh_token": "r"}'


class Person:
    """At a terminal, or away from it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, is_there: bool = True, types: str | None = "secret") -> None:
        self.asked: list[str] = []
        self._types = types
        monkeypatch.setattr(sys, "stdin", self)
        monkeypatch.setattr(getpass, "getpass", self._answer)
        self._is_there = is_there

    def isatty(self) -> bool:
        return self._is_there

    def _answer(self, text: str) -> str:
        self.asked.append(text)
        if self._types is None:
            raise EOFError
        return self._types


def settings(**more: object) -> Settings:
    return Settings(servers=tuple(SERVERS), **more)  # type: ignore[arg-type]


@pytest.fixture(params=[FileKeyring, BrokenKeyring, HangingKeyring])
def backend(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "keyring.json"))
    monkeypatch.setattr(prompt, "KEYRING_S", 0.2 if request.param is HangingKeyring else 10.0)
    before = keyring.get_keyring()
    keyring.set_keyring(request.param())
    HangingKeyring.release.clear()
    yield keyring.get_keyring()
    HangingKeyring.release.set()
    keyring.set_keyring(before)


def test_without_a_user_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person(monkeypatch)
    assert prompt.password(settings(), SERVERS) == ""
    assert person.asked == []


def test_a_person_at_the_terminal_is_asked_once_for_all_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person(monkeypatch)
    assert prompt.password(settings(user="ada"), SERVERS) == "secret"
    assert person.asked == ["Password of ada for a:8000, b:8000: "]


def test_without_a_terminal_the_window_asks_and_a_headless_run_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person(monkeypatch, is_there=False)
    assert prompt.password(settings(user="ada"), SERVERS) == ""
    with pytest.raises(SettingsError, match="without a terminal"):
        prompt.password(settings(user="ada", headless=True), SERVERS)
    assert person.asked == []


@pytest.mark.parametrize("types", ["", None])
def test_nothing_typed_leaves_it_to_the_window(monkeypatch: pytest.MonkeyPatch, types: str | None) -> None:
    Person(monkeypatch, types=types)
    assert prompt.password(settings(user="ada"), SERVERS) == ""
    with pytest.raises(SettingsError, match="no password was typed"):
        prompt.password(settings(user="ada", headless=True), SERVERS)


def test_a_keyring_without_the_login_or_without_an_answer_does_not_keep_from_asking(
    monkeypatch: pytest.MonkeyPatch, backend: object
) -> None:
    person = Person(monkeypatch)
    assert prompt.password(settings(user="ada", remember=True), SERVERS) == "secret"
    assert len(person.asked) == 1


@pytest.mark.parametrize("backend", [FileKeyring], indirect=True)
def test_nobody_is_asked_when_every_server_has_a_kept_login_of_that_user(
    monkeypatch: pytest.MonkeyPatch, backend: FileKeyring
) -> None:
    person = Person(monkeypatch)
    backend.set_password("lablink-dpg", SERVERS[0], ENTRY)
    assert prompt.password(settings(user="ada", remember=True), SERVERS) == "secret"
    backend.set_password("lablink-dpg", SERVERS[1], ENTRY)
    assert prompt.password(settings(user="ada", remember=True), SERVERS) == ""
    assert prompt.password(settings(user="grace", remember=True), SERVERS) == "secret"
    assert prompt.password(settings(user="ada"), SERVERS) == "secret"  # not told to use what is kept
    assert len(person.asked) == 3
