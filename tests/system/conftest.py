"""Fixtures of the whole program's tests."""

from tests.support.xvfb import xvfb

__all__ = ["xvfb"]
