"""A server of an API that is not ours, on a free port, and our scenarios run against it.

A file says in what this server deviates from what the vendor documents (`deviations`), and what of
its answers is not compared.
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def server(*arguments):
    """Python with these arguments, in which {port} is a free port. Gives its URL once it answers."""
    port = free_port()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, *(one.format(port=port) for one in arguments)], stdout=said, stderr=said, cwd=folder)
        url = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                except urllib.error.HTTPError:
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        said.seek(0)
                        raise AssertionError(f"{arguments} does not serve: {said.read().decode()}") from None
                    time.sleep(0.05)
            yield url
        finally:
            process.terminate()
            process.wait()


def counterpart(*arguments):
    return subprocess.run([os.environ["COUNTERPART_TEST"], *map(str, arguments)], capture_output=True, text=True)


def run(example, known, target, tag):
    """All scenarios with the tag hold, but for what is known. Each deviation that is known is there.
    Gives the names of the trials in which there is one."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        of = ROOT / "examples" / example
        done = counterpart("run", "--specs", of / "specs", of / "scenarios", "--tag", tag, "--deviations", known,
                           "--target", f"{example}={target}", "--allow-destructive", "--report", f"json={report}")
        assert done.returncode == 0, f"run --target: {done.returncode}\n{done.stdout}{done.stderr}"
        trials = json.loads(report.read_text())["trials"]
    deviating = {trial["name"]: set(ids_in(trial)) for trial in trials}
    seen = set().union(*deviating.values())
    listed = {line.split("id: ")[1].split(",")[0] for line in known.read_text().splitlines() if "{id: " in line}
    assert listed <= seen, f"deviations that are no more: {sorted(listed - seen)}"
    return [name for name, ids in deviating.items() if ids]


def ids_in(value):
    """The ids of the deviations in a report."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "deviation" and isinstance(member, dict):
                yield member["id"]
            yield from ids_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from ids_in(member)


class Any:
    """Equal to whatever stands there."""

    def __eq__(self, _):
        return True

    def __repr__(self):
        return "ANY"


class Nothing:
    """In the place of what one side does not have."""

    def __repr__(self):
        return "NOTHING"


ANY, NOTHING = Any(), Nothing()


def compare(example, known, target, tag, different):
    """Nothing differs in the trials with the tag but what is named, as (path, left, right) or with the end of the name
    of a trial behind it, and each of that does."""
    of = ROOT / "examples" / example
    done = counterpart("compare", "--specs", of / "specs", "--left", "mock", "--right", f"{example}={target}",
                       "--deviations", known, "--allow-destructive", "--tag", tag, "--format", "json", of / "scenarios")
    assert done.returncode in (0, 1) and done.stdout, f"compare: {done.returncode}\n{done.stderr}"
    found = json.loads(done.stdout)
    assert found["trials"] and not found["summary"]["skipped"], found["summary"]
    seen = [(one["path"], one.get("left", NOTHING), one.get("right", NOTHING), one["trials"]) for one in found["differences"]]
    unknown = [one for one in seen if not any(is_known(one, pattern) for pattern in different)]
    gone = [pattern for pattern in different if not any(is_known(one, pattern) for one in seen)]
    assert not unknown, "differences that are not known:\n" + "\n".join(map(str, unknown))
    assert not gone, f"differences that are no more: {gone}"


def is_known(difference, pattern):
    """Whether it is at that path, with these values, in a trial of that name if the pattern has one."""
    *values, trials = difference
    return list(pattern[:3]) == values and (len(pattern) == 3 or any(trial.endswith(pattern[3]) for trial in trials))
