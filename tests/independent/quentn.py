"""Quentn's contact API, from its page, its help pages and what its PHP client sends and reads."""

import json
import re
import threading
import urllib.parse
from datetime import datetime

from answering import Answer

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
COUNTRIES = "DE AT CH NO SE DK FR GB US NL BE IT ES PL FI IS IE PT GR JP".split()
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

    def headers(self, media_type="application/json"):
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
        raise Answer(status, self.headers(), raw)

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

    def contact(self, name):
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
            if on("list-one-of-several"):
                found = found[:1]
            if not found:
                if on("mail-empty-list"):
                    self.say(200, [])
                self.missing()
            shown = [self.shown(contact, query) for contact in found]
            if on("mail-object-for-one") and len(shown) == 1:
                self.say(200, shown[0])
            if on("mail-wrapped"):
                self.say(200, {"contacts": shown})
            self.say(200, shown)
        contact = self.contact(name)
        if method == "GET":
            shown = self.shown(contact, query)
            if on("contact-in-list"):
                self.say(200, [shown])
            if on("get-201"):
                self.say(201, shown)
            self.say(200, shown)
        if method == "PUT":
            given = self.body(raw)
            if on("put-refused-keeps-some"):
                contact.update({name: value for name, value in given.items() if name in ADDRESS})
            given = self.checked(given, False)
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
            shown[name] = value
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
            if on("mail-status-7-refused"):
                allowed.remove(7)
            if value not in allowed:
                raise Refused("no such mail_status")
        elif name == "ba_country":
            if on("country-any-two") and re.fullmatch("[A-Z]{2}", value):
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
            "single": lambda: value in field["values"] or on("single-takes-any"),
            "multiple": lambda: isinstance(value, list) and (on("multiple-takes-any") or all(v in field["values"] for v in value)),
            "float": lambda: (isinstance(value, (int, float)) and not isinstance(value, bool)) or (on("float-comma-passes") and "," in value),
            "integer": lambda: isinstance(value, int) or (on("integer-fraction-passes") and isinstance(value, float)),
        }.get(kind, lambda: True)
        if kind == "multiple" and on("multiple-empty-refused") and value == []:
            raise Refused("at least one")
        if kind == "integer" and on("integer-negative-refused") and str(value).startswith("-"):
            raise Refused("at least 0")
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
        for contact in body["contacts"]:
            self.save(contact, body)
        self.say(202, {"ok": True})

    def save(self, given, body):
        on = self.on
        check = body.get("duplicate_check_method", "auto")
        merge = body.get("duplicate_merge_method", "update")
        if check not in ("auto", "email", "none") and not on("any-check-method"):
            raise Refused("duplicate_check_method")
        if merge not in ("add", "update", "update_add") and not on("any-merge-method"):
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
            self.next_contact += 1
            new["id"] = self.next_contact
            self.contacts[new["id"]] = new
            return new
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
            if on("contact-terms-ids-only"):
                shown = terms
            if on("contact-terms-map"):
                shown = {str(term["id"]): term for term in shown}
            if on("no-terms-is-404") and not shown:
                self.missing()
            self.say(200, shown)
        given = self.body(raw)
        if method == "DELETE":
            if on("delete-body-ignored"):
                self.success()
            if on("delete-takes-all"):
                terms.clear()
            contact["terms"] = [term for term in contact["terms"] if term not in given]
            self.success()
        self.check_terms(given)
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
        for term in self.terms.values():
            if str(term["id"]) == name or term["name"] == name:
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
            self.say(200, [dict(t, deletion_blocked=False) for t in self.terms.values()][offset : offset + limit])
        if not rest and method == "POST":
            given = self.body(raw)
            if not given.get("name"):
                raise Refused("name")
            for term in self.terms.values():
                same = term["name"] == given["name"] if on("term-case-counts") else term["name"].lower() == given["name"].lower()
                if same:
                    if on("term-there-is-409"):
                        self.say(409, {"error": "it is there"})
                    self.say(200, {"id": term["id"]})
            self.next_term += 1
            self.terms[self.next_term] = {"id": self.next_term, "name": given["name"], "description": given.get("description", "")}
            if on("term-name-answered"):
                self.say(201, {"name": given["name"]})
            self.say(201, {"id": self.next_term})
        term = self.term(rest[0])
        if method == "GET":
            self.say(200, [term] if on("term-in-list") else term)
        if method == "PUT":
            given = self.body(raw)
            if not on("term-put-does-nothing"):
                term.update({name: given[name] for name in ("name", "description") if name in given})
            self.success()
        if method == "DELETE":
            del self.terms[term["id"]]
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
            fields[0].update({name: given[name] for name in ("label", "description") if name in given})
            self.say(200, {"success": True})
        if method == "DELETE":
            del self.fields[fields[0]["field_name"]]
            for contact in self.contacts.values():
                contact.pop(fields[0]["field_name"], None)
            self.say(200, {"success": True})
