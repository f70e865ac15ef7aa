"""What is made once and kept in the object store: a file under its content key, and the report of its making beside it.

Whoever finds the file again tells the user what its maker found.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cutfarm.errors import StorageError
from cutfarm.storage.store import Store

ReportEntries = tuple[dict[str, Any], ...]  #: as `Report.as_dicts()` gives them


def keep(store: Store, key: str, file: Path, report: Sequence[dict[str, Any]]) -> ReportEntries:
    """Store `file` with its report, which comes first, so that a file that is there is never without it.

    Returns the report. Raises StorageError.
    """
    store.put_bytes(_report_key(key), json.dumps(list(report), ensure_ascii=False).encode())
    store.put_file(key, file)
    return tuple(report)


def kept_report(store: Store, key: str) -> ReportEntries | None:
    """The report of what `keep` stored under `key`; None where it is not there whole. Raises StorageError."""
    if not (store.exists(key) and store.exists(_report_key(key))):
        return None
    try:
        return tuple(json.loads(store.get_bytes(_report_key(key))))
    except (ValueError, TypeError) as error:
        raise StorageError(f"The report beside {key} is broken.") from error


def _report_key(key: str) -> str:
    return f"{key}.json"
