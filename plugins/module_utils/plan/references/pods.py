# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pods name, and the pod templates of workloads (k8s.io/api/core/v1 PodSpec)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import (
    Finders,
    ItemId,
    Reference,
    Subject,
    Surroundings,
)
from ansible_collections.velero.core.plugins.module_utils.plan.references.fields import (
    entries,
    mapping,
    text,
)

# Where the pod's spec lies.
_SPECS: dict[str, tuple[str, ...]] = {
    "pods": ("spec",),
    "podtemplates": ("template", "spec"),
    "replicationcontrollers": ("spec", "template", "spec"),
    "deployments.apps": ("spec", "template", "spec"),
    "statefulsets.apps": ("spec", "template", "spec"),
    "daemonsets.apps": ("spec", "template", "spec"),
    "replicasets.apps": ("spec", "template", "spec"),
    "jobs.batch": ("spec", "template", "spec"),
    "cronjobs.batch": ("spec", "jobTemplate", "spec", "template", "spec"),
}

# In every namespace, made by controllers.
_MADE_CONFIG_MAPS = ("kube-root-ca.crt", "openshift-service-ca.crt")
_MADE_CLASSES = ("system-cluster-critical", "system-node-critical")
_DEFAULT_ACCOUNT = "default"

# Volumes that name a Secret: type of volume, and the path of the mapping that holds its name.
_SECRET_VOLUMES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("secret", (), "secretName"),
    ("azureFile", (), "secretName"),
    ("csi", ("nodePublishSecretRef",), "name"),
    *((kind, ("secretRef",), "name") for kind in ("cephfs", "cinder", "flexVolume", "iscsi")),
    *((kind, ("secretRef",), "name") for kind in ("rbd", "scaleIO", "storageos")),
)


def _find(subject: Subject, around: Surroundings) -> Iterator[Reference]:
    path = _SPECS[subject.id.gr]
    spec = mapping(subject.obj, *path)
    if spec:
        yield from _PodSpec(subject.id.namespace, ".".join(path)).references(spec)


class _PodSpec:
    """Walks one pod spec that lies at ``path`` of an object in ``namespace``."""

    def __init__(self, namespace: str, path: str) -> None:
        self._namespace = namespace
        self._path = path

    def references(self, spec: Mapping[str, Any]) -> Iterator[Reference]:
        """Yields everything that the spec names."""
        for volume in entries(spec, "volumes"):
            yield from self._volume(volume, f"volumes[{text(volume, 'name')}]")
        for group in ("initContainers", "containers", "ephemeralContainers"):
            for container in entries(spec, group):
                yield from self._container(container, f"{group}[{text(container, 'name')}]")
        for secret in entries(spec, "imagePullSecrets"):
            yield from self._reference("secrets", text(secret, "name"), "imagePullSecrets")
        yield from self._account(spec)
        yield from self._classes(spec)
        for claim in entries(spec, "resourceClaims"):
            where = f"resourceClaims[{text(claim, 'name')}]"
            for key, gr in (
                ("resourceClaimName", "resourceclaims.resource.k8s.io"),
                ("resourceClaimTemplateName", "resourceclaimtemplates.resource.k8s.io"),
            ):
                yield from self._reference(gr, text(claim, key), where)

    def _account(self, spec: Mapping[str, Any]) -> Iterator[Reference]:
        name = text(spec, "serviceAccountName") or text(spec, "serviceAccount") or _DEFAULT_ACCOUNT
        yield from self._reference(
            "serviceaccounts", name, "serviceAccountName", optional=name == _DEFAULT_ACCOUNT
        )

    def _classes(self, spec: Mapping[str, Any]) -> Iterator[Reference]:
        priority, runtime = text(spec, "priorityClassName"), text(spec, "runtimeClassName")
        if priority not in _MADE_CLASSES:
            gr = "priorityclasses.scheduling.k8s.io"
            yield from self._reference(gr, priority, "priorityClassName", scoped=False)
        gr = "runtimeclasses.node.k8s.io"
        yield from self._reference(gr, runtime, "runtimeClassName", scoped=False)

    def _volume(self, volume: Mapping[str, Any], where: str) -> Iterator[Reference]:
        for kind, path, key in _SECRET_VOLUMES:
            source = mapping(volume, kind)
            optional = source.get("optional") is True
            name = text(mapping(source, *path), key)
            yield from self._reference("secrets", name, f"{where}.{kind}", optional=optional)
        yield from self._config_map(mapping(volume, "configMap"), f"{where}.configMap")
        claim = text(mapping(volume, "persistentVolumeClaim"), "claimName")
        yield from self._reference("persistentvolumeclaims", claim, where)
        template = mapping(volume, "ephemeral", "volumeClaimTemplate", "spec")
        gr = "storageclasses.storage.k8s.io"
        name = text(template, "storageClassName")
        yield from self._reference(gr, name, f"{where}.ephemeral", scoped=False)
        for source in entries(mapping(volume, "projected"), "sources"):
            yield from self._config_map(mapping(source, "configMap"), f"{where}.projected")
            yield from self._secret(mapping(source, "secret"), f"{where}.projected")

    def _container(self, container: Mapping[str, Any], where: str) -> Iterator[Reference]:
        for source in entries(container, "envFrom"):
            yield from self._config_map(mapping(source, "configMapRef"), f"{where}.envFrom")
            yield from self._secret(mapping(source, "secretRef"), f"{where}.envFrom")
        for variable in entries(container, "env"):
            at = f"{where}.env[{text(variable, 'name')}]"
            source = mapping(variable, "valueFrom")
            yield from self._config_map(mapping(source, "configMapKeyRef"), at)
            yield from self._secret(mapping(source, "secretKeyRef"), at)

    def _config_map(self, source: Mapping[str, Any], where: str) -> Iterator[Reference]:
        name = text(source, "name")
        if name not in _MADE_CONFIG_MAPS:
            optional = source.get("optional") is True
            yield from self._reference("configmaps", name, where, optional=optional)

    def _secret(self, source: Mapping[str, Any], where: str) -> Iterator[Reference]:
        optional = source.get("optional") is True
        yield from self._reference("secrets", text(source, "name"), where, optional=optional)

    def _reference(
        self, gr: str, name: str, where: str, *, optional: bool = False, scoped: bool = True
    ) -> Iterator[Reference]:
        if name:
            namespace = self._namespace if scoped else ""
            yield Reference(ItemId(gr, namespace, name), f"{self._path}.{where}", optional)


FINDERS: Finders = dict.fromkeys(_SPECS, _find)
