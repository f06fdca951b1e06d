"""The session engine of the console's process."""

from tenants.people.sessions import OperatorSessionStore as SessionStore

__all__ = ["SessionStore"]
