"""The words beside a roll-up's energy: what a person should know before trusting it."""

from enum import IntFlag


class Mark(IntFlag):
    """Stored as a number, told as words. A bit keeps its meaning for ever."""

    GAP = 1
    """Nothing was reported meanwhile; the energy is booked to that time, not to the reading that told of it."""
    CATCH_UP = 2
    """The counter stood still and then rose by more than the device can give at once: booked to the standstill."""
    RESET = 4
    """The counter began again from zero; what it showed afterwards is counted."""
    ROLL_OVER = 8
    """The counter passed the end of its register and went on from zero."""
    REPLACED = 16
    """The counter is another one from here on, and nothing is counted across the change."""
    CORRECTED = 32
    """A person has set the energy of this time."""

    @property
    def words(self) -> list[str]:
        """As answers tell them, such as `["gap", "reset"]`."""
        return [mark.name.lower() for mark in Mark if mark in self and mark.name]
