import re
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.organizations.slug import candidates, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme Solar (Pvt.) Ltd.", "acme-solar-pvt-ltd"),
        ("Énergie Zürich", "energie-zurich"),
        ("  --  ", "organization"),
        ("شمسی توانائی", "organization"),
        ("x" * 62 + " yz", "x" * 62),
    ],
)
def test_a_slug_is_made_of_a_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@given(st.text(min_size=1, max_size=300))
def test_every_candidate_fits_the_database_and_differs_from_the_others(name: str) -> None:
    made = list(candidates(name, "0123456789ab"))
    assert len(set(made)) == len(made) == 10
    for slug in made:
        assert re.fullmatch(r"[a-z0-9](-?[a-z0-9])*", slug)
        assert len(slug) <= 63


def test_numbers_come_before_the_last_resort() -> None:
    assert list(islice(candidates("Sun", "ff"), 3)) == ["sun", "sun-2", "sun-3"]
    assert list(candidates("Sun", "ff"))[-1] == "sun-ff"
