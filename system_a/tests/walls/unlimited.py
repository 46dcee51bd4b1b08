"""For tests that ask thousands of times as one person."""


class Unlimited:
    """Rates that let everybody pass."""

    def spend(self, kind: str, name: object) -> None:
        """Takes nothing."""
