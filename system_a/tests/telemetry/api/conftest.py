from tests.clients import api, people  # noqa: F401 - pytest finds fixtures by name
