"""Topic patterns: levels by name.

`solar/{serial}/0/{field}` names single levels; `{base...}` stands for one level or more. What a named level may look
like can be narrowed by a regular expression of its own.
"""

import re
from collections.abc import Mapping

LONGEST = 512
"""Characters of a topic that is looked at; no product comes near."""

_LEVEL = re.compile(r"\{([a-z][a-z0-9_]*)(\.\.\.)?\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
WHOLE = "topic"
"""The name under which templates find the topic itself."""


class WrongPattern(ValueError):  # noqa: N818 - says what is the matter with it
    """A pattern that cannot be; the sentence says why."""


class Pattern:
    """A topic with named levels."""

    def __init__(self, text: str, shapes: Mapping[str, str]) -> None:
        """`shapes`: a regular expression for a named level. Raises WrongPattern."""
        self.text = text
        self.names: frozenset[str] = frozenset()
        if not text or "#" in text or "+" in text:
            raise WrongPattern("is no topic pattern; allowed are levels between slashes, {name} and {name...}")
        self._expression = re.compile("/".join(self._level(level, shapes) for level in text.split("/")), re.DOTALL)

    def _level(self, level: str, shapes: Mapping[str, str]) -> str:
        parts: list[str] = []
        end = 0
        for found in _LEVEL.finditer(level):
            name, many = found.groups()
            if name in self.names or name == WHOLE:
                raise WrongPattern(f"names {name} twice" if name in self.names else f"may not name a level {name}")
            self.names |= {name}
            parts.append(re.escape(level[end : found.start()]))
            if many and found.group() != level:
                raise WrongPattern("may use {name...} for whole levels only")
            shape = shapes.get(name, r"[^/]+(?:/[^/]+)*" if many else r"[^/]+")
            parts.append(f"(?P<{name}>{shape})")
            end = found.end()
        rest = level[end:]
        if "{" in rest or "}" in rest:
            raise WrongPattern("has a brace that is no {name} of a-z, 0-9 and underscore")
        return "".join([*parts, re.escape(rest)])

    def match(self, topic: str) -> dict[str, str] | None:
        """The named levels of a topic that has this shape, and the topic itself as `topic`."""
        found = self._expression.fullmatch(topic)
        return None if found is None else {WHOLE: topic, **found.groupdict()}


class Template:
    """Text with `{names}` of levels in it, and `{$a.b}` for what stands at a path of the payload."""

    _HOLE = re.compile(r"\{(\$?[^{}]+)\}")

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = frozenset(name for name in self._HOLE.findall(text) if not name.startswith("$"))
        self.paths = tuple(name[1:] for name in self._HOLE.findall(text) if name.startswith("$"))

    def fill(self, levels: Mapping[str, str], found: Mapping[str, str] = {}) -> str | None:
        """The text; None where the payload has nothing at a path that is asked for. `found`: what stands there."""
        if not self.names and not self.paths:
            return self.text
        try:
            return self._HOLE.sub(
                lambda hole: found[hole[1][1:]] if hole[1].startswith("$") else levels[hole[1]], self.text
            )
        except KeyError:
            return None


def is_name(text: str) -> bool:
    """Whether a level can be called that."""
    return _NAME.fullmatch(text) is not None


def valid_shape(text: str) -> str:
    """A regular expression that a level may have to match. Raises WrongPattern."""
    try:
        shape = re.compile(text)
    except re.error as error:
        raise WrongPattern(f"is no regular expression: {error}") from None
    if shape.groupindex or shape.groups:
        raise WrongPattern("has a group; write (?:…)")
    return text


def stem(topic: str) -> str:
    """A topic without its last level: who may have sent what nobody understands."""
    return topic.rpartition("/")[0] or topic
