from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lablink_dpg.preferences import Preferences, Server, file
from lablink_dpg.preferences.file import MAX_BYTES, load, place, save
from tests.preferences.test_values import ANYTHING

quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
BROKEN = {
    "empty": b"",
    "cut": b'{"fps": 30, "mo',
    "list": b"[]",
    "null": b"null",
    "no UTF-8": b"\xff\xfe",
    "deep": b"[" * 60_000,
    "large": b" " * (MAX_BYTES + 1),
    "long number": b'{"fps": ' + b"9" * 5000 + b"}",
}


def content(directory: Path) -> Any:
    return json.loads(place(directory).read_text(encoding="utf-8"))


def names(directory: Path) -> list[str]:
    return sorted(each.name for each in directory.iterdir())


def test_a_first_start_has_the_defaults_and_writes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert load(tmp_path / "nowhere") == (Preferences(), ())
    assert not caplog.records
    assert not names(tmp_path)


def test_what_was_saved_is_found_again_in_a_directory_made_for_it(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "b"
    assert save({"fps": 60.0}, directory) == ""
    assert save({"acknowledged_by": "Jürgen", "last_servers": [{"address": "lab", "ws_port": 9}]}, directory) == ""
    kept, problems = load(directory)
    assert not problems
    assert (kept.fps, kept.acknowledged_by, kept.last_servers) == (60.0, "Jürgen", (Server("lab", 9),))
    assert names(directory) == ["preferences.json"]
    assert '\n  "acknowledged_by": "Jürgen"' in place(directory).read_text(encoding="utf-8"), "for people"


def test_only_what_was_changed_is_written_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    """What another program has changed meanwhile, keys of a later version, and a value that only a person can mend."""
    place(tmp_path).write_text('{"later": {"x": [1]}, "fps": "often", "theme": "light"}')
    assert save({"history": 5000}, tmp_path) == ""
    assert content(tmp_path) == {"later": {"x": [1]}, "fps": "often", "theme": "light", "history": 5000}
    assert save({"fps": 20}, tmp_path) == ""
    assert content(tmp_path)["fps"] == 20


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_kept_aside_and_told_of(raw: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place(tmp_path).write_bytes(raw)
    kept, problems = load(tmp_path)
    assert kept == Preferences()
    (problem,) = problems
    assert "kept as preferences.json.broken" in problem
    assert problem.isprintable()
    assert [each.getMessage() for each in caplog.records] == [problem]
    assert caplog.records[0].levelno == logging.WARNING
    assert names(tmp_path) == ["preferences.json.broken"]
    assert (tmp_path / "preferences.json.broken").read_bytes() == raw


def test_a_file_that_broke_while_the_program_ran_is_kept_aside_when_it_saves(tmp_path: Path) -> None:
    place(tmp_path).write_text("{")
    assert "kept as preferences.json.broken" in save({"fps": 20}, tmp_path)
    assert content(tmp_path) == {"fps": 20}
    assert (tmp_path / "preferences.json.broken").read_text() == "{"


def test_one_bad_value_is_told_of_and_the_others_count(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place(tmp_path).write_text('{"fps": "often", "window_s": 3}')
    kept, problems = load(tmp_path)
    assert (kept.fps, kept.window_s) == (30.0, 3.0)
    assert problems == ('preferences.json: fps: "often" must be a number from 1 to 240 frames/s; the default is used',)
    assert names(tmp_path) == ["preferences.json"]
    assert problems[0] in caplog.text


@quick
@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_bytes_the_file_holds_nothing_is_raised(raw: bytes, tmp_path: Path) -> None:
    place(tmp_path).write_bytes(raw)
    load(tmp_path)
    place(tmp_path).write_bytes(raw)
    save({"fps": 20}, tmp_path)
    assert load(tmp_path).preferences.fps == 20


@quick
@given(found=ANYTHING)
def test_whatever_json_the_file_holds_nothing_is_raised_and_it_can_be_saved_to(found: Any, tmp_path: Path) -> None:
    place(tmp_path).write_text(json.dumps(found))
    load(tmp_path)
    save({"fps": 20}, tmp_path)
    kept = content(tmp_path)
    assert load(tmp_path).preferences.fps == 20
    if isinstance(found, dict):
        assert json.dumps({**kept, "fps": 0}, sort_keys=True) == json.dumps({**found, "fps": 0}, sort_keys=True)


def test_half_a_character_and_a_deep_value_of_others_do_not_hinder(tmp_path: Path) -> None:
    place(tmp_path).write_text('{"odd": "\\ud800", "deep": ' + "[" * 500 + "]" * 500 + "}")
    assert save({"fps": 20}, tmp_path) == ""
    assert content(tmp_path) == {"odd": "\ud800", "fps": 20}, "what is deeper than any layout is not carried along"


@pytest.mark.parametrize(
    ("old", "servers"),
    [
        ('{"last_servers": ["lab:8000", "https://roof"]}', (Server("lab:8000"), Server("https://roof"))),
        ('{"last_server": "lab:8000"}', (Server("lab:8000"),)),
    ],
)
def test_what_an_earlier_version_remembered_moves_into_the_file(
    old: str, servers: tuple[Server, ...], tmp_path: Path
) -> None:
    (tmp_path / "remembered.json").write_text(old)
    kept, problems = load(tmp_path)
    assert not problems
    assert kept.last_servers == kept.recent_servers == servers
    assert save({"fps": 20}, tmp_path) == ""
    assert names(tmp_path) == ["preferences.json"]
    assert load(tmp_path).preferences.last_servers == servers


def test_the_memory_of_an_earlier_version_may_be_broken_too(tmp_path: Path) -> None:
    (tmp_path / "remembered.json").write_text("{")
    kept, problems = load(tmp_path)
    assert kept == Preferences()
    assert "remembered.json.broken" in problems[0]


def test_a_file_that_cannot_be_read_or_written_is_told_of_and_nothing_is_left_behind(tmp_path: Path) -> None:
    place(tmp_path).mkdir()  # a directory is neither read nor replaced as a file, not even by root
    assert "cannot be read" in load(tmp_path).problems[0]
    assert "cannot be saved" in save({"fps": 20}, tmp_path)
    assert names(tmp_path) == ["preferences.json"]
    (tmp_path / "file").write_text("in the way")
    assert "cannot be saved" in save({"fps": 20}, tmp_path / "file")


def test_a_link_to_a_file_elsewhere_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles"
    real.mkdir()
    (real / "mine.json").write_text('{"theme": "light"}')
    try:
        place(tmp_path).symlink_to(real / "mine.json")
    except OSError:  # Windows asks for a right that not everybody has
        return
    assert save({"fps": 20}, tmp_path) == ""
    assert place(tmp_path).is_symlink()
    assert json.loads((real / "mine.json").read_text()) == {"theme": "light", "fps": 20}


# A program that is killed at a moment of its choice, between any two steps of saving.
KILLED = """
import os, pathlib, sys
from lablink_dpg.preferences import file
directory, step = pathlib.Path(sys.argv[1]), sys.argv[2]
def die(*_):
    os._exit(9)
if step == "before fsync":
    os.fsync = die
elif step == "before replace":
    pathlib.Path.replace = die
else:
    pathlib.Path.unlink = die
file.save({"fps": 60, "acknowledged_by": "x" * 100}, directory)
"""


@pytest.mark.parametrize("step", ["before fsync", "before replace", "after replace"])
def test_a_program_that_is_killed_while_it_saves_leaves_the_old_file_or_the_new_one(step: str, tmp_path: Path) -> None:
    assert save({"fps": 20}, tmp_path) == ""
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), step], timeout=60, check=False)
    assert done.returncode == 9
    kept, problems = load(tmp_path)
    assert not problems
    assert kept.fps == (60 if step == "after replace" else 20)
    for each in tmp_path.glob("*.new"):  # what it left is cleared away in time
        os.utime(each, (time.time() - 7200, time.time() - 7200))
    assert save({"fps": 30}, tmp_path) == ""
    assert names(tmp_path) == ["preferences.json"]


SAVING = """
import pathlib, sys
from lablink_dpg.preferences import file
for number in range(60):
    file.save({sys.argv[2]: number + 1}, pathlib.Path(sys.argv[1]))
"""


def test_two_programs_that_save_at_once_never_leave_half_a_file(tmp_path: Path) -> None:
    save({"fps": 1}, tmp_path)
    programs = [
        subprocess.Popen([sys.executable, "-c", SAVING, str(tmp_path), key], text=True) for key in ("fps", "window_s")
    ]
    seen = 0
    while any(program.poll() is None for program in programs):
        assert not load(tmp_path).problems
        seen += 1
    assert [program.wait() for program in programs] == [0, 0]
    assert seen > 10
    assert names(tmp_path) == ["preferences.json"]


def test_the_file_is_where_the_configuration_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABLINK_DPG_CONFIG_DIR", str(tmp_path))
    assert file.place() == tmp_path / "preferences.json"


def test_a_file_that_can_only_not_be_read_now_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert file.save({"fps": 45.0}, tmp_path) == ""
    before = file.place(tmp_path).read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", _failing)
        assert "Input/output error" in file.save({"fps": 60.0}, tmp_path)
    assert file.place(tmp_path).read_bytes() == before


def _failing(*_arguments: object, **_options: object) -> object:
    raise OSError(5, "Input/output error")


def test_where_not_even_the_name_may_be_looked_up_it_is_a_problem_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Path, "stat", refused)
    assert "Permission denied" in file.save({"fps": 20.0}, tmp_path)
