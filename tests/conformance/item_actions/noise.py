"""What Velero's typed re-encoding does to an object without meaning it, and we do not.

The table of the reference's section 2, and nothing else:

| # | Velero's side | Our side | Counts as equal when |
|---|---|---|---|
| 1 | no key | key | the struct has no such field, and the item had the same there |
| 2 | no key | `false` `0` `""` `[]` `{}` null | the item had the same there; not for ALWAYS_REAL |
| 3 | `status: {}`, `resources: {}`, … | no key | all inside of it is nothing, too |
| 4 | `""` `0` `false` null (required) | no key, null | the item had no such value there |
| 5 | canonical quantity | the same amount | it stands where quantities stand |
| 6 | UTC seconds, standard base64 | the same time, bytes | the field is a time, or bytes |
| 7 | a field in its own spelling | in another case | CRDs only: encoding/json reads them |

Maps (labels, annotations, data) are no structs: nothing about their keys is noise. What is open in
the schema (managedFields' fieldsV1, defaults of a CRD) has to be equal.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timezone
from decimal import ROUND_CEILING, Decimal
from typing import Any

# Fields that an action clears whatever they hold: nothing about them is noise.
ALWAYS_REAL = {
    "velero.io/pod": {"nodeName", "priority"},
    "velero.io/service": {"clusterIP", "clusterIPs"},
    "velero.io/csi-pvc-restorer": {"volumeName", "dataSource", "dataSourceRef"},
    "velero.io/csi-volumesnapshot-restorer": {
        "persistentVolumeClaimName",
        "volumeSnapshotClassName",
    },
    "velero.io/csi-volumesnapshotcontent-restorer": {
        "resourceVersion",
        "uid",
        "volumeHandle",
        "volumeSnapshotClassName",
    },
}

# Actions that hand the item back as it came but for their change: everything has to be equal.
_NEVER_REENCODE = {
    "velero.io/add-pvc-from-pod",
    "velero.io/admission-webhook-configuration",
    "velero.io/apiservice",
    "velero.io/change-image-name",
    "velero.io/csi-volumesnapshotclass-restorer",
    "velero.io/dataupload",
}

_QUANTITY_MAPS = {"allocatedResources", "capacity", "limits", "overhead", "requests"}
_QUANTITY_FIELDS = {"divisor", "sizeLimit"}
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?")
_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", 1)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
}


def reencodes(record: dict[str, Any]) -> bool:
    """Whether Velero's action re-encodes this item (first table of section 2)."""
    action, item = record["action"], record["item"]
    if action in _NEVER_REENCODE:
        return False
    if action == "velero.io/change-storage-class":
        return bool(item.get("kind") == "StatefulSet")
    if action == "velero.io/secret":
        return bool(item.get("type") == "kubernetes.io/service-account-token")
    if action == "velero.io/crd-preserve-fields":
        return bool(item.get("apiVersion") == "apiextensions.k8s.io/v1")
    if action in ("velero.io/role-bindings", "velero.io/cluster-role-bindings"):
        return bool(record["restore"]["spec"].get("namespaceMapping"))
    return True


def is_nothing(value: Any) -> bool:
    """Whether a value is what Go writes for a field that nobody set."""
    if isinstance(value, dict):
        return all(is_nothing(part) for part in value.values())
    return value is None or value is False or value == "" or (_is_int(value) and value == 0)


def is_dropped(value: Any) -> bool:
    """Whether Go's omitempty leaves such a value away."""
    return value is None or value is False or value in ("", [], {}) or (value == 0)


def same_scalar(ours: Any, theirs: Any, holder: str, field: str, kind: str) -> bool:
    """Whether both say the same; ``holder`` is the type around, ``field`` the last key by name."""
    if type(ours) is type(theirs) and ours == theirs:
        return True
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return False
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return ours == theirs
    if holder in _QUANTITY_MAPS or field in _QUANTITY_FIELDS:
        found = quantity(ours)
        return found is not None and found == quantity(theirs)
    if not isinstance(ours, str) or not isinstance(theirs, str):
        return False
    if kind == "datetime":
        return _time(ours) is not None and _time(ours) == _time(theirs)
    if kind == "bytes":
        return _bytes(ours) is not None and _bytes(ours) == _bytes(theirs)
    return False


def quantity(value: Any) -> Decimal | None:
    """The amount, rounded up to billionths as Kubernetes does; None when it is no quantity."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    match = _QUANTITY.fullmatch(str(value))
    if not match:
        return None
    number, suffix, exponent = match.groups()
    amount = Decimal(number) * _SUFFIXES.get(suffix or "", Decimal(1))
    amount *= Decimal(10) ** int(exponent or 0)
    return amount.quantize(Decimal("1e-9"), rounding=ROUND_CEILING) if amount < 10**15 else amount


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found.astimezone(timezone.utc).replace(microsecond=0)


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        return None


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
