# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that no object can be asked for.

Source: k8s.io/client-go rest/request.go, k8s.io/apimachinery pkg/api/validation/path.
"""

from __future__ import annotations

_WHOLE = (".", "..")
_PARTS = ("/", "%")


def refused_name(name: str) -> str:
    """Returns why the client library would not even send a request; empty when it would.

    A request for an empty name would be one for the whole collection.
    """
    if not name:
        return "resource name may not be empty"
    faults = [f"may not be '{name}'"] if name in _WHOLE else []
    faults += [f"may not contain '{part}'" for part in _PARTS if part in name]
    return f'invalid resource name "{name}": [{" ".join(faults)}]' if faults else ""
