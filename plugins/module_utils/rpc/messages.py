# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages and methods of the plugin protocol (reference plugin-protocol.md section 7)."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.velero.core.plugins.module_utils.rpc.wire import Field, Message

KIND_V1 = "RestoreItemAction"
KIND_V2 = "RestoreItemActionV2"


@dataclass(frozen=True, slots=True)
class Method:
    """A method by its full name, with the types of its messages."""

    path: str
    request: Message
    response: Message


EMPTY = Message()
TIMESTAMP = Message(Field(1, "seconds", "int"), Field(2, "nanos", "int"))
DURATION = Message(Field(1, "seconds", "int"), Field(2, "nanos", "int"))

PLUGIN_IDENTIFIER = Message(
    Field(1, "command", "string"), Field(2, "kind", "string"), Field(3, "name", "string")
)
LIST_RESPONSE = Message(Field(1, "plugins", PLUGIN_IDENTIFIER, repeated=True))
RESOURCE_IDENTIFIER = Message(
    Field(1, "group", "string"),
    Field(2, "resource", "string"),
    Field(3, "namespace", "string"),
    Field(4, "name", "string"),
)
RESOURCE_SELECTOR = Message(
    Field(1, "includedNamespaces", "string", repeated=True),
    Field(2, "excludedNamespaces", "string", repeated=True),
    Field(3, "includedResources", "string", repeated=True),
    Field(4, "excludedResources", "string", repeated=True),
    Field(5, "selector", "string"),
)
OPERATION_PROGRESS = Message(
    Field(1, "completed", "bool"),
    Field(2, "err", "string"),
    Field(3, "nCompleted", "int"),
    Field(4, "nTotal", "int"),
    Field(5, "operationUnits", "string"),
    Field(6, "description", "string"),
    Field(7, "started", TIMESTAMP),
    Field(8, "updated", TIMESTAMP),
)

APPLIES_TO_REQUEST = Message(Field(1, "plugin", "string"))
APPLIES_TO_RESPONSE = Message(Field(1, "ResourceSelector", RESOURCE_SELECTOR))
EXECUTE_REQUEST = Message(
    Field(1, "plugin", "string"),
    Field(2, "item", "bytes"),
    Field(3, "restore", "bytes"),
    Field(4, "itemFromBackup", "bytes"),
)
# A v1 plugin sends the first three only.
EXECUTE_RESPONSE = Message(
    Field(1, "item", "bytes"),
    Field(2, "additionalItems", RESOURCE_IDENTIFIER, repeated=True),
    Field(3, "skipRestore", "bool"),
    Field(4, "operationID", "string"),
    Field(5, "waitForAdditionalItems", "bool"),
    Field(6, "additionalItemsReadyTimeout", DURATION),
)
OPERATION_REQUEST = Message(
    Field(1, "plugin", "string"), Field(2, "operationID", "string"), Field(3, "restore", "bytes")
)
PROGRESS_RESPONSE = Message(Field(1, "progress", OPERATION_PROGRESS))
ITEMS_READY_REQUEST = Message(
    Field(1, "plugin", "string"),
    Field(2, "restore", "bytes"),
    Field(3, "additionalItems", RESOURCE_IDENTIFIER, repeated=True),
)
ITEMS_READY_RESPONSE = Message(Field(1, "ready", "bool"))
STDIO_DATA = Message(Field(1, "channel", "int"), Field(2, "data", "bytes"))

_V1 = "/generated.RestoreItemAction/"
_V2 = "/v2.RestoreItemAction/"

LIST_PLUGINS = Method("/generated.PluginLister/ListPlugins", EMPTY, LIST_RESPONSE)
SHUTDOWN = Method("/plugin.GRPCController/Shutdown", EMPTY, EMPTY)
STREAM_STDIO = Method("/plugin.GRPCStdio/StreamStdio", EMPTY, STDIO_DATA)

APPLIES_TO = {
    KIND_V1: Method(f"{_V1}AppliesTo", APPLIES_TO_REQUEST, APPLIES_TO_RESPONSE),
    KIND_V2: Method(f"{_V2}AppliesTo", APPLIES_TO_REQUEST, APPLIES_TO_RESPONSE),
}
EXECUTE = {
    KIND_V1: Method(f"{_V1}Execute", EXECUTE_REQUEST, EXECUTE_RESPONSE),
    KIND_V2: Method(f"{_V2}Execute", EXECUTE_REQUEST, EXECUTE_RESPONSE),
}
PROGRESS = Method(f"{_V2}Progress", OPERATION_REQUEST, PROGRESS_RESPONSE)
CANCEL = Method(f"{_V2}Cancel", OPERATION_REQUEST, EMPTY)
ITEMS_READY = Method(f"{_V2}AreAdditionalItemsReady", ITEMS_READY_REQUEST, ITEMS_READY_RESPONSE)
