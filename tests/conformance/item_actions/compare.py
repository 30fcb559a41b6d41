"""Compares what an action of ours returned with what Velero's returned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.conformance.item_actions.noise import is_dropped, is_nothing, same_scalar
from tests.conformance.item_actions.schema import fields_of, inner_type, type_of_object

Place = tuple[str, ...]  # keys from the root; every index of a list is *


def exact_differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Yields where two JSON values differ; 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in ours or key not in theirs:
                side = "theirs" if key in theirs else "ours"
                yield f"{path}/{key}: only in {side}"
            else:
                yield from exact_differences(ours[key], theirs[key], f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
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
    comparison = _Comparison(given, always_real)
    if kind == "V1CustomResourceDefinition":
        ours, given = _own_spelling(ours, kind), _own_spelling(given, kind)
        comparison = _Comparison(given, always_real)
    return list(comparison.walk(ours, theirs, kind, "", ()))


class _Comparison:
    def __init__(self, given: Any, always_real: frozenset[str]) -> None:
        self._given: dict[Place, list[Any]] = {}
        self._collect(given, ())
        self._always_real = always_real

    def _collect(self, value: Any, place: Place) -> None:
        self._given.setdefault(place, []).append(value)
        if isinstance(value, dict):
            for key, part in value.items():
                self._collect(part, (*place, key))
        elif isinstance(value, list):
            for part in value:
                self._collect(part, (*place, "*"))

    def _was_given(self, place: Place, value: Any) -> bool:
        return any(_same_json(found, value) for found in self._given.get(place, []))

    def walk(self, ours: Any, theirs: Any, kind: str, path: str, place: Place) -> Iterator[str]:
        if isinstance(ours, dict) and isinstance(theirs, dict):
            if kind == "object":
                yield from exact_differences(ours, theirs, path)
            else:
                yield from self._mappings(ours, theirs, kind, path, place)
        elif isinstance(ours, list) and isinstance(theirs, list):
            if len(ours) != len(theirs):
                yield f"{path}: {len(ours)} entries in ours, {len(theirs)} in theirs"
                return
            for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
                inner = (inner_type(kind), f"{path}/{index}", (*place, "*"))
                yield from self.walk(one, other, *inner)
        elif ours is None and is_nothing(theirs):
            return
        elif not self._same(ours, theirs, kind, place):
            yield f"{path}: ours {ours!r}, theirs {theirs!r}"

    def _same(self, ours: Any, theirs: Any, kind: str, place: Place) -> bool:
        holder = place[-2] if len(place) > 1 else ""
        if place == ("data", place[-1] if place else ""):
            kind = "bytes"
        return same_scalar(ours, theirs, holder, place[-1] if place else "", kind)

    def _mappings(
        self, ours: Any, theirs: Any, kind: str, path: str, place: Place
    ) -> Iterator[str]:
        fields = fields_of(kind)
        for key in sorted({*ours, *theirs}):
            inner = fields.get(key, "object") if fields is not None else inner_type(kind)
            deeper = (f"{path}/{key}", (*place, key))
            if key in ours and key in theirs:
                yield from self.walk(ours[key], theirs[key], inner, *deeper)
            elif fields is None:
                yield f"{path}/{key}: only in {'ours' if key in ours else 'theirs'}"
            elif key in ours and not self._dropped(key, ours[key], fields, deeper[1]):
                yield f"{path}/{key}: only in ours: {ours[key]!r}"
            elif key in theirs and not self._added(key, theirs[key], fields, deeper[1]):
                yield f"{path}/{key}: only in theirs: {theirs[key]!r}"

    def _dropped(self, key: str, value: Any, fields: dict[str, str], place: Place) -> bool:
        if key in self._always_real or not self._was_given(place, value):
            return False
        return key not in fields or is_dropped(value)

    def _added(self, key: str, value: Any, fields: dict[str, str], place: Place) -> bool:
        if key in self._always_real or key not in fields:
            return False
        if key == "divisor" and value == "0":
            return True
        if not is_nothing(value):
            return False
        return isinstance(value, dict) or value is None or not self._was_given(place, value)


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
    renamed = {}
    for key, part in value.items():
        name = key if key in fields else spelled.get(key.lower(), key)
        renamed[name] = _own_spelling(part, fields.get(name, "object"))
    return renamed
