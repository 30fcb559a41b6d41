# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that the API server calls: aggregated APIs, admission and conversion webhooks."""

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


def _api_service(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    yield from _service(mapping(subject.obj, "spec", "service"), "spec.service")


def _webhooks(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    for hook in entries(subject.obj, "webhooks"):
        where = f"webhooks[{text(hook, 'name')}].clientConfig"
        yield from _service(mapping(hook, "clientConfig", "service"), where)


def _definition(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    conversion = mapping(subject.obj, "spec", "conversion")
    # apiextensions.k8s.io/v1 and v1beta1
    for path in (("webhook", "clientConfig"), ("webhookClientConfig",)):
        yield from _service(mapping(conversion, *path, "service"), "spec.conversion")


def _service(service: Mapping[str, Any], where: str) -> Iterator[Reference]:
    name, namespace = text(service, "name"), text(service, "namespace")
    if name and namespace:
        yield Reference(ItemId("services", namespace, name), where)


FINDERS: Finders = {
    "apiservices.apiregistration.k8s.io": _api_service,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": _webhooks,
    "customresourcedefinitions.apiextensions.k8s.io": _definition,
}
