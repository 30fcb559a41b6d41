"""The recorded restores: where they are, and what each expects."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.support.compare import Manifest, State

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED_VARIABLE = "VELERO_CORE_SHARED"
DATA = CHECKOUT / "tests" / "data"
ARTIFACTS = {
    "results": "restores/{0}/restore-{0}-results.gz",
    "resource-list": "restores/{0}/restore-{0}-resource-list.json.gz",
    "volumeinfo": "restores/{0}/{0}-volumeinfo.json.gz",
    "itemoperations": "restores/{0}/restore-{0}-itemoperations.json.gz",
}
LOG = "restores/{0}/restore-{0}-logs.gz"
_SNAPSHOT_GROUP = "snapshot.storage.k8s.io"


def shared_folder() -> Path | None:
    """The folder with the reference data that is not part of this repository, if it is there."""
    configured = os.environ.get(SHARED_VARIABLE)
    folder = Path(configured) if configured else CHECKOUT.parent / "shared"
    return folder if (folder / "conformance").is_dir() else None


@dataclass(frozen=True)
class ExpectedRun:
    """One restore of a case: its name, spec and what Velero reported and uploaded."""

    name: str
    spec: Manifest
    restore: Manifest
    artifacts: dict[str, Any]  # by the keys of ARTIFACTS; what Velero did not write is not there
    description: str = ""
    log: tuple[str, ...] = ()  # its distinct lines, "level message", in order of appearance


@dataclass(frozen=True)
class GoldenCase:
    name: str
    folder: Path
    data: Manifest = field(repr=False, compare=False)

    @property
    def backups(self) -> list[str]:
        """The backups in the bucket."""
        named = self.data["backup"]
        return [named] if isinstance(named, str) else list(named)

    @cached_property
    def runs(self) -> list[ExpectedRun]:
        specs = self.data["restore_spec"]
        return [
            self._run(spec, "" if number == 1 else f"-{number}")
            for number, spec in enumerate(specs if isinstance(specs, list) else [specs], 1)
        ]

    def _run(self, spec: Manifest, suffix: str) -> ExpectedRun:
        artifacts = {name: load(self.folder / f"{name}{suffix}.json") for name in ARTIFACTS}
        return ExpectedRun(
            name=f"{self.name}{suffix}",
            spec=spec,
            restore=load(self.folder / f"restore{suffix}.json"),
            artifacts={name: content for name, content in artifacts.items() if content is not None},
            description=(_text(self.folder / f"describe{suffix}.txt") or b"").decode(),
            log=tuple(
                (_text(self.folder / f"log-messages{suffix}.txt") or b"").decode().splitlines()
            ),
        )

    @cached_property
    def _state(self) -> Manifest:
        found: Manifest = load(self.folder / "state.json")
        return found

    @property
    def objects(self) -> State:
        """Objects that are new or changed afterwards."""
        objects: State = self._state["objects"]
        return objects

    @property
    def removed(self) -> list[str]:
        return list(self._state.get("removed") or [])

    @property
    def volatile(self) -> dict[str, list[str]]:
        return dict(self._state.get("volatile") or {})

    @cached_property
    def velero_objects(self) -> State:
        return load(self.folder / "velero_objects.json") or {}

    @property
    def data_plane(self) -> list[str]:
        return list(self.data.get("simulated_data_plane") or [])

    @property
    def needs_crds(self) -> bool:
        """Whether it cannot be judged without Velero's and the snapshot CRDs in the cluster."""
        return bool(self.data_plane) or any(_SNAPSHOT_GROUP in key for key in self.objects)

    @property
    def refused(self) -> bool:
        """Whether Velero's validation refuses it, so that nothing may change."""
        return all(run.restore["status"]["phase"] == "FailedValidation" for run in self.runs)

    def flag(self, name: str) -> str | None:
        """The value of a server flag, None where the case leaves it at its default."""
        flags = self.data.get("server_flags") or []
        return flags[flags.index(name) + 1] if name in flags else None


def load(path: Path) -> Any:
    """A JSON file, also when only its .gz is there; None when neither is."""
    content = _text(path)
    return None if content is None else json.loads(content)


def _text(path: Path) -> bytes | None:
    packed = path.with_name(f"{path.name}.gz")
    if path.exists():
        return path.read_bytes()
    return gzip.decompress(packed.read_bytes()) if packed.exists() else None


def golden_cases() -> list[GoldenCase]:
    """All cases that this machine has, by name: those of the repository and the shared rest."""
    folders = [DATA / "golden" / "restores", DATA / "recorded" / "restores"]
    shared = shared_folder()
    if shared:
        folders.append(shared / "conformance" / "restores")
    found: dict[str, GoldenCase] = {}
    for folder in folders:
        for path in sorted(folder.glob("*/case.json")):
            case = GoldenCase(path.parent.name, path.parent, json.loads(path.read_bytes()))
            found.setdefault(case.name, case)
    return sorted(found.values(), key=lambda case: _sort_key(case.name))


def _sort_key(name: str) -> list[str]:
    return re.split(r"\W", name)


def golden_case(name: str) -> GoldenCase | None:
    """The case of this name, if this machine has it."""
    return next((case for case in golden_cases() if case.name == name), None)


def base_state() -> State | None:
    """The recorded content of a cluster before every case; None without the shared folder."""
    shared = shared_folder()
    return load(shared / "conformance" / "restores" / "base_state.json") if shared else None


class MissingDataError(LookupError):
    """A case needs data that is not on this machine."""


def _backup_folders() -> Iterator[Path]:
    yield DATA / "backup-storage" / "backups"
    shared = shared_folder()
    if shared:
        yield shared / "fixtures" / "backup-storage" / "backups"


def backup_folder(name: str) -> Path:
    """Where the files of a backup are."""
    for parent in _backup_folders():
        if (parent / name / "velero-backup.json").exists():
            return parent / name
    raise MissingDataError(f"the backup {name} is not in tests/data/backup-storage")


def fill_bucket(case: GoldenCase, bucket: Path) -> None:
    """Copy the case's backups into a folder laid out as a bucket."""
    for name in case.backups:
        target = bucket / "backups" / name
        target.mkdir(parents=True)
        for source in sorted(backup_folder(name).iterdir()):
            shutil.copyfile(source, target / source.name)


def native_snapshots(case: GoldenCase) -> list[str]:
    """The ids of the native snapshots in the case's backups."""
    found = []
    for name in case.backups:
        rows = load(backup_folder(name) / f"{name}-volumesnapshots.json") or []
        found += [row["status"]["providerSnapshotID"] for row in rows]
    return found


def missing_data(case: GoldenCase) -> str:
    """What this machine lacks for the case; empty: nothing."""
    if case.needs_crds and base_state() is None:
        return "needs the CRDs of Velero and of volume snapshots, which are not in this repository"
    try:
        for name in case.backups:
            backup_folder(name)
    except MissingDataError as error:
        return str(error)
    return ""
