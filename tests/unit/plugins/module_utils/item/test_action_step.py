"""Item actions in the pipeline (reference restore-engine.md section 4.6)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
    ExecuteOutput,
    ResourceIdentifier,
    ResourceSelector,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import Settings
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore.engine import restore_items
from ansible_collections.velero.core.plugins.module_utils.restore.engine_data import (
    EngineInput,
    EngineOutput,
)
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog
from tests.support.builders import Manifest, MemoryCatalog, config_map, obj
from tests.support.builders_actions import Action, Execute, wants
from tests.support.fake_clock import FakeClock
from tests.support.fake_cluster import FakeCluster


def restored(
    items: Iterable[Manifest],
    *actions: Action,
    cluster: FakeCluster | None = None,
    mapping: dict[str, str] | None = None,
    waits: bool = True,
    **settings: Any,
) -> tuple[EngineOutput, FakeCluster]:
    """Restores ``items`` with these actions and nothing else."""
    used = cluster or FakeCluster()
    clock: FakeClock = used.clock
    log = RestoreLog(clock, "velero/r1")
    output = restore_items(
        EngineInput(
            name="r1",
            spec=RestoreSpec(backup_name="b1", namespace_mapping=mapping),
            restore={"metadata": {"name": "r1", "namespace": "velero"}},
            backup={"metadata": {"name": "b1", "namespace": "velero"}},
            settings=Settings(**{"concurrency": 1, **settings}),
            open_catalog=lambda: MemoryCatalog(items),
            actions=actions,
            waits=waits,
        ),
        used,
        clock,
        log,
    )
    log.close()
    return output, used


def fates(output: EngineOutput) -> dict[str, str]:
    return {str(o.to_dict()["id"]): o.velero_action for o in output.outcomes}


def order(cluster: FakeCluster) -> list[str]:
    return [
        f"{call.gr}/{call.name}"
        for call in cluster.calls
        if call.verb == "create" and call.gr != "namespaces"
    ]


def test_the_item_that_an_action_returns_is_restored() -> None:
    def relabel(given: ExecuteInput) -> ExecuteOutput:
        assert given.item["metadata"]["namespace"] == "shop"
        assert given.item_from_backup["metadata"]["uid"] == "u"
        assert "uid" not in given.item["metadata"]
        return ExecuteOutput(updated_item={**given.item, "data": {"a": "new"}})

    item = config_map(meta={"uid": "u"}, data={"a": "old"})
    output, cluster = restored([item], Action(relabel), mapping={"shop": "shop2"})
    made = cluster.objects["configmaps", "shop2", "x"]
    assert made["data"] == {"a": "new"}
    assert fates(output)["v1/ConfigMap/shop2/x"] == "created"


def test_actions_run_in_order_each_on_what_the_one_before_left() -> None:
    def add(letter: str) -> Execute:
        def execute(given: ExecuteInput) -> ExecuteOutput:
            given.item["data"]["seen"] += letter
            return ExecuteOutput(updated_item=given.item)

        return execute

    _output, cluster = restored([config_map(data={"seen": ""})], Action(add("1")), Action(add("2")))
    assert cluster.objects["configmaps", "shop", "x"]["data"]["seen"] == "12"


def test_labels_are_looked_at_right_before_an_action() -> None:
    def label(given: ExecuteInput) -> ExecuteOutput:
        given.item["metadata"]["labels"] = {"late": "yes"}
        return ExecuteOutput(updated_item=given.item)

    ran: list[str] = []

    def note(given: ExecuteInput) -> ExecuteOutput:
        ran.append(given.item["metadata"]["name"])
        return ExecuteOutput()

    restored([config_map()], Action(label), Action(note, selector=selector_of("late=yes")))
    restored([config_map()], Action(note, selector=selector_of("late=yes")), Action(label))
    assert ran == ["x"]


def selector_of(labels: str) -> ResourceSelector:
    return ResourceSelector(label_selector=labels)


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("example.io/a", ActionError("no"), "no"),
        ("example.io/a", KeyError("spec"), "plugin panicked: KeyError: 'spec'"),
        ("velero.io/a", ActionError("no"), "rpc error: code = Unknown desc = no"),
        (
            "velero.io/a",
            TypeError("odd"),
            "rpc error: code = Aborted desc = plugin panicked: TypeError: odd",
        ),
        ("velero.io/a", ActionError("rpc error: code = Unknown desc = x"), None),
    ],
)
def test_an_error_ends_its_item_and_no_other(name: str, error: Exception, text: str | None) -> None:
    def fail(given: ExecuteInput) -> ExecuteOutput:
        if given.item["metadata"]["name"] == "x":
            raise error
        return ExecuteOutput()

    output, cluster = restored([config_map(), config_map("y")], Action(fail, name))
    wanted = f"error preparing configmaps/shop/x: {error if text is None else text}"
    assert output.results.errors.namespaces == {"shop": [wanted]}
    assert order(cluster) == ["configmaps/y"]
    assert fates(output)["v1/ConfigMap/shop/x"] == "failed"


def test_an_error_in_applies_to_ends_the_restore_before_the_first_item() -> None:
    class Refusing(Action):
        def applies_to(self) -> ResourceSelector:
            raise ActionError("not today")

    output, cluster = restored([config_map()], Refusing())
    assert output.results.errors.velero == ["not today"]
    assert order(cluster) == []


def test_a_discarded_item_is_skipped_and_asks_for_nothing() -> None:
    ran: list[str] = []

    def note(given: ExecuteInput) -> ExecuteOutput:
        ran.append(given.item["metadata"]["name"])
        return ExecuteOutput()

    discard = wants("secrets/shop/s", skip_restore=True, operation_id="op-1")
    output, cluster = restored(
        [config_map(), obj("Secret", "s", "other")], Action(discard), Action(note)
    )
    assert fates(output)["v1/ConfigMap/shop/x"] == "skipped"
    assert order(cluster) == ["secrets/s"]
    assert ran == ["s"]
    # Velero records the operation before it looks at skipRestore (surprise 49).
    assert [operation.operation_id for operation in output.operations] == ["op-1"]


def test_additional_items_come_first_and_once() -> None:
    items = [config_map(), obj("Service", "s", "shop"), obj("Pod", "p", "shop")]
    action = Action(wants("services/shop/s", "pods/shop/p"))
    output, cluster = restored(items, action)
    assert order(cluster) == ["services/s", "pods/p", "configmaps/x"]
    assert list(fates(output).values()).count("created") == 4
    assert output.total_items == output.items_restored == 4


def test_a_missing_additional_item_is_a_warning_in_its_own_source_namespace() -> None:
    action = Action(wants("secrets/far/s"))
    output, cluster = restored([config_map()], action, mapping={"shop": "shop2"})
    path = "resources/secrets/namespaces/far/s.json"
    assert output.results.warnings.namespaces == {
        "far": [f"stat {path}: no such file or directory"]
    }
    assert order(cluster) == ["configmaps/x"]


def test_an_unreadable_additional_item_is_an_error_of_the_item_that_asks() -> None:
    catalog = MemoryCatalog([config_map()], raw={("secrets", "far", "s"): b"{"})
    cluster = FakeCluster()
    log = RestoreLog(cluster.clock, "velero/r1")
    output = restore_items(
        EngineInput(
            name="r1",
            spec=RestoreSpec(backup_name="b1", excluded_namespaces=["far"]),
            restore={"metadata": {"name": "r1", "namespace": "velero"}},
            backup={"metadata": {"name": "b1"}},
            settings=Settings(concurrency=1),
            open_catalog=lambda: catalog,
            actions=[Action(wants("secrets/far/s"))],
        ),
        cluster,
        cluster.clock,
        log,
    )
    assert output.results.errors.namespaces == {
        "shop": [
            "error restoring additional item secrets/far/s: error decoding "
            '"resources/secrets/namespaces/far/s.json": unexpected end of JSON input'
        ]
    }


def test_messages_of_an_additional_item_make_its_parent_failed_when_nothing_was_done() -> None:
    existing = FakeCluster()
    existing.put(obj("Namespace", "shop"))
    existing.put(config_map(data={"a": "b"}))
    existing.put(obj("Service", "s", "shop", spec={"type": "ClusterIP"}))
    items = [config_map(data={"a": "b"}), obj("Service", "s", "shop", spec={"type": "NodePort"})]
    output, _cluster = restored(items, Action(wants("services/shop/s")), cluster=existing)
    assert fates(output)["v1/ConfigMap/shop/x"] == "failed"
    assert output.results.warnings.count == 1


@pytest.mark.parametrize("concurrency", [1, 8])
def test_cycles_end(concurrency: int) -> None:
    def each_other(given: ExecuteInput) -> ExecuteOutput:
        other = "y" if given.item["metadata"]["name"] == "x" else "x"
        return ExecuteOutput(
            additional_items=(
                ResourceIdentifier(resource="configmaps", namespace="shop", name=other),
            )
        )

    done: list[EngineOutput] = []
    items = [config_map(), config_map("y")]
    run = threading.Thread(
        target=lambda: done.append(restored(items, Action(each_other), concurrency=concurrency)[0])
    )
    run.start()
    run.join(timeout=20)
    assert done, "the restore waits for itself"
    assert set(fates(done[0]).values()) == {"created"}


def test_an_item_that_many_ask_for_is_restored_once_and_told_with_the_first() -> None:
    def for_all(given: ExecuteInput) -> ExecuteOutput:
        if given.item["kind"] != "ConfigMap":
            return ExecuteOutput()
        wanted = ResourceIdentifier(resource="services", namespace="shop", name="s")
        return ExecuteOutput(additional_items=(wanted,))

    items = [*(config_map(f"c{n:02}") for n in range(40)), obj("Service", "s", "shop")]
    outputs = [restored(items, Action(for_all), concurrency=concurrency) for concurrency in (1, 16)]
    for _output, cluster in outputs:
        assert order(cluster).count("services/s") == 1
    assert fates(outputs[0][0]) == fates(outputs[1][0])
    assert list(fates(outputs[0][0])) == list(fates(outputs[1][0]))


class TestWaiting:
    def test_polls_at_once_and_then_every_second_with_the_items_that_exist(self) -> None:
        answers = iter([False, False, True])
        action = Action(
            wants("services/shop/s", "secrets/shop/absent", wait_for_additional_items=True),
            ready=lambda items: next(answers),
        )
        output, cluster = restored([config_map(), obj("Service", "s", "shop")], action)
        assert action.asked == [["services/shop/s"]] * 3
        assert cluster.clock.slept == [1.0, 1.0]
        assert output.results.errors.count == 0
        assert order(cluster) == ["services/s", "configmaps/x"]

    @pytest.mark.parametrize(
        ("own_timeout", "settings", "waited"),
        [
            (0, {}, 600),
            (0, {"resource_timeout": 30.0}, 30),
            (5, {"resource_timeout": 30.0}, 5),
        ],
    )
    def test_a_timeout_is_an_error_and_the_item_is_restored(
        self, own_timeout: float, settings: dict[str, Any], waited: float
    ) -> None:
        execute = wants(wait_for_additional_items=True, additional_items_ready_timeout=own_timeout)
        action = Action(execute, ready=lambda items: False)
        output, cluster = restored([config_map()], action, **settings)
        assert output.results.errors.namespaces == {
            "shop": ["error verifying additional items are ready to use: context deadline exceeded"]
        }
        assert sum(cluster.clock.slept) == waited
        assert fates(output)["v1/ConfigMap/shop/x"] == "created"

    def test_an_error_ends_the_wait(self) -> None:
        def refuse(items: Sequence[ResourceIdentifier]) -> bool:
            raise ActionError("broken")

        action = Action(wants(wait_for_additional_items=True), ready=refuse)
        output, cluster = restored([config_map()], action)
        assert output.results.errors.namespaces == {
            "shop": ["error verifying additional items are ready to use: broken"]
        }
        assert order(cluster) == ["configmaps/x"]

    def test_a_plan_waits_for_nothing_and_leaves_side_effects_out(self) -> None:
        waiting = Action(wants(wait_for_additional_items=True), ready=lambda items: False)
        acting = Action(wants(skip_restore=True), has_side_effects=True)
        output, cluster = restored([config_map()], waiting, acting, waits=False)
        assert cluster.clock.slept == []
        (item,) = [o for o in output.outcomes if o.key.name == "x"]
        assert item.assumed

    def test_waiting_items_do_not_hold_up_the_others(self) -> None:
        """The first eight items wait until the last one of their wave was restored."""
        released = threading.Event()

        def execute(given: ExecuteInput) -> ExecuteOutput:
            if given.item["metadata"]["name"] == "z":
                released.set()
                return ExecuteOutput()
            return ExecuteOutput(wait_for_additional_items=True)

        action = Action(execute, ready=lambda items: released.wait(timeout=20))
        items = [*(config_map(f"w{n}") for n in range(8)), config_map("z")]
        output, _cluster = restored(items, action, concurrency=2)
        assert output.results.errors.count == 0


def test_an_operation_is_recorded_with_the_identity_of_its_item() -> None:
    output, _cluster = restored(
        [config_map()], Action(wants(operation_id="op-1")), mapping={"shop": "shop2"}
    )
    (operation,) = output.operations
    assert operation.to_dict("r1", "u")["spec"] == {
        "restoreName": "r1",
        "restoreUID": "u",
        "restoreItemAction": "example.io/a",
        "resourceIdentifier": {
            "Group": "",
            "Resource": "configmaps",
            "Namespace": "shop2",
            "Name": "x",
        },
        "operationID": "op-1",
    }
