# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What S3 and botocore say, in words that help."""

from __future__ import annotations

from typing import Any

from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    MissingLibraryError,
    ObjectNotFoundError,
    StorageAccessError,
    StorageError,
    VeleroCoreError,
)

_NOT_FOUND = frozenset(("NoSuchKey", "NoSuchVersion", "NotFound", "404"))
_DENIED = frozenset(("AccessDenied", "403", "Forbidden", "AllAccessDisabled", "UnauthorizedAccess"))
_REGION = "Check the region of the storage (config key region) and its endpoint (s3Url)"
_NO_TOKEN = "Get new credentials: the session token is no longer valid"

_KEY_ID = "Check aws_access_key_id in the credentials, and the endpoint"

# Codes that say that the caller is not known or not believed.
_CREDENTIAL_HINTS = {
    "InvalidAccessKeyId": _KEY_ID,
    "InvalidAccessKey": _KEY_ID,
    # Of versitygw.
    "XAdminUserNotFound": _KEY_ID,
    "SignatureDoesNotMatch": "Check aws_secret_access_key in the credentials, and the region",
    "ExpiredToken": _NO_TOKEN,
    "InvalidToken": _NO_TOKEN,
    "TokenRefreshRequired": _NO_TOKEN,
    "RequestTimeTooSkewed": "Set the clock of this host",
    "RequestExpired": "Set the clock of this host",
}
_OTHER_HINTS = {
    "NoSuchBucket": "Check the bucket's name and the endpoint (config key s3Url)",
    "InvalidBucketName": "Check the bucket's name",
    "PermanentRedirect": _REGION,
    "301": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "PreconditionFailed": "Somebody replaced the object while it was read: try again",
    "SlowDown": "The storage is overloaded: try again later",
    "ServiceUnavailable": "The storage is overloaded: try again later",
    "EntityTooLarge": "The storage takes no object of this size",
    "InvalidRequest": "Check encryption and checksum in the configuration of the storage",
}
_PERMISSIONS = {
    "reading": "s3:GetObject",
    "looking for": "s3:GetObject",
    "writing": "s3:PutObject",
    "listing": "s3:ListBucket",
    "deleting": "s3:DeleteObject",
}
_WITHOUT_LIST = "where s3:ListBucket is missing, S3 gives this answer for an object that is absent"
_CONNECTION_HINTS = {
    "EndpointConnectionError": "Check the endpoint (config key s3Url), name resolution and network",
    "ConnectTimeoutError": "Check the endpoint (config key s3Url), firewall and proxy",
    "ReadTimeoutError": "The storage is too slow or gone: try again",
    "ConnectionClosedError": "Check whether the endpoint speaks https or http, and any proxy",
    "ProxyConnectionError": "Check the proxy settings of this host",
    "SSLError": "Give the storage's CA (caCert), or check the endpoint's name and certificate",
    "InvalidRegionError": _REGION,
    "NoRegionError": _REGION,
}
_CREDENTIALS_HINT = "Give a credentials file, a profile or an instance role"
_CREDENTIAL_ERRORS = frozenset(
    (
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "TokenRetrievalError",
        "ProfileNotFound",
        "UnauthorizedSSOTokenError",
        "SSOTokenLoadError",
    )
)
_MESSAGE_LENGTH = 300


def code_of(error: Exception) -> str:
    """Returns the error code of the answer, empty when there was no answer."""
    return str(_answer(error).get("Code") or "")


def is_denied(error: Exception) -> bool:
    """Returns whether the server knows the caller but forbids the request."""
    return code_of(error) in _DENIED


def translated(error: Exception, doing: str, target: str, endpoint: str) -> VeleroCoreError:
    """Returns the StorageError for an exception of botocore; ``endpoint`` is for people."""
    if hasattr(error, "response"):
        return _of_answer(error, doing, target)
    return _of_client(error, doing, target, endpoint)


def _answer(error: Exception) -> dict[str, Any]:
    response = getattr(error, "response", None) or {}
    answer: dict[str, Any] = response.get("Error") or {}
    return answer


def _status(error: Exception) -> int:
    response = getattr(error, "response", None) or {}
    return int((response.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0)


def _of_answer(error: Exception, doing: str, target: str) -> StorageError:
    code = code_of(error)
    message = str(_answer(error).get("Message") or "")[:_MESSAGE_LENGTH].rstrip(".")
    why = f"{code}: {message}" if message and message != code else code
    if code in _NOT_FOUND:
        return ObjectNotFoundError(doing, target, "there is no such object")
    if code in _CREDENTIAL_HINTS:
        return StorageAccessError(doing, target, why, _CREDENTIAL_HINTS[code])
    if code in _DENIED or _status(error) in (401, 403):
        return StorageAccessError(doing, target, why, _denied_hint(doing))
    return StorageError(
        doing, target, why or "the storage gave no reason", _OTHER_HINTS.get(code, "")
    )


def _denied_hint(doing: str) -> str:
    permission = _PERMISSIONS.get(doing.partition(" the ")[0], "")
    if not permission:
        return "Check the credentials and their permissions on the bucket"
    hint = f"Check the credentials; they need {permission}"
    if permission == "s3:GetObject":
        hint += f" and s3:ListBucket ({_WITHOUT_LIST})"
    return hint


def _of_client(error: Exception, doing: str, target: str, endpoint: str) -> VeleroCoreError:
    kind = type(error).__name__
    if kind == "MissingDependencyException":
        return MissingLibraryError("awscrt", "this checksum algorithm or bucket ARN")
    if kind == "ParamValidationError":
        # Its text quotes the values of the request, which may hold an encryption key.
        return StorageError(doing, target, "the request is not valid", "Check the bucket's name")
    text = " ".join(str(error).split())[:_MESSAGE_LENGTH].rstrip(".")
    if kind in _CREDENTIAL_ERRORS:
        return StorageAccessError(doing, target, text, _CREDENTIALS_HINT)
    if endpoint and endpoint not in text:
        text = f"{text} (endpoint {endpoint})"
    return StorageError(doing, target, text, _CONNECTION_HINTS.get(kind, ""))
