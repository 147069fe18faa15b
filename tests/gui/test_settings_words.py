from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import settings_words
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.link import LinkCounters, LinkEvent, LinkNeed, LinkState, LinkStatus, Mode
from lablink_dpg.preferences import LinePalette, Preferences, Server, ThemeName
from lablink_dpg.query.frame import ServerLine

NOW = 1_700_000_000_000_000
UP = LinkStatus("lab:8000", Mode.HYBRID, LinkState.STREAMING, since_us=NOW - 83_000_000, server_version="1.2.5")


def line(status: LinkStatus, rate_hz: float = 16_000.0) -> ServerLine:
    return ServerLine(status, rate_hz, 0, 0, 0, None, None, 0)


def test_a_server_that_is_well() -> None:
    status = replace(UP, counters=LinkCounters(messages=12_345, reconnects=1))
    block = settings_words.block(line(status), NOW)
    assert block == (
        "● connected · lab:8000",
        Tone.GOOD,
        "by WebSocket, LabLink 1.2.5",
        "",
        Tone.MUTED,
        ("for 1 min 23 s · 1 reconnect", "12.3 k messages, 0 errors · 16.0 kS/s"),
        False,
    )


def test_a_server_that_is_away_says_why_and_when_it_is_tried_again() -> None:
    status = replace(
        UP,
        state=LinkState.WAITING,
        reason="Connection refused",
        next_retry_us=NOW + 3_200_000,
        counters=LinkCounters(rest_errors=1),
    )
    block = settings_words.block(line(status, 0.0), NOW)
    assert block.title == "▲ unreachable · lab:8000"
    assert block.why == "Connection refused, next try in 4 s"
    assert block.figures[1] == "0 messages, ▲ 1 error · – S/s"
    assert block.is_troubled


@pytest.mark.parametrize("need", list(LinkNeed))
def test_what_a_server_needs_of_a_person_is_said_with_a_symbol(need: LinkNeed) -> None:
    block = settings_words.block(line(replace(UP, state=LinkState.WAITING, needs=need)), NOW)
    assert bool(block.login) is (need is not LinkNeed.NOTHING)
    assert block.login.startswith("▲") or not block.login


def test_servers_that_are_watched_are_not_offered_again() -> None:
    servers = tuple(Server(f"lab{number}") for number in range(12))
    shown = settings_words.recent(Preferences(recent_servers=servers), [Server("lab0"), Server("other")])
    assert shown == servers[1 : 1 + settings_words.MAX_RECENT]
    assert settings_words.recent_label(Server("lab", 8001)) == "lab  (WebSocket 8001)"


def test_what_was_typed_is_a_server() -> None:
    assert settings_words.typed_server(" lab:8000 ", "", Preferences()) == Server("lab:8000")
    assert settings_words.typed_server("lab", " 8001", Preferences()) == Server("lab", 8001)
    assert settings_words.typed_server("lab", "", Preferences(ws_port=9)) == Server("lab", 9)
    with pytest.raises(ValueError, match="write an address"):
        settings_words.typed_server("  ", "", Preferences())
    for wrong in ("0", "65536", "-1", "x", "8 0", "٣", "9" * 5000):
        with pytest.raises(ValueError, match="must be a whole number from 1 to 65535"):
            settings_words.typed_server("lab", wrong, Preferences())


def test_numbers_are_read_as_people_write_them() -> None:
    assert settings_words.typed_number("fps", " 30 ") == 30
    assert settings_words.typed_number("window_s", "2,5") == 2.5
    assert settings_words.typed_number("font_scale", "125") == 1.25
    history = settings_words.typed_number("history", "5000")
    assert (history, type(history)) == (5000, int)
    kept = Preferences(font_scale=1.25, window_s=2.5)
    assert [settings_words.number(kept, name) for name in ("font_scale", "window_s", "history")] == [
        "125",
        "2.5",
        "1000000",
    ]


@given(name=st.sampled_from(["fps", "window_s", "history", "font_scale"]), text=st.text(max_size=400))
def test_whatever_is_typed_is_a_number_or_one_line(name: str, text: str) -> None:
    said = ""
    try:
        settings_words.typed_number(name, text)
    except ValueError as error:
        said = str(error)
    assert len(said) < 150
    assert "\n" not in said


@pytest.mark.parametrize("text", ["1e400", "nan", "-inf", "1e30"])
def test_a_history_without_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number of samples"):
        settings_words.typed_number("history", text)


def test_the_log_has_the_newest_lines_with_the_server_where_there_are_several() -> None:
    events = [LinkEvent(NOW + n * 1_000_000, f"line {n}", n % 2 == 1, "lab:8000") for n in range(20)]
    times = {each.at_us // 1_000_000: "12:00:00" for each in events}
    lines = settings_words.log_lines(events, {"lab:8000": ""}, times)
    assert len(lines) == settings_words.MAX_LOG_LINES
    assert lines[-1] == "12:00:00 ▲ line 19"
    assert settings_words.log_lines(events, {"lab:8000": "lab"}, times)[0] == "12:00:00 · lab: line 12"
    assert settings_words.log_lines(events, {"other": ""}, times)[0] == "12:00:00 · lab:8000: line 12", "a former one"


def test_every_choice_has_a_name_for_a_person() -> None:
    assert set(settings_words.THEMES.values()) == set(ThemeName)
    assert set(settings_words.PALETTES.values()) == set(LinePalette)
