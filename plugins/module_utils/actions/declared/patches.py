# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The patches of a declared action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.model.patching.json_patch import (
    apply_json_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.merge_patch import (
    apply_merge_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.strategic_patch import (
    apply_strategic_patch,
)
from ansible_collections.velero.core.plugins.module_utils.model.patching.values import (
    PatchError,
    TestFailedError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest


def patched(item: Manifest, patches: Sequence[Mapping[str, Any]], path: str) -> Manifest:
    """Returns ``item`` after all patches in order; those stand at ``path``.

    A JSON patch whose ``test`` finds another value changes nothing. Raises ActionError.
    """
    for number, patch in enumerate(patches):
        try:
            item = _applied(item, patch)
        except TestFailedError:
            continue
        except PatchError as error:
            raise ActionError(f"{path}[{number}] cannot be applied: {error}") from error
        if not isinstance(item, dict) or not item.get("kind"):
            raise ActionError(f"{path}[{number}] makes something that is no object")
    return item


def _applied(item: Manifest, patch: Mapping[str, Any]) -> Any:
    if "json" in patch:
        return apply_json_patch(item, patch["json"])
    if "merge" in patch:
        return apply_merge_patch(item, patch["merge"])
    return apply_strategic_patch(item, patch["strategic"])
