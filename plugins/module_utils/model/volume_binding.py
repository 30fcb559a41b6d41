# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Binding information of PersistentVolumes and claims (pkg/restore/restore.go:2078)."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

_BINDING_ANNOTATIONS = (
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
)


def reset_binding(obj: Manifest) -> Manifest:
    """Drops in place what ties a volume or claim to an old binding; returns ``obj``."""
    claim = (obj.get("spec") or {}).get("claimRef")
    if isinstance(claim, dict):
        claim.pop("uid", None)
        claim.pop("resourceVersion", None)
    annotations = (obj.get("metadata") or {}).get("annotations")
    if isinstance(annotations, dict):
        for key in _BINDING_ANNOTATIONS:
            annotations.pop(key, None)
    return obj


def claim_of(volume: Manifest) -> tuple[str, str]:
    """Returns namespace and name of the claim that a volume refers to; empty when none."""
    claim = (volume.get("spec") or {}).get("claimRef") or {}
    return str(claim.get("namespace") or ""), str(claim.get("name") or "")


def remap_claim(volume: Manifest, namespace_mapping: Mapping[str, str]) -> Manifest:
    """Follows in place the claim of a volume into the namespace it is restored to.

    Returns ``volume``. Source: pkg/restore/restore.go:1862.
    """
    claim = (volume.get("spec") or {}).get("claimRef")
    target = namespace_mapping.get(claim_of(volume)[0])
    if isinstance(claim, dict) and target:
        claim["namespace"] = target
    return volume
