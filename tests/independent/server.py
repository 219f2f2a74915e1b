"""Servers of vendors, written from the vendors' documents and not from our specs, in Python's
standard library. Each deviates from its documents on request:

    http://ADDRESS/{vendor}/{deviation}/{account}/...

is an account of the vendor that deviates in that one way, `none` in none, `other` in none either,
but decides otherwise what no document says. An account is made when it is first asked for.

    server.py            prints its address and serves until its standard input ends
    server.py --list     prints `vendor deviation` for each that is in the code
"""

import http.server
import importlib
import re
import socketserver
import sys
import threading

from answering import Answer

VENDORS = {name: importlib.import_module(name) for name in ("cake", "loyaltii", "maileon", "quentn")}


def deviations(vendor):
    """The names that the code of a vendor asks for, and those that it makes of others."""
    module = VENDORS[vendor]
    with open(module.__file__, encoding="utf-8") as file:
        asked = re.findall(r"""\bon\("([a-z0-9-]+)"\)""", file.read())
    return sorted({*asked, *getattr(module, "NAMED", ())} - {"other"})


class Request:
    """What came: where the account is, the path below it, and the rest as it was written."""

    def __init__(self, method, base, path, query, headers, body):
        self.method, self.base, self.path, self.query = method, base, path, query
        self.headers, self.body = headers, body


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    accounts, lock, known = {}, threading.Lock(), {}

    def account(self, vendor, deviation, name):
        key = (vendor, deviation, name)
        with self.lock:
            if key not in self.accounts:
                self.accounts[key] = VENDORS[vendor].Account(deviation)
            return self.accounts[key]

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        parts = path.split("/", 4)
        if len(parts) < 5 or parts[1] not in VENDORS:
            raise Answer(404, [], b"no such account")
        vendor, deviation = parts[1:3]
        if deviation not in self.known.setdefault(vendor, deviations(vendor) + ["none", "other"]):
            raise Answer(404, [], f"no such deviation: {deviation}".encode())
        account = self.account(*parts[1:4])
        request = Request(self.command, "/".join(parts[:4]), "/" + parts[4], query, self.headers, body)
        with account.lock:
            account.answer(request)
        raise AssertionError("nothing was answered")

    def handle_any(self):
        try:
            self.answer()
        except Answer as answer:
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


def main():
    if sys.argv[1:] == ["--list"]:
        for vendor in VENDORS:
            for name in deviations(vendor):
                print(vendor, name)
        return
    Handler.wbufsize = -1  # a head and its body in one packet
    server = Server(("127.0.0.1", 0), Handler)
    print(f"127.0.0.1:{server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
