"""Compiles ``_fold.c`` while the package is installed; where that is impossible, numpy does the same, more slowly.

Run by hatchling, which knows it from pyproject.toml. The module is put beside its source, where an editable
installation looks for it.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags
from setuptools import Distribution, Extension

NAME = "lablink_dpg.store._fold"
PLACE = "lablink_dpg/store"


class FoldBuildHook(BuildHookInterface):  # type: ignore[misc]  # builds have hatchling, checks have not
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":  # what is distributed as source is compiled where it is installed
            return
        root = Path(self.root)
        for old in self._modules(root):  # of an earlier installation: if this one fails, there is none
            old.unlink()
        source = Extension(NAME, [str(root / PLACE / "_fold.c")], py_limited_api=True, optional=True)
        build = Distribution({"ext_modules": [source], "package_dir": {"": str(root)}}).get_command_obj("build_ext")
        with TemporaryDirectory() as folder:
            build.inplace, build.build_lib, build.build_temp = True, folder, folder
            build.ensure_finalized()
            build.run()  # optional: without a compiler, or Python's headers, it says so and goes on
        if made := self._modules(root):
            build_data["artifacts"] += [f"{PLACE}/{each.name}" for each in made]
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{next(sys_tags()).platform}"

    @staticmethod
    def _modules(root: Path) -> list[Path]:
        return [each for each in (root / PLACE).glob("_fold.*") if each.suffix in (".so", ".pyd")]
