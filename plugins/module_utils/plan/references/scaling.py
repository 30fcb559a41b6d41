# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What autoscalers scale."""

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
    mapping,
    text,
)


def _find(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    for key in ("scaleTargetRef", "targetRef"):
        target = mapping(subject.obj, "spec", key)
        gr = around.resource_of(text(target, "apiVersion"), text(target, "kind"))
        if gr and text(target, "name"):
            where = ItemId(gr, subject.id.namespace, text(target, "name"))
            yield Reference(where, f"spec.{key}")


FINDERS: Finders = {
    "horizontalpodautoscalers.autoscaling": _find,
    "verticalpodautoscalers.autoscaling.k8s.io": _find,
}
