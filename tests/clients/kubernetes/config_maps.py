"""kubernetes, the official client in Python: conflicts, patches by media type, selectors, pages and a watch.

    config_maps.py BASE
"""

import sys

from kubernetes import client, watch
from kubernetes.client.rest import ApiException

configuration = client.Configuration()
configuration.host = f"{sys.argv[1]}/@kubernetes/kubernetes"
configuration.api_key = {"authorization": "Bearer kube-token"}
api = client.CoreV1Api(client.ApiClient(configuration))


def typed(media_type):
    """A client whose patches are of that media type; it takes one of its own choice otherwise."""
    one = client.ApiClient(configuration)
    one.select_header_content_type = lambda *_, **__: media_type
    return client.CoreV1Api(one)


def is_refused(status, reason, request):
    try:
        request()
    except ApiException as refusal:
        assert refusal.status == status and f'"reason":"{reason}"' in refusal.body, f"{refusal.status} {refusal.body}"
        return
    raise AssertionError(f"was not refused with {status}")


def config_map(data=None, **metadata):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(**metadata), data=data)


made = api.create_namespaced_config_map("default", config_map({"a": "1", "b": "2"}, name="one", labels={"app": "web", "tier": "front"}))
assert made.metadata.uid and made.metadata.creation_timestamp.tzinfo, made
is_refused(409, "AlreadyExists", lambda: api.create_namespaced_config_map("default", config_map(name="one")))
is_refused(422, "Invalid", lambda: api.create_namespaced_config_map("default", config_map(name="BAD_")))
is_refused(404, "NotFound", lambda: api.read_namespaced_config_map("none", "default"))
for number in range(5):
    api.create_namespaced_config_map("default", config_map({"i": str(number)}, generate_name="gen-", labels={"app": "db" if number % 2 else "web"}))


def count(selector):
    return len(api.list_namespaced_config_map("default", label_selector=selector).items)


assert [count(selector) for selector in ["app=web", "app=web,tier!=front", "tier", "!tier", "app!=web"]] == [4, 3, 1, 5, 2]

names, token = [], None
while True:
    page = api.list_namespaced_config_map("default", limit=4, _continue=token)
    names += [one.metadata.name for one in page.items]
    token = page.metadata._continue
    if not token:
        break
assert len(names) == len(set(names)) == 6, names
is_refused(410, "Expired", lambda: api.list_namespaced_config_map("default", _continue="made-up"))

# Of two who read the same, the second one to write has to read it again.
first, second = (api.read_namespaced_config_map("one", "default") for _ in range(2))
first.data["a"] = "9"
assert api.replace_namespaced_config_map("one", "default", first).data["a"] == "9"
second.data["b"] = "9"
is_refused(409, "Conflict", lambda: api.replace_namespaced_config_map("one", "default", second))

patched = api.patch_namespaced_config_map("one", "default", [{"op": "replace", "path": "/data/a", "value": "7"}, {"op": "remove", "path": "/data/b"}, {"op": "add", "path": "/metadata/labels/x~1y", "value": "z"}])
assert patched.data == {"a": "7"} and patched.metadata.labels["x/y"] == "z", patched
is_refused(422, "Invalid", lambda: api.patch_namespaced_config_map("one", "default", [{"op": "remove", "path": "/data/a"}, {"op": "test", "path": "/data/a", "value": "7"}]))
merge = typed("application/merge-patch+json")
patched = merge.patch_namespaced_config_map("one", "default", {"data": {"a": None, "c": "3"}, "metadata": {"labels": {"app": None}}})
assert patched.data == {"c": "3"} and "app" not in patched.metadata.labels, patched
is_refused(415, "UnsupportedMediaType", lambda: typed("application/json").patch_namespaced_config_map("one", "default", {"data": {}}))

# What came after the list was read.
seen = api.list_namespaced_config_map("default").metadata.resource_version
late = [api.create_namespaced_config_map("default", config_map(name=f"late-{number}")).metadata.name for number in range(2)]
events = watch.Watch().stream(api.list_namespaced_config_map, "default", resource_version=seen, timeout_seconds=1)
assert [(next(events)["object"].metadata.name) for _ in late] == late

other = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid="another"))
is_refused(409, "Conflict", lambda: api.delete_namespaced_config_map("one", "default", body=other))
assert api.delete_namespaced_config_map("one", "default").status == "Success"
is_refused(404, "NotFound", lambda: api.delete_namespaced_config_map("one", "default"))
