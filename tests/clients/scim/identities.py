"""scim2-client, and two suites that ask what a SCIM server conforms to: scim2-tester and scim-sanity.

    identities.py BASE
"""

import json
import pathlib
import subprocess
import sys
from collections import Counter

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (
    InvalidFilterException,
    NotFoundException,
    NoTargetException,
    PatchOp,
    PatchOperation,
    PreconditionFailedException,
    SearchRequest,
    UnauthorizedException,
    UniquenessException,
)
from scim2_tester import Status, check_server

BASE = sys.argv[1]


def client(session, token="scim-token"):
    return SyncSCIMClient(Client(base_url=f"{BASE}/@{session}/scim", headers={"Authorization": f"Bearer {token}"}))


def is_refused(kind, request):
    try:
        request()
    except kind:
        return
    raise AssertionError(f"was not refused with {kind.__name__}")


# What the service says of itself is what the client works by.
scim = client("client")
scim.discover()
user, group = scim.get_resource_model("User"), scim.get_resource_model("Group")
assert {one.name for one in scim.provider.resource_types} == {"User", "Group"}, scim.provider.resource_types
assert scim.provider.config.patch.supported and scim.provider.config.etag.supported
stranger = client("client", "another")
stranger.discover()
is_refused(UnauthorizedException, lambda: stranger.query(stranger.get_resource_model("User")))

ann = scim.create(user(user_name="ann", title="Guide", password="secret", emails=[{"value": "ann@work.example", "type": "work"}, {"value": "ann@home.example", "type": "home"}]))
assert ann.id and ann.password is None and ann.meta.version == 'W/"1"', ann
is_refused(UniquenessException, lambda: scim.create(user(user_name="ANN")))
for name in ["bob", "cid", "dee"]:
    scim.create(user(user_name=name))

# Pages, filters and attributes.
names, start = [], 1
while True:
    page = scim.query(user, query_parameters=SearchRequest(start_index=start, count=3, sort_by="userName"))
    names += [one.user_name for one in page.resources]
    start += page.items_per_page
    if start > page.total_results:
        break
assert names == ["ann", "bob", "cid", "dee"], names
found = scim.query(user, query_parameters=SearchRequest(filter='emails.type eq "home" or userName sw "C"', attributes=["userName"]))
assert [one.user_name for one in found.resources] == ["ann", "cid"] and found.resources[0].title is None, found
assert scim.search(SearchRequest(filter='userName eq "bob"')).total_results == 1
is_refused(InvalidFilterException, lambda: scim.query(user, query_parameters={"filter": "userName"}))


# Changes by paths, on the condition that nobody else was faster: the client sends the version that it has.
def change(op, path, value=None):
    return scim.modify(user, ann.id, PatchOp[user](operations=[PatchOperation[user](op=op, path=path, value=value)]))


assert change("replace", 'emails[type eq "work"].value', "a@work.example").emails[0].value == "a@work.example"
assert len(change("remove", 'emails[type eq "home"]').emails) == 1
is_refused(NoTargetException, lambda: change("replace", 'emails[type eq "home"].value', "x"))
is_refused(PreconditionFailedException, lambda: scim.replace(ann))
ann = scim.query(user, ann.id)
ann.title = "Boss"
ann = scim.replace(ann)
assert ann.title == "Boss" and ann.meta.version == 'W/"4"', ann.meta

guides = scim.create(group(display_name="Guides", members=[{"value": ann.id}]))
assert scim.query(user, ann.id).groups[0].value == guides.id
scim.delete(guides)
assert scim.query(user, ann.id).groups is None
scim.delete(user, ann.id)
is_refused(NotFoundException, lambda: scim.query(user, ann.id))

# The suites. Nothing is skipped but what the service does not say that it has.
checked = check_server(client("tester"))
failed = [f"{one.title} {one.resource_type}: {one.reason}" for one in checked if one.status != Status.SUCCESS]
assert not failed and len(checked) == 138, f"{Counter(one.status.name for one in checked)}\n" + "\n".join(failed)

probe = pathlib.Path(sys.executable).with_name("scim-sanity")
done = subprocess.run([probe, "probe", f"{BASE}/@sanity/scim", "--token", "scim-token", "--i-accept-side-effects", "--json-output"], capture_output=True, text=True)
assert done.returncode == 0, done.stdout + done.stderr
told = Counter(one["status"] for one in json.loads(done.stdout)["results"])
assert told == {"pass": 28, "skip": 3}, told
