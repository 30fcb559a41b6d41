# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ingresses name, and the service that a stateful set's pods have their names from."""

from __future__ import annotations

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


def _ingress(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    spec, namespace = mapping(subject.obj, "spec"), subject.id.namespace
    name = text(spec, "ingressClassName")
    if name:
        target = ItemId("ingressclasses.networking.k8s.io", "", name)
        yield Reference(target, "spec.ingressClassName")
    for tls in entries(spec, "tls"):
        if text(tls, "secretName"):
            yield Reference(ItemId("secrets", namespace, text(tls, "secretName")), "spec.tls")
    # Before networking.k8s.io/v1 the default backend was called backend.
    for key in ("defaultBackend", "backend"):
        yield from _backend(mapping(spec, key), namespace, f"spec.{key}", around)
    for rule in entries(spec, "rules"):
        for path in entries(mapping(rule, "http"), "paths"):
            yield from _backend(mapping(path, "backend"), namespace, "spec.rules", around)


def _backend(
    backend: Mapping[str, Any], namespace: str, where: str, around: Surroundings
) -> Iterator[Reference]:
    name = text(mapping(backend, "service"), "name") or text(backend, "serviceName")
    if name:
        yield Reference(ItemId("services", namespace, name), where)
    resource = mapping(backend, "resource")
    group = text(resource, "apiGroup")
    gr = around.resource_of(f"{group}/v1" if group else "v1", text(resource, "kind"))
    if gr and text(resource, "name"):
        yield Reference(ItemId(gr, namespace, text(resource, "name")), where)


def _ingress_class(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    given = mapping(subject.obj, "spec", "parameters")
    group = text(given, "apiGroup")
    gr = around.resource_of(f"{group}/v1" if group else "v1", text(given, "kind"))
    namespace = text(given, "namespace") if text(given, "scope") == "Namespace" else ""
    if gr and text(given, "name"):
        yield Reference(ItemId(gr, namespace, text(given, "name")), "spec.parameters")


def _stateful_set(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    name = text(mapping(subject.obj, "spec"), "serviceName")
    if name:
        yield Reference(ItemId("services", subject.id.namespace, name), "spec.serviceName")


FINDERS: Finders = {
    "ingresses.networking.k8s.io": _ingress,
    "ingresses.extensions": _ingress,
    "ingressclasses.networking.k8s.io": _ingress_class,
    "statefulsets.apps": _stateful_set,
}
