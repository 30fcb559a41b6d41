# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a data mover left in the backup, on its way from the DataUpload to the claim.

The action for DataUploads writes it into a ConfigMap, the one for claims reads it there
(reference sections 3.9 and 3.18, pkg/apis/velero/v2alpha1/data_upload_types.go).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, NoReturn

from ansible_collections.velero.core.plugins.module_utils.actions.restore_fields import restore_uid
from ansible_collections.velero.core.plugins.module_utils.model.names import label_value
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest

RESTORE_UID_LABEL = "velero.io/restore-uid"
CLAIM_LABEL = "velero.io/pvc-namespace-name"
USAGE_LABEL = "velero.io/resource-usage"
USAGE = "DataUpload"

_INTEGER_LIMIT = 2**63


class ResultError(ValueError):
    """A text that Velero does not accept as a result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataUploadResult:
    """``data_mover_result`` is None when there is none, which differs from an empty one."""

    backup_storage_location: str = ""
    data_mover: str = ""
    snapshot_id: str = ""
    source_namespace: str = ""
    data_mover_result: dict[str, str] | None = None
    node_os: str = ""
    snapshot_size: int = 0

    def to_json(self) -> str:
        """Returns the text that Velero stores, byte for byte."""
        values: dict[str, Any] = {"backupStorageLocation": self.backup_storage_location}
        optional = {"datamover": self.data_mover, "snapshotID": self.snapshot_id}
        values |= {key: value for key, value in optional.items() if value}
        values["sourceNamespace"] = self.source_namespace
        if self.data_mover_result is not None:
            values["dataMoverResult"] = dict(sorted(self.data_mover_result.items()))
        if self.node_os:
            values["nodeOS"] = self.node_os
        if self.snapshot_size:
            values["snapshotSize"] = self.snapshot_size
        return _go_json(values)


def result_labels(restore: Manifest, namespace: str, claim: str) -> dict[str, str]:
    """Returns the labels of the ConfigMap with the result of one claim of the backup.

    Their order is that of the selector in Velero's messages.
    """
    return {
        CLAIM_LABEL: label_value(f"{namespace}.{claim}"),
        RESTORE_UID_LABEL: label_value(restore_uid(restore)),
        USAGE_LABEL: USAGE,
    }


def parse_result(text: str) -> DataUploadResult:
    """Returns the result that a stored text holds; unknown keys are passed over.

    As in Go, the case of the keys does not matter and of two spellings the last wins. Raises
    ResultError.
    """
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs, parse_constant=_refuse)
    except ValueError as error:
        raise ResultError(str(error)) from None
    if pairs is None:
        return DataUploadResult()
    if not isinstance(pairs, _Pairs):
        raise ResultError("not an object")
    values: dict[str, Any] = {}
    for key, value in pairs:
        attribute = _ATTRIBUTES.get(key.lower())
        if attribute and value is not None:
            values[attribute] = _checked(attribute, value)
    return DataUploadResult(**values)


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, in order and with doubles."""


_ATTRIBUTES = {field.name.replace("_", ""): field.name for field in fields(DataUploadResult)}


def _checked(attribute: str, value: Any) -> Any:
    if attribute == "snapshot_size":
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        if is_integer and -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
            return value
    elif attribute == "data_mover_result":
        if isinstance(value, _Pairs) and all(isinstance(item or "", str) for _key, item in value):
            return {key: item or "" for key, item in value}
    elif isinstance(value, str):
        return value
    raise ResultError(f"wrong type of {attribute}")


def _refuse(constant: str) -> NoReturn:
    raise ResultError(f"{constant} is not JSON")


def _go_json(values: dict[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
