# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What bindings and service accounts name.

A service account does not name its roles: the bindings do. They are not found from here.
"""

from __future__ import annotations

from collections.abc import Iterator

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

_GROUP = "rbac.authorization.k8s.io"


def _binding(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    namespace = subject.id.namespace
    role = mapping(subject.obj, "roleRef")
    kind, name = text(role, "kind"), text(role, "name")
    if kind == "ClusterRole" and name:
        yield Reference(ItemId(f"clusterroles.{_GROUP}", "", name), "roleRef")
    if kind == "Role" and name:
        yield Reference(ItemId(f"roles.{_GROUP}", namespace, name), "roleRef")
    for who in entries(subject.obj, "subjects"):
        name, where = text(who, "name"), text(who, "namespace") or namespace
        if text(who, "kind") == "ServiceAccount" and name and where:
            target = ItemId("serviceaccounts", where, name)
            yield Reference(target, "subjects", optional=name == "default")


def _service_account(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    namespace = subject.id.namespace
    for key in ("secrets", "imagePullSecrets"):
        for secret in entries(subject.obj, key):
            if text(secret, "name"):
                yield Reference(ItemId("secrets", namespace, text(secret, "name")), key)


FINDERS: Finders = {
    f"rolebindings.{_GROUP}": _binding,
    f"clusterrolebindings.{_GROUP}": _binding,
    "serviceaccounts": _service_account,
}
