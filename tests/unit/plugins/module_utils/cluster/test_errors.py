# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.errors import api_error
from ansible_collections.velero.core.plugins.module_utils.cluster.http1 import Answer
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    ThrottledError,
    UnauthorizedError,
    cause_text,
)


def status(code: int, reason: str, message: str = "why", **details) -> bytes:
    body = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return json.dumps({**body, "details": details}).encode()


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (401, "Unauthorized", UnauthorizedError),
        (403, "Forbidden", ForbiddenError),
        (404, "NotFound", NotFoundError),
        (409, "AlreadyExists", AlreadyExistsError),
        (409, "Conflict", ConflictError),
        (422, "Invalid", InvalidError),
        (429, "TooManyRequests", ThrottledError),
        (503, "ServiceUnavailable", ThrottledError),
        (400, "BadRequest", ApiError),
        (500, "InternalError", ApiError),
    ],
)
def test_status_objects(code, reason, kind):
    causes = [{"reason": "FieldValueInvalid", "message": "bad", "field": "spec"}]
    error = api_error(Answer(code, {}, status(code, reason, causes=causes)), "GET", "reading", "x")
    assert error.__class__ is kind
    assert (error.code, error.reason, error.message) == (code, reason, "why")
    assert error.causes == causes
    assert cause_text(error) == "why"


@pytest.mark.parametrize(
    ("code", "method", "body", "kind", "reason", "message"),
    [
        (404, "GET", b"404 page not found\n", NotFoundError, "NotFound",
         "the server could not find the requested resource"),
        (405, "GET", b"no", ApiError, "MethodNotAllowed",
         "the server does not allow this method on the requested resource"),
        (429, "GET", b"Too many requests, please try again later.", ThrottledError,
         "TooManyRequests",
         "the server has received too many requests and has asked us to try again later"),
        (503, "GET", b"no healthy upstream", ThrottledError, "ServiceUnavailable",
         "the server is currently unable to handle the request"),
        (504, "GET", b"", ApiError, "Timeout",
         "the server was unable to return a response in the time allotted, "
         "but may still be processing the request"),
        (401, "GET", b"", UnauthorizedError, "Unauthorized",
         "the server has asked for the client to provide credentials"),
        (403, "GET", b" go away \n", ForbiddenError, "Forbidden", "go away"),
        (409, "POST", b"", AlreadyExistsError, "AlreadyExists",
         "the server reported a conflict"),
        (409, "PUT", b"", ConflictError, "Conflict", "the server reported a conflict"),
        (500, "GET", b'a "b"', ApiError, "InternalError",
         'an error on the server ("a \\"b\\"") has prevented the request from succeeding'),
        (302, "GET", b"", ApiError, "",
         "the server responded with the status code 302 but did not return more information"),
        (500, "GET", b'{"kind": "Other"}', ApiError, "InternalError",
         'an error on the server ("{\\"kind\\": \\"Other\\"}") '
         "has prevented the request from succeeding"),
    ],
)  # fmt: skip
def test_answers_without_a_status(code, method, body, kind, reason, message):
    headers = {b"content-type": b"text/plain; charset=utf-8"}
    error = api_error(Answer(code, headers, body), method, "reading", "x")
    assert (type(error), error.reason, error.message) == (kind, reason, message)


def test_retry_after_header_becomes_a_detail():
    answer = Answer(429, {b"retry-after": b"7"}, b"")
    assert api_error(answer, "GET", "reading", "x").details["retryAfterSeconds"] == 7


def test_malformed_status():
    body = b'{"kind": "Status", "code": "x", "details": [1], "reason": null}'
    error = api_error(Answer(404, {}, body), "GET", "reading", "x")
    assert (type(error), error.details, error.message) == (NotFoundError, {}, "HTTP 404")


def test_text_of_a_proxy_is_shown_as_a_hint():
    answer = Answer(503, {b"content-type": b"text/html"}, b"no healthy upstream")
    error = api_error(answer, "GET", "reading", "x")
    assert "The server said: no healthy upstream" in str(error)
    assert "healthy" not in cause_text(error)


def test_binary_bodies_are_not_shown():
    answer = Answer(500, {b"content-type": b"application/octet-stream"}, b"\x00\x01")
    assert '("unknown")' in api_error(answer, "GET", "reading", "x").message
