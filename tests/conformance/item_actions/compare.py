"""Compares what an action of ours returned with what Velero's returned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.conformance.item_actions.noise import is_dropped, is_nothing, same_scalar
from tests.conformance.item_actions.schema import fields_of, inner_type, type_of_object

Place = tuple[str, ...]  # keys and indexes from the root


def exact_differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Yields where two JSON values differ; 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in ours or key not in theirs:
                side = "theirs" if key in theirs else "ours"
                yield f"{path}/{key}: only in {side}"
            else:
                yield from exact_differences(ours[key], theirs[key], f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} entries in ours, {len(theirs)} in theirs"
            return
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from exact_differences(one, other, f"{path}/{index}")
    elif not _same_json(ours, theirs):
        yield f"{path}: ours {ours!r}, theirs {theirs!r}"


def differences(
    ours: Any, theirs: Any, given: Any, always_real: frozenset[str] = frozenset()
) -> list[str]:
    """Where the objects differ, leaving out the noise of typed re-encoding (see noise.py).

    ``given`` is the item that both were made from: noise is only what was there before.
    """
    kind = type_of_object(theirs)
    if kind == "V1CustomResourceDefinition":
        ours, given = _own_spelling(ours, kind), _own_spelling(given, kind)
    return list(_Comparison(always_real).walk(ours, theirs, [given], kind, ()))


class _Comparison:
    """Walks both objects together with what the item had at the same place (``given``).

    Where an action took entries out of a list it is open which of the item's entries is meant;
    then ``given`` holds several.
    """

    def __init__(self, always_real: frozenset[str]) -> None:
        self._always_real = always_real

    def walk(
        self, ours: Any, theirs: Any, given: list[Any], kind: str, place: Place
    ) -> Iterator[str]:
        path = "".join(f"/{key}" for key in place)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            if kind == "object":
                yield from exact_differences(ours, theirs, path)
            else:
                yield from self._mappings(ours, theirs, given, kind, place)
        elif isinstance(ours, list) and isinstance(theirs, list):
            if len(ours) != len(theirs):
                yield f"{path}: {len(ours)} entries in ours, {len(theirs)} in theirs"
                return
            for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
                inner = _entries_for(given, index, len(ours)), inner_type(kind)
                yield from self.walk(one, other, *inner, (*place, str(index)))
        elif not (ours is None and is_nothing(theirs)) and not _same(ours, theirs, kind, place):
            yield f"{path}: ours {ours!r}, theirs {theirs!r}"

    def _mappings(
        self,
        ours: dict[str, Any],
        theirs: dict[str, Any],
        given: list[Any],
        kind: str,
        place: Place,
    ) -> Iterator[str]:
        fields = fields_of(kind)
        for key in sorted({*ours, *theirs}):
            before = [part[key] for part in given if isinstance(part, dict) and key in part]
            path = "".join(f"/{step}" for step in (*place, key))
            if key in ours and key in theirs:
                inner = fields.get(key, "object") if fields is not None else inner_type(kind)
                yield from self.walk(ours[key], theirs[key], before, inner, (*place, key))
            elif key in ours:
                if fields is None or not self._dropped(key, ours[key], fields, before):
                    yield f"{path}: only in ours: {ours[key]!r}"
            elif fields is None or not self._added(key, theirs[key], fields, before):
                yield f"{path}: only in theirs: {theirs[key]!r}"

    def _dropped(self, key: str, value: Any, fields: dict[str, str], before: list[Any]) -> bool:
        if not any(_same_json(part, value) for part in before):
            return False
        if key not in fields or value is None:
            return True
        return key not in self._always_real and is_dropped(value)

    def _added(self, key: str, value: Any, fields: dict[str, str], before: list[Any]) -> bool:
        if key in self._always_real or key not in fields:
            return False
        if key == "divisor" and value == "0":
            return True
        if not is_nothing(value):
            return False
        if isinstance(value, dict) or value is None:
            return True
        return not any(_same_json(part, value) for part in before)


def _entries_for(given: list[Any], index: int, count: int) -> list[Any]:
    """What the item may have had as entry ``index`` of ``count``: actions add in front."""
    found: list[Any] = []
    for part in given:
        if not isinstance(part, list):
            continue
        if len(part) > count:
            found += part
        elif index >= count - len(part):
            found.append(part[index - count + len(part)])
    return found


def _same(ours: Any, theirs: Any, kind: str, place: Place) -> bool:
    holder = place[-2] if len(place) > 1 else ""
    if len(place) == 2 and holder == "data":
        kind = "bytes"
    return same_scalar(ours, theirs, holder, place[-1] if place else "", kind)


def _same_json(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict | list) and type(one) is type(other):
        return not any(True for difference in exact_differences(one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return type(one) is type(other) and bool(one == other)


def _own_spelling(value: Any, kind: str) -> Any:
    """The value with the names of known fields as Go writes them."""
    if isinstance(value, list):
        return [_own_spelling(part, inner_type(kind)) for part in value]
    if not isinstance(value, dict) or kind == "object":
        return value
    fields = fields_of(kind)
    if fields is None:
        return {key: _own_spelling(part, inner_type(kind)) for key, part in value.items()}
    spelled = {name.lower(): name for name in fields}
    renamed: dict[str, Any] = {}
    for key, part in value.items():
        name = key if key in fields else spelled.get(str(key).lower(), str(key))
        renamed[name] = _own_spelling(part, fields.get(name, "object"))
    return renamed
