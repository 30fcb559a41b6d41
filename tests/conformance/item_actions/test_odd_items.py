"""Whatever an item holds, an action returns or raises ActionError: other items go on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    ExecuteInput,
)
from tests.conformance.item_actions.judge import build, server
from tests.conformance.item_actions.records import Record, execute_records, fresh

_ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -5,
    1.5,
    float("inf"),
    "",
    "x",
    [],
    [None],
    ["x"],
    {},
    {"x": 1},
)
_ATTEMPTS = 8


@pytest.mark.parametrize("record", execute_records(), ids=lambda record: record.id)
def test_odd_items(record: Record) -> None:
    chooser = random.Random(record.id)
    action = build(record.action, server(record.cluster()))
    for attempt in range(_ATTEMPTS):
        data = {key: fresh(record.data[key]) for key in ("item", "itemFromBackup")}
        places = [place for place in _places(data, ()) if len(place) > 1]
        place, odd = chooser.choice(places), fresh(chooser.choice(_ODD))
        _replace(data, place, odd)
        if place[0] == "item" and chooser.random() < 0.5:
            data["itemFromBackup"] = fresh(data["item"])
        given = ExecuteInput(
            item=data["item"],
            item_from_backup=data["itemFromBackup"],
            restore=fresh(record.data["restore"]),
        )
        try:
            action.execute(given)
        except ActionError:
            continue
        except Exception as error:
            pytest.fail(f"attempt {attempt}: {error!r} with {odd!r} at {place}")


def _places(value: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield place
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _places(part, (*place, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _places(part, (*place, index))


def _replace(root: Any, place: tuple[Any, ...], new: Any) -> None:
    for step in place[:-1]:
        root = root[step]
    root[place[-1]] = new
