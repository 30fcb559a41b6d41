"""The decisions of the tables that are a function of the engine's own."""

from __future__ import annotations

import copy
import io
import tarfile
from collections.abc import Callable, Mapping
from typing import Any, cast

from ansible_collections.velero.core.plugins.module_utils.actions.go_values import AccessorError
from ansible_collections.velero.core.plugins.module_utils.archive.catalog import SpooledCatalog
from ansible_collections.velero.core.plugins.module_utils.archive.layout import (
    PREFERRED_SUFFIX,
    item_path,
)
from ansible_collections.velero.core.plugins.module_utils.archive.reader import read_archive
from ansible_collections.velero.core.plugins.module_utils.item.completion import is_completed
from ansible_collections.velero.core.plugins.module_utils.item.creation import ObjectCreator
from ansible_collections.velero.core.plugins.module_utils.item.merge_patch import (
    create_merge_patch,
)
from ansible_collections.velero.core.plugins.module_utils.item.metadata import (
    MetadataError,
    reset_metadata,
    reset_metadata_and_status,
)
from ansible_collections.velero.core.plugins.module_utils.item.service_accounts import (
    merge_maps,
    merge_references,
    merge_service_account,
)
from ansible_collections.velero.core.plugins.module_utils.item.status import status_wanted
from ansible_collections.velero.core.plugins.module_utils.item.work import ItemReport, ItemWork
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    AlreadyExistsError,
    ApiError,
)
from ansible_collections.velero.core.plugins.module_utils.model.items import (
    ItemKey,
    ItemOutcome,
    resource_list,
)
from ansible_collections.velero.core.plugins.module_utils.model.names import split_group_resource
from ansible_collections.velero.core.plugins.module_utils.model.ports import Catalog
from ansible_collections.velero.core.plugins.module_utils.model.request import Priorities
from ansible_collections.velero.core.plugins.module_utils.model.resources import (
    ApiGroup,
    ApiResource,
    ApiResources,
)
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.model.volume_binding import reset_binding
from ansible_collections.velero.core.plugins.module_utils.plan import wildcards
from ansible_collections.velero.core.plugins.module_utils.plan.filters import IncludesExcludes
from ansible_collections.velero.core.plugins.module_utils.plan.namespaces import (
    namespace_filter,
    namespaces_in_backup,
)
from ansible_collections.velero.core.plugins.module_utils.plan.order import ordered_resources
from ansible_collections.velero.core.plugins.module_utils.plan.versions import (
    CONFIG_KEY,
    choose_version,
    kubernetes_version_order,
    parse_user_priorities,
)
from tests.support import tables_volumes

Values = dict[str, Any]


def call_function(name: str, given: Values) -> Values | None:
    """Returns our answer to a case of the table ``name``; None where we have no such function."""
    function = _FUNCTIONS.get(name)
    return function(copy.deepcopy(given)) if function else None


# ------------------------------------------------------------------ archive


class _Contents:
    """As much of a catalog as the choice of namespaces looks at."""

    def __init__(self, resources: Mapping[str, Mapping[str, list[str]] | None]) -> None:
        self._resources = resources

    def group_resources(self) -> list[str]:
        return sorted(self._resources)

    def namespaces(self, gr: str, version: str = "") -> list[str]:
        return sorted(self._resources[gr] or {})


def _contents(given: Values) -> Catalog:
    return cast(Catalog, _Contents(given["backup_resources"]))


def _catalog(given: Values) -> SpooledCatalog:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for path in given["files"]:
            entry = tarfile.TarInfo(path.removeprefix(given["dir"]).strip("/"))
            if path.endswith("/"):
                entry.type = tarfile.DIRTYPE
            archive.addfile(entry, io.BytesIO())
    return read_archive(io.BytesIO(raw.getvalue()))


def _parse(given: Values) -> Values:
    with _catalog(given) as catalog:
        if not catalog.has_resources:
            return {"err": True}
        result = {
            gr: {
                "group_resource": gr,
                "items_by_namespace": {
                    namespace: catalog.items(gr, namespace) for namespace in catalog.namespaces(gr)
                },
            }
            for gr in catalog.group_resources()
        }
    return {"err": False, "result": result}


def _parse_group_versions(given: Values) -> Values:
    with _catalog(given) as catalog:
        if not catalog.has_resources:
            return {"err": True}
        result = {}
        for gr in catalog.group_resources():
            group = split_group_resource(gr)[1]
            folders = catalog.versions(gr)
            preferred = next(one for one in folders if one.endswith(PREFERRED_SUFFIX))
            names = [one.removesuffix(PREFERRED_SUFFIX) for one in folders]
            result[gr] = {
                "name": group,
                "versions": [_group_version(group, one) for one in names],
                "preferredVersion": _group_version(group, preferred.removesuffix(PREFERRED_SUFFIX)),
            }
    return {"err": False, "result": result}


def _item_path(given: Values) -> Values:
    path = item_path(
        given["group_resource"], given["namespace"], given["name"], given.get("version_dir", "")
    )
    return {"path": "/".join(part for part in (given["dir"], path) if part)}


# ------------------------------------------------------------------ plan


def _namespaces(given: Values) -> Values:
    return {"result": sorted(namespaces_in_backup(_contents(given)))}


def _expand(given: Values) -> Values:
    includes, excludes = given["include_namespaces"], given["exclude_namespaces"]
    catalog = _contents(given)
    if not wildcards.should_expand(includes, excludes):
        return {"error": ""}
    spec = RestoreSpec(included_namespaces=includes, excluded_namespaces=excludes)
    try:
        namespace_filter(spec, catalog, safe=False)
    except wildcards.WildcardError as error:
        return {"error": str(error)}
    included, excluded = wildcards.expand(namespaces_in_backup(catalog), includes, excludes)
    return {
        "error": "",
        "include_matches": included,
        "exclude_matches": excluded,
        "wildcard_result": [name for name in included if name not in excluded],
    }


def _ordered_resources(given: Values) -> Values:
    wanted = given["resource_priorities"]
    priorities = Priorities(high=tuple(wanted["high"]), low=tuple(wanted["low"]))
    return {"result": ordered_resources(priorities, given["backup_resources"])}


# ------------------------------------------------------------------ API versions


def _group_version(group: str, version: str) -> Values:
    return {"groupVersion": f"{group}/{version}" if group else version, "version": version}


def _names(versions: list[Values]) -> list[str]:
    return [one["version"] for one in versions]


def _bare(versions: list[str]) -> list[Values]:
    return [{"groupVersion": "", "version": one} for one in versions]


def _version_order(given: Values) -> Values:
    return {"result": _bare(kubernetes_version_order(_names(given["orig"])))}


def _user_version(given: Values) -> Values:
    # A preferred version that nobody has: what is left is the user's choice.
    group = ApiGroup("", ("", *_names(given["target_gvs"])))
    user = _names(given["user_gvs"])
    chosen = choose_version(_names(given["source_gvs"]), "", group, user)
    return {"result": chosen if chosen in user else ""}


def _user_priorities(given: Values) -> Values:
    found = parse_user_priorities(given["cm"]["data"][CONFIG_KEY])
    none = {"groupVersion": "", "version": ""}
    return {
        "result": {
            gr: {"name": "", "preferredVersion": none, "versions": _bare(versions)}
            for gr, versions in found.items()
        }
    }


def _find_group(given: Values) -> Values:
    served = {
        group["name"]: ApiGroup(group["name"], tuple(_names(group["versions"])))
        for group in given["target_grps"]
    }
    found = ApiResources((), served).groups.get(given["grp_name"])
    if found is None:
        none = {"groupVersion": "", "version": ""}
        return {"result": {"name": "", "preferredVersion": none, "versions": None}}
    return {"result": next(one for one in given["target_grps"] if one["name"] == found.name)}


def _versions_contain(given: Values) -> Values:
    group = ApiGroup("", tuple(_names(given["gvs"])))
    return {"result": given["ver"] in group.versions}


# ------------------------------------------------------------------ items


def _is_completed(given: Values) -> Values:
    try:
        return {"err": False, "result": is_completed(given["obj"], given["group_resource"])}
    except AccessorError:
        return {"err": True, "result": False}


def _status_wanted(given: Values) -> Values:
    chosen = given.get("restore_spec_includes")
    status_filter = None
    if chosen is not None:
        status_filter = IncludesExcludes.of(["*"] if chosen else ["other"], [])
    obj = {"metadata": {"annotations": given["annotations"]}}
    return {"decision": status_wanted(obj, "pods", status_filter, lambda level, text: None)}


def _reset_metadata(given: Values) -> Values:
    try:
        return {"err": False, "res": reset_metadata(given["obj"] or {})}
    except MetadataError:
        return {"err": True, "res": None}


def _reset_status(given: Values) -> Values:
    obj = given["obj"]
    # Ours drops status and server-set metadata together.
    return {"res": reset_metadata_and_status(obj) if obj else obj}


def _reset_binding(given: Values) -> Values:
    return {"result": reset_binding(given["obj"])}


def _merge_patch(given: Values) -> Values:
    patch = create_merge_patch(given["from_cluster"], given["desired"])
    return {"err": False, "patch": patch or None}


def _merge_service_account(given: Values) -> Values:
    return {"err": False, "res": merge_service_account(given["from_cluster"], given["from_backup"])}


def _merge_references(given: Values) -> Values:
    return {"result": merge_references(given["first"], given["second"])}


def _merge_maps(given: Values) -> Values:
    return {"result": merge_maps(given["destination"], given["source"])}


def _resource_list(given: Values) -> Values:
    outcomes = [
        ItemOutcome(ItemKey(one["api_kind"], one["namespace"], one["name"]), one["action"])
        for one in given["restored_items"]
    ]
    return {"result": resource_list(outcomes)}


def _already_exists(given: Values) -> Values:
    from tests.support.tables_cases import lenient_api
    from tests.support.tables_run import connected

    if given["err"] is None:
        return {"result": False}
    status, obj = given["err"]["status"], given["obj"] or {}
    kind = AlreadyExistsError if status["reason"] == "AlreadyExists" else ApiError
    error = kind(
        "creating",
        "",
        code=status.get("code", 422),
        reason=status["reason"],
        message=status.get("message", ""),
        details=status.get("details"),
    )
    namespace = obj.get("metadata", {}).get("namespace", "")
    key = ItemKey("v1/Service", namespace, "")
    work = ItemWork("services", namespace, namespace, obj, ItemOutcome(key), ItemReport())
    served = [given["api_resource"]] if given["api_resource"] else []
    with lenient_api({"api_resources": served}) as api, connected(api.url) as cluster:
        creator = ObjectCreator(cluster, {}, managed_fields="restore", strict=True)
        services = ApiResource("", "v1", "services", "Service", namespaced=True)
        return {"result": creator.means_existing(work, services, error)}


_FUNCTIONS: dict[str, Callable[[Values], Values]] = {
    "TestDetermineRestoreStatus": _status_wanted,
    "TestExecutePVAction_NoSnapshotRestores": tables_volumes.no_snapshot_restored,
    "TestExecutePVAction_SnapshotRestores": tables_volumes.snapshot_restored,
    "TestExpandNamespaceWildcards": _expand,
    "TestExtractGroupName": lambda given: {"result": split_group_resource(given["rg_dir"])[1]},
    "TestExtractNamespacesFromBackup": _namespaces,
    "TestFindAPIGroup": _find_group,
    "TestFindSupportedUserVersion": _user_version,
    "TestGeneratePatch": _merge_patch,
    "TestGetItemFilePath": _item_path,
    "TestHasCSIVolumeSnapshot": tables_volumes.csi_snapshot_found,
    "TestHasSnapshotDataUpload": tables_volumes.data_upload_found,
    "TestIsAlreadyExistsError": _already_exists,
    "TestIsCompleted": _is_completed,
    "TestK8sPrioritySort": _version_order,
    "TestMergeLocalObjectReferenceSlices": _merge_references,
    "TestMergeMaps": _merge_maps,
    "TestMergeObjectReferenceSlices": _merge_references,
    "TestMergeServiceAccountBasic": _merge_service_account,
    "TestParse": _parse,
    "TestParseGroupVersions": _parse_group_versions,
    "TestResetMetadata": _reset_metadata,
    "TestResetStatus": _reset_status,
    "TestRestoredResourceList": _resource_list,
    "TestShouldRestore": tables_volumes.should_restore,
    "TestUserResourceGroupVersionPriorities": _user_priorities,
    "TestVersionsContain": _versions_contain,
    "Test_getOrderedResources": _ordered_resources,
    "Test_resetVolumeBindingInfo": _reset_binding,
}
