# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JMESPath expressions of declared actions."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from ansible_collections.velero.core.plugins.module_utils.actions.declared.checking import invalid
from ansible_collections.velero.core.plugins.module_utils.model.errors import MissingLibraryError


class Expression:
    """One compiled expression."""

    def __init__(self, text: str, path: str) -> None:
        """Compiles ``text``, which stands at ``path``; raises RequestError."""
        try:
            import jmespath
        except ImportError:
            raise MissingLibraryError("jmespath", "declared item actions") from None
        self._path = path
        try:
            self._compiled: Any = jmespath.compile(text)
        except jmespath.exceptions.JMESPathError as error:
            raise invalid(path, f"no JMESPath expression: {_one_line(error)}") from None

    def search(self, value: Any) -> Any:
        """Returns what the expression finds in ``value``. Raises ActionError."""
        from jmespath.exceptions import JMESPathError

        try:
            return self._compiled.search(value)
        except (JMESPathError, TypeError, ValueError) as error:
            # The library's texts of type errors show values, which may be secret.
            kind = type(error).__name__
            raise ActionError(f"the JMESPath expression {self._path} failed: {kind}") from None

    def holds(self, value: Any) -> bool:
        """Returns whether the expression finds something true (as JMESPath sees it) in it."""
        found = self.search(value)
        return _is_number(found) or bool(found)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _one_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(":")
