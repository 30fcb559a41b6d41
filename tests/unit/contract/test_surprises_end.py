# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Surprises (reference section 11) about what follows the items: 35 and 38 to 40."""

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    OperationProgress,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
)
from tests.support.builders import SERVED, Manifest, api_of, config_map, obj, resource
from tests.support.builders_actions import Action, only_actions
from tests.support.builders_run import Restoring
from tests.support.contract import SAFE, STRICT, Seen, both_modes, restore, seen
from tests.support.fake_cluster import FakeCluster, obj_namespace
from tests.support.volume_cases import DATA, Situation, restoring

TOLD = "error from restore item operation: "

# ------------------------------------------------------------------ hooks

POD_BACKUPS = resource("podvolumebackups.velero.io", "PodVolumeBackup")
INIT = {"initContainers": [{"name": "spec", "image": "i", "command": ["c"]}]}
ANNOTATED = {
    "init.hook.restore.velero.io/container-image": "i",
    "init.hook.restore.velero.io/container-name": "annotation",
    "init.hook.restore.velero.io/command": "c",
}


def init_containers(mode: str, item: Manifest, init: Manifest, **lists: list[str]) -> list[str]:
    hooks = {"resources": [{"name": "h", "postHooks": [{"init": init}], **lists}]}
    cluster = FakeCluster(obj_namespace("shop"), api=api_of(*SERVED, POD_BACKUPS))
    result = restore([item], mode=mode, cluster=cluster, hooks=hooks)
    (pod,) = result.bodies("create")
    return [each["name"] for each in pod["spec"].get("initContainers") or []]


def pod(**annotations: str) -> Manifest:
    spec = {"containers": [{"name": "main", "image": "i"}]}
    return obj("Pod", "p", "shop", annotations=annotations, spec=spec)


@both_modes
@pytest.mark.parametrize(
    "lists", [{"includedResources": ["deployments"]}, {"excludedResources": ["pods"]}]
)
def test_surprise_35_resource_lists_of_hooks_do_nothing(
    mode: str, lists: dict[str, list[str]]
) -> None:
    assert init_containers(mode, pod(), INIT, **lists) == ["spec"]


@both_modes
def test_surprise_35_times_of_init_hooks_do_nothing(mode: str) -> None:
    timed = pod(**ANNOTATED, **{"init.hook.restore.velero.io/timeout": "1ns"})
    assert init_containers(mode, timed, INIT) == ["annotation"]
    assert init_containers(mode, pod(), {**INIT, "timeout": "1ns"}) == ["spec"]


@both_modes
def test_surprise_35_annotations_replace_the_spec(mode: str) -> None:
    assert init_containers(mode, pod(**ANNOTATED), INIT) == ["annotation"]


# ------------------------------------------------------------------ operations


class Operating(Action):
    """One operation, which gives these answers, the last one for ever."""

    def __init__(self, *answers: OperationProgress | Exception) -> None:
        super().__init__(lambda given: ExecuteOutput(operation_id="op"))
        self.answers = list(answers)

    def execute(self, given: ExecuteInput) -> ExecuteOutput:
        return ExecuteOutput(operation_id="op")

    def progress(self, operation_id: str, restore: Manifest) -> OperationProgress:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


RUNS, DONE = OperationProgress(), OperationProgress(completed=True)
FAILED = OperationProgress(completed=True, err="why")


def operated(mode: str, *answers: OperationProgress | Exception) -> Seen:
    found = Restoring(
        [config_map("x")], cluster=FakeCluster(obj_namespace("shop")), compatibility=mode
    )
    with only_actions(Operating(*answers)):
        return seen(found, found.run())


@pytest.mark.parametrize(
    ("mode", "answers", "told"),
    [
        (SAFE, [FAILED], True),
        (STRICT, [FAILED], True),
        (SAFE, [RUNS, RUNS, FAILED], True),
        (STRICT, [RUNS, RUNS, FAILED], False),
    ],
)
def test_surprise_38_errors_of_operations_are_in_the_results(
    mode: str, answers: list[OperationProgress], told: bool
) -> None:
    """Rule D15: Velero only counts those that are found later."""
    result = operated(mode, *answers)
    assert result.phase == "PartiallyFailed"
    assert result.errors == ({"velero": [TOLD + "why"]} if told else {})
    assert result.report.restore["status"]["errors"] == 1


def lost() -> ActionError:
    error = ActionError("no answer")
    error.__cause__ = ConnectionFailedError("asking", "the server")
    return error


@pytest.mark.parametrize(("mode", "errors"), [(SAFE, 0), (STRICT, 1)])
def test_surprise_39_one_failed_look_at_an_operation(mode: str, errors: int) -> None:
    """Rule D16."""
    status = operated(mode, RUNS, lost(), DONE).report.restore["status"]
    assert status.get("errors", 0) == errors


@both_modes
def test_surprise_39_an_operation_that_its_action_does_not_know_has_failed(mode: str) -> None:
    status = operated(mode, RUNS, ActionError("never heard of it"), DONE).report.restore["status"]
    assert (status["errors"], status["restoreItemOperationsFailed"]) == (1, 1)


@pytest.mark.parametrize(("mode", "phase"), [(SAFE, "PartiallyFailed"), (STRICT, "Completed")])
def test_surprise_40_a_data_download_that_failed_without_a_message(mode: str, phase: str) -> None:
    """Rule D17."""
    found = restoring(DATA["moved data"], Situation(strict=mode == STRICT))

    def fail() -> None:
        for (gr, _namespace, _name), item in found.cluster.objects.items():
            if gr == "datadownloads.velero.io":
                item["status"] = {"phase": "Failed"}

    found.clock.on_sleep = fail
    result = seen(found, found.run())
    assert result.phase == phase
    assert ("has failed without a message" in str(result.errors)) is (mode == SAFE)
