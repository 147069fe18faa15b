"""Words that must never be cut fit their places, at every scale."""

from __future__ import annotations

import pytest

from lablink_dpg.gui import layout, states, words
from lablink_dpg.gui.alarm_rows import LOOKS
from lablink_dpg.gui.panels import rail
from lablink_dpg.gui.panels.table_of_panels import PANELS
from lablink_dpg.gui.room import CONTROLS, Form
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import SPANS_US
from lablink_dpg.gui.typefaces import BODY_PX, NUMBER_PX
from lablink_dpg.model.link import Mode
from tests.gui.scaled import scaled
from tests.support.letters import width_px

SCALES = (0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 3.0)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(
    ("name", "choices"), [("mode", [*Mode, "mixed"]), ("span", [words.span(each) for each in SPANS_US])]
)
def test_every_choice_of_the_toolbar_fits_beside_its_arrow(name: str, choices: list[str], scale: float) -> None:
    with scaled(scale):
        arrow = px(BODY_PX) + 2 * px(layout.FRAME_PAD_Y_PX)
        for form in (Form.WIDE, Form.NARROW, Form.SHORT):
            room = px(CONTROLS[name].of(form)) - px(layout.FRAME_PAD_X_PX) - arrow
            assert max(width_px(each, px(BODY_PX)) for each in choices) <= room


@pytest.mark.parametrize("scale", SCALES)
def test_a_badge_has_room_for_three_figures(scale: float) -> None:
    with scaled(scale):
        room = px(rail.BADGE_PX) - 2 * px(layout.PLATE_PAD_X_PX)
        for symbol in ("✓", *(look.symbol for look in LOOKS.values())):
            for number in (8, 88, 200, 888, 8888, 88_888, 8_888_888):
                text = f"{symbol} {words.few_figures(number)}"
                assert width_px(text, px(NUMBER_PX), is_bold=True) <= room, text


@pytest.mark.parametrize("scale", SCALES)
def test_a_panels_symbol_ends_where_its_badge_may_begin(scale: float) -> None:
    with scaled(scale):
        for kind in PANELS.values():
            assert width_px(kind.symbol, px(BODY_PX)) <= px(rail.SYMBOL_PX)


@pytest.mark.parametrize("scale", SCALES)
def test_a_state_in_a_cards_header_ends_before_the_rate(scale: float) -> None:
    with scaled(scale):
        space = width_px(" ", px(NUMBER_PX))
        for chip in (*states.STREAM_CHIPS.values(), states.UNKNOWN_STREAM, states.STALLED_STREAM):
            assert width_px(chip.text, px(NUMBER_PX)) + space <= px(layout.STATE_PX)
