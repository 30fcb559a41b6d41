# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finished pods and jobs are not restored (pkg/restore/restore.go:2150, reference section 4.1)."""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


class CompletionError(ValueError):
    """The field that tells completion has the wrong type; the text is Velero's."""


def is_completed(obj: Manifest, gr: str) -> bool:
    """Returns whether ``obj`` of ``gr`` has run to its end. Raises CompletionError."""
    if gr == "pods":
        return _status_text(obj, "phase") in ("Failed", "Succeeded")
    if gr == "jobs.batch":
        return bool(_status_text(obj, "completionTime"))
    return False


def _status_text(obj: Manifest, field: str) -> str:
    status = obj.get("status")
    if status is None:
        return ""
    if not isinstance(status, dict):
        raise CompletionError(
            f".status.{field} accessor error: {status} is of the type {_go_type(status)}, "
            "expected map[string]interface{}"
        )
    value = status.get(field, "")
    if not isinstance(value, str):
        raise CompletionError(
            f".status.{field} accessor error: {value} is of the type {_go_type(value)}, "
            "expected string"
        )
    return value


def _go_type(value: object) -> str:
    names = {str: "string", bool: "bool", int: "int64", float: "float64", type(None): "<nil>"}
    if isinstance(value, dict):
        return "map[string]interface {}"
    if isinstance(value, list):
        return "[]interface {}"
    return names.get(type(value), type(value).__name__)
