"""pusher, the library of Pusher Channels: requests that are signed over method, path, query and body.

    events.py BASE
"""

import json
import re
import socket
import sys
import time
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pusher
from pusher.errors import PusherBadAuth, PusherBadRequest, PusherBadStatus

BASE = sys.argv[1]
PORT = urlsplit(BASE).port
HOST = "api-eu.pusher.com"
SECRET = "7ad3773142a6692b25b8"

# The library takes a host and no path, and signs the path that it sends. So it asks the vendor by its
# name, which means this machine here, as with `curl --resolve`.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *more, **named: resolve("127.0.0.1" if host == HOST else host, *more, **named)


def client(**other):
    return pusher.Pusher(**{"app_id": "3", "key": "278d425bdf160c739803", "secret": SECRET, "ssl": False, "host": HOST, "port": PORT, **other})


def control(method, call, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{BASE}/_counterpart/{call}", data, {"Content-Type": "application/json"}, method=method)) as answer:
        return json.loads(answer.read() or "null")


def is_refused(error, request, pattern):
    try:
        request()
    except error as refusal:
        assert re.search(pattern, str(refusal)), f"{str(refusal)!r} is not {pattern!r}"
        return
    raise AssertionError(f"was not refused with {pattern!r}")


channels = client()
assert channels.trigger("news", "headline", {"text": "Zoë & <all>"}) == {}
assert channels.trigger(["news", "presence-lobby"], "tick", "1") == {}
assert channels.trigger_batch([{"channel": "news", "name": "a", "data": {"n": 1}}, {"channel": "other", "name": "b", "data": "x"}]) == {}
events = control("GET", "state/pusher/events")
assert [(event["channel"], event["name"]) for event in events] == [("news", "headline"), ("news", "tick"), ("presence-lobby", "tick"), ("news", "a"), ("other", "b")], events
assert json.loads(events[0]["data"]) == {"text": "Zoë & <all>"}, events[0]

# A query is signed too: of several parameters, sorted.
found = channels.channels_info("presence-", ["user_count"])
assert found == {"channels": {"presence-lobby": {"user_count": 2}, "presence-empty": {"user_count": 0}}}, found
assert channels.channel_info("presence-lobby", ["user_count"]) == {"occupied": True, "user_count": 2}
assert channels.channel_info("nobody-is-here") == {"occupied": False}
assert channels.users_info("presence-lobby") == {"users": [{"id": "ann"}, {"id": "bob"}]}

# What is refused, in Pusher's words.
sent = r'Invalid signature: you should have sent HmacSHA256Hex\("POST\\n/apps/3/events\\nauth_key=278d425bdf160c739803&auth_timestamp=\d+&auth_version=1.0&body_md5=[0-9a-f]{32}", your_secret_key\), but you sent "[0-9a-f]{64}"'
is_refused(PusherBadAuth, lambda: client(secret="another").trigger("news", "headline", "x"), sent)
is_refused(PusherBadAuth, lambda: client(secret="another").channels_info(), r'HmacSHA256Hex\("GET\\n/apps/3/channels\\nauth_key=')
is_refused(PusherBadAuth, lambda: client(key="nobody").trigger("news", "headline", "x"), "^Unknown auth_key$")
is_refused(PusherBadRequest, lambda: channels.users_info("news"), "presence")
is_refused(PusherBadRequest, lambda: channels.channels_info("", ["user_count"]), "presence")
is_refused(PusherBadStatus, lambda: channels.trigger("news", "headline", "x" * 10241), "413")

# Somebody on the way who changes the body, or the query, has no signature for it.
inside = channels._pusher_client
batch = inside.trigger.make_request("news", "headline", "x")
for body, url in [(batch.body.replace(b'"x"', b'"y"'), batch.url), (batch.body, batch.url.replace("/events?", "/batch_events?"))]:
    answer = inside.http.session.post(url, data=body, headers=batch.headers)
    assert answer.status_code == 401, answer.text
assert len(control("GET", "state/pusher/events")) == len(events)

# Ten minutes later by the mock's clock nothing that is signed now is current.
control("POST", "clock/advance", {"by": "PT10M5S"})
is_refused(PusherBadAuth, lambda: channels.trigger("news", "headline", "x"), r"Timestamp expired: Given timestamp \(\S+Z\) not within 600s of server time \(\S+Z\)")
moment = time.time
time.time = lambda: moment() + 605
assert channels.trigger("news", "headline", "x") == {}
