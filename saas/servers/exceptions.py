"""What can go wrong with the local servers."""


class LocalError(Exception):
    """The local servers cannot be used. Read on, the message says what to do."""


class MissingProgram(LocalError):
    """A server's program is not installed."""


class NotWritable(LocalError):
    """A directory cannot be written."""


class NotSafe(LocalError):
    """Somebody else could change a directory that we are about to trust."""


class AlreadyRunning(LocalError):
    """Another process uses the directory."""


class NotRunning(LocalError):
    """The server is not running."""


class StartFailed(LocalError):
    """The server did not come up."""


class HalfWritten(LocalError):
    """A data directory is not one that this server can use."""


class MissingUrl(LocalError):
    """Servers of your own were named, but not completely."""
