"""Topics and payloads as real products send them, described in files: a new one changes no code."""

from solarhub.drivers.dialects.announcements import Memory
from solarhub.drivers.dialects.document import WrongDialect
from solarhub.drivers.dialects.gathering import Gathered, Gatherer
from solarhub.drivers.dialects.reading import Dialects
from solarhub.drivers.dialects.told import Message, Told, settled

__all__ = ["Dialects", "Gathered", "Gatherer", "Memory", "Message", "Told", "WrongDialect", "settled"]
