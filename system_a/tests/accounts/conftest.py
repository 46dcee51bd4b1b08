"""The whole hub with its front desk, and a hasher that is quick and counts."""

import pytest

from solarhub.accounts.passwords import Passwords
from tests.accounts.front_desk import FrontDesk, QuickHasher
from tests.clients import People, api, people  # noqa: F401 - pytest finds fixtures by name
from tests.conftest import TestDatabase


@pytest.fixture
async def front_desk(people: People, database: TestDatabase) -> FrontDesk:  # noqa: F811 - a fixture
    hasher = QuickHasher()
    people.app.state.passwords = Passwords(hasher)
    return FrontDesk(people, database, hasher)
