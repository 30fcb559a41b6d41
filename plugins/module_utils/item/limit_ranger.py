# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the admission plugin LimitRanger has given the containers of a pod, as it notes itself.

Source: Kubernetes, plugin/pkg/admission/limitranger/admission.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

ANNOTATION: Final = "kubernetes.io/limit-ranger"

_PREFIX: Final = "LimitRanger plugin set: "
_PART: Final = re.compile(r"(?P<names>.+) (?P<kind>request|limit) for (?P<init>init )?container ")


def limited_fields(note: str) -> Iterator[tuple[str, ...]]:
    """Yields the paths below a pod's ``spec`` that the annotation's text names.

    A path is (``containers`` or ``initContainers``, name of the container, ``resources``,
    ``requests`` or ``limits``, name of the resource). A text of another form names none.
    """
    if not note.startswith(_PREFIX):
        return
    for part in note.removeprefix(_PREFIX).split("; "):
        found = _PART.match(part)
        if found is None:
            continue
        field = "initContainers" if found["init"] else "containers"
        for name in found["names"].split(", "):
            yield (field, part[found.end() :], "resources", f"{found['kind']}s", name)
