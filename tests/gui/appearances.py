"""Scenarios of the driver in which the window looks otherwise: theme, colours of lines, scale."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lablink_dpg.gui import docking, layout, palette
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.looks import SCALES, Looks
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.rows import Cell, Column, Row, Rows
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.state import Page
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.gui.typefaces import BODY_PX
from lablink_dpg.preferences import LinePalette, ThemeName

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script

REBUILDS = 20
PAGE_BYTES = 4096
MB_EACH = 1.5  # of memory that a change may keep: the library forgets no window and no size of a letter; 0.4 measured
LARGE = Looks(ThemeName.LIGHT, LinePalette.COLOUR_BLIND, 1.5)


def scale_keys(driver: Driver) -> Script:
    """Ctrl and + − 0 change the scale by one step for one press, and without Ctrl they are what they were."""
    yield from driver.move(*driver.middle(0))
    steps = SCALES.index(1.0)
    for key, wanted in (
        ("ctrl+plus", SCALES[steps + 1]),
        ("ctrl+plus", SCALES[steps + 2]),
        ("ctrl+minus", SCALES[steps + 1]),
        ("ctrl+0", 1.0),
        ("ctrl+minus", SCALES[steps - 1]),
    ):
        yield from driver.key(key)
        assert driver.window.looks.scale == wanted
    assert driver.window.state.time.span_us == 10_000_000
    yield from driver.key("plus")
    assert driver.window.state.time.span_us == 8_000_000, "once: nothing hears a key twice"
    yield from driver.key("o")
    assert driver.is_overlaid()


def changing(driver: Driver) -> Script:
    """Twenty changes: what was chosen stays, no item is left behind, everything works as before."""
    window = driver.window
    docks = window.state.docks
    for name in PanelName:
        docks = docking.open_panel(docks, name)
    window.state = replace(window.state, docks=docks, filter_text="1", page=Page.STATISTICS)
    yield from driver.pass_frames(20)
    kept, items, used_mb = window.state, 0, 0.0
    looks = [Looks(*each) for each in itertools.product(ThemeName, LinePalette, (1.0, 2.0))]
    for round_, wanted in enumerate((*looks, *(looks * 2)[:REBUILDS])):
        window.set_looks(wanted)
        yield from driver.pass_frames(3)
        assert window.looks == wanted
        assert palette.now == palette.of(wanted.theme, wanted.lines)
        if round_ in (1, 1 + len(looks)):  # the same looks again
            now = len(dpg.get_all_items())
            assert items in (0, now), "items were left behind"
            items = now
        if round_ == len(looks):
            used_mb = _memory_mb()
    assert _memory_mb() - used_mb < MB_EACH * REBUILDS
    window.set_looks(Looks())
    yield from driver.pass_frames(10)
    assert window.state == kept
    assert dpg.get_value(window.toolbar.controls["filter"]) == "1"
    assert window.pages.statistics.is_shown
    window.state = replace(window.state, docks=docking.Docks(), page=Page.NONE)
    yield from driver.pass_frames(4)
    yield from driver.press_button("live")
    assert not driver.is_live()
    yield from driver.press_button("live")
    assert driver.is_live()
    yield from driver.wheel(1, x=driver.middle(1)[0], y=driver.middle(1)[1])
    assert not driver.is_live()


def scrolled(driver: Driver) -> Script:
    """The grid stays at the row that it was scrolled to."""
    window = driver.window
    yield from driver.move(*driver.middle(0))
    for _ in range(5):
        yield from driver.key("Next")
    rows = window.cards.scroll_px / window.grid.pitch
    assert rows > 5
    for wanted in (LARGE, Looks()):
        window.set_looks(wanted)
        yield from driver.pass_frames(10)
        assert abs(window.cards.scroll_px / window.grid.pitch - rows) < 0.1


def listed(driver: Driver) -> Script:
    """A list of five hundred rows: a click chooses one, and only what has a tip shows one."""
    chosen: list[str] = []
    before = len(dpg.get_all_items())
    with dpg.window(pos=(300, 200), width=600, height=400, no_title_bar=True, no_move=True) as frame:
        columns = (Column("name", 120, 1.0), Column("state", 100), Column("number", 90, is_right=True))
        rows = Rows(frame, driver.window.desk.theme, columns, chosen.append, empty="nothing")
    lines = [
        Row(f"{n}", (Cell(f"row {n}"), Cell("▲ bad", Tone.BAD), Cell(str(n * n))), tip="" if n % 2 else f"tip of {n}")
        for n in range(500)
    ]
    rows.place(580, 380)

    def frames(n: int) -> Script:
        for _ in range(n):
            rows.draw(lines, chosen[-1] if chosen else None)
            yield

    yield from frames(6)
    assert len(dpg.get_all_items()) - before < 200, "five hundred rows cost what is seen of them"
    for key in ("3", "4"):
        point = rows.point(key)
        assert point is not None
        driver.xdotool("mousemove", round(point[0]), round(point[1]))
        yield from frames(60)
        driver.xdotool("click", 1)
        yield from frames(20)
        assert chosen[-1] == key
    tips = {dpg.get_value(dpg.get_item_children(item, 1)[0]) for item in dpg.get_all_items() if _is_shown_tip(item)}
    assert {"tip of 2", "tip of 4"} <= tips
    assert "" not in tips, "a row without a tip shows none"
    driver.xdotool("mousemove", 350, 440)  # off it, and onto another
    yield from frames(60)


def _is_shown_tip(item: Item) -> bool:
    is_tip = dpg.get_item_info(item)["type"].endswith("mvTooltip")
    return is_tip and bool(dpg.get_item_configuration(item)["show"])


def docked(driver: Driver) -> Script:
    """A panel has room around what is in it, and words stand in the middle of the buttons at the left edge."""
    window = driver.window
    window.state = replace(window.state, docks=docking.open_panel(window.state.docks, PanelName.ALARMS))
    for looks in (Looks(), LARGE, Looks(scale=2.0)):
        window.set_looks(looks)
        yield from driver.pass_frames(30)
        panel = window.docks.windows[PanelName.ALARMS]
        assert dpg.get_item_pos(dpg.get_item_children(panel, 1)[0]) == [px(layout.DOCK_PAD_PX)] * 2
        words = [(dpg.get_item_rect_min(item), dpg.get_item_rect_max(item)) for item in _texts(window.rail.window)]
        for button in window.rail.buttons.values():
            (left, top), (right, bottom) = dpg.get_item_rect_min(button), dpg.get_item_rect_max(button)
            inside = [each for each in words if top < each[0][1] and each[1][1] <= bottom]
            assert len(inside) == 2, "a symbol and a word"
            for (word_left, _), (word_right, _) in inside:
                assert left < word_left
                assert word_right < right
                assert abs((word_left + word_right) - (left + right)) <= 3


def looking(looks: Looks, size: tuple[int, int] = (1600, 1000)) -> Callable[[Driver], Script]:
    """A window of these looks, in which nothing of the bars overlaps and no word is cut."""

    def scenario(driver: Driver) -> Script:
        dpg.set_viewport_width(size[0])
        dpg.set_viewport_height(size[1])
        driver.window.set_looks(looks)
        yield from driver.pass_frames(30)
        bars_are_whole(driver)
        driver.window.actions.toggle_live()  # the longest words of that button
        yield from driver.pass_frames(20)
        bars_are_whole(driver)
        driver.window.actions.toggle_live()
        yield from driver.pass_frames(30)

    return scenario


def bars_are_whole(driver: Driver) -> None:
    toolbar, width = driver.window.toolbar, dpg.get_viewport_client_width()
    buttons = {name: item for name, item in toolbar.controls.items() if dpg.is_item_shown(item)}
    edges = sorted((dpg.get_item_rect_min(item)[0], dpg.get_item_rect_max(item)[0]) for item in buttons.values())
    assert edges[-1][1] <= width
    for (_, right), (left, _) in itertools.pairwise(edges):
        assert right < left
    for name, item in buttons.items():
        label = dpg.get_item_label(item)
        if label and dpg.get_item_type(item).endswith("Button"):
            room = dpg.get_item_rect_size(item)[0] - 2 * px(layout.FRAME_PAD_X_PX) * 0.6
            assert dpg.get_text_size(label, font=_font(driver, item))[0] <= room, (name, label)
    texts = [item for item in _texts(driver.window.status.window) if dpg.is_item_shown(item)]
    ends = sorted((dpg.get_item_rect_min(item)[0], dpg.get_item_rect_max(item)[0]) for item in texts)
    assert len(ends) > 3
    assert ends[-1][1] <= width
    for (_, right), (left, _) in itertools.pairwise(ends):
        assert right < left
    assert dpg.get_text_size("Ag", font=_font(driver, texts[0]))[1] < px(layout.STATUS_PX)
    assert dpg.get_text_size("Ag", font=driver.window.fonts.body)[1] == px(BODY_PX)


def _texts(window: Item) -> list[Item]:
    return [item for item in dpg.get_item_children(window, 1) if dpg.get_item_type(item).endswith("mvText")]


def _font(driver: Driver, item: Item) -> Item:
    return int(dpg.get_item_font(item) or driver.window.fonts.body)


def _memory_mb() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES / 1e6
