#!/usr/bin/python
# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: velero_restore
short_description: Restore a Velero backup into a Kubernetes cluster
version_added: 0.1.0
author:
  - velero.core contributors (@velero-core)
description:
  - Reads a backup straight from Velero's backup storage and restores its objects through the API
    server, as Velero's own restore does, item for item. Neither Velero nor anything else has to be
    installed in the cluster.
  - A task describes one restore. The first run carries it out; when a run is interrupted the next
    one goes on; after its end a further run returns the recorded outcome with C(changed=false).
    O(rerun) asks for another go.
  - In check mode the plan is returned and nothing is written, neither to the cluster nor to the
    storage.
  - Options of the spec have the names of the fields of Velero's Restore in snake case, and its
    meaning and defaults. What Velero's server finds wrong with a spec is reported in its own words,
    in C(validationErrors) of RV(restore.status).
  - A volume is restored from its native snapshot (AWS) or CSI snapshot. One whose data cannot be
    restored is an error, never an empty volume without a word.
  - Options whose behaviour is not there yet are refused.
extends_documentation_fragment:
  - velero.core.attributes
  - velero.core.attributes.actiongroup
  - velero.core.auth
  - velero.core.storage
  - velero.core.storage.artifacts
  - velero.core.storage.velero_namespace
  - velero.core.storage.archive_limits
  - velero.core.result
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Values of Secrets are replaced by a keyed hash, which shows only whether two values of one
        run are equal.
  idempotent:
    support: full
    details:
      - With O(rerun=always) the objects are compared again; a cluster that has not changed gets no
        write.
options:
  state:
    description:
      - V(present) carries the restore out.
      - V(absent) removes the record of the restore and its artifacts. The objects that were
        restored stay in the cluster.
      - A Restore object in the cluster is only removed when it was written by this module and no
        Velero server is live.
    type: str
    default: present
    choices: [present, absent]
  name:
    description:
      - Name of the restore.
      - The default is the name of the backup and ten hexadecimal digits, made from the spec with
        its defaults, the cluster and O(velero_namespace). So the same task is the same restore, and
        a newer backup of a schedule is another one.
      - A name that a restore with another spec already has is refused.
      - Required with O(state=absent).
    type: str
  labels:
    description:
      - Labels of the Restore object.
    type: dict
    default: {}
  annotations:
    description:
      - Annotations of the Restore object.
    type: dict
    default: {}
  storage:
    description:
      - Where the backup lies, in Velero's layout.
      - One of O(storage), O(storage_location) and O(archive) is required with O(state=present).
  archive:
    description:
      - Path of the archive (C(.tar.gz)) of a backup, for one that is not in a backup storage.
      - The name of the backup is O(backup_name), or that of the file without its suffix.
    type: path
  artifacts:
    description:
      - Where the log, results and other artifacts of the restore go, under C(restores/). The
        default is the storage of the backup.
      - Required with O(archive), except in check mode.
  backup_name:
    description:
      - Name of the backup.
      - Velero wants either this or O(schedule_name).
    type: str
  schedule_name:
    description:
      - Name of a schedule, whose newest completed backup is restored.
    type: str
  included_namespaces:
    description:
      - Namespaces of the backup to restore from. Patterns such as V(shop-*) are allowed. The
        default is all.
    type: list
    elements: str
  excluded_namespaces:
    description:
      - Namespaces of the backup to leave out. Patterns are allowed.
    type: list
    elements: str
  included_resources:
    description:
      - Resources to restore, such as V(deployments.apps), V(deploy) or V(*). The default is all.
    type: list
    elements: str
  excluded_resources:
    description:
      - Resources to leave out. Velero adds those that can never be restored, such as V(nodes) and
        V(events).
    type: list
    elements: str
  namespace_mapping:
    description:
      - Other namespaces to restore into, by namespace of the backup.
    type: dict
  label_selector:
    description:
      - Restore only items whose labels in the backup match.
      - Velero accepts either this or O(or_label_selectors).
    type: dict
    suboptions: &selector
      match_labels:
        description: Labels and the values that they must have.
        type: dict
        aliases: [matchLabels]
      match_expressions:
        description: Requirements that all must hold.
        type: list
        elements: dict
        aliases: [matchExpressions]
        suboptions:
          key:
            description: Key of the label.
            type: str
            required: true
          operator:
            description: One of V(In), V(NotIn), V(Exists) and V(DoesNotExist).
            type: str
            required: true
          values:
            description: Values, for V(In) and V(NotIn).
            type: list
            elements: str
  or_label_selectors:
    description:
      - Restore only items whose labels in the backup match at least one of these.
    type: list
    elements: dict
    suboptions: *selector
  restore_pvs:
    description:
      - Whether persistent volumes are restored from snapshots. Only V(false) makes a difference, as
        in Velero.
      - With V(false) claims whose data is in CSI snapshots come up empty, and a volume with a
        native snapshot leads to the original volume.
    type: bool
  restore_status:
    description:
      - Resources whose status is restored too. The default is none; a mapping without
        O(restore_status.included_resources) means all.
    type: dict
    suboptions:
      included_resources:
        description: Resources whose status is restored.
        type: list
        elements: str
        aliases: [includedResources]
      excluded_resources:
        description: Resources whose status is not restored.
        type: list
        elements: str
        aliases: [excludedResources]
  preserve_node_ports:
    description:
      - Whether Services keep the node ports that they had. The default is to keep only those that
        were set by hand.
    type: bool
  include_cluster_resources:
    description:
      - Whether resources without a namespace are restored. By default those are, if all namespaces
        are, and otherwise those that restored items need.
    type: bool
  hooks:
    description:
      - Restore hooks, for pods that this restore creates. A pod's annotations may ask for hooks,
        too; they replace those of their type that are given here. See
        U(https://github.com/velero-core/velero.core/blob/main/docs/hooks.md).
      - Commands are run in the background while other items are restored, and waited for at the
        end. Each one that fails is an error of the restore, whatever follows it.
    type: dict
    suboptions:
      resources:
        description: Hooks and the pods that they are for.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the hook.
            type: str
            required: true
          included_namespaces:
            description: Namespaces of pods the hook is for.
            type: list
            elements: str
            aliases: [includedNamespaces]
          excluded_namespaces:
            description: Namespaces of pods the hook is not for.
            type: list
            elements: str
            aliases: [excludedNamespaces]
          included_resources:
            description: Part of Velero's type, and without effect there.
            type: list
            elements: str
            aliases: [includedResources]
          excluded_resources:
            description: Part of Velero's type, and without effect there.
            type: list
            elements: str
            aliases: [excludedResources]
          label_selector:
            description: Labels of pods the hook is for.
            type: dict
            aliases: [labelSelector]
            suboptions: *selector
          post_hooks:
            description: What is done, in this order. Each entry has one of the two.
            type: list
            elements: dict
            aliases: [postHooks]
            suboptions:
              exec:
                description: A command that is run in a container of the restored pod.
                type: dict
                suboptions:
                  container:
                    description: Name of the container. The default is the first one.
                    type: str
                  command:
                    description: The command and its arguments.
                    type: list
                    elements: str
                    required: true
                  on_error:
                    description:
                      - What follows when the command fails. V(Fail) ends all hooks of the pod,
                        V(Continue) goes on with the next one, and is the default.
                    type: str
                    choices: [Continue, Fail]
                    aliases: [onError]
                  exec_timeout:
                    description: How long the command may take. The default is 30 seconds.
                    type: str
                    aliases: [execTimeout]
                  wait_timeout:
                    description:
                      - How long is waited for the container to run. The default is
                        O(hook_wait_timeout).
                    type: str
                    aliases: [waitTimeout]
                  wait_for_ready:
                    description: Whether the container has to be ready, and not only to run.
                    type: bool
                    aliases: [waitForReady]
              init:
                description: Init containers that are added to the pod.
                type: dict
                suboptions:
                  init_containers:
                    description: Containers, in the form they have in a Pod.
                    type: list
                    elements: dict
                    aliases: [initContainers]
                  timeout:
                    description: Part of Velero's type, and without effect there.
                    type: str
  existing_resource_policy:
    description:
      - What happens to objects that are there already and differ from the backup. V(none) leaves
        them as they are, V(update) patches them.
      - Service accounts are merged in either case, as Velero does.
    type: str
  item_operation_timeout:
    description:
      - How long asynchronous operations of item actions may take. The default is
        O(default_item_operation_timeout).
    type: str
  resource_modifier:
    description:
      - Rules that change objects before they are created or compared. They are in Velero's format
        and have Velero's meaning, wherever they come from. One of O(resource_modifier.name),
        O(resource_modifier.definition) and O(resource_modifier.src) is needed.
      - They are described in
        U(https://github.com/velero-core/velero.core/blob/main/docs/resource_modifiers.md).
      - A task with other rules is another restore. Of a ConfigMap only the name counts for that.
      - Rules that match no object draw a warning.
      - Needs the Python library PyYAML, and jsonschema for O(resource_modifier.definition) and
        O(resource_modifier.src).
    type: dict
    suboptions:
      api_group:
        description: API group of the reference. That of a ConfigMap is empty.
        type: str
        aliases: [apiGroup]
      kind:
        description:
          - Kind of the reference. There are only ConfigMaps; another kind is refused, or passed
            over with O(compatibility=strict) as Velero does.
        type: str
        default: ConfigMap
      name:
        description: Name of a ConfigMap in O(velero_namespace), which has the rules in its one key.
        type: str
      definition:
        description:
          - The rules themselves, as a mapping or as a text of YAML. Mistakes in them are refused
            before anything is written.
          - C(value) and C(patchData), which are texts in Velero, may also be mappings here, and
            C(value) a list.
        type: raw
      src:
        description:
          - File with the rules as YAML, as in O(resource_modifier.definition). It is looked for on
            the controller, in C(files) of the role or of the playbook, and may be encrypted with
            Ansible Vault.
        type: str
  uploader_config:
    description:
      - How the data of volumes is written. It is kept in the record and has no effect on objects.
    type: dict
    suboptions:
      write_sparse_files:
        description: Whether files are written sparsely.
        type: bool
        aliases: [writeSparseFiles]
      parallel_files_download:
        description: Number of files that are fetched at once.
        type: int
        aliases: [parallelFilesDownload]
  restore_resource_priorities:
    description:
      - The order of resources, as Velero's server flag C(--restore-resource-priorities). A list
        that is left out keeps Velero's default.
    type: dict
    suboptions:
      high:
        description: Resources that are restored first, in this order.
        type: list
        elements: str
      low:
        description: Resources that are restored last, in this order.
        type: list
        elements: str
  select:
    description:
      - Rules that select objects more finely than the filters of Velero's Restore. An object is
        restored if those filters let it pass, and a rule with O(select[].include=true) matches it
        or there is none, and no rule with O(select[].include=false) does.
      - All criteria of a rule that are given have to hold. Patterns are those of Velero (V(*),
        V(?), V([a-z]), V({a,b})), and have to match the whole text.
      - Objects without a namespace are only selected by rules that name their kind. Namespaces are
        made where they are needed, from the Namespace in the backup.
      - A rule that matches nothing draws a warning.
      - Another selection is another restore, as another spec is.
    type: list
    elements: dict
    suboptions:
      kinds:
        description:
          - Kinds, as in O(order).
        type: list
        elements: str
      namespaces:
        description:
          - Patterns for namespaces of the backup.
        type: list
        elements: str
      names:
        description:
          - Patterns for names.
        type: list
        elements: str
      label_selector:
        description:
          - Labels in the backup.
        type: dict
        suboptions: *selector
      annotations:
        description:
          - Patterns for annotations in the backup and for their values. All have to be there.
        type: dict
      include:
        description:
          - Whether matching objects are restored, or left out.
        type: bool
        default: true
  with_dependencies:
    description:
      - Whether what selected objects need is restored too, and what that needs, and so on. This
        holds for O(select) and for the filters of Velero's Restore.
      - These references are followed. Pods and pod templates name config maps, secrets, claims,
        service accounts, and priority and runtime classes. Claims name volumes and storage classes,
        stateful sets have claims and a service, ingresses name classes, services and secrets,
        bindings name roles and service accounts, service accounts name secrets, autoscalers name
        what they scale, aggregated APIs and webhooks name services, and custom resources need their
        definition.
      - Label selectors and rules that include do not hold for what is needed, but lists of
        resources and namespaces, O(include_cluster_resources=false) and rules that exclude do. What
        they leave out is in RV(dangling).
    type: bool
    default: false
  order:
    description:
      - Rules that are added to the order of resources, and never replace it. Where no rule says
        otherwise the order is that of Velero, or of O(restore_resource_priorities).
      - Resources are named by kind, plural or short name, with the group where that is not clear
        (V(Deployment), V(deploy), V(deployments.apps)), or by a pattern for resources of the
        backup (V(*.example.com)).
      - A resource is moved only when a rule needs it before another one, to the place just before
        that. All objects of a resource are restored before the next resource begins, also those
        of other namespaces. What an item action asks for comes with the object that needs it.
      - CustomResourceDefinitions and namespaces come before everything else in any case. Rules that
        contradict this or each other are refused before anything is written, with the circle that
        they make.
      - Another order is another restore, as another spec is.
    type: dict
    suboptions:
      first:
        description: Resources that come before all that are not listed here, in this order.
        type: list
        elements: str
      last:
        description: Resources that come after all that are not listed here, in this order.
        type: list
        elements: str
      before:
        description: Pairs of resources.
        type: list
        elements: dict
        suboptions:
          first:
            description: The resource that is restored before the other one.
            type: str
            required: true
          then:
            description: The resource that is restored after the other one.
            type: str
            required: true
  terminating_resource_timeout:
    description:
      - How long is waited for a terminating namespace or volume to be gone, as the server flag of
        this name.
      - Durations are written as in Go (V(10m), V(1h30m)) or in seconds.
    type: str
    default: 10m
  resource_timeout:
    description:
      - How long is waited for resources such as a CustomResourceDefinition to be ready, as the
        server flag of this name.
    type: str
    default: 10m
  default_item_operation_timeout:
    description:
      - Value of O(item_operation_timeout) where that is not set, as the server flag of this name.
    type: str
    default: 4h
  item_operation_sync_frequency:
    description:
      - The longest pause between two looks at the operations of item actions, as the server flag of
        this name. After news the next look comes after a second.
    type: str
    default: 10s
  fs_backup_timeout:
    description:
      - How long is waited for the data of all pod volumes together, counted from the start of the
        run, as the server flag of this name.
      - The annotation C(velero.io/pod-volume-timeout) of the record (O(annotations)) wins.
      - What takes longer is an error. It is not cancelled, and may still come.
    type: str
    default: 4h
  validate:
    description:
      - Whether to look at the end what has become of the restored items.
      - Items that are gone, pods that have failed or whose containers cannot start, and claims that
        are not bound draw a warning. The outcome does not depend on it, and nothing is waited for.
    type: bool
    default: false
  features:
    description:
      - Feature flags of the server, V(EnableCSI) and V(EnableAPIGroupVersions).
    type: list
    elements: str
    default: []
  wait:
    description:
      - With V(false) the task returns when the items are restored while operations of item actions
        still run, in the phase V(WaitingForPluginOperations). The next run looks at them again,
        and ends the restore when they have ended.
    type: bool
    default: true
  managed_fields:
    description:
      - V(restore) gives every field the manager that it had in the backup, as Velero does.
      - V(drop) leaves it at the manager of this restore, which takes fewer requests.
    type: str
    default: restore
    choices: [restore, drop]
  compatibility:
    description:
      - V(safe) departs from Velero where that is safer, in the ways that
        U(https://github.com/velero-core/velero.core/blob/main/docs/compatibility.md) lists.
      - V(strict) does what Velero does.
    type: str
    default: safe
    choices: [safe, strict]
  concurrency:
    description:
      - Number of items that are restored at once. The outcome does not depend on it.
    type: int
    default: 16
  api_qps:
    description:
      - Most requests to the API server in a second. There is no limit by default.
    type: float
  record:
    description:
      - Where the record of the restore is kept besides the storage, which always has it.
      - V(auto) writes a Restore object if the cluster knows that resource. Beside a live Velero
        server it is written once, after the end of the restore, because the server would take over
        one that is under way.
      - V(cluster) requires a Restore object, and is refused beside a live server.
      - V(storage) writes none.
    type: str
    default: auto
    choices: [auto, cluster, storage]
  rerun:
    description:
      - Whether a restore that has ended is carried out again. One that has not ended is always
        resumed.
      - V(on_failure) does so after C(Failed), C(PartiallyFailed) and C(FailedValidation).
      - V(always) does so after any phase.
    type: str
    default: never
    choices: [never, on_failure, always]
  item_actions:
    description:
      - Item actions of one's own. They run after Velero's built-in actions, in this order, for the
        items that they apply to.
      - An entry is a declared action as a mapping, with the keys C(name), C(applies_to), C(when),
        C(skip), C(patches), C(additional_items), C(ready_when), C(timeout) and C(operation).
        Or it is C(file) with the path of such a mapping as YAML. Or it is C(python) with the path
        of a Python file, C(class) with the name of the class in it, and C(options) for the class.
      - Paths are those of the host that runs the module.
      - A mistake in any of them fails the task before anything is written.
      - They are described in
        U(https://github.com/velero-core/velero.core/blob/main/docs/writing_item_actions.md).
    type: list
    elements: dict
    default: []
  plugin_binaries:
    description:
      - Plugin binaries of Velero whose restore item actions are used, each as a path with
        arguments, quoted as for a shell. They run after Velero's built-in actions and before
        all others.
      - They run on the host of the module as its user, and end with it. Nothing else that they
        bring (object stores, volume snapshotters, backup actions) is used.
      - In check mode they are started and asked which items they are for, but get none.
      - Needs the Python library C(grpcio).
    type: list
    elements: str
    default: []
  cluster_item_actions:
    description:
      - Whether the declared actions in the cluster are used, too. Those are the ConfigMaps in
        O(velero_namespace) with the label C(velero-core.io/item-action) and the key
        C(action.yaml). They run in the order of their names, before O(item_actions).
    type: bool
    default: true
  additional_items_ready_timeout:
    description:
      - How long is waited for the additional items of an item action to be ready, where the action
        itself does not say.
      - The default is O(resource_timeout).
    type: str
  hook_wait_timeout:
    description:
      - How long is waited for a container to run, from the creation of its pod, where the hook
        itself does not say. Velero waits for ever.
      - The default is O(resource_timeout).
    type: str
  storage_class_mapping:
    description:
      - Other storage classes for volumes, claims and the claim templates of stateful sets, by class
        of the backup. It needs no ConfigMap, and wins over Velero's C(change-storage-class) one.
      - A class that is mapped to has to be in the cluster.
    type: dict
    default: {}
  volume_snapshot_locations:
    description:
      - Where native volume snapshots lie, for clusters without the VolumeSnapshotLocation objects
        that the backup names. An entry wins over the object of its name in O(velero_namespace).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the location, as the backup has it.
        type: str
        required: true
      provider:
        description: The storage provider. Volumes are made of the snapshots of V(aws) only.
        type: str
        default: aws
      config:
        description:
          - The provider's configuration, with the keys of Velero. For V(aws) C(region) (required),
            C(profile), C(ebsKmsKeyId).
          - Beyond Velero's, C(ec2Url) is the URL of another EC2 endpoint, C(clusterName) makes the
            volumes those of this cluster, as the variable C(AWS_CLUSTER_NAME) of Velero's server
            does, and C(iops) and C(throughput) are for volumes of type C(gp3) whose original volume
            is gone. Velero does not record these two, and gives such volumes the least.
        type: dict
        default: {}
      credentials_file:
        description:
          - Path of a credentials file in the provider's format, on the host of the module.
          - Without it the provider's usual ways of finding credentials count.
        type: path
  zone_mapping:
    description:
      - Other availability zones for volumes that are made of native snapshots, by zone of the
        backup. The zone labels and the node affinity of their PersistentVolumes follow.
    type: dict
    default: {}
  image_mapping:
    description:
      - Parts of image names and what replaces them, such as a registry by its mirror. It needs no
        ConfigMap, and comes before the rules of Velero's C(change-image-name) one.
      - The first part in this order that an image name contains is replaced, and no other.
    type: dict
    default: {}
  fail_on:
    description:
      - The phases that fail the task. V(failed) stands for C(Failed) and C(FailedValidation),
        V(partially_failed) for these and C(PartiallyFailed).
      - Requests that cannot be carried out at all always fail the task.
    type: str
    default: partially_failed
    choices: [failed, partially_failed, never]
  review_access:
    description:
      - Whether to ask the API server in check mode if the user of the task may do what the restore
        needs. See RV(access).
    type: bool
    default: false
seealso:
  - module: velero.core.velero_restore_info
  - module: velero.core.velero_backup_info
  - name: Restore reference
    description: The Restore resource in Velero's documentation.
    link: https://velero.io/docs/main/restore-reference/
"""

EXAMPLES = r"""
- name: Restore a backup from a folder into the cluster of the current kubeconfig
  velero.core.velero_restore:
    backup_name: shop-full
    storage:
      provider: directory
      path: /backups

- name: Restore one namespace of the newest backup of a schedule under another name
  velero.core.velero_restore:
    schedule_name: nightly
    storage:
      provider: aws
      bucket: velero
      config:
        region: eu-west-1
      credentials_file: /etc/velero/cloud
    included_namespaces: [shop]
    namespace_mapping:
      shop: shop-copy
    kubeconfig: ~/.kube/staging

- name: Bring objects that are there already back to the state of the backup
  velero.core.velero_restore:
    name: repair-1
    backup_name: shop-full
    storage_location: default
    existing_resource_policy: update
    label_selector:
      match_labels:
        app: web

- name: Show what a restore would do
  velero.core.velero_restore:
    backup_name: shop-full
    archive: /tmp/shop-full.tar.gz
  check_mode: true
  diff: true
  register: plan

- name: Restore with fewer replicas, and with the storage class of this cluster
  velero.core.velero_restore:
    backup_name: shop-full
    storage_location: default
    resource_modifier:
      definition:
        version: v1
        resourceModifierRules:
          - conditions:
              groupResource: deployments.apps
            patches:
              - operation: replace
                path: /spec/replicas
                value: 1
          - conditions:
              groupResource: persistentvolumeclaims
              namespaces: [shop]
              matches:
                - path: /spec/storageClassName
                  value: fast
            mergePatches:
              - patchData:
                  spec:
                    storageClassName: "{{ storage_class }}"

- name: Restore with the rules of a file, and with those of a ConfigMap as Velero itself
  velero.core.velero_restore:
    backup_name: shop-full
    storage_location: default
    resource_modifier: "{{ item }}"
  loop:
    - src: rules.yml
    - name: rules

- name: Accept warnings and errors of single items, and look at them later
  velero.core.velero_restore:
    backup_name: shop-full
    storage_location: default
    fail_on: failed
  register: restored

- name: Bring back one deployment with everything that it needs
  velero.core.velero_restore:
    backup_name: shop-full
    storage_location: default
    select:
      - kinds: [Deployment]
        namespaces: [shop]
        names: [web]
    with_dependencies: true

- name: Restore config maps and secrets by name and annotation, but none of a test
  velero.core.velero_restore:
    backup_name: shop-full
    storage_location: default
    select:
      - kinds: [ConfigMap, Secret]
        names: ["web-*"]
      - kinds: [ConfigMap]
        annotations:
          example.com/owner: "team-*"
      - names: ["*-test"]
        include: false

- name: Restore operators before the custom resources that they look after
  velero.core.velero_restore:
    backup_name: shop-full
    storage_location: default
    order:
      before:
        - first: deployments.apps
          then: "*.databases.example.com"
      last: [HorizontalPodAutoscaler]

- name: Forget a restore, not the objects that it restored
  velero.core.velero_restore:
    name: repair-1
    storage_location: default
    state: absent
"""

RETURN = r"""
msg:
  description: What became of the restore. When the task fails, what was being done, why it failed,
    and what to do next.
  returned: always
  type: str
  sample: Restore shop-full-0a1b2c3d4e ended Completed with 0 errors, 2 warnings.
restore:
  description:
    - The record of the restore with the field names of Velero's Restore.
  returned: when the request could be carried out
  type: dict
  contains:
    metadata:
      description: Name, labels and annotations.
      returned: success
      type: dict
      sample:
        name: shop-full-0a1b2c3d4e
    spec:
      description: The spec, with the defaults that Velero's server adds.
      returned: success
      type: dict
      sample:
        backupName: shop-full
        itemOperationTimeout: 4h0m0s
    status:
      description: Phase, counts, progress and times.
      returned: success
      type: dict
      sample:
        phase: Completed
        warnings: 2
        progress:
          itemsRestored: 83
          totalItems: 83
results:
  description:
    - Warnings and errors by C(velero), C(cluster) and C(namespaces), as in Velero's results file,
      cut as O(result_detail) tells.
    - In a task with C(async) the name of this value is C(restore_results), because Ansible keeps
      C(results) for loops.
  returned: when the request could be carried out
  type: dict
  sample:
    errors: {}
    warnings:
      namespaces:
        shop:
          - "could not restore, ConfigMap:settings already exists. Warning: the in-cluster version
            is different than the backed-up version"
counts:
  description: Number of items for each action; in check mode, of planned items.
  returned: when the request could be carried out
  type: dict
  sample:
    created: 80
    unchanged: 3
items:
  description:
    - What became of each item; empty in check mode. Reasons are listed in
      U(https://github.com/velero-core/velero.core/blob/main/docs/reasons.md).
  returned: when the request could be carried out
  type: list
  elements: dict
  contains:
    id:
      description: API version, kind, namespace and name.
      returned: success
      type: str
      sample: v1/ConfigMap/shop/settings
    action:
      description: One of V(created), V(updated), V(unchanged), V(skipped) and V(failed).
      returned: success
      type: str
      sample: created
    reason:
      description: Stable word that says why.
      returned: success
      type: str
      sample: new
    modified_by:
      description:
        - Numbers, from 1, of the rules of O(resource_modifier) that were applied to it.
      returned: when there are any
      type: list
      elements: int
      sample: [1, 3]
plan:
  description: What would become of each item.
  returned: in check mode
  type: list
  elements: dict
  contains:
    id:
      description: API version, kind, namespace and name.
      returned: success
      type: str
      sample: v1/ConfigMap/shop/settings
    action:
      description: One of V(create), V(update), V(unchanged), V(skip) and V(blocked).
      returned: success
      type: str
      sample: create
    reason:
      description: Stable word that says why.
      returned: success
      type: str
      sample: new
    modified_by:
      description:
        - Numbers, from 1, of the rules of O(resource_modifier) that were applied to it.
      returned: when there are any
      type: list
      elements: int
      sample: [1, 3]
    assumed:
      description:
        - Whether the action is a guess, because the resource comes with a CustomResourceDefinition
          that is part of the backup and not in the cluster yet, or because an item action was not
          run, as running it changes something.
      returned: when it is
      type: bool
      sample: true
    hooks:
      description:
        - The restore hooks of a pod. C(type) is V(exec) or V(init), C(hook) its name, C(source)
          tells whether it is from the V(spec) or an V(annotation), C(container) is where it runs.
      returned: when a pod would be created that has hooks
      type: list
      elements: dict
      sample:
        - type: exec
          hook: load-dump
          source: spec
          container: postgres
volumes:
  description:
    - What would become of each volume, and what is missing for it. Those that are blocked come
      first.
    - What is missing is found out by few reads. That nothing is missing is no promise.
  returned: in check mode
  type: list
  elements: dict
  contains:
    volume:
      description: Name of the PersistentVolume, or of the volume of a pod that has no claim.
      returned: success
      type: str
      sample: pvc-77
    pod:
      description: Namespace and name of the pod, for a volume without a claim.
      returned: success
      type: str
      sample: ""
    claim:
      description: Namespace (that it is restored to) and name of the claim.
      returned: success
      type: str
      sample: shop/data
    decision:
      description:
        - What is done. V(native_snapshot) makes a volume of a storage provider's snapshot,
          V(csi_snapshot) has the CSI driver make one of its snapshot, V(moved_data) and
          V(pod_volume_backup) have Velero's node agent fill a new one, V(reprovision) gives an
          empty one, V(keep) restores the PersistentVolume as it was, V(skip) leaves alone what is
          in the cluster.
      returned: success
      type: str
      sample: csi_snapshot
    method:
      description: How the data was backed up, in Velero's words. It is empty when it was not.
      returned: success
      type: str
      sample: CSISnapshot
    size:
      description: Capacity of the volume.
      returned: success
      type: str
      sample: 5Gi
    storage_class:
      description: Storage class of the claim as it would be restored.
      returned: success
      type: str
      sample: fast
    new_name:
      description: Name of the copy, where the volume cannot keep its own.
      returned: success
      type: str
      sample: ""
    blocked:
      description: Whether the volume cannot be restored so.
      returned: success
      type: bool
      sample: true
    missing:
      description: What is missing, in words.
      returned: success
      type: list
      elements: str
      sample: [the CSI driver ebs.csi.aws.com is not in the cluster]
access:
  description: What the restore needs to be allowed to do, and whether the user of this task may.
  returned: in check mode with O(review_access=true)
  type: list
  elements: dict
  contains:
    verb:
      description: Verb of the request.
      returned: success
      type: str
      sample: create
    group:
      description: API group, empty for the core group.
      returned: success
      type: str
      sample: apps
    resource:
      description: Plural name of the resource.
      returned: success
      type: str
      sample: deployments
    namespace:
      description: Namespace, empty for resources without one.
      returned: success
      type: str
      sample: shop
    allowed:
      description: Whether the API server would allow it.
      returned: success
      type: bool
      sample: true
denied:
  description: The rights that are missing according to RV(access), one text for each resource.
  returned: in check mode
  type: list
  elements: str
  sample:
    - create, patch deployments.apps in shop
dangling:
  description:
    - Objects that restored objects refer to, and that are neither restored nor in the cluster.
      Names are those of the backup. Optional references do not count.
    - They are looked for in check mode, and with O(select) or O(with_dependencies). The first ones
      are told as warnings of the task, too.
  returned: when the request could be carried out
  type: list
  elements: dict
  contains:
    id:
      description: Resource, namespace and name of what is missing.
      returned: success
      type: str
      sample: secrets/shop/database
    reason:
      description: Stable word that says why it is not restored.
      returned: success
      type: str
      sample: not_selected
    referrers:
      description: Up to ten objects that refer to it.
      returned: success
      type: list
      elements: dict
      contains:
        id:
          description: Resource, namespace and name.
          returned: success
          type: str
          sample: deployments.apps/shop/web
        field:
          description: Where it does.
          returned: success
          type: str
          sample: spec.template.spec.containers[web].envFrom
    referrer_count:
      description: Number of references in all.
      returned: success
      type: int
      sample: 1
artifacts:
  description: Where everything about the restore lies, by kind of file.
  returned: when the request could be carried out
  type: dict
  sample:
    log: /backups/restores/shop-full-0a1b2c3d4e/restore-shop-full-0a1b2c3d4e-logs.gz
    results: /backups/restores/shop-full-0a1b2c3d4e/restore-shop-full-0a1b2c3d4e-results.gz
diff:
  description:
    - The fields that change of each object that is there already, with hashes for values of
      Secrets.
    - What O(resource_modifier) changes has an entry of its own for each object, whether it is there
      or not.
  returned: in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: Resource, namespace and name of the object.
      returned: success
      type: str
      sample: configmaps/shop/settings
    after_header:
      description: The same.
      returned: success
      type: str
      sample: configmaps/shop/settings
    before:
      description: Changed fields and their values in the cluster.
      returned: success
      type: str
      sample: "data.owner: \"someone else\"\n"
    after:
      description: Changed fields and the values that they get.
      returned: success
      type: str
      sample: "data.owner: \"shop\"\n"
truncated:
  description: Number of entries left out of each list that was cut; empty when none was.
  returned: when the request could be carried out
  type: dict
  sample:
    items: 1400
error:
  description: The parts of the message of a request that could not be carried out.
  returned: when the request could not be carried out
  type: dict
  contains:
    kind:
      description:
        - One of V(request), V(record), V(storage), V(archive), V(plugin), V(cluster_config),
          V(connection), V(rights), V(api), V(library) and V(other).
      returned: failure
      type: str
      sample: storage
    doing:
      description: What was being done.
      returned: failure
      type: str
      sample: reading backup
    target:
      description: What it was done to.
      returned: failure
      type: str
      sample: shop-full
    why:
      description: Why it failed.
      returned: failure
      type: str
      sample: there is no such backup
    hint:
      description: What can be done about it.
      returned: failure
      type: str
      sample: List the backups with velero_backup_info
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.velero.core.plugins.module_utils.ansible_restore import run
from ansible_collections.velero.core.plugins.module_utils.ansible_run import run_module
from ansible_collections.velero.core.plugins.module_utils.ansible_spec_restore import RESTORE


def main() -> None:
    """Entry point."""
    run_module(AnsibleModule(**RESTORE.arguments(), supports_check_mode=True), run)


if __name__ == "__main__":
    main()
