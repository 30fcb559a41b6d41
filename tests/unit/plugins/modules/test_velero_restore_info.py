# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils import ansible_restore_info
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)
from ansible_collections.velero.core.plugins.module_utils.storage.directory import DirectoryStore
from tests.support.golden_data import ARTIFACTS, golden_case
from tests.support.golden_describe import comparable
from tests.unit.plugins.modules.support import run


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("K8S_AUTH_", "AWS_")) or name == "KUBECONFIG":
            monkeypatch.delenv(name)


def recorded(folder: Path, name: str, *, record: bool = True) -> str:
    """Puts a restore of a Velero server into a storage; returns Velero's own description."""
    case = golden_case(name)
    assert case is not None
    store = DirectoryStore(str(folder))
    (expected,) = case.runs
    for kind, content in expected.artifacts.items():
        store.write(ARTIFACTS[kind].format(name), _packed(content))
    if record:
        RestoreArtifacts(store, name, lambda seconds: None).write_record(expected.restore)
    return expected.description


def _packed(content: Any) -> bytes:
    return gzip.compress(json.dumps(content).encode())


def ask(folder: Path, **options: Any) -> dict[str, Any]:
    storage = {"provider": "directory", "path": str(folder)}
    return run(ansible_restore_info.SPEC, ansible_restore_info.run, {"storage": storage, **options})


def test_the_description_is_veleros(tmp_path: Path) -> None:
    wanted = recorded(tmp_path, "b1-drifted-none")
    (found,) = ask(tmp_path, format="describe")["restores"]
    assert comparable(found["description"]) == comparable(wanted)
    assert found["truncated"] == {}
    assert found["counts"] == {"created": 56, "failed": 22, "skipped": 2, "updated": 1}
    assert not {"items", "results"} & found.keys()


def test_the_same_as_data(tmp_path: Path) -> None:
    recorded(tmp_path, "b5-corrupt-json")
    (found,) = ask(tmp_path, format="json")["restores"]
    data = found["description"]
    assert data["phase"] == "PartiallyFailed"
    assert data["errors"]["count"] == 1
    assert "unexpected end of JSON input" in data["errors"]["namespaces"]["fragile"][0]


def test_a_restore_of_a_server_whose_object_is_gone(tmp_path: Path) -> None:
    recorded(tmp_path, "b5-corrupt-json", record=False)
    (found,) = ask(tmp_path, format="describe")["restores"]
    assert "Phase:  <n/a>\n" in found["description"]
    assert "unexpected end of JSON input" in found["description"]


def test_the_record_is_the_default(tmp_path: Path) -> None:
    recorded(tmp_path, "b5-corrupt-json")
    assert ask(tmp_path) == ask(tmp_path, format="record")
    (found,) = ask(tmp_path)["restores"]
    assert "description" not in found
    assert {"items", "results"} <= found.keys()


def test_several_share_the_room(tmp_path: Path) -> None:
    for name in ("b4-default", "b1-default"):
        recorded(tmp_path, name)
    (alone,) = ask(tmp_path, name="b4-default", format="describe")["restores"]
    assert alone["truncated"] == {}
    both = ask(tmp_path, format="describe")
    assert [one["metadata"]["name"] for one in both["restores"]] == ["b4-default", "b1-default"]
    assert both["truncated"] == {}
