# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds of Kubernetes that the engine asks for itself, in the version of Velero's typed clients.

They are asked for in these versions, whatever discovery prefers.
"""

from __future__ import annotations

from ansible_collections.velero.core.plugins.module_utils.model.resources import ApiResource

CONFIG_MAPS = ApiResource("", "v1", "configmaps", "ConfigMap", namespaced=True)
NAMESPACES = ApiResource("", "v1", "namespaces", "Namespace", namespaced=False)
PODS = ApiResource("", "v1", "pods", "Pod", namespaced=True)
SECRETS = ApiResource("", "v1", "secrets", "Secret", namespaced=True)
SERVICE_ACCOUNTS = ApiResource("", "v1", "serviceaccounts", "ServiceAccount", namespaced=True)
CLAIMS = ApiResource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", namespaced=True)
VOLUMES = ApiResource("", "v1", "persistentvolumes", "PersistentVolume", namespaced=False)
DAEMON_SETS = ApiResource("apps", "v1", "daemonsets", "DaemonSet", namespaced=True)
DEPLOYMENTS = ApiResource("apps", "v1", "deployments", "Deployment", namespaced=True)
STORAGE_CLASSES = ApiResource(
    "storage.k8s.io", "v1", "storageclasses", "StorageClass", namespaced=False
)
