"""Starts counterpart's mock for tests, and talks to it.

    with Mock("specs") as mock:
        session = mock.session()
        client = Notes(base_url=session.url("notes"))
        client.create("Buy milk")
        session.assert_requested("create_note", status=201)

Needs nothing but the standard library. With pytest there are the fixtures `counterpart_mock`
and `counterpart`; see `counterpart.pytest_plugin`.
"""

from .mock import Mock, MockError, program
from .session import Session

__all__ = ["Mock", "MockError", "Session", "program"]
