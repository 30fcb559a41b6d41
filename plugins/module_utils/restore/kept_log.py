# Copyright (c) 2026, velero.core contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of a run, stored whatever becomes of the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.velero.core.plugins.module_utils.model.errors import VeleroCoreError
from ansible_collections.velero.core.plugins.module_utils.restore.context import RestoreContext
from ansible_collections.velero.core.plugins.module_utils.restore.log import RestoreLog

_RUN_AGAIN = "Run it again when that is mended: the restore goes on where it stopped"


@contextmanager
def kept_log(context: RestoreContext, *, appends: bool = False) -> Iterator[RestoreLog]:
    """Gives a log that also takes what plugins say, and ends them before it is stored.

    What was logged since the last time that the log was stored is stored at the end; with
    ``appends`` behind that of an earlier run. Velero has no lines there of what comes after the
    items: it writes them to the log of its server.
    """
    log = RestoreLog(context.clock, context.full_name)
    try:
        with context.item_actions.relay.to(log.line):
            try:
                yield log
            except VeleroCoreError as error:
                error.hint = error.hint or _RUN_AGAIN
                log.line("error", str(error))
                raise
            finally:
                context.item_actions.end()
    finally:
        _store(context, log, appends=appends)


def _store(context: RestoreContext, log: RestoreLog, *, appends: bool) -> None:
    grew, data = log.grew, log.close()
    if grew and appends:
        context.keep(lambda: context.files.append_compressed_log(data))
    elif grew:
        context.keep(lambda: context.files.write_compressed_log(data))
