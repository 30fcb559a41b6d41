# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.ansible_report import (
    failed,
    removed,
    return_values,
    summary,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_restore_info import (
    recorded,
    shared_caps,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_returns import (
    CAPS,
    Capped,
    message_lines,
)
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    CREATED,
    FAILED,
    SKIPPED,
    ItemKey,
    ItemOutcome,
)
from ansible_collections.velero.core.plugins.module_utils.model.results import Messages, Results
from ansible_collections.velero.core.plugins.module_utils.plan.dangling import Dangling
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import ItemId
from ansible_collections.velero.core.plugins.module_utils.restore.info import RestoreInfo
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport

LIMIT = 700_000


def outcome(number: int, action: str = CREATED) -> ItemOutcome:
    return ItemOutcome(ItemKey("v1/ConfigMap", "ns", f"cm-{number}"), action, "created", True)


def report(phase: str = "Completed", **values: Any) -> RestoreReport:
    restore = {"metadata": {"name": "r"}, "status": {"phase": phase}}
    return RestoreReport(**{"changed": True, "restore": restore, **values})


def changed(value: str) -> dict[str, Any]:
    return {"id": "configmaps/ns/cm", "changes": [{"path": "data.key", "before": value}]}


def huge(size: int) -> RestoreReport:
    """A report as an enormous restore leaves it: all lists long, all texts long."""
    messages = Messages(
        velero=["v" * 5_000] * size,
        cluster=["c" * 50] * size,
        namespaces={f"ns-{number}": ["n" * 3_000] for number in range(size)},
    )
    referrers = [(ItemId("pods", "ns", "p" * 60), "spec.volumes[config].configMap")] * 20
    return report(
        dangling=[
            Dangling(ItemId("configmaps", "ns", f"cm-{n}"), "not_selected", referrers)
            for n in range(size)
        ],
        results=Results(errors=messages, warnings=messages),
        outcomes=[outcome(number) for number in range(size)],
        plan=[
            {"id": f"v1/ConfigMap/ns/cm-{n}", "action": "create", "reason": "x"}
            for n in range(size)
        ],
        diff=[changed("b" * 1_000_000)] * 3 + [changed("b" * number) for number in range(size)],
        access=[
            {"verb": "get", "group": "", "resource": "pods", "namespace": f"n{n}", "allowed": True}
            for n in range(size)
        ],
    )


@pytest.mark.parametrize("detail", CAPS)
def test_the_largest_restore_stays_below_the_limit(detail: str) -> None:
    values = return_values(huge(20_000), detail, diff=True)
    assert len(json.dumps(values)) < (LIMIT if detail == "full" else LIMIT * 0.75)
    assert {"plan", "diff", "errors", "warnings", "dangling"} <= set(values["truncated"])
    assert len(values["warnings"]) == 11
    assert values["warnings"][-1] == "19990 more objects are missing; see dangling."


@pytest.mark.parametrize(("detail", "most"), [("summary", 0), ("items", 1_000), ("full", 5_000)])
def test_items_are_capped(detail: str, most: int) -> None:
    values = return_values(report(outcomes=[outcome(n) for n in range(6_000)]), detail, diff=False)
    assert len(values["items"]) <= most
    assert values["counts"] == {"created": 6_000}
    assert values["truncated"]["items"] == 6_000 - len(values["items"])


def test_nothing_is_cut_that_fits() -> None:
    outcomes = [outcome(n) for n in range(1_000)]
    results = Results(warnings=Messages(namespaces={"ns": ["one"] * 200}))
    values = return_values(report(outcomes=outcomes, results=results), "items", diff=False)
    assert [entry["id"] for entry in values["items"]] == [
        f"v1/ConfigMap/ns/cm-{n}" for n in range(1_000)
    ]
    assert values["restore_results"] == results.to_dict()
    assert values["truncated"] == {}


def test_failed_items_are_kept_and_the_order_too() -> None:
    outcomes = [outcome(n, FAILED if n in (1_500, 2_999) else SKIPPED) for n in range(3_000)]
    items = return_values(report(outcomes=outcomes), "items", diff=False)["items"]
    assert [entry["id"] for entry in items[-2:]] == [
        "v1/ConfigMap/ns/cm-1500",
        "v1/ConfigMap/ns/cm-2999",
    ]
    assert items[0]["id"] == "v1/ConfigMap/ns/cm-0"


def test_a_large_document_does_not_keep_out_small_ones() -> None:
    capped = Capped(CAPS["items"])
    small = {"before": "a", "after": "b"}
    assert capped.documents("diff", [small, {"before": "x" * 1_000_000}, small]) == [small, small]
    assert capped.left_out == {"diff": 1}


def test_a_diff_has_the_form_that_ansible_shows() -> None:
    changes = [
        {"path": "data.a", "before": "1", "after": "2"},
        {"path": "data.b", "after": {"c": True}},
    ]
    values = return_values(
        report(diff=[{"id": "configmaps/ns/cm", "changes": changes}]), "items", diff=True
    )
    assert values["diff"] == [
        {
            "before_header": "configmaps/ns/cm",
            "after_header": "configmaps/ns/cm",
            "before": 'data.a: "1"\n',
            "after": 'data.a: "2"\ndata.b: {"c": true}\n',
        }
    ]


def test_a_plan_is_counted_and_the_missing_rights_come_first() -> None:
    plan = [{"id": "a", "action": "create", "reason": "created"}]
    where = {"group": "apps", "resource": "deployments"}
    access = [
        {**where, "verb": "get", "namespace": "", "allowed": True},
        {**where, "verb": "patch", "namespace": "b", "allowed": False},
        {**where, "verb": "create", "namespace": "a", "allowed": False},
    ]
    values = return_values(report("", plan=plan, access=access), "items", diff=False)
    assert values["counts"] == {"create": 1}
    assert [entry["verb"] for entry in values["access"]] == ["patch", "create", "get"]
    assert values["denied"] == ["create, patch deployments.apps in a, b"]
    assert values["msg"] == "Plan of restore r: 1 create. Nothing was written."
    assert "diff" not in values


@pytest.mark.parametrize(
    ("phase", "failing"),
    [
        ("Completed", ()),
        ("PartiallyFailed", ("partially_failed",)),
        ("Failed", ("failed", "partially_failed")),
        ("FailedValidation", ("failed", "partially_failed")),
        ("Finalizing", ()),
    ],
)
def test_fail_on(phase: str, failing: tuple[str, ...]) -> None:
    for fail_on in ("failed", "partially_failed", "never"):
        assert failed(report(phase), fail_on) is (fail_on in failing)


def test_messages_tell_the_outcome() -> None:
    assert summary(report()) == "Restore r ended Completed with 0 errors, 0 warnings."
    errors = Messages(velero=["a"], cluster=["b"], namespaces={"shop": ["c"] * 20})
    text = summary(
        report("PartiallyFailed", results=Results(errors=errors), artifacts={"results": "/x.gz"})
    )
    assert text.startswith("Restore r ended PartiallyFailed with 22 errors, 0 warnings. Errors: ")
    assert "[velero] a; [cluster] b; [namespace shop] c; " in text
    assert text.endswith("; and 12 more. All messages are in /x.gz.")
    assert "the next run goes on" in summary(report("Finalizing"))
    invalid = report("FailedValidation")
    invalid.restore["status"]["validationErrors"] = ["one", "two"]
    assert summary(invalid) == "Restore r is not valid: one; two. Nothing was restored."
    lost = report("Failed")
    lost.restore["status"]["failureReason"] = "error downloading backup"
    assert "Reason: error downloading backup." in summary(lost)
    before = report(plan=[])
    assert "has ended Completed before" in summary(before)


def test_messages_tell_a_removal() -> None:
    assert removed(report("", changed=False)) == "There is no record of restore r."
    assert "The objects that it restored stay." in removed(report(""))


def test_message_lines_name_the_place() -> None:
    messages = Messages(velero=["v" * 400], namespaces={"b": ["2"], "a": ["1"]})
    lines = message_lines(messages, 2)
    assert len(lines[0]) < 320
    assert lines[1] == "[namespace a] 1"


def test_many_restores_share_the_room() -> None:
    listed = {"v1/ConfigMap": [f"ns/cm-{n}(created)" for n in range(900)]}
    results = Results(errors=Messages(cluster=["x" * 1_000] * 200))
    caps = shared_caps(CAPS["full"], 50)
    entry = recorded(
        RestoreInfo(
            name="r", restore={}, found_in=["storage"], resource_list=listed, results=results
        ),
        caps,
    )
    assert len(json.dumps(entry)) * 50 < LIMIT
    assert entry["counts"] == {"created": 900}
    assert set(entry["truncated"]) == {"items", "errors"}
