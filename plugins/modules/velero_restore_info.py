#!/usr/bin/python
# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: velero_restore_info
short_description: Tell the phase, progress and results of Velero restores
version_added: 0.1.0
author:
  - velero.core contributors (@velero-core)
description:
  - Reads the records and artifacts of restores, those of M(velero.core.velero_restore) as well as
    those of a Velero server.
  - A restore may be under way; its progress is then that of the progress file, which is written at
    most once a second.
extends_documentation_fragment:
  - velero.core.attributes.info
  - velero.core.attributes.actiongroup
  - velero.core.auth
  - velero.core.storage
  - velero.core.storage.artifacts
  - velero.core.storage.velero_namespace
  - velero.core.result
options:
  name:
    description:
      - Return only the restore of this name. It is no failure if there is none.
    type: str
  backup_name:
    description:
      - Return only restores of this backup.
    type: str
  phases:
    description:
      - Return only restores in one of these phases, such as V(InProgress) and V(PartiallyFailed).
    type: list
    elements: str
  storage:
    description:
      - Where the restores lie, in Velero's layout.
      - Without O(storage), O(storage_location) and O(artifacts) only the cluster is asked.
  record:
    description:
      - Where records are looked for. When both places have one, the storage counts.
      - V(auto) looks into the storage, and into the cluster if a connection option is set (by the
        environment too), or no storage is.
      - V(cluster) looks into the cluster too, V(storage) does not.
    type: str
    default: auto
    choices: [auto, cluster, storage]
  format:
    description:
      - What is told of each restore.
      - V(record) returns its results and items as O(result_detail) wants them.
      - V(describe) returns RV(restores[].description) as a text in place of them. It is what
        C(velero restore describe --details) prints, to the letter, with times in UTC and without
        colors.
      - V(json) returns the same as a dictionary. Velero has no such form for restores; the names
        are like those of its description of a backup.
      - A description is complete whatever O(result_detail) says, up to 360 kB for all restores
        together. Name one restore to get most of it; what is left out is told in
        RV(restores[].truncated).
      - Volumes restored from the file system are PodVolumeRestore objects of the cluster. They are
        told when the cluster is asked, see O(record).
    type: str
    default: record
    choices: [record, describe, json]
    version_added: 0.1.0
seealso:
  - module: velero.core.velero_restore
"""

EXAMPLES = r"""
- name: Show the progress of a restore that another task runs
  velero.core.velero_restore_info:
    name: nightly-1
    storage:
      provider: directory
      path: /backups
    result_detail: summary
  register: found

- name: Print it
  ansible.builtin.debug:
    msg: "{{ found.restores[0].status.phase }} {{ found.restores[0].status.progress }}"

- name: Find the restores of a backup that did not go well
  velero.core.velero_restore_info:
    storage_location: default
    backup_name: shop-full
    phases: [PartiallyFailed, Failed, FailedValidation]

- name: Describe a restore as velero restore describe --details does
  velero.core.velero_restore_info:
    name: nightly-1
    storage_location: default
    format: describe
  register: described

- name: Show the description
  ansible.builtin.debug:
    msg: "{{ described.restores[0].description.splitlines() }}"
  when: described.restores

- name: Ask for the same as data
  velero.core.velero_restore_info:
    name: nightly-1
    storage_location: default
    format: json
  register: described

- name: Fail if volumes of pods were not restored
  ansible.builtin.assert:
    that: volumes is falsy or volumes.phases.keys() | difference(['Completed']) is falsy
  vars:
    volumes: "{{ described.restores[0].description.volumes.podVolumeRestores }}"

- name: List the Restore objects of a cluster
  velero.core.velero_restore_info:
    record: cluster
"""

RETURN = r"""
restores:
  description:
    - The restores, the newest first.
    - With more than one restore, lists are cut more tightly, so that the whole stays below 500 kB.
  returned: success
  type: list
  elements: dict
  contains:
    metadata:
      description: Name, labels and annotations.
      returned: success
      type: dict
      sample:
        name: nightly-1
    spec:
      description: The spec of the Restore.
      returned: success
      type: dict
      sample:
        backupName: shop-full
    status:
      description: Phase, counts, progress and times. Of a restore without a record only what its
        artifacts tell.
      returned: success
      type: dict
      sample:
        phase: InProgress
        progress:
          itemsRestored: 40
          totalItems: 83
    found_in:
      description: Where the restore was found, V(storage), V(cluster) or both.
      returned: success
      type: list
      elements: str
      sample: [storage]
    problems:
      description: What of the restore could not be read, and why.
      returned: success
      type: list
      elements: str
      sample: []
    description:
      description: The restore as O(format) wants it, a text or a dictionary.
      returned: O(format=describe) or O(format=json)
      type: raw
      sample: |
        Name:         nightly-1
        Namespace:    velero
        Labels:       <none>
        Annotations:  <none>

        Phase:                       Completed
        Total items to be restored:  83
        Items restored:              83
    results:
      description: Warnings and errors by C(velero), C(cluster) and C(namespaces).
      returned: O(format=record)
      type: dict
      sample:
        errors: {}
        warnings: {}
    counts:
      description: Number of restored items for each action, in Velero's words.
      returned: success
      type: dict
      sample:
        created: 80
        skipped: 3
    items:
      description: The restored items.
      returned: O(format=record)
      type: list
      elements: dict
      contains:
        id:
          description: API version, kind, namespace and name.
          returned: success
          type: str
          sample: v1/ConfigMap/shop/settings
        action:
          description: One of V(created), V(updated), V(skipped) and V(failed).
          returned: success
          type: str
          sample: created
    operations:
      description: Asynchronous operations that item actions have started. Members without a value
        are left out.
      returned: O(format=record)
      type: list
      elements: dict
      contains:
        action:
          description: The item action.
          returned: success
          type: str
          sample: velero.io/csi-pvc-restorer
        operation_id:
          description: The ID that the action has given it.
          returned: success
          type: str
          sample: dd-6c1e
        group:
          description: API group of the item.
          returned: success
          type: str
          sample: apps
        resource:
          description: Resource of the item.
          returned: success
          type: str
          sample: persistentvolumeclaims
        namespace:
          description: Namespace that the item was restored to.
          returned: success
          type: str
          sample: shop
        name:
          description: Name of the item in the backup.
          returned: success
          type: str
          sample: data
        phase:
          description: One of V(New), V(InProgress), V(Completed) and V(Failed).
          returned: success
          type: str
          sample: InProgress
        error:
          description: Why it has failed.
          returned: success
          type: str
          sample: DataDownload is canceled
        n_completed:
          description: How much is done.
          returned: success
          type: int
          sample: 1048576
        n_total:
          description: How much there is to do.
          returned: success
          type: int
          sample: 4194304
        operation_units:
          description: What is counted.
          returned: success
          type: str
          sample: Bytes
        description:
          description: What the action says about it.
          returned: success
          type: str
          sample: InProgress
        created:
          description: When it was started by the item action.
          returned: success
          type: str
          sample: "2026-05-20T08:00:00Z"
        started:
          description: When its work began.
          returned: success
          type: str
          sample: "2026-05-20T08:00:05Z"
        updated:
          description: When there was news the last time.
          returned: success
          type: str
          sample: "2026-05-20T08:01:00Z"
    volumes:
      description:
        - Velero's volume information of the restore. How each volume was restored, right after
          the items; what is provisioned later may have no C(pvName).
        - It is empty when there is none.
      returned: success
      type: list
      elements: dict
      sample:
        - pvcName: data
          pvcNamespace: shop
          pvName: pvc-77
          restoreMethod: NativeSnapshot
          snapshotDataMoved: false
          nativeSnapshotInfo:
            snapshotHandle: snap-0864d525f01aa594c
            volumeType: gp3
            volumeAZ: us-east-1a
            iops: "0"
            Phase: ""
    artifacts:
      description: Where everything about the restore lies, by kind of file. It is empty when the
        restore is not in the storage.
      returned: success
      type: dict
      sample:
        log: /backups/restores/nightly-1/restore-nightly-1-logs.gz
    truncated:
      description: Number of entries left out of each list that was cut; empty when none was.
      returned: success
      type: dict
      sample: {}
truncated:
  description: Number of restores that were left out; empty when none was.
  returned: success
  type: dict
  sample: {}
error:
  description: The parts of the message of a request that could not be carried out.
  returned: failure
  type: dict
  sample:
    kind: storage
    doing: listing
    target: s3://velero/restores
    why: the credentials were refused
    hint: Check the credentials file
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.velero.core.plugins.module_utils.ansible_restore_info import SPEC, run
from ansible_collections.velero.core.plugins.module_utils.ansible_run import run_module


def main() -> None:
    """Entry point."""
    run_module(AnsibleModule(**SPEC.arguments(), supports_check_mode=True), run)


if __name__ == "__main__":
    main()
