"""The languages of the overview: pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from solarhub.accounts.vocabulary import Language
from solarhub.fleet.concern import Attention
from solarhub.fleet.english import English
from solarhub.fleet.plants import State
from solarhub.fleet.urdu import Urdu


class Words(Protocol):
    """What every language can say of a fleet; power in kW, energy in kWh."""

    def sentence(self, item: Attention, now: datetime) -> str: ...

    def action(self, item: Attention) -> str: ...

    def opening(self, plants: int, fine: int, states: Sequence[tuple[State, int]]) -> str: ...

    def production(self, power_kw: float | None, capacity_kw: float | None, energy_kwh: float | None) -> str: ...

    def more(self, items: int) -> str: ...

    def nothing(self) -> str: ...


WORDS: Mapping[Language, Words] = {Language.ENGLISH: English(), Language.URDU: Urdu()}
