"""Why a demo does not start or go on; every message is one sentence that says what to do next."""


class DemoError(Exception):
    """The demo cannot run. Read on, the message says what to do."""


class NotWritable(DemoError):
    """The directory cannot be made or written."""


class HalfWritten(DemoError):
    """A file in the directory is not one that the demo wrote."""


class AlreadyRunning(DemoError):
    """Another demo uses the directory."""


class PortTaken(DemoError):
    """Another program listens on a port that the demo needs."""


class StepFailed(DemoError):
    """A step of the set-up or of the check did not succeed."""


class NotReady(DemoError):
    """A process did not come up."""


class TooManyDeaths(DemoError):
    """A process dies again and again."""
