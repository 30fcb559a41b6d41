# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an answer of the API server to an error of the model."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.cluster.http1 import Answer
from ansible_collections.velero.core.plugins.module_utils.cluster.retry import retry_after_seconds
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    ThrottledError,
    UnauthorizedError,
)

_BY_CODE: dict[int, type[ApiError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: InvalidError,
    429: ThrottledError,
    503: ThrottledError,
}
_HINTS: dict[int, str] = {
    401: "Check the credentials: token, client certificate or kubeconfig user",
    403: "Grant it to the user of this connection",
}
# Reason and text that client-go gives to an answer that is no Status
# (k8s.io/apimachinery/pkg/api/errors.NewGenericServerResponse).
_GENERIC: dict[int, tuple[str, str]] = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "the server has asked for the client to provide credentials"),
    404: ("NotFound", "the server could not find the requested resource"),
    405: ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
    409: ("Conflict", "the server reported a conflict"),
    422: ("Invalid", "the server rejected our request due to an error in our request"),
    429: (
        "TooManyRequests",
        "the server has received too many requests and has asked us to try again later",
    ),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: (
        "Timeout",
        "the server was unable to return a response in the time allotted, "
        "but may still be processing the request",
    ),
}
# Here client-go shows the body.
_BODY_COUNTS: dict[int, str] = {
    403: "Forbidden",
    406: "NotAcceptable",
    415: "UnsupportedMediaType",
}
_TEXT_LIMIT = 2048


class UnknownOutcomeError(ConnectionFailedError):
    """The connection ended after the request was sent: it may have been carried out."""

    outcome_unknown = True


def api_error(answer: Answer, method: str, doing: str, target: str) -> ApiError:
    """Returns the error that an answer with a status of 300 or more means."""
    status = parse_status(answer)
    if status is None:
        reason, message = _generic(answer, method)
        details = _unexpected(answer)
        code = answer.status
        hint = _HINTS.get(code) or _quoted(answer, message)
    else:
        reason, message = str(status.get("reason") or ""), str(status.get("message") or "")
        given, number = status.get("details"), status.get("code")
        details = dict(given) if isinstance(given, dict) else {}
        code = number if isinstance(number, int) and number else answer.status
        hint = _HINTS.get(code, "")
    asked = retry_after_seconds(answer.header("retry-after"), details)
    if asked is not None:
        details.setdefault("retryAfterSeconds", int(asked))
    kind = _BY_CODE.get(code, ApiError)
    if reason == "AlreadyExists":
        kind = AlreadyExistsError
    return kind(
        doing,
        target,
        code=code,
        reason=reason,
        message=message,
        details=details,
        hint=hint,
    )


def parse_status(answer: Answer) -> dict[str, Any] | None:
    """Returns the Status object of an answer, or None when its body is none."""
    if answer.body.lstrip()[:1] != b"{":
        return None
    try:
        body = json.loads(answer.body)
    except ValueError:
        return None
    return body if body.get("kind") == "Status" else None


def _generic(answer: Answer, method: str) -> tuple[str, str]:
    code = answer.status
    if code == 409 and method == "POST":
        return "AlreadyExists", _GENERIC[code][1]
    if code in _GENERIC:
        return _GENERIC[code]
    text = _text(answer)
    if code in _BODY_COUNTS:
        return _BODY_COUNTS[code], text
    if code >= 500:
        quoted = json.dumps(text, ensure_ascii=False)
        message = f"an error on the server ({quoted}) has prevented the request from succeeding"
        return "InternalError", message
    return (
        "",
        f"the server responded with the status code {code} but did not return more information",
    )


def _unexpected(answer: Answer) -> dict[str, Any]:
    return {"causes": [{"reason": "UnexpectedServerResponse", "message": _text(answer)}]}


def _quoted(answer: Answer, message: str) -> str:
    # Proxies and wrong servers explain themselves in the body.
    text = _text(answer)
    return "" if text in message or text == "unknown" else f"The server said: {text[:200]}"


def _text(answer: Answer) -> str:
    kind = answer.header("content-type").lower()
    if answer.body and kind and not kind.startswith("text/"):
        return "unknown"
    return answer.body[:_TEXT_LIMIT].decode("utf-8", "replace").strip() or "unknown"
