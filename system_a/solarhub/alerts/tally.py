"""What an evaluator did since it began, counted."""

from dataclasses import dataclass

from solarhub.alerts.judging import Changes


@dataclass(slots=True)
class Tally:
    """`rows` were judged, of which `read_back` came from the store; `values` were held against rules.

    Of these `by_hand` could not be settled over arrays. `moved` states were written, `opened` and `resolved` alerts.
    `dropped` rows found too many waiting and had to be read back.
    """

    rows: int = 0
    read_back: int = 0
    dropped: int = 0
    values: int = 0
    by_hand: int = 0
    moved: int = 0
    opened: int = 0
    resolved: int = 0

    def add(self, rows: int, changes: Changes) -> None:
        """Rows that were judged, and what that changed."""
        self.rows += rows
        self.values += changes.values
        self.by_hand += changes.by_hand
        self.moved += len(changes.states)
        self.opened += len(changes.opened)
        self.resolved += len(changes.resolved) + sum(each.resolved_at is not None for each in changes.opened.values())
