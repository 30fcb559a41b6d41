"""Speed of a restore of many small objects, beside what the API server can take.

    python -m tests.bench                  # 10,000 items, 3 rounds; 6 minutes on two cores
    python -m tests.bench --items 2000 --rounds 1

Every measurement has a fresh cluster; those of one round follow each other, so that what disturbs
the machine disturbs them all. Ratios are of one round; the table has medians. See
docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.data import BACKUP, write_backup
from tests.support.engine import CHECKOUT, Job
from tests.testbed.cluster import Cluster, ClusterOptions, start_cluster

# Without controllers: what they do costs time on the same machine and comes at any moment.
_OPTIONS = ClusterOptions(controllers=("namespace-controller",), narrow_namespace=None)
LIMITS = ("plain", "http.client")


class Bench:
    """All measurements; results by name, one entry a round."""

    def __init__(self, arguments: argparse.Namespace, folder: Path) -> None:
        self._items: int = arguments.items
        self._spaces: int = arguments.namespaces
        self._connections: int = arguments.concurrency
        self._folder = folder
        self._runs = 0
        self.results: dict[str, list[dict[str, Any]]] = {}

    def round(self, delay: float) -> None:
        """One round with a round trip of `delay` seconds more than the machine's own."""
        suffix = f" +{delay * 1000:.0f} ms" if delay else ""
        for client in LIMITS:
            with start_cluster(_OPTIONS) as cluster, _way(cluster, delay) as url:
                with _server_cpu(cluster) as used:
                    result = self._limit(cluster, client, url)
                self._note(f"limit {client}{suffix}", {**result, **used})
        for mode in ("restore", "drop"):
            with start_cluster(_OPTIONS) as cluster, _way(cluster, delay) as url:
                if mode == "drop":
                    plan = self._job(cluster, mode, url)
                    plan.check_mode = True
                    self._ours(f"plan, empty cluster{suffix}", cluster, plan)
                job = self._job(cluster, mode, url)
                self._ours(f"ours {mode}{suffix}", cluster, job)
                if mode == "restore":
                    again = self._job(cluster, mode, url)
                    again.settings["rerun"], again.artifacts = "always", job.artifacts
                    self._ours(f"second run{suffix}", cluster, again)
                    plan = self._job(cluster, mode, url)
                    plan.check_mode = True
                    self._ours(f"plan, all there{suffix}", cluster, plan)

    def _note(self, name: str, result: dict[str, Any]) -> None:
        if result.get("error"):
            raise SystemExit(f"{name}: {result['error']}")
        result["per_second"] = self._items / result["seconds"]
        for whose in ("cpu", "server_cpu"):
            result[f"{whose}_us"] = 1e6 * result[f"{whose}_seconds"] / self._items
        if "requests" in result:
            result["requests_per_item"] = sum(result["requests"].values()) / self._items
        self.results.setdefault(name, []).append(result)
        print(
            f"{name:32} {result['per_second']:7.0f}/s {result['cpu_us']:6.0f} µs CPU, "
            f"servers {result['server_cpu_us']:6.0f} µs",
            file=sys.stderr,
            flush=True,
        )

    def _limit(self, cluster: Cluster, client: str, url: str) -> dict[str, Any]:
        job = {
            "url": url,
            "ca": str(cluster.ca_file),
            "token": cluster.token,
            "client": client,
            "items": self._items,
            "namespaces": self._spaces,
            "connections": self._connections,
        }
        return _result([sys.executable, "-m", "tests.bench.limit", json.dumps(job)])

    def _job(self, cluster: Cluster, mode: str, url: str) -> Job:
        self._runs += 1
        return Job(
            kubeconfig=cluster.kubeconfig(server=url),
            artifacts=self._folder / f"artifacts-{self._runs}",
            backups=self._folder,
            backup=BACKUP,
            settings={
                "managed_fields": mode,
                "concurrency": self._connections,
                "record": "storage",
            },
        )

    def _ours(self, name: str, cluster: Cluster, job: Job) -> None:
        with _server_cpu(cluster) as used, job.start() as process:
            output = process.communicate()[0]
        result: dict[str, Any] = {**json.loads(output), **used}
        counts = result.get("results") or {}
        if counts.get("errors") or counts.get("warnings"):
            result["error"] = json.dumps(counts)[:500]
        self._note(name, result)


def _result(command: list[str]) -> dict[str, Any]:
    path = f"{CHECKOUT / '.dev'}:{CHECKOUT}"
    done = subprocess.run(
        command, cwd=CHECKOUT, env={"PYTHONPATH": path}, stdout=subprocess.PIPE, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@contextmanager
def _server_cpu(cluster: Cluster) -> Iterator[dict[str, float]]:
    """The CPU seconds of API server and etcd while the block ran, once it has ended."""
    pids = [cluster.servers[name].pid for name in ("etcd", "kube-apiserver")]
    started = sum(map(_process_cpu, pids))
    used: dict[str, float] = {}
    yield used
    used["server_cpu_seconds"] = sum(map(_process_cpu, pids)) - started


def _process_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _way(cluster: Cluster, delay: float) -> Iterator[str]:
    """The URL of the cluster, or of a relay before it."""
    if not delay:
        yield cluster.url
        return
    parts = urlsplit(cluster.url)
    command = [sys.executable, "-m", "tests.bench.relay", str(parts.hostname), str(parts.port)]
    relay = subprocess.Popen(
        [*command, str(delay)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert relay.stdout
    try:
        yield f"https://127.0.0.1:{relay.stdout.readline().strip()}"
    finally:
        relay.kill()
        relay.wait()
        relay.stdout.close()


def table(results: dict[str, list[dict[str, Any]]]) -> str:
    """The medians as a Markdown table."""
    lines = [
        "| measurement | items/s | of the limit (http.client) | of the limit (plain socket) "
        "| requests per item | client CPU per item | server CPU per item | peak RSS |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, rounds in results.items():
        cells = [name, f"{_median(rounds, 'per_second'):,.0f}"]
        suffix = name.partition(" +")[2]
        for client in ("http.client", "plain"):
            limit = results[f"limit {client}{' +' + suffix if suffix else ''}"]
            ratios = [
                one["per_second"] / other["per_second"]
                for one, other in zip(rounds, limit, strict=True)
            ]
            cells.append(f"{statistics.median(ratios):.0%}" if name.startswith("ours") else "")
        cells.append(
            f"{_median(rounds, 'requests_per_item'):.4f}" if "requests" in rounds[0] else ""
        )
        cells += [f"{_median(rounds, key):.0f} µs" for key in ("cpu_us", "server_cpu_us")]
        cells.append(f"{_median(rounds, 'peak_rss_mb'):.0f} MB" if "requests" in rounds[0] else "")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _median(rounds: list[dict[str, Any]], key: str) -> float:
    return statistics.median(one[key] for one in rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--namespaces", type=int, default=10)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--delays", default="0,0.01", help="round trips in seconds")
    parser.add_argument("--json", type=Path, help="where all figures go (default: standard output)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="velero-core-bench-") as folder:
        write_backup(Path(folder), arguments.items, arguments.namespaces)
        bench = Bench(arguments, Path(folder))
        for delay in map(float, arguments.delays.split(",")):
            for _number in range(arguments.rounds):
                bench.round(delay)
    figures = {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "load": os.getloadavg()[0],
        },
        "items": arguments.items,
        "results": bench.results,
    }
    print(table(bench.results))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))
    else:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
