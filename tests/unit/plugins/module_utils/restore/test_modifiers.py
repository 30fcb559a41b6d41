# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole restores with resource modifiers."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    RecordError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import RestoreRequest
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.modifiers.documents import (
    read_document,
    reference,
)
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from ansible_collections.velero.core.plugins.module_utils.restore.run import run_restore
from tests.support.builders import config_map, obj
from tests.support.builders_run import Restoring, fates
from tests.support.contract import both_modes
from tests.support.fake_cluster import FakeCluster

REF = {"kind": "ConfigMap", "name": "rules"}


def rule(*patches: dict[str, str], gr: str = "configmaps", **conditions: Any) -> dict[str, Any]:
    return {"conditions": {"groupResource": gr, **conditions}, "patches": list(patches)}


def add(path: str, value: str) -> dict[str, str]:
    return {"operation": "add", "path": path, "value": value}


def document(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"version": "v1", "resourceModifierRules": list(rules)}


def restoring(
    items: Any = None, *, data: dict[str, str] | None = None, **settings: Any
) -> Restoring:
    """A restore beside the ConfigMap ``rules`` with ``data``."""
    import json

    found = Restoring(items or [config_map()], cluster=FakeCluster(), **settings)
    if data is None:
        data = {"rules": json.dumps(document(rule(add("/data/added", "x"))))}
    found.cluster.put(obj("ConfigMap", "rules", "velero", data=data))
    return found


def run_own(given: Restoring, own: Any, name: str = "r1", **how: Any) -> RestoreReport:
    modifiers = read_document(own, "resource_modifier.definition")
    spec = RestoreSpec(backup_name="b1", resource_modifier=reference(modifiers))
    request = RestoreRequest(
        spec=spec, settings=given.settings, name=name, resource_modifiers=modifiers
    )
    return run_restore(request, given.ports(), **how)


def log_of(given: Restoring) -> str:
    return gzip.decompress(given.store.files["restores/r1/restore-r1-logs.gz"]).decode()


@both_modes
def test_a_config_map_changes_what_is_created(mode: str) -> None:
    given = restoring(compatibility=mode)
    report = given.run(resource_modifier=REF)
    assert report.phase == "Completed"
    assert given.cluster.see("configmaps", "shop", "x")["data"]["added"] == "x"
    assert report.outcomes[-1].to_dict()["modified_by"] == [1]
    assert "Applying resource modifier patch on shop/x" in log_of(given)
    assert report.restore["spec"]["resourceModifier"] == REF
    assert not report.warnings


@both_modes
@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("absent", {}, "failed to get resource modifiers configmap velero/absent"),
        (
            "rules",
            {},
            "Error in parsing resource modifiers provided in configmap velero/rules: "
            "illegal resource modifiers velero/rules configmap",
        ),
        (
            "rules",
            {"x": "version1: v1"},
            "Error in parsing resource modifiers provided in configmap velero/rules: failed to "
            "decode yaml data into resource modifiers, err: error unmarshaling JSON: while "
            'decoding JSON: json: unknown field "version1"',
        ),
        (
            "rules",
            {"x": "version: v2"},
            "Validation error in resource modifiers provided in configmap velero/rules: "
            "unsupported resource modifier version v2",
        ),
    ],
)
def test_1_5_numbers_16_to_18(mode: str, name: str, data: dict[str, str], error: str) -> None:
    given = restoring(data=data, compatibility=mode)
    report = given.run(resource_modifier={"kind": "configMAP", "name": name})
    assert report.phase == "FailedValidation"
    assert report.restore["status"]["validationErrors"] == [error]
    assert not given.cluster.writes
    assert not given.store.writes


def test_1_5_modifiers_are_not_read_without_a_backup() -> None:
    report = restoring().run(backup_name="gone", resource_modifier={**REF, "name": "absent"})
    (error,) = report.restore["status"]["validationErrors"]
    assert "can't find backup" in error


def test_d1_another_kind_is_refused() -> None:
    given = restoring()
    with pytest.raises(RequestError, match=r'resource_modifier\.kind: .* of kind "Secret"'):
        given.run(resource_modifier={"kind": "Secret", "name": "rules"})
    assert not given.cluster.writes
    assert not given.store.writes


def test_d1_strict_passes_over_another_kind() -> None:
    given = restoring(compatibility="strict")
    report = given.run(resource_modifier={"kind": "Secret", "name": "rules"})
    assert report.phase == "Completed"
    assert "added" not in given.cluster.see("configmaps", "shop", "x").get("data", {})
    assert report.warnings == [
        'The resource modifiers are not applied: Velero knows none of kind "Secret".'
    ]


@both_modes
def test_4_8_a_rule_sees_the_source_namespace_and_errors_go_to_the_target(mode: str) -> None:
    given = restoring(compatibility=mode)
    rules = document(
        rule(add("/data/added", "x"), namespaces=["shop"]),
        rule(add("/none/x", "x")),
        rule(add("/data/other", "x"), namespaces=["near"]),
    )
    modifiers = read_document(rules, "d")
    spec = RestoreSpec(backup_name="b1", namespace_mapping={"shop": "near"})
    request = RestoreRequest(
        spec=spec, settings=given.settings, name="r1", resource_modifiers=modifiers
    )
    report = run_restore(request, given.ports())
    assert given.cluster.see("configmaps", "near", "x")["data"]["added"] == "x"
    assert report.results.errors.to_dict() == {
        "namespaces": {
            "near": [
                "error in applying patch error in applying JSON Patch add operation does not "
                'apply: doc is missing path: "/none/x": missing value'
            ]
        }
    }
    assert report.phase == "PartiallyFailed"
    assert fates(report)["v1/ConfigMap/near/x"] == ("created", "created")
    assert report.warnings == ["Resource modifier rule 3 (configmaps) matched no object."]
    assert not report.results.warnings.count


def test_an_equal_object_with_a_rule_that_fails() -> None:
    given = restoring()
    given.run(name="first")
    report = run_own(given, document(rule(add("/none/x", "x"))))
    assert fates(report)["v1/ConfigMap/shop/x"] == ("failed", "resource_modifier_failed")


def test_4_12_labels_in_both_modes() -> None:
    item = config_map()
    item["metadata"]["labels"] = {"app": "web"}
    rules = document(rule(add("/metadata/labels/n", "1")))
    restore_labels = {"velero.io/backup-name": "b1", "velero.io/restore-name": "r1"}
    for mode, wanted in (("strict", {}), ("safe", {"app": "web", "n": "1"})):
        given = restoring([item], compatibility=mode)
        assert run_own(given, rules).phase == "Completed"
        labels = given.cluster.see("configmaps", "shop", "x")["metadata"]["labels"]
        assert labels == {**wanted, **restore_labels}


def test_other_rules_are_another_restore() -> None:
    given = restoring()
    run_own(given, document(rule(add("/data/a", "x"))))
    again = run_own(given, document(rule(add("/data/a", "x"))))
    assert not again.changed
    with pytest.raises(RecordError, match="exists with another resourceModifier"):
        run_own(given, document(rule(add("/data/a", "y"))))


def test_other_rules_give_another_name() -> None:
    given = restoring()
    names = {
        run_own(given, document(rule(add("/data/a", value))), name="").restore["metadata"]["name"]
        for value in ("x", "y", "x")
    }
    assert len(names) == 2


def test_the_record_has_no_value_of_a_rule() -> None:
    given = restoring()
    run_own(given, document(rule(add("/data/a", "hidden"))))
    record = given.store.files["restores/r1/velero-restore.json"]
    assert b"hidden" not in record and b"sha256-" in record


def test_check_mode_shows_what_rules_do() -> None:
    given = restoring([config_map("a"), config_map("b")])
    rules = document(
        rule(add("/data/added", "x"), resourceNameRegex="^a$"), rule(add("/x", "x"), gr="pods")
    )
    report = run_own(given, rules, check_mode=True)
    plan = {entry["id"]: entry.get("modified_by") for entry in report.plan or []}
    assert plan["v1/ConfigMap/shop/a"] == [1]
    assert plan["v1/ConfigMap/shop/b"] is None
    (shown,) = report.diff
    assert shown["id"] == "configmaps/shop/a (resource modifiers)"
    assert {"path": "data.added", "after": "x"} in shown["changes"]
    assert report.warnings == ["Resource modifier rule 2 (pods) matched no object."]
    assert not given.cluster.writes


def test_values_of_secrets_are_not_shown() -> None:
    given = restoring([obj("Secret", "s", "shop", data={"a": "b2xk"})])
    rules = document(rule(add("/data/b", "aGlkZGVu"), gr="secrets"))
    report = run_own(given, rules, check_mode=True)
    assert report.diff
    assert "aGlkZGVu" not in str(report)


@pytest.mark.parametrize("mode", ["safe", "strict"])
def test_concurrency_changes_nothing(mode: str) -> None:
    items = [config_map(f"c{number:03}") for number in range(60)]
    rules = document(
        rule(add("/data/added", "x"), resourceNameRegex="[02468]$"), rule(add("/none/x", "x"))
    )
    seen = []
    for concurrency in (1, 16):
        given = restoring(items, compatibility=mode, concurrency=concurrency)
        report = run_own(given, rules)
        content = {
            name: given.cluster.see("configmaps", "shop", name)["data"]
            for name in (item["metadata"]["name"] for item in items)
        }
        seen.append((content, report.results.errors.to_dict(), fates(report)))
    assert seen[0] == seen[1]
    assert len(seen[0][1]["namespaces"]["shop"]) == 60
