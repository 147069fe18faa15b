"""What every test gets: the same examples in every run of CI, and nothing left over from the test before."""

from __future__ import annotations

import gc
import itertools
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parent.parent
_numbers = itertools.count()  # a directory for each test, which only exists if the test makes one
_THREAD_GRACE_S = 5.0  # for threads that are ending when their test does; a loaded machine needs some

# No deadline: the machine is shared, and speed is judged in perf/. In CI a failure must come back when it is run again.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("long", deadline=None, max_examples=20_000)  # for an hour: pytest --hypothesis-profile=long
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the working tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def captures() -> Path:
    """The directory of whole recorded sessions with real servers: one JSON object a line, with ``t`` and ``kind``.

    It lies beside the checkout where the team works, not in it: what a test proves with it is proved elsewhere too.
    """
    directory = REPOSITORY.parent / "shared" / "protocol" / "captures"
    if not directory.is_dir():
        pytest.skip("the recorded sessions are not on this machine")
    return directory


@pytest.fixture(autouse=True, scope="module")
def _a_module_starts_with_nothing_to_collect() -> None:
    """What lives until the end anyway is not looked through again after each test, which makes that cheap."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _garbage_is_collected(_a_module_starts_with_nothing_to_collect: None) -> Iterator[None]:
    """A socket or task that nobody closed is found in its own test, not in the one in which Python happens to look.

    First of the fixtures here by name, so that its end is the last.
    """
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _own_config_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the configuration, or the keyring, of the person who runs it."""
    monkeypatch.setenv("LABLINK_DPG_CONFIG_DIR", str(tmp_path_factory.getbasetemp() / f"config-{next(_numbers)}"))
    monkeypatch.delenv("LABLINK_TOKEN", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + _THREAD_GRACE_S
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, until - time.monotonic()))
    left = [thread.name for thread in set(threading.enumerate()) - before]
    assert not left, f"threads still running after the test: {left}"


@pytest.fixture(autouse=True)
def _no_log_handler_is_left() -> Iterator[None]:
    root, package = logging.getLogger(), logging.getLogger("lablink_dpg")
    before, level = list(root.handlers), package.level
    yield
    package.setLevel(level)
    for handler in [each for each in root.handlers if each not in before]:
        root.removeHandler(handler)
        handler.close()
