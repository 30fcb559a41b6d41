# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leaves the tokens of service accounts to the cluster (reference section 3.15).

Source: pkg/restore/actions/secret_action.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.velero.core.plugins.module_utils.actions.builtin.base import BuiltinAction
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ExecuteOutput,
)
from ansible_collections.velero.core.plugins.module_utils.actions.edits import remove_keys
from ansible_collections.velero.core.plugins.module_utils.actions.environment import api_errors
from ansible_collections.velero.core.plugins.module_utils.actions.shapes import SECRET
from ansible_collections.velero.core.plugins.module_utils.actions.typed import check

_TOKEN_TYPE = "kubernetes.io/service-account-token"


class SecretAction(BuiltinAction):
    """Skips token secrets that a controller made; empties those that somebody made."""

    NAME = "velero.io/secret"
    RESOURCES = ("secrets",)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        """Returns the secret without token, or that it is not restored.

        Raises ActionError for a secret that cannot be decoded and for refused requests.
        """
        item = given.item
        check(item, SECRET, "unable to convert secret from runtime.Unstructured: ")
        if item.get("type") != _TOKEN_TYPE:
            return ExecuteOutput(updated_item=item)
        metadata = item.get("metadata") or {}
        if self._is_automatic(metadata.get("namespace") or "", metadata.get("name") or ""):
            return ExecuteOutput(updated_item=item).without_restore()
        remove_keys(metadata, "annotations", ("kubernetes.io/service-account.uid",))
        remove_keys(item, "data", ("token", "ca.crt"))
        return ExecuteOutput(updated_item=item)

    def _is_automatic(self, namespace: str, name: str) -> bool:
        """Whether the name begins as the one of a token of an account in the *source* namespace.

        Accounts that were found once are believed; that there is none is asked anew, because
        controllers make accounts while the restore goes on.
        """
        with api_errors("unable to list the service accounts: "):
            known = self.environment.knows_service_accounts(namespace)
            if known and _begins(name, self.environment.service_accounts(namespace)):
                return True
            return _begins(name, self.environment.service_accounts(namespace, fresh=known))


def _begins(name: str, accounts: Iterable[str]) -> bool:
    return any(name.startswith(f"{account}-token-") for account in accounts)
