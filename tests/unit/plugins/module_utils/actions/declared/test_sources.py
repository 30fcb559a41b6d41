# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.declared.mappings import (
    check_storage_classes,
    inline_config,
)
from ansible_collections.velero.core.plugins.module_utils.actions.declared.sources import (
    OwnActions,
    listed_actions,
    stored_actions,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ForbiddenError,
    RequestError,
)
from tests.support.builders import NAMESPACES, api_of, config_map, obj, resource
from tests.support.fake_cluster import FakeCluster, api_error

LABELS = {"velero-core.io/item-action": ""}


def stored(name: str, text: str | None) -> dict[str, Any]:
    item = config_map(name, "velero", data={} if text is None else {"action.yaml": text})
    item["metadata"]["labels"] = LABELS
    return item


def test_actions_of_the_cluster_by_name() -> None:
    cluster = FakeCluster(
        stored("b", "name: first"), stored("a", "name: second"), config_map("c", "velero")
    )
    found = stored_actions(cluster, "velero")
    assert [one.name for one in found] == ["second", "first"]
    assert stored_actions(cluster, "other") == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "ConfigMap velero/a: it has the label velero-core.io/item-action and no key"),
        (
            "name: a\nname: b",
            'it is no YAML: yaml: unmarshal errors: line 2: key "name" already set in map',
        ),
        ("{", "ConfigMap velero/a: it is no YAML"),
        ("name: a\nwhen: 1", "ConfigMap velero/a.when: a text is needed"),
    ],
)
def test_mistakes_in_the_cluster(text: str | None, why: str) -> None:
    with pytest.raises(RequestError) as caught:
        stored_actions(FakeCluster(stored("a", text)), "velero")
    assert why in str(caught.value)


def test_a_cluster_that_does_not_tell() -> None:
    cluster = FakeCluster()
    cluster.fail("list", error=api_error("Forbidden", "no"))
    with pytest.raises(ForbiddenError, match="set cluster_item_actions to false"):
        stored_actions(cluster, "velero")


def test_a_list_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("name: one\nskip: true\n")
    entries = [{"name": "two"}, {"file": str(tmp_path / "one.yml")}]
    own = OwnActions(list(listed_actions(entries)))
    cluster = FakeCluster()
    assert [one.name for one in own.bind(cluster, cluster.clock)] == ["two", "one"]
    assert cluster.calls == []


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("x", "item_actions[0]: a mapping is needed, not a text"),
        ({"file": "/none"}, "item_actions[0] /none: the file cannot be read: No such file"),
        ({"file": 1}, "item_actions[0].file: a text is needed"),
        ({"file": "/none", "name": "x"}, "item_actions[0]: unknown name"),
        ({"python": "/none"}, "item_actions[0].class: a text is needed"),
        ({"python": "/none", "class": "A", "name": "x"}, "item_actions[0]: unknown name"),
        (
            {"python": "/none", "class": "A", "options": []},
            "item_actions[0] there is no file",
        ),
        (
            {"python": "/none", "class": "A", "options": ["x"]},
            "item_actions[0].options: a mapping of names to values is needed",
        ),
    ],
)
def test_mistakes_in_the_list(entry: Any, why: str) -> None:
    with pytest.raises(RequestError) as caught:
        list(listed_actions([entry]))
    assert why in str(caught.value).replace("item_actions[0]: there", "item_actions[0] there")


def test_a_name_is_taken_once() -> None:
    with pytest.raises(RequestError, match="two item actions have this name"):
        OwnActions(list(listed_actions([{"name": "a"}, {"name": "a"}])))


def test_mappings_as_configuration_of_actions() -> None:
    assert inline_config({}, {}) == {}
    assert inline_config({"a": "b"}, {"x/": "y/", "z": "w"}) == {
        "velero.io/change-storage-class": {"a": "b"},
        "velero.io/change-image-name": {
            "image_mapping[x/]": "x/,y/",
            "image_mapping[z]": "z,w",
        },
    }


@pytest.mark.parametrize("images", [{"": "a"}, {"a": ""}, {" ": "a"}, {"a,b": "c"}, {"a": "b,c"}])
def test_images_that_cannot_be_mapped(images: dict[str, str]) -> None:
    with pytest.raises(RequestError, match="texts without a comma"):
        inline_config({}, images)


def test_storage_classes_have_to_be_there() -> None:
    classes = resource("storageclasses.storage.k8s.io", "StorageClass", namespaced=False)
    cluster = FakeCluster(api=api_of(classes, NAMESPACES))
    cluster.put(obj("StorageClass", "fast", api="storage.k8s.io/v1"))
    check_storage_classes(cluster, {"a": "fast", "b": "fast"})
    assert len(cluster.calls) == 1
    with pytest.raises(RequestError, match="no storage class 'none', '', 'x/y' in the cluster"):
        check_storage_classes(cluster, {"a": "none", "b": "fast", "c": "", "d": "x/y"})
