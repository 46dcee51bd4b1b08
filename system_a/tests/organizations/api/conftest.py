from tests.organizations.company import company  # noqa: F401 - a fixture
