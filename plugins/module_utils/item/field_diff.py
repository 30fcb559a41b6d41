# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Field differences for people, with secret values masked by a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

SECRET = "Secret"
_SECRET_FIELDS = ("data", "stringData")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_LONGEST = 200
_IGNORED = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp")


def field_diff(before: Manifest, after: Manifest, gr: str, key: bytes) -> list[dict[str, Any]]:
    """Returns ``{path, before, after}`` per changed field; absent values are left out.

    Values of Secrets are shown as a hash keyed with ``key``: equal values have equal hashes in
    one run and mean nothing outside it. Long values are cut.
    """
    changes: list[dict[str, Any]] = []
    _compare("", _stripped(before), _stripped(after), changes)
    if gr == "secrets":
        for change in changes:
            _mask(change, key)
    for change in changes:
        _shorten(change)
    return changes


def masked(obj: Manifest, key: bytes) -> Manifest:
    """Returns a Secret with hashes as in field_diff() in place of its values.

    Everything else is returned as it is.
    """
    if obj.get("kind") != SECRET:
        return obj
    out = {**obj, **{name: _hashed(obj[name], key) for name in _SECRET_FIELDS if name in obj}}
    annotations = (obj.get("metadata") or {}).get("annotations") or {}
    if _LAST_APPLIED in annotations:
        hashed = {**annotations, _LAST_APPLIED: _hashed(annotations[_LAST_APPLIED], key)}
        out["metadata"] = {**obj["metadata"], "annotations": hashed}
    return out


def _stripped(obj: Manifest) -> Manifest:
    metadata = {k: v for k, v in (obj.get("metadata") or {}).items() if k not in _IGNORED}
    return {**obj, "metadata": metadata}


def _compare(path: str, before: Any, after: Any, out: list[dict[str, Any]]) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            where = f"{path}.{name}" if path else str(name)
            if name not in before:
                out.append({"path": where, "after": after[name]})
            elif name not in after:
                out.append({"path": where, "before": before[name]})
            else:
                _compare(where, before[name], after[name], out)
    elif before != after:
        out.append({"path": path, "before": before, "after": after})


def _mask(change: dict[str, Any], key: bytes) -> None:
    path = str(change["path"])
    top = path.partition(".")[0]
    if top in _SECRET_FIELDS or _LAST_APPLIED in path or path == "metadata.annotations":
        for side in ("before", "after"):
            if side in change:
                change[side] = _hashed(change[side], key)


def _hashed(value: Any, key: bytes) -> Any:
    if isinstance(value, dict):
        return {name: _hashed(child, key) for name, child in value.items()}
    digest = hmac.new(key, json.dumps(value, sort_keys=True).encode(), hashlib.sha256)
    return f"hmac-sha256:{digest.hexdigest()[:12]}"


def _shorten(change: dict[str, Any]) -> None:
    for side in ("before", "after"):
        value = change.get(side)
        if isinstance(value, str) and len(value) > _LONGEST:
            change[side] = f"{value[:_LONGEST]}… ({len(value)} characters)"
