# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hooks of one pod: facts of Velero's HandleHooks and where ours is safer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.hooks.contract import PodHook
from ansible_collections.velero.core.plugins.module_utils.hooks.ledger import HookLedger
from ansible_collections.velero.core.plugins.module_utils.hooks.pod_run import PodRun
from ansible_collections.velero.core.plugins.module_utils.model.errors import RunAbortedError
from tests.support.fake_clock import FakeClock
from tests.support.hooks import Executor, hook, pod


class Case:
    """One pod with hooks, what was run and what is recorded."""

    def __init__(
        self,
        *hooks: PodHook,
        created: dict[str, Any] | None = None,
        errors: dict[str, str] | None = None,
        takes: float = 0.0,
        strict: bool = False,
    ) -> None:
        self.clock = FakeClock()
        self.ledger = HookLedger()
        self.executor = Executor(errors, lambda name: self.clock.advance(takes))
        self.log: list[tuple[str, str]] = []
        for one in hooks:
            self.ledger.add(one.key, "u")
        self.run = PodRun(
            created or pod(),
            hooks,
            self.ledger,
            self.executor,
            self.clock,
            lambda level, text: self.log.append((level, text)),
            default_wait=600.0,
            strict=strict,
        )

    def sees(self, *states: dict[str, Any] | None) -> Case:
        for state in states:
            if not self.run.is_over and self.run.has_work(state):
                self.run.observe(state)
        return self

    @property
    def errors(self) -> list[str]:
        return [text for _namespace, text in self.ledger.errors()]


def not_executed(name: str, why: str = "context canceled", container: str = "main") -> str:
    return f"hook {name} in container {container} in pod shop/p not executed: {why}"


def failed(name: str, container: str = "main") -> str:
    return f"hook {name} in container {container} failed to execute, err: why"


def test_a_hook_is_run_when_its_container_runs() -> None:
    case = Case(hook()).sees(pod(), pod())
    assert case.executor.ran == []
    case.sees(pod(running=("main",)))
    assert case.executor.ran == ["h"]
    assert case.run.is_over
    assert (case.ledger.attempted, case.errors) == (1, [])


def test_a_hook_that_waits_for_ready_is_run_when_its_container_is_ready() -> None:
    case = Case(hook(wait_for_ready=True)).sees(pod(running=("main",)))
    assert case.executor.ran == []
    assert case.sees(pod(ready=("main",))).executor.ran == ["h"]


def test_containers_come_up_one_after_the_other() -> None:
    case = Case(hook("a", "one"), hook("b", "two"), created=pod("one", "two"))
    case.sees(pod("one", "two", running=("two",)))
    assert case.executor.ran == ["b"]
    case.sees(pod("one", "two", running=("two",)), pod("one", "two", running=("one", "two")))
    assert case.executor.ran == ["b", "a"]
    assert case.run.is_over


@pytest.mark.parametrize("mode", ["", "Continue"])
def test_hooks_behind_a_failed_one_go_on(mode: str) -> None:
    hooks = [hook("a", on_error=mode), hook("b", index=1)]
    case = Case(*hooks, errors={"a": "why"}).sees(pod(running=("main",)))
    assert case.executor.ran == ["a", "b"]
    assert case.errors == [failed("a")]
    assert case.run.failed


def test_fail_ends_all_hooks_of_the_pod() -> None:
    hooks = [hook("a", "one", on_error="Fail"), hook("b", "one"), hook("c", "two")]
    case = Case(*hooks, created=pod("one", "two"), errors={"a": "why"})
    case.sees(pod("one", "two", running=("one", "two")))
    assert case.executor.ran == ["a"]
    assert case.errors == [
        failed("a", "one"),
        not_executed("b", container="one"),
        not_executed("c", container="two"),
    ]


def test_a_hook_of_a_missing_container_fails_on_its_own() -> None:
    hooks = [hook("a", "gone", on_error="Fail"), hook("b")]
    case = Case(*hooks).sees(pod(running=("main",)))
    assert case.executor.ran == ["b"]
    assert case.errors == [
        not_executed("a", "the pod has no such container", container="gone"),
    ]
    assert case.run.is_over
    assert (
        "warning",
        "Pod shop/p does not have container gone: discarding post-restore exec hooks",
    ) in case.log


def test_a_pod_without_any_of_the_containers_is_not_waited_for() -> None:
    case = Case(hook("a", "gone"))
    assert case.run.is_over
    assert case.ledger.failed == 1
    assert not case.run.failed  # in Velero such a hook cancels nobody's


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_ends_before(phase: str) -> None:
    case = Case(hook()).sees(pod(phase=phase, running=("main",)))
    assert case.executor.ran == []
    assert case.errors == [not_executed("h")]
    text = f"pod shop/p entered phase {phase} before some post-restore exec hooks ran"
    assert ("warning", text) in case.log


@pytest.mark.parametrize("gone", [None, pod(uid="another", running=("main",))])
def test_a_pod_that_was_deleted(gone: dict[str, Any] | None) -> None:
    case = Case(hook()).sees(gone)
    assert case.executor.ran == []
    assert case.errors == [not_executed("h")]
    assert ("error", "pod shop/p deleted before all hooks were executed") in case.log


@pytest.mark.parametrize(
    ("waits", "limit"), [((30.0,), 30.0), ((10.0, 30.0), 30.0), ((0.0,), 600.0), ((5.0, 0.0), 600)]
)
def test_a_container_that_never_comes_up(waits: tuple[float, ...], limit: float) -> None:
    hooks = [hook(f"h{at}", wait_timeout=each, index=at) for at, each in enumerate(waits)]
    case = Case(*hooks)
    case.clock.advance(limit - 1)
    assert not case.run.is_late
    case.clock.advance(1)
    assert case.run.is_late
    case.run.stop()
    assert case.errors == [not_executed(one.key.hook, "context deadline exceeded") for one in hooks]


EXPIRED = "hook a in container main expired before executing"


@pytest.mark.parametrize(
    ("mode", "strict", "ran", "errors"),
    [
        ("", False, ["b"], [EXPIRED]),
        ("Continue", False, ["b"], [EXPIRED]),
        # Velero runs it although it has recorded that it did not.
        ("Continue", True, ["a", "b"], [EXPIRED]),
        ("Fail", False, [], [EXPIRED, not_executed("b")]),
        ("Fail", True, [], [EXPIRED, not_executed("b")]),
    ],
)
def test_a_hook_whose_own_time_is_over(
    mode: str, strict: bool, ran: list[str], errors: list[str]
) -> None:
    hooks = [hook("a", wait_timeout=5.0, on_error=mode), hook("b", index=1)]
    case = Case(*hooks, strict=strict)
    case.clock.advance(6)
    case.sees(pod(running=("main",)))
    assert case.executor.ran == ran
    assert case.errors == errors


def test_the_time_of_earlier_hooks_counts() -> None:
    hooks = [hook("b"), hook("a", wait_timeout=5.0, index=1)]
    case = Case(*hooks, takes=6.0).sees(pod(running=("main",)))
    assert case.executor.ran == ["b"]
    assert case.errors == [EXPIRED]


def test_an_expired_hook_that_is_run_keeps_its_first_result() -> None:
    case = Case(hook("a", wait_timeout=5.0), errors={"a": "why"}, strict=True)
    case.clock.advance(6)
    assert case.sees(pod(running=("main",))).errors == [EXPIRED]


def test_a_hook_that_could_not_be_begun_is_still_to_be_run() -> None:
    def lose(name: str) -> None:
        raise RunAbortedError("running", name)

    case = Case(hook("a"), hook("b", index=1))
    case.executor = Executor(on_run=lose)
    run = PodRun(
        pod(),
        [hook("a"), hook("b", index=1)],
        case.ledger,
        case.executor,
        case.clock,
        lambda level, text: None,
        default_wait=600.0,
        strict=False,
    )
    with pytest.raises(RunAbortedError):
        run.observe(pod(running=("main",)))
    assert not run.is_over
    assert case.ledger.failed == 0


# ------------------------------------------------------------------ whatever happens

CONTAINERS = ("one", "two")
HOOKS = st.lists(
    st.tuples(
        st.sampled_from((*CONTAINERS, "gone")),
        st.sampled_from(("", "Continue", "Fail")),
        st.sampled_from((0.0, 3.0, 30.0)),  # wait timeout
        st.booleans(),  # whether its command fails
    ),
    max_size=6,
)
STATES = st.lists(
    st.tuples(st.sets(st.sampled_from(CONTAINERS)), st.sampled_from(("Running", "Succeeded"))),
    max_size=6,
)


@given(
    described=HOOKS, states=STATES, pause=st.sampled_from((0.0, 2.0, 20.0)), strict=st.booleans()
)
def test_every_hook_has_one_result_in_the_end(
    described: list[tuple[str, str, float, bool]],
    states: list[tuple[set[str], str]],
    pause: float,
    strict: bool,
) -> None:
    hooks = [
        hook(f"h{at}", container, on_error=mode, wait_timeout=patience, index=at)
        for at, (container, mode, patience, _fails) in enumerate(described)
    ]
    errors = {f"h{at}": "why" for at, one in enumerate(described) if one[3]}
    case = Case(*hooks, created=pod(*CONTAINERS), errors=errors, strict=strict)
    for running, phase in states:
        case.clock.advance(pause)
        case.sees(pod(*CONTAINERS, running=tuple(running), phase=phase))
    case.run.stop()
    ran = case.executor.ran
    assert len(ran) == len(set(ran))
    # One after the other in each container, and in none that the pod does not have.
    for container in (*CONTAINERS, "gone"):
        names = [one.key.hook for one in hooks if one.key.container == container]
        assert [name for name in ran if name in names] == [name for name in names if name in ran]
        assert container != "gone" or not set(names) & set(ran)
    # Nothing follows a failed one that ends all.
    modes = {one.key.hook: one.hook.on_error for one in hooks}
    ending = [at for at, name in enumerate(ran) if name in errors and modes[name] == "Fail"]
    assert ending in ([], [len(ran) - 1])
    # A hook without an error has run, and has succeeded.
    assert case.ledger.attempted == len(hooks)
    succeeded = {name for name in ran if name not in errors}
    failed = {text.split()[1] for text in case.errors}
    assert len(case.errors) == len(failed)
    assert {one.key.hook for one in hooks} - failed <= succeeded
    if not strict:
        assert failed.isdisjoint(succeeded)
