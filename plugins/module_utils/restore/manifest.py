# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Building the Restore object that is the record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.ports import Manifest
from ansible_collections.velero.core.plugins.module_utils.model.request import RestoreRequest
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore.record import (
    MANAGED_BY,
    MANAGED_BY_LABEL,
)
from ansible_collections.velero.core.plugins.module_utils.restore.refinement import (
    refinement_annotations,
)

_POINTERS = ("hookStatus", "progress")


def new_record(
    request: RestoreRequest, name: str, spec: RestoreSpec, ended: Manifest | None = None
) -> Manifest:
    """Returns a Restore object without a phase; a run after an ``ended`` one keeps its UID."""
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": request.settings.velero_namespace,
        "uid": _uid(ended),
        "labels": {**request.labels, MANAGED_BY_LABEL: MANAGED_BY},
    }
    annotations = {**request.annotations, **refinement_annotations(request)}
    if annotations:
        metadata["annotations"] = annotations
    return {
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "metadata": metadata,
        "spec": spec.to_dict(),
        "status": {},
    }


def with_phase(record: Manifest, phase: str, **status: Any) -> Manifest:
    """Returns a copy in another phase, with other members of the status (see with_status).

    Raises RecordError when the phase may not follow the present one.
    """
    current = record["status"].get("phase") or phases.NEW
    return with_status(record, **status, phase=phases.advance(current, phase))


def with_status(record: Manifest, **status: Any) -> Manifest:
    """Returns a copy with other members of the status; zero and empty ones are left out.

    Those that are pointers in Go stay: empty is not the same as absent there.
    """
    merged = {**record["status"], **status}
    kept = {key: value for key, value in merged.items() if value or key in _POINTERS}
    return {**record, "status": kept}


def of_cluster(found: Manifest) -> Manifest:
    """Returns the record that an object in the cluster holds, without what the server keeps."""
    kept = ("name", "namespace", "uid", "creationTimestamp", "labels", "annotations")
    metadata = {key: found["metadata"][key] for key in kept if key in found["metadata"]}
    return {**found, "metadata": metadata}


def without_uid(record: Manifest) -> Manifest:
    """Returns the record of a restore whose object in the cluster is still to be made."""
    metadata = {key: value for key, value in record["metadata"].items() if key != "uid"}
    return {**record, "metadata": metadata}


def with_own_uid(record: Manifest, ended: Manifest | None = None) -> Manifest:
    """Returns the record with the UID of the ``ended`` run, else one that nothing else has."""
    return {**record, "metadata": {**record["metadata"], "uid": _uid(ended)}}


def _uid(ended: Manifest | None) -> str:
    known = ended["metadata"].get("uid") if ended is not None else None
    return str(known or uuid.uuid4())


def is_of_cluster(record: Manifest) -> bool:
    """Returns whether the record's UID is that of an object in the cluster."""
    return "creationTimestamp" in record["metadata"]


def adopted(record: Manifest, found: Manifest) -> Manifest:
    """Returns the record with the UID of the object in the cluster that stands for it."""
    identity = {key: found["metadata"][key] for key in ("uid", "creationTimestamp")}
    return {**record, "metadata": {**record["metadata"], **identity}}


def without_zeros(values: Mapping[str, int | None]) -> dict[str, int]:
    """Returns the numbers as Go writes those that may be omitted."""
    return {key: value for key, value in values.items() if value}


def resumed(record: Manifest) -> Manifest:
    """Returns the record of a restore that was cut off in any phase, as it goes on."""
    kept = {key: record["status"][key] for key in ("startTimestamp",) if key in record["status"]}
    return {**record, "status": {**kept, "phase": phases.IN_PROGRESS}}


def failed_validation(request: RestoreRequest, spec: RestoreSpec, errors: list[str]) -> Manifest:
    """Returns the record of a restore that was refused; it is never stored."""
    record = new_record(request, request.name, spec)
    return with_phase(record, phases.FAILED_VALIDATION, validationErrors=errors)
