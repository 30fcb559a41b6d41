# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.velero.core.plugins.module_utils.model.errors import RequestError
from ansible_collections.velero.core.plugins.module_utils.model.refinement import SelectRule
from ansible_collections.velero.core.plugins.module_utils.plan.references.contract import ItemId
from ansible_collections.velero.core.plugins.module_utils.plan.resource_names import ResourceNames
from ansible_collections.velero.core.plugins.module_utils.plan.select_rules import SelectRules
from tests.support.builders import Manifest, api_of, config_map, examples, gr_of, obj

ITEMS = [
    config_map("web", labels={"app": "web"}, annotations={"x.io/owner": "team-a"}),
    config_map("db", "bank", annotations={"x.io/owner": "ops", "note": ""}),
    obj("Secret", "web", "shop"),
    obj("Deployment", "web", "shop", api="apps/v1", labels={"app": "web"}),
    obj("Cache", "main", "shop", api="x.io/v1"),
    obj("Namespace", "shop"),
    obj("ClusterRole", "web", api="rbac.authorization.k8s.io/v1", labels={"app": "web"}),
]
NAMES = ResourceNames(api_of(), {gr_of(item) for item in ITEMS})


def item_id(item: Manifest) -> ItemId:
    return ItemId(gr_of(item), item["metadata"].get("namespace", ""), item["metadata"]["name"])


def short(item: Manifest) -> str:
    where = item["metadata"].get("namespace", "")
    return f"{item['kind']} {where}/{item['metadata']['name']}"


def selected(*rules: SelectRule) -> set[str]:
    compiled = SelectRules(rules, NAMES)
    out = set()
    for item in ITEMS:
        chosen = compiled.selects(item_id(item), item)
        assert compiled.may_select(item_id(item)) or not chosen
        if chosen:
            out.add(short(item))
    return out


def rule(**given: Any) -> SelectRule:
    lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
    return SelectRule(**{**given, **lists})


ALL = {short(item) for item in ITEMS}
IN_NAMESPACES = {short(item) for item in ITEMS if item["metadata"].get("namespace")}


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ([], ALL),
        ([rule(kinds=["ConfigMap"])], {"ConfigMap shop/web", "ConfigMap bank/db"}),
        (
            [rule(kinds=["cm", "deploy"], names=["web"])],
            {"ConfigMap shop/web", "Deployment shop/web"},
        ),
        ([rule(kinds=["*.x.io"])], {"Cache shop/main"}),
        ([rule(names=["*"])], IN_NAMESPACES),
        (
            [rule(names=["w?b"], namespaces=["shop"])],
            {"ConfigMap shop/web", "Secret shop/web", "Deployment shop/web"},
        ),
        ([rule(namespaces=["{bank,nothing}"])], {"ConfigMap bank/db"}),
        ([rule(kinds=["Namespace"])], {"Namespace /shop"}),
        ([rule(kinds=["ns", "clusterrole"], names=["web"])], {"ClusterRole /web"}),
        ([rule(kinds=["*"])], ALL),
        ([rule(kinds=["*"], namespaces=["*"])], IN_NAMESPACES),
        (
            [rule(label_selector={"matchLabels": {"app": "web"}})],
            {"ConfigMap shop/web", "Deployment shop/web"},
        ),
        ([rule(annotations={"x.io/owner": "team-*"})], {"ConfigMap shop/web"}),
        ([rule(annotations={"*/owner": "*"})], {"ConfigMap shop/web", "ConfigMap bank/db"}),
        ([rule(annotations={"*/owner": "*", "note": ""})], {"ConfigMap bank/db"}),
        ([rule(annotations={"*/owner": "*", "note": "*"})], {"ConfigMap bank/db"}),
        ([rule(kinds=["Foo"])], set()),
        ([rule(kinds=["Secret"]), rule(kinds=["caches"])], {"Secret shop/web", "Cache shop/main"}),
        (
            [rule(names=["web"], include=False)],
            ALL - {"ConfigMap shop/web", "Secret shop/web", "Deployment shop/web"},
        ),
        (
            [rule(namespaces=["shop"]), rule(kinds=["Secret", "caches"], include=False)],
            {"ConfigMap shop/web", "Deployment shop/web"},
        ),
        ([rule(kinds=["Secret"], include=False), rule(kinds=["Secret"])], set()),
    ],
)
def test_rules(rules: list[SelectRule], wanted: set[str]) -> None:
    assert selected(*rules) == wanted


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (rule(), "reading select[1]: it says nothing about what it selects"),
        (rule(include=False), "reading select[1]: it says nothing about what it selects"),
        (rule(names=[]), "reading select[1].names: it is empty. Leave it out where"),
        (rule(kinds=["cm"], namespaces=[]), "reading select[1].namespaces: it is empty"),
        (rule(label_selector={}), "reading select[1].label_selector: it is empty"),
        (rule(annotations={}), "reading select[1].annotations: it is empty"),
        (rule(names=["["]), "reading select[1]: '[' is no pattern"),
        (rule(kinds=[""]), "reading select[1]: '' is no pattern"),
        (rule(annotations={"": "a"}), "reading select[1]: '' is no pattern"),
        (rule(annotations={"a": "{"}), "reading select[1]: '{' is no pattern"),
        (
            rule(label_selector={"matchExpressions": [{"key": "a", "operator": "Is"}]}),
            'reading select[1].label_selector: "Is" is not a valid label selector operator',
        ),
    ],
)
def test_wrong_rules_are_refused(wrong: SelectRule, text: str) -> None:
    with pytest.raises(RequestError, match=re.escape(text)):
        SelectRules([rule(kinds=["cm"]), wrong], NAMES)


def test_rules_that_do_nothing_are_known() -> None:
    rules = [rule(kinds=["cm", "Foo"]), rule(names=["none"]), rule(kinds=["cm"], include=False)]
    compiled = SelectRules(rules, NAMES)
    assert compiled.unknown == [(0, "Foo")]
    assert compiled.idle() == [0, 1, 2]
    compiled.selects(item_id(ITEMS[0]), ITEMS[0])
    assert compiled.idle() == [1]


# ------------------------------------------------------------------ algebra

GLOBS = st.lists(st.sampled_from(["*", "web", "d*", "?eb", "shop", "b[a-c]nk"]), min_size=1)
KINDS = st.lists(
    st.sampled_from(["ConfigMap", "secrets", "deploy", "*.x.io", "ns", "*"]), min_size=1
)
RULES = st.builds(
    SelectRule,
    kinds=st.none() | KINDS.map(tuple),
    namespaces=st.none() | GLOBS.map(tuple),
    names=GLOBS.map(tuple),
    label_selector=st.none() | st.just({"matchLabels": {"app": "web"}}),
    annotations=st.none() | st.just({"x.io/*": "*a*"}),
    include=st.booleans(),
)
MEANING = {
    "ConfigMap": {"ConfigMap"},
    "secrets": {"Secret"},
    "deploy": {"Deployment"},
    "*.x.io": {"Cache"},
    "ns": {"Namespace"},
    "*": {item["kind"] for item in ITEMS},
}


def holds(one: SelectRule, item: Manifest) -> bool:
    """What the documentation says, in other words and with another library for patterns."""
    metadata = item["metadata"]
    namespace = metadata.get("namespace")
    tests = [
        one.kinds is None or any(item["kind"] in MEANING[kind] for kind in one.kinds),
        one.namespaces is None
        or (namespace is not None and any(fnmatchcase(namespace, glob) for glob in one.namespaces)),
        one.names is None or any(fnmatchcase(metadata["name"], glob) for glob in one.names),
        one.label_selector is None or metadata.get("labels", {}).get("app") == "web",
        one.annotations is None or "a" in metadata.get("annotations", {}).get("x.io/owner", ""),
        namespace is not None or one.kinds is not None,
    ]
    return all(tests)


def specified(rules: Sequence[SelectRule]) -> set[str]:
    def any_holds(include: bool) -> Callable[[Manifest], bool]:
        mine = [one for one in rules if one.include is include]
        return lambda item: any(holds(one, item) for one in mine)

    includes = any_holds(True) if any(one.include for one in rules) else lambda item: True
    excludes = any_holds(False)
    return {short(item) for item in ITEMS if includes(item) and not excludes(item)}


@examples()
@given(st.lists(RULES, max_size=4), st.randoms())
def test_selection_is_what_is_specified(rules: list[SelectRule], random: Any) -> None:
    assert selected(*rules) == specified(rules)
    shuffled = list(rules)
    random.shuffle(shuffled)
    assert selected(*shuffled) == selected(*rules)


@examples()
@given(st.lists(RULES, min_size=1, max_size=3), RULES)
def test_more_rules_select_more_or_less_by_their_sign(
    rules: list[SelectRule], another: SelectRule
) -> None:
    before, after = selected(*rules), selected(*rules, another)
    if not another.include:
        assert after <= before
    elif any(one.include for one in rules):
        assert after >= before
