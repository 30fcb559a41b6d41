"""python -m tests.conformance.item_actions [-v]: passed and total per built-in action.

-v also prints every difference.
"""

from __future__ import annotations

import sys
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[3]

if __name__ == "__main__":
    # The import root that pytest takes from pyproject.toml.
    sys.path.insert(0, str(_CHECKOUT / ".dev"))
    from tests.conformance.item_actions.report import lines

    for line in lines(details="-v" in sys.argv[1:]):
        sys.stdout.write(f"{line}\n")
