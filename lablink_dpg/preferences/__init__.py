"""What a person has chosen and finds again at the next start: values, their file, and when it is written."""

from lablink_dpg.preferences.values import LinePalette, Preferences, Server, ThemeName

__all__ = ["LinePalette", "Preferences", "Server", "ThemeName"]
