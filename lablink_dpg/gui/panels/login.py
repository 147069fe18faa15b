"""Asking for user name and password where a server wants them, beside the plots and never in their way.

One server at a time, in their order. What was typed is handed on and cleared at once; the panel keeps no password.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from lablink_dpg.gui import layout, login_words, palette
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import LinkNeed, LinkStatus

WIDTH_PX = 460
INNER_PX = WIDTH_PX - 2 * 18  # the page theme's padding
LABEL_PX = 110
TYPE_BOTH = "Both are needed: a user name and a password."


class Actions(Protocol):
    def log_in(self, user: str, password: str, *, remember: bool, server: str) -> None: ...


class LoginPanel:
    """Main thread."""

    def __init__(self, theme: Theme, actions: Actions, user: str, *, remember: bool) -> None:
        """``user`` and ``remember``: what is there before anything is typed."""
        self._actions = actions
        self._server = ""  # whom it is shown for; "" while it is hidden
        self.put_off: set[tuple[str, LinkNeed, str]] = set()  # what the user does not want to be asked now
        self._told: tuple[str, str, Tone, str, Tone] | None = None
        self._question = ("", LinkNeed.NOTHING, "")  # what it asks, while it is shown
        self._complaint = ""
        self._place = (0, 0)
        self.window: Item = dpg.add_window(
            label="Log in",
            show=False,
            width=px(WIDTH_PX),
            autosize=True,
            no_resize=True,
            no_collapse=True,
            no_move=True,
            no_close=True,
            no_saved_settings=True,
        )
        dpg.bind_item_theme(self.window, theme.page)
        self._name = dpg.add_text("", parent=self.window, wrap=px(INNER_PX))
        dpg.bind_item_font(self._name, theme.fonts.bold)
        self._why = dpg.add_text("", parent=self.window, wrap=px(INNER_PX))
        self.user = self._input("User name", user, self._on_user_entered)
        self.password = self._input("Password", "", self._submit, is_secret=True)
        self.remember: Item = dpg.add_checkbox(
            label="Keep me logged in (in the system's keyring)", default_value=remember, parent=self.window
        )
        self._note = dpg.add_text("", parent=self.window, wrap=px(INNER_PX), show=False)
        dpg.bind_item_font(self._note, theme.fonts.small)
        with dpg.group(horizontal=True, parent=self.window):
            self.enter: Item = dpg.add_button(label="Log in", width=px(130), callback=self._submit)
            self.later: Item = dpg.add_button(label="Later", width=px(90), callback=self._put_it_off)
        dpg.bind_item_theme(self.enter, theme.pressed)

    def _input(self, label: str, value: str, on_enter: Callable[[], None], *, is_secret: bool = False) -> Item:
        with dpg.group(horizontal=True, horizontal_spacing=0, xoffset=px(LABEL_PX), parent=self.window):
            dpg.add_text(label)
            item: Item = dpg.add_input_text(
                width=px(INNER_PX - LABEL_PX),
                default_value=value,
                password=is_secret,
                on_enter=True,
                callback=on_enter,
            )
        return item

    @property
    def text_inputs(self) -> tuple[Item, ...]:
        """Those that can be typed into now: what is hidden may have been left in the middle of a word."""
        return (self.user, self.password) if self.is_shown else ()

    @property
    def is_shown(self) -> bool:
        return bool(self._server)

    def reopen(self) -> None:
        """Ask again what was put off."""
        self.put_off.clear()

    def draw(self, links: Sequence[LinkStatus], window: tuple[int, int], *, has_plots: bool) -> None:
        """``window``: its width and height. Beside plots it takes a corner; alone it takes the middle, and the keys."""
        self._forget_answered(links)
        status = self._next(links)
        if status is None:
            self._hide()
            return
        self._tell(status)
        self._show(status.server, window, has_plots=has_plots)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point of the window is on it."""
        if not self.is_shown:
            return False
        width, height = dpg.get_item_rect_size(self.window)
        left, top = self._place
        return bool(left <= x < left + width and top <= y < top + height)

    def _next(self, links: Sequence[LinkStatus]) -> LinkStatus | None:
        """The one it is shown for as long as that one asks, else the first that asks and was not put off."""
        asking = [link for link in links if _asks(link) and _question(link) not in self.put_off]
        return next((link for link in asking if link.server == self._server), asking[0] if asking else None)

    def _forget_answered(self, links: Sequence[LinkStatus]) -> None:
        if self.put_off:
            self.put_off &= {_question(link) for link in links}

    def _hide(self) -> None:
        if self.is_shown:
            self._server = ""
            dpg.configure_item(self.window, show=False)
            dpg.set_value(self.password, "")

    def _show(self, server: str, window: tuple[int, int], *, has_plots: bool) -> None:
        is_new = not self.is_shown
        if server != self._server:
            dpg.set_value(self.password, "")  # half typed for another server
            self._complaint = ""
        self._server = server
        width, height = dpg.get_item_rect_size(self.window)
        width, height = int(width) or px(WIDTH_PX), int(height)  # known once it was drawn
        if has_plots:
            place = (px(layout.GAP_PX), window[1] - px(layout.STATUS_PX) - px(layout.GAP_PX) - height)
        else:
            place = ((window[0] - width) // 2, (window[1] - height) // 2)
        place = (max(0, place[0]), max(px(layout.TOOLBAR_PX), place[1]))
        if is_new or place != self._place:
            self._place = place
            dpg.configure_item(self.window, show=True, pos=place)
        if is_new and not has_plots:
            dpg.focus_item(self.password if dpg.get_value(self.user) else self.user)

    def _tell(self, status: LinkStatus) -> None:
        why, why_tone = login_words.question(status)
        if self._complaint:
            why, why_tone = self._complaint, Tone.WARN
        note, note_tone = login_words.warning(status)
        told = (status.server, why, why_tone, note, note_tone)
        if told != self._told:
            self._told = told
            dpg.set_value(self._name, status.server)
            dpg.set_value(self._why, why)
            dpg.configure_item(self._why, color=palette.now.tones[why_tone])
            dpg.set_value(self._note, note)
            dpg.configure_item(self._note, color=palette.now.tones[note_tone], show=bool(note))
        self._question = _question(status)

    def _on_user_entered(self) -> None:
        dpg.focus_item(self.password)

    def _submit(self) -> None:
        user, password = dpg.get_value(self.user).strip(), dpg.get_value(self.password)
        if not self.is_shown:
            return
        # Whoever has to type it again does so at once: its letters must not become keys of the view.
        dpg.focus_item(self.password if user else self.user)
        if not user or not password:
            self._complaint = TYPE_BOTH
            return
        self._complaint = ""
        dpg.set_value(self.password, "")
        self._actions.log_in(user, password, remember=dpg.get_value(self.remember), server=self._server)

    def _put_it_off(self) -> None:
        if self.is_shown:
            self.put_off.add(self._question)


def _asks(link: LinkStatus) -> bool:
    return link.needs is not LinkNeed.NOTHING


def _question(link: LinkStatus) -> tuple[str, LinkNeed, str]:
    return link.server, link.needs, link.needs_why
