from tests.clients import api, people  # noqa: F401 - they are fixtures
