"""Maileon's contacts, from its pages and what its PHP, Java and n8n clients send and read."""

import base64
import json
import re
import threading
import urllib.parse
from datetime import date, datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from answering import Answer
from texts import TEXT

KEYS = {
    "maileon-key-0001": ["GET", "POST", "PUT", "DELETE"],
    "maileon-readonly-key": ["GET"],
}
XML, JSON = "application/vnd.maileon.api+xml", "application/vnd.maileon.api+json"
TEXTS = "ADDRESS CITY COUNTRY FIRSTNAME FULLNAME HNR LASTNAME ORGANIZATION REGION STATE SALUTATION TITLE ZIP".split()
STANDARD = [*TEXTS, "BIRTHDAY", "NAMEDAY", "GENDER", "LOCALE"]
PERMISSIONS = ["1", "2", "3", "4", "5", "6"]
RESERVED = "id created external_id local_part permission_type permission_status sendout_status updated".split()
# No document says what becomes of spaces at the ends of a field.
VALUES = [name for name in TEXT if "trimmed" not in name]
NAMED = list(VALUES)
# Each operation, by its method and what its path looks like.
OPERATIONS = {
    "ping": ("GET", "ping"),
    "list": ("GET", "contacts"),
    "get-by-external-id": ("GET", "contacts/externalid/.+"),
    "get-by-email": ("GET", "contacts/email/.+"),
    "get-by-id": ("GET", "contacts/contact"),
    "create-by-external-id": ("POST", "contacts/externalid/.+"),
    "create-by-email": ("POST", "contacts/email/.+"),
    "update-by-external-id": ("PUT", "contacts/externalid/.+"),
    "update-by-email": ("PUT", "contacts/email/.+"),
    "update-by-id": ("PUT", "contacts/contact"),
    "delete-by-external-id": ("DELETE", "contacts/externalid/[^/]+"),
    "delete-by-email": ("DELETE", "contacts/email/[^/]+"),
    "delete-by-id": ("DELETE", "contacts/contact"),
    "list-custom-fields": ("GET", "contacts/fields/custom"),
    "create-custom-field": ("POST", "contacts/fields/custom/.+"),
    "rename-custom-field": ("PUT", "contacts/fields/custom/.+"),
    "delete-custom-field": ("DELETE", "contacts/fields/custom/.+"),
}
NAMED += [f"no-key-for-{name}" for name in OPERATIONS] + [f"wrong-key-for-{name}" for name in OPERATIONS]
NAMED += [f"readonly-key-for-{name}" for name, (method, _) in OPERATIONS.items() if method != "GET"]
# A field whose change empties another one.
CLEARS = dict(zip(STANDARD, [*STANDARD[1:], STANDARD[0]]), COLOR="SCORE", SCORE="COLOR")
NAMED += [f"{way}-{name}-clears-{other}".lower() for way in ("put", "sync") for name, other in CLEARS.items()]

ALSO = (
    "changes-all changes-custom-of-all changes-same-name takes-custom-of-others clears-external-id-of-others "
    "touches-others clears-custom clears-external-id resets-permission"
)
NAMED += [f"{way}-{what}" for way in ("put", "sync") for what in ALSO.split()]


class Refused(Exception):
    """A request that breaks a rule."""


def tag(name, text="", attributes=""):
    return f"<{name}{attributes}>{text}</{name}>"


class Account:
    def __init__(self, deviation):
        self.deviation, self.lock = deviation, threading.Lock()
        self.contacts, self.next_contact = {}, 15975220
        self.custom = {"COLOR": "string", "SCORE": "integer"}
        self.before = {}

    def on(self, name):
        return self.deviation == name

    def now(self):
        return datetime(2001, 1, 1) if self.on("times-long-ago") else datetime.now()

    # What goes out

    def say(self, status, text="", headers=()):
        on = self.on
        media_type = XML
        if on("answer-charset"):
            media_type += "; charset=utf-8"
        if on("answer-text-xml"):
            media_type = "text/xml"
        if on("answer-json-type"):
            media_type = JSON
        if not text or on("no-content-type"):
            raise Answer(status, headers, b"")
        if on("umlauts-lost"):
            text = text.encode("ascii", "replace").decode()
        if on("root-namespace") and status < 300:
            text = re.sub(r"^<(contacts?)\b", r'<\1 xmlns="urn:maileon"', text)
        if on("cut-body"):
            text = text[:-3]
        encoding = "iso-8859-1" if on("latin1") else "UTF-8"
        raw = f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'.encode(encoding, "replace")
        if on("latin1-undeclared"):
            raw = raw.decode().encode("latin-1", "replace")
        raise Answer(status, [("Content-Type", media_type), *headers], raw)

    def refuse(self, status, text):
        on = self.on
        if on("error-status-200"):
            status = 200
        if on("bad-request-is-422") and status == 400:
            status = 422
        if on("bad-request-is-500") and status == 400:
            status = 500
        if on("error-without-document") or (on("other") and status in (401, 403, 404, 405)):
            self.say(status)
        if on("error-json"):
            raise Answer(status, [("Content-Type", JSON)], json.dumps({"message": text}).encode())
        if on("error-html"):
            raise Answer(status, [("Content-Type", "text/html")], f"<p>{escape(text)}</p>".encode())
        name = "errors" if on("error-root-renamed") else "error"
        message = "text" if on("error-message-renamed") else "message"
        if on("error-message-empty"):
            text = ""
        if on("other") and not text.startswith("page_size"):
            text = text.upper()
        shown = tag(message, escape(text))
        if on("error-message-as-text"):
            shown = escape(text)
        self.say(status, tag(name, f"\n{shown}\n"))

    def missing(self):
        self.refuse(404, "not found")

    # What comes in

    def answer(self, request):
        on, method = self.on, request.method
        match = re.fullmatch(r"/1\.0(/.*?)/?", request.path)
        if not match:
            self.missing()
        asked = [o for o, (verb, form) in OPERATIONS.items() if verb == method and re.fullmatch(form, match[1][1:])]
        self.operation = asked[0] if asked else ""
        self.check_key(request.headers.get("Authorization", ""), method)
        parts = [urllib.parse.unquote(part) for part in match[1].split("/")[1:]]
        if on("plus-is-space"):
            parts = [part.replace("+", " ") for part in parts]
        self.query = urllib.parse.parse_qs(request.query, keep_blank_values=True)
        self.request, self.method = request, method
        try:
            self.route(method, parts)
        except Refused as refused:
            self.refuse(400, str(refused))
        self.refuse(405, f"{method} is not allowed here")

    def check_key(self, header, method):
        on = self.on
        word, _, text = header.partition(" ")
        try:
            key = base64.b64decode(text, validate=True).decode()
        except ValueError:
            key = "?"
        if on("key-with-colon-refused") and key.endswith(":"):
            key = "?"
        if on("key-needs-colon") and not key.endswith(":"):
            key = "?"
        if on("plain-key-passes") and text in KEYS:
            key = text
        key = key.removesuffix(":")
        if on("key-case-ignored"):
            key = key.lower()
        if on("any-scheme-passes"):
            word = "Basic"
        if on(f"no-key-for-{self.operation}") and not header or on(f"wrong-key-for-{self.operation}") and key not in KEYS and header:
            word, key = "Basic", "maileon-key-0001"
        if on(f"readonly-key-for-{self.operation}") and key == "maileon-readonly-key":
            key = "maileon-key-0001"
        allowed = KEYS.get(key) if word.lower() == "basic" else None
        if (on("no-key-passes") and not header) or (on("wrong-key-passes") and header):
            allowed = allowed or KEYS["maileon-key-0001"]
        if allowed is None:
            if on("refused-key-still-writes") and method == "POST":
                self.key_status = 401
                return
            self.refuse(403 if on("no-key-is-403") else 400 if on("no-key-is-400") else 401, "who are you?")
        self.key_status = None
        if method not in allowed and not on("readonly-key-writes"):
            self.refuse(401 if on("readonly-is-401") else 403, "this key has no privilege for that")

    def one(self, name, default):
        return self.query.get(name, [default])[-1]

    def flag(self, name):
        text = self.one(name, "false")
        if self.on("flag-1-passes") and text in "10":
            return text == "1"
        if text not in ("true", "false"):
            if self.on("bad-flag-is-false") or (self.on("bad-doi-passes") and name == "doi"):
                return False
            raise Refused(f"{name} is true or false")
        return text == "true"

    def route(self, method, parts):
        if parts == ["ping"]:
            self.say(200)
        if parts[0] != "contacts":
            self.missing()
        rest = parts[1:]
        if not rest:
            if method == "GET":
                self.page()
            if method == "DELETE":
                self.delete_all()
        elif rest == ["count"] and method == "GET":
            self.say(200, tag("count_contacts", len(self.contacts)))
        elif rest[:2] == ["fields", "custom"]:
            self.custom_fields(method, rest[2:])
        elif rest[0] == "contact":
            self.by_id(method, rest[1:])
        elif rest[0] in ("email", "emails", "externalid") and len(rest) > 1:
            self.by_name(method, "external_id" if rest[0] == "externalid" else "email", rest[1], rest[2:], rest[0])
        elif len(rest) == 1 and "@" in rest[0]:
            self.by_name(method, "email", rest[0], [], "email")
        else:
            self.missing()

    def found(self, kind, name):
        on = self.on
        same = str.__eq__
        if kind == "email" or on("external-id-case-ignored"):
            same = lambda left, right: left.lower() == right.lower()
        if kind == "external_id" and on("external-id-prefix"):
            same = lambda left, right: left.startswith(right)
        return [c for c in self.contacts.values() if c.get(kind) and same(c[kind], name)]

    def by_name(self, method, kind, name, rest, word):
        on = self.on
        found = self.found(kind, name)
        if rest == ["unsubscribe"] and method == "DELETE":
            self.delete(found)
        if rest:
            self.missing()
        if method == "POST":
            self.register(kind, name, found)
        if method == "GET":
            if word == "emails":
                self.say(200, tag("contacts", "".join(map(self.shown, found))))
            if kind == "email":
                if not found:
                    if on("missing-email-is-empty"):
                        self.say(200, tag("contacts"))
                    self.missing()
                self.say(200, self.shown(found[0]) if not on("email-in-list") else tag("contacts", self.shown(found[0])))
            if not found and not on("other"):
                self.missing()
            if on("externalid-one-of-several"):
                found = found[:1]
            if on("externalid-without-list") and found:
                self.say(200, self.shown(found[0]))
            root = "contact_list" if on("contacts-renamed") else "contacts"
            self.say(200, tag(root, "".join(self.shown(c, kind) for c in found)))
        if method == "PUT":
            if not found and on("put-creates"):
                self.create({kind: name, **self.body()}, "1")
                self.say(201)
            if kind == "external_id" and len(found) > 1 and not on("put-no-409"):
                self.refuse(409, "there are several contacts with this external id")
            if not found:
                self.missing()
            self.update(found[0], self.body())
            self.say(200 if on("put-is-200") else 201)
        if method == "DELETE":
            self.delete(found)

    def delete(self, found):
        on = self.on
        if not found:
            self.missing()
        if on("delete-first-only"):
            found = found[:1]
        ids = [contact["id"] for contact in found]
        for other in [c for c in self.contacts.values() if c["id"] not in ids]:
            if on("delete-takes-same-name") and other["standard"].get("LASTNAME") and other["standard"].get("LASTNAME") == found[0]["standard"].get("LASTNAME"):
                del self.contacts[other["id"]]
            elif on("delete-clears-external-ids"):
                other["external_id"] = None
            elif on("delete-clears-fields-of-others"):
                other["standard"], other["custom"] = {}, {}
            elif on("delete-touches-others"):
                other["updated"] = datetime.max.replace(microsecond=0)
        if on("delete-takes-next"):
            self.contacts.pop(found[-1]["id"] + 1, None)
        if on("delete-takes-before"):
            self.contacts.pop(found[0]["id"] - 1, None)
        for contact in found:
            if not on("delete-does-nothing"):
                del self.contacts[contact["id"]]
            if on("delete-reuses-id"):
                self.next_contact = contact["id"] - 1
        self.say(201 if on("other") else 200)

    def delete_all(self):
        if self.one("authorized", "") != "yes":
            raise Refused("authorized=yes is needed")
        self.contacts.clear()
        self.say(201 if self.on("other") else 200)

    def by_id(self, method, rest):
        on = self.on
        number = self.one("id", "")
        if not number.isdigit():
            raise Refused("id is a number")
        contact = self.contacts.get(int(number))
        if not contact:
            self.missing()
        if rest == ["unsubscribe"] and method == "DELETE":
            self.delete([contact])
        if rest:
            self.missing()
        if method == "GET":
            self.say(200, self.shown(contact))
        if method == "PUT":
            permission = self.permission(None)
            given = self.body()
            self.update(contact, given)
            if permission and not (permission in "45" and self.flag("triggerdoi")):
                if not on("put-permission-ignored"):
                    contact["permission"] = permission
            self.say(200 if on("put-is-200") else 201)
        if method == "DELETE":
            self.delete([contact])

    # Contacts that come

    def body(self):
        """The contact in the body: a map, with its fields as maps of name and value."""
        on, request = self.on, self.request
        media_type, _, after = request.headers.get("Content-Type", "").partition(";")
        media_type = media_type.strip().lower()
        if on("charset-needed") and "utf-8" not in after.lower():
            self.refuse(415, "say the charset")
        if on("json-refused") and media_type == JSON:
            self.refuse(415, "no JSON")
        if media_type == JSON:
            return self.json(request.body)
        if media_type != XML and not on("any-media-type-passes"):
            if not (on("text-xml-passes") and media_type in ("text/xml", "application/xml")):
                self.refuse(400 if on("other") else 415, "no such media type")
        try:
            root = ElementTree.fromstring(request.body)
        except (ElementTree.ParseError, ValueError, LookupError) as error:
            if on("malformed-is-500"):
                self.refuse(500, "sorry")
            raise Refused(f"this is not XML: {error}") from error
        if root.tag != "contact" and not on("any-root-passes"):
            raise Refused("the root is not contact")
        return self.of_xml(root)

    def of_xml(self, root):
        given = {"standard": {}, "custom": {}}
        for child in root:
            if child.tag in ("email", "external_id"):
                given[child.tag] = (child.text or "").strip()
            if child.tag in ("standard_fields", "custom_fields"):
                for field in child.findall("field"):
                    name = (field.findtext("name") or "").strip()
                    given[child.tag.split("_")[0]][name] = field.findtext("value") or ""
                    if self.on("first-field-only"):
                        break
        return given

    def json(self, raw):
        on = self.on
        try:
            value = json.loads(raw)
        except ValueError as error:
            raise Refused(f"this is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise Refused("a JSON contact is an object")
        given = {"standard": value.get("standard_fields") or {}, "custom": value.get("custom_fields") or {}}
        for kind in ("standard", "custom"):
            if not isinstance(given[kind], dict):
                raise Refused(f"{kind}_fields is an object")
            if None in given[kind].values() and kind == "custom" and not on("json-null-passes"):
                raise Refused("the value of a custom field must not be null")
            if on("json-custom-dropped") and kind == "custom":
                given[kind] = {}
            given[kind] = {n: str(v).lower() if isinstance(v, bool) else "" if v is None else str(v) for n, v in given[kind].items()}
        for name in ("email", "external_id"):
            if value.get(name) is not None:
                given[name] = str(value[name])
        return given

    def checked(self, given):
        on = self.on
        if given.get("email"):
            atom = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\x80-\U0010ffff]+"
            dots = r"[^@\s]+" if on("double-dots-pass") else rf"{atom}(\.{atom})*"
            host = r"[^@\s]+" if on("other") else r"[^@\s.]+(\.[^@\s.]+)+"
            if not re.fullmatch(f"{dots}@{host}", given["email"]) and not on("email-unchecked"):
                raise Refused("this is no email address")
        for name, value in list(given["standard"].items()):
            if name not in STANDARD:
                if on("unknown-standard-passes"):
                    del given["standard"][name]
                    continue
                raise Refused(f"{name} is no standard field")
            if on("standard-254") and len(value) > 254 or len(value) > 255 and not on("long-standard-passes"):
                raise Refused(f"{name} is too long")
            if name in ("BIRTHDAY", "NAMEDAY") and value and not on("date-unchecked"):
                self.check_date(name, value)
            if name == "GENDER" and value not in ("m", "f", "") and not on("gender-unchecked"):
                raise Refused("GENDER is m or f")
            if name == "LOCALE" and value and not re.fullmatch("[a-z]{2}(_[A-Z]{2})?", value) and not on("locale-unchecked"):
                raise Refused("LOCALE is xx or xx_XX")
        for name, value in list(given["custom"].items()):
            kind = self.custom.get(name)
            if on("custom-case-ignored"):
                names = {n.upper(): n for n in self.custom}
                if name.upper() in names:
                    del given["custom"][name]
                    name = names[name.upper()]
                    given["custom"][name], kind = value, self.custom[name]
            if kind is None:
                if on("unknown-custom-passes") or on("other"):
                    del given["custom"][name]
                    continue
                raise Refused(f"{name} is no custom field")
            if value and not on("custom-unchecked"):
                self.check_custom(name, kind, value)
        return given

    def check_date(self, name, value):
        try:
            datetime.strptime(value, "%Y-%m-%d %H:%M:%S") if " " in value else date.fromisoformat(value)
        except ValueError as error:
            raise Refused(f"{name} is no date") from error

    def check_custom(self, name, kind, value):
        on, good = self.on, True
        if kind == "string":
            good = len(value) <= 255
        elif kind == "integer":
            good = re.fullmatch("-?[0-9]+", value) is not None and (-(2**31) <= int(value) < 2**31 or on("integer-64-bit"))
            if on("fraction-as-integer") and re.fullmatch(r"-?[0-9]+\.[0-9]+", value):
                good = True
        elif kind == "float":
            good = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", value) is not None
        elif kind == "boolean":
            good = value in ("true", "false")
        elif kind == "date":
            self.check_date(name, value)
        if not good:
            raise Refused(f"{name} is no {kind}")

    def permission(self, default):
        on = self.on
        text = self.one("permission", default)
        passes = [None, *PERMISSIONS]
        if on("permission-0-passes"):
            passes.append("0")
        if on("permission-7-passes"):
            passes.append("7")
        if on("permission-text-passes"):
            passes.append("abc")
        if on("permission-6-refused"):
            passes.remove("6")
        if text not in passes:
            if on("bad-permission-is-1"):
                return "1"
            raise Refused("permission is a number from 1 to 6")
        return text

    def register(self, kind, name, found):
        on = self.on
        permission = self.permission("2" if on("permission-default-2") else "1")
        sync_mode = self.one("sync_mode", "1" if on("sync-default-1") else "2")
        if sync_mode not in ("1", "2"):
            if not on("bad-sync-mode-passes"):
                raise Refused("sync_mode is 1 or 2")
            sync_mode = "2"
        if on("sync-modes-swapped"):
            sync_mode = "12"["21".index(sync_mode)]
        doi, plus = self.flag("doi"), self.flag("doiplus")
        given = self.body()
        if on("refused-but-kept") and given.get("email") and not found:
            self.create({**given, kind: name, "standard": {}, "custom": {}}, permission)
        given = self.checked(given)
        if kind == "external_id" and len(found) > 1 and not on("several-no-409"):
            if on("several-changed"):
                self.update(found[0], given)
            self.refuse(400 if on("several-is-400") else 409, "there are several contacts with this external id")
        if kind == "external_id":
            if not given.get("email") and (not found or on("email-always-needed")) and not on("no-email-passes"):
                raise Refused("the email is needed")
            if not found and given.get("email") and not on("email-not-looked-for"):
                found = self.found("email", given["email"])
        given[kind] = name.lower() if on("external-id-small") else name
        if kind == "email":
            self.checked(given)
        if not found or (on("update-creates-anew") and sync_mode == "1"):
            contact = self.create(given, permission)
            if doi and on("doi-confirmed-at-once"):
                contact["permission"] = "5" if plus else "4"
            if (plus and not doi) and on("doiplus-without-doi"):
                contact["permission"] = "5"
            if doi and on("doi-sets-permission-1"):
                contact["permission"] = "1"
            if doi and on("doi-answers-202"):
                self.say(202)
            self.succeed(201)
        contact = found[0]
        if on("sync-2-is-conflict") and sync_mode == "2":
            self.refuse(409, "it is there")
        if sync_mode == "2" and on("ignore-fills-empty"):
            for part in ("standard", "custom"):
                contact[part] = {**given[part], **contact[part]}
        if sync_mode == "1" or (on("email-match-is-updated") and contact.get(kind) != name):
            if on("email-match-keeps-external-id") and kind == "external_id":
                given.pop("external_id")
            self.update(contact, given)
            valid = contact["permission"] in ("4", "5") and permission not in ("4", "5")
            if on("permission-lowered") and valid or on("other") and not valid:
                contact["permission"] = permission
        self.succeed(200)

    def succeed(self, status):
        on = self.on
        if on("created-is-202") and status == 201 or on("all-is-202"):
            status = 202
        if on("created-is-302") and status == 201:
            status = 302
        if self.key_status:
            self.refuse(self.key_status, "who are you?")
        if on("other"):
            self.say(201 if status == 200 else 200, tag("contact", tag("permission", 1)))
        self.say(status)

    def create(self, given, permission):
        on = self.on
        for other in self.contacts.values():
            if on("create-clears-custom-of-others"):
                other["custom"] = {}
            if on("create-takes-same-name") and other["standard"].get("LASTNAME") == given["standard"].get("LASTNAME"):
                other["standard"].pop("LASTNAME", None)
            if on("create-changes-permission-of-others"):
                other["permission"] = permission
            if on("create-touches-others"):
                other["updated"] = datetime.max.replace(microsecond=0)
        self.next_contact += 1
        now = self.now()
        contact = {
            "id": self.next_contact, "email": given.get("email"), "external_id": given.get("external_id"),
            "permission": permission, "created": now, "updated": now,
            "standard": {n: v for n, v in given["standard"].items() if v},
            "custom": {n: v for n, v in given["custom"].items() if v},
        }
        if on("email-small"):
            contact["email"] = (contact["email"] or "").lower()
        if on("custom-dropped-on-create"):
            contact["custom"] = {}
        if on("other"):
            for part in ("standard", "custom"):
                contact[part] = {n: v.strip() for n, v in contact[part].items()}
        if on("permission-3-is-2") and permission == "3":
            contact["permission"] = "2"
        if on("permission-forgotten"):
            contact["permission"] = "1"
        self.contacts[contact["id"]] = contact
        return contact

    def update(self, contact, given):
        on = self.on
        way = "put" if self.method == "PUT" else "sync"
        if on("refused-update-keeps-first") and way == "put":
            contact["standard"].update(list(given["standard"].items())[:1])
        if on("refused-update-keeps-email") and way == "put" and given.get("email"):
            contact["email"] = given["email"]
        if on("stale-once"):
            self.before[contact["id"]] = dict(contact, standard=dict(contact["standard"]))
        given = self.checked(given) if self.method == "PUT" else given
        if on("update-does-nothing"):
            return
        for name, other in CLEARS.items():
            if on(f"{way}-{name}-clears-{other}".lower()):
                for part in ("standard", "custom"):
                    if name in given[part] and other not in {**given["standard"], **given["custom"]}:
                        contact["standard"].pop(other, None)
                        contact["custom"].pop(other, None)
        for other in [c for c in self.contacts.values() if c is not contact]:
            if on(f"{way}-changes-all"):
                other["standard"].update(given["standard"])
            if on(f"{way}-changes-custom-of-all"):
                other["custom"].update(given["custom"])
            if on(f"{way}-changes-same-name") and other["standard"].get("LASTNAME") == contact["standard"].get("LASTNAME"):
                other["standard"].update(given["standard"])
            if on(f"{way}-takes-custom-of-others") and set(given["custom"].items()) & set(other["custom"].items()):
                other["custom"] = {}
            if on(f"{way}-clears-external-id-of-others"):
                other["external_id"] = None
            if on(f"{way}-touches-others"):
                other["updated"] = datetime.max.replace(microsecond=0)
        if on(f"{way}-clears-custom"):
            contact["custom"] = {}
        if on(f"{way}-clears-external-id") and not given.get("external_id"):
            contact["external_id"] = None
        if on(f"{way}-resets-permission"):
            contact["permission"] = "1"
        if on("update-changes-id"):
            self.next_contact += 1
            del self.contacts[contact["id"]]
            contact["id"] = self.next_contact
            self.contacts[contact["id"]] = contact
        for part in ("standard", "custom"):
            if on("update-clears-others"):
                contact[part].clear()
            if on("update-skips-custom") and part == "custom":
                continue
            for name, value in given[part].items():
                if on("update-fills-only") and contact[part].get(name):
                    continue
                if value or on("cleared-is-kept-empty"):
                    contact[part][name] = value
                elif not on("empty-value-keeps"):
                    contact[part].pop(name, None)
        for name in ("email", "external_id"):
            if given.get(name) and not (on("email-never-changes") and name == "email"):
                contact[name] = given[name]
        if not on("updated-stays"):
            contact["updated"] = self.now()
        if on("created-changes"):
            contact["created"] = self.now()

    # Contacts that go out

    def time(self, moment):
        if self.on("time-with-t"):
            return moment.isoformat()
        if self.on("time-without-fraction"):
            return moment.strftime("%Y-%m-%d %H:%M:%S")
        return moment.strftime("%Y-%m-%d %H:%M:%S.0")

    def shown(self, contact, kind="email"):
        on = self.on
        contact = self.before.pop(contact["id"], contact)
        nil = ' nil="true"'
        if on("nil-with-prefix"):
            nil = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
        if on("nil-is-1"):
            nil = ' nil="1"'
        if on("nil-not-said"):
            nil = ""
        optional = lambda value: (escape(value), "") if value else ("", nil)
        parts = {
            "id": (contact["id"], ""), "email": optional(contact["email"]),
            "external_id": optional(contact["external_id"]),
            "created": (self.time(contact["created"]), ""), "updated": (self.time(contact["updated"]), ""),
            "permission": (contact["permission"], ""),
        }
        if on("id-left-out"):
            del parts["id"]
        if on("id-rounded"):
            parts["id"] = (contact["id"] // 10 * 10, "")
        if on("id-with-fraction"):
            parts["id"] = (f"{contact['id']}.0", "")
        if on("permission-left-out"):
            del parts["permission"]
        if on("permission-as-word"):
            parts["permission"] = (["none", "soi", "coi", "doi", "doi+", "other"][int(contact["permission"]) - 1], "")
        if on("created-left-out"):
            del parts["created"]
        if on("absent-instead-of-nil") and not contact["external_id"]:
            del parts["external_id"]
        if on("external-id-renamed"):
            parts["externalId"] = parts.pop("external_id")
        if on("element-more"):
            parts["anonymity"] = ("0", "")
        if on("email-twice"):
            parts["email"] = (escape(contact["email"]) + "</email><email>" + escape(contact["email"]), "")
        if on("other"):
            parts = dict(sorted(parts.items()))
        text = "".join(tag(name, value, attributes) for name, (value, attributes) in parts.items())
        text += self.shown_fields(contact, "standard", nil)
        text += self.shown_fields(contact, "custom", nil)
        return tag("person" if on("contact-renamed") else "contact", text)

    def shown_fields(self, contact, kind, nil):
        on, text = self.on, ""
        asked = self.query.get(f"{kind}_field", [])
        if on("all-fields-shown"):
            asked = [*asked, *(name for name in contact[kind] if name not in asked)]
        if on("only-last-field-shown"):
            asked = asked[-1:]
        for name in asked:
            value = contact[kind].get(name)
            if kind == "custom" and value is None and not on("custom-without-value-shown"):
                continue
            if kind == "standard" and value is None and on("standard-without-value-left-out"):
                continue
            if kind == "standard" and name not in STANDARD:
                raise Refused(f"{name} is no standard field")
            if value is not None and self.deviation in VALUES and name not in ("BIRTHDAY", "NAMEDAY", "SCORE"):
                value = TEXT[self.deviation](value)
            if name == "SCORE" and value:
                if on("score-of-16-bits"):
                    value = str((int(value) + 2**15) % 2**16 - 2**15)
                if on("score-positive"):
                    value = value.removeprefix("-")
                if on("score-of-single-precision"):
                    value = str(int(int(value) / 256) * 256)
                if on("score-0-is-none") and value == "0":
                    value = None
                if on("score-grouped") and len(value) > 3:
                    value = f"{int(value):,}"
                if on("score-with-fraction"):
                    value += ".0"
            value = value if value is None or not on("escaped-twice") else escape(value)
            if on("values-upper-case") and value:
                value = value.upper()
            field = "standard_field" if on("field-renamed") else "field"
            if on("fields-as-attributes"):
                text += f'<{field} name="{escape(name)}">{escape(value or "")}</{field}>'
            elif on("fields-as-elements"):
                text += tag(name, escape(value or ""))
            else:
                text += tag(field, tag("name", escape(name)) + tag("value", escape(value or ""), "" if value is not None else nil))
        if on("empty-custom-fields-left-out") and kind == "custom" and not text:
            return ""
        return tag(f"{kind}_fields", text)

    def page(self):
        on = self.on
        index, size = self.one("page_index", "1"), self.one("page_size", "100")
        if not index.isdigit() or not size.isdigit() or int(index) < (0 if on("page-0-passes") else 1):
            raise Refused("page_index and page_size are numbers")
        longest = 999 if on("page-size-999") else 1001 if on("page-size-1001") else 1000
        if not 1 <= int(size) <= longest:
            raise Refused(f"page_size must not exceed 1000 but was {size}")
        after = self.one("updated_after", None)
        found = list(self.contacts.values())
        if after:
            try:
                after = datetime.strptime(after, "%Y-%m-%d %H:%M:%S")
            except ValueError as error:
                raise Refused("updated_after is no time") from error
            found = [contact for contact in found if contact["updated"] > after or on("updated-after-ignored")]
        index, size = int(index), int(size)
        pages = -(-len(found) // size)
        headers = [("X-Pages", str(pages)), ("X-Items", str(len(found)))]
        if on("no-pages-header"):
            headers = headers[1:]
        if on("items-header-of-page"):
            headers[1] = ("X-Items", str(min(size, len(found))))
        if index < pages and not on("no-link-header"):
            headers.append(("Link", f"<contacts?page_index={index + 1}&page_size={size}>; rel=next"))
        start = (index if on("page-from-0") else index - 1) * size
        if on("page-overlaps"):
            start = max(0, start - 1)
        shown = found[start : start + size]
        self.say(200, tag("contacts", "".join(map(self.shown, shown))), headers)

    def custom_fields(self, method, rest):
        on = self.on
        if rest and method != "GET":
            for contact in self.contacts.values():
                if on("custom-field-created-clears-others") and method == "POST":
                    contact["custom"] = {}
                if on("custom-field-renamed-clears-others") and method == "PUT":
                    contact["custom"] = {n: v for n, v in contact["custom"].items() if n == rest[0]}
                if on("custom-field-renamed-clears-it") and method == "PUT":
                    contact["custom"].pop(rest[0], None)
                if on("custom-field-deleted-clears-others") and method == "DELETE":
                    contact["custom"] = {}
        if on("custom-field-delete-does-nothing") and method == "DELETE":
            self.say(200)
        if on("custom-field-rename-copies") and method == "PUT" and len(rest) == 2 and rest[0] in self.custom:
            self.custom[rest[1]] = self.custom[rest[0]]
            self.say(200)
        if on("custom-field-rename-is-string") and method == "PUT" and rest and rest[0] in self.custom:
            self.custom[rest[0]] = "string"
        if method == "GET" and not rest:
            kind = "field_type" if on("custom-type-renamed") else "type"
            fields = list(self.custom.items())
            if on("one-custom-field-not-listed"):
                fields = fields[1:]
            if on("custom-types-string"):
                fields = [(name, "string") for name, _ in fields]
            shown = [tag("custom_field", tag("name", escape(n)) + tag(kind, k)) for n, k in fields]
            self.say(200, tag("custom_fields", "".join(shown)))
        name = rest[0] if rest else ""
        if method == "POST" and len(rest) == 1:
            kind = self.one("type", "")
            if kind not in ("string", "date", "boolean", "integer", "float"):
                raise Refused("no such type")
            short = 2 if on("custom-name-2") else 3
            if not short <= len(name) <= 64 or name in STANDARD or name in RESERVED and not on("reserved-name-passes") or name in self.custom:
                raise Refused("no such name")
            self.custom[name] = kind
            self.say(200 if on("other") else 201)
        if name not in self.custom:
            self.missing()
        if method == "PUT" and len(rest) == 2:
            if rest[1] in self.custom or not 3 <= len(rest[1]) <= 64:
                raise Refused("no such name")
            self.custom[rest[1]] = self.custom.pop(name)
            for contact in self.contacts.values():
                if name in contact["custom"]:
                    contact["custom"][rest[1]] = contact["custom"].pop(name)
            self.say(201 if on("other") else 200)
        if method == "DELETE" and len(rest) == 1:
            del self.custom[name]
            for contact in self.contacts.values():
                contact["custom"].pop(name, None)
            self.say(201 if on("other") else 200)
