# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore.naming import (
    derived_name,
    differing_fields,
)

SPEC: dict[str, Any] = {"backup_name": "b1", "namespace_mapping": {"a": "b", "c": "d"}}


def name(cluster: str = "uid", namespace: str = "velero", **spec: Any) -> str:
    refinement = spec.pop("refinement", {})
    return derived_name(RestoreSpec(**{**SPEC, **spec}), cluster, namespace, refinement)


def test_the_same_is_the_same() -> None:
    assert name() == name(namespace_mapping={"c": "d", "a": "b"})
    prefix, _dash, digits = name().rpartition("-")
    assert prefix == "b1"
    assert len(digits) == 10
    assert set(digits) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "other",
    [
        {"backup_name": "b2"},
        {"namespace_mapping": {"a": "b"}},
        {"restore_pvs": True},
        {"existing_resource_policy": "update"},
        {"cluster": "another"},
        {"namespace": "another"},
        {"refinement": {"order": "{}"}},
    ],
)
def test_any_difference_gives_another_name(other: dict[str, Any]) -> None:
    assert name(**other) != name()


@pytest.mark.parametrize(
    ("recorded", "wanted", "fields"),
    [
        ({}, {}, []),
        ({"backup_name": "a"}, {"backup_name": "b"}, ["backupName"]),
        ({"restore_pvs": False}, {}, ["restorePVs"]),
        ({}, {"or_label_selectors": []}, ["orLabelSelectors"]),
        ({"item_operation_timeout": 60}, {"item_operation_timeout": 60.0}, []),
        (
            {"included_namespaces": ["a"]},
            {"included_namespaces": ["b"], "hooks": {"resources": []}},
            ["hooks", "includedNamespaces"],
        ),
    ],
)
def test_differing_fields(
    recorded: dict[str, Any], wanted: dict[str, Any], fields: list[str]
) -> None:
    assert differing_fields(RestoreSpec(**recorded), RestoreSpec(**wanted)) == fields
