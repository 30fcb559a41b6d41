"""Compare what a restore reported and uploaded with what Velero did."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.support.compare import (
    Comparison,
    Dump,
    Manifest,
    State,
    compare,
    differences,
    masked,
    masked_text,
    show,
    subtract,
)
from tests.support.golden_data import ARTIFACTS, ExpectedRun, GoldenCase
from tests.support.golden_masks import GENERATED_NAME, OPERATION_ID, TIMEOUTS

_STATUS_TIMES = ("startTimestamp", "completionTimestamp")
_FREE_KEYS = {"created", "started", "updated", "size", "snapshotSize", "nCompleted", "nTotal"}


@dataclass
class Verdict:
    """All differences of a case, one line each, in the order in which they were looked for."""

    lines: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not self.lines

    @property
    def first(self) -> str:
        return self.lines[0] if self.lines else ""

    def add(self, part: str, lines: list[str]) -> None:
        self.lines += [f"{part}: {line}" for line in lines]


def judge_state(case: GoldenCase, base: Dump, after: Dump) -> Comparison:
    """Compare the cluster with the case's; `base` was dumped before the case's own objects."""
    new, removed = subtract(after.objects, base.objects)
    found = compare(case.objects, new, case.volatile)
    found.missing += [f"{key} (of the base)" for key in removed if key not in case.removed]
    found.extra += [
        # What is not dumped cannot be missed either.
        f"{key} (of the base)"
        for key in case.removed
        if key in base.objects and key not in removed
    ]
    return found


def judge_objects(expected: State, found: State, restores: list[str]) -> list[str]:
    """Compare what is left of Velero's own objects, whatever their generated names."""
    return _sets(
        [_anonymous(item, restores) for item in expected.values()],
        [_anonymous(item, restores) for item in found.values()],
    )


def judge_restore(expected: Manifest, found: Manifest) -> list[str]:
    """Compare two Restore objects: spec and status, of its times whether they are there."""
    out = []
    for part in ("spec", "status"):
        want, have = (
            {
                key: "<time>" if key in _STATUS_TIMES and value else value
                for key, value in (one.get(part) or {}).items()
            }
            for one in (expected, found)
        )
        out += [f"{part}{one}" for one in differences(masked(want), masked(have))]
    return out


def judge_artifacts(
    run: ExpectedRun, found: dict[str, Any], *, count_messages: bool = False
) -> dict[str, list[str]]:
    """Compare the uploaded files by name; with `count_messages` not the texts of the results."""
    out: dict[str, list[str]] = {}
    for name in ARTIFACTS:
        if name not in run.artifacts:
            out[name] = ["Velero wrote none"] if name in found else []
            continue
        if name not in found:
            out[name] = ["it was not written"]
            continue
        expected, have = run.artifacts[name], found[name]
        if name == "results":
            out[name] = judge_results(expected, have, count_messages=count_messages)
        elif name == "resource-list":
            out[name] = judge_resource_list(expected, have)
        else:
            out[name] = _sets(
                [_anonymous(_unhurried(item), [run.name]) for item in expected],
                [_anonymous(_unhurried(item), [run.name]) for item in have],
            )
    return out


def _unhurried(row: Manifest) -> Manifest:
    """The row without the volume that was just provisioned for its claim.

    Volume information is written right after the items: whether the binder has come to a claim by
    then differs from run to run.
    """
    provisioned = str(row.get("pvName", "")).startswith("sim-")
    return {key: value for key, value in row.items() if key != "pvName" or not provisioned}


def judge_results(
    expected: Manifest, found: Manifest, *, count_messages: bool = False
) -> list[str]:
    """Compare each bucket of messages as a multiset."""
    out = []
    for kind in ("errors", "warnings"):
        want, have = _buckets(expected.get(kind) or {}), _buckets(found.get(kind) or {})
        for bucket in sorted({*want, *have}):
            ours, theirs = have.get(bucket, Counter()), want.get(bucket, Counter())
            where = f"{kind} of {bucket}"
            if count_messages:
                if ours.total() != theirs.total():
                    out.append(f"{where}: expected {theirs.total()}, found {ours.total()}")
                continue
            out += [f"{where}: missing {show(text)}" for text in sorted((theirs - ours).elements())]
            out += [f"{where}: extra {show(text)}" for text in sorted((ours - theirs).elements())]
    return out


def judge_resource_list(expected: Manifest, found: Manifest) -> list[str]:
    """Compare the lists of each kind as sets."""
    out = []
    for kind in sorted({*expected, *found}):
        want, have = (
            Counter(map(masked_text, lists.get(kind) or [])) for lists in (expected, found)
        )
        out += [f"{kind}: missing {text}" for text in sorted((want - have).elements())]
        out += [f"{kind}: extra {text}" for text in sorted((have - want).elements())]
    return out


def _buckets(messages: Manifest) -> dict[str, Counter[str]]:
    named: dict[str, list[str]] = {
        "velero": messages.get("velero") or [],
        "cluster": messages.get("cluster") or [],
    }
    for namespace, texts in (messages.get("namespaces") or {}).items():
        named[f"namespace {namespace}"] = texts or []
    return {name: Counter(map(_message, texts)) for name, texts in named.items() if texts}


def _message(text: str) -> str:
    out: str = masked(text)
    for pattern in TIMEOUTS:
        out = pattern.sub("<timeout>", out)
    return out


def _anonymous(value: Any, restores: list[str], key: str = "") -> Any:
    """The value without generated names, operation ids, sizes and times."""
    if key in _FREE_KEYS and isinstance(value, int | str):
        return "<free>"
    if isinstance(value, dict):
        return {name: _anonymous(member, restores, name) for name, member in masked(value).items()}
    if isinstance(value, list):
        return [_anonymous(member, restores, key) for member in value]
    if not isinstance(value, str):
        return value
    for name in restores:
        value = re.sub(re.escape(name) + GENERATED_NAME, f"{name}-<id>", value)
    return OPERATION_ID.sub("dd-<id>", masked(value))


def _sets(expected: list[Any], found: list[Any]) -> list[str]:
    want, have = (
        Counter(json.dumps(one, sort_keys=True) for one in items) for items in (expected, found)
    )
    out = [f"missing {text[:300]}" for text in sorted((want - have).elements())]
    return out + [f"extra {text[:300]}" for text in sorted((have - want).elements())]
