"""How long somebody is tried: when the next attempt is due, and when to give up."""

from dataclasses import dataclass

_LONGEST_DOUBLING = 30  # by then every pause is the longest; more would only make large numbers


@dataclass(frozen=True)
class Patience:
    """Pauses between `shortest` and `longest` seconds, for `total` seconds, and never more than `attempts` times.

    The number of attempts only matters for a message that brings its sender down: each attempt is counted before it is
    made, so that such a message ends too.
    """

    shortest: float = 5.0
    longest: float = 3600.0
    total: float = 24 * 3600.0
    attempts: int = 200

    def pause(self, attempts: int, waited: float, *, chance: float, asked: float = 0.0) -> float | None:
        """Seconds to the next attempt after so many that failed; None when it would come too late.

        `waited`: seconds since the message was due. `chance`, from 0 to 1, spreads those who failed together over the
        whole pause (full jitter). `asked`: the other side wants to be left alone for so long.
        """
        most = min(self.longest, self.shortest * 2.0 ** min(attempts, _LONGEST_DOUBLING))
        seconds = max(self.shortest + (most - self.shortest) * chance, asked)
        return None if waited + seconds > self.total or attempts >= self.attempts else seconds


LETTER = Patience()
"""E-mail: a day, as mail servers have it."""

WEBHOOK = Patience(total=72 * 3600.0)
"""Three days: a weekend without anybody at the receiver."""
