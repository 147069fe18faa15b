"""Every test that takes ``accelerator`` runs once with each of them."""

from __future__ import annotations

import pytest

from lablink_dpg.wire import numbers


@pytest.fixture(params=sorted(numbers.ACCELERATORS))
def accelerator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(numbers, "active", numbers.ACCELERATORS[request.param])
    return str(request.param)
