# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restore from request to artifacts: what Velero's controllers do around the engine.

Source: pkg/controller/restore_controller.go, reference restore-engine.md sections 1.4 and 1.8.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.velero.core.plugins.module_utils.hooks.spec import ignored_filters
from ansible_collections.velero.core.plugins.module_utils.model import phases
from ansible_collections.velero.core.plugins.module_utils.model.errors import (
    ApiError,
    RecordError,
    RequestError,
)
from ansible_collections.velero.core.plugins.module_utils.model.kinds import NAMESPACES
from ansible_collections.velero.core.plugins.module_utils.model.ports import (
    Cluster,
    Manifest,
)
from ansible_collections.velero.core.plugins.module_utils.model.request import RestoreRequest
from ansible_collections.velero.core.plugins.module_utils.model.spec import RestoreSpec
from ansible_collections.velero.core.plugins.module_utils.restore import manifest, recorded
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.execution import Execution
from ansible_collections.velero.core.plugins.module_utils.restore.item_actions import (
    RestoreActions,
    open_actions,
)
from ansible_collections.velero.core.plugins.module_utils.restore.liveness import LivenessProbe
from ansible_collections.velero.core.plugins.module_utils.restore.modifiers import ModifierSource
from ansible_collections.velero.core.plugins.module_utils.restore.naming import (
    derived_name,
    differing_fields,
)
from ansible_collections.velero.core.plugins.module_utils.restore.ports import RestorePorts
from ansible_collections.velero.core.plugins.module_utils.restore.record import (
    ClusterRecord,
    is_ours,
    phase_of,
    restores_resource,
)
from ansible_collections.velero.core.plugins.module_utils.restore.refinement import (
    check_rules,
    differing_options,
    refinement_annotations,
)
from ansible_collections.velero.core.plugins.module_utils.restore.report import RestoreReport
from ansible_collections.velero.core.plugins.module_utils.restore.validation import (
    Validated,
    validate,
)
from ansible_collections.velero.core.plugins.module_utils.storage.artifacts import (
    RestoreArtifacts,
)


def run_restore(
    request: RestoreRequest,
    ports: RestorePorts,
    *,
    check_mode: bool = False,
    review_access: bool = False,
) -> RestoreReport:
    """Restores a backup, resumes an unfinished restore, or returns the recorded outcome.

    In check mode nothing is written anywhere and the report has a plan. A request that Velero
    would refuse is a report in phase FailedValidation. Raises RequestError, RecordError,
    StorageError and ClusterError before anything was written; ConnectionFailedError and
    RunAbortedError also later, with a record that the next call resumes.
    """
    check_rules(request)
    modifiers = ModifierSource(request, ports.cluster)
    validated = validate(request.spec, ports.source, modifiers, request.settings)
    if validated.errors or validated.backup is None:
        record = manifest.failed_validation(request, validated.spec, validated.errors)
        return RestoreReport(changed=False, restore=record)
    warning = modifiers.passed_over(validated.spec.resource_modifier)
    ports.source.check_archive(validated.spec.backup_name)
    call = _Call(request, ports, validated, check_mode, review_access)
    call.warnings.extend(filter(None, [warning]))
    return call.run()


class _Call:
    """One call for a valid request."""

    def __init__(
        self,
        request: RestoreRequest,
        ports: RestorePorts,
        validated: Validated,
        check_mode: bool,
        review_access: bool,
    ) -> None:
        self._ports = ports
        self._validated = validated
        self._check_mode = check_mode
        self._review_access = review_access
        name = request.name or derived_name(
            validated.spec,
            _cluster_uid(ports.cluster),
            request.settings.velero_namespace,
            refinement_annotations(request),
        )
        self._request = replace(request, name=name)
        self._artifacts = self._open_artifacts(name)
        self.warnings: list[str] = []
        self._in_cluster = self._cluster_record()

    def _open_artifacts(self, name: str) -> RestoreArtifacts | None:
        store = self._ports.artifacts
        if store is None:
            if not self._check_mode:
                raise RequestError(
                    "restoring",
                    f"archive {self._ports.source.archive}",
                    "there is no place for its log and results",
                    "Give artifacts",
                )
            return None
        return RestoreArtifacts(store, name, self._ports.clock.sleep)

    def _cluster_record(self) -> ClusterRecord:
        settings, cluster = self._request.settings, self._ports.cluster
        self._api = cluster.discover()
        probe = LivenessProbe(cluster, self._ports.clock, self._api, settings.velero_namespace)
        return ClusterRecord(
            cluster=cluster,
            resource=restores_resource(self._api),
            namespace=settings.velero_namespace,
            mode=settings.record,
            is_live=probe.is_live,
            warnings=self.warnings,
        )

    def run(self) -> RestoreReport:
        """Decides between the recorded outcome, a resumed run and a new one."""
        earlier = self._earlier_record()
        if earlier is not None:
            self._check_same_spec(earlier)
            if phase_of(earlier) in phases.TERMINAL and not self._wants_rerun(earlier):
                if not self._check_mode:
                    self._in_cluster.heal(earlier)
                return recorded.report_of(
                    earlier, self._artifacts, self._ports.artifacts, self._check_mode
                )
        self._warn_of_hook_filters()
        warn = self.warnings.append if self._check_mode else None
        if earlier is not None and phase_of(earlier) in phases.AFTER_ITEMS:
            if self._check_mode:
                return self._execution(RestoreActions()).plan_rest(earlier)
            if phase_of(earlier) in phases.WRAP_UP:
                return self._execution(RestoreActions()).go_on(earlier)
        with open_actions(self._request.settings, self._ports.cluster, warn) as item_actions:
            return self._execute(earlier, item_actions)

    def _warn_of_hook_filters(self) -> None:
        names = ignored_filters(self._validated.spec.hooks)
        if names and not self._request.settings.strict:
            self.warnings.append(
                f"The lists of resources of the hooks {', '.join(names)} have no effect: hooks are "
                "for pods"
            )

    def _execution(self, item_actions: RestoreActions) -> Execution:
        return Execution(
            RestoreContext(
                request=self._request,
                cluster=self._ports.cluster,
                source=self._ports.source,
                store=self._ports.artifacts,
                artifacts=self._artifacts,
                clock=self._ports.clock,
                in_cluster=self._in_cluster,
                validated=self._validated,
                warnings=self.warnings,
                item_actions=item_actions,
                api=self._api,
                snapshotters=self._ports.snapshotters,
            )
        )

    def _execute(self, earlier: Manifest | None, item_actions: RestoreActions) -> RestoreReport:
        execution = self._execution(item_actions)
        if earlier is not None and phase_of(earlier) in phases.AFTER_ITEMS:
            return execution.go_on(earlier)
        has_ended = earlier is not None and phase_of(earlier) in phases.TERMINAL
        resumed, ended = (None, earlier) if has_ended else (earlier, None)
        if self._check_mode:
            return execution.plan(resumed, ended, self._review_access)
        self._in_cluster.check()
        return execution.run(resumed, ended)

    def _earlier_record(self) -> Manifest | None:
        stored = self._artifacts.read_record() if self._artifacts else None
        if stored is not None or self._request.settings.record == "storage":
            return stored
        found = self._in_cluster.find(self._request.name)
        if found is None:
            return None
        if phase_of(found) not in phases.TERMINAL and not is_ours(found):
            raise RecordError(
                "restoring as",
                self._request.name,
                f"a Velero server's restore of this name is in phase {phase_of(found)}",
                "Wait for it, or choose another name",
            )
        return manifest.of_cluster(found)

    def _check_same_spec(self, earlier: Manifest) -> None:
        fields = differing_fields(
            RestoreSpec.from_dict(earlier.get("spec") or {}), self._validated.spec
        )
        fields += differing_options(earlier, self._request)
        if fields:
            raise RecordError(
                "restoring as",
                self._request.name,
                f"a restore of this name exists with another {', '.join(fields)}",
                "Choose another name, or remove that restore (state: absent)",
            )

    def _wants_rerun(self, earlier: Manifest) -> bool:
        rerun = self._request.settings.rerun
        if rerun == "on_failure":
            return phase_of(earlier) in phases.FAILURES
        return rerun == "always"


def _cluster_uid(cluster: Cluster) -> str:
    """Returns what tells clusters apart; empty where the caller may not read it."""
    try:
        found = cluster.get(NAMESPACES, "", "kube-system")
    except ApiError:
        return ""
    return str(found["metadata"].get("uid") or "")
