"""A session of a running mock, by its control plane."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

# A proxy of the environment is for the way out, not for this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ControlError(Exception):
    """The control plane refused a call; the message is the detail of its problem document."""


class Session:
    """A state, journal, outbox and clock of its own on a mock that may be shared.

    `name` is the session's; `None` is the nameless one, which all share. `token` is what the
    control plane is shown, if not `COUNTERPART_TOKEN` of the environment.
    """

    def __init__(self, root: str, vendors: dict[str, str], name: str | None, token: str | None = None) -> None:
        self.name = name
        self._token = token
        self._prefix = "" if name is None else "/@" + urllib.parse.quote(name, safe="-_.~")
        self._root = root
        self._vendors = vendors

    def url(self, vendor: str) -> str:
        """The base URL of a vendor in this session, for the client that is tested."""
        if vendor not in self._vendors:
            raise KeyError(f"the mock has no vendor {vendor!r}; it has {', '.join(self._vendors)}")
        return self._root + self._prefix + self._vendors[vendor][len(self._root) :]

    def vendors(self) -> list[dict[str, Any]]:
        """The vendors of the mock: `name`, `title`, `baseUrl` and how much their specs say."""
        return self._call("GET", "specs")

    # --- state

    def state(self, vendor: str, collection: str | None = None, key: Any = None) -> Any:
        """All collections of a vendor, the rows of one, or one row."""
        return self._call("GET", _path("state", vendor, collection, key))

    def replace_state(self, vendor: str, collection: str, rows: list[dict[str, Any]]) -> Any:
        """Replaces all rows of a collection."""
        return self._call("PUT", _path("state", vendor, collection), rows)

    def add(self, vendor: str, collection: str, row: dict[str, Any]) -> Any:
        """Adds a row, and gives it as it is stored, with what was generated."""
        return self._call("POST", _path("state", vendor, collection), row)

    def remove(self, vendor: str, collection: str, key: Any) -> None:
        """Removes one row."""
        self._call("DELETE", _path("state", vendor, collection, key))

    def settings(self, vendor: str) -> dict[str, Any]:
        """The account's settings."""
        return self._call("GET", _path("state", vendor, "settings"))

    def set_settings(self, vendor: str, **settings: Any) -> None:
        """Changes those settings of the account that are named."""
        self._call("PUT", _path("state", vendor, "settings"), settings)

    def outbox(self, vendor: str) -> list[dict[str, Any]]:
        """The messages that the vendor would have sent, newest last."""
        return self._call("GET", _path("outbox", vendor))

    def reset(self, vendor: str | None = None) -> None:
        """Back to the fixtures."""
        self._call("POST", "reset" + _query(vendor=vendor))

    def rewind(self, before: int) -> None:
        """Back to how the session was before a request of its journal, by its id."""
        self._call("POST", "rewind", {"before": before})

    # --- faults

    def add_fault(self, vendor: str | None = None, operation: str | None = None, **fault: Any) -> Any:
        """Lets something go wrong: `fault` (`{"status": 503}`, `"reset"`, ...), `delay`, `times`
        and `share`, as the control plane takes them.
        """
        given = {"vendor": vendor, "operation": operation, **fault}
        return self._call("POST", "faults", {name: value for name, value in given.items() if value is not None})

    def faults(self) -> list[dict[str, Any]]:
        """All faults: how many requests each befell, and whether it is used up."""
        return self._call("GET", "faults")

    def clear_faults(self) -> None:
        """Takes all faults away."""
        self._call("DELETE", "faults")

    # --- clock

    def clock(self) -> dict[str, Any]:
        """`now` in RFC 3339, and whether it is `frozen`."""
        return self._call("GET", "clock")

    def set_clock(self, now: str | None = None, frozen: bool | None = None) -> None:
        """Sets the time, or lets it stand still or go on."""
        given = {"now": now, "frozen": frozen}
        self._call("PUT", "clock", {name: value for name, value in given.items() if value is not None})

    def advance(self, by: str) -> None:
        """Moves the clock by an ISO 8601 duration such as `PT36H`."""
        self._call("POST", "clock/advance", {"by": by})

    # --- journal

    def requests(
        self, operation: str | None = None, *, vendor: str | None = None, status: int | None = None
    ) -> list[dict[str, Any]]:
        """The requests that were made, newest last, each with its explanation."""
        return self._call("GET", "requests" + _query(operation=operation, vendor=vendor, status=status))

    def assert_requested(
        self,
        operation: str,
        *,
        vendor: str | None = None,
        status: int | None = None,
        times: int | None = None,
    ) -> list[dict[str, Any]]:
        """Fails unless an operation was called (`times`: exactly so often; else at least once)
        and answered with a status, if one is given. Gives these requests. What it says when it
        fails is what was requested in its stead, and by which rules the mock refused it.
        """
        found = self.requests(operation, vendor=vendor, status=status)
        if len(found) == times or (times is None and found):
            return found
        answered = "" if status is None else f", answered with {status}"
        often = "at least once" if times is None else f"{times} times"
        raise AssertionError(
            f"{operation}{answered}: expected {often}, found {len(found)}\n{describe(self.requests(vendor=vendor))}"
        )

    def assert_not_requested(self, operation: str, *, vendor: str | None = None) -> None:
        """Fails if an operation was called."""
        self.assert_requested(operation, vendor=vendor, times=0)

    def drop(self) -> None:
        """Gives back what the session holds. It is new when it is used again."""
        if self.name is not None:
            self._call("POST", "sessions/drop", {"names": [self.name]})

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        token = self._token or os.environ.get("COUNTERPART_TOKEN")
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self._root}{self._prefix}/_counterpart/{path}"
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        try:
            with _OPENER.open(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise ControlError(_problem(error)) from None
        return json.loads(text) if text else None


def describe(requests: list[dict[str, Any]]) -> str:
    """Requests as lines that people read: method, path, status, operation, and what refused it."""
    if not requests:
        return "there was no request"
    lines = ["there were:"]
    for entry in requests[-20:]:
        request, response = entry["request"], entry["response"]
        operation = entry.get("operation") or "no operation"
        lines.append(f"  {entry['id']}  {request['method']} {request['path']}  {response['status']}  {operation}")
        for step in entry.get("explanation") or []:
            if step.get("outcome") == "refused" and step.get("detail"):
                lines.append(f"       refused by {step['rule']} ({step['at']}): {step.get('detail')}")
    return "\n".join(lines)


def _path(*parts: Any) -> str:
    return "/".join(urllib.parse.quote(str(part), safe="") for part in parts if part is not None)


def _query(**parameters: Any) -> str:
    given = {name: value for name, value in parameters.items() if value is not None}
    return "?" + urllib.parse.urlencode(given) if given else ""


def _problem(error: urllib.error.HTTPError) -> str:
    text = error.read().decode("utf-8", "replace")
    try:
        problem = json.loads(text)
    except ValueError:
        return f"{error.code}: {text}"
    return f"{error.code}: {problem.get('detail') or problem.get('title')}"
