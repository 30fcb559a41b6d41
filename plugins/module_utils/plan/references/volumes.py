# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What claims, volumes and the claim templates of stateful sets name.

The data of volumes, and whether a claim gets its old volume, is the matter of the restore itself:
volumes that a claim names are therefore optional here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import (
    Finders,
    ItemId,
    Reference,
    Subject,
    Surroundings,
)
from ansible_collections.velero.core.plugins.module_utils.plan.references.fields import (
    entries,
    mapping,
    text,
)

_CLAIMS = "persistentvolumeclaims"
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_CSI_SECRETS = (
    "controllerExpandSecretRef",
    "controllerPublishSecretRef",
    "nodeExpandSecretRef",
    "nodePublishSecretRef",
    "nodeStageSecretRef",
)


def _claim(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    spec, namespace = mapping(subject.obj, "spec"), subject.id.namespace
    yield from _storage_class(subject.obj, "spec")
    volume = text(spec, "volumeName")
    if volume:
        yield Reference(ItemId("persistentvolumes", "", volume), "spec.volumeName", optional=True)
    source = mapping(spec, "dataSourceRef") or mapping(spec, "dataSource")
    name = text(source, "name")
    api_version = f"{text(source, 'apiGroup')}/v1" if text(source, "apiGroup") else "v1"
    gr = around.resource_of(api_version, text(source, "kind"))
    if name and gr:
        # A bound claim has its data and needs the source no more.
        where = ItemId(gr, text(source, "namespace") or namespace, name)
        yield Reference(where, "spec.dataSource", optional=True)


def _volume(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    yield from _storage_class(subject.obj, "spec")
    csi = mapping(subject.obj, "spec", "csi")
    for key in _CSI_SECRETS:
        secret = mapping(csi, key)
        name, namespace = text(secret, "name"), text(secret, "namespace")
        if name and namespace:
            yield Reference(ItemId("secrets", namespace, name), f"spec.csi.{key}")


def _stateful_set(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    namespace = subject.id.namespace
    claims = around.names(_CLAIMS, namespace)
    for template in entries(mapping(subject.obj, "spec"), "volumeClaimTemplates"):
        name = text(mapping(template, "metadata"), "name")
        where = f"spec.volumeClaimTemplates[{name}]"
        yield from _storage_class(template, where)
        # The controller makes the claims that are missing.
        made = re.compile(rf"{re.escape(f'{name}-{subject.id.name}')}-\d+")
        for claim in sorted(claims):
            if made.fullmatch(claim):
                yield Reference(ItemId(_CLAIMS, namespace, claim), where, optional=True)


def _storage_class(claim: Mapping[str, Any], where: str) -> Iterator[Reference]:
    """An empty name asks for no class at all."""
    annotations = mapping(claim, "metadata", "annotations")
    spec = mapping(claim, "spec")
    name = text(annotations, _CLASS_ANNOTATION) or text(spec, "storageClassName")
    if name:
        target = ItemId("storageclasses.storage.k8s.io", "", name)
        yield Reference(target, f"{where}.storageClassName")
    name = text(spec, "volumeAttributesClassName")
    if name:
        target = ItemId("volumeattributesclasses.storage.k8s.io", "", name)
        yield Reference(target, f"{where}.volumeAttributesClassName")


FINDERS: Finders = {
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _volume,
    "statefulsets.apps": _stateful_set,
}
