# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action for services."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions.contract import ActionError
from tests.conformance.item_actions.call import execute, updated

Manifest = dict[str, Any]
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
TCP_80 = 'k:{"port":80,"protocol":"TCP"}'
PORT = {"port": 80, "protocol": "TCP", "nodePort": 30001}
BALANCER = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 32000}


def service(spec: Any, applied: Any = None, managed: Any = None) -> Manifest:
    metadata: Manifest = {"name": "web"}
    if applied is not None:
        text = applied if isinstance(applied, str) else json.dumps(applied)
        metadata["annotations"] = {LAST_APPLIED: text}
    if managed is not None:
        metadata["managedFields"] = [{"fieldsV1": fields} for fields in managed]
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]}, {}),
        ({"clusterIP": "", "clusterIPs": []}, {}),
        (
            {"clusterIP": "None", "clusterIPs": ["None"]},
            {"clusterIP": "None", "clusterIPs": ["None"]},
        ),
        ({"clusterIPs": ["None"]}, {}),
        (
            {"ipFamilies": ["IPv6"], "externalIPs": ["1.2.3.4"], "loadBalancerIP": "1.2.3.4"},
            {"ipFamilies": ["IPv6"], "externalIPs": ["1.2.3.4"], "loadBalancerIP": "1.2.3.4"},
        ),
        (None, None),
        ({"ports": None}, {"ports": None}),
    ],
)
def test_addresses(given: Any, expected: Any) -> None:
    assert updated("service", service(given)) == service(expected)


def _node_ports(spec: Manifest, **more: Any) -> list[Any]:
    found = updated("service", service(spec, **more))
    return [port.get("nodePort") for port in found["spec"]["ports"]]


NAMED = {"port": 80, "name": "a", "nodePort": 30001}
UNNAMED = {"port": 80, "nodePort": 30001}


@pytest.mark.parametrize(
    ("applied", "ports", "expected"),
    [
        ([{"name": "a", "nodePort": 31111}], [NAMED], [30001]),
        ([{"name": "a", "nodePort": 31111}], [{**NAMED, "name": "b"}], [None]),
        ([{"name": "a", "nodePort": 30001}], [UNNAMED], [None]),
        ([{"nodePort": 30001}], [UNNAMED], [30001]),
        ([{"nodePort": 30001}], [NAMED], [None]),
        ([{"nodePort": 30002}], [UNNAMED], [None]),
        ([{"nodePort": "30001"}], [UNNAMED], [30001]),
        ([{"nodePort": "+30001"}], [UNNAMED], [30001]),
        ([{"nodePort": 30001.5}], [UNNAMED], [30001]),
        ([{"nodePort": 0}], [UNNAMED], [None]),
        ([{"nodePort": -5, "name": 5}], [UNNAMED], [None]),
        ([{"nodePort": True, "name": "a"}], [NAMED], [None]),
        ([{"nodePort": None, "name": "a"}], [NAMED], [None]),
        ([{"nodePort": [1], "name": "a"}], [NAMED], [None]),
        (["x", None, {"name": "a", "nodePort": 1}], [NAMED], [30001]),
        ([], [NAMED], [None]),
    ],
)
def test_applied_node_ports(applied: Any, ports: list[Manifest], expected: list[Any]) -> None:
    spec = {"type": "NodePort", "ports": ports}
    assert _node_ports(spec, applied={"spec": {"ports": applied}}) == expected


@pytest.mark.parametrize("applied", ["null", "{}", '{"spec":null}', '{"spec":{}}', ' {"a":1} '])
def test_annotations_without_ports(applied: str) -> None:
    assert _node_ports({"ports": [NAMED, UNNAMED]}, applied=applied) == [None, None]


@pytest.mark.parametrize(
    ("applied", "text"),
    [
        ("", "unexpected end of JSON input"),
        ("{", "unexpected end of JSON input"),
        ('{"a', "unexpected end of JSON input"),
        ("{} x", "invalid character 'x' after top-level value"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("NaN", "invalid character 'N' looking for beginning of value"),
        ("[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        ('{"a":1e999}', "json: cannot unmarshal number 1e999 into Go value of type float64"),
        (
            {"spec": "x"},
            ".spec.ports accessor error: x is of the type string, expected map[string]interface{}",
        ),
        (
            {"spec": {"ports": {}}},
            ".spec.ports accessor error: map[] is of the type map[string]interface {}, "
            "expected []interface{}",
        ),
        (
            {"spec": {"ports": [{"nodePort": "http"}]}},
            'strconv.Atoi: parsing "http": invalid syntax',
        ),
        (
            {"spec": {"ports": [{"nodePort": "9223372036854775808"}]}},
            'strconv.Atoi: parsing "9223372036854775808": value out of range',
        ),
        (
            {"spec": {"ports": [{"nodePort": 1, "name": 5}]}},
            "name 5 of an applied port is no text",
        ),
    ],
)
def test_refused_annotations(applied: Any, text: str) -> None:
    with pytest.raises(ActionError) as caught:
        execute("service", service({"ports": [UNNAMED]}, applied=applied))
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("managed", "port", "expected"),
    [
        ([{"f:spec": {"f:ports": {TCP_80: {"f:nodePort": {}}}}}], PORT, 30001),
        ([{}, {"f:spec": {"f:ports": {TCP_80: {"f:nodePort": {}}}}}], PORT, 30001),
        ([None, {"f:spec": {"f:ports": {TCP_80: {"f:port": {}}}}}], PORT, None),
        ([{"f:spec": {"f:ports": {TCP_80: "x"}}}], PORT, None),
        ([{"f:spec": {"f:ports": {TCP_80: {"f:nodePort": {}}}}}], {**PORT, "port": 81}, None),
        ([{"f:spec": {"f:ports": {TCP_80: {"f:nodePort": {}}}}}], UNNAMED, None),
        (
            [{"f:spec": {"f:ports": {TCP_80: {"f:nodePort": {}}}}}],
            {**PORT, "protocol": "UDP"},
            None,
        ),
        ([], PORT, None),
    ],
)
def test_owned_node_ports(managed: list[Any], port: Manifest, expected: int | None) -> None:
    assert _node_ports({"ports": [port]}, managed=managed) == [expected]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ("x", "json: cannot unmarshal string into Go value of type map[string]interface {}"),
        (
            {"f:spec": {"f:ports": "x"}},
            ".f:spec.f:ports accessor error: x is of the type string, "
            "expected map[string]interface{}",
        ),
    ],
)
def test_refused_managed_fields(fields: Any, text: str) -> None:
    with pytest.raises(ActionError) as caught:
        execute("service", service({"ports": [PORT]}, managed=[fields]))
    assert str(caught.value) == text


def test_the_annotation_hides_managed_fields() -> None:
    managed: list[Any] = [{"f:spec": {"f:ports": {TCP_80: {"f:nodePort": {}}}}}]
    assert _node_ports({"ports": [PORT]}, applied={}, managed=managed) == [None]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [({"type": "ExternalName", "ports": [PORT]}, 30001), ({"ports": [PORT]}, None)],
)
def test_external_names_keep_node_ports(spec: Manifest, expected: int | None) -> None:
    assert _node_ports(spec) == [expected]


@pytest.mark.parametrize(("flag", "kept"), [(True, True), (False, False), (None, False)])
def test_preserved_node_ports(flag: bool | None, kept: bool) -> None:
    given = service({**BALANCER, "clusterIP": "10.0.0.1", "ports": [PORT]})
    found = updated("service", given, spec={"preserveNodePorts": flag})["spec"]
    assert ("nodePort" in found["ports"][0], "healthCheckNodePort" in found) == (kept, kept)
    assert "clusterIP" not in found


@pytest.mark.parametrize(
    ("change", "more", "kept"),
    [
        ({}, {}, False),
        ({"externalTrafficPolicy": "Cluster"}, {}, True),
        ({"type": "NodePort"}, {}, True),
        ({}, {"applied": {"spec": {"healthCheckNodePort": 5}}}, True),
        ({}, {"applied": {"spec": {"HealthCheckNodePort": 5}}}, True),
        ({}, {"applied": {"spec": {"healthCheckNodePort": 0}}}, False),
        ({}, {"applied": {"spec": {"healthCheckNodePort": None}}}, False),
        ({}, {"applied": {"spec": None}}, False),
        ({}, {"managed": [{"f:spec": {"f:healthCheckNodePort": {}}}]}, True),
        ({}, {"applied": {}, "managed": [{"f:spec": {"f:healthCheckNodePort": {}}}]}, True),
        ({}, {"managed": [{"f:spec": {"f:ports": {}}}]}, False),
    ],
)
def test_health_port(change: Manifest, more: Manifest, kept: bool) -> None:
    found = updated("service", service({**BALANCER, **change}, **more))
    assert ("healthCheckNodePort" in found["spec"]) is kept


@pytest.mark.parametrize("value", ["x", 1.5, True, []])
def test_refused_health_port(value: Any) -> None:
    applied = {"spec": {"healthCheckNodePort": value}}
    with pytest.raises(ActionError, match="healthCheckNodePort of type int32"):
        execute("service", service(BALANCER, applied=applied))


@pytest.mark.parametrize(
    "spec", [{"ports": [{"nodePort": 1.5}]}, {"ports": [{"nodePort": "x"}]}, {"clusterIP": 5}, "x"]
)
def test_refused_services(spec: Any) -> None:
    with pytest.raises(ActionError):
        execute("service", service(spec))
