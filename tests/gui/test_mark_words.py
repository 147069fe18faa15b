"""What is said of an alarm under the mouse: everything that is known, nothing that is not."""

from __future__ import annotations

from dataclasses import replace

from lablink_dpg.gui import mark_words
from lablink_dpg.gui.mark_looks import MARKERS
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.mark_tip import place
from lablink_dpg.model.alarm import AlarmState, Severity
from lablink_dpg.query.frame import AlarmMark, ThresholdLine
from lablink_dpg.query.ticks import clock_label
from tests.support.marked import alarm

AT_US = 1_790_000_000_000_000


def say(event: object, now_us: int = AT_US + 12_300_000) -> mark_words.Saying:
    return mark_words.say(AlarmMark(event, 0.0, None), now_us)  # type: ignore[arg-type]


def test_an_open_alarm_tells_name_value_threshold_time_and_how_long_it_lasts() -> None:
    said = say(alarm(3, AT_US, severity=Severity.CRITICAL, threshold=1.8))
    assert said.heading == "■ critical  Load current high 3"
    clock = clock_label(AT_US, mark_words.TENTH_US)
    assert said.text.split("\n") == ["current 2.13, threshold 1.8", f"{clock}, for 12 s"]
    assert said.tone is Tone.BAD


def test_one_that_is_over_tells_how_long_it_lasted() -> None:
    assert say(alarm(1, AT_US, AT_US + 2_500_000)).text.endswith(", over after 2.5 s")
    lost = replace(alarm(1, AT_US, AT_US), cleared_us=None)
    assert say(lost).text.split("\n")[-1] == clock_label(AT_US, mark_words.TENTH_US), "nobody saw it end"


def test_who_acknowledged_it_is_told() -> None:
    event = replace(alarm(1, AT_US), state=AlarmState.ACKNOWLEDGED, acknowledged_by="Ada")
    assert say(event).text.endswith("acknowledged by Ada")


def test_what_is_not_known_is_left_out_and_what_is_long_is_cut() -> None:
    event = replace(alarm(1, AT_US), name="", alarm_id="alarm_1", parameter="", value=None, threshold=None)
    assert say(event).heading == "△ warning  alarm_1"
    assert len(say(event).text.split("\n")) == 1
    assert len(say(replace(event, name="x" * 500 + "\n" * 50)).heading) < 90


def test_a_threshold_tells_its_value() -> None:
    said = mark_words.say(ThresholdLine(0.0, -1.8, Severity.ERROR, "Too low", True), AT_US)
    assert said == ("◆ error  Too low", "threshold of an open alarm −1.8", Tone.BAD)


def test_each_severity_has_its_own_symbol_in_a_plot() -> None:
    assert set(MARKERS) == set(Severity)
    assert len(set(MARKERS.values())) == len(Severity)


def test_the_words_are_beside_the_mouse_inside_the_window_and_never_under_it() -> None:
    size, window = (200, 60), (1000, 700)
    for x in range(0, 1000, 45):
        for y in range(0, 700, 35):
            left, top = place((x, y), size, window)
            assert 0 <= left <= window[0] - size[0]
            assert 0 <= top <= window[1] - size[1]
            assert not (left <= x < left + size[0] and top <= y < top + size[1])
