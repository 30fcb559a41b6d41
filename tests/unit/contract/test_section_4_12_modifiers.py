# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference section 4.12 and step 1 of 4.8: resource modifiers; item 48 of section 11."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Manifest, config_map, obj
from tests.support.contract import Seen, both_modes, restore

X = config_map("x", data={"a": "old"})
MODIFIER = {"kind": "ConfigMap", "name": "rules"}


def rule(*patches: Any, conditions: Any = None, **more: Any) -> Manifest:
    patched = {"patches": list(patches)} if patches else {}
    return {"conditions": {"groupResource": "configmaps", **(conditions or {})}, **patched, **more}


def replace(path: str, value: str, operation: str = "replace") -> dict[str, str]:
    return {"operation": operation, "path": path, "value": value}


def modified(items: list[Manifest], *rules: Manifest, mode: str, **spec: Any) -> Seen:
    """A restore with these rules, from a ConfigMap beside the restore."""
    document = json.dumps({"version": "v1", "resourceModifierRules": list(rules)})
    source = obj("ConfigMap", "rules", "velero", data={"rules.yaml": document})
    return restore(
        items, mode=mode, existing=[source], actions=[], resource_modifier=MODIFIER, **spec
    )


def data(seen: Seen) -> Any:
    return seen.bodies("create")[-1]["data"]


@both_modes
def test_4_12_conditions_see_the_object_before_the_first_rule(mode: str) -> None:
    """Patches accumulate all the same."""
    first = rule(replace("/data/a", "new"))
    second = rule(
        replace("/data/b", "too", "add"),
        conditions={"matches": [{"path": "/data/a", "value": "old"}]},
    )
    third = rule(
        replace("/data/c", "no", "add"),
        conditions={"matches": [{"path": "/data/a", "value": "new"}]},
    )
    seen = modified([X], first, second, third, mode=mode)
    assert data(seen) == {"a": "new", "b": "too"}
    assert seen.silent


@both_modes
@pytest.mark.parametrize(
    ("namespaces", "matches"), [(["shop"], True), (["near"], False), (["sh*"], True), ([], True)]
)
def test_4_12_namespaces_are_those_of_the_backup(
    mode: str, namespaces: list[str], matches: bool
) -> None:
    seen = modified(
        [X],
        rule(replace("/data/a", "new"), conditions={"namespaces": namespaces}),
        mode=mode,
        namespace_mapping={"shop": "near"},
    )
    assert (data(seen) == {"a": "new"}) is matches


@both_modes
@pytest.mark.parametrize(
    ("pattern", "core", "group"),
    [
        ("*", True, False),
        ("*.apps", False, True),
        ("*.*", False, True),
        ("**", True, True),
        ("configmaps", True, False),
    ],
)
def test_4_12_a_star_does_not_cross_dots(mode: str, pattern: str, core: bool, group: bool) -> None:
    items = [
        X,
        obj("Deployment", "d", "shop", api="apps/v1", data={"a": "old"}),
    ]
    seen = modified(
        items,
        rule(replace("/data/a", "new"), conditions={"groupResource": pattern}),
        mode=mode,
    )
    changed = {body["kind"]: body["data"]["a"] == "new" for body in seen.bodies("create")}
    assert changed == {"ConfigMap": core, "Deployment": group}


@both_modes
@pytest.mark.parametrize(
    ("conditions", "matches"),
    [
        ({"resourceNameRegex": "^x"}, True),
        ({"resourceNameRegex": "y"}, False),
        ({"labelSelector": {"matchLabels": {"a": "b"}}}, True),
        ({"labelSelector": {"matchLabels": {"a": "c"}}}, False),
        ({"matches": [{"path": "/data/a", "value": "old"}]}, True),
        ({"matches": [{"path": "/data/a", "value": "2"}]}, False),
        ({"matches": [{"path": "/data/none", "value": "1"}]}, False),
    ],
)
def test_4_12_all_conditions_must_match(mode: str, conditions: Any, matches: bool) -> None:
    item = config_map("x-1", labels={"a": "b"}, data={"a": "old"})
    seen = modified([item], rule(replace("/data/a", "new"), conditions=conditions), mode=mode)
    assert (data(seen) == {"a": "new"}) is matches
    assert seen.silent


@both_modes
def test_4_12_a_failing_test_changes_nothing_and_is_no_error(mode: str) -> None:
    seen = modified(
        [X],
        rule(replace("/data/a", "2", "test"), replace("/data/a", "new")),
        mode=mode,
    )
    assert data(seen) == {"a": "old"}
    assert seen.silent


@both_modes
def test_4_12_a_rule_that_fails_is_an_error_and_the_next_one_runs(mode: str) -> None:
    seen = modified(
        [X],
        rule(replace("/data/none/deep", "1")),
        rule(replace("/data/a", "new")),
        mode=mode,
        namespace_mapping={"shop": "near"},
    )
    (text,) = seen.errors["namespaces"]["near"]
    assert text.startswith("error in applying patch ")
    assert data(seen) == {"a": "new"}


@both_modes
def test_4_12_no_patch_data(mode: str) -> None:
    seen = modified([X], rule(), mode=mode)
    assert seen.errors == {"namespaces": {"shop": ["no patch data found"]}}


@both_modes
def test_4_8_step_1_modifiers_see_source_namespace_and_old_group(mode: str) -> None:
    seen = modified(
        [X],
        rule(
            replace("/data/a", "new"),
            conditions={"matches": [{"path": "/metadata/namespace", "value": "shop"}]},
        ),
        mode=mode,
        namespace_mapping={"shop": "near"},
    )
    assert data(seen) == {"a": "new"}
    assert seen.fates["v1/ConfigMap/near/x"] == ("created", "created")


@both_modes
def test_surprise_48_a_half_modified_object_is_created(mode: str) -> None:
    """As in Velero: the error says so, and the restore ends PartiallyFailed."""
    seen = modified(
        [X],
        rule(replace("/data/a", "new")),
        rule(replace("/data/none/deep", "1")),
        mode=mode,
    )
    assert len(seen.errors["namespaces"]["shop"]) == 1
    assert data(seen) == {"a": "new"}
    assert seen.listed == {"v1/ConfigMap": ["shop/x(created)"]}
    assert seen.phase == "PartiallyFailed"
