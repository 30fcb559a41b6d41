"""What texts about two runs of one restore do not have in common: ids, times, sizes."""

from __future__ import annotations

import re

from tests.support.compare import masked_text

GENERATED_NAME = r"-[a-z0-9]{5}(?![a-z0-9])"
OPERATION_ID = re.compile(r"\bdd-[0-9a-f<>uid.-]+")
TIMEOUTS = (
    # The wording of a timeout depends on where the clock ran out.
    re.compile(r"client rate limiter Wait returned an error: .*"),
    re.compile(r"context deadline exceeded"),
)
_SIZES = re.compile(r"(\(size: )\d+(?=\))|(Progress: +)\d+ of \d+(?= complete)")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC")


def masked_line(line: str, restores: list[str]) -> str:
    """A line of a description or of a log."""
    text = OPERATION_ID.sub("dd-<id>", masked_text(line))
    for name in restores:
        text = re.sub(re.escape(name) + GENERATED_NAME, f"{name}-<id>", text)
    for pattern in TIMEOUTS:
        text = pattern.sub("<timeout>", text)
    text = _SIZES.sub(r"\1\2<size>", text)
    return _TIME.sub("<time>", text)
