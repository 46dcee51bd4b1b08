"""Why the embedded server cannot be had, each in one sentence that says what to do."""


class EmbeddedServerError(Exception):
    """The common root: `str(error)` is a sentence for a person."""


class NoEmbeddedServer(EmbeddedServerError):
    """This machine cannot run the PostgreSQL that travels with the hub."""


class WrongDataVersion(EmbeddedServerError):
    """The data directory was written by another major version of PostgreSQL."""


class HubAlreadyRunning(EmbeddedServerError):
    """Another hub holds the data directory."""


class UnusableDirectory(EmbeddedServerError):
    """The data directory cannot be used by this user, or not in this way."""


class NoServiceUser(EmbeddedServerError):
    """PostgreSQL refuses to run as root (or as a user without a name), and there is nobody else to run it as."""


class StartFailed(EmbeddedServerError):
    """PostgreSQL was started and did not come up."""


class NotRunning(EmbeddedServerError):
    """There is no running server to talk to."""
