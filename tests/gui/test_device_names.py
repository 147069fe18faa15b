"""What devices are called."""

from __future__ import annotations

from lablink_dpg.gui.device_names import device_names, name_of
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import LinkStatus, Mode


def link(server: str, *devices: tuple[str, str]) -> LinkStatus:
    equipment = tuple(EquipmentInfo(each, "psu", "Mock", model) for each, model in devices)
    return LinkStatus(server, Mode.HYBRID, equipment=equipment)


def test_devices_of_one_name_are_told_apart_by_their_ids() -> None:
    names = device_names([link("a:1", ("ps_386959fc", "PSU"), ("ps_250e6dfe", "PSU"), ("load_1", "Load"))])
    assert list(names.values()) == ["PSU 59fc", "PSU 6dfe", "Load"]


def test_of_several_servers_each_name_has_its_server() -> None:
    names = device_names([link("lab:1", ("x", "PSU")), link("cellar:1", ("x", "PSU"))])
    assert names == {("lab:1", "x"): "PSU @ lab", ("cellar:1", "x"): "PSU @ cellar"}


def test_beside_a_column_of_servers_names_go_without() -> None:
    links = [link("lab:1", ("ps_386959fc", "PSU"), ("ps_250e6dfe", "PSU")), link("cellar:1", ("x", "PSU"))]
    assert list(device_names(links, has_servers=False).values()) == ["PSU 59fc", "PSU 6dfe", "PSU"]


def test_one_that_is_not_listed_is_called_by_its_id() -> None:
    assert name_of({}, "a:1", "ps_1") == "ps_1"
