# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    MissingLibraryError,
    ObjectNotFoundError,
    StorageAccessError,
    StorageError,
    VeleroCoreError,
)
from ansible_collections.velero.core.plugins.module_utils.storage.s3_errors import translated

botocore = pytest.importorskip("botocore.exceptions")


def answer(code: str, message: str = "") -> Exception:
    error = {"Code": code, "Message": message, "StringToSign": "hidden"}
    return botocore.ClientError({"Error": error}, "GetObject")  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("error", "doing", "kind", "texts"),
    [
        (answer("NoSuchKey"), "reading", ObjectNotFoundError, ["no such object"]),
        (answer("404"), "looking for", ObjectNotFoundError, ["no such object"]),
        (answer("403"), "looking for", StorageAccessError, ["s3:ListBucket is missing"]),
        (answer("AccessDenied", "No."), "writing", StorageAccessError, ["No. ", "s3:PutObject"]),
        (
            answer("AccessDenied"),
            "opening the backup storage",
            StorageAccessError,
            ["on the bucket"],
        ),
        (answer("NoSuchBucket"), "listing", StorageError, ["NoSuchBucket", "bucket's name"]),
        (answer("InvalidAccessKeyId"), "reading", StorageAccessError, ["aws_access_key_id"]),
        (answer("SignatureDoesNotMatch"), "reading", StorageAccessError, ["aws_secret_access_key"]),
        (answer("ExpiredToken"), "reading", StorageAccessError, ["new credentials"]),
        (answer("Odd", "why"), "reading", StorageError, ["Odd: why"]),
        (answer(""), "reading", StorageError, ["no reason"]),
        (
            botocore.EndpointConnectionError(endpoint_url="http://e"),
            "reading",
            StorageError,
            ["http://e", "name resolution"],
        ),
        (
            botocore.SSLError(endpoint_url="https://e", error="bad"),
            "reading",
            StorageError,
            ["bad", "caCert"],
        ),
        (botocore.NoCredentialsError(), "reading", StorageAccessError, ["credentials file"]),
        (
            botocore.ProfileNotFound(profile="p"),
            "reading",
            StorageAccessError,
            ["(p)", "credentials file"],
        ),
        (
            botocore.ParamValidationError(report="value hidden"),
            "reading",
            StorageError,
            ["not valid"],
        ),
        (
            botocore.MissingDependencyException(msg="crt"),
            "writing",
            MissingLibraryError,
            ["awscrt"],
        ),
    ],
)
def test_texts(error: Exception, doing: str, kind: type[VeleroCoreError], texts: list[str]) -> None:
    found = translated(error, doing, "s3://b/k", "http://endpoint")
    assert found.__class__ is kind
    for text in texts:
        assert text in str(found)
    assert "hidden" not in str(found)
    if kind is not MissingLibraryError:
        assert "s3://b/k" in str(found)
