"""Twilio's own client against the mock: messages that are sent, told of, listed, scheduled and
deleted. What the mock tells outwards comes to a listener, which has the client's own validator look
at the signature.

    python messages.py http://127.0.0.1:4010
"""

import json
import queue
import sys
import threading
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

SID = "AC00000000000000000000000000000001"
TOKEN = "twilio-token"
NUMBER = "+15005550006"
SERVICE = "MG00000000000000000000000000000001"
SESSION = sys.argv[1] + "/@twilio-client"


def check(holds, what):
    if not holds:
        sys.exit(f"{what}")


def same(found, wanted, what):
    check(found == wanted, f"{what}: {found!r}, not {wanted!r}")


class Mocked(TwilioHttpClient):
    """Sends what is for api.twilio.com to the mock."""

    def request(self, method, url, *rest, **named):
        check(url.startswith("https://api.twilio.com/"), f"{url} is not Twilio's")
        url = url.replace("https://api.twilio.com", SESSION + "/twilio", 1)
        return super().request(method, url, *rest, **named)


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{SESSION}/_counterpart/{path}", data, method=method)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def advance(by):
    control("POST", "clock/advance", {"by": by})


def refused(code, http, action, *arguments, **named):
    try:
        action(*arguments, **named)
    except TwilioRestException as error:
        same((error.code, error.status), (code, http), f"what refuses ({error.msg})")
        check(error.msg, "an error says something")
        return error
    sys.exit(f"{code} was expected, and nothing was refused")


class Listener:
    """Takes status callbacks, each with its URL, parameters and signature."""

    def __init__(self):
        self.came = queue.Queue()
        came, origin = self.came, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                came.put((origin.url + self.path, body, self.headers))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self):
        """The next callback, once the client's validator has found its signature right."""
        url, body, headers = self.came.get(timeout=30)
        same(headers["Content-Type"].split(";")[0], "application/x-www-form-urlencoded", "the form's type")
        parameters = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
        signature = headers["X-Twilio-Signature"]
        check(RequestValidator(TOKEN).validate(url, parameters, signature), f"the signature of {body} is wrong")
        check(not RequestValidator("other").validate(url, parameters, signature), "any token signs the same")
        forged = {**parameters, "MessageStatus": "failed"}
        check(not RequestValidator(TOKEN).validate(url, forged, signature), "a signature holds for what was not sent")
        return parameters


def sent_and_told(client):
    listener = Listener()
    message = client.messages.create(
        to="+15551230001", from_=NUMBER, body="Grüße, 世界 & Co.", status_callback=f"{listener.url}/status?order=7&of=9"
    )
    same((message.status, message.body, message.num_segments), ("queued", "Grüße, 世界 & Co.", "1"), "a message")
    same((message.date_sent, message.error_code, message.price), (None, None, None), "what is not known yet")
    check(abs(message.date_created - datetime.now(timezone.utc)) < timedelta(days=1), "a message has a time")
    check(listener.came.empty(), "the status that a message begins with is told")
    statuses = []
    for by in ["PT1S", "PT2S"]:
        advance(by)
        told = listener.take()
        same((told["MessageSid"], told["SmsSid"]), (message.sid, message.sid), "of which message it tells")
        same((told["AccountSid"], told["To"], told["From"]), (SID, "+15551230001", NUMBER), "whose it is")
        same(told["MessageStatus"], message.fetch().status, "the status that is told, and read")
        statuses.append(told["MessageStatus"])
    same(statuses, ["sent", "delivered"], "the way of a message")
    check(message.fetch().date_sent >= message.date_created, "it is sent after it came")
    delivery = [entry["delivery"]["state"] for entry in control("GET", "outbox/twilio")]
    same(delivery, ["delivered", "delivered"], "what became of the callbacks")

    control("POST", "state/twilio/handsets", {"number": "+15551230009", "lost": 30003})
    lost = client.messages.create(to="+15551230009", from_=NUMBER, body="Hi", status_callback=f"{listener.url}/lost")
    advance("PT3S")
    same(listener.take()["MessageStatus"], "sent", "a message that is lost later")
    told = listener.take()
    same((told["MessageStatus"], told["ErrorCode"]), ("undelivered", "30003"), "a message that is lost")
    lost = lost.fetch()
    same((lost.status, lost.error_code), ("undelivered", 30003), "a message that is lost, as it is read")


def refusals(client):
    error = refused(20404, 404, client.messages("SM" + "0" * 32).fetch)
    same(error.uri, f"/Accounts/{SID}/Messages/SM{'0' * 32}.json", "where it was not found")
    details = {21604: {"to": "", "from_": NUMBER, "body": "Hi"}, 21603: {"to": "+15551230001", "body": "Hi"}}
    details[21619] = {"to": "+15551230001", "from_": NUMBER}
    details[21211] = {"to": "5551230001", "from_": NUMBER, "body": "Hi"}
    details[21606] = {"to": "+15551230001", "from_": "+15551230002", "body": "Hi"}
    details[21610] = {"to": "+15005550004", "from_": NUMBER, "body": "Hi"}
    details[21617] = {"to": "+15551230001", "from_": NUMBER, "body": "a" * 1601}
    for code, message in details.items():
        refused(code, 400, client.messages.create, **message)
    stranger = Client(SID, "wrong", http_client=Mocked())
    refused(20003, 401, stranger.messages.create, to="+15551230001", from_=NUMBER, body="Hi")
    same(len(client.messages.list(to="+15005550004")), 0, "messages that were refused")


def listed(client):
    control("POST", "reset?vendor=twilio")     # the clock stays
    bodies = [f"message {number}" for number in range(7)]
    for body in bodies:
        client.messages.create(to="+15551230001", from_=NUMBER, body=body)
    client.messages.create(to="+15551230002", from_=NUMBER, body="to somebody else")
    pages = []
    page = client.messages.page(to="+15551230001", page_size=3)
    while page is not None:
        pages.append([message.body for message in page])
        page = page.next_page()
    same([len(page) for page in pages], [3, 3, 1], "how many messages the pages have")
    same(sum(pages, []), bodies[::-1], "the messages of all pages")
    same([message.body for message in client.messages.list(to="+15551230001", page_size=2)], bodies[::-1], "all, in pages of two")
    same(len(client.messages.list(limit=4)), 4, "a limit")
    advance("PT3S")
    today = datetime.fromisoformat(control("GET", "clock")["now"].replace("Z", "+00:00"))
    same(len(client.messages.list(date_sent_after=today - timedelta(days=1), to="+15551230002")), 1, "sent since yesterday")
    same(len(client.messages.list(date_sent_before=today - timedelta(days=1))), 0, "sent until yesterday")


def scheduled(client):
    now = datetime.fromisoformat(control("GET", "clock")["now"].replace("Z", "+00:00"))
    details = {"to": "+15551230001", "body": "Wake up", "schedule_type": "fixed"}
    refused(35118, 400, client.messages.create, from_=NUMBER, send_at=now + timedelta(hours=1), **details)
    refused(35115, 400, client.messages.create, messaging_service_sid=SERVICE, send_at=now + timedelta(minutes=1), **details)
    first, second = (
        client.messages.create(messaging_service_sid=SERVICE, send_at=now + timedelta(hours=1), **details) for _ in range(2)
    )
    same((first.status, first.from_, first.messaging_service_sid), ("scheduled", None, SERVICE), "a message for later")
    same(second.update(status="canceled").status, "canceled", "a message that is canceled")
    refused(30409, 400, second.update, status="canceled")
    advance("PT2H")
    same((first.fetch().status, first.fetch().from_), ("delivered", NUMBER), "a message whose time has come")
    same(second.fetch().status, "canceled", "a message that is canceled, later")


def deleted(client):
    message = client.messages.create(to="+15551230001", from_=NUMBER, body="a secret")
    refused(20009, 409, message.delete)
    same(message.update(body="").body, "", "a message that is redacted")
    advance("PT3S")
    check(message.delete() is True, "a message is not deleted")
    refused(20404, 404, message.fetch)
    refused(20404, 404, message.delete)


control("POST", "reset")
# A clock that stands still, so that nothing goes on by itself on a slow machine.
control("PUT", "clock", {"now": control("GET", "clock")["now"], "frozen": True})
client = Client(SID, TOKEN, http_client=Mocked())
for part in [sent_and_told, refusals, listed, scheduled, deleted]:
    part(client)
