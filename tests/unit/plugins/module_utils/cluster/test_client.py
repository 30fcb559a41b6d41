# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client against a scripted server: retries, lost answers, refused credentials."""

from __future__ import annotations

import json
import time

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.errors import UnknownOutcomeError
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ConnectionFailedError,
    ThrottledError,
    UnauthorizedError,
)

BODY = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}}
GENERATED = {**BODY, "metadata": {"generateName": "a-"}}
DATE = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
LIVE = {
    **BODY,
    "metadata": {"name": "a", "uid": "u", "creationTimestamp": "2026-01-01T00:00:00Z"},
}


def status(code, reason, **details):
    return {"kind": "Status", "code": code, "reason": reason, "message": "m", "details": details}


EXISTS = status(409, "AlreadyExists")


def methods(server):
    return [request[0] for request in server.requests]


def test_create(script, client, reply, configmaps):
    server = script(reply(201, LIVE))
    assert client(server).create(configmaps, "ns", BODY, field_manager="velero") == LIVE
    method, path, headers, body = server.requests[0]
    assert (method, path) == (
        "POST",
        "/api/v1/namespaces/ns/configmaps?fieldManager=velero&fieldValidation=Ignore",
    )
    assert headers["authorization"] == "Bearer t0ken"
    assert headers["accept"] == "application/json"
    assert headers["content-type"] == "application/json"
    assert "accept-encoding" not in headers
    assert json.loads(body) == BODY


def test_connection_is_kept(script, client, reply, configmaps):
    server = script(*[reply(200, LIVE)] * 3)
    used = client(server)
    for _request in range(3):
        used.get(configmaps, "ns", "a")
    assert server.connections == 1
    assert used.stats.requests == {"GET": 3}
    assert used.stats.retries == 0


def test_connection_close_is_honoured(script, client, reply, configmaps):
    server = script(reply(200, LIVE, "Connection: close\r\n"), reply(200, LIVE))
    used = client(server)
    used.get(configmaps, "ns", "a")
    used.get(configmaps, "ns", "a")
    assert server.connections == 2


def test_idle_connection_that_the_server_closed(script, client, reply, configmaps):
    server = script((reply(200, LIVE),), reply(201, LIVE), reply(201, LIVE))
    used = client(server)
    used.get(configmaps, "ns", "a")
    time.sleep(0.05)
    assert used.create(configmaps, "ns", BODY) == LIVE


def test_generated_name_survives_a_closed_idle_connection(script, client, reply, configmaps):
    server = script((reply(200, LIVE),), reply(201, LIVE))
    used = client(server)
    used.get(configmaps, "ns", "a")
    time.sleep(0.05)
    assert used.create(configmaps, "ns", GENERATED) == LIVE
    assert methods(server) == ["GET", "POST"]


@pytest.mark.parametrize("fault", ["close", "reset"])
def test_lost_answer_of_a_read_is_repeated(script, client, reply, configmaps, fault):
    server = script(fault, reply(200, LIVE))
    used = client(server)
    assert used.get(configmaps, "ns", "a") == LIVE
    assert used.stats.retries == 1


@pytest.mark.parametrize("fault", ["close", "reset", (b"HTTP/1.1 201 Cre",)])
def test_lost_create_that_was_carried_out(script, client, reply, configmaps, fault):
    server = script(reply(200, LIVE, DATE), fault, reply(409, EXISTS), reply(200, LIVE))
    used = client(server)
    used.get(configmaps, "ns", "a")
    assert used.create(configmaps, "ns", BODY) == LIVE
    assert methods(server) == ["GET", "POST", "POST", "GET"]


@pytest.mark.parametrize(
    "found",
    [
        {**LIVE, "data": {"k": "another"}},
        {**LIVE, "metadata": {**LIVE["metadata"], "creationTimestamp": "2025-12-31T23:00:00Z"}},
    ],
)
def test_lost_create_of_something_that_was_there(script, client, reply, configmaps, found):
    server = script(reply(200, LIVE, DATE), "reset", reply(409, EXISTS), reply(200, found))
    used = client(server)
    used.get(configmaps, "ns", "a")
    with pytest.raises(AlreadyExistsError):
        used.create(configmaps, "ns", BODY)


def test_existing_object_is_not_taken_for_ours_without_doubt(script, client, reply, configmaps):
    server = script(reply(409, EXISTS), reply(200, LIVE))
    with pytest.raises(AlreadyExistsError):
        client(server).create(configmaps, "ns", BODY)
    assert methods(server) == ["POST"]


def test_throttled_create_leaves_no_doubt(script, client, reply, configmaps):
    server = script(reply(429, {}, "Retry-After: 1\r\n"), reply(409, EXISTS))
    with pytest.raises(AlreadyExistsError):
        client(server).create(configmaps, "ns", BODY)


@pytest.mark.parametrize("fault", ["close", "reset"])
def test_lost_create_of_a_generated_name_is_not_repeated(script, client, reply, configmaps, fault):
    server = script(fault, reply(201, LIVE))
    with pytest.raises(UnknownOutcomeError) as caught:
        client(server).create(configmaps, "ns", GENERATED)
    assert caught.value.outcome_unknown
    assert methods(server) == ["POST"]


def test_gateway_timeout_of_a_generated_name_is_not_repeated(script, client, reply, configmaps):
    server = script(reply(504, raw=b"upstream timed out"), reply(201, LIVE))
    with pytest.raises(ApiError):
        client(server).create(configmaps, "ns", GENERATED)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("code", "headers", "waits"),
    [(429, "Retry-After: 2\r\n", 2), (503, "Retry-After: 3\r\n", 3), (429, "", 0)],
)
def test_busy_server_is_asked_again(script, client, reply, configmaps, clock, code, headers, waits):
    server = script(reply(code, {}, headers), reply(201, LIVE))
    assert client(server).create(configmaps, "ns", GENERATED) == LIVE
    assert waits <= clock.slept[0] <= waits + 0.1


def test_busy_for_too_long(script, client, reply, configmaps, clock):
    server = script(reply(200, LIVE, DATE), *[reply(429, {}, "Retry-After: 9\r\n")] * 20)
    used = client(server)
    used.get(configmaps, "ns", "a")
    with pytest.raises(ThrottledError):
        used.get(configmaps, "ns", "a")
    assert sum(clock.slept) <= 60


def test_server_errors_are_final(script, client, reply, configmaps):
    server = script(reply(500, status(500, "InternalError")), reply(200, LIVE))
    with pytest.raises(ApiError):
        client(server).get(configmaps, "ns", "a")
    assert len(server.requests) == 1


def test_nobody_listens(script, client, configmaps, clock):
    server = script()
    server.close()
    with pytest.raises(ConnectionFailedError, match="refused") as caught:
        client(server).get(configmaps, "ns", "a")
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert sum(clock.slept) <= 3


def test_server_that_is_away_for_a_while(script, client, reply, configmaps, clock):
    server = script((reply(200, LIVE),))
    used = client(server)
    used.get(configmaps, "ns", "a")
    server.close()
    time.sleep(0.05)

    def sleep(seconds):
        clock.slept.append(seconds)
        clock.time += seconds
        if len(clock.slept) == 8:
            server.open(reply(201, LIVE))

    clock.sleep = sleep
    assert used.create(configmaps, "ns", GENERATED) == LIVE
    assert len(clock.slept) == 8


def test_slow_server(script, client, reply, configmaps):
    def slow(*_request):
        time.sleep(0.5)
        return reply(200, LIVE)

    server = script(*[slow] * 9)
    with pytest.raises(ConnectionFailedError, match="did not answer in time"):
        client(server, read_timeout=0.05).get(configmaps, "ns", "a")


def test_wrong_token(script, client, reply, configmaps):
    server = script(reply(401, status(401, "Unauthorized")))
    with pytest.raises(UnauthorizedError) as caught:
        client(server).get(configmaps, "ns", "a")
    assert "t0ken" not in str(caught.value)
    assert len(server.requests) == 1


def test_token_that_changes_on_refusal(script, client, reply, configmaps, tmp_path):
    path = tmp_path / "token"
    path.write_text("old")

    def check(_method, _path, headers, _body):
        good = headers["authorization"] == "Bearer new"
        path.write_text("new")
        return reply(200, LIVE) if good else reply(401, status(401, "Unauthorized"))

    server = script(check, check)
    config = {
        "current-context": "x",
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "clusters": [{"name": "x", "cluster": {"server": server.url}}],
        "users": [{"name": "x", "user": {"tokenFile": str(path)}}],
    }
    used = client(server, connect={"kubeconfig": config, "api_key": ""})
    assert used.get(configmaps, "ns", "a") == LIVE
    assert server.connections == 1


def test_apply_tells_what_is_new(script, client, reply, configmaps):
    server = script(reply(201, LIVE), reply(200, LIVE))
    used = client(server)
    assert used.apply(configmaps, "ns", "a", BODY, field_manager="v") == (LIVE, True)
    assert used.apply(configmaps, "ns", "a", BODY, field_manager="v", force=True) == (LIVE, False)
    assert [request[1].partition("?")[2] for request in server.requests] == [
        "fieldManager=v",
        "fieldManager=v&force=true",
    ]
    assert server.requests[0][2]["content-type"] == "application/apply-patch+yaml"


def test_create_only_apply(script, client, reply, configmaps):
    about_it = status(409, "Conflict", name="a", kind="configmaps")
    about_quota = status(409, "Conflict", name="q", kind="resourcequotas")
    server = script(
        reply(201, LIVE, DATE),
        reply(409, about_it),
        reply(409, about_quota),
        "reset",
        reply(409, about_it),
        reply(200, LIVE),
    )
    used = client(server)

    def apply():
        return used.apply(configmaps, "ns", "a", BODY, field_manager="v", create_only=True)

    assert apply() == (LIVE, True)
    assert json.loads(server.requests[0][3])["metadata"]["resourceVersion"] == str(2**63 - 1)
    with pytest.raises(AlreadyExistsError) as caught:
        apply()
    assert caught.value.message == 'configmaps "a" already exists'
    with pytest.raises(ConflictError):
        apply()
    assert apply() == (LIVE, True)


def test_other_verbs(script, client, reply, configmaps):
    allowed = {"status": {"allowed": False, "reason": "no rule"}}
    server = script(reply(200, LIVE), reply(200, LIVE), reply(404, {}), reply(201, allowed))
    used = client(server)
    used.merge_patch(configmaps, "ns", "a", {"data": None}, subresource="status")
    used.replace_status(configmaps, "ns", "a", LIVE)
    used.delete(configmaps, "ns", "a")
    assert used.access_review("create", "apps", "deployments", "ns") == (False, "no rule")
    assert [(request[0], request[1]) for request in server.requests] == [
        ("PATCH", "/api/v1/namespaces/ns/configmaps/a/status"),
        ("PUT", "/api/v1/namespaces/ns/configmaps/a/status"),
        ("DELETE", "/api/v1/namespaces/ns/configmaps/a"),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
    ]
    assert server.requests[0][2]["content-type"] == "application/merge-patch+json"
    assert json.loads(server.requests[3][3])["spec"]["resourceAttributes"] == {
        "verb": "create",
        "group": "apps",
        "resource": "deployments",
        "namespace": "ns",
    }


def test_review_of_a_subresource(script, client, reply):
    server = script(reply(201, {"status": {"allowed": True}}))
    assert client(server).access_review("create", "", "pods/exec", "ns") == (True, "")
    assert json.loads(server.requests[0][3])["spec"]["resourceAttributes"] == {
        "verb": "create",
        "resource": "pods",
        "subresource": "exec",
        "namespace": "ns",
    }


def test_list_fills_in_the_kind(script, client, reply, configmaps):
    items = {"metadata": {}, "items": [{"metadata": {"name": "a"}}]}
    server = script(reply(200, items))
    assert list(client(server).list(configmaps, "ns", "x=y")) == [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    ]
    assert server.requests[0][1].endswith("?labelSelector=x%3Dy&limit=500")


def test_answers_that_are_no_json(script, client, reply, configmaps):
    server = script(reply(200, raw=b"<html>"))
    with pytest.raises(ConnectionFailedError, match="not a JSON object"):
        client(server).get(configmaps, "ns", "a")


def test_server_time(script, client, reply, configmaps, clock):
    server = script(reply(200, {"gitVersion": "v1.2.3"}, DATE))
    used = client(server)
    assert used.server_time == 1_767_225_600.0
    clock.time += 5
    assert used.server_time == 1_767_225_605.0


def test_pace(script, client, reply, configmaps, clock):
    server = script(*[reply(200, LIVE)] * 3)
    used = client(server, qps=10, burst=1)
    for _request in range(3):
        used.get(configmaps, "ns", "a")
    assert [round(wait, 6) for wait in clock.slept] == [0.1, 0.1]


def test_impersonation_and_base_path(script, client, reply, configmaps):
    server = script(reply(200, LIVE))
    server.url += "/k8s/clusters/c-1"
    client(server, connect={"impersonate_user": "joe"}).get(configmaps, "ns", "a")
    assert server.requests[0][1] == "/k8s/clusters/c-1/api/v1/namespaces/ns/configmaps/a"
    assert server.requests[0][2]["impersonate-user"] == "joe"


def test_body_with_characters_that_utf8_cannot_hold(script, client, reply, configmaps):
    server = script(reply(201, LIVE))
    client(server).create(configmaps, "ns", {**BODY, "data": {"k": "\ud800ü"}})
    assert json.loads(server.requests[0][3])["data"] == {"k": "\ud800ü"}


def test_close(script, client, reply, configmaps):
    server = script(reply(200, LIVE), reply(200, LIVE))
    used = client(server)
    used.get(configmaps, "ns", "a")
    used.close()
    assert used.get(configmaps, "ns", "a") == LIVE
