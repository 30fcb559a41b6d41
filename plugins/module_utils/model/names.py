# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, keys and labels that Velero gives to things (reference restore-engine.md section 0.3)."""

from __future__ import annotations

import hashlib

BACKUP_NAME_LABEL = "velero.io/backup-name"
RESTORE_NAME_LABEL = "velero.io/restore-name"
SCHEDULE_NAME_LABEL = "velero.io/schedule-name"
RESTORE_STATUS_ANNOTATION = "velero.io/restore-status"
MIRROR_POD_ANNOTATION = "kubernetes.io/config.mirror"
RESTORE_FINALIZER = "restores.velero.io/external-resources-finalizer"

_LABEL_LIMIT = 63
_HASH_DIGITS = 6


def label_value(name: str) -> str:
    """Returns ``name`` as a label value: a long one is cut and ends in 6 digits of its SHA-256.

    Source: pkg/label/label.go.
    """
    if len(name) <= _LABEL_LIMIT:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()
    return name[: _LABEL_LIMIT - _HASH_DIGITS] + digest[:_HASH_DIGITS]


def group_resource(resource: str, group: str) -> str:
    """Returns ``resource.group``, or the bare resource for the core group."""
    return f"{resource}.{group}" if group else resource


def split_group_resource(text: str) -> tuple[str, str]:
    """Returns ``(resource, group)`` of a group-resource string."""
    resource, _dot, group = text.partition(".")
    return resource, group


def namespaced_name(namespace: str, name: str) -> str:
    """Returns ``namespace/name``, or the bare name at cluster scope."""
    return f"{namespace}/{name}" if namespace else name


def resource_id(gr: str, namespace: str, name: str) -> str:
    """Returns ``GR/namespace/name`` or ``GR/name``, the id used in Velero's messages."""
    return f"{gr}/{namespace}/{name}" if namespace else f"{gr}/{name}"
