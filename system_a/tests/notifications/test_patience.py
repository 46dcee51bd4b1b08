import pytest

from solarhub.notifications.patience import LETTER, WEBHOOK, Patience

HOUR = 3600.0


@pytest.mark.parametrize(
    ("attempts", "earliest", "latest"),
    [(1, 5, 10), (2, 5, 20), (5, 5, 160), (10, 5, HOUR), (150, 5, HOUR)],
    ids=["first", "second", "fifth", "tenth", "late"],
)
def test_a_pause_is_anything_between_five_seconds_and_a_growing_limit(
    attempts: int, earliest: float, latest: float
) -> None:
    assert LETTER.pause(attempts, 0, chance=0.0) == earliest
    assert LETTER.pause(attempts, 0, chance=1.0) == latest
    assert earliest < (LETTER.pause(attempts, 0, chance=0.5) or 0) < latest


def test_whoever_asks_for_more_time_gets_it() -> None:
    assert LETTER.pause(1, 0, chance=0.5, asked=600) == 600
    assert LETTER.pause(9, 0, chance=1.0, asked=1) == 2560


def test_a_letter_is_tried_for_a_day_and_a_webhook_for_three() -> None:
    assert LETTER.pause(60, 24 * HOUR - 6, chance=0.0) == 5
    assert LETTER.pause(60, 24 * HOUR - 4, chance=0.0) is None
    assert WEBHOOK.pause(60, 72 * HOUR - 6, chance=0.0) == 5
    assert WEBHOOK.pause(60, 72 * HOUR - 4, chance=0.0) is None
    assert LETTER.pause(1, 0, chance=0.0, asked=25 * HOUR) is None


def test_the_usual_number_of_attempts_fits_into_the_time() -> None:
    for patience in (LETTER, WEBHOOK):
        waited, attempts = 0.0, 0
        while (pause := patience.pause(attempts := attempts + 1, waited, chance=0.5)) is not None:
            waited += pause
        assert attempts < patience.attempts


def test_a_message_that_brings_its_sender_down_ends_too() -> None:
    assert Patience(attempts=3).pause(3, 0, chance=0.0) is None
