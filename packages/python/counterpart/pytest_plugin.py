"""Fixtures for pytest: a mock for the run, a session for each test.

    def test_a_note_is_kept(counterpart):
        client = Notes(base_url=counterpart.url("notes"))
        client.create("Buy milk")
        assert counterpart.state("notes", "notes")[-1]["text"] == "Buy milk"

In `pytest.ini` or `pyproject.toml`, `counterpart_specs` lists files and folders with specs,
relative to that file, and `counterpart_arguments` more options of `counterpart-mock serve`.
"""

from __future__ import annotations

from typing import Iterator

import pytest

from .mock import Mock
from .session import Session


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("counterpart_specs", "files and folders with specs", type="paths")
    parser.addini("counterpart_arguments", "options of counterpart-mock serve", type="args")


@pytest.fixture(scope="session")
def counterpart_mock(pytestconfig: pytest.Config) -> Iterator[Mock]:
    """A mock for the whole run (for each worker of pytest-xdist, one)."""
    specs = pytestconfig.getini("counterpart_specs") or []
    arguments = pytestconfig.getini("counterpart_arguments") or []
    with Mock(*specs, arguments=arguments) as mock:
        yield mock


@pytest.fixture
def counterpart(counterpart_mock: Mock) -> Iterator[Session]:
    """A session for this test alone."""
    session = counterpart_mock.session()
    yield session
    session.drop()
