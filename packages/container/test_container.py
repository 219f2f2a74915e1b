"""The mock in a container, by Testcontainers; the folder `specs` has what `init` writes."""

import urllib.request

import pytest

from counterpart.session import ControlError, Session
from counterpart.testcontainers import CounterpartContainer


@pytest.fixture(scope="module")
def mock():
    with CounterpartContainer(specs="specs") as mock:
        yield mock


def test_each_session_has_a_state_of_its_own(mock):
    first, second = mock.session(), mock.session()
    added = first.add("notes", "notes", {"text": "from a test"})
    request = urllib.request.Request(
        f"{first.url('notes')}/notes/{added['id']}", headers={"X-Key": "notes-key"}
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    assert added in first.state("notes", "notes")
    assert added not in second.state("notes", "notes")


def test_who_has_no_token_steers_nothing(mock):
    with pytest.raises(ControlError, match="token"):
        Session(mock.root, mock.vendors, "a").state("notes")
