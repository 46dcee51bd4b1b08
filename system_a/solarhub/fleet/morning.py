"""The overview as a message for a chat: plain lines, at most a thousand characters. Pure."""

from dataclasses import replace
from datetime import datetime

from solarhub.fleet.concern import Attention
from solarhub.fleet.figures import shortened
from solarhub.fleet.plants import State
from solarhub.fleet.summary import FINE, Fleet
from solarhub.fleet.wording import Words

LONGEST = 1000
"""Characters: what a chat shows of a message without folding it."""
_NAME, _TOLD = 32, 110


def morning(fleet: Fleet, words: Words) -> str:
    """How the fleet stands and, as far as it fits, what to do first; never a line that is cut.

    Names are shortened so that no single line can use up the room.
    """
    states = [(state, fleet.states[state]) for state in State if fleet.states.get(state) and state not in FINE]
    head = [words.opening(fleet.plants, fleet.fine, states)]
    produced = words.production(fleet.power_kw, fleet.capacity_kw, fleet.energy_today_kwh)
    head += [produced] if produced and fleet.plants else []
    if not fleet.needs_attention:
        return "\n".join([*head, words.nothing()] if fleet.plants else head)
    lines = [*head, ""]
    items = [_line(number, item, words, fleet.as_of) for number, item in enumerate(fleet.needs_attention, 1)]
    for number, line in enumerate(items, 1):
        left = len(items) - number
        last = [words.more(left)] if left else []
        # what does not fit together with the line that counts the others is one of the others
        if len("\n".join([*lines, line, *last])) > LONGEST:
            return "\n".join([*lines, words.more(len(items) - number + 1)])
        lines.append(line)
    return "\n".join(lines)


def _line(number: int, item: Attention, words: Words, now: datetime) -> str:
    brief = _brief(item)
    return f"{number}. {words.sentence(brief, now)} {words.action(brief)}"


def _brief(item: Attention) -> Attention:
    return replace(
        item,
        organization=shortened(item.organization, _NAME) if item.organization else None,
        plants=tuple(shortened(name, _NAME) for name in item.plants),
        devices=tuple(shortened(name, _NAME) for name in item.devices),
        message=shortened(item.message, _TOLD),
        who=shortened(item.who, _NAME) if item.who else None,
        disco=shortened(item.disco, _NAME) if item.disco else None,
        channel=shortened(item.channel, _NAME) if item.channel else None,
    )
