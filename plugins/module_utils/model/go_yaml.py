# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML as Velero and Kubernetes read it, with the errors that they show.

It is YAML 1.1 without dates and base 60 numbers, and only the first document of a text counts.
Source: sigs.k8s.io/yaml 1.6 and yaml.v2 2.4.3 (resolve.go, decode.go).
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model import go_numbers
from ansible_collections.velero.core.plugins.module_utils.model.errors import MissingLibraryError

_TAG = "tag:yaml.org,2002:"
_BOOLEANS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE"), True),
    **dict.fromkeys(("on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE"), False),
    **dict.fromkeys(("off", "Off", "OFF"), False),
}
_NULLS = ("", "~", "null", "Null", "NULL")
_SPECIAL = re.compile(r"\.(nan|NaN|NAN)|[+-]?\.(inf|Inf|INF)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

# What PyYAML says, and what the C library, after which Go's is made, says.
_WORDING = (
    (r"expected (',' or '[\]}]'), but got .*", r"did not find expected \1"),
    (r"expected <block end>, but found .*", "did not find expected {block}"),
    (r"expected the node content, but found .*", "did not find expected node content"),
    (r"expected '<document start>', but found .*", "did not find expected <document start>"),
    (r"(mapping values|mapping keys) are not allowed here", r"\1 are not allowed in this context"),
    (
        r"sequence entries are not allowed here",
        "block sequence entries are not allowed in this context",
    ),
    (
        r"found character .* that cannot start any token",
        "found character that cannot start any token",
    ),
    (r"found unknown escape character .*", "found unknown escape character"),
    (r"found undefined alias ('.*')", r"unknown anchor \1 referenced"),
    (
        r"expected alphabetic or numeric character, but found .*",
        "did not find expected alphabetic or numeric character",
    ),
    (
        r"expected (chomping or indentation indicators|a comment or a line break), but found .*",
        "did not find expected comment or line break",
    ),
)


class GoYamlError(ValueError):
    """A text that is not YAML, or has a key twice; the text is Go's."""


def load_strict(text: str, *, only: bool = False) -> Any:
    """Returns what ``text`` says; a key that is there twice is an error.

    Keys are texts, floats stay floats. A second document is an error, too, if the first has to be
    the ``only`` one. Raises GoYamlError, MissingLibraryError without PyYAML.
    """
    return _load(text, strict=True, only=only)


def load_as_json(text: str) -> Any:
    """Returns what ``text`` says as JSON data, in which whole numbers have no fraction.

    Of equal keys the last one counts.
    Raises GoYamlError, MissingLibraryError without PyYAML.
    """
    return as_json(_load(text, strict=False))


def as_json(value: Any) -> Any:
    """Returns YAML data as JSON data; raises GoYamlError for what JSON cannot hold."""
    if isinstance(value, dict):
        return {key: as_json(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(child) for child in value]
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise GoYamlError(f"json: unsupported value: {go_numbers.short_float(value)}")
        return go_numbers.json_number(value)
    return value


def key_text(key: Any) -> str:
    """Returns a key of a YAML mapping as text; raises GoYamlError for one that has none."""
    text = scalar_text(key)
    if text is None:
        raise GoYamlError(f"unsupported map key of type: {type(key).__name__}")
    return {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(text, text)


def scalar_text(value: Any) -> str | None:
    """Returns the text of a YAML scalar where a text is wanted; None for what is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return go_numbers.short_float(value)
    return str(value) if isinstance(value, (str, int)) else None


def _load(text: str, *, strict: bool, only: bool = False) -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingLibraryError("PyYAML", "reading YAML in a ConfigMap") from None
    try:
        loader = _loader_class()(text)
        node = loader.get_node() if loader.check_node() else None
        if node is None:
            return None
        if strict:
            _refuse_doubles(node)
        if only and loader.check_node():
            raise GoYamlError("yaml: there is more than one document")
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise GoYamlError(f"yaml: {_go_text(error)}") from None
    except RecursionError:
        raise GoYamlError("yaml: exceeded max depth of 10000") from None


@lru_cache(maxsize=1)
def _loader_class() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Resolves plain scalars as Go does."""

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            """Returns the tag of a node."""
            if kind is yaml.ScalarNode and implicit[0]:
                return _TAG + _resolved(value)[0]
            resolve: Any = super().resolve
            return resolve(kind, value, implicit)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
            """Returns a mapping; its keys are texts."""
            if node.id != "mapping":
                return super().construct_mapping(node, deep)
            self.flatten_mapping(node)
            return {
                key_text(self.construct_object(key, deep=True)): self.construct_object(value, deep)
                for key, value in node.value
            }

    def scalar(loader: Any, node: Any) -> Any:
        value = loader.construct_scalar(node)
        name, found = _resolved(value)
        if name == "int" and node.tag == f"{_TAG}float":
            return float(found)
        if node.tag != _TAG + name:
            wanted, had = (f"!!{one.removeprefix(_TAG)}" for one in (node.tag, name))
            raise GoYamlError(f"yaml: cannot decode {had} `{value}` as a {wanted}")
        return found

    loader_class: Any = Loader
    for name in ("null", "bool", "int", "float"):
        loader_class.add_constructor(_TAG + name, scalar)
    # Dates stay texts, and tags that Go does not know mean nothing.
    loader_class.add_constructor(f"{_TAG}timestamp", Loader.construct_yaml_str)
    loader_class.add_constructor(None, Loader.construct_yaml_str)
    return loader_class


def _resolved(text: str) -> tuple[str, Any]:
    """The tag of a plain scalar, and its value."""
    if text in _NULLS:
        return "null", None
    if text in _BOOLEANS:
        return "bool", _BOOLEANS[text]
    if text == "<<":
        return "merge", text
    if _SPECIAL.fullmatch(text):
        return "float", float(text.replace(".", ""))
    if text[0] == "." and go_numbers.is_float(text):
        return "float", float(text.replace("_", ""))
    if text[0] in "+-0123456789":
        plain = text.replace("_", "")
        number = go_numbers.integer(plain)
        if number is not None:
            return "int", number
        if _FLOAT.fullmatch(plain) and go_numbers.is_float(plain):
            return "float", float(plain)
    return "str", text


def _refuse_doubles(root: Any) -> None:
    # Aliases may make a node part of itself, so every node is looked at once.
    known: set[int] = set()
    waiting = [root]
    doubles: list[tuple[int, str]] = []
    while waiting:
        node = waiting.pop()
        if id(node) in known:
            continue
        known.add(id(node))
        if node.id == "sequence":
            waiting.extend(node.value)
        elif node.id == "mapping":
            doubles.extend(_doubles(node.value))
            waiting.extend(value for _key, value in node.value)
    if doubles:
        lines = [f'  line {line}: key "{key}" already set in map' for line, key in sorted(doubles)]
        raise GoYamlError("\n".join(["yaml: unmarshal errors:", *lines]))


def _doubles(pairs: list[tuple[Any, Any]]) -> list[tuple[int, str]]:
    seen: set[str] = set()
    found = []
    for key, value in pairs:
        text = str(key.value)
        if text in seen:
            found.append((value.start_mark.line + 1, text))
        seen.add(text)
    return found


def _go_text(error: Any) -> str:
    """The text that Go has for an error of PyYAML: the line, if it is not the first, and why."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    block = "'-' indicator" if "collection" in str(getattr(error, "context", "")) else "key"
    for pattern, wording in _WORDING:
        if re.fullmatch(pattern, problem):
            problem = re.sub(pattern, wording.format(block=block), problem)
            break
    if type(error).__name__ == "ReaderError":
        return "control characters are not allowed"
    if type(error).__name__ == "ComposerError":
        return problem
    line = _line(error)
    return f"line {line}: {problem}" if line else problem


def _line(error: Any) -> int:
    problem, context = (getattr(error, name, None) for name in ("problem_mark", "context_mark"))
    line = 0 if problem is None else int(problem.line) + _ends_unfinished_line(error, problem)
    if line:
        # Go counts a scanner's lines from one, and a parser's from none.
        return line + (type(error).__name__ == "ScannerError")
    return int(context.line) if context is not None else 0


def _ends_unfinished_line(error: Any, mark: Any) -> bool:
    """Whether a parser stopped at the end of a text without a line break: Go adds one there."""
    return (
        type(error).__name__ == "ParserError"
        and bool(mark.column)
        and mark.buffer is not None
        and mark.buffer[mark.pointer] == "\0"
    )
