"""Run the conformance cases and write what is equal, what differs and what waits for what.

python -m tests.conformance.report [options of pytest]
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent
_TARGET = _HERE.parent / "output" / "conformance.md"


def main(arguments: list[str]) -> int:
    return int(
        pytest.main(
            [str(_HERE), "-q", "--no-header", "--tb=no", "-r", "f"]
            + [f"--conformance-report={_TARGET}", *arguments]
        )
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
