from solarhub.notifications.resting import Rests


def test_a_rest_doubles_up_to_a_minute_and_ends_with_the_first_success() -> None:
    rests = Rests()
    assert rests.begin("a", 0.0)
    assert (rests.at(0.9), rests.at(1.0)) == ({"a"}, set())
    assert not rests.begin("a", 10.0)
    assert (rests.at(11.9), rests.at(12.0)) == ({"a"}, set())
    for _ in range(40):
        rests.begin("a", 100.0)
    assert (rests.at(159.9), rests.at(160.0)) == ({"a"}, set())
    assert rests.end("a")
    assert not rests.end("a")
    assert rests.at(100.0) == set()
    assert rests.begin("a", 200.0)
    assert rests.at(201.0) == set()


def test_one_rests_and_others_do_not() -> None:
    rests = Rests()
    rests.begin("a", 0.0)
    rests.begin("b", 0.5)
    assert rests.at(1.2) == {"b"}
