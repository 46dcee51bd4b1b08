import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122

from solarhub.kit.ids import Generator, uuid7


def test_an_id_says_its_version_and_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000

    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= after


def test_ids_of_one_process_sort_in_the_order_they_were_made() -> None:
    made = [uuid7() for _ in range(10_000)]

    assert made == sorted(set(made))


def test_ids_keep_their_order_when_the_clock_is_set_back() -> None:
    milliseconds = iter([1_000, 999, 5, 1_001])
    generator = Generator(lambda: next(milliseconds))
    made = [generator.next() for _ in range(4)]

    assert made == sorted(made)
    assert [value.int >> 80 for value in made] == [1_000, 1_000, 1_000, 1_001]


def test_threads_get_different_ids() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: uuid7(), range(4_000)))

    assert len(set(made)) == 4_000
