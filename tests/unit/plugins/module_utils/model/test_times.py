from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.times import (
    seconds_of,
    timestamp,
)
from tests.support.fake_clock import START


@pytest.mark.parametrize(
    ("text", "seconds"), [("2026-01-02T03:04:05Z", START), ("", None), ("soon", None)]
)
def test_timestamps(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds
    if seconds is not None:
        assert timestamp(seconds + 0.9) == text
