# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.ansible_request import restore_request
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import RESTORE
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.refinement import (
    OrderRules,
    Selection,
    SelectRule,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import (
    HIGH_PRIORITIES,
    LOW_PRIORITIES,
    RestoreRequest,
    Settings,
)
from ansible_collections.velero.core.plugins.module_utils.model.volumes import SnapshotLocation
from tests.unit.plugins.modules.support import Refused, parsed

STORAGE = {"provider": "directory", "path": "/backups"}


def request(**given: Any) -> RestoreRequest:
    where = {} if "archive" in given else {"storage": STORAGE}
    return restore_request(parsed(RESTORE, {**where, **given}))


def spec(**given: Any) -> dict[str, Any]:
    return request(**given).spec.to_dict()


def test_a_plain_task_gets_the_defaults_of_the_model() -> None:
    made = request(backup_name="b")
    assert made.settings == Settings()
    assert made.spec.to_dict() == {"backupName": "b"}
    assert (made.name, made.labels, made.annotations) == ("", {}, {})


SELECTOR = {
    "match_labels": {"app": "web"},
    "match_expressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}],
}
SELECTOR_JSON = {
    "matchLabels": {"app": "web"},
    "matchExpressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}],
}
CONTAINER = {"name": "c", "image": "i", "command": ["x"], "securityContext": {"runAsUser": 1}}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"schedule_name": "s"}, {"scheduleName": "s"}),
        ({"included_namespaces": ["a", "b"]}, {"includedNamespaces": ["a", "b"]}),
        ({"included_namespaces": "a,b"}, {"includedNamespaces": ["a", "b"]}),
        ({"excluded_namespaces": []}, {"excludedNamespaces": []}),
        ({"included_resources": ["pods"]}, {"includedResources": ["pods"]}),
        ({"excluded_resources": ["pods"]}, {"excludedResources": ["pods"]}),
        ({"namespace_mapping": {"a": "b"}}, {"namespaceMapping": {"a": "b"}}),
        ({"label_selector": SELECTOR}, {"labelSelector": SELECTOR_JSON}),
        ({"label_selector": SELECTOR_JSON}, {"labelSelector": SELECTOR_JSON}),
        ({"label_selector": {}}, {"labelSelector": {}}),
        (
            {"label_selector": {"match_labels": {"v": 1}}},
            {"labelSelector": {"matchLabels": {"v": "1"}}},
        ),
        ({"or_label_selectors": [SELECTOR]}, {"orLabelSelectors": [SELECTOR_JSON]}),
        ({"or_label_selectors": []}, {"orLabelSelectors": []}),
        ({"restore_pvs": False}, {"restorePVs": False}),
        ({"restore_status": {}}, {"restoreStatus": {}}),
        (
            {"restore_status": {"included_resources": ["a"], "excluded_resources": ["b"]}},
            {"restoreStatus": {"includedResources": ["a"], "excludedResources": ["b"]}},
        ),
        ({"preserve_node_ports": True}, {"preserveNodePorts": True}),
        ({"include_cluster_resources": False}, {"includeClusterResources": False}),
        ({"existing_resource_policy": "recreate"}, {"existingResourcePolicy": "recreate"}),
        ({"item_operation_timeout": "90m"}, {"itemOperationTimeout": "1h30m0s"}),
        ({"item_operation_timeout": 90}, {"itemOperationTimeout": "1m30s"}),
        (
            {"resource_modifier": {"name": "m"}},
            {"resourceModifier": {"kind": "ConfigMap", "name": "m"}},
        ),
        (
            {"uploader_config": {"write_sparse_files": True, "parallel_files_download": 4}},
            {"uploaderConfig": {"writeSparseFiles": True, "parallelFilesDownload": 4}},
        ),
        (
            {
                "hooks": {
                    "resources": [
                        {
                            "name": "h",
                            "included_namespaces": ["shop"],
                            "label_selector": SELECTOR,
                            "post_hooks": [
                                {"exec": {"command": ["true"], "on_error": "Fail"}},
                                {"init": {"init_containers": [CONTAINER], "timeout": "1m"}},
                            ],
                        }
                    ]
                }
            },
            {
                "hooks": {
                    "resources": [
                        {
                            "name": "h",
                            "includedNamespaces": ["shop"],
                            "labelSelector": SELECTOR_JSON,
                            "postHooks": [
                                {"exec": {"command": ["true"], "onError": "Fail"}},
                                {"init": {"initContainers": [CONTAINER], "timeout": "1m"}},
                            ],
                        }
                    ]
                }
            },
        ),
    ],
)
def test_options_become_fields(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert spec(**given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"terminating_resource_timeout": "1m"}, {"terminating_resource_timeout": 60.0}),
        ({"resource_timeout": "45"}, {"resource_timeout": 45.0}),
        ({"hook_wait_timeout": "90s"}, {"hook_wait_timeout": 90.0, "hooks_wait_timeout": 90.0}),
        ({"resource_timeout": "45"}, {"hook_wait_timeout": None, "hooks_wait_timeout": 45.0}),
        ({"default_item_operation_timeout": "2h"}, {"default_item_operation_timeout": 7200.0}),
        ({"item_operation_sync_frequency": "30s"}, {"item_operation_sync_frequency": 30.0}),
        ({"features": ["EnableCSI"]}, {"features": frozenset({"EnableCSI"})}),
        ({"managed_fields": "drop"}, {"managed_fields": "drop"}),
        ({"compatibility": "strict"}, {"compatibility": "strict"}),
        ({"concurrency": 1}, {"concurrency": 1}),
        ({"record": "storage"}, {"record": "storage"}),
        ({"rerun": "always"}, {"rerun": "always"}),
        ({"wait": False}, {"wait": False}),
        ({"velero_namespace": "backup"}, {"velero_namespace": "backup"}),
    ],
)
def test_options_become_settings(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    made = request(**given).settings
    assert {name: getattr(made, name) for name in wanted} == wanted


def test_a_priority_list_that_is_left_out_keeps_its_default() -> None:
    made = request(restore_resource_priorities={"high": ["secrets"]}).settings.priorities
    assert (made.high, made.low) == (("secrets",), LOW_PRIORITIES)
    made = request(restore_resource_priorities={"low": []}).settings.priorities
    assert (made.high, made.low) == (HIGH_PRIORITIES, ())


def test_labels_and_annotations_are_texts() -> None:
    made = request(labels={"team": "a", "number": 1}, annotations={"note": "x"})
    assert (made.labels, made.annotations) == ({"team": "a", "number": "1"}, {"note": "x"})


@pytest.mark.parametrize(
    ("path", "name"),
    [("/x/shop.tar.gz", "shop"), ("shop.tgz", "shop"), ("/x/shop-1.2.tar.gz", "shop-1.2")],
)
def test_an_archive_names_its_backup(path: str, name: str) -> None:
    assert request(archive=path).spec.backup_name == name
    assert request(archive=path, backup_name="other").spec.backup_name == "other"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"labels": {"a": True}},
            "labels.a: the value is of type bool, not a text. Put it in",
        ),
        ({"annotations": {"a": {"b": "c"}}}, "annotations.a: the value is of type dict"),
        ({"namespace_mapping": {"a": None}}, "namespace_mapping.a: the value is of type NoneType"),
        (
            {"or_label_selectors": [{}, {"match_labels": {"a": False}}]},
            "or_label_selectors[1].match_labels.a: the value is of type bool",
        ),
        ({"item_operation_timeout": "soon"}, "item_operation_timeout 'soon': it is not a duration"),
        ({"resource_timeout": "-5m"}, "resource_timeout '-5m': it is not a duration"),
        ({"hook_wait_timeout": "soon"}, "hook_wait_timeout 'soon': it is not a duration"),
        ({"concurrency": 0}, "concurrency: it is less than 1"),
        ({"archive": "/x.tar.gz", "schedule_name": "s"}, "knows no schedule"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, Any], text: str) -> None:
    with pytest.raises(RequestError) as refused:
        request(**given)
    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"backup_name": "b"},
            "following are missing: storage, storage_location, archive",
        ),
        ({"state": "absent", "storage": STORAGE}, "all of the following are missing: name"),
        ({"storage": STORAGE, "archive": "/a.tar.gz"}, "mutually exclusive"),
        ({"storage": STORAGE, "storage_location": "default"}, "mutually exclusive"),
        ({"storage": {"provider": "aws"}}, "all of the following are missing: bucket"),
        ({"storage": {"provider": "directory"}}, "all of the following are missing: path"),
        ({"storage": {"provider": "ftp"}}, "must be one of: directory, aws"),
        ({"storage": STORAGE, "backup": "b"}, "backup. Supported parameters include"),
        (
            {"storage": STORAGE, "uploader_config": {"x": 1}},
            "uploader_config.x. Supported",
        ),
    ],
)
def test_rules_of_the_argument_spec(given: dict[str, Any], text: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(RESTORE, given)
    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        (None, OrderRules()),
        ({}, OrderRules()),
        ({"first": ["a"], "last": None, "before": None}, OrderRules(first=("a",))),
        (
            {"first": None, "last": ["z"], "before": [{"first": "a", "then": "b"}]},
            OrderRules(last=("z",), before=(("a", "b"),)),
        ),
    ],
)
def test_rules_of_the_order(given: dict[str, Any] | None, rules: OrderRules) -> None:
    assert request(order=given).order == rules


@pytest.mark.parametrize(
    ("given", "selection"),
    [
        ({}, Selection()),
        ({"with_dependencies": True}, Selection(with_dependencies=True)),
        (
            {"select": [{"kinds": "ConfigMap,Secret", "names": ["a"]}, {"namespaces": ["b"]}]},
            Selection(
                rules=(
                    SelectRule(kinds=("ConfigMap", "Secret"), names=("a",)),
                    SelectRule(namespaces=("b",)),
                )
            ),
        ),
        (
            {"select": [{"label_selector": SELECTOR, "annotations": {"a": 1}, "include": False}]},
            Selection(
                rules=(
                    SelectRule(label_selector=SELECTOR_JSON, annotations={"a": "1"}, include=False),
                )
            ),
        ),
        ({"select": [{"names": []}]}, Selection(rules=(SelectRule(names=()),))),
    ],
)
def test_rules_of_the_selection(given: dict[str, Any], selection: Selection) -> None:
    assert request(**given).selection == selection


@pytest.mark.parametrize(
    ("select", "text"),
    [
        ([], "Failed reading select: it is empty. Leave it out to select all"),
        ([{"annotations": {"a": True}}], "select[0].annotations.a: the value is of type bool"),
    ],
)
def test_selections_that_are_refused(select: list[dict[str, Any]], text: str) -> None:
    with pytest.raises(RequestError, match=re.escape(text)):
        request(select=select)


def test_volume_snapshot_locations(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_bytes(b"[default]\n")
    given = [
        {"name": "a", "config": {"region": "eu-central-1", "iops": 4000}},
        {"name": "b", "provider": "gcp", "credentials_file": str(keys)},
    ]
    made = request(backup_name="b", volume_snapshot_locations=given, zone_mapping={"a": "b"})
    assert made.settings.zone_mapping == {"a": "b"}
    assert made.settings.volume_snapshot_locations == (
        SnapshotLocation(
            name="a", provider="aws", config={"region": "eu-central-1", "iops": "4000"}
        ),
        SnapshotLocation(name="b", provider="gcp", credentials=b"[default]\n"),
    )
    assert "[default]" not in repr(made)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"credentials_file": "/nowhere/at/all"}, "No such file"),
        ({"config": {"region": True}}, "the value is of type bool, not a text"),
    ],
)
def test_volume_snapshot_locations_that_cannot_be_used(given: dict[str, Any], why: str) -> None:
    with pytest.raises(RequestError, match=why):
        request(backup_name="b", volume_snapshot_locations=[{"name": "a", **given}])
