"""A button that has somebody do something: dimmed where that makes no sense, asking back where it cannot be undone."""

from __future__ import annotations

from collections.abc import Callable

from lablink_dpg.gui import palette
from lablink_dpg.gui.theme import Theme
from lablink_dpg.gui.toolkit import Item, dpg


class Looks:
    """Themes of such buttons, made once a panel."""

    def __init__(self, theme: Theme) -> None:
        self.fonts = theme.fonts
        self.plain = theme.quiet
        self.pressed = theme.pressed
        self.asking = theme.held
        with dpg.theme() as dimmed, dpg.theme_component(dpg.mvButton, enabled_state=False):
            for target in (dpg.mvThemeCol_Button, dpg.mvThemeCol_ButtonHovered, dpg.mvThemeCol_ButtonActive):
                dpg.add_theme_color(target, palette.now.bar)
            mixed = [(one + other) // 2 for one, other in zip(palette.now.muted, palette.now.bar, strict=True)]
            dpg.add_theme_color(dpg.mvThemeCol_Text, mixed)
        self.dimmed: Item = dimmed


class OrderButton:
    """Main thread. Its width is fixed: nothing moves when its word changes."""

    def __init__(self, parent: Item, looks: Looks, word: str, width: int, height: int, on_press: Callable[[], None]):
        self.width = width
        self._looks = looks
        self.item: Item = dpg.add_button(
            parent=parent, label=word, width=width, height=height, pos=(0, 0), callback=on_press
        )
        dpg.bind_item_font(self.item, looks.fonts.small)
        self._word = word
        self._shown: tuple[bool, bool, bool] | None = None

    def draw(self, *, is_enabled: bool = True, is_pressed: bool = False, is_asking: bool = False) -> None:
        """``is_asking``: the next press means it."""
        look = (is_enabled, is_pressed, is_asking)
        if look == self._shown:
            return
        self._shown = look
        looks = self._looks
        theme = looks.asking if is_asking else looks.pressed if is_pressed else looks.plain
        dpg.configure_item(self.item, enabled=is_enabled, label=f"{self._word}?" if is_asking else self._word)
        dpg.bind_item_theme(self.item, theme if is_enabled else looks.dimmed)
