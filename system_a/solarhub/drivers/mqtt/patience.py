"""How long to wait before a broker is tried again, and what its behaviour tells. Pure."""

from dataclasses import dataclass

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 60.0
_AFTER_A_TAKE_OVER_SECONDS = 15.0
_STEADY_SECONDS = 60.0
_SUSPICIOUS_ENDS = 3


@dataclass(slots=True)
class Patience:
    """Twice as long after each failure, and from the start again once a connection has held for a minute."""

    failures: int = 0
    cut_short: int = 0
    """Connections one after another that the broker took, and soon ended without a word."""
    taken_over: bool = False
    """Somebody else connects with the same client id, so that each throws the other out."""

    def lived(self, seconds: float, *, ended_by_broker: bool, told_taken_over: bool) -> None:
        """A connection that the broker had taken has ended after so long."""
        if seconds >= _STEADY_SECONDS:
            self.failures = self.cut_short = 0
        self.failures += 1
        self.cut_short = self.cut_short + 1 if ended_by_broker and seconds < _STEADY_SECONDS else 0
        self.taken_over = told_taken_over

    def failed(self) -> None:
        """The broker could not be reached, or did not take the connection."""
        self.failures += 1
        self.cut_short = 0
        self.taken_over = False

    @property
    def is_suspicious(self) -> bool:
        """Whether it looks like somebody else's connection with the same client id, though nobody says so."""
        return self.taken_over or self.cut_short >= _SUSPICIOUS_ENDS

    def pause_seconds(self, chance: float) -> float:
        """`chance` between 0 and 1: many hubs and many brokers must not come back in the same moment."""
        longest = min(FIRST_PAUSE_SECONDS * (1 << min(max(self.failures - 1, 0), 16)), LONGEST_PAUSE_SECONDS)
        if self.is_suspicious:
            longest = max(longest, _AFTER_A_TAKE_OVER_SECONDS)
        return longest * (0.5 + chance / 2)
