#!/usr/bin/python
# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restore_item_action
short_description: Manage, try out and follow Velero restore item actions
version_added: 0.1.0
author:
  - velero.core contributors (@velero-core)
description:
  - Item actions change the objects of a backup on their way into the cluster. This module stores
    declared actions and the configuration of Velero's own actions in the cluster, and makes single
    calls of an action outside of a restore.
  - A declared action in the cluster is a ConfigMap in O(velero_namespace) with the label
    C(velero-core.io/item-action) and the key C(action.yaml).
    M(velero.core.velero_restore) uses all of them, unless told otherwise.
  - The configuration of one of Velero's actions is a ConfigMap with the labels
    C(velero.io/plugin-config) and C(<plugin>=RestoreItemAction). A Velero server reads the same.
extends_documentation_fragment:
  - velero.core.attributes
  - velero.core.attributes.actiongroup
  - velero.core.auth
  - velero.core.storage.velero_namespace
  - velero.core.item_action
attributes:
  check_mode:
    support: full
    details:
      - Actions that may change more than the item they get are not executed in check mode; the task
        fails then.
      - With O(state=ready) and O(state=completed) it is asked once and not waited, and what is not
        ready or completed yet is no failure.
  diff_mode:
    support: full
    details:
      - Values of Secrets are replaced by a keyed hash, which shows only whether two values of one
        run are equal.
  idempotent:
    support: partial
    details:
      - O(state=present), O(state=absent), O(state=ready) and O(state=completed) are. Whether
        O(state=executed) is depends on the action.
options:
  state:
    description:
      - V(present) makes a ConfigMap say what O(definition) or O(velero_config) says. A ConfigMap
        that is there already for the same action or plugin is changed, whatever its name and
        whoever made it.
      - V(absent) removes such a ConfigMap. One that was not made, or taken over, by this module is
        refused.
      - V(executed) runs one action on one object and returns what it wants done. Nothing of that is
        done in the cluster. But an action may write by itself while it runs; C(changed) is true for
        those that may. M(velero.core.restore_item_action_info) tells which of Velero's own do.
      - V(ready) waits until the action finds O(additional_items) ready.
      - V(completed) waits until an operation that the action has started has ended. One that failed
        fails the task.
      - V(cancelled) tells an operation to end, unless it has ended already. The operation of a
        declared action is only watched and cannot be cancelled.
    type: str
    default: present
    choices: [present, absent, executed, ready, completed, cancelled]
  name:
    description:
      - With O(state=present) and O(state=absent) what the ConfigMap is named after. The default is
        the name of the declared action, or the name that Velero's documentation gives to the
        ConfigMap of a plugin. A slash and an underscore become a hyphen.
      - Otherwise the name of an action. It may be a built-in one (V(velero.io/pod), or V(pod)), one
        of O(plugin_binaries), or a declared one in the cluster. It is not needed with
        O(definition), and with O(velero_config) the default is the action of the plugin.
      - Also the name of the declared action in O(definition), if it has none.
    type: str
  definition:
    description:
      - A declared action, with the keys C(name), C(applies_to), C(when), C(skip), C(patches),
        C(additional_items), C(ready_when), C(timeout) and C(operation).
      - Unless O(state=present) it may also be C(file) with the path of such a mapping as YAML, or
        C(python) with the path of a Python file, C(class) with the name of a class in it, and
        C(options) for the class. Paths are those of the host that runs the module.
      - It is described in
        U(https://github.com/velero-core/velero.core/blob/main/docs/writing_item_actions.md).
      - Mutually exclusive with O(velero_config).
    type: dict
  velero_config:
    description:
      - Configuration of one of Velero's actions, or of a plugin that reads its configuration as
        they do.
      - With O(state=executed) it is used in place of what the cluster has, and not stored.
      - Mutually exclusive with O(definition).
    type: dict
    suboptions:
      plugin:
        description:
          - The plugin, such as V(change-storage-class), V(velero.io/change-image-name) or
            V(pod-volume-restore).
        type: str
        required: true
      data:
        description:
          - All keys of the configuration and their values, which are text.
          - Storage classes are written as C(old) and C(new), images as a key of one's own and
            C(old,new).
        type: dict
        default: {}
  item:
    description:
      - The object, as it is in a backup. What Velero drops before the first action (the status, and
        metadata that a server sets) is dropped here too, and the action gets the whole beside it.
      - One of O(item) and O(from_backup) is required with O(state=executed).
  additional_items:
    description:
      - The items that have to be ready with O(state=ready), as in RV(output.additional_items).
    type: list
    elements: dict
    default: []
    suboptions:
      group:
        description: API group, empty for the core group.
        type: str
        default: ""
      resource:
        description: Plural name of the resource. It may carry the group (V(deployments.apps)).
        type: str
        required: true
      namespace:
        description: Namespace in the backup; empty for a resource without one.
        type: str
        default: ""
      name:
        description: Name of the object.
        type: str
        required: true
  operation_id:
    description:
      - The operation, as in RV(output.operation_id).
      - Required with O(state=completed) and O(state=cancelled).
    type: str
  timeout:
    description:
      - How long is waited with O(state=ready) and O(state=completed), as in Go (V(10m), V(1h30m))
        or in seconds. The default for the one is what the declared action says, or 10 minutes; for
        the other it is 4 hours.
      - An operation that takes longer goes on, though the task fails.
    type: str
requirements:
  - PyYAML, jmespath and jsonschema for declared actions
seealso:
  - module: velero.core.restore_item_action_info
  - module: velero.core.velero_restore
  - name: Restore reference
    description: How Velero changes storage classes and images during a restore.
    link: https://velero.io/docs/main/restore-reference/
"""

EXAMPLES = r"""
- name: Have the operator and its definitions restored before the databases, and wait for it
  velero.core.restore_item_action:
    state: present
    definition:
      name: example.com/operator-first
      applies_to:
        included_resources: [databases.example.com]
      additional_items:
        - resource: customresourcedefinitions.apiextensions.k8s.io
          name: databases.example.com
        - resource: deployments.apps
          namespace: operators
          name: database-operator
      ready_when:
        - resource: deployments.apps
          condition:
            type: Available
      timeout: 5m

- name: Map a storage class for all restores, those of a Velero server too
  velero.core.restore_item_action:
    state: present
    velero_config:
      plugin: change-storage-class
      data:
        gp2: standard
  diff: true

- name: See what a rule for images makes of a pod, without storing it
  velero.core.restore_item_action:
    state: executed
    velero_config:
      plugin: change-image-name
      data:
        mirror: docker.io/library,registry.example.com/mirror
    item:
      apiVersion: v1
      kind: Pod
      metadata:
        name: web
        namespace: shop
      spec:
        containers:
          - name: web
            image: docker.io/library/nginx:1.27
  register: tried

- name: Run one of Velero's actions on an object of a backup
  velero.core.restore_item_action:
    state: executed
    name: velero.io/service
    from_backup:
      storage:
        provider: directory
        path: /backups
      backup_name: shop-full
      resource: services
      namespace: shop
      name: web
  register: service

- name: Show what it changes
  ansible.builtin.debug:
    msg: "{{ service.diff }}"

- name: Run an action of a plugin binary
  velero.core.restore_item_action:
    state: executed
    name: example.com/stamp
    plugin_binaries:
      - /opt/velero-plugins/example
    item: "{{ lookup('ansible.builtin.file', 'configmap.json') | from_json }}"

- name: Try a declared action before it is stored
  velero.core.restore_item_action:
    state: executed
    definition:
      name: example.com/labels
      applies_to:
        included_resources: [configmaps]
      patches:
        - merge:
            metadata:
              labels:
                restored: "true"
      additional_items:
        - resource: secrets
          name: settings
      ready_when:
        - jmespath: metadata.name
    item:
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: settings
        namespace: shop
  register: executed

- name: Wait until the additional items that an action has named are ready
  velero.core.restore_item_action:
    state: ready
    name: example.com/operator-first
    additional_items:
      - group: apps
        resource: deployments
        namespace: operators
        name: database-operator
    timeout: 2m

- name: Wait for the end of an operation
  velero.core.restore_item_action:
    state: completed
    definition:
      name: example.com/import
      operation:
        resource: jobs.batch
        name: import-{name}
        done_when:
          condition:
            type: Complete
    operation_id: //jobs.batch/shop/import-settings
    timeout: 30m
  register: ended

- name: Tell an operation of an action in Python to end
  velero.core.restore_item_action:
    state: cancelled
    definition:
      python: /opt/item-actions/transfer.py
      class: Transfer
      options:
        server: https://transfer.example.com
    operation_id: transfer-17

- name: Remove the declared action from the cluster
  velero.core.restore_item_action:
    state: absent
    name: example.com/operator-first

- name: Remove the mapping of storage classes from the cluster
  velero.core.restore_item_action:
    state: absent
    velero_config:
      plugin: change-storage-class
"""

RETURN = r"""
msg:
  description: What was found or done. When the task fails, what was being done, why it failed, and
    what to do next.
  returned: always
  type: str
  sample: velero.io/service changes services/shop/web.
config_map:
  description: The ConfigMap as it is now, or would be; null when there is none any more.
  returned: with O(state=present) and O(state=absent)
  type: dict
  contains:
    name:
      description: Its name.
      returned: success
      type: str
      sample: change-storage-class-config
    namespace:
      description: Its namespace.
      returned: success
      type: str
      sample: velero
    labels:
      description: Its labels.
      returned: success
      type: dict
      sample:
        app.kubernetes.io/managed-by: velero.core
        velero.io/change-storage-class: RestoreItemAction
        velero.io/plugin-config: ""
    data:
      description: Its data.
      returned: success
      type: dict
      sample:
        gp2: standard
action:
  description: The action that was called.
  returned: with the other states
  type: dict
  contains:
    name:
      description: Its full name.
      returned: success
      type: str
      sample: velero.io/service
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
applies:
  description:
    - Whether the action is for this object at all, by its resource, namespace and labels. If not,
      it was not run, and RV(msg) tells why.
  returned: with O(state=executed)
  type: bool
  sample: true
output:
  description: What the action wants done.
  returned: with O(state=executed)
  type: dict
  contains:
    updated_item:
      description:
        - The object as it would be restored; as it was, when the action does not change it.
        - Values of a Secret are replaced by a keyed hash.
      returned: success
      type: dict
      sample:
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          namespace: shop
        spec:
          ports:
            - port: 80
    additional_items:
      description: Items that would be restored before this one.
      returned: success
      type: list
      elements: dict
      sample:
        - group: ""
          resource: persistentvolumeclaims
          namespace: shop
          name: data
    skip_restore:
      description: Whether the object would not be restored.
      returned: success
      type: bool
      sample: false
    operation_id:
      description: The operation that the action has started; empty for none.
      returned: success
      type: str
      sample: ""
    wait_for_additional_items:
      description: Whether a restore would wait until the additional items are ready.
      returned: success
      type: bool
      sample: false
    additional_items_ready_timeout:
      description: How long it would wait, in seconds; 0 for the default of the restore.
      returned: success
      type: float
      sample: 0
ready:
  description: Whether the additional items are ready.
  returned: with O(state=ready)
  type: bool
  sample: true
progress:
  description: How far the operation is, in the fields of Velero's OperationProgress.
  returned: with O(state=completed) and O(state=cancelled)
  type: dict
  contains:
    completed:
      description: Whether it has ended, well or not.
      returned: success
      type: bool
      sample: true
    err:
      description: Why it failed; empty when it did not.
      returned: success
      type: str
      sample: ""
    n_completed:
      description: How many units are done.
      returned: success
      type: int
      sample: 4096
    n_total:
      description: How many units there are.
      returned: success
      type: int
      sample: 4096
    operation_units:
      description: What is counted.
      returned: success
      type: str
      sample: Bytes
    description:
      description: What the operation is at.
      returned: success
      type: str
      sample: InProgress
    started:
      description: When it began; empty when that is not known.
      returned: success
      type: str
      sample: "2026-05-01T04:00:00Z"
    updated:
      description: When it went on last; empty when that is not known.
      returned: success
      type: str
      sample: "2026-05-01T04:03:12Z"
diff:
  description:
    - What the action changes, or what becomes of the ConfigMap.
    - Ansible shows it by itself only when the task changes something.
  returned: with O(state=executed), and with O(state=present) and O(state=absent) in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: Resource, namespace and name of the object.
      returned: success
      type: str
      sample: services/shop/web
    after_header:
      description: The same.
      returned: success
      type: str
      sample: services/shop/web
    before:
      description: Changed fields and what they were; of a ConfigMap, all of it.
      returned: success
      type: str
      sample: "spec.clusterIP: \"10.0.0.7\"\n"
    after:
      description: Changed fields and what they are.
      returned: success
      type: str
      sample: ""
error:
  description: The parts of the message of a request that could not be carried out.
  returned: when the request could not be carried out
  type: dict
  sample:
    kind: request
    doing: finding the item action
    target: velero.io/pods
    why: there is none
    hint: There are velero.io/pod, velero.io/service
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.velero.core.plugins.module_utils.ansible_item_action import run
from ansible_collections.velero.core.plugins.module_utils.ansible_item_action_spec import (
    ITEM_ACTION,
)
from ansible_collections.velero.core.plugins.module_utils.ansible_run import run_module


def main() -> None:
    """Entry point."""
    run_module(AnsibleModule(**ITEM_ACTION.arguments(), supports_check_mode=True), run)


if __name__ == "__main__":
    main()
