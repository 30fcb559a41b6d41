# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reference restore-item-actions.md sections 5.4 to 5.8."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import load_as_json
from ansible_collections.velero.core.plugins.module_utils.modifiers.applying import (
    Modified,
    ResourceModifiers,
)
from ansible_collections.velero.core.plugins.module_utils.modifiers.decoding import decoded
from tests.support.builders import examples

PATCH = "error in applying patch "
JSON_PATCH = f"{PATCH}error in applying JSON Patch "


def modifiers(*rules: dict[str, Any], strict: bool = True) -> ResourceModifiers:
    return ResourceModifiers(
        decoded({"version": "v1", "resourceModifierRules": list(rules)}), strict=strict
    )


def apply(obj: Any, gr: str, *rules: dict[str, Any], strict: bool = True) -> Modified:
    before = copy.deepcopy(obj)
    found = modifiers(*rules, strict=strict).apply(obj, gr)
    assert obj == before
    return found


def rule(gr: str = "**", **fields: Any) -> dict[str, Any]:
    """A rule; what is no kind of patches is a condition."""
    kinds = ("patches", "mergePatches", "strategicPatches")
    patches = {key: value for key, value in fields.items() if key in kinds}
    conditions = {key: value for key, value in fields.items() if key not in kinds}
    return {"conditions": {"groupResource": gr, **conditions}, **patches}


def op(operation: str, path: str, value: str = "", origin: str = "") -> dict[str, str]:
    return {"operation": operation, "path": path, "value": value, "from": origin}


def merges(*texts: str, gr: str = "**", **conditions: Any) -> dict[str, Any]:
    return rule(gr, mergePatches=[{"patchData": text} for text in texts], **conditions)


def claim(storage_class: str = "standard") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "test-pvc", "namespace": "foo"},
        "spec": {"storageClassName": storage_class},
    }


NGINX = {"name": "nginx", "image": "nginx:latest"}
MYSQL = {"name": "mysql", "image": "mysql:latest"}


def deployment(*containers: dict[str, str], replicas: int = 1) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "test-deployment", "namespace": "foo", "labels": {"app": "nginx"}},
        "spec": {
            "replicas": replicas,
            "template": {"spec": {"containers": list(containers or (NGINX,))}},
        },
    }


def config_map(**labels: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cm1", "namespace": "fake", "labels": labels},
    }


CLASS = "/spec/storageClassName"
PREMIUM = [op("test", CLASS, "standard"), op("replace", CLASS, "premium")]
TWO = [op("test", "/spec/replicas", "1"), op("replace", "/spec/replicas", "2")]
CONTAINERS = "/spec/template/spec/containers"


def from_to(old: str, new: str) -> dict[str, Any]:
    return rule(
        "persistentvolumeclaims",
        resourceNameRegex=".*",
        matches=[{"path": CLASS, "value": old}],
        patches=[op("replace", CLASS, new)],
    )


@pytest.mark.parametrize(
    ("obj", "gr", "rules", "wanted"),
    [
        pytest.param(
            {"kind": "ConfigMap", "data": {"test": "true"}},
            "configmaps",
            [rule("configmaps", patches=[op("replace", "/data/test", '"false"')])],
            {"kind": "ConfigMap", "data": {"test": "false"}},
            id="text that looks like a boolean",
        ),
        pytest.param(
            claim(),
            "persistentvolumeclaims",
            [rule("persistentvolumeclaims", namespaces=["foo"], patches=PREMIUM)],
            claim("premium"),
            id="test that holds",
        ),
        pytest.param(
            claim(),
            "persistentvolumeclaims",
            [from_to("standard", "premium"), from_to("premium", "gold")],
            claim("premium"),
            id="conditions see the object before the first rule",
        ),
        pytest.param(
            claim(),
            "persistentvolumeclaims",
            [from_to("standard", "premium"), from_to("standard", "gold")],
            claim("gold"),
            id="patches add up",
        ),
        pytest.param(
            deployment(),
            "deployments.apps",
            [rule("deployments.apps", resourceNameRegex="^test-.*$", patches=TWO)],
            deployment(replicas=2),
            id="number",
        ),
        pytest.param(
            deployment(),
            "deployments.apps",
            [rule(patches=[op("test", "/spec/replicas", "5"), TWO[1]])],
            deployment(),
            id="test that fails",
        ),
        pytest.param(
            deployment(),
            "deployments.apps",
            [rule(namespaces=["bar"], patches=TWO)],
            deployment(),
            id="another namespace",
        ),
        pytest.param(
            deployment(),
            "deployments.apps",
            [rule(namespaces=["bar", "f*"], patches=TWO)],
            deployment(replicas=2),
            id="namespace by glob",
        ),
        pytest.param(
            deployment(),
            "deployments.apps",
            [
                rule(
                    patches=[
                        op("add", f"{CONTAINERS}/1", '{"name": "mysql", "image": "mysql:latest"}')
                    ]
                )
            ],
            deployment(NGINX, MYSQL),
            id="object",
        ),
        pytest.param(
            deployment(),
            "deployments.apps",
            [
                rule(
                    patches=[
                        op("copy", f"{CONTAINERS}/1", origin=f"{CONTAINERS}/0"),
                        op("test", f"{CONTAINERS}/1/image", "nginx:latest"),
                        op("replace", f"{CONTAINERS}/1/name", "mysql"),
                        op("replace", f"{CONTAINERS}/1/image", "mysql:latest"),
                    ]
                )
            ],
            deployment(NGINX, MYSQL),
            id="copy and change",
        ),
        pytest.param(
            deployment(),
            "deployments.apps",
            [rule(labelSelector={"matchLabels": {"app": "nginx"}}, patches=TWO)],
            deployment(replicas=2),
            id="labels",
        ),
        pytest.param(
            deployment(),
            "deployments.apps",
            [rule(labelSelector={"matchLabels": {"app": "other"}}, patches=TWO)],
            deployment(),
            id="other labels",
        ),
        pytest.param(
            config_map(a="b", c="d"),
            "configmaps",
            [merges('{"metadata":{"labels":{"a":"c"}}}')],
            config_map(a="c", c="d"),
            id="merge patch in json",
        ),
        pytest.param(
            config_map(a="b", c="d"),
            "configmaps",
            [merges("metadata:\n  labels:\n    a: c")],
            config_map(a="c", c="d"),
            id="merge patch in yaml",
        ),
        pytest.param(
            config_map(a="b", c="d"),
            "configmaps",
            [merges('{"metadata":{"labels":{"a":null}}}')],
            config_map(c="d"),
            id="merge patch that removes",
        ),
        pytest.param(
            config_map(c="d"),
            "configmaps",
            [merges('{"metadata":{"labels":{"a":"b"}}}')],
            config_map(a="b", c="d"),
            id="merge patch that adds",
        ),
        pytest.param(
            config_map(c="d"),
            "configmaps",
            [merges('{"metadata":{"labels":{"a":null}}}')],
            config_map(c="d"),
            id="merge patch that removes what is not there",
        ),
        pytest.param(
            config_map(a="b"),
            "configmaps",
            [merges("metadata: {labels: {a: c}}", "metadata: {labels: {d: e}}")],
            config_map(a="c", d="e"),
            id="several merge patches",
        ),
        pytest.param(
            config_map(a="b"),
            "configmaps",
            [merges("metadata: {labels: {a: c}}", gr="*")],
            config_map(a="c"),
            id="star is for the core group",
        ),
        pytest.param(
            config_map(a="b"),
            "fake.apps",
            [merges("metadata: {labels: {a: c}}", gr="*")],
            config_map(a="b"),
            id="star is for no other group",
        ),
        pytest.param(
            config_map(a="b"),
            "fake.apps",
            [merges("metadata: {labels: {a: c}}", gr="*.apps")],
            config_map(a="c"),
            id="group by glob",
        ),
        pytest.param(
            config_map(a="b"),
            "configmaps",
            [
                merges(
                    "metadata: {labels: {a: c}}",
                    gr="*",
                    matches=[{"path": "/metadata/labels/a", "value": "b"}],
                )
            ],
            config_map(a="c"),
            id="matching value",
        ),
        pytest.param(
            config_map(a="b"),
            "configmaps",
            [merges("x: 1", matches=[{"path": "/metadata/labels/a", "value": "c"}])],
            config_map(a="b"),
            id="other value",
        ),
        pytest.param(
            config_map(a="b"),
            "configmaps",
            [merges("x: 1", matches=[{"path": "/metadata/labels/a/b", "value": "c"}])],
            config_map(a="b"),
            id="absent path",
        ),
        pytest.param(
            config_map(a="b"),
            "configmaps",
            [merges("data: {x: z}", matches=[{"path": "/metadata/labels/b", "value": "null"}])],
            {**config_map(a="b"), "data": {"x": "z"}},
            id="null is an absent key",
        ),
        pytest.param(
            {"kind": "ClusterRole", "metadata": {"name": "x"}},
            "clusterroles.rbac.authorization.k8s.io",
            [merges("rules: []", namespaces=["shop"])],
            {"kind": "ClusterRole", "metadata": {"name": "x"}, "rules": []},
            id="objects without a namespace are in every namespace",
        ),
    ],
)
def test_rules(obj: Any, gr: str, rules: list[dict[str, Any]], wanted: Any) -> None:
    for strict in (True, False):
        found = apply(obj, gr, *rules, strict=strict)
        assert found.errors == []
        assert found.obj == wanted


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: pod1, namespace: fake}\nspec:\n  "
NFS = f"{POD}containers: [{{name: f}}]\n  volumes: [{{name: v, nfs: {{path: /x}}}}, {{name: w}}]"
PVC = (
    f"{POD}containers: [{{name: f}}]\n  volumes: "
    "[{name: v, persistentVolumeClaim: {claimName: c}}, {name: w}]"
)
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports: "


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        pytest.param(
            f"{POD}containers: [{{name: nginx, image: nginx}}]",
            '{"spec":{"containers":[{"name":"nginx","image":"nginx1"}]}}',
            f"{POD}containers: [{{name: nginx, image: nginx1}}]",
            id="json",
        ),
        pytest.param(
            f"{POD}containers: [{{name: nginx, image: nginx}}]",
            "spec:\n  containers:\n  - name: nginx\n    image: nginx1",
            f"{POD}containers: [{{name: nginx, image: nginx1}}]",
            id="yaml",
        ),
        pytest.param(
            NFS,
            '{"spec":{"volumes":[{"nfs":null,"name":"v","persistentVolumeClaim":{"claimName":"c"}}]}}',
            PVC,
            id="another volume source",
        ),
        pytest.param(
            NFS,
            '{"spec":{"volumes":[{"$retainKeys":["name","persistentVolumeClaim"],"name":"v",'
            '"persistentVolumeClaim":{"claimName":"c"}}]}}',
            PVC,
            id="retained keys",
        ),
        pytest.param(
            f"{SERVICE}[{{port: 8001}}, {{port: 8000}}, {{port: 8002}}]",
            '{"spec":{"$setElementOrder/ports":[{"port":8001},{"port":9000},{"port":8002}],'
            '"ports":[{"port":9000,"name":"fake"},{"$patch":"delete","port":8000}]}}',
            f"{SERVICE}[{{port: 8001}}, {{port: 9000, name: fake}}, {{port: 8002}}]",
            id="order",
        ),
        pytest.param(SERVICE, "", SERVICE, id="nothing"),
    ],
)
def test_strategic_patches(before: str, patch: str, after: str) -> None:
    found = apply(load_as_json(before), "x", rule(strategicPatches=[{"patchData": patch}]))
    assert found.errors == []
    assert found.obj == load_as_json(after)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (rule("[a"), "unexpected end of input"),
        (
            rule(resourceNameRegex="[a-z", patches=TWO),
            "error in matching regex error parsing regexp: missing closing ]: `[a-z`",
        ),
        (
            rule(labelSelector={"matchExpressions": [{"key": "a", "operator": "Like"}]}),
            'error in creating label selector "Like" is not a valid label selector operator',
        ),
        (rule(matches=[{"value": "x"}]), "path is required for match rule"),
        (
            rule(matches=[{"path": "/spec", "value": "NaN"}]),
            "error in decoding json patch invalid state detected",
        ),
        (
            rule(matches=[{"path": f"{CONTAINERS}/7", "value": "x"}]),
            f"error in test for path: '{CONTAINERS}/7': Unable to access invalid index: 7: "
            "invalid index referenced",
        ),
        (rule(), "no patch data found"),
        (
            rule(patches=[op("add", "/x", 'a "quoted" text')]),
            f"{JSON_PATCH}error in decoding json patch invalid state detected",
        ),
        (
            rule(patches=[op("remove", "/spec/nothing")]),
            f"{JSON_PATCH}error in remove for path: '/spec/nothing': unable to remove nonexistent "
            "key: nothing: missing value",
        ),
        (
            rule(patches=[op("test", "/spec/a/b", "1")]),
            f"{JSON_PATCH}test operation does not apply: is missing path: /spec/a/b: missing value",
        ),
        (
            rule(patches=[op("remove", "/kind")]),
            f"{PATCH}error in unmarshalling modified object Object 'Kind' is missing",
        ),
        (
            merges("a: b:"),
            f"{PATCH}error in converting YAML to JSON yaml: mapping values are not allowed in this "
            "context",
        ),
        (
            merges('{"a"::1}'),
            f"{PATCH}error in converting YAML to JSON yaml: did not find expected node content",
        ),
        (
            merges(""),
            f"{PATCH}error in unmarshalling modified object Object 'Kind' is missing in 'null'",
        ),
        (merges("", "{}"), f"{PATCH}error in applying JSON Patch: Invalid JSON Document"),
        (merges("[]"), f"{PATCH}error in unmarshalling modified object Object 'Kind' is missing"),
        (
            rule(strategicPatches=[{"patchData": "a: b:"}]),
            f"{PATCH}error in converting YAML to JSON yaml: mapping values are not allowed in this "
            "context",
        ),
        (
            rule(strategicPatches=[{"patchData": "[]"}]),
            f"{PATCH}error in applying Strategic Patch json: cannot unmarshal array into Go value "
            "of type map[string]interface {}",
        ),
    ],
)
def test_faults_of_rules(given: dict[str, Any], why: str) -> None:
    found = apply(deployment(), "deployments.apps", given, rule(patches=TWO))
    assert found.errors == [why]
    assert found.obj == deployment(replicas=2)
    assert found.rules == [2]


@pytest.mark.parametrize(
    ("version", "kind"),
    [("networking.k8s.io/v1", "Ingress"), ("example.com/v1", "Foo"), ("v1", "Bad")],
)
def test_5_8_kinds_that_the_server_does_not_know(version: str, kind: str) -> None:
    obj = {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}}
    found = apply(obj, "x", rule(strategicPatches=[{"patchData": "{}"}]))
    assert found.errors == [
        f'{PATCH}no kind "{kind}" is registered for version "{version}" '
        'in scheme "pkg/runtime/scheme.go:111"'
    ]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"),
        ("groupsnapshot.storage.k8s.io/v1beta2", "VolumeGroupSnapshot"),
        ("velero.io/v1", "BackupStorageLocation"),
        ("velero.io/v2alpha1", "DataUpload"),
    ],
)
def test_5_8_kinds_beside_those_of_kubernetes(version: str, kind: str) -> None:
    obj = {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}}
    found = apply(obj, "x", rule(strategicPatches=[{"patchData": "spec: {a: 1}"}]))
    assert found.obj == {**obj, "spec": {"a": 1}}


def test_a_rule_is_all_or_nothing() -> None:
    patches = [op("replace", "/spec/replicas", "7"), op("remove", "/nothing")]
    found = apply(deployment(), "deployments.apps", rule(patches=patches))
    assert found.obj == deployment()
    assert found.rules == []


def test_a_value_that_fails_a_patch_is_in_no_message() -> None:
    hidden = [
        rule(patches=[op("add", "/x", 'hid"den')]),
        rule(patches=[op("Add", "/x", "hidden")]),
        merges("kind: null\nx: hidden"),
        merges("hidden"),
    ]
    found = apply(deployment(), "deployments.apps", *hidden)
    assert len(found.errors) == 4
    assert "hid" not in str(found.errors + found.log)


def test_lines_of_the_log() -> None:
    found = apply(
        claim(),
        "persistentvolumeclaims",
        rule(matches=[{"path": CLASS, "value": "x"}]),
        rule("pods"),
        rule(patches=[op("test", CLASS, "x")]),
        rule("{", patches=TWO),
    )
    assert found.log == [
        ("info", "Conditions do not match, skip it"),
        ("info", "Applying resource modifier patch on foo/test-pvc"),
        ("info", f"Test operation failed for JSON Patch testing value {CLASS} failed: test failed"),
        (
            "error",
            "Bad glob pattern of groupResource in condition, groupResource: {, err: "
            "unexpected end of input",
        ),
    ]


@pytest.mark.parametrize(
    "given",
    [
        rule(patches=[op("add", "/metadata/labels/num", "1")]),
        rule(patches=[op("add", "/metadata/labels", '{"app": "nginx", "num": 1}')]),
        merges("metadata: {labels: {num: 1}}"),
        rule(strategicPatches=[{"patchData": "metadata: {labels: {num: 1}}"}]),
    ],
)
def test_d2_a_number_as_label(given: dict[str, Any]) -> None:
    strict = apply(deployment(), "deployments.apps", given)
    assert strict.obj["metadata"]["labels"] == {"app": "nginx", "num": 1}
    safe = apply(deployment(), "deployments.apps", given, strict=False)
    assert safe.obj["metadata"]["labels"] == {"app": "nginx", "num": "1"}
    assert strict.errors == safe.errors == []


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [("{b: true, f: 1.5}", {"b": "true", "f": "1.5"}), ("{app: x}", {"app": "x"})],
)
def test_d2_texts_of_scalars(labels: str, wanted: dict[str, str]) -> None:
    found = apply(
        deployment(), "deployments.apps", merges(f"metadata: {{labels: {labels}}}"), strict=False
    )
    assert found.obj["metadata"]["labels"] == {"app": "nginx", **wanted}


def test_d2_a_label_without_a_text_makes_the_rule_fail() -> None:
    given = merges("metadata: {labels: {a: [hidden]}}")
    found = apply(deployment(), "deployments.apps", given, strict=False)
    assert found.errors == [f"{PATCH}metadata.labels.a would be no text"]
    assert found.obj == deployment()


def test_d2_null_is_no_label() -> None:
    given = rule(patches=[op("add", "/metadata/labels/a", "null")])
    found = apply(deployment(), "deployments.apps", given, strict=False)
    assert found.obj == deployment()


def test_labels_that_are_no_texts_match_as_if_there_were_none() -> None:
    obj = deployment()
    obj["metadata"]["labels"]["n"] = 1
    given = rule(labelSelector={"matchLabels": {"app": "nginx"}}, patches=TWO)
    assert apply(obj, "deployments.apps", given).rules == []


def test_rules_without_use_are_told() -> None:
    applied = modifiers(rule("pods"), rule("deployments.apps", patches=TWO), rule("[", patches=TWO))
    applied.apply(deployment(), "deployments.apps")
    assert applied.unused() == [
        "Resource modifier rule 1 (pods) matched no object.",
        "Resource modifier rule 3 ([) matched no object.",
    ]


def test_rules_are_counted_by_many_threads() -> None:
    applied = modifiers(*(rule(f"r{number}", patches=TWO) for number in range(40)))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: applied.apply(deployment(), f"r{number % 39}"), range(400)))
    assert applied.unused() == ["Resource modifier rule 40 (r39) matched no object."]


VALUES = st.none() | st.booleans() | st.integers(0, 3) | st.text("xy", max_size=2)
TREES = st.dictionaries(
    st.sampled_from("abc"), VALUES | st.dictionaries(st.sampled_from("abc"), VALUES), max_size=3
)


def with_data(data: Any) -> dict[str, Any]:
    return {"kind": "Foo", "metadata": {"name": "x"}, "data": data}


def merge_rule(data: Any) -> dict[str, Any]:
    import json

    return merges(json.dumps({"data": data}))


@examples()
@given(TREES, TREES)
def test_a_merge_patch_twice_is_one(before: Any, change: Any) -> None:
    once = apply(with_data(before), "foos", merge_rule(change))
    twice = apply(with_data(before), "foos", merge_rule(change), merge_rule(change))
    assert once.obj == twice.obj
    assert apply(once.obj, "foos", merge_rule(change)).obj == once.obj


@examples()
@given(TREES, st.lists(TREES, max_size=4))
def test_rules_one_after_the_other_are_rules_at_once(before: Any, changes: list[Any]) -> None:
    at_once = apply(with_data(before), "foos", *map(merge_rule, changes)).obj
    obj = with_data(before)
    for change in changes:
        obj = apply(obj, "foos", merge_rule(change)).obj
    assert at_once == obj


@examples()
@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_rules_for_different_fields_does_not_matter(order: list[str]) -> None:
    rules = [rule(patches=[op("add", f"/data/{name}", name)]) for name in order]
    assert apply(with_data({}), "foos", *rules).obj == with_data({"a": "a", "b": "b", "c": "c"})


@examples()
@given(st.lists(st.sampled_from(["good", "bad", "other"]), max_size=6))
def test_faults_change_nothing_for_the_rules_around_them(kinds: list[str]) -> None:
    made = {
        "good": rule(patches=[op("add", "/data/list/-", "1")]),
        "bad": rule(patches=[op("add", "/data/list/-", "2"), op("remove", "/data/none")]),
        "other": rule("bars", patches=[op("add", "/data/list/-", "3")]),
    }
    found = apply(with_data({"list": []}), "foos", *(made[kind] for kind in kinds))
    assert found.obj == with_data({"list": [1] * kinds.count("good")})
    assert len(found.errors) == kinds.count("bad")
    assert found.rules == [at for at, kind in enumerate(kinds, 1) if kind == "good"]
