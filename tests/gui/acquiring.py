"""The acquisitions' panel in hand: ``python -m tests.gui.acquiring SCENARIO``, in a process of its own as the driver.

Some scenarios have a synthetic source, some a real simulator behind a real link.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

from lablink_dpg.clock import AxisClock
from lablink_dpg.gui.acquisition_places import PageName
from lablink_dpg.gui.docking import PanelName, Place
from lablink_dpg.gui.panels.acquisitions import AcquisitionsPanel
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.commands import SetHistory
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import LinkState
from lablink_dpg.model.orders import ControlAcquisition, CreateAcquisition, ExportAcquisition
from lablink_dpg.session.session import Session
from lablink_dpg.sim.process import SimProcess
from tests.gui.driver import Driver, Script
from tests.gui.hands import click_item
from tests.support.synthetic import SERVERS, SyntheticSource

SCOPE = EquipmentInfo("scope_1", "oscilloscope", "Mock", "MockScope-2000")
SUPPLY = EquipmentInfo("psu_1", "power_supply", "Mock", "MockPSU-3000")


class Hand:
    """What a person does to the panel."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    @property
    def panel(self) -> AcquisitionsPanel:
        return cast(AcquisitionsPanel, self.driver.window.docks.panels[PanelName.ACQUISITIONS])

    def open(self) -> Iterator[None]:
        self.driver.xdotool("key", "ctrl+2")
        yield from self.driver.pass_frames(15)

    def item(self, item: Item) -> Iterator[None]:
        yield from click_item(self.driver, item)

    def press(self, name: str) -> Iterator[None]:
        yield from self.item(self.panel.buttons[name].item)
        yield from self.driver.pass_frames(4)

    def choose(self, key: str) -> Iterator[None]:
        at = self.panel.rows.point(key)
        assert at is not None, f"{key} is not on the screen"
        yield from self.driver.click(*at)
        yield from self.driver.pass_frames(4)

    def write(self, item: Item, text: str, *, then: str = "") -> Iterator[None]:
        """Instead of what is there."""
        yield from self.item(item)
        self.driver.xdotool("key", "ctrl+a")
        yield from self.driver.pass_frames(6)
        self.driver.xdotool("type", "--delay", 20, text)
        yield from self.driver.pass_frames(8 + 3 * len(text))
        if then:
            yield from self.driver.key(then)

    def pick(self, item: Item, index: int) -> Iterator[None]:
        """Of a list of choices."""
        yield from self.item(item)
        (x, y), (_, height) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
        yield from self.driver.pass_frames(4)
        yield from self.driver.click(x + 30, y + height + 9 + 24 * index + 12)


def is_enabled(hand: Hand, name: str) -> bool:
    return bool(dpg.get_item_configuration(hand.panel.buttons[name].item)["enabled"])


def orders(driver: Driver) -> Script:
    """Choose one, press; what cannot be undone is asked back; what makes no sense cannot be pressed."""
    hand, source = Hand(driver), driver.source
    yield from hand.open()
    panel, sent = hand.panel, source.sent
    assert panel.page is PageName.NONE, "the list is what one sees first"
    sent.clear()
    yield from hand.press("pause")
    assert sent == [], "nothing is chosen"
    yield from hand.choose("acq_0001")
    assert panel.selected == "acq_0001"
    assert driver.is_live(), "a click on the panel is not for the plots"
    about, name = "acq_0001", "Supply 2"
    yield from hand.press("pause")
    assert sent == [ControlAcquisition(about, "pause", name)]
    assert source.sent_to[-1] == SERVERS[1]
    yield from hand.press("start")
    yield from hand.press("resume")
    assert len(sent) == 1, "it runs"
    yield from hand.press("stop")
    assert len(sent) == 1
    assert dpg.get_item_label(panel.buttons["stop"].item) == "Stop?"
    yield from hand.press("stop")
    assert sent[-1] == ControlAcquisition(about, "stop", name)
    yield from hand.press("delete")
    yield from hand.choose("acq_0003")
    yield from hand.press("delete")
    assert len(sent) == 2, "it was asked about another one"
    yield from hand.press("delete")
    assert sent[-1] == ControlAcquisition("acq_0003", "delete", "DAQ 4")
    yield from hand.pick(panel.format, 1)
    yield from hand.press("export")
    assert sent[-1] == ExportAcquisition("acq_0003", "json", "DAQ 4")
    source.infos["acq_0003"] = replace(INFO, state=AcquisitionState.PAUSED)
    yield from driver.pass_frames(25)
    assert [each for each in ("start", "pause", "resume", "stop") if is_enabled(hand, each)] == ["resume", "stop"]
    yield from hand.press("show")
    assert driver.is_overlaid()
    assert driver.selected() == ("acq_0003",)
    yield from driver.key("Escape")
    yield from hand.choose("acq_0000")
    assert not is_enabled(hand, "pause"), "its server cannot be reached"
    assert is_enabled(hand, "show")


INFO = AcquisitionInfo("acq_0003", "eq_3", "DAQ 4", AcquisitionState.ACQUIRING, ("CH1",), 1000.0)


def form(driver: Driver) -> Script:
    """Typed by hand: a mistake is named and all that was typed stays; Enter has it done, letters are no keys."""
    hand, source = Hand(driver), driver.source
    yield from hand.open()
    yield from hand.press(PageName.NEW)
    panel = hand.panel
    fields, source.sent[:] = panel.form.items, []
    assert dpg.get_value(fields["device"]) == "MockScope-2000"
    yield from hand.write(fields["name"], "slow solo")  # letters and a space that are keys of the view
    assert driver.is_live()
    assert not driver.is_overlaid()
    yield from hand.write(fields["rate"], "many", then="Return")
    assert source.sent == []
    assert panel.form.draft().rate == "many"
    assert panel.form.draft().name == "slow solo"
    assert panel.form.told == "▲ Rate: 'many' is not a number"
    yield from hand.write(fields["rate"], "2k")
    yield from hand.write(fields["channels"], "CH1, CH3", then="Return")
    wanted = CreateAcquisition("scope_1", "slow solo", 2000.0, ("CH1", "CH3"))
    assert source.sent == [wanted]
    assert source.sent_to[-1] == SERVERS[0]
    assert panel.form.draft().name == "slow solo", "for the next one"
    yield from hand.pick(fields["device"], 1)
    assert dpg.get_value(fields["device"]) == "MockPSU-3000"
    yield from hand.pick(fields["mode"], 2)
    assert dpg.get_value(fields["mode"]) == "triggered"
    yield from driver.pass_frames(6)
    yield from hand.write(fields["level"], "2.5")
    yield from hand.item(panel.form.is_started)
    yield from hand.item(panel.form.create.item)
    trigger = {"trigger_type": "edge", "level": 2.5, "edge": "rising", "channel": "CH1", "pre_trigger_samples": 0}
    assert source.sent[-1] == replace(wanted, equipment_id="psu_1", mode="triggered", trigger=trigger, is_started=False)
    assert driver.window.state.page.value == "none"


def history(driver: Driver) -> Script:
    """Typed in seconds, sent in samples; a wrong one is said and not sent."""
    hand, source = Hand(driver), driver.source
    yield from hand.open()
    yield from hand.press(PageName.HISTORY)
    page, source.sent[:] = hand.panel.history, []
    assert dpg.get_value(page.input) == "132"
    yield from hand.write(page.input, "0", then="Return")
    assert source.sent == []
    assert page.told.startswith("▲ History: 0 s, must be from 1 to ")
    yield from hand.write(page.input, "600")
    assert page.told.startswith("600000 samples a channel, 600 s at 1000 S/s: ")
    yield from hand.item(page.apply.item)
    assert source.sent == [SetHistory(600_000)]


def shapes(driver: Driver) -> Script:
    """In every place, with every page, in a small window: all is inside, five hundred rows cost no more than few."""
    hand, window = Hand(driver), driver.window
    yield from hand.open()
    items = len(dpg.get_all_items())
    panel = hand.panel
    assert len(panel._lines) == 500
    assert len(panel.rows.shown) < 40
    for size in ((1600, 1000), (1280, 720)):
        dpg.set_viewport_width(size[0])
        dpg.set_viewport_height(size[1])
        for place in (Place.BOTTOM_LEFT, Place.LEFT_TOP, Place.RIGHT_BOTTOM):
            window.actions.move_panel(PanelName.ACQUISITIONS, place)
            for page in PageName:
                panel.page = page
                yield from driver.pass_frames(5)
                area = window.docks.areas[place]
                for item in (*(button.item for button in panel.buttons.values()), panel.format):
                    if not dpg.is_item_shown(item):  # it gave way to the list
                        continue
                    (x, y), width = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)[0]
                    assert area.x <= x, (size, place, page)
                    assert x + width <= area.x + area.width, (size, place, page)
                    assert area.y < y, (size, place, page)
    assert len(dpg.get_all_items()) - items < 600
    panel.page = PageName.NONE
    yield from driver.pass_frames(5)
    at = panel.rows.point(driver.source.ids[1])
    assert at is not None
    yield from driver.wheel(-5, x=at[0], y=at[1])
    assert panel.rows.shown.start > 0
    assert driver.is_live()


def nothing(driver: Driver) -> Script:
    """Without any acquisition there is one thing to do."""
    hand = Hand(driver)
    yield from hand.open()
    for name in ("start", "pause", "resume", "stop", "delete", "show", "export"):
        assert not is_enabled(hand, name)
    yield from hand.press(PageName.HISTORY)
    assert hand.panel.history.told.startswith("no acquisition says its rate")
    yield from hand.press(PageName.NEW)
    yield from hand.press(PageName.NEW)
    assert hand.panel.page is PageName.NONE


def live(driver: Driver) -> Script:
    """A real simulator: created by hand, its samples come on the screen; paused it says so; deleted it is gone."""
    hand, window = Hand(driver), driver.window
    session = cast(Session, driver.source)
    yield from hand.open()
    yield from hand.press(PageName.NEW)
    fields = hand.panel.form.items
    yield from hand.write(fields["name"], "Mine")
    yield from hand.write(fields["channels"], "CH1,CH2", then="Return")

    def key_of(name: str) -> str:
        return next((line.stream for line in session.stream_lines() if line.name == name), "")

    yield from until(driver, lambda: bool(key_of("Mine")))
    key = key_of("Mine")
    yield from until(driver, lambda: any(p.key == key and p.traces and p.traces[0].x.size > 20 for p in frame(driver)))
    assert hand.panel.form.told == "✓ Mine created and started"
    yield from hand.press(PageName.NEW)
    yield from until(driver, lambda: hand.panel.rows.point(key) is not None)
    yield from hand.choose(key)

    def word() -> str:
        row = next(row for row in hand.panel._list if row.key == key)
        return row.cells[0].text

    for action, wanted in (("pause", "‖ paused"), ("resume", "● acquiring"), ("stop", "■ stopped")):
        yield from hand.press(action)
        if action == "stop":
            yield from hand.press(action)
        yield from until(driver, lambda wanted=wanted: word() == wanted, frames=60)  # type: ignore[misc]
    yield from hand.press("export")
    yield from until(driver, lambda: any("exported, on the server: /" in n for n in notices(session)))
    yield from hand.press("delete")
    yield from hand.press("delete")
    yield from until(driver, lambda: not key_of("Mine"), frames=60)
    yield from until(driver, lambda: all(line.stream != key for line in window.lines), frames=60)
    yield from until(driver, lambda: hand.panel.selected is None, frames=60)
    assert any(text == "Mine deleted" for text in notices(session))
    yield from hand.press(PageName.NEW)
    yield from hand.write(fields["samples"], "20M", then="Return")  # the server has its own bounds
    refusal = "Mine not created: num_samples: Input should be 1 to 10000000"
    yield from until(driver, lambda: refusal in notices(session))
    yield from until(driver, lambda: hand.panel.form.told == f"▲ {refusal}")
    assert (hand.panel.form.draft().samples, hand.panel.form.draft().name) == ("20M", "Mine")


def notices(session: Session) -> list[str]:
    return [notice.text for notice in session.notices.shown(session.now_us())]


def frame(driver: Driver) -> tuple[Any, ...]:
    return driver.frame.plots


def until(driver: Driver, condition: Callable[[], bool], frames: int = 240) -> Iterator[None]:
    for _ in range(frames):
        if condition():
            return
        yield
    raise AssertionError(f"not within {frames} frames")


def drained(script: Script, session: Session) -> Script:
    """As the program does it: what the links have told is taken in before every frame."""
    for _ in script:
        session.drain()
        yield


@contextmanager
def simulated() -> Iterator[Any]:
    with SimProcess(streams=1, rate_hz=500.0) as sim:
        session = Session([parse_address(sim.url)], LinkOptions(interval_ms=20), 100_000, AxisClock())
        with session:
            yield session


def synthetic(**options: Any) -> Callable[[], Any]:
    @contextmanager
    def made() -> Iterator[SyntheticSource]:
        yield SyntheticSource(equipment=(SCOPE, SUPPLY), **options)

    return made


SCENARIOS: dict[str, tuple[Callable[[Driver], Script], Callable[[], Any]]] = {
    "orders": (orders, synthetic(streams=4, link_state=LinkState.WAITING, others=(LinkState.STREAMING,))),
    "form": (form, synthetic(streams=4)),
    "history": (history, synthetic(streams=4)),
    "shapes": (shapes, synthetic(streams=500, rate_hz=20)),
    "nothing": (nothing, synthetic(streams=0)),
    "live": (live, simulated),
}


def main() -> None:
    scenario, make_source = SCENARIOS[sys.argv[1]]
    with make_source() as source:
        driver = Driver(source, None)
        script = scenario(driver)
        driver.run(drained(script, source) if isinstance(source, Session) else script)
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
