"""Build a backup as Velero stores one, from objects that a test has made."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Manifest = dict[str, Any]

_STARTED = "2026-01-02T03:04:05Z"
_COMPLETED = "2026-01-02T03:05:05Z"


@dataclass
class BackupBuilder:
    """Collects objects and writes `backups/<name>/` into a folder that stands for a bucket."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)
    _files: list[tuple[str, bytes]] = field(default_factory=list)
    _listed: dict[str, list[str]] = field(default_factory=dict)

    def add(self, group_resource: str, obj: Manifest, *, version: str = "") -> None:
        """Add an object under its resource's folder.

        With `version` (the resource's preferred one) also under `<version>-preferredversion`, as
        Velero does for every object.
        """
        metadata = obj["metadata"]
        namespace = metadata.get("namespace", "")
        scope = f"namespaces/{namespace}" if namespace else "cluster"
        data = json.dumps(obj, separators=(",", ":")).encode()
        self.add_file(group_resource, f"{scope}/{metadata['name']}.json", data)
        if version:
            folder = f"{group_resource}/{version}-preferredversion"
            self.add_file(folder, f"{scope}/{metadata['name']}.json", data)
        kind = f"{obj['apiVersion']}/{obj['kind']}"
        name = f"{namespace}/{metadata['name']}" if namespace else metadata["name"]
        self._listed.setdefault(kind, []).append(name)

    def add_file(self, folder: str, name: str, data: bytes) -> None:
        """Add anything below `resources/`."""
        self._files.append((f"resources/{folder}/{name}", data))

    def add_version(self, group_resource: str, obj: Manifest, version: str) -> None:
        """Add an object only under one of its resource's other versions."""
        namespace = obj["metadata"].get("namespace", "")
        scope = f"namespaces/{namespace}" if namespace else "cluster"
        data = json.dumps(obj, separators=(",", ":")).encode()
        folder = f"{group_resource}/{version}"
        self.add_file(folder, f"{scope}/{obj['metadata']['name']}.json", data)

    @property
    def items(self) -> int:
        return sum(len(names) for names in self._listed.values())

    def write(self, bucket: Path) -> Path:
        """Write the backup and return its folder."""
        folder = bucket / "backups" / self.name
        folder.mkdir(parents=True)
        (folder / f"{self.name}.tar.gz").write_bytes(self._archive())
        (folder / "velero-backup.json").write_text(json.dumps(self._backup()))
        listed = json.dumps(self._listed).encode()
        (folder / f"{self.name}-resource-list.json.gz").write_bytes(gzip.compress(listed))
        return folder

    def _archive(self) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as tar:
            for path, data in [("metadata/version", b"1.1.0\n"), *self._files]:
                info = tarfile.TarInfo(path)
                info.size, info.mode = len(data), 0o644
                tar.addfile(info, io.BytesIO(data))
        return packed.getvalue()

    def _backup(self) -> Manifest:
        return {
            "apiVersion": "velero.io/v1",
            "kind": "Backup",
            "metadata": {
                "name": self.name,
                "namespace": "velero",
                "labels": {"velero.io/storage-location": "default", **self.labels},
            },
            "spec": {"storageLocation": "default", "includedNamespaces": ["*"]},
            "status": {
                "version": 1,
                "formatVersion": "1.1.0",
                "phase": "Completed",
                "startTimestamp": _STARTED,
                "completionTimestamp": _COMPLETED,
                "progress": {"totalItems": self.items, "itemsBackedUp": self.items},
            },
        }
