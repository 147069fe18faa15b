from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.sim.bench import BenchOptions, configs, instruments
from lablink_dpg.sim.instruments import CommandError, ElectronicLoad, Oscilloscope, PowerSupply
from tests.sim.shapes import LOAD_READINGS, MEASUREMENTS, SUPPLY_READINGS, WAVEFORM, mismatch

NOW_US = 1_764_000_000_123_456


def bench() -> tuple[Oscilloscope, PowerSupply, ElectronicLoad]:
    scope, supply, load = instruments(BenchOptions(), NOW_US)
    assert isinstance(scope, Oscilloscope)
    assert isinstance(supply, PowerSupply)
    assert isinstance(load, ElectronicLoad)
    return scope, supply, load


def test_the_load_draws_what_the_supply_gives() -> None:
    _, supply, load = bench()
    given, drawn = supply.readings(NOW_US), load.readings(NOW_US)
    assert mismatch(given, SUPPLY_READINGS) is None
    assert mismatch(drawn, LOAD_READINGS) is None
    assert given["current_actual"] == drawn["current"] == pytest.approx(1.5, abs=0.001)
    assert drawn["voltage"] == pytest.approx(12.0 - 1.5 * 0.05, abs=0.01)
    assert drawn["power"] == drawn["voltage"] * drawn["current"]
    assert (given["in_cv_mode"], given["in_cc_mode"]) == (True, False)


def test_a_supply_at_its_limit_holds_the_current_and_drops_the_voltage() -> None:
    _, supply, _ = bench()
    supply.command("set_current", {"current": 0.75}, NOW_US)
    given = supply.readings(NOW_US)
    assert given["current_actual"] == pytest.approx(0.75, abs=0.001)
    assert given["voltage_actual"] == pytest.approx(6.0, abs=0.01)
    assert (given["in_cv_mode"], given["in_cc_mode"]) == (False, True)


def test_what_is_off_gives_and_draws_nothing() -> None:
    _, supply, load = bench()
    load.command("set_input", {"enabled": False}, NOW_US)
    assert load.readings(NOW_US)["current"] == 0.0
    assert supply.readings(NOW_US)["voltage_actual"] == pytest.approx(12.0, abs=0.01)
    supply.command("set_output", {"enabled": False}, NOW_US)
    given = supply.readings(NOW_US)
    assert (given["voltage_actual"], given["current_actual"]) == (0.0, 0.0)
    assert (given["in_cv_mode"], given["in_cc_mode"]) == (False, False)


@pytest.mark.parametrize(
    ("mode", "setpoint", "amps"), [("CC", 0.5, 0.5), ("CR", 24.0, 0.5), ("CP", 6.0, 0.5), ("CV", 11.975, 0.5)]
)
def test_each_mode_of_the_load(mode: str, setpoint: float, amps: float) -> None:
    _, _, load = bench()
    load.command("set_mode", {"mode": mode}, NOW_US)
    load.command("set_setpoint", {"setpoint": setpoint}, NOW_US)
    assert load.demand(12.0) == pytest.approx(amps, rel=1e-6)


def test_readings_live_but_can_be_repeated() -> None:
    _, supply, _ = bench()
    values = [supply.readings(NOW_US + 1000 * step)["voltage_actual"] for step in range(20)]
    assert len(set(values)) == 20
    _, twin, _ = bench()
    assert [twin.readings(NOW_US + 1000 * step)["voltage_actual"] for step in range(20)] == values


def test_measurements_are_those_of_the_captured_waveform() -> None:
    scope, _, _ = bench()
    captured = scope.capture(1, NOW_US)
    measured = scope.measurements(NOW_US)
    assert mismatch(measured, MEASUREMENTS) is None
    assert mismatch(scope.waveform(1, NOW_US), WAVEFORM) is None
    volts = np.array(captured["voltage_data"])
    assert len(volts) == len(captured["time_data"]) == captured["num_samples"]
    assert (measured["vmax"], measured["vmin"]) == (volts.max(), volts.min())
    assert measured["vpp"] == measured["vmax"] - measured["vmin"] > 0


@pytest.mark.parametrize(
    ("device", "action", "parameters"),
    [
        (1, "set_voltage", {"voltage": 31}),
        (1, "set_voltage", {"voltage": True}),
        (1, "set_voltage", {}),
        (1, "set_output", {"enabled": 1}),
        (1, "explode", {}),
        (2, "set_mode", {"mode": "XX"}),
        (0, "get_readings", {}),
        (0, "set_voltage", {"voltage": 1.0}),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(device: int, action: str, parameters: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        bench()[device].command(action, parameters, NOW_US)


def test_a_stress_bench_spreads_its_streams_over_scopes_with_different_names_and_signals() -> None:
    options = BenchOptions(streams=20, rate_hz=5000.0, channels=3, seed=4)
    devices = instruments(options, NOW_US)
    found = configs(options, devices)
    assert len({config.acquisition_id for config in found}) == len({config.name for config in found}) == 20
    assert len({config.equipment_id for config in found}) == 3
    assert {config.equipment_id for config in found} <= {device.id for device in devices}
    assert all(config.channels == ("CH1", "CH2", "CH3") == tuple(config.signals) for config in found)
    assert len({spec["seed"] for config in found for spec in config.signals.values()}) == 60
    assert {spec["kind"] for config in found for spec in config.signals.values()} == {
        "sine",
        "square",
        "ramp",
        "noise",
        "chirp",
    }
    assert found == configs(options, instruments(options, NOW_US)), "the same seed makes the same bench"
    other = BenchOptions(streams=20, rate_hz=5000.0, channels=3, seed=5)
    assert {config.acquisition_id for config in configs(other, instruments(other, NOW_US))}.isdisjoint(
        config.acquisition_id for config in found
    )
