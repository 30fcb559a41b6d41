# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that say where backups and artifacts lie.

Tools read these texts without running the file, so that each is written out in full.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Read by ansible-doc."""

    DOCUMENTATION = r"""
options:
  storage_location:
    description:
      - Name of a BackupStorageLocation in O(velero_namespace) of the cluster. Its bucket,
        configuration, CA certificates and the Secret with its credentials are read from there.
      - Mutually exclusive with O(storage).
    type: str
  storage:
    description:
      - Where backups lie, in Velero's layout.
      - Mutually exclusive with O(storage_location).
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
          - The folder that holds C(backups/) and C(restores/). It has to be there.
          - Required with provider V(directory).
        type: path
      bucket:
        description:
          - Name of the bucket.
          - Required with provider V(aws).
        type: str
      prefix:
        description:
          - Key, or folder below O(storage.path), under which C(backups/) and C(restores/) lie.
        type: str
        default: ""
      config:
        description:
          - The C(spec.config) of a BackupStorageLocation, with its own keys in their own case.
          - "Known to V(aws): C(region), C(s3Url), C(publicUrl), C(s3ForcePathStyle),
            C(insecureSkipTLSVerify), C(profile), C(caCert), C(credentialsFile),
            C(enableSharedConfig), C(kmsKeyId), C(serverSideEncryption),
            C(customerKeyEncryptionFile), C(customerKeyEncryptionSecret), C(signatureVersion),
            C(tagging) and C(checksumAlgorithm)."
          - Unknown keys are refused. Values may be text, numbers or booleans.
        type: dict
        default: {}
      credentials_file:
        description:
          - Path of a credentials file in Velero's format, with a section C([default]) or the one
            that C(profile) names.
          - Without it boto3's own chain applies, that is environment variables, shared files, and
            the identity of the instance or pod.
        type: path
      ca_cert:
        description:
          - Path of CA certificates (PEM) that the storage's certificate is verified against,
            besides those of the system.
        type: path

requirements:
  - boto3 >= 1.28.0 (provider V(aws))
"""

    ARTIFACTS = r"""
options:
  artifacts:
    description:
      - Where the results of restores lie, if not where the backups are.
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
          - The folder that holds C(backups/) and C(restores/). It has to be there.
          - Required with provider V(directory).
        type: path
      bucket:
        description:
          - Name of the bucket.
          - Required with provider V(aws).
        type: str
      prefix:
        description:
          - Key, or folder below O(artifacts.path), under which C(backups/) and C(restores/) lie.
        type: str
        default: ""
      config:
        description:
          - The C(spec.config) of a BackupStorageLocation, with its own keys in their own case.
          - "Known to V(aws): C(region), C(s3Url), C(publicUrl), C(s3ForcePathStyle),
            C(insecureSkipTLSVerify), C(profile), C(caCert), C(credentialsFile),
            C(enableSharedConfig), C(kmsKeyId), C(serverSideEncryption),
            C(customerKeyEncryptionFile), C(customerKeyEncryptionSecret), C(signatureVersion),
            C(tagging) and C(checksumAlgorithm)."
          - Unknown keys are refused. Values may be text, numbers or booleans.
        type: dict
        default: {}
      credentials_file:
        description:
          - Path of a credentials file in Velero's format, with a section C([default]) or the one
            that C(profile) names.
          - Without it boto3's own chain applies, that is environment variables, shared files, and
            the identity of the instance or pod.
        type: path
      ca_cert:
        description:
          - Path of CA certificates (PEM) that the storage's certificate is verified against,
            besides those of the system.
        type: path
"""

    VELERO_NAMESPACE = r"""
options:
  velero_namespace:
    description:
      - Namespace of Velero's own objects in the cluster. Velero need not be installed there.
    type: str
    default: velero
"""

    ARCHIVE_LIMITS = r"""
options:
  archive_limits:
    description:
      - Upper bounds for the archive. One that passes a bound is refused before anything is written
        to the cluster.
      - Sizes are in bytes and may be written with a unit, such as V(32MB).
    type: dict
    suboptions:
      max_members:
        description: Number of files and folders. The default is 2,000,000.
        type: int
      max_member_size:
        description: Size of one file. The default is 32 MiB.
        type: bytes
      max_total_size:
        description: Size of the decompressed archive. The default is 16 GiB.
        type: bytes
      max_path_length:
        description: Length of one path. The default is 1,024.
        type: int
      max_depth:
        description: Number of folders in one path. The default is 32.
        type: int
      max_ratio:
        description: Ratio of decompressed to compressed size. The default is 200.
        type: float
      ratio_floor:
        description: Decompressed size below which the ratio is not looked at. The default is 64
          MiB.
        type: bytes
      max_index_size:
        description: Sum of the lengths of all paths, which are kept in memory. The default is 512
          MiB.
        type: bytes
"""
