# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options by which modules for item actions get an item and its restore.

Tools read these texts without running the file, so that they are written out in full.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Read by ansible-doc."""

    DOCUMENTATION = r"""
options:
  item:
    description:
      - The object, as it is in a backup.
      - Its kind has to be known to the cluster.
      - Mutually exclusive with O(from_backup).
    type: dict
  from_backup:
    description:
      - Where to read the object from a backup.
      - Mutually exclusive with O(item).
    type: dict
    suboptions:
      storage_location:
        description:
          - Name of a BackupStorageLocation in O(velero_namespace) of the cluster. Its bucket,
            configuration, CA certificates and the Secret with its credentials are read from there.
          - One of O(from_backup.storage), O(from_backup.storage_location) and
            O(from_backup.archive) is required.
        type: str
      storage:
        description:
          - Where backups lie, in Velero's layout.
        type: dict
        suboptions:
          provider:
            description:
              - V(directory) is a folder of the host that runs the task.
              - V(aws) is S3 and what speaks its protocol.
            type: str
            required: true
            choices: [directory, aws]
          path:
            description:
              - The folder that holds C(backups/). It has to be there.
              - Required with provider V(directory).
            type: path
          bucket:
            description:
              - Name of the bucket.
              - Required with provider V(aws).
            type: str
          prefix:
            description:
              - Key, or folder below O(from_backup.storage.path), under which C(backups/) lies.
            type: str
            default: ""
          config:
            description:
              - The C(spec.config) of a BackupStorageLocation, with its own keys in their own case.
                M(velero.core.velero_restore) tells which keys are known.
            type: dict
            default: {}
          credentials_file:
            description:
              - Path of a credentials file in Velero's format.
              - Without it boto3's own chain applies, that is environment variables, shared files,
                and the identity of the instance or pod.
            type: path
          ca_cert:
            description:
              - Path of CA certificates (PEM) that the storage's certificate is verified against,
                besides those of the system.
            type: path
      archive:
        description:
          - Path of the archive (C(.tar.gz)) of a backup, for one that is not in a backup storage.
        type: path
      backup_name:
        description:
          - Name of the backup.
          - Required unless O(from_backup.archive) is set, whose default is the name of the file
            without its suffix.
        type: str
      resource:
        description:
          - Resource of the object, such as V(pods), V(deployments.apps) or V(pvc).
        type: str
        required: true
      namespace:
        description:
          - Namespace of the object in the backup; empty for a resource without one.
        type: str
        default: ""
      name:
        description:
          - Name of the object.
        type: str
        required: true
  restore:
    description:
      - The Restore object that actions get beside the item. They look at parts of its spec, such as
        C(namespaceMapping), and at its name and UID.
      - A name means the restore that is recorded under it, in O(from_backup.storage) or else in the
        cluster.
      - A mapping is the object itself, with the field names of Velero's Restore. What it leaves out
        of kind, name and namespace is filled in. The default is such a minimal object.
    type: raw
  features:
    description:
      - Feature flags of the server. Without V(EnableCSI) the actions for CSI are off.
    type: list
    elements: str
    default: []
  plugin_binaries:
    description:
      - Plugin binaries of Velero whose restore item actions are used, each as a path with
        arguments, quoted as for a shell.
      - They run on the host of the module as its user, and end with it.
      - Needs the Python library C(grpcio).
    type: list
    elements: str
    default: []
"""
