from solarhub.kit.mosquitto.passwords import hashed


def test_a_password_is_hashed_as_mosquitto_writes_it_and_never_twice_alike() -> None:
    first, second = hashed("swordfish"), hashed("swordfish")

    assert first != second
    kind, rounds, salt, digest = first.split("$")[1:]
    assert (kind, rounds, len(salt), len(digest)) == ("7", "101", 16, 88)
    assert "swordfish" not in first
