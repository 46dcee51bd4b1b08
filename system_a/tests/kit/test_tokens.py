from hashlib import sha256

import pytest

from solarhub.kit.tokens import API_KEY, DEVICE, looks_like, new_token, sha256_of


def test_no_two_tokens_are_the_same_and_each_looks_like_its_kind() -> None:
    tokens = {new_token(API_KEY) for _ in range(100)}
    assert len(tokens) == 100
    assert all(looks_like(token, API_KEY) and not looks_like(token, DEVICE) for token in tokens)


@pytest.mark.parametrize("text", ["", "shk_", "shk_" + "a" * 42, "shk_" + "a" * 44, "shk_" + "ä" * 43, "x" * 47])
def test_what_has_another_shape_need_not_be_looked_for(text: str) -> None:
    assert not looks_like(text, API_KEY)


def test_the_hash_is_the_tokens_own() -> None:
    assert sha256_of("shk_abc") == sha256(b"shk_abc").digest()
