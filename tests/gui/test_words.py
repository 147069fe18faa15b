"""Words: short, of steady width, honest."""

from __future__ import annotations

from importlib.resources import files
from io import BytesIO

import pytest
from PIL import ImageFont

from lablink_dpg.gui import words
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels import messages, statusbar
from lablink_dpg.model.link import LinkState, LinkStatus, Mode, StreamState


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 S/s"),
        (7, "7 S/s"),
        (999, "999 S/s"),
        (999.7, "1.00 kS/s"),
        (1000, "1.00 kS/s"),
        (1234, "1.23 kS/s"),
        (9_999, "10.0 kS/s"),
        (10_000, "10.0 kS/s"),
        (640_000, "640 kS/s"),
        (999_600, "1.00 MS/s"),
        (1.5e9, "1.50 GS/s"),
        (0.25, "0.25 S/s"),
        (-1500, "−1.50 kS/s"),
        (float("nan"), "– S/s"),
    ],
)
def test_three_digits_and_a_prefix(value: float, text: str) -> None:
    assert words.si(value, "S/s") == text


def test_a_stream_that_stands_still_has_no_rate() -> None:
    assert words.rate(0.0) == "– S/s"


@pytest.mark.parametrize(
    ("ms", "text", "tone"),
    [
        (None, "– ms", Tone.MUTED),
        (31.4, "31 ms", Tone.MUTED),
        (251.0, "251 ms", Tone.WARN),
        (2500.0, "2.5 s", Tone.BAD),
        (15_000.0, "15.0 s", Tone.BAD),
    ],
)
def test_latency_says_when_it_is_late(ms: float | None, text: str, tone: Tone) -> None:
    assert words.latency(ms) == text
    assert words.latency_tone(ms) is tone


@pytest.mark.parametrize(
    ("fps", "is_idle", "text", "tone"),
    [(29.6, False, "30 fps", Tone.PLAIN), (12.0, False, "▼ 12 fps", Tone.WARN), (4.0, True, "idle", Tone.MUTED)],
)
def test_few_frames_are_a_warning_only_while_there_is_something_to_draw(
    fps: float, is_idle: bool, text: str, tone: Tone
) -> None:
    assert words.pace(fps, 30.0, is_idle) == (text, tone)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (12.34, "12.3 s"), (65, "1 min 05 s"), (12_000, "3 h 20 min")]
)
def test_durations_show_the_two_units_that_matter(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("span_us", "text"), [(500, "500 µs"), (20_000, "20 ms"), (1_000_000, "1 s"), (600_000_000, "10 min")]
)
def test_spans_are_named_as_the_selector_names_them(span_us: int, text: str) -> None:
    assert words.span(span_us) == text


def test_every_state_has_its_own_symbol_and_word() -> None:
    assert set(words.STREAM_CHIPS) == set(StreamState)
    assert len({chip.symbol for chip in words.STREAM_CHIPS.values()}) == len(StreamState)
    assert len({chip.word for chip in words.STREAM_CHIPS.values()}) == len(StreamState)
    assert set(words.LINK_CHIPS) == set(LinkState)
    assert len({chip.word for chip in words.LINK_CHIPS.values()}) == len(LinkState)


def test_the_page_without_streams_says_what_is_going_on_in_every_state() -> None:
    for state in LinkState:
        status = LinkStatus("lab:8000", Mode.HYBRID, state, "", next_retry_us=5_000_000)
        title, why, _ = words.empty_page(status, 1_200_000)
        assert title
        assert why


def test_a_closed_link_is_not_told_to_reconnect_which_it_cannot() -> None:
    status = LinkStatus("lab:8000", Mode.HYBRID, LinkState.CLOSED, "")
    assert not any("Reconnect" in text for text in words.empty_page(status, 0))


def test_the_countdown_is_rounded_up_and_never_negative() -> None:
    status = LinkStatus("lab:8000", Mode.HYBRID, LinkState.WAITING, "Connection refused", next_retry_us=5_000_000)
    assert words.link_sentence(status, 1_200_000) == "Connection refused, next try in 4 s"
    assert words.retry_in(status, 4_999_999) == "next try in 1 s"
    assert words.retry_in(status, 6_000_000) == "trying now"


@pytest.mark.parametrize("name", ["LabLinkSans-Medium.otf", "LabLinkSans-Bold.otf"])
def test_the_bundled_font_has_tabular_digits_and_every_symbol_we_write(name: str) -> None:
    data = (files("lablink_dpg.gui") / "fonts" / name).read_bytes()
    font = ImageFont.truetype(BytesIO(data), 200)
    assert len({font.getlength(digit) for digit in "0123456789" + words.FIGURE_SPACE}) == 1
    missing = bytes(font.getmask("\uffff"))
    written = {*"ΩΔµ°±≥●‖→…−×·▲▼○◆◇■", *"äöüßéñ", *"АБВабв"}
    for chip in (*words.STREAM_CHIPS.values(), *words.LINK_CHIPS.values(), words.UNKNOWN_STREAM):
        written |= set(chip.text)
    for pair in messages.KEYS:
        written |= set("".join(pair))
    for field in statusbar.FIELDS:
        written |= set(field.tip)
    assert missing
    assert not {letter for letter in written if bytes(font.getmask(letter)) == missing}


def test_fonts_are_small_and_come_with_their_licence() -> None:
    folder = files("lablink_dpg.gui") / "fonts"
    size = sum(len(item.read_bytes()) for item in folder.iterdir() if item.name.endswith(".otf"))
    assert size < 700_000
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text()
