# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    ArchiveError,
    MissingLibraryError,
    RequestError,
    VeleroCoreError,
    cause_text,
)
from tests.support.fake_cluster import api_error


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (VeleroCoreError("reading"), "Failed reading"),
        (VeleroCoreError("reading", "x"), "Failed reading x"),
        (RequestError("reading", "x", "it is bad"), "Failed reading x: it is bad"),
        (
            RequestError("reading", "x", "it is bad.", "Do better"),
            "Failed reading x: it is bad. Do better",
        ),
        (
            MissingLibraryError("boto3", "S3"),
            "Failed importing boto3: it is needed for S3. Install it for the Python that runs "
            "this task",
        ),
    ],
)
def test_text_says_what_why_and_what_to_do(error: VeleroCoreError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize(
    ("message", "reason", "shown"),
    [("no", "Forbidden", "no"), ("", "Forbidden", "Forbidden"), ("", "", "HTTP 403")],
)
def test_api_error_always_has_a_message(message: str, reason: str, shown: str) -> None:
    error = ApiError("creating", "pods/x", code=403, reason=reason, message=message)
    assert error.message == error.why == shown
    assert error.causes == []


def test_causes_of_an_api_error() -> None:
    assert api_error("Invalid", causes=["one"]).causes == [{"message": "one"}]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (api_error("Forbidden", "you may not"), "you may not"),
        (ArchiveError("reading", "a", "our words", velero_message="gzip: bad"), "gzip: bad"),
        (ArchiveError("reading", "a", "our words"), "our words"),
        (ValueError("plain"), "plain"),
    ],
)
def test_cause_text_is_the_one_of_velero(error: Exception, text: str) -> None:
    assert cause_text(error) == text
