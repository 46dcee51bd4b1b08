from tests.clients import api  # noqa: F401 - a fixture
