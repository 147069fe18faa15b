"""Compiles ``_fold.c`` while the package is installed; where that is impossible, numpy does the same, more slowly.

Run by hatchling, which knows it from pyproject.toml. Of an editable installation the module lies beside its source.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

NAME = "lablink_dpg.store._fold"
PLACE = "lablink_dpg/store"


class FoldBuildHook(BuildHookInterface):  # type: ignore[misc]  # builds have hatchling, checks have not
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":  # what is distributed as source is compiled where it is installed
            return
        self._folder = mkdtemp()  # until the wheel is made
        try:
            made = self._compiled(Path(self._folder))
            if version == "editable":
                self._put_beside_the_source(made)
            else:
                build_data["force_include"][str(made)] = f"{PLACE}/{made.name}"
                build_data["pure_python"] = False
                build_data["tag"] = f"cp311-abi3-{next(sys_tags()).platform}"
        except Exception as error:  # no compiler, no headers, no right to write, whatever: it is installed without
            self.app.display_warning(f"{NAME} was not compiled, numpy does its work: {type(error).__name__}: {error}")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.target_name == "wheel":
            shutil.rmtree(self._folder, ignore_errors=True)

    def _compiled(self, folder: Path) -> Path:
        from setuptools import Distribution, Extension

        source = str(Path(self.root) / PLACE / "_fold.c")
        # One for all versions of Python from 3.11 on.
        distribution = Distribution({"ext_modules": [Extension(NAME, [source], py_limited_api=True)]})
        build = distribution.get_command_obj("build_ext")
        build.build_lib, build.build_temp = str(folder / "lib"), str(folder / "temp")
        build.ensure_finalized()
        build.run()
        return Path(build.get_ext_fullpath(NAME))

    def _put_beside_the_source(self, made: Path) -> None:
        place = Path(self.root) / PLACE / made.name
        beside = place.with_suffix(".new")
        shutil.copyfile(made, beside)
        os.replace(beside, place)  # a program that runs keeps the one it has loaded
