"""stream-chat, the library of Stream Chat: JSON Web Tokens that it signs, and a webhook that it verifies.

    users.py BASE
"""

import json
import queue
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

import jwt
from stream_chat import StreamChat
from stream_chat.base.exceptions import StreamAPIException

BASE = sys.argv[1]
KEY = "library"
SECRET = "library-secret-that-has-32-bytes-or-more"
received = queue.Queue()


class Listener(BaseHTTPRequestHandler):
    def do_POST(self):
        received.put((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def client(token=None, key=KEY, secret=SECRET):
    made = StreamChat(api_key=key, api_secret=secret, base_url=f"{BASE}/@stream-chat/stream")
    made.auth_token = token or made.auth_token
    return made


def is_refused(status, code, request):
    try:
        request()
    except StreamAPIException as refusal:
        assert (refusal.status_code, refusal.error_code) == (status, code), f"{refusal.status_code} {refusal}, not {status} {code}"
        return
    raise AssertionError(f"was not refused with {code}")


def advance(by):
    with urlopen(Request(f"{BASE}/@stream-chat/_counterpart/clock/advance", json.dumps({"by": by}).encode(), {"Content-Type": "application/json"})):
        pass


def ids(found):
    return [user["id"] for user in found["users"]]


server = client()
listener = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
threading.Thread(target=listener.serve_forever, daemon=True).start()
try:
    server.update_app_settings(webhook_url=f"http://127.0.0.1:{listener.server_port}/events")
    made = server.upsert_users([{"id": "zoe", "name": "Zoë"}, {"id": "root", "role": "admin"}])
    assert made["users"]["zoe"]["name"] == "Zoë" and made["users"]["root"]["role"] == "admin", made
    for _ in range(2):
        headers, body = received.get(timeout=60)
        assert headers["X-Api-Key"] == KEY, headers
        assert server.verify_webhook(body, headers["X-Signature"]), body
        assert not client(secret=SECRET + "!").verify_webhook(body, headers["X-Signature"])
        assert not server.verify_webhook(body.replace(b"user.updated", b"user.deleted"), headers["X-Signature"])
        assert json.loads(body)["type"] == "user.updated", body
    server.update_app_settings(webhook_url="")
finally:
    listener.shutdown()
    listener.server_close()

# Pages by offset, in either order.
server.upsert_users([{"id": f"user-{number:02}"} for number in range(25)])
pages = [ids(server.query_users({"role": "user"}, sort={"id": 1}, limit=10, offset=offset)) for offset in (0, 10, 20, 30)]
assert [len(page) for page in pages] == [10, 10, 6, 0], pages
assert sum(pages, []) == [f"user-{number:02}" for number in range(25)] + ["zoe"], pages
assert ids(server.query_users({"id": {"$in": ["zoe", "root", "none"]}}, sort=[{"id": -1}])) == ["zoe", "root"]
is_refused(400, 4, lambda: server.query_users({}, limit=1000))

# Tokens of users, made by the library.
zoe = client(server.create_token("zoe"))
assert zoe.upsert_user({"id": "zoe", "name": "Zed"})["users"]["zoe"]["name"] == "Zed"
is_refused(403, 17, lambda: zoe.upsert_user({"id": "root", "role": "user"}))
is_refused(403, 17, lambda: zoe.update_app_settings(webhook_url="http://127.0.0.1:1/"))
assert ids(server.query_users({"role": "admin"})) == ["root"]

# A token that the mock signs, which the library's own reader of tokens accepts, and the mock.
made = server.set_guest_user({"id": "visitor", "name": "Vi"})
guest = made["user"]["id"]
assert guest.startswith("guest-") and guest.endswith("-visitor") and made["user"]["role"] == "guest", made
assert jwt.get_unverified_header(made["access_token"]) == {"alg": "HS256", "typ": "JWT"}
assert jwt.decode(made["access_token"], SECRET, algorithms=["HS256"]) == {"user_id": guest}
visitor = client(made["access_token"])
assert visitor.upsert_user({"id": guest, "name": "V"})["users"][guest]["name"] == "V"
is_refused(403, 17, lambda: visitor.upsert_user({"id": "zoe", "name": "V"}))
try:
    jwt.decode(made["access_token"], SECRET + "!", algorithms=["HS256"])
    raise AssertionError("another secret verifies the token")
except jwt.InvalidSignatureError:
    pass

# Tokens that are not right, each with Stream's own code.
ask = {"filter_conditions": {}}
is_refused(401, 43, lambda: client(secret="another-secret-that-has-32-bytes-or-more").query_users(**ask))
is_refused(401, 43, lambda: client(jwt.encode({"server": True}, SECRET, algorithm="HS512")).query_users(**ask))
is_refused(401, 43, lambda: client(jwt.encode({"server": True}, None, algorithm="none")).query_users(**ask))
is_refused(401, 5, lambda: client("nothing").query_users(**ask))
is_refused(401, 2, lambda: client(key="nobody").query_users(**ask))
second = int(time.time())
is_refused(401, 42, lambda: client(server.create_token("zoe", iat=second + 600)).query_users(**ask))
is_refused(401, 41, lambda: client(server.create_token("zoe", nbf=second + 600)).query_users(**ask))
short = client(server.create_token("zoe", exp=second + 3600))
assert ids(short.query_users({"id": {"$in": ["zoe"]}})) == ["zoe"]
advance("PT1H")
is_refused(401, 40, lambda: short.query_users(**ask))
assert ids(client(server.create_token("zoe", exp=second + 7200)).query_users({"id": {"$in": ["zoe"]}})) == ["zoe"]
