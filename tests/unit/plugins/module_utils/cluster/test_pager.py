# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.velero.core.plugins.module_utils.cluster.pager import pages
from ansible_collections.velero.core.plugins.module_utils.model.errors import ApiError


def item(name):
    return {"metadata": {"namespace": "a", "name": name}}


def page(token, *names):
    return {"metadata": {"continue": token}, "items": [item(name) for name in names]}


def gone():
    return ApiError("listing", "x", code=410, reason="Expired", message="too old")


def names_of(steps, log):
    def fetch(query):
        log.append(query)
        step = steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    return [one["metadata"]["name"] for one in pages(fetch, {"labelSelector": "x"}, 2)]


def test_pages():
    log = []
    assert names_of([page("t", "a", "b"), page("", "c")], log) == ["a", "b", "c"]
    assert [query["continue"] for query in log] == ["", "t"]
    assert {query["limit"] for query in log} == {"2"}


def test_an_expired_token_costs_one_full_list_and_no_duplicates():
    log = []
    steps = [page("t", "a", "b"), gone(), page("", "a", "b", "c", "new")]
    assert names_of(steps, log) == ["a", "b", "c", "new"]
    assert log[-1] == {"labelSelector": "x"}


def test_gone_without_a_token_is_an_error():
    with pytest.raises(ApiError):
        names_of([gone()], [])


def test_null_items():
    assert names_of([{"metadata": {}, "items": None}], []) == []
