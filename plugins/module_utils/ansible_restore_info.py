# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What velero_restore_info does."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict, replace
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.ansible_connect import Access
from ansible_collections.velero.core.plugins.module_utils.ansible_describe import (
    FORMATS,
    RECORD,
    description,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_returns import (
    CAPS,
    Capped,
    Caps,
    counts,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_spec import (
    ARTIFACTS,
    AUTH,
    RESULT_DETAIL,
    STORAGE,
    VELERO_NAMESPACE,
    ArgumentSpec,
    merged,
)
from ansible_collections.velero.core.plugins.module_utils.model.ports import ObjectStore
from ansible_collections.velero.core.plugins.module_utils.restore.facts import FactFinder
from ansible_collections.velero.core.plugins.module_utils.restore.info import (
    RestoreInfo,
    restore_info,
)
from ansible_collections.velero.core.plugins.module_utils.restore.recorded import outcomes_of

Params = dict[str, Any]

SPEC = merged(
    AUTH,
    STORAGE,
    ARTIFACTS,
    VELERO_NAMESPACE,
    RESULT_DETAIL,
    ArgumentSpec(
        options={
            "name": {"type": "str"},
            "backup_name": {"type": "str"},
            "phases": {"type": "list", "elements": "str"},
            "record": {
                "type": "str",
                "default": "auto",
                "choices": ["auto", "cluster", "storage"],
            },
            "format": {"type": "str", "default": RECORD, "choices": list(FORMATS)},
        },
        required_if=[["record", "storage", ["storage", "storage_location", "artifacts"], True]],
    ),
)

# All restores together; the lists of one restore get an equal share of it.
_SIZE = 400_000
_DESCRIPTIONS = 360_000
_LISTS = 5
_CONNECTION = ("kubeconfig", "context", "host", "storage_location")


def run(params: Params, check_mode: bool, diff: bool) -> dict[str, Any]:
    """Returns the restores that the parameters ask for."""
    with closing(Access(params)) as access:
        store = access.artifacts(access.backups())
        cluster = access.cluster if asks_cluster(params, store) else None
        namespace = params["velero_namespace"]
        found = restore_info(store, cluster, velero_namespace=namespace, name=params["name"] or "")
        wanted = [info for info in found if _is_wanted(info, params)]
        wanted.sort(key=lambda info: (_begun(info), info.name), reverse=True)
        if params["format"] == RECORD:
            caps = shared_caps(CAPS[params["result_detail"]], len(wanted))
            documents = [recorded(info, caps) for info in wanted]
        else:
            finder = FactFinder(store, cluster, namespace)
            share = _DESCRIPTIONS // max(1, len(wanted))
            documents = [described(info, finder, params["format"], share) for info in wanted]
    capped = Capped(Caps(items=0, messages=0, size=_SIZE))
    restores = capped.documents("restores", documents)
    return {"restores": restores, "truncated": capped.left_out}


def asks_cluster(params: Params, store: ObjectStore | None) -> bool:
    """Returns whether the cluster is asked too."""
    if params["record"] != "auto":
        return bool(params["record"] == "cluster")
    return store is None or any(params[name] for name in _CONNECTION)


def shared_caps(caps: Caps, restores: int) -> Caps:
    """Returns what each of several restores may take of the whole."""
    return replace(caps, size=min(caps.size, _SIZE // (_LISTS * max(1, restores))))


def recorded(info: RestoreInfo, caps: Caps) -> dict[str, Any]:
    """Returns one restore as its record tells of it."""
    capped = Capped(caps)
    items = _items(info)
    return {
        **_overview(info, items),
        "results": capped.results(info.results),
        "items": capped.items("items", items),
        "operations": capped.items("operations", _operations(info)),
        "volumes": capped.items("volumes", info.volumes),
        "truncated": capped.left_out,
    }


def described(info: RestoreInfo, finder: FactFinder, form: str, size: int) -> dict[str, Any]:
    """Returns one restore with its description, both together in about ``size`` bytes."""
    facts = finder.facts(info)
    overview = _overview(info, _items(info))
    # What the overview holds is in the description once more.
    text, left_out = description(facts, form, size - 2 * len(json.dumps(overview)))
    return {**overview, "description": text, "truncated": left_out}


def _items(info: RestoreInfo) -> list[dict[str, Any]]:
    return [
        {"id": entry["id"], "action": entry["action"]}
        for entry in (outcome.to_dict() for outcome in outcomes_of(info.resource_list))
    ]


def _operations(info: RestoreInfo) -> list[dict[str, Any]]:
    rows = (asdict(operation) for operation in info.operations)
    return [{key: value for key, value in row.items() if value != ""} for row in rows]


def _overview(info: RestoreInfo, items: list[dict[str, Any]]) -> dict[str, Any]:
    metadata = {**(info.restore.get("metadata") or {}), "name": info.name}
    metadata.pop("managedFields", None)
    status = dict(info.restore.get("status") or {})
    if info.progress:
        status["progress"] = info.progress
    return {
        "metadata": metadata,
        "spec": info.restore.get("spec") or {},
        "status": status,
        "found_in": info.found_in,
        "counts": counts(items),
        "artifacts": info.artifacts,
        "problems": info.problems,
    }


def _is_wanted(info: RestoreInfo, params: Params) -> bool:
    backup = (info.restore.get("spec") or {}).get("backupName")
    if params["backup_name"] and backup != params["backup_name"]:
        return False
    return not params["phases"] or info.phase in params["phases"]


def _begun(info: RestoreInfo) -> str:
    # Timestamps of Kubernetes sort as text.
    return str((info.restore.get("status") or {}).get("startTimestamp") or "")
