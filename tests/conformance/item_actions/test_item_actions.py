"""Every golden call of a built-in action, against ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    V1AsV2,
)
from ansible_collections.velero.core.plugins.module_utils.actions.environment import (
    ActionEnvironment,
)
from ansible_collections.velero.core.plugins.module_utils.actions.registry import builtin_actions
from tests.conformance.item_actions.cluster import FakeCluster
from tests.conformance.item_actions.judge import (
    build,
    judge_execute,
    judge_operation,
    server,
)
from tests.conformance.item_actions.records import (
    Manifest,
    Record,
    applies_to,
    execute_records,
    operation_records,
)
from tests.support.golden_report import DIFFERS, EQUAL, Line

SELECTORS = applies_to()


Report = Callable[[Line], None]


@pytest.mark.parametrize("record", execute_records(), ids=lambda record: record.id)
def test_execute(record: Record, report_line: Report) -> None:
    _tell(report_line, record, judge_execute(record))


@pytest.mark.parametrize("record", operation_records(), ids=lambda record: record.id)
def test_operation(record: Record, report_line: Report) -> None:
    _tell(report_line, record, judge_operation(record))


def _tell(report_line: Report, record: Record, found: list[str]) -> None:
    verdict = DIFFERS if found else EQUAL
    name = f"{record.action}[{record.index}]"
    # Actions do not know the mode.
    report_line(Line("item actions", name, verdict, note="".join(found[:1]), mode="both"))
    assert found == [], record.case


def test_all_actions_are_there_in_velero_s_order() -> None:
    actions = builtin_actions(ActionEnvironment(cluster=FakeCluster()))
    kinds = {True: "RestoreItemAction", False: "RestoreItemActionV2"}
    found = [
        {"kind": kinds[isinstance(action, V1AsV2)], "action": action.name} for action in actions
    ]
    assert found == SELECTORS["order"]


@pytest.mark.parametrize(("name", "expected"), SELECTORS["actions"].items())
def test_applies_to(name: str, expected: Manifest) -> None:
    found = build(name, server(FakeCluster())).applies_to()
    assert {
        "includedNamespaces": list(found.included_namespaces),
        "excludedNamespaces": list(found.excluded_namespaces),
        "includedResources": list(found.included_resources),
        "excludedResources": list(found.excluded_resources),
        "labelSelector": found.label_selector,
    } == expected["applies_to"]


@pytest.mark.parametrize(("name", "expected"), SELECTORS["withoutVeleroDeployment"].items())
def test_applies_to_without_the_deployment(name: str, expected: Manifest) -> None:
    cluster = FakeCluster()
    cluster.remove("apps", "deployments", "velero", "velero")
    with pytest.raises(ActionError) as caught:
        build(name, server(cluster)).applies_to()
    assert str(caught.value) == expected["error"]
