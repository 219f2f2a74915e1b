"""The mock as a process of its own."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import IO

from .session import Session


class MockError(Exception):
    """The mock could not be started; the message is what it wrote to stderr."""


def program(name: str = "counterpart-mock") -> str:
    """The path of one of the two programs: `COUNTERPART_MOCK` or `COUNTERPART_TEST` if set, else
    the one that was installed beside this module, else the one on the `PATH`."""
    named = os.environ.get(name.upper().replace("-", "_"))
    if named:
        return named
    beside = Path(sysconfig.get_path("scripts"), name + (".exe" if os.name == "nt" else ""))
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise MockError(f"{name} is neither installed beside this package nor on the PATH")
    return found


class Mock:
    """A running mock on a free port of the loopback interface; ends with `stop` or its `with`.

    `specs` are files and folders with specs; none means `specs` where there is such a folder,
    else the vendors that are part of the program. `seed`, `clock` (RFC 3339) and `freeze` are
    those of `counterpart-mock serve`; `arguments` are more of its options.
    """

    def __init__(
        self,
        *specs: str | os.PathLike[str],
        seed: int | None = None,
        clock: str | None = None,
        freeze: bool = False,
        arguments: tuple[str, ...] | list[str] = (),
    ) -> None:
        line = [program(), "serve", "--listen", "127.0.0.1:0", *arguments]
        if seed is not None:
            line += ["--seed", str(seed)]
        if clock is not None:
            line += ["--clock", clock]
        if freeze:
            line.append("--freeze")
        line += ["--", *map(os.fspath, specs)]
        # A file, since nobody reads a pipe while the mock serves.
        self._stderr: IO[bytes] = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._stderr, text=True, encoding="utf-8"
        )
        self._numbers = itertools.count(1)
        #: The base URL of each vendor in the nameless session.
        self.vendors: dict[str, str] = {}
        assert self._process.stdout is not None
        for said in self._process.stdout:
            if said.strip() == "ready":
                break
            vendor, tab, url = said.rstrip("\n").partition("\t")
            if tab:
                self.vendors.setdefault(vendor, url)
        else:
            code = self._process.wait()
            raise MockError(f"counterpart-mock ended with {code}:\n{self.log()}")
        if not self.vendors:
            self.stop()
            raise MockError("counterpart-mock serves no vendor")
        some = next(iter(self.vendors.values()))
        #: The root of the mock, such as `http://127.0.0.1:4010`.
        self.root = "/".join(some.split("/")[:3])

    def session(self, name: str | None = None) -> Session:
        """A session with a state, journal, outbox and clock of its own; without a name, a new one."""
        if name is None:
            name = f"test-{os.getpid()}-{next(self._numbers)}"
        return Session(self.root, self.vendors, name)

    def log(self) -> str:
        """What the mock wrote to stderr until now."""
        self._stderr.seek(0)
        return self._stderr.read().decode("utf-8", "replace")

    def stop(self) -> None:
        """Ends the mock, and waits until it has ended. Does nothing a second time."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Mock:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


if sys.version_info < (3, 9):  # pragma: no cover
    raise ImportError("counterpart needs Python 3.9 or newer")
