"""`python -m tests.support.restore_process JOB`: one restore and what it cost, as one JSON line.

JOB is the JSON of tests.support.engine.Job. CPU and memory are those of a process that only runs
the engine; `seconds` and `cpu_seconds` leave the start of Python out.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import VeleroCoreError
from tests.support.engine import Job, api_cluster


def main() -> None:
    given = json.loads(sys.argv[1])
    for name in ("kubeconfig", "artifacts", "backups"):
        given[name] = Path(given[name])
    job = Job(**given)
    out: dict[str, Any] = {}
    with api_cluster(job.kubeconfig, **job.client) as api:
        started, used = time.monotonic(), _cpu()
        try:
            report = job.run_with(api)
        except VeleroCoreError as error:
            out["error"], out["kind"] = str(error), type(error).__name__
        else:
            out["phase"] = report.phase
            out["changed"] = report.changed
            out["items"] = len(report.outcomes)
            out["results"] = report.results.to_dict()
            out["warnings"] = report.warnings
        out["seconds"] = time.monotonic() - started
        out["cpu_seconds"] = _cpu() - used
        stats = api.stats
        out["requests"], out["retries"] = stats.requests, stats.retries
    out["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(out))


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
