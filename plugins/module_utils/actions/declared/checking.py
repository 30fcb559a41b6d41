# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a document is a declared action, and where it is not.

Values are never shown: a patch may hold a password.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.declared.schema import SCHEMA
from ansible_collections.velero.core.plugins.module_utils.model.document_faults import (
    listed,
    schema_faults,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError

HINT = "See docs/writing_item_actions.md"


def check_document(document: Any, where: str) -> None:
    """Raises RequestError that names all faults of ``document`` by their paths below ``where``."""
    path, why = listed(schema_faults(document, SCHEMA, where, "declared item actions"))
    if why:
        raise invalid(path, why)


def invalid(path: str, why: str) -> RequestError:
    """Returns the error for a fault at ``path``."""
    return RequestError("reading the item action", path, why, HINT)
