# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.spec import FIELDS, RestoreSpec

FULL: dict[str, Any] = {
    "backupName": "b1",
    "scheduleName": "nightly",
    "includedNamespaces": ["a"],
    "excludedNamespaces": ["b"],
    "includedResources": ["pods"],
    "excludedResources": ["secrets"],
    "namespaceMapping": {"a": "c"},
    "labelSelector": {"matchLabels": {"app": "web"}},
    "orLabelSelectors": [{"matchLabels": {"app": "db"}}],
    "restorePVs": True,
    "restoreStatus": {"includedResources": ["*"]},
    "preserveNodePorts": False,
    "includeClusterResources": False,
    "hooks": {"resources": [{"name": "h"}]},
    "existingResourcePolicy": "update",
    "itemOperationTimeout": "4h0m0s",
    "resourceModifier": {"kind": "configmap", "name": "m"},
    "uploaderConfig": {"parallelFilesDownload": 4},
}


def test_round_trip_of_every_field() -> None:
    assert {key for _attribute, key in FIELDS} == set(FULL)
    spec = RestoreSpec.from_dict(FULL)
    assert spec.to_dict() == FULL
    assert spec.item_operation_timeout == 4 * 3600
    assert list(spec.to_dict()) == [key for _attribute, key in FIELDS]


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param(dict.fromkeys(FULL), {}, id="nulls"),
        pytest.param({"unknown": 1, "backupName": "b"}, {"backupName": "b"}, id="unknown-key"),
        pytest.param({"restorePVs": False}, {"restorePVs": False}, id="false-is-set"),
        pytest.param({"orLabelSelectors": []}, {"orLabelSelectors": []}, id="empty-list-is-set"),
        pytest.param({"restoreStatus": {}}, {"restoreStatus": {}}, id="empty-map-is-set"),
        pytest.param({"hooks": {}}, {}, id="no-hooks"),
        pytest.param({"existingResourcePolicy": ""}, {}, id="empty-text"),
        pytest.param({"itemOperationTimeout": "0s"}, {}, id="no-timeout"),
        pytest.param(
            {"itemOperationTimeout": "90m"}, {"itemOperationTimeout": "1h30m0s"}, id="as-go-prints"
        ),
    ],
)
def test_what_is_kept(data: dict[str, Any], kept: dict[str, Any]) -> None:
    assert RestoreSpec.from_dict(data).to_dict() == kept


def test_a_malformed_timeout_is_refused() -> None:
    with pytest.raises(RequestError, match="itemOperationTimeout 'soon'"):
        RestoreSpec.from_dict({"itemOperationTimeout": "soon"})
