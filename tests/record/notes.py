"""A server of notes in Python's standard library, which knows nothing of this project.

    notes.py             prints its address and serves until its standard input ends
    notes.py --deviate   the same, but a note that is read has another title
"""

import datetime
import gzip
import http.server
import json
import secrets
import sys
import threading
import uuid

DEVIATES = "--deviate" in sys.argv


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    notes, sessions = {}, set()

    def reply(self, status, value=None, headers=(), packed=False):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if value is not None:
            self.send_header("Content-Type", "application/json")
        if packed and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        for name, content in headers:
            self.send_header(name, content)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        method = self.command
        if (method, path) == ("POST", "/v1/session"):
            said = json.loads(body)
            if said.get("password") != "hunter2":
                return self.reply(401, {"error": "wrong password"})
            session = secrets.token_hex(16)
            self.sessions.add(session)
            cookie = f"sid={session}; Path=/v1; HttpOnly"
            return self.reply(200, {"user": said["user"]}, [("Set-Cookie", cookie)])
        cookies = dict(
            pair.strip().split("=", 1) for pair in self.headers.get("Cookie", "").split(";") if "=" in pair
        )
        if cookies.get("sid") not in self.sessions:
            return self.reply(401, {"error": "no session"})
        if (method, path) == ("POST", "/v1/notes"):
            note = {
                "id": str(uuid.uuid4()),
                "title": json.loads(body)["title"],
                "created": datetime.datetime.now(datetime.timezone.utc).isoformat(),
                "version": 1,
            }
            self.notes[note["id"]] = note
            return self.reply(201, note, [("Location", f"/v1/notes/{note['id']}")])
        if (method, path) == ("GET", "/v1/notes"):
            return self.reply(200, {"notes": list(self.notes.values()), "total": len(self.notes)}, packed=True)
        note = self.notes.get(path.rpartition("/")[2]) if path.startswith("/v1/notes/") else None
        if note is None:
            return self.reply(404, {"error": "there is no such thing"})
        if method == "GET":
            return self.reply(200, {**note, "title": "something else"} if DEVIATES else note)
        if method == "PATCH":
            note.update(json.loads(body), version=note["version"] + 1)
            return self.reply(200, note)
        if method == "DELETE":
            del self.notes[note["id"]]
            return self.reply(204)
        return self.reply(405, {"error": "no"})

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
