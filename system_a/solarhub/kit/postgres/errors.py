"""Why the embedded server cannot be had, each in one sentence that says what to do."""


class ServerTrouble(Exception):  # noqa: N818 - says what is the matter, as its subclasses do
    """The common root: `str(trouble)` is a sentence for a person."""


class NoEmbeddedServer(ServerTrouble):
    """This machine cannot run the PostgreSQL that travels with the hub."""


class WrongDataVersion(ServerTrouble):
    """The data directory was written by another major version of PostgreSQL."""


class HubAlreadyRunning(ServerTrouble):
    """Another hub holds the data directory; `pid` is its process, as text."""

    def __init__(self, sentence: str, pid: str) -> None:
        self.pid = pid
        super().__init__(sentence)


class UnusableDirectory(ServerTrouble):
    """The data directory cannot be used by this user, or not in this way."""


class NoServiceUser(ServerTrouble):
    """PostgreSQL refuses to run as root (or as a user without a name), and there is nobody else to run it as."""


class StartFailed(ServerTrouble):
    """PostgreSQL was started and did not come up."""


class Unreachable(ServerTrouble):
    """A server that a URL names refuses us or does not answer."""
