"""What is restored: many small ConfigMaps and Secrets, as an API server hands them to a backup."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from pathlib import Path

from tests.support.backups import BackupBuilder, Manifest

BACKUP = "bench"
_WRITER = "kubectl-create"
_MADE = "2026-01-01T00:00:00Z"


def namespaces(count: int) -> list[str]:
    return [f"bench-{number:02d}" for number in range(count)]


def objects(items: int, spaces: int) -> Iterator[tuple[str, Manifest]]:
    """Resource and object, half ConfigMaps and half Secrets, about 0.5 kB each on their own."""
    source = random.Random(7)
    names = namespaces(spaces)
    for number in range(items):
        is_secret = number % 2 == 1
        value = "".join(source.choices("abcdefghijklmnopqrstuvwxyz0123456789 ", k=220))
        if is_secret:
            value = base64.b64encode(value.encode()).decode()
        values = {"settings": value, "number": _number(number, is_secret)}
        metadata: Manifest = {
            "name": f"item-{number:05d}",
            "namespace": names[number // 2 % spaces],
            "labels": {"app": f"app-{number % 17}", "part": "bench"},
            "uid": f"00000000-0000-4000-8000-{number:012d}",
            "resourceVersion": str(1000 + number),
            "creationTimestamp": _MADE,
        }
        kind = "Secret" if is_secret else "ConfigMap"
        obj: Manifest = {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {**metadata, "managedFields": [_owner(is_secret)]},
            "data": values,
        }
        if is_secret:
            obj["type"] = "Opaque"
        yield f"{kind.lower()}s", obj


def _number(number: int, is_secret: bool) -> str:
    text = str(number)
    return base64.b64encode(text.encode()).decode() if is_secret else text


def _owner(is_secret: bool) -> Manifest:
    fields: Manifest = {
        "f:data": {".": {}, "f:number": {}, "f:settings": {}},
        "f:metadata": {"f:labels": {".": {}, "f:app": {}, "f:part": {}}},
    }
    if is_secret:
        fields["f:type"] = {}
    return {
        "manager": _WRITER,
        "operation": "Update",
        "apiVersion": "v1",
        "time": _MADE,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }


def write_backup(bucket: Path, items: int, spaces: int) -> None:
    """Write the backup, each object also under the preferred version of its resource."""
    builder = BackupBuilder(BACKUP)
    for gr, obj in objects(items, spaces):
        builder.add(gr, obj, version="v1")
    for name in namespaces(spaces):
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        builder.add("namespaces", space, version="v1")
    builder.write(bucket)
