"""Where the tests of numbered steps are that have names of their own (sections 7, 8 and 10)."""

from __future__ import annotations

# By section and step: the file under tests/unit/plugins/module_utils, and its tests.
STEPS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "7_3": {
        "step_1": ("operations/test_progress.py", ("test_an_action_that_is_not_there",)),
        "step_2": (
            "operations/test_progress.py",
            ("test_one_operation", "test_39_strict_gives_up_at_once"),
        ),
        "step_3": (
            "operations/test_progress.py",
            ("test_all_that_an_action_tells_is_taken_over",),
        ),
        "step_4": ("operations/test_progress.py", ("test_one_operation",)),
        "step_5": (
            "operations/test_progress.py",
            ("test_the_timeout", "test_one_that_is_done_at_last_is_not_late"),
        ),
        "step_6": ("operations/test_progress.py", ("test_one_operation",)),
        "step_7": (
            "operations/test_progress.py",
            ("test_one_operation", "test_what_has_ended_is_not_asked_about"),
        ),
    },
    "8_1": {
        "order": ("finalize/test_group_snapshots.py", ("test_the_order_of_the_tasks",)),
        "input": ("restore/test_finalizing.py", ("test_what_a_task_is_given",)),
        "end": ("restore/test_finalizing.py", ("test_the_end_of_a_restore",)),
    },
    "8_2": {
        "which": ("finalize/test_volumes.py", ("test_patches",)),
        "step_1": (
            "finalize/test_volumes.py",
            ("test_decisions", "test_what_the_api_server_refuses_is_an_error"),
        ),
        "step_2": (
            "finalize/test_volumes.py",
            ("test_a_claim_whose_data_did_not_come_is_left_alone",),
        ),
        "step_3": ("finalize/test_volumes.py", ("test_decisions",)),
        "step_4": (
            "finalize/test_volumes.py",
            ("test_decisions", "test_a_claim_that_is_bound_later_is_patched_then"),
        ),
        "step_5": (
            "finalize/test_volumes.py",
            ("test_decisions", "test_a_volume_of_another_claim_is_an_error"),
        ),
        "step_6": (
            "finalize/test_volumes.py",
            ("test_patches", "test_labels_are_replaced_or_merged"),
        ),
    },
    "8_3": {
        "step_1": (
            "finalize/test_group_snapshots.py",
            (
                "test_without_the_definition_only_strict_warns",
                "test_a_list_that_is_refused_is_a_warning",
                "test_a_long_name",
            ),
        ),
        "step_2": (
            "finalize/test_group_snapshots.py",
            (
                "test_stubs",
                "test_a_stub_is_deleted_though_its_snapshots_do_not_get_ready",
                "test_a_list_that_fails_is_asked_again",
            ),
        ),
        "step_3": ("finalize/test_group_snapshots.py", ("test_stubs", "test_deleting_fails")),
    },
    "8_4": {
        "wait": (
            "hooks/test_runner.py",
            ("test_a_pod_is_waited_for", "test_no_hooks_are_no_wait"),
        ),
        "told": (
            "restore/test_hooks.py",
            (
                "test_hooks_that_succeed",
                "test_a_failed_hook_is_one_error_of_its_namespace",
                "test_the_log_has_what_the_hooks_did_behind_what_the_items_did",
            ),
        ),
    },
    "10_1": {
        "step_1": (
            "actions/builtin/test_init_restore_hook.py",
            ("test_wait_container_first_then_hooks_then_the_rest",),
        ),
        "step_2": (
            "actions/builtin/test_init_restore_hook.py",
            (
                "test_command_of_the_annotation",
                "test_an_empty_list_is_no_command",
                "test_an_image_without_a_command_is_an_error",
            ),
        ),
        "step_3": (
            "actions/builtin/test_init_restore_hook.py",
            (
                "test_target_namespace_and_labels_decide",
                "test_containers_that_velero_refuses",
                "test_expressions",
            ),
        ),
        "step_4": (
            "actions/builtin/test_init_restore_hook.py",
            ("test_wait_container_first_then_hooks_then_the_rest",),
        ),
    },
    "10_2": {
        "annotations": ("hooks/test_annotations.py", ("test_hook_of_annotations",)),
        "selection": (
            "hooks/test_selection.py",
            ("test_hooks_of_a_pod", "test_all_fields_of_a_hook"),
        ),
        "tracker": (
            "hooks/test_ledger.py",
            (
                "test_every_part_of_the_key_makes_another_hook",
                "test_equal_keys_count_once",
                "test_only_the_first_result_counts",
            ),
        ),
        "step_1": (
            "hooks/test_pod_run.py",
            ("test_a_hook_of_a_missing_container_fails_on_its_own",),
        ),
        "step_1_sidecars": ("hooks/test_containers.py", ("test_init_containers_do_not_count",)),
        "step_2": ("hooks/test_containers.py", ("test_how_long_a_pod_is_waited_for",)),
        "step_3": (
            "hooks/test_pod_run.py",
            (
                "test_a_hook_is_run_when_its_container_runs",
                "test_a_hook_that_waits_for_ready_is_run_when_its_container_is_ready",
                "test_a_hook_whose_own_time_is_over",
                "test_hooks_behind_a_failed_one_go_on",
                "test_fail_ends_all_hooks_of_the_pod",
                "test_a_pod_that_ends_before",
            ),
        ),
        "step_4": ("hooks/test_pod_run.py", ("test_a_pod_that_was_deleted",)),
        "step_5": (
            "hooks/test_pod_run.py",
            ("test_a_container_that_never_comes_up", "test_fail_ends_all_hooks_of_the_pod"),
        ),
        "step_6": (
            "hooks/test_runner.py",
            ("test_other_pods_go_on_when_one_fails_but_not_in_velero",),
        ),
    },
    "10_3": {
        "errors": (
            "restore/test_hooks.py",
            ("test_a_failed_hook_is_one_error_of_its_namespace",),
        ),
    },
}
