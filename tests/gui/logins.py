"""Scenarios of the driver with servers that ask for a login: typed by hand, put off, and never in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lablink_dpg.gui import layout
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.model.commands import Login
from lablink_dpg.model.link import LinkNeed
from tests.gui.hands import click_item
from tests.gui.servers import MIN_HEIGHT_PX, MIN_WIDTH_PX
from tests.support.synthetic import SERVERS

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script

WANTED = "this server wants a login or a token"
ASKED: dict[str, Any] = {"questions": {SERVERS[0]: (LinkNeed.PASSWORD, WANTED)}, "reason": WANTED}


def write(driver: Driver, text: str) -> Script:
    driver.xdotool("type", "--delay", 40, text)
    yield from driver.pass_frames(12 + 3 * len(text))  # the library takes in one event of a key a frame


def check_place(driver: Driver) -> None:
    """It is whole, below the toolbar and above the status bar."""
    panel = driver.window.login.window
    (x, y), (width, height) = dpg.get_item_pos(panel), dpg.get_item_rect_size(panel)
    assert x >= 0
    assert y >= layout.TOOLBAR_PX
    assert x + width <= dpg.get_viewport_client_width()
    assert y + height <= dpg.get_viewport_client_height() - layout.STATUS_PX


def alone(driver: Driver) -> Script:
    """Nothing else to see: it takes the keys, and what was typed goes to that server once and is gone here."""
    panel, source = driver.window.login, driver.source
    yield from driver.pass_frames(10)
    assert panel.is_shown
    check_place(driver)
    yield from write(driver, "ada")
    assert dpg.get_value(panel.user) == "ada"
    yield from driver.key("Return")
    yield from write(driver, "loose mouse")  # its letters are keys of the view as well
    assert dpg.get_value(panel.password) == "loose mouse"
    assert driver.window.state.page.value == "none"
    assert driver.is_live()
    yield from click_item(driver, panel.remember)
    yield from click_item(driver, panel.enter)
    assert source.sent == [Login("ada", "loose mouse", True)]
    assert source.sent_to == [SERVERS[0]]
    assert dpg.get_value(panel.password) == ""

    source.questions[SERVERS[0]] = (LinkNeed.PASSWORD, "wrong user name or password, 4 attempts left")
    yield from driver.pass_frames(10)
    yield from click_item(driver, panel.enter)
    assert len(source.sent) == 1, "without a password nothing is sent"
    for password in ("resume", "so"):  # typed without a click: it has the keys still, and they are keys of the view
        yield from write(driver, password)
        yield from driver.key("Return")
        assert source.sent[-1] == Login("ada", password, True)
    assert len(source.sent) == 3
    assert driver.window.state.page.value == "none"
    yield from write(driver, "half a wo")
    del source.questions[SERVERS[0]]
    yield from driver.pass_frames(10)
    assert not panel.is_shown
    yield from driver.key("s")
    assert driver.window.state.page.value == "statistics", "nobody types any more"


def beside_plots(driver: Driver) -> Script:
    """It is in a corner, the plots go on, a click on it is not for them; put off, it comes back when it is wanted."""
    window, source = driver.window, driver.source
    panel = window.login
    yield from driver.pass_frames(10)
    assert panel.is_shown
    check_place(driver)
    yield from driver.key("o")
    assert window.state.is_overlay, "it does not take the keys from who watches"
    yield from driver.key("o")
    x, y = dpg.get_item_pos(panel.window)
    on_panel, on_plot = (x + 200, y + 60), driver.middle(0)
    yield from driver.move(*on_plot)
    assert window.hit(*on_plot) is not None
    yield from driver.move(*on_panel)
    assert window.hit(*on_panel) is None
    yield from click_item(driver, panel.later)
    assert not panel.is_shown
    yield from driver.move(*on_panel)
    assert window.hit(*on_panel) is not None
    yield from driver.pass_frames(30)
    assert not panel.is_shown, "not again for the same question"
    yield from driver.key("u")
    assert panel.is_shown
    yield from click_item(driver, panel.later)
    source.questions[SERVERS[1]] = (LinkNeed.PASSWORD, "the login has expired")
    yield from driver.pass_frames(10)
    assert panel.is_shown, "this is another question"
    source.questions[SERVERS[0]] = (LinkNeed.TOKEN, "the token that was given is wrong or expired")
    yield from driver.pass_frames(10)
    yield from click_item(driver, panel.user)
    yield from write(driver, "ada")
    yield from driver.key("Return")
    yield from write(driver, "pw")
    yield from driver.key("Return")
    assert (source.sent, source.sent_to) == ([Login("ada", "pw", False)], [SERVERS[1]]), "the one it began with"
    del source.questions[SERVERS[1]]
    yield from driver.pass_frames(10)
    assert panel.is_shown, "now the other one"
    assert dpg.get_value(panel.user) == "ada"
    assert source.asked[-1].plots, "plots were drawn all the time"


def smallest(driver: Driver) -> Script:
    """In the smallest window, with everything there is to say."""
    dpg.set_viewport_width(MIN_WIDTH_PX)
    dpg.set_viewport_height(MIN_HEIGHT_PX)
    yield from driver.pass_frames(60)
    assert driver.window.login.is_shown
    check_place(driver)
