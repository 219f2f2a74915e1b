"""The mock in a container, by Testcontainers (`pip install testcontainers`).

    with CounterpartContainer(specs="specs") as mock:
        session = mock.session()
        client = Notes(base_url=session.url("notes"))

The image is that of the Dockerfile of counterpart.
"""

from __future__ import annotations

import itertools
import os
import secrets
import urllib.parse

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from .session import Session

_PORT = 4010


class CounterpartContainer(DockerContainer):
    """A mock in a container of its own, on a free port; ends with `stop` or its `with`.

    `specs` is a folder with specs, which is mounted; without it the vendors that are part of the
    program are served. `arguments` are more options of `counterpart-mock serve`, and whatever
    else is given goes to `DockerContainer`.
    """

    def __init__(
        self,
        image: str = "counterpart",
        specs: str | os.PathLike[str] | None = None,
        arguments: tuple[str, ...] | list[str] = (),
        **others: object,
    ) -> None:
        super().__init__(image, **others)  # type: ignore[arg-type]
        self._token = secrets.token_hex(16)
        self._numbers = itertools.count(1)
        self._vendors: dict[str, str] = {}
        self.with_exposed_ports(_PORT)
        self.with_env("COUNTERPART_TOKEN", self._token)
        # Where this runs in a container itself, the engine has another name than `localhost`.
        host = self.get_docker_client().host()
        self.with_command(["serve", "--listen", f"0.0.0.0:{_PORT}", "--allow-host", host, *arguments])
        if specs is not None:
            self.with_volume_mapping(os.path.abspath(specs), "/srv/specs", "ro")
        self.waiting_for(LogMessageWaitStrategy("ready"))

    @property
    def root(self) -> str:
        """The root of the mock as this machine sees it, such as `http://localhost:32768`."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(_PORT)}"

    @property
    def vendors(self) -> dict[str, str]:
        """The base URL of each vendor in the nameless session."""
        if not self._vendors:
            control = Session(self.root, {}, None, self._token)
            for vendor in control.vendors():
                path = urllib.parse.urlsplit(vendor["baseUrl"]).path
                self._vendors[vendor["name"]] = self.root + path
        return self._vendors

    def session(self, name: str | None = None) -> Session:
        """A session with a state, journal, outbox and clock of its own; without a name, a new one."""
        name = name or f"test-{os.getpid()}-{next(self._numbers)}"
        return Session(self.root, self.vendors, name, self._token)
