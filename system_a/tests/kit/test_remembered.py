from solarhub.kit.remembered import Remembered


def test_an_answer_holds_for_its_seconds_and_no_longer() -> None:
    answers: Remembered[str, int] = Remembered(seconds=10, most=5)
    assert answers.get("a", at=0) is None
    answers.put("a", 1, at=100)
    assert [answers.get("a", at=at) for at in (100, 109.9, 110, 200)] == [1, 1, None, None]
    answers.put("a", 2, at=200)
    assert answers.get("a", at=205) == 2
    answers.forget("a")
    assert answers.get("a", at=205) is None


def test_too_many_answers_are_forgotten_rather_than_held() -> None:
    answers: Remembered[int, int] = Remembered(seconds=10, most=3)
    for number in range(4):
        answers.put(number, number, at=0)
    assert [answers.get(number, at=0) for number in range(4)] == [None, None, None, 3]
