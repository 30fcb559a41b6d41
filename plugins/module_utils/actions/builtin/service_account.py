# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the token secret off a service account (reference section 3.17).

Source: pkg/restore/actions/service_account_action.go.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import SERVICE_ACCOUNT
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check


class ServiceAccountAction(BuiltinAction):
    """Removes one reference only, the last one, as Velero does."""

    NAME = "velero.io/service-account"
    RESOURCES = ("serviceaccounts",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the account without the last reference to a secret named like its token.

        Raises ActionError for an account that cannot be decoded.
        """
        item = given.item
        check(item, SERVICE_ACCOUNT, "unable to convert serviceaccount from runtime.Unstructured: ")
        prefix = f"{(item.get('metadata') or {}).get('name') or ''}-token-"
        secrets = item.get("secrets") or []
        for index in reversed(range(len(secrets))):
            if str((secrets[index] or {}).get("name") or "").startswith(prefix):
                del secrets[index]
                if not secrets:
                    del item["secrets"]
                break
        return ExecuteOutput(updated_item=item)
