"""Quentn's contact API, from its page, its help pages and what its PHP client sends and reads."""

import json
import re
import struct
import threading
import urllib.parse
from datetime import datetime

from answering import Answer
from texts import TEXT

WORDS = {
    "title": ["m", "f"],
    "title2": ["dr", "prof"],
    "phone_type": ["work", "home", "mobile", "other"],
    "phone2_type": ["work", "home", "mobile", "other"],
}
LONG = {
    name: 255
    for name in "first_name family_name company job_title mail mail2 phone phone2 fax skype fb "
    "twitter ba_street ba_street2 ba_city".split()
}
LONG.update(ba_postal_code=20, ba_state=20)
FIELDS = [*WORDS, *LONG, "mail_status", "ba_country", "date_of_birth", "terms"]
ADDRESS = "first_name family_name ba_street ba_city ba_postal_code".split()
COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN
    BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ
    DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL
    GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM
    JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP
    NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD
    SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
""".split()
TERMS = [
    (12, "ExampleTag", "Example description text"),
    (13, "Sample", ""),
    (65, "Newsletter", ""),
    (123, "Customer", ""),
    (555, "Prospect", ""),
]
CUSTOM = [
    ("field_nickname", "text", 8, None),
    ("field_colour", "single", None, ["red", "green", "blue"]),
    ("field_interests", "multiple", None, ["selection_a", "selection_b", "selection_c"]),
    ("field_score", "float", None, None),
    ("field_visits", "integer", None, None),
]


# Each operation, by its method and what its path looks like.
OPERATIONS = {
    "get-contact": ("GET", r"contact/\d+"),
    "get-contacts-by-mail": ("GET", r"contact/[^/]*@[^/]*"),
    "create-contact": ("POST", "contact"),
    "create-contacts": ("POST", "contacts"),
    "update-contact": ("PUT", r"contact/\d+"),
    "delete-contact": ("DELETE", r"contact/\d+"),
    "get-contact-terms": ("GET", r"contact/\d+/terms"),
    "set-contact-terms": ("POST", r"contact/\d+/terms"),
    "add-contact-terms": ("PUT", r"contact/\d+/terms"),
    "remove-contact-terms": ("DELETE", r"contact/\d+/terms"),
    "get-terms": ("GET", "terms"),
    "get-term": ("GET", r"terms/\d+"),
    "get-term-by-name": ("GET", r"terms/[^/]*[^/\d][^/]*"),
    "create-term": ("POST", "terms"),
    "update-term": ("PUT", "terms/.+"),
    "delete-term": ("DELETE", "terms/.+"),
    "get-custom-fields": ("GET", "custom-fields"),
    "get-custom-field": ("GET", r"custom-fields/\d+"),
    "get-custom-field-by-name": ("GET", r"custom-fields/[^/]*[^/\d][^/]*"),
    "create-custom-field": ("POST", "custom-fields"),
    "update-custom-field": ("PUT", "custom-fields/.+"),
    "delete-custom-field": ("DELETE", "custom-fields/.+"),
    "check-credentials": ("GET", "check-credentials"),
}
NAMED = [f"{way}-for-{name}" for name in OPERATIONS for way in ("no-key", "wrong-key", "basic-key")]
NAMED += TEXT
NAMED += [f"term-{name}" for name in TEXT if "number" not in name and "191" not in name and "255" not in name]
# A field whose change empties another one.
CLEARS = {
    "title": "title2", "title2": "title", "first_name": "company", "family_name": "first_name",
    "company": "job_title", "job_title": "company", "mail": "mail2", "mail2": "phone_type", "phone": "phone2",
    "phone_type": "phone", "phone2": "phone2_type", "phone2_type": "fax", "fax": "skype", "skype": "fb",
    "fb": "twitter", "twitter": "fb", "ba_street": "ba_street2", "ba_street2": "ba_city", "ba_city": "ba_state",
    "ba_postal_code": "ba_city", "ba_state": "ba_country", "ba_country": "ba_state",
    "date_of_birth": "title", "field_nickname": "field_colour", "field_colour": "field_interests",
    "field_interests": "field_colour", "field_score": "field_visits", "field_visits": "field_score",
}
NAMED += [f"put-{name}-clears-{other}".replace("_", "-") for name, other in CLEARS.items()]
NAMED += [f"merge-{name}-clears-{other}".replace("_", "-") for name, other in CLEARS.items() if name != "mail"]


class Refused(Exception):
    """A request that breaks a rule."""


class Account:
    def __init__(self, deviation):
        self.deviation, self.lock = deviation, threading.Lock()
        self.contacts, self.next_contact = {}, 1000
        self.terms = {i: {"id": i, "name": n, "description": d} for i, n, d in TERMS}
        self.next_term, self.next_field, self.asked = 900, 300, 0
        self.fields = {}
        for name, kind, longest, values in CUSTOM:
            self.add_field(name, kind, longest, values, name, "")

    def on(self, name):
        return self.deviation == name

    def add_field(self, name, kind, longest, values, label, description):
        self.next_field += 1
        self.fields[name] = {
            "field_id": self.next_field, "field_name": name, "label": label,
            "description": description, "kind": kind, "longest": longest, "values": values,
        }
        return self.fields[name]

    # What goes out

    def headers(self, media_type="application/json", failed=False):
        on = self.on
        if on("other"):
            media_type += "; charset=utf-8"
        if on("content-type-html"):
            media_type = "text/html; charset=utf-8"
        if on("content-type-latin1"):
            media_type += "; charset=iso-8859-1"
        left = 5000 - self.asked
        found = [("X-Rate-Limit-Limit", "5000"), ("X-Rate-Limit-Remaining", str(left)), ("X-Rate-Limit-Reset", "1800")]
        if on("no-rate-limit-header"):
            found = found[:1] + found[2:]
        if on("rate-limit-header-other-name"):
            found[0] = ("X-RateLimit-Limit", "5000")
        if on("rate-limit-no-number"):
            found[2] = ("X-Rate-Limit-Reset", "soon")
        if failed and on("error-without-rate-limit"):
            found = []
        if on("rate-limit-remaining-constant"):
            found[1] = (found[1][0], "4999")
        if on("rate-limit-remaining-over-limit"):
            found[1] = (found[1][0], "5001")
        if failed and on("error-content-type-html"):
            media_type = "text/html; charset=utf-8"
        if failed and on("error-without-content-type"):
            return found
        return found + ([] if on("no-content-type") else [("Content-Type", media_type)])

    def say(self, status, value):
        on = self.on
        text = json.dumps(value, ensure_ascii=on("other"))
        if on("trailing-comma") and text.endswith("}"):
            text = text[:-1] + ",}"
        if on("single-quotes"):
            text = text.replace('"', "'")
        if on("cut-body") and len(text) > 12:
            text = text[:-2]
        raw = text.encode()
        if on("content-type-latin1"):
            raw = json.dumps(value, ensure_ascii=False).encode("latin-1")
        if on("invalid-utf8"):
            raw = json.dumps(value, ensure_ascii=False).encode("latin-1", "replace")
        if on("byte-order-mark"):
            raw = b"\xef\xbb\xbf" + raw
        if on("wrapped-in-data") and status < 300:
            raw = json.dumps({"data": value}).encode()
        if on("nothing-in-body") and status < 300:
            raw = b""
        if on("error-body-empty") and status >= 400:
            raw = b""
        if on("list-content-type-text") and isinstance(value, list):
            raise Answer(status, self.headers("text/plain"), raw)
        raise Answer(status, self.headers(failed=status >= 400), raw)

    def refuse(self, text):
        self.say(400 if self.on("other") else 422, {"error": text})

    def missing(self):
        if self.on("not-found-is-200"):
            self.say(200, {"error": "not found"})
        if self.on("not-found-is-410"):
            self.say(410, {"error": "gone"})
        self.say(404, {"error": "no such thing"})

    def success(self):
        on = self.on
        value = {"success": "true"}
        if on("success-boolean"):
            value = {"success": True}
        if on("success-capital"):
            value = {"success": "True"}
        if on("success-renamed"):
            value = {"succes": "true"}
        if on("success-more"):
            value["id"] = 1
        if on("success-204"):
            raise Answer(204, self.headers()[:-1])
        if on("success-202"):
            self.say(202, value)
        self.say(200, value)

    # What comes in

    def answer(self, request):
        on = self.on
        self.asked += 1
        match = re.fullmatch(r"/public/api/[vV]1(/.*?)/?", request.path)
        if not match or (on("slash-counts") and request.path.endswith("/")):
            self.missing()
        key = request.headers.get("Authorization", "")
        path = urllib.parse.unquote(match[1]).removeprefix("/")
        asked = [o for o, (verb, form) in OPERATIONS.items() if verb == request.method and re.fullmatch(form, path)]
        operation = asked[0] if asked else ""
        if not key and on(f"no-key-for-{operation}"):
            key = "Bearer quentn-key"
        if key not in ("", "Bearer quentn-key", "Bearer quentn-admin-key") and key.startswith("Bearer") and on(f"wrong-key-for-{operation}"):
            key = "Bearer quentn-key"
        if key == "Basic quentn-key" and on(f"basic-key-for-{operation}"):
            key = "Bearer quentn-key"
        if key.upper() == "BEARER QUENTN-KEY" and on("key-in-any-case"):
            key = "Bearer quentn-key"
        if key.startswith("Bearer quentn-key") and on("key-with-more-behind"):
            key = "Bearer quentn-key"
        if key == "quentn-key" and on("key-without-bearer"):
            key = "Bearer quentn-key"
        locked_out = key not in ("Bearer quentn-key", "Bearer quentn-admin-key")
        if locked_out and on("locked-out-but-done"):
            try:
                self.deviation = "none"
                self.admin = False
                self.route(request.method, path.split("/"), {}, request.body)
            except (Answer, Refused):
                self.deviation = "locked-out-but-done"
        if key not in ("Bearer quentn-key", "Bearer quentn-admin-key"):
            if not (on("wrong-key-passes") and key) and not (on("no-key-passes") and not key):
                if on("no-key-is-400"):
                    self.say(400, {"error": "no key"})
                self.say(403 if on("other") else 401, {"error": "who are you?"})
        self.admin = "admin" in key
        parts = [urllib.parse.unquote(part) for part in match[1].split("/")[1:]]
        query = urllib.parse.parse_qs(request.query, keep_blank_values=True)
        try:
            self.route(request.method, parts, query, request.body)
        except Refused as refused:
            self.refuse(str(refused))
        raise Answer(405, self.headers(), b"{}")

    def body(self, raw):
        try:
            return json.loads(raw)
        except ValueError as error:
            if self.on("trailing-comma-passes"):
                try:
                    return json.loads(re.sub(rb",(\s*[}\]])", rb"\1", raw))
                except ValueError:
                    pass
            self.say(500 if self.on("malformed-is-500") else 400, {"error": str(error)})

    def route(self, method, parts, query, raw):
        self.deleting = method == "DELETE"
        head, rest = parts[0], parts[1:]
        if head == "check-credentials" and method == "GET":
            self.say(200, {"success": not self.on("credentials-false")})
        if head == "contacts" and method == "POST":
            self.create_several(self.body(raw))
        if head == "contact":
            if not rest and method == "POST":
                self.create(self.body(raw))
            if len(rest) == 1:
                self.one_contact(method, rest[0], query, raw)
            if len(rest) == 2 and rest[1] == "terms":
                self.contact_terms(method, self.contact(rest[0]), raw)
        if head == "terms":
            self.all_terms(method, rest, query, raw)
        if head == "custom-fields":
            self.all_fields(method, rest, raw)
        self.missing()

    # Contacts

    def clear(self, way, contact, given):
        for name, other in CLEARS.items():
            if self.on(f"{way}-{name}-clears-{other}".replace("_", "-")) and name in given and other not in given:
                contact.pop(other, None)

    def contact(self, name):
        if self.on("delete-twice-passes") and name.isdigit() and 1000 < int(name) <= self.next_contact and self.deleting:
            self.contacts.get(int(name)) or self.success()
        if not name.isdigit() or int(name) not in self.contacts:
            self.missing()
        return self.contacts[int(name)]

    def one_contact(self, method, name, query, raw):
        on = self.on
        if method == "GET" and "@" in name:
            same = (lambda a, b: a == b) if on("mail-case-counts") else (lambda a, b: a.lower() == b.lower())
            if on("mail-plus-is-space"):
                name = name.replace("+", " ")
            found = [c for c in self.contacts.values() if same(c.get("mail", ""), name)]
            if on("mail-end-found"):
                found = [c for c in self.contacts.values() if c.get("mail", "").endswith(name)]
            if on("mail-begin-found"):
                found = [c for c in self.contacts.values() if c.get("mail", "").startswith(name.removesuffix(".com"))]
            if on("list-one-of-several"):
                found = found[:1]
            if not found:
                if on("mail-empty-list"):
                    self.say(200, [])
                self.missing()
            shown = [self.shown(contact, {} if on("by-mail-fields-ignored") else query) for contact in found]
            for one in shown:
                if on("by-mail-id-text"):
                    one["id"] = str(one["id"])
                if on("by-mail-more") and "fields" not in query:
                    one["phone"] = None
            if on("by-mail-first-twice"):
                shown.append(shown[0])
            if on("mail-object-for-one") and len(shown) == 1:
                self.say(200, shown[0])
            if on("mail-wrapped"):
                self.say(200, {"contacts": shown})
            self.say(200, shown)
        contact = self.contact(name)
        if method == "GET":
            shown = self.shown(contact, query)
            if on("get-once") and contact.setdefault("", 0) >= 1:
                self.missing()
            if on("get-once"):
                contact[""] += 1
            if on("get-counts-visits"):
                contact["field_visits"] = (contact.get("field_visits") or 0) + 1
            if on("contact-in-list"):
                self.say(200, [shown])
            if on("get-201"):
                self.say(201, shown)
            self.say(200, shown)
        if method == "PUT":
            given = self.body(raw)
            if on("put-refused-keeps-some"):
                contact.update({name: value for name, value in given.items() if name in ADDRESS})
            if on("put-needs-mail") and not given.get("mail"):
                raise Refused("mail")
            if on("put-refused-keeps-last"):
                contact.update({name: value for name, value in given.items() if name == "company"})
            given = self.checked(given, False)
            if on("put-same-is-refused") and all(contact.get(name) == value for name, value in given.items()):
                raise Refused("nothing is changed")
            if on("put-same-is-404") and all(contact.get(name) == value for name, value in given.items()):
                self.missing()
            self.clear("put", contact, given)
            if on("put-changes-newest"):
                list(self.contacts.values())[-1].update(given)
            if on("put-changes-first-of-mail"):
                contact = next(c for c in self.contacts.values() if c.get("mail") == contact.get("mail"))
            if on("put-changes-same-name"):
                for other in self.contacts.values():
                    if other.get("family_name") and other.get("family_name") == contact.get("family_name"):
                        other.update({name: value for name, value in given.items() if name != "mail"})
            if on("put-clears-terms") and "terms" not in given:
                contact["terms"] = []
            if on("put-terms-field-adds") and "terms" in given:
                given["terms"] = list(dict.fromkeys(contact["terms"] + given["terms"]))
            if on("put-choices-adds") and contact.get("field_interests") and given.get("field_interests"):
                given["field_interests"] = list(dict.fromkeys(contact["field_interests"] + given["field_interests"]))
            if on("put-resets-mail-status") and "mail_status" not in given:
                contact["mail_status"] = 3
            if on("put-mail-resets-mail-status") and given.get("mail", contact.get("mail")) != contact.get("mail"):
                contact["mail_status"] = 3
            if on("put-ignores-empty-list"):
                given = {name: value for name, value in given.items() if value != []}
            if on("put-ignores-zero"):
                given = {name: value for name, value in given.items() if value != 0 or isinstance(value, bool)}
            if on("put-replaces"):
                for field in [f for f in contact if f not in ("id", "mail_status", "terms")]:
                    del contact[field]
            if on("put-changes-all"):
                for other in self.contacts.values():
                    other.update(given)
            if on("put-does-nothing"):
                self.success()
            if on("put-answers-contact"):
                contact.update(given)
                self.say(200, self.shown(contact, {}))
            if on("put-creates-anew"):
                contact = self.contacts[int(name)] = dict(contact, id=contact["id"] + 1)
            contact.update(given)
            self.success()
        if method == "DELETE":
            if on("delete-takes-same-mail"):
                for other in [c for c in self.contacts.values() if c.get("mail") == contact.get("mail")]:
                    self.contacts.pop(other["id"])
            if on("delete-takes-next"):
                self.contacts.pop(contact["id"] + 1, None)
            if on("delete-takes-terms-of-others"):
                for other in self.contacts.values():
                    other["terms"] = [i for i in other["terms"] if i not in contact["terms"]]
            if on("delete-takes-its-terms"):
                for term in contact["terms"]:
                    self.terms.pop(term, None)
            if not on("delete-does-nothing"):
                self.contacts.pop(contact["id"], None)
            if on("delete-all"):
                self.contacts.clear()
            if on("delete-reuses-id"):
                self.next_contact = contact["id"] - 1
            self.success()

    def shown(self, contact, query):
        on = self.on
        fields = query.get("fields")
        if fields is None or on("fields-ignored"):
            names = ["first_name", "family_name", "mail"]
            if on("default-fields-more"):
                names.append("phone")
            if on("default-fields-fewer"):
                names.remove("family_name")
            if on("default-fields-renamed"):
                names[1] = "last_name"
        else:
            names = [name.strip() for text in fields for name in text.split(",")]
            if on("only-first-field"):
                names = names[:1]
            unknown = [n for n in names if n not in FIELDS and n not in self.fields and n != "id"]
            if unknown and not on("unknown-field-passes"):
                raise Refused(f"unknown fields {unknown}")
            names = [name for name in names if name not in unknown]
        shown = {"id": contact["id"]}
        if on("id-text"):
            shown["id"] = str(contact["id"])
        if on("id-fraction"):
            shown["id"] = float(contact["id"])
        if on("id-left-out") and fields and "id" not in fields[0].split(","):
            del shown["id"]
        if on("id-renamed"):
            shown = {"contact_id": contact["id"]}
        empty = "" if on("other") else None
        for name in names:
            if name == "id":
                continue
            value = contact.get(name, empty)
            if name == "family_name" and on("names-upper-case") and value:
                value = value.upper()
            if name == "first_name" and on("umlauts-lost") and value:
                value = value.encode("ascii", "replace").decode()
            if name == "first_name" and on("html-escaped") and value:
                value = value.replace('"', "&quot;")
            if name == "first_name" and on("backslash-lost") and value:
                value = value.replace("\\", "")
            if isinstance(value, str) and on("trimmed-to-50"):
                value = value[:50]
            if isinstance(value, str) and on("mail-lower-case") and name == "mail":
                value = value.lower()
            if isinstance(value, float) and on("number-rounded"):
                value = round(value)
            if isinstance(value, float) and on("number-text"):
                value = str(value)
            if isinstance(value, float) and on("number-comma"):
                value = str(value).replace(".", ",")
            if isinstance(value, float) and on("number-imprecise"):
                value += 0.0000001
            if name == "field_visits" and on("integer-text") and value is not None:
                value = str(value)
            if name == "field_interests" and on("choices-joined") and isinstance(value, list):
                value = ",".join(value)
            if name == "date_of_birth" and on("time-without-zone") and value:
                value = value[:19]
            if name == "date_of_birth" and on("date-only") and value:
                value = value[:10]
            if name == "date_of_birth" and on("time-off-by-hour") and value:
                value = value.replace("T15", "T16").replace("T00", "T01")
            if name == "date_of_birth" and on("time-epoch") and value:
                value = int(datetime.fromisoformat(value).timestamp())
            if name == "terms" and on("terms-texts"):
                value = [str(term) for term in value]
            if name == "terms" and on("terms-objects"):
                value = [self.terms[term] for term in value]
            if name == "terms" and on("terms-null-when-empty") and not value:
                value = None
            if name == "mail_status" and on("mail-status-text"):
                value = str(value)
            if name == "company" and on("empty-field-left-out") and not value:
                continue
            if name in LONG and name not in ("mail", "mail2") and isinstance(value, str):
                value = TEXT.get(self.deviation, str)(value)
            shown[name] = value
            value = shown[name] if name in shown else value
            if isinstance(value, float) and on("number-single-precision"):
                shown[name] = struct.unpack("f", struct.pack("f", value))[0]
            if isinstance(value, float) and on("number-2-digits"):
                shown[name] = round(value, 2)
            if isinstance(value, float) and on("number-6-digits"):
                shown[name] = float(f"{value:.6g}")
            if isinstance(value, float) and on("number-positive"):
                shown[name] = abs(value)
            if name == "field_score" and value == 0 and on("zero-is-nothing"):
                shown[name] = None
            if name == "field_visits" and value is not None:
                if on("integer-of-32-bits"):
                    shown[name] = (value + 2**31) % 2**32 - 2**31
                if on("integer-at-most-2147483647"):
                    shown[name] = min(value, 2**31 - 1)
                if on("integer-at-least-minus-2147483648"):
                    shown[name] = max(value, -(2**31))
                if on("integer-of-double"):
                    shown[name] = int(float(value))
                if on("integer-of-16-bits"):
                    shown[name] = (value + 2**15) % 2**16 - 2**15
            if name == "field_interests" and isinstance(value, list):
                if on("choices-first-only"):
                    shown[name] = value[:1]
                if on("choices-last-only"):
                    shown[name] = value[-1:]
                if on("choices-two-at-most"):
                    shown[name] = value[:2]
                if on("choices-reversed"):
                    shown[name] = value[::-1]
                if on("choices-empty-is-null") and not value:
                    shown[name] = None
                if on("choice-of-one-is-text") and len(value) == 1:
                    shown[name] = value[0]
            if name == "date_of_birth" and value:
                if on("date-before-1970-lost") and value < "1970":
                    shown[name] = None
                if on("date-before-1900-lost") and value < "1900":
                    shown[name] = None
                if on("date-zone-dropped"):
                    shown[name] = value[:19] + "+00:00"
                if on("date-after-2038-lost") and value > "2038-01-20":
                    shown[name] = "2038-01-19T03:14:07+00:00"
        if on("extra-member"):
            shown["created"] = "2026-01-01"
        return shown

    def checked(self, given, new):
        """What is given, once it is seen to be a contact."""
        on = self.on
        if not isinstance(given, dict):
            raise Refused("no object")
        given = {name: value for name, value in given.items() if name != "id"}
        if new and not given.get("mail") and not on("needs-nothing"):
            needed = ADDRESS[:4] if on("postal-code-not-needed") else ADDRESS
            if on("mail-always-needed") or not all(given.get(name) for name in needed):
                raise Refused("needs a mail or an address")
        if new and on("address-needed-too") and not all(given.get(name) for name in ADDRESS):
            raise Refused("needs an address")
        for name, value in list(given.items()):
            self.check(name, value)
            if name == "mail_status" and not self.admin and new and on("mail-status-on-create-for-all"):
                continue
            if name == "mail_status" and not self.admin and not on("mail-status-for-all"):
                del given[name]
            if name in self.fields and on("custom-field-dropped"):
                del given[name]
            if name in ("comment", "request_ip"):
                del given[name]
        if "terms" in given:
            given["terms"] = list(dict.fromkeys(given["terms"]))
        return given

    def check(self, name, value):
        on = self.on
        if name in WORDS:
            words = WORDS[name]
            if name == "title" and on("title-w-instead-of-f"):
                words = ["m", "w"]
            if name == "title" and on("title-takes-any"):
                return
            if name == "title2" and on("title2-without-prof"):
                words = ["dr"]
            if name == "title2" and on("title2-takes-any"):
                return
            if name == "phone_type" and on("phone-type-without-other"):
                words = words[:-1]
            if name == "phone2_type" and on("phone2-type-takes-any"):
                return
            if name == "title" and on("title-d-passes"):
                words = [*words, "d"]
            if name == "title" and on("title-mrs-passes"):
                words = [*words, "mrs"]
            if name == "title2" and on("title2-ing-passes"):
                words = [*words, "ing"]
            if name == "title2" and on("title2-dipl-passes"):
                words = [*words, "dipl"]
            if name == "phone_type" and on("phone-type-fax-passes"):
                words = [*words, "fax"]
            if name == "phone_type" and on("phone-type-private-passes"):
                words = [*words, "private"]
            if name == "phone2_type" and on("phone2-type-main-passes"):
                words = [*words, "main"]
            if value not in [*words, ""]:
                raise Refused(f"{name} is none of {words}")
        elif name in LONG:
            longest = LONG[name]
            if on("text-254") and longest == 255:
                longest = 254
            if on("text-256") and longest == 255:
                longest = 256
            if on("postal-code-19") and name == "ba_postal_code":
                longest = 19
            if on("postal-code-21") and name == "ba_postal_code":
                longest = 21
            if on("state-255") and name == "ba_state":
                longest = 255
            if on("bytes-counted") and isinstance(value, str):
                value = "x" * len(value.encode())
            if on("utf-16-counted") and isinstance(value, str):
                value = "x" * (len(value.encode("utf-16-le")) // 2)
            if on("skype-100") and name == "skype":
                longest = 100
            if not isinstance(value, str) or len(value) > longest:
                if not on("too-long-is-cut") or not isinstance(value, str):
                    raise Refused(f"{name} is too long")
            mail = r"[^@\s]+@[^@\s]+\.[^@\s]+"
            if on("mail-unchecked"):
                mail = ".*"
            if on("mail-without-plus"):
                mail = r"[^@\s+]+@[^@\s]+\.[^@\s]+"
            if name == "mail" and value and not re.fullmatch(mail, value):
                raise Refused("mail is no address")
        elif name == "mail_status":
            allowed = [1, 2, 3, 4, 7]
            if on("mail-status-5-passes"):
                allowed.append(5)
            if on("mail-status-0-passes"):
                allowed.append(0)
            if on("mail-status-6-passes"):
                allowed.append(6)
            if on("mail-status-8-passes"):
                allowed.append(8)
            if on("mail-status-negative-passes"):
                allowed.append(-1)
            if on("mail-status-9-passes"):
                allowed.append(9)
            if on("mail-status-7-refused"):
                allowed.remove(7)
            if value not in allowed:
                raise Refused("no such mail_status")
        elif name == "ba_country":
            if on("country-any-two") and re.fullmatch("[A-Z]{2}", value):
                return
            if on("country-eu-passes") and value == "EU":
                return
            if on("country-uk-passes") and value == "UK":
                return
            if on("country-name-passes") and value == "Germany":
                return
            if on("country-digits-pass") and value == "276":
                return
            if on("country-three-letters") and value == "DEU":
                return
            if on("country-in-small") and value != value.lower():
                raise Refused("write it small")
            if value not in COUNTRIES:
                raise Refused("no such country")
        elif name == "date_of_birth":
            if on("date-unchecked"):
                return
            if on("american-date-passes") and re.fullmatch(r"\d\d/\d\d/\d{4}", value):
                return
            if on("hour-25-passes") and "T25" in value:
                return
            if on("month-13-passes") and value[5:7] == "13":
                return
            if on("29-february-2003-passes") and value[:10] == "2003-02-29":
                return
            if on("29-february-refused") and value[5:10] == "02-29":
                raise Refused("no such day")
            if on("epoch-passes") and value.isdigit():
                return
            if on("german-date-passes") and re.fullmatch(r"\d\d\.\d\d\.\d{4}", value):
                return
            if on("no-30-february-check") and re.match(r"\d{4}-02-30", value):
                return
            try:
                datetime.fromisoformat(value)
            except ValueError as error:
                raise Refused("date_of_birth is no time") from error
        elif name == "terms":
            self.check_terms(value)
        elif name in self.fields:
            self.check_custom(self.fields[name], value)
        elif name not in ("comment", "request_ip"):
            raise Refused(f"{name} is no field")

    def check_terms(self, value):
        if not isinstance(value, list):
            raise Refused("terms is no list")
        if self.on("unknown-term-among-others-passes") and any(term in self.terms for term in value):
            return
        if not all(term in self.terms for term in value) and not self.on("unknown-term-passes"):
            raise Refused("no such term")

    def check_custom(self, field, value):
        on, kind = self.on, field["kind"]
        longest = field["longest"]
        if on("custom-text-one-less") and longest:
            longest -= 1
        if on("custom-text-one-more") and longest:
            longest += 1
        if on("custom-text-255"):
            longest = 255
        fits = {
            "text": lambda: isinstance(value, str) and len(value) <= (longest or 255),
            "single": lambda: value in field["values"] or (on("single-yellow-passes") and value == "yellow") or on("single-takes-any"),
            "multiple": lambda: isinstance(value, list) and (on("multiple-takes-any") or (on("multiple-first-checked") and value[0] in field["values"]) or all(v in field["values"] for v in value)),
            "float": lambda: (isinstance(value, (int, float)) and not isinstance(value, bool)) or (on("float-comma-passes") and "," in value),
            "integer": lambda: isinstance(value, int) or (on("integer-fraction-passes") and isinstance(value, float)),
        }.get(kind, lambda: True)
        if kind == "multiple" and on("multiple-empty-refused") and value == []:
            raise Refused("at least one")
        if kind == "integer" and on("integer-negative-refused") and str(value).startswith("-"):
            raise Refused("at least 0")
        if kind == "single" and on("single-list-passes") and isinstance(value, list):
            return
        if kind == "multiple" and on("multiple-text-passes") and isinstance(value, str):
            return
        if kind == "integer" and on("integer-over-2147483647-refused") and isinstance(value, int) and value >= 2**31:
            raise Refused("too much")
        if kind == "float" and on("float-whole-refused") and isinstance(value, int):
            raise Refused("has no point")
        if kind == "float" and on("float-negative-refused") and str(value).startswith("-"):
            raise Refused("at least 0")
        if kind == "float" and on("float-text-passes") and isinstance(value, str):
            return
        if not fits():
            raise Refused(f"{field['field_name']} does not fit")

    def create(self, body):
        on = self.on
        if not isinstance(body, dict):
            raise Refused("no object")
        if on("flat-contact-passes") and "contact" not in body:
            body = {"contact": body}
        if not isinstance(body.get("contact"), dict) and body.get("contact") in (None,):
            self.say(500 if on("no-contact-is-500") else 400, {"error": "contact is missing"})
        contact = self.save(body.get("contact"), body)
        if on("create-answers-contact"):
            self.say(201, self.shown(contact, {}))
        if on("create-answers-success"):
            self.say(201, {"success": "true"})
        if on("create-id-renamed"):
            self.say(201, {"contact_id": contact["id"]})
        if on("create-id-text"):
            self.say(201, {"id": str(contact["id"])})
        if on("create-extra-member"):
            self.say(201, {"id": contact["id"], "merged": False})
        if on("create-202"):
            self.say(202, {"id": contact["id"]})
        if on("create-wrong-id"):
            self.say(201, {"id": contact["id"] + 1})
        self.say(200 if on("other") else 201, {"id": contact["id"]})

    def create_several(self, body):
        on = self.on
        before = ({number: dict(contact) for number, contact in self.contacts.items()}, self.next_contact)
        given = body["contacts"]
        if on("bulk-only-first"):
            given = given[:1]
        if on("bulk-without-last") and len(given) > 1:
            given = given[:-1]
        try:
            for contact in given:
                found = self.save(contact, {} if on("bulk-ignores-methods") else body)
                if on("bulk-shares-fields"):
                    found.update({name: value for name, value in given[0].items() if name not in contact})
        except Refused:
            if not on("bulk-keeps-the-first"):
                self.contacts, self.next_contact = before
            if not on("bulk-refused-is-202"):
                raise
        self.say(202, {"ok": True})

    def save(self, given, body):
        on = self.on
        check = body.get("duplicate_check_method", "auto")
        merge = body.get("duplicate_merge_method", "update")
        known = ["auto", "email", "none", *(["phone"] if on("check-phone-passes") else [])]
        if check not in known and not on("any-check-method"):
            raise Refused("duplicate_check_method")
        known = ["add", "update", "update_add", *(["overwrite"] if on("merge-overwrite-passes") else [])]
        if merge not in known and not on("any-merge-method"):
            raise Refused("duplicate_merge_method")
        if merge == "update_add" and on("update-add-refused"):
            raise Refused("duplicate_merge_method")
        if on("check-default-none"):
            check = body.get("duplicate_check_method", "none")
        if on("merge-default-add"):
            merge = body.get("duplicate_merge_method", "add")
        if on("none-checks-mail"):
            check = "email"
        if on("email-checks-nothing") and check == "email":
            check = "none"
        if on("auto-checks-nothing") and check == "auto":
            check = "none"
        if on("create-refused-keeps-mail") and isinstance(given, dict) and given.get("mail"):
            try:
                self.checked(dict(given), True)
            except Refused:
                self.next_contact += 1
                self.contacts[self.next_contact] = {"id": self.next_contact, "mail": given["mail"], "terms": []}
                raise
        given = self.checked(given, True)
        mail = given.get("mail")
        found = None
        if check != "none" and mail:
            for contact in self.contacts.values():
                looked = [contact.get("mail")]
                if on("email-checks-second-mail"):
                    looked.append(contact.get("mail2"))
                same_name = contact.get("family_name") == given.get("family_name") and given.get("family_name")
                if mail in looked or (on("email-checks-name") and same_name) or on("auto-takes-all-for-one") and check == "auto":
                    found = found or contact
        if not found:
            new = {"mail_status": 3, "terms": [], **given}
            if on("default-mail-status-1"):
                new["mail_status"] = given.get("mail_status", 1)
            if on("terms-ignored-on-create"):
                new["terms"] = []
            if on("second-create-forgets-phone"):
                new.pop("phone", None)
            if on("create-clears-phone-of-others"):
                for other in self.contacts.values():
                    other.pop("phone", None)
            if on("create-takes-terms-of-others") and new["terms"]:
                for other in self.contacts.values():
                    other["terms"] = [i for i in other["terms"] if i not in new["terms"]]
            if on("create-takes-mail-of-others") and mail:
                for other in self.contacts.values():
                    if other.get("mail") == mail:
                        del other["mail"]
            if on("create-shares-terms"):
                new["terms"] = self.shared = getattr(self, "shared", [])
                new["terms"] += [i for i in given.get("terms", []) if i not in new["terms"]]
            if on("create-forgets-custom-fields"):
                new = {name: value for name, value in new.items() if name not in self.fields}
            if on("create-title-default-m"):
                new.setdefault("title", "m")
            if on("create-country-default-de"):
                new.setdefault("ba_country", "DE")
            if on("create-company-default"):
                new.setdefault("company", "-")
            self.next_contact += 1
            new["id"] = self.next_contact
            self.contacts[new["id"]] = new
            return new
        if on("merge-changes-all"):
            for other in self.contacts.values():
                other.update({name: value for name, value in given.items() if name != "mail"})
        if on("merge-changes-same-mail"):
            for other in self.contacts.values():
                if other.get("mail") == mail:
                    other.update(given)
        if on("merge-changes-newest"):
            found = list(self.contacts.values())[-1]
        if on("merge-new-id"):
            self.next_contact += 1
            self.contacts[self.next_contact] = found
            del self.contacts[found["id"]]
            found["id"] = self.next_contact
        if on("merge-leaves-a-copy"):
            self.next_contact += 1
            self.contacts[self.next_contact] = dict(found, id=self.next_contact)
        if on("merge-resets-mail-status"):
            found["mail_status"] = 3
        if on("merge-clears-terms") and "terms" not in given:
            found["terms"] = []
        if on("merge-terms-adds") and "terms" in given:
            given["terms"] = list(dict.fromkeys(found["terms"] + given["terms"]))
        if on("add-terms-overwrites") and merge == "add" and given.get("terms"):
            found["terms"] = given["terms"]
        if on("add-custom-fields-overwrites") and merge == "add":
            found.update({name: value for name, value in given.items() if name in self.fields})
        if on("add-ignores-custom-fields") and merge == "add":
            given = {name: value for name, value in given.items() if name not in self.fields}
        if on("merge-skips-custom-fields"):
            given = {name: value for name, value in given.items() if name not in self.fields}
        if on("merge-skips-address"):
            given = {name: value for name, value in given.items() if not name.startswith("ba_")}
        self.clear("merge", found, given)
        for name, value in given.items():
            if on("update-skips-first-name") and name == "first_name":
                continue
            if merge == "update_add" and on("update-add-adds") and found.get(name):
                continue
            if merge == "add" and not on("add-overwrites") and found.get(name):
                continue
            if merge == "update" and on("update-adds") and found.get(name):
                continue
            if merge == "add" and on("add-adds-nothing"):
                continue
            found[name] = value
        if on("update-clears-others"):
            for name in [n for n in found if n not in given and n not in ("id", "mail_status", "terms")]:
                del found[name]
        return found

    # Terms

    def contact_terms(self, method, contact, raw):
        on, terms = self.on, contact["terms"]
        if method == "GET":
            shown = [dict(self.terms[i]) for i in terms if i in self.terms]
            for term in shown:
                if on("contact-term-without-description"):
                    del term["description"]
                if on("contact-term-id-text"):
                    term["id"] = str(term["id"])
                if on("contact-term-renamed"):
                    term["title"] = term.pop("name")
                if on("contact-term-more"):
                    term["colour"] = "red"
            for term in shown:
                if on("contact-term-description-null"):
                    term["description"] = term["description"] or None
                if on("contact-term-description-of-first"):
                    term["description"] = shown[0]["description"]
            if on("contact-terms-first-only"):
                shown = shown[:1]
            if on("contact-terms-two-at-most"):
                shown = shown[:2]
            if on("contact-terms-all-there-are"):
                shown = list(self.terms.values()) if shown else []
            if on("contact-terms-ids-only"):
                shown = terms
            if on("contact-terms-map"):
                shown = {str(term["id"]): term for term in shown}
            if on("no-terms-is-404") and not shown:
                self.missing()
            self.say(200, shown)
        given = self.body(raw)
        others = [c["terms"] for c in self.contacts.values() if c is not contact]
        if method == "DELETE":
            if on("remove-term-not-there-404") and not all(i in terms for i in given):
                self.missing()
            if on("remove-only-first"):
                given = given[:1]
            if on("remove-empty-takes-all") and not given:
                terms.clear()
            if on("remove-from-all"):
                for other in others:
                    other[:] = [i for i in other if i not in given]
            if on("remove-deletes-terms"):
                for i in given:
                    self.terms.pop(i, None)
            if on("remove-deletes-contact-without-terms") and set(terms) <= set(given):
                del self.contacts[contact["id"]]
            if on("delete-body-ignored"):
                self.success()
            if on("delete-takes-all"):
                terms.clear()
            contact["terms"] = [term for term in contact["terms"] if term not in given]
            self.success()
        if on("refused-terms-keep-some") and isinstance(given, list):
            terms.extend(i for i in given if i in self.terms and i not in terms)
        if on("refused-terms-clear") and isinstance(given, list) and not all(i in self.terms for i in given):
            terms.clear()
        if on("term-as-object-passes") and isinstance(given, dict) and "terms" in given:
            given = given["terms"]
        if on("unknown-terms-left-out") and isinstance(given, list):
            given = [i for i in given if i in self.terms]
        self.check_terms(given)
        for other in others:
            if on("set-terms-of-all") and method == "POST":
                other[:] = given
            if on("add-terms-to-all") and method == "PUT":
                other.extend(i for i in given if i not in other)
            if on("add-terms-takes-from-others") and method == "PUT":
                other[:] = [i for i in other if i not in given]
            if on("set-terms-takes-from-others") and method == "POST":
                other[:] = [i for i in other if i not in given]
        if on("set-no-terms-ignored") and method == "POST" and not given:
            self.success()
        if on("add-no-terms-clears") and method == "PUT" and not given:
            terms.clear()
        if on("add-known-term-takes-it") and method == "PUT" and len(given) == 1 and given[0] in terms:
            terms.remove(given[0])
            self.success()
        if on("add-known-term-409") and method == "PUT" and all(i in terms for i in given) and given:
            self.say(409, {"error": "it is there"})
        if on("set-same-terms-clears") and method == "POST" and terms == given:
            terms.clear()
            self.success()
        if on("terms-clear-custom-fields"):
            for name in self.fields:
                contact.pop(name, None)
        if on("terms-reset-mail-status"):
            contact["mail_status"] = 3
        if method == "POST":
            if not on("post-terms-adds"):
                terms.clear()
            if on("post-terms-keeps-doubles"):
                terms.extend(given)
                self.success()
        elif method == "PUT":
            if on("put-terms-replaces"):
                terms.clear()
            if on("put-terms-doubles"):
                terms.extend(given)
                self.success()
            if on("put-terms-only-first"):
                given = given[:1]
        else:
            raise Answer(405, self.headers(), b"{}")
        terms.extend(term for term in dict.fromkeys(given) if term not in terms)
        self.success()

    def term(self, name):
        on = self.on
        for term in self.terms.values():
            if str(term["id"]) == name or term["name"] == name:
                return term
        for term in self.terms.values():
            if on("term-found-by-beginning") and term["name"].startswith(name):
                return term
            if on("term-id-end-found") and str(term["id"]).endswith(name[-3:]):
                return term
        self.missing()

    def all_terms(self, method, rest, query, raw):
        on = self.on
        if not rest and method == "GET":
            offset, limit = int(query.get("offset", ["0"])[0]), int(query.get("limit", ["500"])[0])
            if on("limit-ignored"):
                limit = 500
            if on("terms-paged-from-1"):
                limit += 1
            shown = [dict(t, deletion_blocked=False) for t in self.terms.values()]
            if on("terms-newest-first-when-paged") and "limit" in query:
                shown.reverse()
            if on("terms-offset-ignored"):
                offset = 0
            if on("terms-offset-from-1"):
                offset = max(0, offset - 1)
            if on("terms-offset-in-pages"):
                offset *= limit
            if on("terms-limit-is-end"):
                limit -= offset
            if on("terms-limit-one-less") and limit < 500:
                limit -= 1
            if on("terms-5-at-most"):
                limit = min(limit, 5)
            if on("terms-behind-the-end-404") and offset >= len(shown):
                self.missing()
            if on("terms-behind-the-end-last-page") and offset >= len(shown):
                offset = len(shown) - 1
            for term in shown:
                if on("terms-without-description"):
                    del term["description"]
                if on("terms-id-text"):
                    term["id"] = str(term["id"])
                if on("terms-name-in-capitals"):
                    term["name"] = term["name"].upper()
            if on("terms-as-map"):
                self.say(200, {str(term["id"]): term for term in shown})
            if on("terms-wrapped"):
                self.say(200, {"terms": shown})
            self.say(200, shown[offset : offset + limit])
        if not rest and method == "POST":
            given = self.body(raw)
            if not given.get("name"):
                raise Refused("name")
            for term in self.terms.values():
                same = term["name"] == given["name"] if on("term-case-counts") else term["name"].lower() == given["name"].lower()
                if same and on("term-duplicate-created"):
                    continue
                if same and on("term-duplicate-overwrites"):
                    term["description"] = given.get("description", "")
                if same and on("term-duplicate-renames"):
                    term["name"] = given["name"]
                if same and on("term-duplicate-clears-description"):
                    term["description"] = ""
                if same and on("term-duplicate-other-id"):
                    self.say(200, {"id": self.next_term + 1})
                if same:
                    if on("term-there-is-409"):
                        self.say(409, {"error": "it is there"})
                    self.say(200, {"id": term["id"]})
            self.next_term += 1
            if on("create-term-forgets-description"):
                given = {"name": given["name"]}
            if on("create-term-describes-others"):
                for term in self.terms.values():
                    term["description"] = term["description"] or given.get("description", "")
            self.terms[self.next_term] = {"id": self.next_term, "name": given["name"], "description": given.get("description", "")}
            if on("term-name-answered"):
                self.say(201, {"name": given["name"]})
            self.say(201, {"id": self.next_term})
        if on("term-delete-twice-passes") and method == "DELETE" and rest[0].isdigit() and int(rest[0]) not in self.terms:
            self.success()
        term = self.term(rest[0])
        if method == "GET":
            shown = dict(term)
            for name in ("name", "description"):
                shown[name] = TEXT.get(self.deviation.removeprefix("term-"), str)(shown[name]) if "term-text" in self.deviation else shown[name]
            if on("term-without-description"):
                del shown["description"]
            if on("term-own-id-text"):
                shown["id"] = str(shown["id"])
            term = shown
            self.say(200, [term] if on("term-in-list") else term)
        if method == "PUT":
            given = self.body(raw)
            if on("term-put-describes-all"):
                for other in self.terms.values():
                    other["description"] = given.get("description", other["description"])
            if on("term-put-clears-description") and "description" not in given:
                term["description"] = ""
            if on("term-put-needs-name") and "name" not in given:
                raise Refused("name")
            if on("term-put-ignores-description"):
                given.pop("description", None)
            if on("term-put-ignores-name"):
                given.pop("name", None)
            if on("term-put-gets-new-id"):
                self.next_term += 1
                del self.terms[term["id"]]
                term["id"] = self.next_term
                self.terms[term["id"]] = term
            if on("term-put-takes-it-from-contacts"):
                for contact in self.contacts.values():
                    contact["terms"] = [i for i in contact["terms"] if i != term["id"]]
            if not on("term-put-does-nothing"):
                term.update({name: given[name] for name in ("name", "description") if name in given})
            self.success()
        if method == "DELETE":
            if on("term-delete-takes-next"):
                self.terms.pop(term["id"] + 1, None)
            if on("term-delete-does-nothing"):
                self.success()
            if on("term-delete-takes-contacts"):
                for contact in [c for c in self.contacts.values() if term["id"] in c["terms"]]:
                    del self.contacts[contact["id"]]
            if on("term-delete-clears-terms"):
                for contact in self.contacts.values():
                    if term["id"] in contact["terms"]:
                        contact["terms"] = []
            del self.terms[term["id"]]
            if on("term-delete-keeps-it-on-contacts"):
                self.success()
            for contact in self.contacts.values():
                contact["terms"] = [i for i in contact["terms"] if i != term["id"]]
            self.success()

    # Custom fields

    def shown_field(self, field):
        on = self.on
        kind = {"single": "selection", "multiple": "selection"}.get(field["kind"], field["kind"])
        shown = {name: field[name] for name in ("field_id", "field_name", "label", "description")}
        shown.update(type=f"{kind}_textfield", field_type=kind, required=False)
        if on("field-type-left-out"):
            del shown["field_type"]
        if on("field-id-text"):
            shown["field_id"] = str(shown["field_id"])
        if on("field-label-is-name"):
            shown["label"] = shown["field_name"]
        if on("field-description-lost"):
            shown["description"] = ""
        if on("field-required-text"):
            shown["required"] = "false"
        return shown

    def all_fields(self, method, rest, raw):
        on = self.on
        if not rest and method == "GET":
            shown = [self.shown_field(field) for field in self.fields.values()]
            self.say(200, shown[:-1] if on("one-field-not-listed") else shown)
        if not rest and method == "POST":
            given = self.body(raw)
            if on("create-field-clears-values"):
                for contact in self.contacts.values():
                    contact.pop("field_nickname", None)
            name = "field_" + re.sub(r"\W", "_", given["label"].lower())
            if on("field-name-without-prefix"):
                name = name[6:]
            if name in self.fields:
                raise Refused("it is there")
            kind = {"selection": "single"}.get(given["field_type"], given["field_type"])
            field = self.add_field(name, kind, given.get("max_length", 255), given.get("values"), given["label"], given.get("description", ""))
            answer = {"success": True, "field_name": name, "field_id": field["field_id"]}
            if on("field-success-text"):
                answer["success"] = "true"
            self.say(201, answer)
        fields = [f for f in self.fields.values() if rest[0] in (f["field_name"], str(f["field_id"]))]
        if not fields:
            self.missing()
        if method == "GET":
            self.say(200, self.shown_field(fields[0]))
        if method == "PUT":
            given = self.body(raw)
            if on("field-put-clears-description") and "description" not in given:
                fields[0]["description"] = ""
            if on("field-put-renames-all"):
                for field in self.fields.values():
                    field["label"] = given.get("label", field["label"])
            if on("field-put-clears-values"):
                for contact in self.contacts.values():
                    contact.pop(fields[0]["field_name"], None)
            if on("field-put-does-nothing"):
                self.say(200, {"success": True})
            fields[0].update({name: given[name] for name in ("label", "description") if name in given})
            self.say(200, {"success": True})
        if method == "DELETE":
            if on("field-delete-does-nothing"):
                self.say(200, {"success": True})
            if on("field-delete-takes-values-of-others"):
                for contact in self.contacts.values():
                    contact.pop("field_nickname", None)
            if on("field-delete-takes-contacts"):
                for contact in [c for c in self.contacts.values() if fields[0]["field_name"] in c]:
                    del self.contacts[contact["id"]]
            del self.fields[fields[0]["field_name"]]
            for contact in self.contacts.values():
                contact.pop(fields[0]["field_name"], None)
            self.say(200, {"success": True})
