"""What the tests of value objects share: any JSON at all, the document's examples, and what an error tells."""

import json
import re
from typing import Any

import pytest
from hypothesis import strategies as st

from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.values import Value
from tests.migrations.document import section

words = st.text(st.characters(exclude_categories=[]), max_size=100)
"""Text with NUL, line ends and halves of characters."""

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | words
    | st.sampled_from([10**400, "9" * 5000, "2024-01-15", "Asia/Karachi", "lesco", 0, 1, "\0", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)
"""Whatever a body can hold once it is parsed: NaN, huge numbers, NUL and halves of characters included."""


def documents_for(model: type[Value]) -> st.SearchStrategy[Any]:
    """Objects with the model's own keys and any values, sometimes with other keys, sometimes no object at all."""
    own = st.dictionaries(st.sampled_from(sorted(model.model_fields)), anything, max_size=4)
    others = st.dictionaries(words, anything, max_size=3)
    return st.one_of(own, st.builds(lambda known, other: {**other, **known}, own, others), anything)


def example(title: str) -> dict[str, Any]:
    """The JSON example of docs/schema.md under a heading."""
    block = re.search(r"```json\n(.*?)```", section(title), re.DOTALL)
    assert block, f"no JSON example under {title!r}"
    document = json.loads(block[1])
    assert isinstance(document, dict)
    return document


def refused(model: type[Value], document: object) -> list[FieldError]:
    """The errors of a document that must not be taken; every one of them fit to be sent as JSON."""
    with pytest.raises(Invalid) as caught:
        model.parse(document)
    json.dumps(caught.value.document(), allow_nan=False).encode()
    return caught.value.errors


def only(model: type[Value], document: object) -> FieldError:
    """The one error of a document that has one mistake."""
    (error,) = refused(model, document)
    return error


def takes_or_refuses_anything(model: type[Value], document: Any) -> None:
    """The law of every value object: taken and stored without loss, or refused with sentences; and read in any case."""
    read = model.from_stored(document)
    assert isinstance(read.unreadable, tuple)
    if isinstance(document, dict):
        told = {key for key, value in document.items() if value is not None}
        assert told - model.left_out_by_default <= read.to_stored().keys()
    made, refusal = _attempt(model, document)
    if refusal is not None:
        assert refusal.errors
        assert all(one.field.startswith("field") and one.message and one.allowed for one in refusal.errors)
        json.dumps(refusal.document(), allow_nan=False).encode()
    if made is not None:
        stored = json.loads(json.dumps(made.to_stored(), allow_nan=False))
        json.dumps(stored).encode()
        assert model.parse(stored) == made
        assert model.from_stored(stored) == made
        assert model.from_stored(stored).unreadable == ()


def _attempt(model: type[Value], document: Any) -> tuple[Value, None] | tuple[None, Invalid]:
    try:
        return model.parse(document, "field"), None
    except Invalid as refusal:
        return None, refusal
