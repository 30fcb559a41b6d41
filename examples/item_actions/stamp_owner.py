"""A Python item action: notes on every Service who restored it, and leaves out those of tests."""

from __future__ import annotations

from typing import Any


class StampOwner:
    """``owner`` and ``skip_label`` come from ``options`` of the task."""

    name = "example.com/stamp-owner"
    # It only changes the item that it returns. Without this line it would not run in check mode.
    has_side_effects = False

    def __init__(self, owner: str, skip_label: str = "") -> None:
        self._owner = owner
        self._skip_label = skip_label

    def applies_to(self) -> dict[str, Any]:
        return {"included_resources": ["services"]}

    def execute(self, given: Any) -> dict[str, Any] | None:
        item = given.item
        metadata = item["metadata"]
        if self._skip_label in (metadata.get("labels") or {}):
            return {"skip_restore": True}
        if not self._owner:
            return None
        metadata.setdefault("annotations", {})["example.com/restored-by"] = self._owner
        return {"updated_item": item}
