"""Fixtures of the window's tests."""

from tests.support.xvfb import xvfb

__all__ = ["xvfb"]
