"""pagerduty, PagerDuty's own: pages by offset and by cursor, which it puts together, over TLS, since it
speaks nothing else; so this program has a mock of its own.

    users.py BASE
"""

import os
import ssl
import subprocess
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path

from pagerduty import HttpError, RestApiV2Client

SPEC = Path(__file__).parent.parent.parent / "vendors/pagerduty.yaml"


@contextmanager
def served():
    """A mock over TLS: its base URL, and whom to trust."""
    with tempfile.TemporaryDirectory() as folder:
        authority = f"{folder}/ca.pem"
        command = [os.environ["COUNTERPART_MOCK"], "serve", SPEC, "--listen", "127.0.0.1:0", "--tls", "--tls-ca-out", authority]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as mock:
            try:
                base = mock.stdout.readline().split("\t")[1].strip()
                assert mock.stdout.readline() == "ready\n"
                yield base, ssl.create_default_context(cafile=authority)
            finally:
                mock.kill()


def is_refused(status, code, request):
    try:
        request()
    except HttpError as refusal:
        said = refusal.response.json()["error"]
        assert (refusal.response.status_code, said["code"]) == (status, code), f"{refusal.response.status_code} {said}, not {status} {code}"
        return said
    raise AssertionError(f"was not refused with {code}")


def run(base, trusted):
    def client(key="y_NbAkKc66ryYTWUXYEu", **more):
        return RestApiV2Client(key, base_url=base, verify=trusted, **{"default_from": "admin@example.com", **more})

    duty = client()
    for number in range(1, 61):
        made = duty.rpost("users", json={"type": "user", "name": f"User {number:02}", "email": f"user-{number}@example.com"})
    assert made["id"] == "P000060", made

    # Pages by offset, put together by the library, which is told of each with the number of all.
    seen = []
    names = [user["name"] for user in duty.iter_all("users", page_size=25, total=True, item_hook=lambda user, at, total: seen.append((at, total)))]
    assert names == [f"User {number:02}" for number in range(1, 61)], names
    assert seen[0] == (1, 60) and seen[-1] == (60, 60), seen
    assert len(list(duty.iter_all("users", page_size=25, params={"query": "User 1"}))) == 10
    page = duty.get("users", params={"limit": 25, "offset": 50}).json()
    assert (len(page["users"]), page["offset"], page["limit"], page["more"], page["total"]) == (10, 50, 25, False, None), page
    assert duty.find("users", "User 07")["email"] == "user-7@example.com"
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert list(duty.iter_all("users", params={"offset": 9950})) == []
        assert "10000" in str(told[0].message), told
    is_refused(400, 2001, lambda: duty.rget("users", params={"offset": 9950, "limit": 51}))

    # Pages by cursor, the newest first, to the last one.
    records = list(duty.iter_cursor("/audit/records", page_size=25))
    assert [record["root_resource"]["id"] for record in records] == [f"P{number:06}" for number in range(60, 0, -1)]
    said = is_refused(400, 2001, lambda: duty.rget("/audit/records", params={"cursor": "nowhere"}))
    assert said["errors"], said

    # What is refused.
    is_refused(401, 2006, lambda: list(client("none").iter_all("users")))
    is_refused(404, 2100, lambda: duty.rget("users/PNOBODY"))
    is_refused(400, 2001, lambda: duty.rpost("users", json={"type": "user", "name": "User 61", "email": "user-7@example.com"}))
    is_refused(400, 2001, lambda: client(default_from=None).rpost("users", json={"type": "user", "name": "X", "email": "x@example.com"}))


with served() as (base, trusted):
    run(base, trusted)
