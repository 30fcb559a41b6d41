"""Calls per second through one plugin process, with 1 and 16 threads.

    python -m tests.bench.plugins                 # Execute of a ConfigMap, 5 rounds of 3 s
    python -m tests.bench.plugins --seconds 1 --rounds 3

The plugin is that of the test bed. `plain` returns the item as it came, `labels` decodes and
encodes it in the plugin and in Python.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
import time

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ExecuteInput,
    ItemAction,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_binaries import (
    PluginBinaries,
    plugin_command,
)
from tests.testbed.build import plugin_binaries

THREADS = (1, 16)
ACTIONS = ("example.test/plain", "example.test/labels")
_ITEM = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {
        "name": "item",
        "namespace": "space",
        "labels": {"app": "bench"},
        "annotations": {"example.test/note": "x" * 100},
    },
    "data": {f"key-{number}": "value" * 4 for number in range(10)},
}
_RESTORE = {
    "apiVersion": "velero.io/v1",
    "kind": "Restore",
    "metadata": {"name": "r", "namespace": "velero"},
    "spec": {"backupName": "b", "includedNamespaces": ["*"], "restorePVs": True},
}
GIVEN = ExecuteInput(item=_ITEM, item_from_backup=_ITEM, restore=_RESTORE)


def measure(action: ItemAction, threads: int, seconds: float) -> tuple[float, float]:
    """Calls per second, and microseconds of this process's CPU per call."""
    counts = [0] * threads
    end = time.monotonic() + seconds

    def work(index: int) -> None:
        while time.monotonic() < end:
            action.execute(GIVEN)
            counts[index] += 1

    workers = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
    started, used = time.monotonic(), _cpu()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    calls = sum(counts)
    return calls / (time.monotonic() - started), 1e6 * (_cpu() - used) / calls


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    arguments = parser.parse_args()
    command = plugin_command(str(plugin_binaries() / "testplugin"))
    started = time.monotonic()
    with PluginBinaries([command], lambda level, text: None) as running:
        print(f"start {1000 * (time.monotonic() - started):.0f} ms", flush=True)
        actions = {action.name: action for action in running.actions()}
        print("| action | threads | calls/s (median) | least and most | client CPU per call |")
        print("|---|---:|---:|---:|---:|")
        for name in ACTIONS:
            for threads in THREADS:
                rounds = [
                    measure(actions[name], threads, arguments.seconds)
                    for number in range(arguments.rounds)
                ]
                rates = [rate for rate, cpu in rounds]
                cpu = statistics.median(cpu for rate, cpu in rounds)
                print(
                    f"| {name} | {threads} | {statistics.median(rates):,.0f} "
                    f"| {min(rates):,.0f} to {max(rates):,.0f} | {cpu:.0f} µs |",
                    flush=True,
                )
        started = time.monotonic()
    print(f"stop {1000 * (time.monotonic() - started):.0f} ms")


if __name__ == "__main__":
    main()
