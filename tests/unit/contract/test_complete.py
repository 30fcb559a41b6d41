# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every branch of one item's way and every surprise has its test, and the page tells of all."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

from tests.support.contract_steps import STEPS

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "surprises.md"
ROW = re.compile(r"^\| ([A-Z]?\d+) \| (.+) \| (.+) \| (.+) \|$", re.M)
DECISIONS = ("same", "safer", "does not apply")

# Beginnings of the names of tests, by section of the reference.
BRANCHES = {
    "2_4": ["should_include", "include_everything", "matches", "what_does_not_compile"],
    "2_5": ["resource_filter", "resources_are_resolved_once"],
    "2_6": ["should_expand", "expand", "refused_patterns", "an_include_list_that_matches_nothing"],
    "2_7": ["choose_version", "user_priorities", "items_of_a_version_folder"],
    "2_8": ["order", "a_short_name_and_the_canonical_one"],
    "2_9": ["two_passes", "definitions_first", "a_failed_refresh", "step_7"],
    "2_10": ["filters", "what_discovery_does_not_know", "an_excluded_resource"],
    "2_11": ["label_selectors", "a_decode_error", "the_name_is_that_of_the_file"],
    "2_12": ["include_cluster_resources"],
    "2_13": ["step_1", "step_2", "step_4"],
    "3_1": ["without_one", "labels_annotations_and_spec"],
    "3_2": [*(f"row_{row}" for row in ("404", "another", "terminating", "healthy")), "created_by"],
    "3_3": ["existing_ones", "on_demand"],
    "4_1": [*(f"gate_{gate}" for gate in ("1", "2a", "2b", "2c", *"345678")), "owned_objects"],
    "4_2": [
        *("by_the_volume_information", "without_volume_information", "row_native_snapshot"),
        *("row_reprovisioned", "row_reclaim_policy_delete", "row_any_other_policy"),
        *("row_other_method_and_policy", *(f"native_step_{step}" for step in range(1, 6))),
        "reset_binding_info",
    ],
    "4_3": [
        *("what_is_known_at_once", "what_is_waited_for", "refusals_end_the_wait"),
        *("a_volume_that_becomes_healthy", "a_wait_without_an_end"),
    ],
    "4_4": [
        *("a_volume_without_a_name", "without_volumes", "without_a_record", "the_location_is"),
        *("a_location_with_credentials", "what_is_missing", "the_request", "what_the_provider"),
    ],
    "4_5": ["dropped_metadata", "kept_metadata", "status_is_dropped", "missing_metadata"],
    "4_6": ["applicable", "additional_items_pass", *(f"step_{step}" for step in range(1, 9))],
    "4_7": ["a_claim_of_a_volume_that_is_made_anew", "a_claim_of_a_kept_volume", "no_action"],
    "4_8": [*(f"step_{step}" for step in range(1, 6)), "says_what_it_attempts"],
    "4_9": [
        *("existence_first", "created", "already_exists", "service_with_all_causes"),
        *("service_that_cannot_be_read", "any_other_refusal", "not_fetched_and_already_exists"),
        *("not_fetched_and_not_already", "fetched_is_compared", "what_velero_counts_as_equal"),
        *("equal_without_update", "equal_with_update_patches", "equal_with_update_and_a_refused"),
        *(f"service_account_step_{step}" for step in range(1, 5)),
        *("different_is_a_warning", "different_at_cluster_scope", "different_with_update"),
        *("a_refused_update_is_a_warning", "a_refused_update_and_refused_labels"),
        *("update_replaces_owners", "a_cluster_copy_without_metadata", "nothing_follows"),
    ],
    "4_10": ["step_1", "step_2", "conflicts", "a_final_failure", "an_object_that_was_there"],
    "4_11": ["owners_of_the_backup", "a_refused_patch", "an_error_ends", "an_object_without"],
    "4_12": [
        *("conditions_see", "namespaces_are", "a_star_does", "all_conditions", "a_failing_test"),
        *("a_rule_that_fails", "no_patch_data"),
    ],
    "4_13": ["the_order", *(f"row_{row:02}" for row in range(1, 18)), "the_last_four"],
    "4_14": ["row_created", "row_updated", "row_not_set_without", "row_not_set_with_a_warning"],
    "4_15": ["the_format", "the_namespace_is_the_target", "the_last_parentheses"],
    "4_16": [
        *("only_with_claims_and_volumes", "only_for_pods", "backups_of_the_pod", "old_annotations"),
        *("pods_are_filled_while", *(f"step_{step}" for step in range(1, 6)), "the_pod_waits"),
    ],
    "4_17": ["a_definition_is_polled", "a_definition_that_is_not_ready", "other_versions"],
    "10_1": ["a_container_without_a_name"],
    "10_3": ["init_hooks_are_not_counted"],
    "4_18": ["the_backups_generate_name", "an_action_may", "status_of_a_generated"],
}


@lru_cache
def functions_of(path: Path) -> frozenset[str]:
    """The names of the test functions of a file."""
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@lru_cache
def names_of_tests() -> frozenset[str]:
    """The names of all test functions."""
    return frozenset().union(*map(functions_of, (ROOT / "tests").rglob("test_*.py")))


def rows() -> dict[str, tuple[str, str]]:
    """Decision and tests by number."""
    return {row[0]: (row[2], row[3]) for row in ROW.findall(PAGE.read_text())}


def test_the_page_has_all_surprises() -> None:
    wanted = [str(number) for number in range(1, 58)]
    wanted += [f"R{number}" for number in range(1, 9)]
    wanted += [f"T{number}" for number in range(1, 7)]
    wanted += [f"F{number}" for number in range(1, 6)]
    assert [row[0] for row in ROW.findall(PAGE.read_text())] == wanted


def test_every_surprise_is_decided() -> None:
    rules = set(re.findall(r"^\| ([CD]\d+) \|", (ROOT / "docs/compatibility.md").read_text(), re.M))
    for number, (decision, _tests) in rows().items():
        assert number.startswith("F") or decision.startswith(DECISIONS), number
        assert set(re.findall(r"\b[CD]\d+\b", decision)) <= rules, number


def test_every_surprise_has_its_tests() -> None:
    for number, (_decision, tests) in rows().items():
        named = set(re.findall(r"`(test_\w+)`", tests))
        assert named, number
        assert named <= names_of_tests(), number


@pytest.mark.parametrize("section", BRANCHES)
def test_every_branch_has_a_test(section: str) -> None:
    for branch in BRANCHES[section]:
        beginning = f"test_{section}_{branch}"
        assert any(name.startswith(beginning) for name in names_of_tests()), beginning


@pytest.mark.parametrize(
    ("section", "step"), [(section, step) for section, steps in STEPS.items() for step in steps]
)
def test_every_step_beside_the_code_has_its_tests(section: str, step: str) -> None:
    file, tests = STEPS[section][step]
    assert set(tests) <= functions_of(ROOT / "tests/unit/plugins/module_utils" / file)
