# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.item.claims import Claims
from ansible_collections.velero.core.plugins.module_utils.item.namespaces import NamespaceState
from ansible_collections.velero.core.plugins.module_utils.item.pipeline import ItemPipeline
from ansible_collections.velero.core.plugins.module_utils.item.work import (
    ItemReport,
    ItemWork,
    Step,
)
from ansible_collections.velero.core.plugins.module_utils.model.items import CREATED, Reason
from ansible_collections.velero.core.plugins.module_utils.plan.collect import SelectedItem
from tests.support.builders import Manifest, MemoryCatalog, config_map


class Keeper:
    """Namespaces that are all right but one."""

    def state(self, target: str) -> NamespaceState:
        return NamespaceState(error="no" if target == "broken" else "")


def created(work: ItemWork) -> bool:
    work.settle(CREATED, Reason.CREATED)
    return True


def pipeline(
    *items: Manifest,
    arrival: Sequence[Step] = (),
    main: Sequence[Step] = (created,),
    compares: bool = True,
    **catalog: Any,
) -> ItemPipeline:
    made = ItemPipeline(
        MemoryCatalog(items, **catalog),
        Keeper(),  # type: ignore[arg-type]
        Claims(),
        compare_collisions=compares,
    )
    made.arrival, made.main = arrival, main
    return made


def selected(name: str = "x", namespace: str = "shop", target: str = "") -> SelectedItem:
    return SelectedItem(
        "configmaps", namespace, target or namespace, name, "", "v1/ConfigMap", name
    )


def fates(report: ItemReport) -> list[tuple[str, str]]:
    return [(outcome.action, outcome.reason) for outcome in report.outcomes]


def test_all_steps_in_order() -> None:
    seen: list[str] = []
    steps: list[Step] = [
        lambda work: not seen.append("first"),
        lambda work: bool(seen.append("second")),
        lambda work: not seen.append("never"),
    ]
    report = pipeline(config_map(), main=steps).restore(selected())
    assert seen == ["first", "second"]
    assert report.processed


def test_what_does_not_arrive_is_not_claimed() -> None:
    restore = pipeline(config_map(), arrival=[lambda work: False]).restore
    assert fates(restore(selected())) == fates(restore(selected())) == [("", "")]


def test_3_2_a_namespace_that_cannot_be_used() -> None:
    report = pipeline(config_map()).restore(selected(target="broken"))
    assert fates(report) == [("failed", "namespace_not_ready")]
    assert not report.outcomes[0].listed
    assert not report.processed


def test_2_3_an_item_that_cannot_be_decoded() -> None:
    report = pipeline(raw={("configmaps", "shop", "x"): b"{"}).restore(selected())
    assert fates(report) == [("failed", "item_unreadable")]
    assert not report.processed
    assert [note.text for note in report.notes] == [
        'error decoding "resources/configmaps/namespaces/shop/x.json": unexpected end of JSON input'
    ]


def test_4_1_5_the_same_item_again() -> None:
    restore = pipeline(config_map()).restore
    first, again = restore(selected()), restore(selected())
    assert fates(first) == [("created", "created")]
    assert fates(again) == [("skipped", "already_restored")]
    assert not again.outcomes[0].listed
    assert again.elsewhere is first
    assert [text for _level, text in again.log] == [
        "Skipping configmaps/shop/x because it's already been restored."
    ]


@pytest.mark.parametrize("compares", [True, False], ids=["safe", "strict"])
def test_4_1_5_two_namespaces_mapped_to_one(compares: bool) -> None:
    collided: list[bool] = []
    steps: list[Step] = [lambda work: not collided.append(work.collides)]
    restore = pipeline(
        config_map("x", "a"), config_map("x", "b"), main=steps, compares=compares
    ).restore
    restore(selected(namespace="a", target="t"))
    second = restore(selected(namespace="b", target="t"))
    assert collided == ([False, True] if compares else [False])
    assert not second.outcomes[0].listed


def test_the_key_is_what_the_content_says() -> None:
    catalog = {("configmaps", "", "shop", "file"): config_map("inside")}
    report = pipeline(versions=catalog).restore(selected("file"))
    key = report.outcomes[0].key
    assert (key.api_kind, key.namespace, key.name) == ("v1/ConfigMap", "shop", "inside")


@pytest.mark.parametrize("kind", [AttributeError, KeyError, TypeError, ValueError])
def test_a_malformed_object_never_ends_the_restore(kind: type[Exception]) -> None:
    def broken(work: ItemWork) -> bool:
        raise kind("a list where a map belongs")

    for where in ("arrival", "main"):
        report = pipeline(config_map(), **{where: [broken]}).restore(selected())  # type: ignore[arg-type]
        assert fates(report) == [("failed", "item_unreadable")]
        assert report.notes[0].text.startswith(
            "error restoring configmaps/shop/x: the object is malformed: "
        )
        assert report.processed


@pytest.mark.parametrize("error", [RuntimeError("ours"), OSError("broken pipe")])
def test_other_errors_are_not_those_of_the_item(error: Exception) -> None:
    def broken(work: ItemWork) -> bool:
        raise error

    restore = pipeline(config_map(), main=[broken]).restore
    with pytest.raises(type(error)):
        restore(selected())
    assert fates(restore(selected())) == [("skipped", "already_restored")], "nobody waits for it"


def test_many_threads_restore_an_item_once() -> None:
    count: list[int] = []
    restore = pipeline(config_map(), main=[lambda work: not count.append(1)]).restore
    threads = [threading.Thread(target=restore, args=(selected(),)) for _index in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count == [1]
