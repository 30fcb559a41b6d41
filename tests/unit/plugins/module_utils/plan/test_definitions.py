# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.plan.definitions import (
    CRD_GR,
    served_by,
    with_definitions_of,
)
from tests.support.builders import Manifest, MemoryCatalog, api_of, crd

NAMES = {"plural": "foos", "kind": "Foo", "shortNames": ["f"]}


@pytest.mark.parametrize(
    ("spec", "versions"),
    [
        ({"versions": [{"name": "v1"}, {"name": "v2", "served": True}]}, ["v1", "v2"]),
        ({"versions": [{"name": "v1", "served": False}, {"name": "v2"}]}, ["v2"]),
        ({"version": "v1beta1"}, ["v1beta1"]),
    ],
    ids=["several", "not-served", "old-form"],
)
def test_a_definition_serves_its_versions(spec: dict[str, Any], versions: list[str]) -> None:
    found = list(served_by({"spec": {"group": "g.io", "names": NAMES, "scope": "Cluster", **spec}}))
    assert [item.version for item in found] == versions
    (first, *_rest) = found
    assert (first.plural, first.kind, first.singular) == ("foos", "Foo", "foo")
    assert first.short_names == ("f",)
    assert not first.namespaced


def test_definitions_in_the_backup_add_what_the_cluster_lacks() -> None:
    api = with_definitions_of(
        MemoryCatalog([crd("foos", "x.io"), crd("bars", "apps", "Bar")]), api_of()
    )
    assert api.resolve_group_resource("foo") == "foos.x.io"
    assert api.resolve_group_resource("bars") == "bars.apps"
    assert api.resolve_group_resource("deploy") == "deployments.apps"
    assert api.groups["apps"].versions == ("v1",)


@pytest.mark.parametrize(
    "broken",
    [b"{", b'{"kind": "X", "spec": []}', b'{"kind": "X", "spec": {"versions": ["v1"]}}'],
    ids=["cut-off", "list", "version-is-text"],
)
def test_what_cannot_be_read_brings_nothing(broken: bytes) -> None:
    good: Manifest = crd("foos", "x.io")
    catalog = MemoryCatalog([good], raw={(CRD_GR, "", "broken"): broken})
    assert with_definitions_of(catalog, api_of()).resolve("foos") is not None
