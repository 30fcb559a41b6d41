# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.names import (
    group_resource,
    label_value,
    namespaced_name,
    resource_id,
    split_group_resource,
)

LONG = "the-very-long-restore-name-that-nobody-would-ever-choose-but-a-machine"


@pytest.mark.parametrize("name", ["", "short", "a" * 62, "a" * 63])
def test_label_value_of_63_characters_is_kept(name: str) -> None:
    assert label_value(name) == name


@pytest.mark.parametrize("name", ["a" * 64, "a" * 300, LONG])
def test_longer_label_value_ends_in_six_digits_of_its_hash(name: str) -> None:
    shortened = label_value(name)
    assert len(shortened) == 63
    assert shortened == name[:57] + hashlib.sha256(name.encode()).hexdigest()[:6]


def test_the_63_rule_on_a_known_name() -> None:
    assert (
        label_value(LONG)
        == "the-very-long-restore-name-that-nobody-would-ever-choose-"
        + (hashlib.sha256(LONG.encode()).hexdigest()[:6])
    )
    assert label_value(LONG) != label_value(LONG + "x")


@pytest.mark.parametrize(
    ("gr", "resource", "group"),
    [
        ("pods", "pods", ""),
        ("deployments.apps", "deployments", "apps"),
        ("foos.a.example.io", "foos", "a.example.io"),
    ],
)
def test_group_resource_and_back(gr: str, resource: str, group: str) -> None:
    assert split_group_resource(gr) == (resource, group)
    assert group_resource(resource, group) == gr


@pytest.mark.parametrize(
    ("gr", "namespace", "name", "identity"),
    [
        ("pods", "shop", "web", "pods/shop/web"),
        ("persistentvolumes", "", "pv-1", "persistentvolumes/pv-1"),
        ("deployments.apps", "shop", "web", "deployments.apps/shop/web"),
    ],
)
def test_resource_id(gr: str, namespace: str, name: str, identity: str) -> None:
    assert resource_id(gr, namespace, name) == identity
    assert identity.endswith(namespaced_name(namespace, name))
