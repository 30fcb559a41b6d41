# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the report of a restore to the return values of velero_restore, and its verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.ansible_returns import (
    CAPS,
    Capped,
    counts,
    message_lines,
)
from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.names import group_resource
from ansible_collections.velero.core.plugins.module_utils.model.results import Results
from ansible_collections.velero.core.plugins.module_utils.plan.dangling import (
    Dangling,
    in_words,
)
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport

_LINES_IN_MESSAGE = 10
_MOST_DANGLING = 40_000

# Phases that fail a task, by fail_on. A refused request counts as a failed restore.
FAILING: dict[str, frozenset[str]] = {
    "failed": frozenset({phases.FAILED, phases.FAILED_VALIDATION}),
    "partially_failed": phases.FAILURES,
    "never": frozenset(),
}


def return_values(report: RestoreReport, detail: str, *, diff: bool) -> dict[str, Any]:
    """Returns the report as velero_restore returns it, cut to the caps of ``detail``."""
    capped = Capped(CAPS[detail])
    items = [outcome.to_dict() for outcome in report.outcomes]
    values: dict[str, Any] = {
        "changed": report.changed,
        "msg": summary(report),
        "restore": report.restore,
        # The action plugin calls it results; Ansible does not let a module use that name.
        "restore_results": capped.results(report.results),
        "counts": counts(items if report.plan is None else report.plan),
        "items": capped.items("items", items if report.plan is None else []),
        "artifacts": report.artifacts,
    }
    dangling = (entry.to_dict() for entry in report.dangling)
    values["dangling"] = capped.documents("dangling", dangling, _MOST_DANGLING)
    if report.plan is not None:
        values["plan"] = capped.items("plan", report.plan)
        # What is blocked comes first, so that it is there even if the list is cut.
        volumes = sorted(report.volumes, key=lambda entry: not entry["blocked"])
        values["volumes"] = capped.items("volumes", volumes)
        # What is missing comes first, so that it is there even if the list is cut.
        access = sorted(report.access, key=lambda entry: bool(entry["allowed"]))
        values["access"] = capped.documents("access", access)
        values["denied"] = denied(access)
    if diff:
        shown = (shown_diff(entry) for entry in report.diff)
        values["diff"] = capped.documents("diff", shown)
    values["truncated"] = capped.left_out
    values["warnings"] = [*report.warnings, *dangling_warnings(report.dangling)]
    return values


def dangling_warnings(dangling: Sequence[Dangling]) -> list[str]:
    """Returns a sentence for each of the first objects that are missing, and how many there are."""
    texts = [in_words(entry) for entry in dangling[:_LINES_IN_MESSAGE]]
    rest = len(dangling) - len(texts)
    return [*texts, f"{rest} more objects are missing; see dangling."] if rest else texts


def denied(access: list[dict[str, Any]]) -> list[str]:
    """Returns what is not allowed, one text for each resource."""
    verbs: dict[str, set[str]] = {}
    namespaces: dict[str, set[str]] = {}
    for entry in access:
        if not entry["allowed"]:
            resource = group_resource(entry["resource"], entry["group"])
            verbs.setdefault(resource, set()).add(entry["verb"])
            namespaces.setdefault(resource, set()).add(entry["namespace"])
    texts = []
    for resource in sorted(verbs):
        where = ", ".join(sorted(namespaces[resource] - {""}))
        texts.append(f"{', '.join(sorted(verbs[resource]))} {resource}{where and f' in {where}'}")
    return texts


def shown_diff(entry: dict[str, Any]) -> dict[str, str]:
    """Returns the changed fields of one object in the form that Ansible shows."""
    sides = {
        side: "".join(
            f"{change['path']}: {json.dumps(change[side], ensure_ascii=False, sort_keys=True)}\n"
            for change in entry["changes"]
            if side in change
        )
        for side in ("before", "after")
    }
    return {"before_header": entry["id"], "after_header": entry["id"], **sides}


def failed(report: RestoreReport, fail_on: str) -> bool:
    """Returns whether the phase of the restore fails the task."""
    return report.phase in FAILING[fail_on]


def summary(report: RestoreReport) -> str:
    """Returns what became of the restore, in a few sentences for people."""
    name = report.restore.get("metadata", {}).get("name", "")
    status = report.restore.get("status", {})
    phase = report.phase
    if phase == phases.FAILED_VALIDATION:
        reasons = "; ".join(status.get("validationErrors") or [])
        return f"Restore {name} is not valid: {reasons}. Nothing was restored."
    if report.plan is not None and phase in phases.TERMINAL:
        return f"Restore {name} has ended {phase} before. A run would change nothing."
    if report.plan is not None:
        return f"Plan of restore {name}: {_listed(counts(report.plan))}. Nothing was written."
    sentences = [f"Restore {name} {_ended(phase, report.results)}."]
    if status.get("failureReason"):
        sentences.append(f"Reason: {status['failureReason']}.")
    sentences.extend(_error_sentences(report.results))
    if report.results.errors.count and report.artifacts.get("results"):
        sentences.append(f"All messages are in {report.artifacts['results']}.")
    return " ".join(sentences)


def removed(report: RestoreReport) -> str:
    """Returns what the removal of a restore did."""
    name = report.restore.get("metadata", {}).get("name", "")
    if not report.changed:
        return f"There is no record of restore {name}."
    return (
        f"Restore {name}: its record and artifacts are removed. The objects that it restored stay."
    )


def _ended(phase: str, results: Results) -> str:
    found = f"{_many(results.errors.count, 'error')}, {_many(results.warnings.count, 'warning')}"
    if not phase:
        return "has no record"
    if phase in phases.TERMINAL:
        return f"ended {phase} with {found}"
    return f"is in phase {phase} with {found}; the next run goes on"


def _error_sentences(results: Results) -> list[str]:
    lines = message_lines(results.errors, _LINES_IN_MESSAGE)
    if not lines:
        return []
    rest = results.errors.count - len(lines)
    return [f"Errors: {'; '.join(lines)}{f'; and {rest} more' if rest else ''}."]


def _listed(found: dict[str, int]) -> str:
    return ", ".join(f"{number} {action}" for action, number in found.items()) or "no items"


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
