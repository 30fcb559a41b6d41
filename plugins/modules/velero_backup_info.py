#!/usr/bin/python
# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: velero_backup_info
short_description: Tell which Velero backups a storage holds, and whether they are intact
version_added: 0.1.0
author:
  - velero.core contributors (@velero-core)
description:
  - Reads backups straight from Velero's backup storage. With O(storage) no cluster is needed.
  - Backups are listed with the newest first. As in Velero, a folder without C(velero-backup.json),
    which a failed backup may leave, is no backup.
extends_documentation_fragment:
  - velero.core.attributes.info
  - velero.core.attributes.actiongroup
  - velero.core.auth
  - velero.core.storage
  - velero.core.storage.velero_namespace
  - velero.core.storage.archive_limits
options:
  storage:
    description:
      - Where the backups lie, in Velero's layout.
      - One of O(storage) and O(storage_location) is required.
  name:
    description:
      - Return only the backup of this name. It is no failure if there is none.
    type: str
  schedule_name:
    description:
      - Return only backups of this schedule.
    type: str
  phases:
    description:
      - Return only backups in one of these phases, such as V(Completed) and V(PartiallyFailed).
    type: list
    elements: str
  newer_than:
    description:
      - Return only backups that were started after this time.
      - Either a point in time as in C(status.startTimestamp) (V(2026-05-01T04:00:00Z)), or how long
        ago it was, as a duration (V(36h)) or in seconds.
    type: str
  older_than:
    description:
      - Return only backups that were started before this time. It is written like O(newer_than).
    type: str
  contents:
    description:
      - Whether to return what the resource list of each backup names.
    type: bool
    default: false
  verify_archive:
    description:
      - Whether to read the whole archive of each backup and compare it with the backup's resource
        list and counts.
      - A faulty archive is no failure of the task; see RV(backups[].archive.sound).
    type: bool
    default: false
seealso:
  - module: velero.core.velero_restore
  - name: Backup reference
    description: The Backup resource in Velero's documentation.
    link: https://velero.io/docs/main/api-types/backup/
"""

EXAMPLES = r"""
- name: List all backups of a bucket
  velero.core.velero_backup_info:
    storage:
      provider: aws
      bucket: velero
      config:
        region: eu-west-1

- name: Find the completed backups of a schedule that were made in the last two days
  velero.core.velero_backup_info:
    storage_location: default
    schedule_name: nightly
    phases: [Completed]
    newer_than: 48h
  register: recent

- name: Verify one backup, and fail if it is damaged
  velero.core.velero_backup_info:
    storage:
      provider: directory
      path: /backups
    name: shop-full
    verify_archive: true
  register: found
  failed_when: not found.backups or not found.backups[0].archive.sound
"""

RETURN = r"""
backups:
  description:
    - The backups, the newest first.
    - The list is cut at about 400 kB; RV(truncated) has the number of backups that were left out.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the backup.
      returned: success
      type: str
      sample: shop-full
    location:
      description: Where the backup lies.
      returned: success
      type: str
      sample: s3://velero/backups/shop-full
    metadata:
      description: Name, namespace, labels and annotations of Velero's Backup.
      returned: when C(velero-backup.json) is readable
      type: dict
      sample:
        name: shop-full
        labels:
          velero.io/schedule-name: nightly
    spec:
      description: The spec of Velero's Backup.
      returned: when C(velero-backup.json) is readable
      type: dict
    status:
      description: Phase, counts and times of Velero's Backup.
      returned: when C(velero-backup.json) is readable
      type: dict
      sample:
        phase: Completed
        startTimestamp: "2026-05-01T04:00:00Z"
        progress:
          itemsBackedUp: 85
          totalItems: 85
    problem:
      description: What is damaged about the files beside the archive.
      returned: when something is
      type: str
      sample: "velero-backup.json cannot be used: it is no Backup object"
    contents:
      description: What the backup's resource list names.
      returned: when O(contents=true)
      type: dict
      contains:
        total:
          description: Number of items.
          returned: success
          type: int
          sample: 85
        counts:
          description: Number of items by API version and kind.
          returned: success
          type: dict
          sample:
            v1/ConfigMap: 12
        namespaces:
          description: Number of items by namespace. Items without a namespace are counted under an
            empty name.
          returned: success
          type: dict
          sample:
            shop: 60
        items:
          description: Names of the items by API version and kind, at most 200 for each.
          returned: success
          type: dict
          sample:
            v1/ConfigMap:
              - shop/settings
    archive:
      description: What reading the whole archive showed.
      returned: when O(verify_archive=true)
      type: dict
      contains:
        sound:
          description:
            - Whether the archive could be read to its end, every item is readable, no listed item
              is missing, and there are no fewer items than the backup counts.
            - Items that are not in the list are no fault. Item actions add some after it was
              written.
          returned: success
          type: bool
          sample: true
        problems:
          description: What is wrong, as sentences.
          returned: success
          type: list
          elements: str
          sample: []
        checked:
          description: Number of items in the archive.
          returned: when the archive could be read to its end
          type: int
          sample: 85
        listed:
          description: Number of items in the resource list; 0 when the backup has none to compare
            with.
          returned: when the archive could be read to its end
          type: int
          sample: 85
        size:
          description: Size of the decompressed archive in bytes.
          returned: when the archive could be read to its end
          type: int
          sample: 302080
        compressed_size:
          description: Size of the archive in bytes.
          returned: when the archive could be read to its end
          type: int
          sample: 41213
        missing:
          description: Listed items that are not in the archive, at most 200.
          returned: when the archive could be read to its end
          type: list
          elements: str
          sample: []
        unlisted:
          description: Items of the archive that are not listed, at most 200.
          returned: when the archive could be read to its end
          type: list
          elements: str
          sample: []
        unreadable:
          description: Paths of items that are not readable as an object, at most 200.
          returned: when the archive could be read to its end
          type: list
          elements: str
          sample: []
truncated:
  description: Number of entries left out of each list that was cut; empty when none was.
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
    target: s3://velero/backups
    why: the credentials were refused
    hint: Check the credentials file
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.velero.core.plugins.module_utils.ansible_backup_info import SPEC, run
from ansible_collections.velero.core.plugins.module_utils.ansible_run import run_module


def main() -> None:
    """Entry point."""
    run_module(AnsibleModule(**SPEC.arguments(), supports_check_mode=True), run)


if __name__ == "__main__":
    main()
