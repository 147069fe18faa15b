from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from lablink_dpg.link.backoff import FIRST_S, MAX_S
from lablink_dpg.model.link import Mode
from lablink_dpg.settings import (
    BOUNDS,
    MAX_SERVERS,
    Settings,
    SettingsError,
    config_dir,
)


def test_defaults_are_those_of_the_documented_command_line() -> None:
    run = Settings(servers=("localhost:8000",))

    assert (run.rate_hz, run.channels, run.interval_ms) == (1000.0, 1, 50)
    assert (run.fps, run.window_s, run.history) == (30.0, 10.0, 1_000_000)
    assert run.mode is Mode.HYBRID
    assert run.retry_max_s == MAX_S
    assert run.duration_s is None


def test_the_longest_wait_is_never_shorter_than_the_first() -> None:
    assert BOUNDS["retry_max_s"].low == FIRST_S


def test_settings_cannot_be_changed() -> None:
    run = Settings(streams=4)

    with pytest.raises(AttributeError):
        run.streams = 5  # type: ignore[misc]


@pytest.mark.parametrize("name", BOUNDS)
def test_both_ends_of_a_range_are_allowed(name: str) -> None:
    for value in (BOUNDS[name].low, BOUNDS[name].high):
        run = Settings(**{"streams": 1, name: value})
        assert getattr(run, name) == value


@pytest.mark.parametrize("name", BOUNDS)
def test_a_value_beyond_its_range_is_named_with_option_and_range(name: str) -> None:
    bound = BOUNDS[name]
    for value in (bound.low - 1, bound.high + 1):
        with pytest.raises(SettingsError) as caught:
            Settings(**{"streams": 1, name: value})
        text = str(caught.value)
        assert text.startswith(f"{bound.option} {value!r}: must be ")
        assert f"from {bound.low:.10g} to {bound.high:.10g}" in text
        assert "\n" not in text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, "5"])
@pytest.mark.parametrize("name", BOUNDS)
def test_what_is_no_number_of_the_right_kind_is_refused(name: str, value: Any) -> None:
    with pytest.raises(SettingsError):
        Settings(**{"streams": 1, name: value})


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-1", "1e999", "0x10", "9" * 5000, "1\n2"])
@pytest.mark.parametrize("name", BOUNDS)
def test_text_that_is_no_such_number_is_one_line_naming_the_option(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        BOUNDS[name].parse(text)
    assert str(caught.value).startswith(BOUNDS[name].option)
    assert "\n" not in str(caught.value)


def test_a_fraction_of_a_stream_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"--streams '1\.5': must be a whole number from 1 to 1024"):
        BOUNDS["streams"].parse("1.5")


def test_a_server_together_with_a_stress_run_names_both() -> None:
    with pytest.raises(SettingsError, match=r"SERVER and --streams 4"):
        Settings(servers=("lab",), streams=4)


def test_more_servers_than_can_be_watched_are_refused() -> None:
    names = tuple(f"lab{number}" for number in range(MAX_SERVERS + 1))
    assert Settings(servers=names[:-1]).servers == names[:-1]
    with pytest.raises(SettingsError, match=rf"SERVER: 9 servers, at most {MAX_SERVERS}"):
        Settings(servers=names)


def test_neither_server_nor_stress_run_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"SERVER or --streams"):
        Settings()


def test_a_screenshot_without_a_window_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"--screenshot 'x\.png'.*--headless"):
        Settings(streams=1, headless=True, screenshot=Path("x.png"))


def test_verify_is_allowed_against_any_server() -> None:
    assert Settings(servers=("somewhere:8000",), verify=True).verify


def test_the_token_is_not_in_the_repr() -> None:
    assert "s3cret" not in repr(Settings(servers=("lab",), token="s3cret"))


@pytest.mark.parametrize("token", ["", " ", "two\nlines", "nul\0", "schlüssel"])
def test_a_token_that_no_header_could_carry_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(SettingsError, match=r"--token") as caught:
        Settings(servers=("lab",), token=token)
    assert token.strip() == "" or token not in str(caught.value)


def test_the_user_is_not_in_the_repr() -> None:
    assert "ada" not in repr(Settings(servers=("lab",), user="ada"))


@pytest.mark.parametrize("user", ["", "  ", "two\nlines", "x" * 129])
def test_a_user_name_that_is_none_is_refused(user: str) -> None:
    with pytest.raises(SettingsError, match=r"--user"):
        Settings(servers=("lab",), user=user)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"servers": ("lab",), "user": "ada", "token": "T"}, r"--user and --token"),
        ({"streams": 1, "user": "ada"}, r"--user .*stress run"),
        ({"streams": 1, "remember": True}, r"--remember.*stress run"),
        ({"servers": ("lab",), "insecure": True, "ca_file": Path("ca.pem")}, r"--insecure and --ca-file"),
    ],
)
def test_what_excludes_each_other_is_an_error(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings(**settings)


def test_report_to_standard_output_is_recognised() -> None:
    assert Settings(streams=1, report=Path("-")).is_report_on_stdout
    assert not Settings(streams=1, report=Path("report.json")).is_report_on_stdout
    assert not Settings(streams=1).is_report_on_stdout


def test_the_configuration_directory_can_be_moved(tmp_path: Path) -> None:
    assert config_dir({"LABLINK_DPG_CONFIG_DIR": str(tmp_path)}) == tmp_path


def test_the_configuration_directory_is_otherwise_the_platforms() -> None:
    assert config_dir({}).name == "lablink-dpg"
