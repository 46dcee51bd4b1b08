"""What a device would swear to: which of its samples the hub has acknowledged."""

import json
from pathlib import Path
from types import TracebackType
from typing import Self

from solarhub.demo.replay import Acknowledged


class Ledger:
    """Appends a JSON line for each answer: `{"device": …, "at": [instants, RFC 3339], "stored": …, …}`.

    A line is handed to the operating system before the next request is made, so that whatever happens to the hub, and
    to this process, the file holds no more than the hub acknowledged.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    def record(self, answer: Acknowledged) -> None:
        line = {
            "device": answer.device,
            "at": [sample.at.isoformat() for sample in answer.samples],
            "stored": answer.stored,
            "duplicates": answer.duplicates,
            "quarantined": answer.quarantined,
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
