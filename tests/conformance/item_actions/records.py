"""The golden calls: where they are, and one call of an action of ours per record."""

from __future__ import annotations

import copy
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance.item_actions.cluster import FakeCluster

Manifest = dict[str, Any]
FOLDER_VARIABLE = "VELERO_CORE_ITEM_ACTIONS"
_DATA = Path(__file__).resolve().parents[2] / "data" / "golden" / "item-actions"
_OTHER_FILES = {"applies_to.json", "operations.json"}


@dataclass(frozen=True)
class Record:
    action: str
    index: int
    case: str
    data: Manifest = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        return f"{self.action.removeprefix('velero.io/')}-{self.index}"

    def cluster(self) -> FakeCluster:
        """The cluster before the call."""
        return FakeCluster(
            self.data["cluster"],
            self.data.get("access"),
            immutable_group_handles="clusterSetup" not in self.data,
        )


def folder() -> Path:
    """The folder with the records: the one of the environment variable, or the repository's."""
    configured = os.environ.get(FOLDER_VARIABLE)
    return Path(configured) if configured else _DATA


def _load(name: str) -> Any:
    return json.loads((folder() / name).read_bytes())


def _record(data: Manifest) -> Record:
    return Record(data["action"], data["index"], data["case"], data)


def execute_records() -> list[Record]:
    """All recorded calls of Execute, by file and index."""
    names = sorted(path.name for path in folder().glob("*.json") if path.name not in _OTHER_FILES)
    return [_record(data) for name in names for data in _load(name)]


def operation_records() -> list[Record]:
    """The recorded calls of Progress, Cancel and AreAdditionalItemsReady."""
    return [_record(data) for data in _load("operations.json")]


def applies_to() -> Manifest:
    """Selectors and order of all actions."""
    found: Manifest = _load("applies_to.json")
    return found


def fresh(value: Any) -> Any:
    """A copy that the action may change."""
    return copy.deepcopy(value)
