# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource quantities (``100m``, ``128Mi``), as far as they must be understood and compared.

Source: k8s.io/apimachinery/pkg/api/resource/quantity.go.
"""

from __future__ import annotations

import re
from fractions import Fraction

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))"
    r"(?:(?P<unit>[numkMGTPE]|[KMGTPE]i)|[eE](?P<exponent>[+-]?[0-9]{1,19}))?"
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
# Far beyond the range of quantities; keeps an absurd exponent from filling the memory.
_EXPONENT_LIMIT = 100


class QuantityError(ValueError):
    """A text that is no quantity; the text is that of the Kubernetes library."""


def quantity_value(text: str) -> Fraction:
    """Returns the exact number that a quantity stands for. Raises QuantityError."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise QuantityError(
            "quantities must match the regular expression "
            "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        )
    number, unit = Fraction(found["number"]), found["unit"] or ""
    if unit in _BINARY:
        return number * Fraction(2) ** _BINARY[unit]
    exponent = _DECIMAL[unit] if unit else int(found["exponent"] or 0)
    bounded = max(-_EXPONENT_LIMIT, min(_EXPONENT_LIMIT, exponent))
    return number * Fraction(10) ** bounded
