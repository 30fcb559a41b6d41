# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.velero.core.plugins.module_utils import (
    ansible_item_action,
    ansible_item_action_inputs,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_connect import Access
from ansible_collections.velero.core.plugins.module_utils.ansible_item_action_spec import (
    ITEM_ACTION,
)
from tests.support.builders import (
    RESTORES,
    SERVED,
    Manifest,
    MemoryCatalog,
    api_of,
    archive,
    config_map,
    obj,
)
from tests.support.fake_cluster import FakeCluster
from tests.unit.plugins.modules.support import run

LABEL = "velero-core.io/item-action"
OURS = {"app.kubernetes.io/managed-by": "velero.core"}
WAIT = {
    "name": "example.com/wait",
    "applies_to": {"included_resources": ["cm"]},
    "patches": [{"merge": {"data": {"b": "2"}}}],
}
CLASSES = {"plugin": "change-storage-class", "data": {"gp2": "standard"}}
CLASS_LABELS = {
    "velero.io/plugin-config": "",
    "velero.io/change-storage-class": "RestoreItemAction",
}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    fake = FakeCluster(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "velero"}},
        api=api_of(*SERVED, RESTORES),
    )
    monkeypatch.setattr(Access, "cluster", property(lambda self: fake))
    monkeypatch.setattr(ansible_item_action_inputs, "SystemClock", lambda: fake.clock)
    return fake


def do(state: str, *, check_mode: bool = False, diff: bool = True, **given: Any) -> dict[str, Any]:
    given = copy.deepcopy(given)
    task = {"state": state, **given}
    return run(ITEM_ACTION, ansible_item_action.run, task, check_mode=check_mode, diff=diff)


def stored(name: str, document: Any, **labels: str) -> Manifest:
    text = document if isinstance(document, str) else yaml.safe_dump(document)
    return config_map(name, "velero", data={"action.yaml": text}, labels={LABEL: "", **labels})


def failure(values: dict[str, Any]) -> str:
    assert values.get("failed"), values
    return str(values["msg"])


# ------------------------------------------------------------------ present


PRESENT = [
    ({"definition": WAIT}, "example.com-wait", {LABEL: ""}),
    ({"definition": WAIT, "name": "Mine_1"}, "mine-1", {LABEL: ""}),
    ({"velero_config": CLASSES}, "change-storage-class-config", CLASS_LABELS),
    ({"velero_config": CLASSES, "name": "classes"}, "classes", CLASS_LABELS),
    (
        {"velero_config": {"plugin": "velero.io/pod-volume-restore", "data": {}}},
        "fs-restore-action-config",
        {
            "velero.io/plugin-config": "",
            "velero.io/pod-volume-restore": "RestoreItemAction",
        },
    ),
    (
        {"velero_config": {"plugin": "example.com/mine", "data": {"number": 1}}},
        "mine-config",
        {"velero.io/plugin-config": "", "example.com/mine": "RestoreItemAction"},
    ),
]


@pytest.mark.parametrize(("given", "name", "labels"), PRESENT)
def test_present_makes_one_config_map_once(
    given: dict[str, Any], name: str, labels: dict[str, str], cluster: FakeCluster
) -> None:
    planned = do("present", check_mode=True, **given)
    assert planned["changed"] is True
    assert cluster.writes == []
    made = do("present", **given)
    assert made["changed"] is True
    assert made["config_map"] == planned["config_map"]
    found = cluster.see("configmaps", "velero", name)
    assert found["metadata"]["labels"] == {**labels, **OURS}
    assert made["config_map"]["data"] == found["data"]
    (change,) = made["diff"]
    assert (change["before"], change["after_header"]) == ("", f"configmaps/velero/{name}")
    assert yaml.safe_load(change["after"]) == made["config_map"]
    for check_mode in (True, False):
        again = do("present", check_mode=check_mode, **given)
        assert (again["changed"], again["config_map"]) == (False, made["config_map"])
    assert len(cluster.writes) == 1


def test_the_text_of_an_action_is_what_was_declared(cluster: FakeCluster) -> None:
    do("present", definition=WAIT)
    text = cluster.see("configmaps", "velero", "example.com-wait")["data"]["action.yaml"]
    assert yaml.safe_load(text) == WAIT
    assert text.startswith("name: example.com/wait\n")


def test_the_option_name_fills_in_that_of_the_definition(cluster: FakeCluster) -> None:
    unnamed = {key: value for key, value in WAIT.items() if key != "name"}
    do("present", name="example.com/wait", definition=unnamed)
    text = cluster.see("configmaps", "velero", "example.com-wait")["data"]["action.yaml"]
    assert yaml.safe_load(text) == WAIT


def test_a_text_that_says_the_same_is_left_alone(cluster: FakeCluster) -> None:
    cluster.put(stored("by-hand", "# mine\n" + json.dumps(WAIT), **OURS))
    assert do("present", definition=WAIT)["changed"] is False


def test_an_action_is_found_by_its_name_and_taken_over(cluster: FakeCluster) -> None:
    cluster.put(stored("by-hand", {**WAIT, "patches": []}))
    done = do("present", definition=WAIT)
    assert done["changed"] is True
    assert done["config_map"]["name"] == "by-hand"
    assert cluster.see("configmaps", "velero", "by-hand")["metadata"]["labels"] == {
        LABEL: "",
        **OURS,
    }
    assert "patches: []" in done["diff"][0]["before"]


def test_keys_of_a_configuration_that_are_not_wanted_go(cluster: FakeCluster) -> None:
    cluster.put(config_map("any", "velero", data={"old": "x"}, labels=CLASS_LABELS))
    done = do("present", velero_config=CLASSES)
    assert done["config_map"]["name"] == "any"
    assert cluster.see("configmaps", "velero", "any")["data"] == {"gp2": "standard"}
    assert cluster.said() == ["patch configmaps/velero/any"]


REFUSED = [
    ({}, "is required"),
    ({"definition": WAIT, "velero_config": CLASSES}, "mutually exclusive"),
    ({"definition": {"name": "a", "patch": []}}, "unknown patch"),
    ({"definition": {"name": "velero.io/a"}}, "kept for Velero"),
    ({"definition": {"file": "a.yml"}}, "no reference to a file"),
    ({"definition": {"python": "a.py", "class": "A"}}, "no reference to a file"),
    ({"definition": WAIT, "name": "ä"}, "no name for a ConfigMap"),
    ({"definition": WAIT, "name": "other"}, "for something else"),
    (
        {"velero_config": {"plugin": "change-storage-class", "data": {"a": True}}},
        "Put it in quotes",
    ),
    ({"velero_config": CLASSES, "velero_namespace": "nowhere"}, "Create the namespace nowhere"),
]


@pytest.mark.parametrize(("given", "why"), REFUSED)
def test_what_is_refused(given: dict[str, Any], why: str, cluster: FakeCluster) -> None:
    cluster.put(config_map("other", "velero"))
    assert why in failure(do("present", **given))
    assert [call for call in cluster.writes if call.namespace != "nowhere"] == []


def test_two_configurations_of_a_plugin_are_an_error(cluster: FakeCluster) -> None:
    for name in ("b", "a"):
        cluster.put(config_map(name, "velero", labels={**CLASS_LABELS, **OURS}))
    for state in ("present", "absent"):
        text = failure(do(state, velero_config=CLASSES))
        assert "there are several in namespace velero: a, b" in text
    assert cluster.writes == []


def test_a_second_configuration_of_a_plugin_is_not_made(cluster: FakeCluster) -> None:
    cluster.put(config_map("first", "velero", labels=CLASS_LABELS))
    text = failure(do("present", velero_config=CLASSES, name="second"))
    assert "ConfigMap velero/first holds it already" in text


# ------------------------------------------------------------------ absent


ABSENT = [
    ({"name": "example.com/wait"}, "example.com-wait"),
    ({"name": "example.com-wait"}, "example.com-wait"),
    ({"name": "example.com/hand"}, "by-hand"),
    ({"definition": WAIT}, "example.com-wait"),
    ({"velero_config": {"plugin": "change-storage-class"}}, "classes"),
    ({"velero_config": {"plugin": "change-storage-class"}, "name": "classes"}, "classes"),
    ({"name": "classes"}, "classes"),
    ({"velero_config": {"plugin": "change-storage-class"}, "name": "others"}, ""),
    ({"velero_config": {"plugin": "change-image-name"}}, ""),
    ({"name": "plain"}, ""),
    ({"name": "nothing"}, ""),
]


@pytest.mark.parametrize(("given", "name"), ABSENT)
def test_absent_removes_what_is_meant(
    given: dict[str, Any], name: str, cluster: FakeCluster
) -> None:
    cluster.put(stored("example.com-wait", WAIT, **OURS))
    cluster.put(stored("by-hand", {"name": "example.com/hand"}, **OURS))
    cluster.put(stored("broken", "a: [", **OURS))
    cluster.put(config_map("classes", "velero", labels={**CLASS_LABELS, **OURS}))
    cluster.put(config_map("plain", "velero"))
    planned = do("absent", check_mode=True, **given)
    assert cluster.writes == []
    done = do("absent", **given)
    assert planned["changed"] == done["changed"] == bool(name)
    assert cluster.said() == ([f"delete configmaps/velero/{name}"] if name else [])
    assert do("absent", **given)["changed"] is False


@pytest.mark.parametrize(
    "given", [{"name": "example.com/wait"}, {"velero_config": {"plugin": "change-storage-class"}}]
)
def test_absent_leaves_what_others_made(given: dict[str, Any], cluster: FakeCluster) -> None:
    cluster.put(stored("example.com-wait", WAIT))
    cluster.put(config_map("classes", "velero", labels=CLASS_LABELS))
    assert "was not made by velero.core" in failure(do("absent", **given))
    assert cluster.writes == []


# ------------------------------------------------------------------ executed


POD = obj(
    "Pod",
    "web",
    "shop",
    spec={"nodeName": "n1", "containers": [{"name": "c", "image": "old/x"}]},
    status={"phase": "Running"},
    meta={"uid": "u"},
)


@pytest.mark.parametrize("name", ["pod", "velero.io/pod"])
def test_a_built_in_action_is_executed(name: str, cluster: FakeCluster) -> None:
    done = do("executed", name=name, item=POD)
    assert (done["changed"], done["applies"]) == (False, True)
    assert done["action"] == {
        "name": "velero.io/pod",
        "source": "builtin",
        "origin": "",
        "version": "v1",
    }
    item = done["output"]["updated_item"]
    assert "nodeName" not in item["spec"]
    assert "status" not in item
    assert "uid" not in item["metadata"]
    assert done["diff"][0]["before_header"] == "pods/shop/web"
    assert 'spec.nodeName: "n1"' in done["diff"][0]["before"]
    assert set(done["output"]) == {
        "updated_item",
        "additional_items",
        "skip_restore",
        "operation_id",
        "wait_for_additional_items",
        "additional_items_ready_timeout",
    }
    assert cluster.writes == []


def test_a_configuration_is_tried_before_it_is_stored(cluster: FakeCluster) -> None:
    config = {"plugin": "change-image-name", "data": {"x": "old,new"}}
    done = do("executed", velero_config=config, item=POD)
    assert done["output"]["updated_item"]["spec"]["containers"][0]["image"] == "new/x"


@pytest.mark.parametrize(
    ("given", "source", "origin"),
    [
        ({"definition": WAIT}, "given", "definition"),
        ({"name": "example.com/wait"}, "config_map", "ConfigMap velero/any"),
    ],
)
def test_a_declared_action_is_executed(
    given: dict[str, Any], source: str, origin: str, cluster: FakeCluster
) -> None:
    cluster.put(stored("any", WAIT))
    for check_mode in (False, True):
        done = do("executed", item=config_map(), check_mode=check_mode, **given)
        assert done["output"]["updated_item"]["data"] == {"a": "1", "b": "2"}
        assert (done["action"]["source"], done["action"]["origin"]) == (source, origin)
        assert done["diff"][0]["after"] == 'data.b: "2"\n'


PYTHON = """
class Mine:
    name = "example.com/python"
    has_side_effects = {effects}

    def applies_to(self):
        return {{"included_resources": ("configmaps",)}}

    def execute(self, given):
        {body}

    def progress(self, operation_id, restore):
        return {{"completed": operation_id == "done", "n_total": 2}}

    def are_additional_items_ready(self, items, restore):
        return bool(items) and items[0].group_resource == "deployments.apps"
"""


def python(folder: Path, *, effects: bool = False, body: str = "return None") -> dict[str, str]:
    path = folder / "mine.py"
    path.write_text(PYTHON.format(effects=effects, body=body))
    return {"python": str(path), "class": "Mine"}


def test_side_effects_are_not_for_check_mode(cluster: FakeCluster, tmp_path: Path) -> None:
    given = {"definition": python(tmp_path, effects=True), "item": config_map()}
    assert "this is check mode" in failure(do("executed", check_mode=True, **given))
    done = do("executed", **given)
    assert (done["changed"], done["diff"]) == (True, [])
    assert done["output"]["updated_item"]["data"] == {"a": "1"}


def test_an_action_that_fails_fails_the_task(cluster: FakeCluster, tmp_path: Path) -> None:
    body = "raise RuntimeError('no')"
    text = failure(do("executed", definition=python(tmp_path, body=body), item=config_map()))
    assert "executing the item action example.com/python for configmaps/shop/x" in text
    assert "RuntimeError: no" in text


NOT_FOR_IT = [
    ({"name": "pod", "item": config_map()}, "it is not for configmaps"),
    (
        {"definition": {**WAIT, "applies_to": {"label_selector": "a=b"}}, "item": config_map()},
        "the labels do not match a=b",
    ),
    (
        {
            "definition": {**WAIT, "applies_to": {"included_namespaces": ["shop"]}},
            "item": config_map(),
            "restore": {"spec": {"namespaceMapping": {"shop": "copy"}}},
        },
        "it is not for the namespace 'copy'",
    ),
    ({"name": "csi-pvc-restorer", "item": obj("PersistentVolumeClaim")}, "EnableCSI is not on"),
]


@pytest.mark.parametrize(("given", "why"), NOT_FOR_IT)
def test_an_action_that_is_not_for_the_item_is_not_run(
    given: dict[str, Any], why: str, cluster: FakeCluster
) -> None:
    done = do("executed", **given)
    assert (done["applies"], done["changed"], done["diff"]) == (False, False, [])
    assert why in done["msg"]
    assert done["output"]["updated_item"] == given["item"]


def test_the_feature_turns_csi_actions_on(cluster: FakeCluster) -> None:
    item = obj("PersistentVolumeClaim", "data", "shop", spec={})
    done = do("executed", name="csi-pvc-restorer", item=item, features=["EnableCSI"])
    assert "fail to get backup for restore" in failure(done)


def test_a_skipped_item_and_additional_items(cluster: FakeCluster) -> None:
    more = {"resource": "secrets", "name": "s-{name}"}
    definition = {"name": "a", "additional_items": [more], "ready_when": [{"jmespath": "kind"}]}
    done = do("executed", definition={**definition, "timeout": "90s"}, item=config_map())
    assert done["output"]["additional_items"] == [
        {"group": "", "resource": "secrets", "namespace": "shop", "name": "s-x"}
    ]
    assert done["output"]["wait_for_additional_items"] is True
    assert done["output"]["additional_items_ready_timeout"] == 90
    assert "names 1 additional items" in done["msg"]
    skipped = do("executed", definition={"name": "a", "skip": True}, item=config_map())
    assert skipped["output"]["skip_restore"] is True


def test_values_of_a_secret_are_not_shown(cluster: FakeCluster) -> None:
    secret, new = (base64.b64encode(text).decode() for text in (b"hidden-value", b"new-value"))
    item = obj("Secret", "s", "shop", data={"a": secret, "b": secret}, type="Opaque")
    merge = {"data": {"b": new, "c": new}}
    done = do("executed", definition={"name": "a", "patches": [{"merge": merge}]}, item=item)
    shown = done["output"]["updated_item"]["data"]
    assert shown["a"].startswith("hmac-sha256:")
    assert shown["b"] == shown["c"] != shown["a"]
    assert f'data.b: "{shown["b"]}"' in done["diff"][0]["after"]
    for text in (secret, new, "hidden-value"):
        assert text not in json.dumps(done)


BAD_ITEMS = [
    ({"item": {}}, "it is empty"),
    ({"item": {"kind": "Pod"}}, "apiVersion, kind and metadata"),
    ({"item": obj("Foo", api="example.com/v1")}, "has no kind Foo in example.com/v1"),
    ({"item": POD, "restore": ["a"]}, "neither a name nor a mapping"),
    ({"item": POD, "restore": {"spec": []}}, "restore.spec: it is not a mapping"),
    ({"item": POD, "restore": "unknown"}, "there is no restore of this name"),
    ({"item": POD, "name": "nothing"}, "finding the item action nothing: there is none"),
    ({"item": POD, "from_backup": {"resource": "a", "name": "b"}}, "one of the following"),
    ({}, "state is executed"),
]


@pytest.mark.parametrize(("given", "why"), BAD_ITEMS)
def test_bad_items(given: dict[str, Any], why: str, cluster: FakeCluster) -> None:
    assert why in failure(do("executed", **{"name": "pod", **given}))


def test_an_item_is_read_from_an_archive(cluster: FakeCluster, tmp_path: Path) -> None:
    (tmp_path / "b1.tar.gz").write_bytes(archive(MemoryCatalog([POD])))
    source = {"archive": str(tmp_path / "b1.tar.gz"), "resource": "po", "namespace": "shop"}
    done = do("executed", name="pod", from_backup={**source, "name": "web"})
    assert done["applies"] is True
    assert done["diff"][0]["before_header"] == "pods/shop/web"
    text = failure(do("executed", name="pod", from_backup={**source, "name": "other"}))
    assert "it has no item pods/shop/other" in text
    gone = {**source, "archive": str(tmp_path / "c.tar.gz"), "name": "web"}
    assert "there is no such file" in failure(do("executed", name="pod", from_backup=gone))


def test_the_restore_object_is_completed_or_read(cluster: FakeCluster, tmp_path: Path) -> None:
    body = "given.item['data'] = {'seen': str(given.restore)}; return {'updated_item': given.item}"
    definition = python(tmp_path, body=body)

    def seen(**given: Any) -> str:
        done = do("executed", definition=definition, item=config_map(), **given)
        return str(done["output"]["updated_item"]["data"]["seen"])

    assert "'metadata': {'name': 'item-action', 'namespace': 'velero'}" in seen()
    assert "'uid': '17'" in seen(restore={"metadata": {"uid": "17"}})
    cluster.put(obj("Restore", "r1", "velero", api="velero.io/v1", spec={"backupName": "b7"}))
    assert "'backupName': 'b7'" in seen(restore="r1")


# ------------------------------------------------------------------ ready, completed, cancelled


ITEMS = [{"resource": "deployments.apps", "namespace": "shop", "name": "operator"}]
READY = {"name": "example.com/wait", "ready_when": [{"condition": {"type": "Available"}}]}


def deployment(status: str) -> Manifest:
    conditions = [{"type": "Available", "status": status}]
    return obj("Deployment", "operator", "shop", api="apps/v1", status={"conditions": conditions})


def test_ready_waits_for_the_live_items(cluster: FakeCluster) -> None:
    cluster.put(stored("any", READY))

    def come() -> None:
        if len(cluster.clock.slept) == 3:
            cluster.put(deployment("True"))

    cluster.clock.on_sleep = come
    done = do("ready", name="example.com/wait", additional_items=ITEMS)
    assert (done["ready"], done["changed"]) == (True, False), done
    assert len(cluster.clock.slept) == 3
    grouped = [{**ITEMS[0], "resource": "deployments", "group": "apps"}]
    assert do("ready", definition=READY, additional_items=grouped)["ready"] is True


def test_ready_fails_after_its_time(cluster: FakeCluster) -> None:
    cluster.put(deployment("False"))
    given = {"definition": READY, "additional_items": ITEMS}
    done = do("ready", timeout="30s", **given)
    assert (done["ready"], done["failed"]) == (False, True)
    assert "are not ready after 30s" in done["msg"]
    assert sum(cluster.clock.slept) == 30
    once = do("ready", check_mode=True, **given)
    assert (once["ready"], once.get("failed")) == (False, None)
    assert sum(cluster.clock.slept) == 30
    mapped = {"spec": {"namespaceMapping": {"copied": "shop"}}}
    cluster.put(deployment("True"))
    items = [{**ITEMS[0], "namespace": "copied"}]
    done = do("ready", definition=READY, additional_items=items, restore=mapped)
    assert done["ready"] is True


@pytest.mark.parametrize(
    ("told", "given", "waited"),
    [({}, {}, 600), ({"timeout": "5s"}, {}, 5), ({}, {"timeout": 3}, 3)],
)
def test_how_long_ready_waits(
    told: dict[str, Any], given: dict[str, Any], waited: int, cluster: FakeCluster
) -> None:
    do("ready", definition={**READY, **told}, additional_items=ITEMS, **given)
    assert sum(cluster.clock.slept) == waited


def test_a_v1_action_is_always_ready(cluster: FakeCluster) -> None:
    assert do("ready", name="pod")["ready"] is True


IMPORT = {
    "name": "example.com/import",
    "operation": {
        "resource": "jobs.batch",
        "name": "import-{name}",
        "done_when": {"jmespath": "status.done"},
        "failed_when": {"jmespath": "status.failed"},
        "progress": {"n_completed": "status.n", "n_total": "`4`", "units": "'rows'"},
    },
}
OPERATION = {"definition": IMPORT, "operation_id": "//jobs.batch/shop/import-x"}


def job(**status: Any) -> Manifest:
    return obj("Job", "import-x", "shop", api="batch/v1", status=status)


def test_completed_polls_with_pauses_that_grow(cluster: FakeCluster) -> None:
    executed = do("executed", definition=IMPORT, item=config_map())
    assert executed["output"]["operation_id"] == OPERATION["operation_id"]

    def go_on() -> None:
        cluster.put(job(n=len(cluster.clock.slept), done=len(cluster.clock.slept) == 5))

    cluster.clock.on_sleep = go_on
    done = do("completed", **OPERATION)
    assert cluster.clock.slept == [1, 2, 4, 8, 10]
    assert done["progress"]["completed"] is True
    assert (done["progress"]["n_completed"], done["progress"]["operation_units"]) == (5, "rows")
    assert set(done["progress"]) == {
        "completed",
        "err",
        "n_completed",
        "n_total",
        "operation_units",
        "description",
        "started",
        "updated",
    }


def test_an_operation_that_fails_or_takes_too_long_fails_the_task(cluster: FakeCluster) -> None:
    cluster.put(job(n=1))
    late = do("completed", timeout=20, **OPERATION)
    assert late["failed"] is True
    assert "did not end within 20s (1 of 4 rows); it goes on" in late["msg"]
    assert sum(cluster.clock.slept) == 20
    once = do("completed", check_mode=True, **OPERATION)
    assert "failed" not in once or not once["failed"]
    assert once["progress"]["completed"] is False
    cluster.put(job(failed=True))
    broken = do("completed", **OPERATION)
    assert broken["failed"] is True
    assert broken["progress"]["err"] in broken["msg"]


BAD_OPERATIONS = [
    ({"name": "pod"}, "Plugin does not support asynchronous operations"),
    ({"definition": IMPORT}, "operation ID op-1 is invalid"),
]


@pytest.mark.parametrize("state", ["completed", "cancelled"])
@pytest.mark.parametrize(("given", "why"), BAD_OPERATIONS)
def test_bad_operations(state: str, given: dict[str, Any], why: str, cluster: FakeCluster) -> None:
    assert why in failure(do(state, operation_id="op-1", **given))
    assert "operation_id" in failure(do(state, **given))


def test_cancelled(cluster: FakeCluster, tmp_path: Path) -> None:
    definition = python(tmp_path)
    for check_mode in (True, False):
        done = do("cancelled", definition=definition, operation_id="x", check_mode=check_mode)
        assert done["changed"] is True
        assert done["progress"]["n_total"] == 2
    ended = do("cancelled", definition=definition, operation_id="done")
    assert (ended["changed"], ended["warnings"]) == (False, [])
    cluster.put(job(n=1))
    watched = do("cancelled", **OPERATION)
    assert watched["changed"] is False
    assert "only watched" in watched["warnings"][0]
