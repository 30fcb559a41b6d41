# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Labels and annotations that a rule has made something else than texts.

Velero reads the labels of an object as one map of texts. A single number among them makes all of
them unreadable, and the object is created without any.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.go_yaml import scalar_text
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.modifiers.errors import RuleError


def with_text_labels(obj: Manifest) -> Manifest:
    """Returns ``obj`` with texts for numbers and booleans among its labels and annotations.

    Those that are null are left out. Raises RuleError for one that has no text.
    """
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        return obj
    changed = {
        name: _texts(f"metadata.{name}", metadata[name])
        for name in ("labels", "annotations")
        if _needs_texts(metadata.get(name))
    }
    return {**obj, "metadata": {**metadata, **changed}} if changed else obj


def _needs_texts(values: Any) -> bool:
    return isinstance(values, dict) and not all(isinstance(one, str) for one in values.values())


def _texts(where: str, values: dict[str, Any]) -> dict[str, str]:
    out = {}
    for key, value in values.items():
        if value is None:
            continue
        text = scalar_text(value)
        if text is None:
            raise RuleError(f"error in applying patch {where}.{key} would be no text")
        out[key] = text
    return out
