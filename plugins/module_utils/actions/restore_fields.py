# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a Restore object, and reaching into items, as actions get them."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


def restore_uid(restore: Manifest) -> str:
    """Returns the UID, empty when there is none."""
    return str(_metadata(restore).get("uid") or "")


def restore_name(restore: Manifest) -> str:
    """Returns the name."""
    return str(_metadata(restore).get("name") or "")


def restore_namespace(restore: Manifest) -> str:
    """Returns the namespace, which is Velero's."""
    return str(_metadata(restore).get("namespace") or "")


def restore_spec(restore: Manifest) -> dict[str, Any]:
    """Returns the spec, empty when there is none."""
    return restore.get("spec") or {}


def target_namespace(restore: Manifest, namespace: str) -> str:
    """Returns the namespace into which the items of a source namespace are restored."""
    mapping = restore_spec(restore).get("namespaceMapping") or {}
    return str(mapping.get(namespace, namespace))


def without_volumes(restore: Manifest) -> bool:
    """Returns whether the restore says ``restorePVs: false``; unset is not false."""
    return restore_spec(restore).get("restorePVs") is False


def restore_owner(restore: Manifest) -> dict[str, Any]:
    """Returns the reference to the Restore for what works for it."""
    return {
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "name": restore_name(restore),
        "uid": restore_uid(restore),
        "controller": True,
    }


def uploader_settings(uploader: dict[str, Any]) -> dict[str, str]:
    """Returns ``spec.uploaderConfig`` as data movers get it (pkg/uploader/util)."""
    sparse = bool(uploader.get("writeSparseFiles"))
    settings = {"WriteSparseFiles": "true" if sparse else "false"}
    parallel = uploader.get("parallelFilesDownload") or 0
    if parallel > 0:
        settings["ParallelFilesDownload"] = str(parallel)
    return settings


def _metadata(restore: Manifest) -> dict[str, Any]:
    return restore.get("metadata") or {}


def child(parent: dict[str, Any], key: str) -> dict[str, Any]:
    """Returns the object under ``key``; one that is absent or null is put there first."""
    if parent.get(key) is None:
        parent[key] = {}
    found: dict[str, Any] = parent[key]
    return found
