from tests.clients import api, people  # noqa: F401 - both are fixtures
