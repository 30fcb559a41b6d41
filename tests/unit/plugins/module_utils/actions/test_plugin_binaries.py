# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plugin binaries as item actions, without a process."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.velero.core.plugins.module_utils.actions import plugin_values
from ansible_collections.velero.core.plugins.module_utils.actions.contract import (
    ActionError,
    AsyncNotSupportedError,
    ExecuteInput,
    ItemAction,
    ResourceIdentifier,
    ResourceSelector,
    V1AsV2,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_action import (
    PluginActionV1,
    PluginActionV2,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_binaries import (
    PluginBinaries,
    plugin_actions,
    plugin_command,
)
from ansible_collections.velero.core.plugins.module_utils.actions.plugin_registry import (
    PluginRegistry,
)
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    MissingLibraryError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.rpc.client import ListedPlugin, Timeouts
from ansible_collections.velero.core.plugins.module_utils.rpc.errors import CallError, PluginError
from ansible_collections.velero.core.plugins.module_utils.rpc.messages import Method
from ansible_collections.velero.core.plugins.module_utils.rpc.process import PluginCommand

V1, V2 = "RestoreItemAction", "RestoreItemActionV2"
ITEM = {"kind": "ConfigMap", "metadata": {"name": "é"}}
GIVEN = ExecuteInput(item=ITEM, item_from_backup=ITEM, restore={"kind": "Restore"})


class FakeCaller:
    """Answers with ``response`` (bytes of a message) or raises it."""

    timeouts = Timeouts()

    def __init__(self, response: dict[str, Any] | Exception) -> None:
        self.response = response
        self.asked: list[tuple[str, Mapping[str, Any], float]] = []

    def call(self, method: Method, values: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        self.asked.append(
            (method.path, method.request.decode(method.request.encode(values)), timeout)
        )
        if isinstance(self.response, Exception):
            raise self.response
        return method.response.decode(method.response.encode(self.response))


# ------------------------------------------------------------------ order and names


def listed(*entries: str) -> list[ListedPlugin]:
    return [ListedPlugin("/p", *entry.split(":")) for entry in entries]


def names(actions: tuple[ItemAction, ...]) -> list[str]:
    return [("1:" if isinstance(one, V1AsV2) else "2:") + one.name for one in actions]


def test_order() -> None:
    registry = PluginRegistry()
    caller = FakeCaller({})
    mixed = listed(f"{V2}:b/z", f"{V2}:b/a", f"{V1}:b/y", f"{V1}:b/c", "ObjectStore:b/o", "New:b/n")
    registry.add("/one", mixed, caller)
    registry.add("/two", listed(f"{V1}:a/a"), caller)
    assert names(registry.actions()) == ["1:b/c", "1:b/y", "2:b/a", "2:b/z", "1:a/a"]


def test_a_name_of_both_versions_runs_twice_as_v2() -> None:
    registry = PluginRegistry()
    first, second = FakeCaller({}), FakeCaller({"progress": {"nTotal": 3}})
    registry.add("/one", listed(f"{V1}:a/a", f"{V2}:a/b"), first)
    registry.add("/two", listed(f"{V2}:a/a"), second)
    actions = registry.actions()
    assert names(actions) == ["2:a/a", "2:a/b", "2:a/a"]
    assert actions[0].progress("o", {}).n_total == 3


def test_names_that_are_taken() -> None:
    registry = PluginRegistry()
    registry.add("/one", listed(f"{V1}:a/a"), FakeCaller({}))
    with pytest.raises(
        PluginError,
        match=r"unable to register plugin \(kind=RestoreItemAction, name=a/a, command=/two\) "
        r"because another plugin is already registered for this kind and name \(command=/one\)",
    ):
        registry.add("/two", listed(f"{V1}:a/a"), FakeCaller({}))
    with pytest.raises(PluginError, match="already registered"):
        PluginRegistry().add("/one", listed(f"{V2}:a/a", f"{V2}:a/a"), FakeCaller({}))


def test_names_of_built_in_actions_are_taken_in_their_version() -> None:
    v1 = V1AsV2(PluginActionV1("velero.io/pod", FakeCaller({})))
    registry = PluginRegistry([v1])
    registry.add("/one", listed(f"{V2}:velero.io/pod"), FakeCaller({}))
    with pytest.raises(PluginError, match=r"\(command=velero\)"):
        registry.add("/two", listed(f"{V1}:velero.io/pod"), FakeCaller({}))


@pytest.mark.parametrize("name", ["a", "/a", "a/", "a/b/c", "A/b", "a_b/c", "-a/b", "a..b/c"])
def test_names_that_are_invalid(name: str) -> None:
    with pytest.raises(PluginError, match=f'invalid plugin name "{name}": '):
        PluginRegistry().add("/one", listed(f"{V2}:{name}"), FakeCaller({}))


# ------------------------------------------------------------------ calls


def test_applies_to() -> None:
    selector = {"includedResources": ["pods"], "excludedNamespaces": ["n"], "selector": "a=b"}
    action = PluginActionV2("a/a", FakeCaller({"ResourceSelector": selector}))
    assert action.applies_to() == ResourceSelector(
        included_resources=("pods",), excluded_namespaces=("n",), label_selector="a=b"
    )
    assert PluginActionV2("a/a", FakeCaller({})).applies_to() == ResourceSelector()
    assert action.has_side_effects


def test_execute() -> None:
    wanted = {"group": "g", "resource": "r", "namespace": "n", "name": "x"}
    caller = FakeCaller(
        {
            "item": b'{"kind":"Other"}',
            "additionalItems": [wanted],
            "skipRestore": True,
            "operationID": "o",
            "waitForAdditionalItems": True,
            "additionalItemsReadyTimeout": {"seconds": 90, "nanos": 500_000_000},
        }
    )
    output = PluginActionV2("a/a", caller).execute(GIVEN)
    assert output.updated_item == {"kind": "Other"}
    assert output.additional_items == (ResourceIdentifier(**wanted),)
    assert (output.skip_restore, output.operation_id) == (True, "o")
    assert output.wait_for_additional_items
    assert output.additional_items_ready_timeout == 90.5
    path, values, timeout = caller.asked[0]
    assert path == "/v2.RestoreItemAction/Execute"
    assert values["plugin"] == "a/a"
    assert (
        values["item"]
        == values["itemFromBackup"]
        == '{"kind":"ConfigMap","metadata":{"name":"é"}}'.encode()
    )
    assert values["restore"] == b'{"kind":"Restore"}'
    assert timeout == Timeouts().execute


def test_an_item_that_comes_back_as_it_was_sent() -> None:
    response = {"item": plugin_values.encoded(ITEM)}
    action = V1AsV2(PluginActionV1("a/a", FakeCaller(response)))
    assert action.execute(GIVEN).updated_item is None
    with pytest.raises(AsyncNotSupportedError):
        action.progress("o", {})
    assert action.are_additional_items_ready([], {})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "unexpected end of JSON input"),
        (b"{}", "Object 'Kind' is missing in '{}'"),
        (b'{"kind":""}', "Object 'Kind' is missing in"),
        (b"[]", "Object 'Kind' is missing in"),
        (b"{", "the plugin's item is no JSON"),
        (b"\xff", "the plugin's item is no JSON"),
    ],
)
def test_items_that_cannot_be_read(data: bytes, why: str) -> None:
    caller = FakeCaller({"item": data, "skipRestore": True})
    with pytest.raises(ActionError, match=why):
        PluginActionV2("a/a", caller).execute(GIVEN)


def test_errors_have_the_text_that_velero_shows() -> None:
    caller = FakeCaller(CallError("Unknown", "no"))
    action = PluginActionV2("a/a", caller)
    with pytest.raises(ActionError, match=r"^rpc error: code = Unknown desc = no$"):
        action.execute(GIVEN)
    with pytest.raises(ActionError, match=r"^rpc error: code = Unknown desc = no$"):
        action.cancel("o", {})


def test_an_item_that_is_too_large() -> None:
    text = "grpc: received message larger than max (5000000 vs. 4194304)"
    action = PluginActionV2("a/a", FakeCaller(CallError("ResourceExhausted", text)))
    with pytest.raises(ActionError, match=r"4194304\) \(plugins take .* 45 \+ 45 \+ 18 bytes"):
        action.execute(GIVEN)


def test_operations() -> None:
    started = {"seconds": 1_600_000_000, "nanos": 5}
    zero = {"seconds": -62_135_596_800}
    progress = {"completed": True, "err": "e", "nCompleted": 1, "started": started, "updated": zero}
    caller = FakeCaller({"progress": progress})
    found = PluginActionV2("a/a", caller).progress("o", {"kind": "Restore"})
    assert (found.completed, found.err, found.n_completed, found.n_total) == (True, "e", 1, 0)
    assert (found.started, found.updated) == ("2020-09-13T12:26:40Z", "")
    assert caller.asked[0][1] == {
        "plugin": "a/a",
        "operationID": "o",
        "restore": b'{"kind":"Restore"}',
    }
    assert PluginActionV2("a/a", FakeCaller({})).progress("o", {}).updated == ""


def test_readiness() -> None:
    caller = FakeCaller({"ready": True})
    item = ResourceIdentifier(group="g", resource="r", namespace="n", name="x")
    assert PluginActionV2("a/a", caller).are_additional_items_ready([item], {}) is True
    assert caller.asked[0][1]["additionalItems"] == [
        {"group": "g", "resource": "r", "namespace": "n", "name": "x"}
    ]


@pytest.mark.parametrize(
    ("seconds", "text"), [(10**15, ""), (-(10**15), ""), (0, "1970-01-01T00:00:00Z")]
)
def test_times(seconds: int, text: str) -> None:
    assert plugin_values.timestamp({"seconds": seconds, "nanos": 0}) == text


def test_half_a_character() -> None:
    assert plugin_values.encoded({"a": "\ud800é"}) == b'{"a":"\\ud800\\u00e9"}'


# ------------------------------------------------------------------ commands


@pytest.mark.parametrize(
    ("entry", "command"),
    [
        ("/p", PluginCommand("/p")),
        ("/p --a 'b c'", PluginCommand("/p", ("--a", "b c"))),
        (["/p q", "--n=1"], PluginCommand("/p q", ("--n=1",))),
        ({"path": "/p q", "args": ["x", 1]}, PluginCommand("/p q", ("x", "1"))),
        ({"path": "/p", "args": None}, PluginCommand("/p")),
    ],
)
def test_entries_of_the_option(entry: Any, command: PluginCommand) -> None:
    assert plugin_command(entry) == command


@pytest.mark.parametrize("entry", ["", "/p 'x", [], {"args": ["x"]}])
def test_entries_that_name_no_program(entry: Any) -> None:
    with pytest.raises(RequestError, match="plugin_binaries"):
        plugin_command(entry)


def test_without_binaries_nothing_is_needed() -> None:
    with PluginBinaries([], lambda level, text: None) as binaries:
        assert plugin_actions(binaries, []) == ()


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_grpc(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "grpc":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_grpc)
    binaries = PluginBinaries([plugin_command("/bin/true")], lambda level, text: None)
    with pytest.raises(MissingLibraryError, match="grpcio"), binaries:
        pass
