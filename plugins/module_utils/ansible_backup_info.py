# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What velero_backup_info does."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timezone
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.ansible_connect import (
    Access,
    archive_limits,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_returns import (
    Capped,
    Caps,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_spec import (
    ARCHIVE_LIMITS,
    AUTH,
    STORAGE,
    VELERO_NAMESPACE,
    ArgumentSpec,
    merged,
)
from ansible_collections.velero.core.plugins.module_utils.archive.catalog import SpooledCatalog
from ansible_collections.velero.core.plugins.module_utils.archive.limits import Limits
from ansible_collections.velero.core.plugins.module_utils.archive.reader import read_archive
from ansible_collections.velero.core.plugins.module_utils.archive.verify import (
    Verification,
    verify_items,
)
from ansible_collections.velero.core.plugins.module_utils.model.durations import parse_duration
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    RequestError,
    StorageError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.storage import inputs, layout
from ansible_collections.velero.core.plugins.module_utils.storage.backups import (
    BackupRecord,
    list_backups,
)

Params = dict[str, Any]
ResourceList = dict[str, list[str]]
Check = Callable[[BackupRecord], bool]

SPEC = merged(
    AUTH,
    STORAGE,
    VELERO_NAMESPACE,
    ARCHIVE_LIMITS,
    ArgumentSpec(
        options={
            "name": {"type": "str"},
            "schedule_name": {"type": "str"},
            "phases": {"type": "list", "elements": "str"},
            "newer_than": {"type": "str"},
            "older_than": {"type": "str"},
            "contents": {"type": "bool", "default": False},
            "verify_archive": {"type": "bool", "default": False},
        },
        required_one_of=[["storage", "storage_location"]],
    ),
)

_CAPS = Caps(items=10_000, messages=0, size=400_000)
_NAMES = 200
# Large, and of no use to those who look for a backup.
_HIDDEN_METADATA = ("managedFields",)
_HIDDEN_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"


def run(params: Params, check_mode: bool, diff: bool) -> dict[str, Any]:
    """Returns the backups that the parameters ask for."""
    wanted = checks(params, time.time())
    limits = archive_limits(params)
    with closing(Access(params)) as access:
        store = access.backups()
        if store is None:
            raise RequestError("reading", "storage", "neither storage nor storage_location is set")
        found = [record for record in list_backups(store) if all(check(record) for check in wanted)]
        found.sort(key=lambda record: (record.started, record.name), reverse=True)
        backups = [_described(store, record, params, limits) for record in found]
    capped = Capped(_CAPS)
    return {"backups": capped.documents("backups", backups), "truncated": capped.left_out}


def checks(params: Params, now: float) -> list[Check]:
    """Returns what a backup must pass to be returned; raises RequestError."""
    name, schedule, phases = params["name"], params["schedule_name"], params["phases"]
    wanted: list[Check] = []
    if name:
        wanted.append(lambda record: record.name == name)
    if schedule:
        wanted.append(lambda record: record.schedule == schedule)
    if phases:
        wanted.append(lambda record: record.phase in phases)
    if params["newer_than"]:
        first = moment(params["newer_than"], "newer_than", now)
        wanted.append(lambda record: record.started > first)
    if params["older_than"]:
        last = moment(params["older_than"], "older_than", now)
        wanted.append(lambda record: record.started < last)
    return wanted


def moment(text: str, option: str, now: float) -> datetime:
    """Returns the point in time that ``text`` names, itself or by how long ago it was."""
    try:
        point = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        try:
            ago = parse_duration(text, option)
        except RequestError:
            raise RequestError(
                "reading",
                f"{option} {text!r}",
                "it is neither a point in time nor a duration",
                "Write it as 2026-05-01T04:00:00Z, or as 36h for 36 hours ago",
            ) from None
        return datetime.fromtimestamp(now - ago, timezone.utc)
    return point if point.tzinfo else point.replace(tzinfo=timezone.utc)


def _described(
    store: ObjectStore, record: BackupRecord, params: Params, limits: Limits
) -> dict[str, Any]:
    folder = layout.backup_folder(record.name)
    out: dict[str, Any] = {"name": record.name, "location": store.location(folder)}
    if record.problem:
        out["problem"] = record.problem
    else:
        out["metadata"] = _metadata(record.backup.get("metadata") or {})
        out["spec"] = record.backup.get("spec") or {}
        out["status"] = record.backup.get("status") or {}
    if params["contents"]:
        try:
            out["contents"] = contents(inputs.resource_list(store, record.name))
        except StorageError as error:
            out["problem"] = str(error)
    if params["verify_archive"]:
        out["archive"] = verified(store, record, limits)
    return out


def _metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    out = {key: value for key, value in metadata.items() if key not in _HIDDEN_METADATA}
    if _HIDDEN_ANNOTATION in (out.get("annotations") or {}):
        out["annotations"] = {
            key: value for key, value in out["annotations"].items() if key != _HIDDEN_ANNOTATION
        }
    return out


def contents(listed: ResourceList) -> dict[str, Any]:
    """Returns how many items a resource list names, by kind and by namespace, and which."""
    spaces = Counter(name.rpartition("/")[0] for names in listed.values() for name in names or ())
    return {
        "total": sum(spaces.values()),
        "counts": {kind: len(names or ()) for kind, names in sorted(listed.items())},
        "namespaces": dict(sorted(spaces.items())),
        "items": {kind: list(names or ())[:_NAMES] for kind, names in sorted(listed.items())},
    }


def verified(store: ObjectStore, record: BackupRecord, limits: Limits) -> dict[str, Any]:
    """Reads the whole archive and returns whether it is what its backup says it is."""
    key = layout.backup_archive(record.name)
    try:
        listed = inputs.resource_list(store, record.name)
        with (
            store.open(key) as stream,
            read_archive(stream, source=store.location(key), limits=limits) as catalog,
        ):
            return _compared(record, listed, verify_items(catalog, listed), catalog)
    except VeleroCoreError as error:
        return {"sound": False, "problems": [str(error)]}


def _compared(
    record: BackupRecord, listed: ResourceList, found: Verification, catalog: SpooledCatalog
) -> dict[str, Any]:
    counted = _items_backed_up(record)
    problems = [record.problem] if record.problem else []
    if found.missing:
        problems.append(f"{len(found.missing)} listed items are not in the archive.")
    if found.unreadable:
        problems.append(f"{len(found.unreadable)} items cannot be read as an object.")
    if found.checked < counted:
        problems.append(f"The backup counts {counted} items, the archive has {found.checked}.")
    return {
        "sound": found.sound and not problems,
        "problems": problems,
        "checked": found.checked,
        "listed": sum(len(names or ()) for names in listed.values()),
        "size": catalog.stats.size,
        "compressed_size": catalog.stats.compressed_size,
        "missing": list(found.missing[:_NAMES]),
        "unlisted": list(found.unlisted[:_NAMES]) if listed else [],
        "unreadable": list(found.unreadable[:_NAMES]),
    }


def _items_backed_up(record: BackupRecord) -> int:
    status = record.backup.get("status") or {}
    return int((status.get("progress") or {}).get("itemsBackedUp") or 0)
