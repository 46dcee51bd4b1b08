from solarhub.notifications.resting import Rests


def test_a_rest_doubles_up_to_a_minute_and_ends_with_the_first_success() -> None:
    rests = Rests()
    assert rests.begin("a", 0.0)
    assert (rests.at(0.9), rests.at(1.0)) == ({"a"}, set())
    assert not rests.begin("a", 10.0)
    assert (rests.at(11.9), rests.at(12.0)) == ({"a"}, set())
    for number in range(40):
        rests.begin("a", 100.0 * number)
    assert (rests.at(3959.9), rests.at(3960.0)) == ({"a"}, set())
    assert rests.end("a")
    assert not rests.end("a")
    assert rests.at(3900.0) == set()
    assert rests.begin("a", 5000.0)
    assert rests.at(5001.0) == set()


def test_what_fails_together_begins_one_rest() -> None:
    rests = Rests()
    assert [rests.begin("a", 0.1 * number) for number in range(4)] == [True, False, False, False]
    assert (rests.at(0.9), rests.at(1.0)) == ({"a"}, set())


def test_one_rests_and_others_do_not() -> None:
    rests = Rests()
    rests.begin("a", 0.0)
    rests.begin("b", 0.5)
    assert rests.at(1.2) == {"b"}
