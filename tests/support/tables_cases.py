"""The cases of Velero's own test tables, and the tools that serve and judge them.

Neither is part of this repository: both are used in place, from the shared folder.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.support.golden_data import shared_folder


# Decisions that belong to restoring volume data.
@dataclass(frozen=True)
class TableCase:
    """One row; ``file`` is the name of its table without ``.json``."""

    file: str
    data: dict[str, Any] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return f"{self.file}[{self.data['index']}]"

    @property
    def is_restore(self) -> bool:
        return bool(self.data["kind"] == "restore")


def table_cases() -> list[TableCase]:
    """All rows, none without the shared folder."""
    return list(_rows())


def _rows() -> Iterator[TableCase]:
    shared = shared_folder()
    if shared is None:
        return
    for path in sorted((shared / "conformance" / "restore-tables").glob("*.json")):
        for row in json.loads(path.read_bytes()):
            yield TableCase(path.stem, row)


@cache
def tool(name: str) -> ModuleType:
    """A module of the shared tools."""
    shared = shared_folder()
    if shared is None:
        raise LookupError("the shared folder is not there")
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, shared / "tools" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise LookupError(f"there is no tool {name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # run_cases imports lenient_api by its name
    spec.loader.exec_module(module)
    return module


def judge() -> ModuleType:
    """The module with ``check_restore`` and ``check_function``."""
    tool("lenient_api")
    return tool("run_cases")


def lenient_api(config: dict[str, Any]) -> Any:
    """An API server in memory that checks no schema; a context manager."""
    return tool("lenient_api").LenientAPI(config)


def tarball(data: dict[str, Any]) -> bytes:
    """The archive of a restore case."""
    if "tarball_raw" in data:
        return str(data["tarball_raw"]).encode()
    packed: bytes = judge().tarball(data["files"])
    return packed


def data_folder() -> Path | None:
    """Where the tables are."""
    shared = shared_folder()
    return shared / "conformance" / "restore-tables" if shared else None
