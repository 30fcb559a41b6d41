#!/usr/bin/python
# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restore_item_action_info
short_description: Tell which item actions a Velero restore would use, and which for an object
version_added: 0.1.0
author:
  - velero.core contributors (@velero-core)
description:
  - Lists item actions in the order in which M(velero.core.velero_restore) runs them. First come
    those that are built in, then those of plugin binaries, then those that are declared in
    ConfigMaps, and at last those of the task.
  - Nothing is executed. A faulty action fails the task, as it fails a restore.
extends_documentation_fragment:
  - velero.core.attributes.info
  - velero.core.attributes.actiongroup
  - velero.core.auth
  - velero.core.storage.velero_namespace
  - velero.core.item_action
options:
  item_actions:
    description:
      - Item actions of one's own, as in the option of this name of M(velero.core.velero_restore).
    type: list
    elements: dict
    default: []
  cluster_item_actions:
    description:
      - Whether the declared actions in the cluster are used, too. Those are the ConfigMaps in
        O(velero_namespace) with the label C(velero-core.io/item-action).
    type: bool
    default: true
requirements:
  - PyYAML, jmespath and jsonschema for declared actions
seealso:
  - module: velero.core.restore_item_action
  - module: velero.core.velero_restore
"""

EXAMPLES = r"""
- name: List the actions that are declared in the cluster
  velero.core.restore_item_action_info:
  register: found

- name: Print their names
  ansible.builtin.debug:
    msg: "{{ found.actions | selectattr('source', 'eq', 'config_map') | map(attribute='name') }}"

- name: Tell which actions run for a pod of a backup, with those of a plugin
  velero.core.restore_item_action_info:
    plugin_binaries:
      - /opt/velero-plugins/example --features=EnableCSI
    features: [EnableCSI]
    from_backup:
      storage:
        provider: directory
        path: /backups
      backup_name: shop-full
      resource: pods
      namespace: shop
      name: db-0
  register: pod

- name: Tell whether an action of one's own is for an object
  velero.core.restore_item_action_info:
    item_actions:
      - name: example.com/labels
        applies_to:
          included_namespaces: [shop-*]
          label_selector: app=web
        patches:
          - merge:
              metadata:
                labels:
                  restored: "true"
    cluster_item_actions: false
    restore:
      spec:
        namespaceMapping:
          shop: shop-copy
    item:
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: settings
        namespace: shop
        labels:
          app: web
"""

RETURN = r"""
actions:
  description: The actions, in the order in which they run.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Full name.
      returned: success
      type: str
      sample: velero.io/pod
    source:
      description: One of V(builtin), V(plugin_binary), V(config_map) and V(given).
      returned: success
      type: str
      sample: builtin
    origin:
      description: The ConfigMap or option that a declared action stands in; empty for others.
      returned: success
      type: str
      sample: ConfigMap velero/example.com-operator-first
    version:
      description: Version of the contract that the action speaks, V(v1) or V(v2).
      returned: success
      type: str
      sample: v1
    has_side_effects:
      description:
        - Whether executing it may change anything but the object it gets. Such actions are left out
          in check mode.
      returned: success
      type: bool
      sample: false
    enabled:
      description: Whether it is used at all; those for CSI need the feature V(EnableCSI).
      returned: success
      type: bool
      sample: true
    applies_to:
      description: What it is for; empty lists and an empty selector stand for everything.
      returned: success
      type: dict
      contains:
        included_resources:
          description: Resources, as the cluster calls them.
          returned: success
          type: list
          elements: str
          sample: [pods]
        excluded_resources:
          description: Resources that are left out.
          returned: success
          type: list
          elements: str
          sample: []
        included_namespaces:
          description: Namespaces that are restored into.
          returned: success
          type: list
          elements: str
          sample: []
        excluded_namespaces:
          description: Namespaces that are left out.
          returned: success
          type: list
          elements: str
          sample: []
        label_selector:
          description: Labels, as text.
          returned: success
          type: str
          sample: ""
resource:
  description: Resource of the object, as Velero names it.
  returned: with O(item) or O(from_backup)
  type: str
  sample: persistentvolumeclaims
applicable:
  description:
    - Names of the actions that run for the object, in order.
    - An action may change the labels of the object, and so which of those after it are for it; that
      is not foreseen here.
  returned: with O(item) or O(from_backup)
  type: list
  elements: str
  sample:
    - velero.io/change-storage-class
    - velero.io/pvc
error:
  description: The parts of the message of a request that could not be carried out.
  returned: failure
  type: dict
  sample:
    kind: request
    doing: reading the item action
    target: ConfigMap velero/example.com-operator-first.patches[0]
    why: exactly one of json, merge and strategic is needed
    hint: See docs/writing_item_actions.md
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.velero.core.plugins.module_utils.ansible_item_action_info import run
from ansible_collections.velero.core.plugins.module_utils.ansible_item_action_spec import (
    ITEM_ACTION_INFO,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_run import run_module


def main() -> None:
    """Entry point."""
    run_module(AnsibleModule(**ITEM_ACTION_INFO.arguments(), supports_check_mode=True), run)


if __name__ == "__main__":
    main()
