from solarhub.drivers.mqtt.patience import LONGEST_PAUSE_SECONDS, Patience


def pauses(patience: Patience) -> tuple[float, float]:
    return patience.pause_seconds(0), patience.pause_seconds(1)


def test_pauses_double_up_to_a_minute_and_never_come_to_the_same_moment() -> None:
    patience = Patience()
    seen = []
    for _ in range(12):
        patience.failed()
        seen.append(pauses(patience))

    assert seen[0] == (0.1, 0.2)
    assert seen[1] == (0.2, 0.4)
    assert seen[-1] == (LONGEST_PAUSE_SECONDS / 2, LONGEST_PAUSE_SECONDS)
    assert all(shortest < longest for shortest, longest in seen)


def test_a_connection_that_held_for_a_minute_begins_anew() -> None:
    patience = Patience()
    for _ in range(8):
        patience.failed()
    patience.lived(61, ended_by_broker=False, told_taken_over=False)

    assert pauses(patience) == (0.1, 0.2)


def test_one_that_soon_ended_does_not() -> None:
    patience = Patience()
    for _ in range(4):
        patience.lived(5, ended_by_broker=False, told_taken_over=False)

    assert pauses(patience) == (0.8, 1.6)
    assert not patience.is_suspicious


def test_a_take_over_is_believed_at_once_and_slows_both_down() -> None:
    patience = Patience()
    patience.lived(2, ended_by_broker=True, told_taken_over=True)

    assert patience.is_suspicious
    assert patience.pause_seconds(0) > 5


def test_who_is_thrown_out_three_times_without_a_word_suspects_a_take_over() -> None:
    patience = Patience()
    suspicions = []
    for _ in range(3):
        patience.lived(2, ended_by_broker=True, told_taken_over=False)
        suspicions.append(patience.is_suspicious)

    assert suspicions == [False, False, True]
    patience.lived(120, ended_by_broker=True, told_taken_over=False)
    assert not patience.is_suspicious
