from tests.clients import api, people  # noqa: F401 - fixtures that tests ask for
