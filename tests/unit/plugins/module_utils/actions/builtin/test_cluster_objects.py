# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions for webhook configurations, APIServices, CRDs and claims."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from tests.conformance.item_actions.call import execute, updated

Manifest = dict[str, Any]


def webhooks(value: Any, version: str = "v1") -> Manifest:
    api_version = f"admissionregistration.k8s.io/{version}"
    return {"apiVersion": api_version, "kind": "MutatingWebhookConfiguration", "webhooks": value}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("None", "None"),
        ("NoneOnDryRun", "NoneOnDryRun"),
        ("Some", "None"),
        ("none", "None"),
        (None, "None"),
        (5, "None"),
        (["None"], "None"),
    ],
)
def test_side_effects(value: Any, expected: str) -> None:
    found = updated("admission-webhook-configuration", webhooks([{"sideEffects": value}, {}]))
    assert found == webhooks([{"sideEffects": expected}, {"sideEffects": "None"}])


@pytest.mark.parametrize(
    "item", [webhooks("x", "v1beta1"), {"webhooks": "x"}, webhooks([])], ids=str
)
def test_configurations_that_stay(item: Manifest) -> None:
    assert updated("admission-webhook-configuration", item) == item


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (
            webhooks({}),
            "failed to get webhooks slice from input item: .webhooks accessor error: map[] is of "
            "the type map[string]interface {}, expected []interface{}",
        ),
        (webhooks([None]), "webhook <nil> is no object"),
        (
            {"apiVersion": None},
            "failed to get the apiVersion from input item: .apiVersion accessor error: <nil> is "
            "of the type <nil>, expected string",
        ),
    ],
)
def test_refused_configurations(item: Manifest, text: str) -> None:
    with pytest.raises(ActionError) as caught:
        execute("admission-webhook-configuration", item)
    assert str(caught.value) == text


def test_api_service() -> None:
    found = execute("apiservice", {"kind": "APIService", "odd": 1})
    assert found.skip_restore
    assert found.updated_item == {"kind": "APIService", "odd": 1}


def crd(spec: Any, **more: Any) -> Manifest:
    body: Manifest = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    return {**body, "spec": spec, **more}


MARK = "x-kubernetes-preserve-unknown-fields"


def version(schema: Any) -> Manifest:
    return {"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ({"versions": [version({})]}, {"versions": [version({})]}),
        (
            {"preserveUnknownFields": False, "versions": [version({})]},
            {"preserveUnknownFields": False, "versions": [version({})]},
        ),
        ({"preserveUnknownFields": True}, {}),
        ({"preserveUnknownFields": True, "versions": []}, {"versions": []}),
        (
            {"preserveUnknownFields": True, "versions": [version({"a": 1}), {"name": "v2"}, None]},
            {"versions": [version({"a": 1, MARK: True}), {"name": "v2"}, None]},
        ),
        (
            {"preserveUnknownFields": True, "versions": [version({MARK: False})]},
            {"versions": [version({MARK: True})]},
        ),
        (
            {"preserveUnknownFields": True, "versions": [version(None), {"schema": {}}]},
            {"versions": [version(None), {"schema": {}}]},
        ),
        (
            {"PreserveUnknownFields": True, "versions": [{"NAME": "v"}]},
            {"versions": [{"NAME": "v"}]},
        ),
        # encoding/json reads keys in their order, and the last one wins.
        (
            {"PreserveUnknownFields": True, "preserveUnknownFields": False},
            {"PreserveUnknownFields": True, "preserveUnknownFields": False},
        ),
    ],
)
def test_crd(given: Any, expected: Any) -> None:
    assert updated("crd-preserve-fields", crd(given)) == crd(expected)


def test_older_crds_stay() -> None:
    item = crd({"preserveUnknownFields": True}, apiVersion="apiextensions.k8s.io/v1beta1")
    assert updated("crd-preserve-fields", item) == item


JSON = (
    "unable to convert CRD from unstructured to structured: unable to convert JSON to CRD Go type: "
    "json: cannot unmarshal "
)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (crd({}, name=5), "could not get CRD name: .name accessor error: 5 is of the type int64"),
        ({"apiVersion": 1}, "could not get CRD version: .apiVersion accessor error: 1 is of the"),
        (crd("x"), f"{JSON}string into Go struct field CustomResourceDefinition.spec of type"),
        (crd({"preserveUnknownFields": "true"}), f"{JSON}string"),
        (crd({}, metadata=[]), f"{JSON}array"),
        (crd({"scope": 5}), f"{JSON}number"),
        (crd({"versions": {}}), f"{JSON}object"),
        (crd({"versions": [version({MARK: "true"})]}), f"{JSON}string"),
        (crd({"versions": [5]}), f"{JSON}number"),
        (crd({"versions": [{"served": "yes"}]}), f"{JSON}string"),
        (crd({"versions": [version([])]}), f"{JSON}array"),
    ],
)
def test_refused_crds(item: Manifest, text: str) -> None:
    with pytest.raises(ActionError) as caught:
        execute("crd-preserve-fields", item)
    assert str(caught.value).startswith(text)


def claim(annotations: Manifest | None = None, **more: Any) -> Manifest:
    metadata: Manifest = {"name": "data", "namespace": "shop"}
    if annotations is not None:
        metadata["annotations"] = annotations
    body: Manifest = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
    return {**body, **more}


@pytest.mark.parametrize(
    "annotation",
    [
        "pv.kubernetes.io/bind-completed",
        "pv.kubernetes.io/bound-by-controller",
        "volume.kubernetes.io/storage-provisioner",
        "volume.beta.kubernetes.io/storage-provisioner",
        "volume.kubernetes.io/selected-node",
        "velero.io/volume-snapshot-name",
        "velero.io/data-upload-name",
    ],
)
def test_annotations_of_a_claim(annotation: str) -> None:
    assert updated("pvc", claim({annotation: "x", "keep": "y"})) == claim({"keep": "y"})
    assert updated("pvc", claim({annotation: "x"})) == claim()


@pytest.mark.parametrize(
    ("status", "spec", "names"),
    [
        ({"phase": "Bound"}, {"volumeName": "pv1"}, ["persistentvolumes/pv1"]),
        ({"phase": "Bound"}, {"volumeName": ""}, []),
        ({"phase": "Bound"}, None, []),
        ({"phase": "Pending"}, {"volumeName": "pv1"}, []),
        (None, {"volumeName": "pv1"}, []),
    ],
)
def test_volume_of_a_claim(status: Any, spec: Any, names: list[str]) -> None:
    backup = claim(spec=spec, status=status)
    found = execute("pvc", claim(spec={"volumeName": "other"}), backup=backup)
    assert [item.id for item in found.additional_items] == names
    assert found.updated_item == claim(spec={"volumeName": "other"})


@pytest.mark.parametrize(
    ("item", "backup"),
    [
        (claim(spec="x"), claim()),
        (claim(), claim(status="x")),
        (claim(spec={"resources": {"requests": {"storage": "much"}}}), claim()),
    ],
)
def test_refused_claims(item: Manifest, backup: Manifest) -> None:
    with pytest.raises(ActionError):
        execute("pvc", item, backup=backup)
