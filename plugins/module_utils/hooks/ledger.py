# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known about every exec hook of a restore, also after a run that was cut off.

Source: internal/hook/hook_tracker.go. Velero keeps it in memory and loses it with its process
(reference restore-engine.md section 11, number 37); here it is kept with the restore's artifacts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.hooks.contract import HookKey

PENDING, STARTED, DONE = "pending", "started", "done"

Row = dict[str, Any]
Keep = Callable[[list[Row]], None]
_KEY_FIELDS = ("namespace", "pod", "source", "container", "hook", "index")


def _forget(_rows: list[Row]) -> None:
    """Keeps nothing."""


@dataclass(slots=True)
class _Entry:
    """The state of one hook. ``met`` tells whether this run has come upon its pod."""

    key: HookKey
    uid: str
    state: str = PENDING
    error: str = ""
    met: bool = True


class HookLedger:
    """All hooks of a restore. May be used by several threads at once.

    ``rows`` is what an earlier run of this restore has kept; ``keep`` stores rows and is called
    before a hook begins and after it ended. Rows hold no commands and no output.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = (), keep: Keep = _forget) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._keeping = threading.Lock()
        self._version = self._kept = 0
        loaded = (_entry(row) for row in rows)
        self._entries = {entry.key: entry for entry in loaded}

    def add(self, key: HookKey, uid: str) -> bool:
        """Notes a hook of the pod ``uid``; returns whether it is still to be run.

        A hook that an earlier run has run in this very pod is not run again. Neither is one that
        was cut off: whether its command was run is not known.
        """
        with self._lock:
            self._version += 1
            entry = self._entries.get(key)
            if entry is None or entry.uid != uid:
                self._entries[key] = _Entry(key, uid)
                return True
            if not entry.met and entry.state == STARTED:
                entry.error = (
                    f"hook {key.hook} in container {key.container} was cut off with an earlier "
                    "run of this restore: whether it has succeeded is not known"
                )
                entry.state = DONE
            entry.met = True
            return entry.state != DONE

    def has_failed(self, key: HookKey) -> bool:
        """Returns whether the hook has ended with an error."""
        with self._lock:
            return bool(self._entries[key].error)

    def begin(self, key: HookKey) -> None:
        """Keeps that a hook is about to be run."""
        with self._lock:
            entry = self._entries[key]
            if entry.state == PENDING:
                entry.state = STARTED
                self._version += 1
        self.flush()

    def take_back(self, key: HookKey) -> None:
        """Keeps that a hook was not run after all."""
        with self._lock:
            entry = self._entries[key]
            if entry.state == STARTED:
                entry.state = PENDING
                self._version += 1
        self.flush()

    def record(self, key: HookKey, error: str = "") -> None:
        """Notes how a hook ended; only the first time counts. ``error`` is empty for success."""
        with self._lock:
            entry = self._entries[key]
            if entry.state != DONE:
                entry.state, entry.error = DONE, error
                self._version += 1

    def flush(self) -> None:
        """Keeps what has changed. Threads that come at the same time share one write."""
        with self._lock:
            wanted = self._version
        with self._keeping:
            if self._kept >= wanted:
                return
            with self._lock:
                version, rows = self._version, self._rows()
            self._keep(rows)
            self._kept = version

    def give_up_the_rest(self) -> None:
        """Notes that hooks without a result will not be run: their pods were not met again."""
        with self._lock:
            for entry in self._entries.values():
                if entry.state != DONE:
                    key = entry.key
                    entry.error = (
                        f"hook {key.hook} in container {key.container} in pod "
                        f"{key.namespace}/{key.pod} not executed: the pod of the earlier run is "
                        "not there any more"
                    )
                    entry.state = DONE
                    self._version += 1

    def unfinished_pods(self) -> list[tuple[str, str]]:
        """Returns namespace and name of the pods whose hooks have not all ended."""
        with self._lock:
            left = {
                (entry.key.namespace, entry.key.pod)
                for entry in self._entries.values()
                if entry.state != DONE
            }
        return sorted(left)

    @property
    def attempted(self) -> int:
        """Returns how many hooks there are."""
        return len(self._entries)

    @property
    def failed(self) -> int:
        """Returns how many of them failed."""
        with self._lock:
            return sum(bool(entry.error) for entry in self._entries.values())

    def errors(self) -> list[tuple[str, str]]:
        """Returns (namespace, text) of every failed hook, pod by pod in the order of names."""
        with self._lock:
            failed = [entry for entry in self._entries.values() if entry.error]
        failed.sort(key=lambda entry: (entry.key.namespace, entry.key.pod))
        return [(entry.key.namespace, entry.error) for entry in failed]

    def _rows(self) -> list[Row]:
        return [
            {**asdict(entry.key), "uid": entry.uid, "state": entry.state, "error": entry.error}
            for entry in self._entries.values()
        ]


def _entry(row: Mapping[str, Any]) -> _Entry:
    key = HookKey(**{name: row[name] for name in _KEY_FIELDS})
    return _Entry(key, row["uid"], row["state"], row["error"], met=False)
