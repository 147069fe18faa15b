"""Logging in with the whole program: on a terminal, from the keyring, without either; no secret in what it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lablink_dpg.model.exit_code import ExitCode
from lablink_dpg.sim.process import SimProcess
from tests.support import certificates
from tests.support.keyrings import FILE_VARIABLE
from tests.support.secured import PASSWORD, TOKEN, USER, Secured
from tests.support.terminal import Terminal
from tests.system.running import run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")

HEADLESS = ("--headless", "--duration", "2", "--verbose")


def environment(tmp_path: Path, backend: str = "keyring.backends.fail.Keyring") -> Mapping[str, str]:
    return {**os.environ, "PYTHON_KEYRING_BACKEND": backend, FILE_VARIABLE: str(tmp_path / "keyring.json")}


FILE_KEYRING = "tests.support.keyrings.FileKeyring"


def ask(arguments: tuple[str, ...], password: str, where: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and everything that stood on the terminal."""
    with Terminal(*arguments, environment=where) as terminal:
        terminal.until("Password of ")
        terminal.type(password)
        return terminal.wait(), terminal.output


def test_the_password_is_asked_once_and_no_secret_is_in_anything_the_run_leaves(tmp_path: Path) -> None:
    report, log = tmp_path / "report.json", tmp_path / "log"
    with Secured(token_life_s=2.0) as server:
        arguments = (server.url, "--user", USER, "--headless", "--duration", "5", "--verbose")
        arguments += ("--report", str(report), "--log-file", str(log))
        code, shown = ask(arguments, PASSWORD, environment(tmp_path))
        logins, refreshes = server.logins
    assert code == ExitCode.OK, shown
    assert logins == 1
    assert refreshes >= 1
    found = json.loads(report.read_text())
    assert found["samples"]["received"] > 0
    assert found["link"]["state"] == "streaming"
    assert found["link"]["needs"] == "nothing"
    assert "logged in" in shown
    assert shown.count(USER) == 1, "the prompt names the user to the one who has just typed it, and nothing else does"
    shown = shown.replace(f"Password of {USER}", "")
    remembered = "".join(path.read_text() for path in Path(os.environ["LABLINK_DPG_CONFIG_DIR"]).glob("*"))
    assert "last_server" in remembered
    for text in (shown, report.read_text(), log.read_text(), remembered):
        assert not [secret for secret in server.secrets if secret in text]


def test_a_wrong_password_ends_a_headless_run_with_one_clear_line(tmp_path: Path) -> None:
    with Secured() as server:
        arguments = (server.url, "--user", USER, "--headless", "--duration", "30")
        code, shown = ask(arguments, "not-the-password", environment(tmp_path))
        assert server.logins == (1, 0)
    assert code == ExitCode.FAILED
    assert "error: " in shown
    assert "wrong user name or password, 4 attempts left" in shown
    assert "not-the-password" not in shown


def test_a_login_is_kept_only_if_the_user_says_so_and_then_nobody_is_asked_again(tmp_path: Path) -> None:
    where = environment(tmp_path, FILE_KEYRING)
    kept = tmp_path / "keyring.json"
    with Secured() as server:
        arguments = (server.url, "--user", USER, *HEADLESS)
        ask(arguments, PASSWORD, where)
        assert not kept.exists()
        code, shown = ask((*arguments, "--remember"), PASSWORD, where)
        assert code == ExitCode.OK, shown
        assert PASSWORD not in kept.read_text()
        assert server.given[-1] in kept.read_text()
        assert server.logins == (2, 0)
        again = run(server.url, "--remember", *HEADLESS, "--report", "-", environment=where)  # without a terminal
        assert server.logins == (2, 1)
        assert server.given[-1] in kept.read_text()  # the old refresh token is used up
    assert again.returncode == ExitCode.OK, again.stderr
    assert json.loads(again.stdout)["samples"]["received"] > 0
    assert not [secret for secret in server.secrets if secret in again.stdout + again.stderr]


def test_a_kept_login_that_opens_nothing_any_more_is_forgotten_and_asked_for(tmp_path: Path) -> None:
    where = environment(tmp_path, FILE_KEYRING)
    with Secured() as server:
        name = server.url.removeprefix("http://")
        stale = {f"lablink-dpg {name}": json.dumps({"user": USER, "refresh_token": "of-last-year"})}
        (tmp_path / "keyring.json").write_text(json.dumps(stale))
        done = run(server.url, "--user", USER, "--remember", *HEADLESS, environment=where)
        assert server.logins == (0, 1)
    assert done.returncode == ExitCode.FAILED
    assert "the login has expired and cannot be renewed" in done.stderr
    assert "of-last-year" not in done.stderr
    assert json.loads((tmp_path / "keyring.json").read_text()) == {}


def test_a_keyring_that_is_missing_is_one_warning_and_the_run_goes_on(tmp_path: Path) -> None:
    with Secured() as server:
        arguments = (server.url, "--user", USER, "--headless", "--duration", "2", "--remember")
        code, shown = ask(arguments, PASSWORD, environment(tmp_path))
        assert server.logins == (1, 0)
    assert code == ExitCode.OK
    assert shown.count("keyring") == 1
    assert "warning: " in shown


def test_without_a_terminal_a_user_name_alone_is_a_usage_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lablink_dpg", "localhost:1", "--user", USER, "--headless"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == ExitCode.USAGE
    assert done.stderr == (
        "lablink-dpg: error: --user: without a terminal nobody can be asked for the password; use --token\n"
    )


def test_a_fixed_token_that_is_refused_ends_a_headless_run_at_once() -> None:
    with Secured() as server:
        done = run(server.url, "--token", "not-the-token", "--headless", "--duration", "30", "--verbose")
        assert server.logins == (0, 0)
    assert done.returncode == ExitCode.FAILED
    assert "the token that was given is wrong or expired" in done.stderr
    assert "not-the-token" not in done.stderr + done.stdout


def test_tokens_that_expire_in_a_run_are_renewed_and_the_samples_are_right(tmp_path: Path) -> None:
    """With the simulator as it is shipped, and its own scripted faults."""
    report = tmp_path / "report.json"
    with SimProcess(
        streams=4,
        token=TOKEN,
        faults=("expire@2", "reset@3"),
        extra_arguments=("--password", PASSWORD),
    ) as simulator:
        arguments = (
            simulator.url,
            "--user",
            USER,
            "--headless",
            "--duration",
            "6",
            "--verify",
            "--report",
            str(report),
        )
        code, shown = ask(arguments, PASSWORD, environment(tmp_path))
    assert code == ExitCode.OK, shown
    found = json.loads(report.read_text())
    assert found["samples"]["lost"] == 0
    assert found["verify"]["mismatched"] == 0
    assert found["verify"]["verified"] > 4 * 4000
    assert found["link"]["reconnects"] == 1
    assert found["link"]["state"] == "streaming"


def test_an_insecure_run_over_tls_is_warned_of_once_and_in_its_report(tmp_path: Path) -> None:
    files = certificates.make(tmp_path)
    with SimProcess(streams=1, extra_arguments=("--certfile", str(files.server))) as simulator:
        common = ("--headless", "--duration", "2", "--report", "-")
        refused = run(simulator.url, *common)
        trusted = run(simulator.url, *common, "--ca-file", str(files.authority))
        insecure = run(simulator.url, *common, "--insecure")
    assert json.loads(refused.stdout)["samples"]["received"] == 0
    assert "certificate of 127.0.0.1 is not trusted" in refused.stderr
    assert trusted.stderr == ""
    assert insecure.stderr.count("the certificate is not verified") == 1
    assert [json.loads(done.stdout)["link"]["insecure"] for done in (refused, trusted, insecure)] == [
        False,
        False,
        True,
    ]
    assert all(json.loads(done.stdout)["samples"]["received"] > 0 for done in (trusted, insecure))
