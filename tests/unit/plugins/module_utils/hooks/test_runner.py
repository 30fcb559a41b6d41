# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All hooks of a restore: pods that come up, deadlines, and pods of other people's trouble."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.hooks.ledger import HookLedger
from ansible_collections.velero.core.plugins.module_utils.hooks.runner import (
    HookRules,
    HookRunner,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ConnectionFailedError,
    RunAbortedError,
)
from tests.support.fake_cluster import FakeCluster, api_error
from tests.support.hooks import Executor, hook, pod
from tests.support.waiting import eventually

LABEL = "velero.io/restore-name"
UP = ("main",)


class Bed:
    """Pods in a cluster, their hooks, and what became of them."""

    def __init__(
        self,
        executor: Executor | None = None,
        *,
        strict: bool = False,
        period: float = 60.0,
        default_wait: float = 600.0,
    ) -> None:
        self.cluster = FakeCluster()
        self.clock = self.cluster.clock
        self.ledger = HookLedger()
        self.executor = executor or Executor()
        self.log: list[str] = []
        rules = HookRules(
            selector=f"{LABEL}=r1", default_wait=default_wait, strict=strict, period=period
        )
        self.runner = HookRunner(
            self.cluster,
            self.clock,
            self.ledger,
            self.executor,
            lambda level, text: self.log.append(text),
            rules,
        )

    def put(self, name: str, *, labels: dict[str, str] | None = None, **state: Any) -> Any:
        item = pod(name=name, uid=f"uid-{name}", **state)
        return self.cluster.put(item, labels={LABEL: "r1"} if labels is None else labels)

    def takes(self, name: str, *hooks: Any, **state: Any) -> None:
        """The pod is created in this state, and its hooks are taken on."""
        self.runner.add(self.put(name, **state), [hook(one, pod=name) for one in hooks])

    @property
    def errors(self) -> list[str]:
        return [text for _namespace, text in self.ledger.errors()]


@contextmanager
def bed(*args: Any, **options: Any) -> Iterator[Bed]:
    made = Bed(*args, **options)
    with closing(made.runner):
        yield made


def test_hooks_of_pods_that_run() -> None:
    with bed() as made:
        made.takes("a", "h1", running=UP)
        made.takes("b", "h2", running=UP)
        made.runner.wait()
        assert sorted(made.executor.ran) == ["h1", "h2"]
        assert (made.ledger.attempted, made.ledger.failed) == (2, 0)


def test_a_pod_is_waited_for() -> None:
    with bed() as made:
        made.takes("a", "h")
        made.clock.on_sleep = lambda: len(made.clock.slept) == 3 and made.put("a", running=UP)
        made.runner.wait()
        assert made.executor.ran == ["h"]
        assert made.clock.slept == [60.0] * 3


def test_no_hooks_are_no_wait() -> None:
    with bed() as made:
        made.runner.wait()
        assert made.cluster.calls == []


def test_one_list_for_all_pods_of_a_namespace() -> None:
    with bed() as made:
        for number in range(20):
            made.takes(f"p{number}", "h", running=UP)
        made.runner.wait()
        assert made.cluster.said("list", "get") == ["list pods/shop"]


def test_a_pod_that_never_comes_up_ends_at_its_own_deadline_and_names_itself() -> None:
    with bed(default_wait=300.0) as made:
        made.takes("a", "h")
        late = hook("slow", pod="b", wait_timeout=120.0)
        made.runner.add(made.put("b"), [late])
        ended: dict[str, float] = {}
        made.clock.on_sleep = lambda: (
            [ended.setdefault(text, made.clock.monotonic()) for text in made.errors] and None
        )
        made.runner.wait()
        text = "hook {} in container main in pod shop/{} not executed: context deadline exceeded"
        assert made.errors == [text.format("h", "a"), text.format("slow", "b")]
        assert made.clock.monotonic() == 300.0
        assert ended[text.format("slow", "b")] == 180.0


@pytest.mark.parametrize(("strict", "ran"), [(False, ["bad", "good"]), (True, ["bad"])])
def test_other_pods_go_on_when_one_fails_but_not_in_velero(strict: bool, ran: list[str]) -> None:
    with bed(Executor({"bad": "why"}), strict=strict) as made:
        made.takes("a", "bad", running=UP)
        made.takes("b", "good")
        made.clock.on_sleep = lambda: made.put("b", running=UP) and None
        made.runner.wait()
        assert made.executor.ran == ran
        failed = ["hook bad in container main failed to execute, err: why"]
        if strict:
            failed += ["hook good in container main in pod shop/b not executed: context canceled"]
        assert made.errors == failed


def test_a_deleted_pod_is_not_waited_for() -> None:
    with bed() as made:
        made.takes("a", "h")
        made.cluster.objects.pop(("pods", "shop", "a"))
        made.runner.wait()
        assert made.errors == [
            "hook h in container main in pod shop/a not executed: context canceled"
        ]
        assert made.clock.slept == []


def test_a_pod_that_has_lost_its_label_is_still_found() -> None:
    with bed() as made:
        made.takes("a", "h", labels={}, running=UP)
        made.runner.wait()
        assert (made.executor.ran, made.errors) == (["h"], [])


def test_who_may_not_list_pods_is_told_at_once() -> None:
    with bed() as made:
        made.cluster.fail("list", "pods", error=api_error("Forbidden", "pods is forbidden"))
        made.takes("a", "h")
        made.runner.wait()
        assert made.errors == [
            "hook h in container main in pod shop/a not executed: pods is forbidden"
        ]
        assert made.clock.slept == []


def test_trouble_with_the_list_is_waited_out() -> None:
    with bed() as made:
        made.cluster.fail("list", "pods", times=3)
        made.takes("a", "h", running=UP)
        made.runner.wait()
        assert made.executor.ran == ["h"]


def test_trouble_with_the_list_ends_at_the_deadline_too() -> None:
    with bed(default_wait=120.0) as made:
        made.cluster.fail("list", "pods")
        made.takes("a", "h", running=UP)
        made.runner.wait()
        assert made.executor.ran == []
        assert made.ledger.failed == 1


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (api_error("Unauthorized"), RunAbortedError),
        (ConnectionFailedError("reading", "pods", "gone"), ConnectionFailedError),
    ],
)
def test_what_ends_the_run_leaves_the_hooks_to_the_next_one(
    error: Exception, raised: type[Exception]
) -> None:
    with bed() as made:
        made.takes("a", "h", running=UP)
        made.cluster.fail("list", "pods", error=error)
        with pytest.raises(raised):
            made.runner.wait()
        assert (made.executor.ran, made.errors) == ([], [])


def test_a_slow_command_does_not_hold_up_other_pods() -> None:
    others_ran = threading.Event()

    def run(name: str) -> None:
        if name == "slow":
            assert others_ran.wait(30)
        else:
            others_ran.set()

    with bed(Executor(on_run=run), period=0.01) as made:
        made.takes("a", "slow", running=UP)
        made.takes("b", "quick", running=UP)
        made.runner.wait()
        assert sorted(made.executor.ran) == ["quick", "slow"]


def test_hooks_run_while_nobody_waits_for_them() -> None:
    with bed(period=0.01) as made:
        made.takes("a", "h", running=UP)
        eventually(lambda: made.executor.ran == ["h"])


def test_what_ended_the_work_in_the_background_is_raised_by_wait() -> None:
    with bed(period=0.01) as made:
        made.cluster.fail("list", "pods", error=ConnectionFailedError("reading", "pods", "gone"))
        made.takes("a", "h", running=UP)
        eventually(lambda: bool(made.cluster.said("list")))
        with pytest.raises(ConnectionFailedError):
            made.runner.wait()


def test_close_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    with bed(period=0.01) as made:
        made.takes("a", "h", running=UP)
        eventually(lambda: made.executor.ran == ["h"])
    assert set(threading.enumerate()) <= before
