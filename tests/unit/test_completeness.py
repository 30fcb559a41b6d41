# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation tells what the argument spec takes, and the spec takes all that Velero has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.velero.core.plugins.module_utils import (
    ansible_backup_info,
    ansible_restore_info,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_item_action_spec import (
    ITEM_ACTION,
    ITEM_ACTION_INFO,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import (
    RESTORE,
    SPEC_OPTIONS,
    json_name,
)
from ansible_collections.velero.core.plugins.module_utils.model.items import Reason
from ansible_collections.velero.core.plugins.module_utils.model.spec import FIELDS
from ansible_collections.velero.core.plugins.module_utils.plan.dependencies import LeftOut
from ansible_collections.velero.core.plugins.module_utils.restore.recorded import RECORDED

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("VELERO_CORE_SHARED", ROOT.parent / "shared"))
CRD = SHARED / "fixtures" / "crds" / "velero.io_restores.yaml"

SPECS = {
    "velero_restore": RESTORE,
    "velero_restore_info": ansible_restore_info.SPEC,
    "velero_backup_info": ansible_backup_info.SPEC,
    "restore_item_action": ITEM_ACTION,
    "restore_item_action_info": ITEM_ACTION_INFO,
}

# Reference: the table of the Restore spec. An option for each, however deep.
SPEC_FIELDS = {
    "backupName",
    "scheduleName",
    "includedNamespaces",
    "excludedNamespaces",
    "includedResources",
    "excludedResources",
    "namespaceMapping",
    "labelSelector",
    "labelSelector.matchExpressions",
    "labelSelector.matchExpressions.key",
    "labelSelector.matchExpressions.operator",
    "labelSelector.matchExpressions.values",
    "labelSelector.matchLabels",
    "orLabelSelectors",
    "orLabelSelectors.matchExpressions",
    "orLabelSelectors.matchExpressions.key",
    "orLabelSelectors.matchExpressions.operator",
    "orLabelSelectors.matchExpressions.values",
    "orLabelSelectors.matchLabels",
    "restorePVs",
    "restoreStatus",
    "restoreStatus.includedResources",
    "restoreStatus.excludedResources",
    "preserveNodePorts",
    "includeClusterResources",
    "hooks",
    "hooks.resources",
    "hooks.resources.name",
    "hooks.resources.includedNamespaces",
    "hooks.resources.excludedNamespaces",
    "hooks.resources.includedResources",
    "hooks.resources.excludedResources",
    "hooks.resources.labelSelector",
    "hooks.resources.labelSelector.matchExpressions",
    "hooks.resources.labelSelector.matchExpressions.key",
    "hooks.resources.labelSelector.matchExpressions.operator",
    "hooks.resources.labelSelector.matchExpressions.values",
    "hooks.resources.labelSelector.matchLabels",
    "hooks.resources.postHooks",
    "hooks.resources.postHooks.exec",
    "hooks.resources.postHooks.exec.container",
    "hooks.resources.postHooks.exec.command",
    "hooks.resources.postHooks.exec.onError",
    "hooks.resources.postHooks.exec.execTimeout",
    "hooks.resources.postHooks.exec.waitTimeout",
    "hooks.resources.postHooks.exec.waitForReady",
    "hooks.resources.postHooks.init",
    "hooks.resources.postHooks.init.initContainers",
    "hooks.resources.postHooks.init.timeout",
    "existingResourcePolicy",
    "itemOperationTimeout",
    "resourceModifier",
    "resourceModifier.apiGroup",
    "resourceModifier.kind",
    "resourceModifier.name",
    "uploaderConfig",
    "uploaderConfig.writeSparseFiles",
    "uploaderConfig.parallelFilesDownload",
}

# Below options of the spec, and not of it: the record refers to such rules by a digest.
OWN_FIELDS = {"resourceModifier.definition", "resourceModifier.src"}


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    """What ansible-doc says about the modules."""
    command = [str(Path(sys.executable).with_name("ansible-doc")), "--json", "-t", "module"]
    done = subprocess.run(
        [*command, *(f"velero.core.{name}" for name in SPECS)],
        capture_output=True,
        check=True,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".dev")},
    )
    found = json.loads(done.stdout)
    return {name: found[f"velero.core.{name}"] for name in SPECS}


def test_every_module_is_looked_at() -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert modules - {"__init__"} == set(SPECS)


@pytest.mark.parametrize("module", SPECS)
def test_documentation_equals_argument_spec(module: str, documents: dict[str, Any]) -> None:
    documented = _facts(documents[module]["doc"]["options"], "suboptions")
    assert documented == _facts(SPECS[module].options, "options")


@pytest.mark.parametrize("module", SPECS)
def test_environment_fallbacks_are_documented(module: str, documents: dict[str, Any]) -> None:
    for name, option in _walk(SPECS[module].options, "options"):
        if "fallback" in option:
            (variable,) = option["fallback"][1]
            found = _at(documents[module]["doc"]["options"], name)
            assert f"E({variable})" in " ".join(found["description"])


@pytest.mark.parametrize("module", SPECS)
def test_every_module_states_what_it_supports(module: str, documents: dict[str, Any]) -> None:
    attributes = documents[module]["doc"]["attributes"]
    assert {"check_mode", "diff_mode", "idempotent", "action_group"} <= set(attributes)
    assert attributes["check_mode"]["support"] == "full"
    assert attributes["action_group"]["membership"] == ["velero.core.velero"]
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert module in runtime["action_groups"]["velero"]


@pytest.mark.parametrize("module", SPECS)
def test_options_named_in_texts_exist(module: str, documents: dict[str, Any]) -> None:
    document = documents[module]
    options = {name for name, _option in _walk(document["doc"]["options"], "suboptions")}
    values = {name for name, _value in _walk(document["return"], "contains")}
    text = json.dumps(document)
    for reference in re.findall(r"\bO\(([^)=]+)", text):
        assert reference.replace("[]", "") in options, reference
    for reference in re.findall(r"RV\(([^)=]+)", text):
        bare = reference.replace("[]", "")
        known = any(bare == name or bare.startswith(f"{name}.") for name in values)
        assert known or reference.startswith("ignore:"), reference


def test_every_field_of_the_spec_has_an_option() -> None:
    assert set(_velero_fields(SPEC_OPTIONS, dict(FIELDS))) == SPEC_FIELDS | OWN_FIELDS
    assert list(SPEC_OPTIONS) == [attribute for attribute, _key in FIELDS]


def test_nested_options_accept_the_spelling_of_the_resource() -> None:
    for name, option in SPEC_OPTIONS.items():
        for path, nested in _walk(option.get("options", {}), "options"):
            last = path.rpartition(".")[2]
            wanted = [json_name(last)] if "_" in last else []
            assert nested.get("aliases", []) == wanted, f"{name}.{path}"


@pytest.mark.skipif(not CRD.exists(), reason=f"{CRD} is not there")
def test_list_of_fields_equals_the_custom_resource() -> None:
    crd = yaml.safe_load(CRD.read_text())
    (version,) = crd["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert set(_crd_fields(spec)) == SPEC_FIELDS


def test_every_reason_is_explained() -> None:
    words = {value for name, value in vars(Reason).items() if not name.startswith("_")}
    table = (ROOT / "docs" / "reasons.md").read_text().partition("\n## What is left")[0]
    assert words | {RECORDED} == set(re.findall(r"^\| `([a-z_]+)` \| [a-z, ]+ \| ", table, re.M))


def test_every_reason_for_leaving_something_out_is_explained() -> None:
    words = {value for name, value in vars(LeftOut).items() if not name.startswith("_")}
    table = (ROOT / "docs" / "reasons.md").read_text().partition("\n## What is left")[2]
    assert words == set(re.findall(r"^\| `([a-z_]+)` \| ", table, re.M))


def _facts(options: dict[str, Any], nested: str) -> dict[str, dict[str, Any]]:
    """What documentation and argument specification both say, by the option's dotted name."""
    return {
        name: {
            "type": option["type"],
            "elements": option.get("elements"),
            "required": bool(option.get("required")),
            "default": option.get("default"),
            "choices": option.get("choices"),
            "aliases": sorted(option.get("aliases", [])),
        }
        for name, option in _walk(options, nested)
    }


def _walk(
    options: dict[str, Any], nested: str, prefix: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, option in options.items():
        yield prefix + name, option
        yield from _walk(option.get(nested) or {}, nested, f"{prefix}{name}.")


def _at(options: dict[str, Any], path: str) -> dict[str, Any]:
    return dict(_walk(options, "suboptions"))[path]


def _velero_fields(
    options: dict[str, Any], keys: dict[str, str], prefix: str = ""
) -> Iterator[str]:
    for name, option in options.items():
        path = prefix + keys.get(name, json_name(name))
        yield path
        yield from _velero_fields(option.get("options") or {}, {}, f"{path}.")


def _crd_fields(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, field in (schema.get("properties") or {}).items():
        path = prefix + name
        yield path
        yield from _crd_fields(field.get("items", field), f"{path}.")
