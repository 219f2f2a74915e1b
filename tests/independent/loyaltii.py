"""Loyaltii's contacts, from its help pages and what any ASP.NET Web API answers."""

import base64
import ipaddress
import json
import re
import secrets
import threading
import urllib.parse
from datetime import datetime, timedelta, timezone

from answering import Answer
from texts import TEXT

LONGEST = {
    "RegistrationSource": 50, "RegistrationIp": 16, "Email": 250, "PhoneCountryCode": 10,
    "Phone": 20, "FirstName": 50, "LastName": 50,
}
INTEGERS = ["RegistrationStoreId", "PreferredStoreId", "ContactCompanyId"]
DATES = ["RegistrationDateTime", "LimitMailsTemporarilyUntil"]
CREATE = [*LONGEST, *INTEGERS, *DATES, "LimitMailsPermanently", "LatestPermissionSource"]
UPDATE = [name for name in CREATE if not name.startswith("Registration")]
READ = (
    "Id Secret RegistrationDateTime RegistrationSource RegistrationIp LastModified Version RegistrationStoreId "
    "Email PhoneCountryCode Phone FirstName LastName LimitMailsPermanently LimitMailsTemporarilyUntil "
    "PreferredStoreId ContactCompanyId LatestPermissionSource"
).split()
STORES, COMPANIES = (1, 2, 3), (1,)


def short(name):
    """`FirstName` as `first-name`."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "-", name).lower()


NAMED = [f"{short(name)}-left-out" for name in READ]
NAMED += [f"{short(name)}-one-{way}" for name in LONGEST for way in ("more", "less")]


NAMED += TEXT
# A field whose change by PATCH empties another one.
CLEARS = {
    "Email": "Phone", "PhoneCountryCode": "Email", "Phone": "PhoneCountryCode", "FirstName": "LastName",
    "LastName": "LimitMailsTemporarilyUntil", "LimitMailsPermanently": "PreferredStoreId",
    "LimitMailsTemporarilyUntil": "LimitMailsPermanently", "PreferredStoreId": "ContactCompanyId",
    "ContactCompanyId": "LatestPermissionSource", "LatestPermissionSource": "ContactCompanyId",
}
NAMED += [f"patch-{short(name)}-clears-{short(other)}" for name, other in CLEARS.items()]


class Refused(Exception):
    """Fields that break rules, and what is said of each."""


class Account:
    def __init__(self, deviation):
        self.deviation, self.lock = deviation, threading.Lock()
        self.contacts, self.next_contact, self.writes, self.before = {}, 0, 2000, {}

    def on(self, name):
        return self.deviation == name

    # What goes out

    def say(self, status, value, headers=()):
        on = self.on
        media_type = self.accepted()
        if on("qualities-ignored") and media_type == "text/json" and "application/json" in self.request.headers["Accept"]:
            media_type = "application/json"
        if on("accept-ignored"):
            media_type = "application/json"
        if on("text-json-by-default") and self.request.headers.get("Accept", "*/*") in ("", "*/*"):
            media_type = "text/json"
        if on("content-type-html"):
            media_type = "text/html"
        charset = "" if on("other") else "; charset=utf-8"
        if on("charset-latin1"):
            charset = "; charset=iso-8859-1"
        text = json.dumps(value, ensure_ascii=on("other"))
        if on("cut-body"):
            text = text[:-1]
        raw = text.encode("latin-1", "replace") if on("charset-latin1") or on("latin1-undeclared") else text.encode()
        if on("byte-order-mark"):
            raw = b"\xef\xbb\xbf" + raw
        raise Answer(status, [("Content-Type", media_type + charset), *headers], raw)

    def accepted(self):
        """The media type of the highest quality, the first of several."""
        best = (0, "application/json")
        for text in self.request.headers.get("Accept", "").split(","):
            name, *parameters = [part.strip() for part in text.split(";")]
            quality = [float(p[2:]) for p in parameters if p.startswith("q=")] or [1]
            if name in ("application/json", "text/json") and quality[0] > best[0]:
                best = (quality[0], name)
        return best[1]

    def refuse(self, faults):
        on = self.on
        status = 422 if on("invalid-is-422") else 500 if on("invalid-is-500") else 200 if on("invalid-is-200") else 400
        if on("other"):
            name, texts = list(faults.items())[0]
            self.say(status, {"Message": f"{name}: {texts[0]}"})
        if on("faults-without-names"):
            self.say(status, {"Message": "The request is invalid."})
        if on("faults-name-another"):
            faults = {"LastName" if name == "FirstName" else "FirstName": ["is wrong"] for name in faults}
        self.say(status, {"Message": "The request is invalid.", "ModelState": {f"createContactDto.{n}": t for n, t in faults.items()}})

    def conflict(self, text, contact=None):
        on = self.on
        status = 400 if on("conflict-is-400") else 200 if on("conflict-is-200") else 422 if on("conflict-is-422") else 409
        if contact:
            if on("conflict-without-contact"):
                self.say(status, {"Message": text})
            if on("conflict-with-old-version"):
                contact = dict(contact, Version=1)
            self.say(status, self.shown(contact))
        if on("other"):
            raise Answer(status, [], b"")
        self.say(status, {"Message": text})

    def missing(self):
        if self.on("other"):
            raise Answer(404, [], b"")
        self.say(404, {"Message": f"No HTTP resource was found that matches the request URI '{self.request.path}'."})

    def time(self, moment):
        on = self.on
        if on("times-with-z"):
            return moment.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        if on("times-without-offset"):
            return moment.strftime("%Y-%m-%dT%H:%M:%S.%f0")
        if on("times-epoch"):
            return int(moment.timestamp() * 1000)
        if on("times-ms-json"):
            return f"/Date({int(moment.timestamp() * 1000)})/"
        text = moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{moment.microsecond:06d}0+00:00"
        return text.replace("T", " ") if on("times-with-space") else text

    def shown(self, contact):
        on, shown = self.on, {}
        contact = self.before.pop(contact["Id"], contact)
        for name in READ:
            value = contact.get(name)
            if isinstance(value, datetime):
                if on("times-before-1970-null") and value.year < 1970:
                    value = None
                if on("times-after-2038-null") and value and value.year > 2038:
                    value = None
            if isinstance(value, datetime):
                value = self.time(value)
            if name in ("FirstName", "LastName", "RegistrationSource", "LatestPermissionSource") and isinstance(value, str):
                value = TEXT.get(self.deviation, str)(value)
            if name == "LimitMailsPermanently" and on("false-is-null") and value is False:
                value = None
            if name == "ContactCompanyId" and on("company-always-1"):
                value = 1
            if name == "Version":
                value = base64.b64encode(value.to_bytes(8, "big")).decode()
                if on("version-number"):
                    value = contact["Version"]
                if on("version-hex"):
                    value = f"0x{contact['Version']:016X}"
                if on("version-bytes"):
                    value = list(contact["Version"].to_bytes(8, "big"))
            if value is None and on("nulls-left-out"):
                continue
            if value is None and on("nulls-empty") and name in LONGEST:
                value = ""
            if value is None and on("company-0-for-null") and name == "ContactCompanyId":
                value = 0
            shown[name] = value
            if on(f"{short(name)}-left-out"):
                del shown[name]
        if on("secret-changes-when-read"):
            shown["Secret"] = secrets.token_hex(16)
        if on("version-changes-when-read"):
            self.writes += 1
            contact["Version"] = self.writes
        if on("id-text"):
            shown["Id"] = str(shown["Id"])
        if on("id-fraction"):
            shown["Id"] += 0.5
        if on("store-text") and shown["PreferredStoreId"] is not None:
            shown["PreferredStoreId"] = str(shown["PreferredStoreId"])
        if on("boolean-text") and shown["LimitMailsPermanently"] is not None:
            shown["LimitMailsPermanently"] = str(shown["LimitMailsPermanently"]).lower()
        if on("boolean-number") and shown["LimitMailsPermanently"] is not None:
            shown["LimitMailsPermanently"] = int(shown["LimitMailsPermanently"])
        if on("camel-case"):
            shown = {name[0].lower() + name[1:]: value for name, value in shown.items()}
        if on("email-renamed"):
            shown["EMail"] = shown.pop("Email")
        if on("member-more"):
            shown["Points"] = 0
        if on("names-swapped"):
            shown["FirstName"], shown["LastName"] = shown["LastName"], shown["FirstName"]
        if on("umlauts-lost"):
            shown = {n: v.encode("ascii", "replace").decode() if isinstance(v, str) else v for n, v in shown.items()}
        if on("phone-with-code") and shown["Phone"] and shown["PhoneCountryCode"]:
            shown["Phone"] = shown["PhoneCountryCode"] + shown["Phone"]
        if on("email-small") and shown["Email"]:
            shown["Email"] = shown["Email"].lower()
        if on("in-list"):
            return [shown]
        if on("wrapped"):
            return {"data": shown}
        return shown

    # What comes in

    def answer(self, request):
        on = self.on
        self.request = request
        match = re.fullmatch(r"/api/v1/contacts(/(-?\d+))?/?", request.path, re.IGNORECASE)
        if not match:
            self.missing()
        number = match[2] and int(match[2])
        try:
            if number is None and request.method == "POST":
                self.create(self.body())
            if number is not None and request.method in ("PUT", "PATCH", "GET", "DELETE"):
                if on("unknown-id-creates") and number not in self.contacts and request.method in ("PUT", "PATCH"):
                    self.say(200, self.shown(self.keep({}, 1)))
                if on("unknown-id-is-200") and number not in self.contacts:
                    self.say(200, None)
                if on("unknown-id-is-409") and number not in self.contacts:
                    self.say(409, {"Message": "There is no such contact."})
                if on("negative-id-found") and number < 0:
                    number = -number
                if on("last-digits-of-id-found") and number not in self.contacts:
                    number %= 1000000
                contact = self.contacts.get(number) or self.missing()
                if request.method == "GET":
                    self.say(200, self.shown(contact))
                if request.method == "DELETE":
                    del self.contacts[number]
                    self.say(200, self.shown(contact))
                self.update(contact, self.body(), request.method == "PUT")
        except Refused as refused:
            self.refuse(refused.args[0])
        allowed = [("Allow", "POST" if number is None else "PUT, PATCH")]
        self.say(405, {"Message": f"The requested resource does not support http method '{request.method}'."}, allowed)

    def body(self):
        on, request = self.on, self.request
        media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        passes = ["application/json", "text/json", "application/x-www-form-urlencoded"]
        if on("form-refused"):
            passes.pop()
        if on("text-json-refused"):
            passes.pop(1)
        if on("text-plain-passes"):
            passes.append("text/plain")
        if on("xml-passes"):
            passes.append("application/xml")
        if media_type not in passes:
            status = 400 if on("media-type-is-400") else 415
            self.say(status, {"Message": f"The request entity's media type '{media_type}' is not supported for this resource."})
        if media_type == "application/x-www-form-urlencoded":
            pairs = urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True)
            if on("form-plus-stays"):
                pairs = [(n, v.replace(" ", "+")) for n, v in pairs]
            return {n: v if v != "" or n in LONGEST else None for n, v in pairs}
        if media_type == "application/xml":
            return {"RegistrationSource": "xml"}
        try:
            value = json.loads(request.body)
        except ValueError as error:
            raise Refused({"": [str(error)]}) from error
        if not isinstance(value, dict):
            raise Refused({"": ["an object is needed"]})
        return value

    def checked(self, given, known):
        on, faults, found = self.on, {}, {}
        names = {name.lower(): name for name in known}
        for name, value in given.items():
            if on("other") and name not in known:
                continue
            name = names.get(name.lower())
            if name is None or value is None:
                if name:
                    found[name] = None
                continue
            try:
                found[name] = self.converted(name, value)
            except ValueError as error:
                faults[name] = [f"{error} Path '{name}', line 1, position 1."]
        code, phone = found.get("PhoneCountryCode"), found.get("Phone")
        if code and phone and phone.startswith(code) and not on("code-in-phone-passes"):
            faults.setdefault("Phone", ["The field Phone must not start with the country code."])
        if faults:
            raise Refused(faults)
        return found

    def converted(self, name, value):
        on = self.on
        if name in INTEGERS:
            if isinstance(value, float) and on("fraction-cut"):
                return int(value)
            if isinstance(value, bool) or not re.fullmatch("-?[0-9]+", str(value)):
                if on("bad-integer-null"):
                    return None
                raise ValueError(f"Could not convert to integer: {value}.")
            return int(value)
        if name == "LimitMailsPermanently":
            if on("boolean-unchecked") and str(value).lower() not in ("true", "false"):
                return True
            if not isinstance(value, bool) and str(value).lower() not in ("true", "false"):
                raise ValueError(f"Could not convert to boolean: {value}.")
            return str(value).lower() == "true"
        if name in DATES:
            try:
                moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(value)))
            except ValueError as error:
                if on("bad-date-null"):
                    return None
                raise ValueError(f"Could not convert to DateTimeOffset: {value}.") from error
            if on("offset-dropped"):
                moment = moment.replace(tzinfo=timezone.utc)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=timezone.utc)
            return moment.astimezone(timezone.utc)
        if not isinstance(value, str):
            value = json.dumps(value)
        longest = LONGEST.get(name)
        if on(f"{short(name)}-one-more"):
            longest += 1
        if on(f"{short(name)}-one-less"):
            longest -= 1
        if longest and on("bytes-counted"):
            longest -= len(value.encode()) - len(value)
        if longest and len(value) > longest:
            if on("too-long-is-cut"):
                return value[:longest]
            raise ValueError(f"The field {name} must be a string with a maximum length of {longest}.")
        if name == "RegistrationSource" and value == "" and on("empty-source-refused"):
            raise ValueError("The RegistrationSource field is required.")
        if name == "RegistrationIp" and value == "" and on("empty-ip-refused"):
            raise ValueError("The RegistrationIp field is required.")
        if name == "RegistrationIp" and value and not on("ip-unchecked"):
            if on("ip-shape-only") and re.fullmatch(r"(\d+\.){3}\d+", value):
                return value
            if on("ipv6-passes") and ":" in value:
                return value
            ipaddress.IPv4Address(value)
        return value

    def same(self, contact, given, name, other=None):
        left, right = contact.get(name), given.get(name)
        if self.on("other"):
            return bool(left) and left == right
        return bool(left) and bool(right) and left.lower() == right.lower()

    def create(self, given):
        on = self.on
        raw = given
        given = self.checked(given, CREATE)
        if on("email-with-plus-refused") and "+" in (given.get("Email") or ""):
            raise Refused({"Email": ["is no address"]})
        if on("phone-with-space-refused") and " " in (given.get("Phone") or ""):
            raise Refused({"Phone": ["is no number"]})
        if given.get("RegistrationSource") is None and not on("source-not-needed"):
            raise Refused({"RegistrationSource": ["The RegistrationSource field is required."]})
        if given.get("Email") is None and on("email-needed"):
            raise Refused({"Email": ["The Email field is required."]})
        if given.get("RegistrationDateTime") is None and on("registration-time-needed"):
            raise Refused({"RegistrationDateTime": ["The RegistrationDateTime field is required."]})
        if on("refused-but-kept"):
            self.keep(dict(given), 1)
        for contact in self.contacts.values():
            first, last = self.same(contact, given, "FirstName"), self.same(contact, given, "LastName")
            name = first and last and not on("same-name-passes")
            if on("same-first-name-conflicts") and first or on("same-last-name-conflicts") and last:
                name = True
            phone = self.same(contact, given, "Phone") and not on("same-phone-passes")
            if on("no-phone-conflicts") and not contact.get("Phone") and not given.get("Phone"):
                phone = True
            email = self.same(contact, given, "Email") and not on("same-email-passes")
            for field in ("Email", "Phone"):
                if on(f"{field.lower()}-conflicts-by-beginning") and contact.get(field) and given.get(field):
                    email = email or given[field][:12] == contact[field][:12] and len(given[field]) > 12
            if on("name-conflicts-in-any-order") and contact.get("FirstName") and given.get("FirstName"):
                name = name or (contact["FirstName"], contact["LastName"]) == (given.get("LastName"), given["FirstName"])
            if on("email-conflicts-with-newest-only") and contact["Id"] != max(self.contacts):
                email = False
            if on("phone-conflicts-with-newest-only") and contact["Id"] != max(self.contacts):
                phone = False
            if on("name-conflicts-with-newest-only") and contact["Id"] != max(self.contacts):
                name = False
            if name or phone or email:
                if on("conflict-changes-version"):
                    self.writes += 1
                    contact["Version"] = self.writes
                if on("conflict-changes-permission"):
                    contact["LatestPermissionSource"] = given.get("LatestPermissionSource") or given["RegistrationSource"]
                if on("conflict-deletes"):
                    del self.contacts[contact["Id"]]
                if on("conflict-updates"):
                    contact.update({name: value for name, value in given.items() if value is not None})
                self.conflict("There is such a contact.")
        store = given.get("PreferredStoreId")
        if store is not None and store not in STORES and not on("store-unchecked"):
            if on("unknown-store-is-400"):
                raise Refused({"PreferredStoreId": ["no such store"]})
            self.conflict("There is no such store.")
        if store == 3 and on("store-3-refused"):
            self.conflict("There is no such store.")
        if on("create-changes-versions"):
            for other in self.contacts.values():
                self.writes += 1
                other["Version"] = self.writes
        if on("create-takes-names-of-others"):
            for other in self.contacts.values():
                if other.get("LastName") == given.get("LastName"):
                    other["LastName"] = None
        if on("create-overwrites-newest-source") and self.contacts:
            self.contacts[max(self.contacts)]["RegistrationSource"] = given["RegistrationSource"]
        contact = self.keep(given, 1)
        if on("create-keeps-given-id") and isinstance(raw.get("Id"), int):
            self.contacts[raw["Id"]] = self.contacts.pop(contact["Id"])
            contact["Id"] = raw["Id"]
        if on("create-keeps-given-secret") and raw.get("Secret"):
            contact["Secret"] = raw["Secret"]
        status = 202 if on("create-202") else 200 if on("other") else 201
        if on("create-empty"):
            raise Answer(status, [], b"")
        if on("create-answers-id"):
            self.say(status, {"Id": contact["Id"]})
        self.say(status, self.shown(contact))

    def keep(self, given, step):
        on, now = self.on, datetime.now(timezone.utc)
        self.next_contact += step
        if on("ids-fall"):
            self.next_contact = (min(self.contacts, default=100000)) - 1
        if on("ids-alike"):
            self.next_contact = 1
        contact = {name: given.get(name) for name in CREATE}
        if contact["RegistrationDateTime"] is None or on("registration-time-always-now"):
            contact["RegistrationDateTime"] = now
        if on("registration-time-null-kept"):
            contact["RegistrationDateTime"] = given.get("RegistrationDateTime")
        if contact["LimitMailsPermanently"] is None and on("other"):
            contact["LimitMailsPermanently"] = False
        if contact["RegistrationIp"] is None:
            contact["RegistrationIp"] = ""
        if on("registration-ip-filled") and not contact["RegistrationIp"]:
            contact["RegistrationIp"] = "127.0.0.1"
        if on("permission-source-dropped"):
            contact["LatestPermissionSource"] = None
        if on("until-dropped"):
            contact["LimitMailsTemporarilyUntil"] = None
        if on("until-off-by-hour") and contact["LimitMailsTemporarilyUntil"]:
            contact["LimitMailsTemporarilyUntil"] += timedelta(hours=1)
        if on("until-rounded") and contact["LimitMailsTemporarilyUntil"]:
            contact["LimitMailsTemporarilyUntil"] = contact["LimitMailsTemporarilyUntil"].replace(microsecond=0)
        if on("company-dropped"):
            contact["ContactCompanyId"] = None
        if on("store-default-1") and contact["PreferredStoreId"] is None:
            contact["PreferredStoreId"] = 1
        if on("stores-swapped"):
            contact["PreferredStoreId"], contact["RegistrationStoreId"] = contact["RegistrationStoreId"], contact["PreferredStoreId"]
        self.writes += 1
        secret = secrets.token_hex(16)
        if on("secret-short"):
            secret = secret[:6]
        if on("secret-same"):
            secret = "0123456789abcdef0123456789abcdef"
        if on("secret-empty"):
            secret = ""
        if on("secret-of-id"):
            secret = f"{self.next_contact:032d}"
        if on("secret-of-email"):
            secret = base64.b64encode((given.get("Email") or "nobody at all").encode()).decode()
        contact.update(Id=self.next_contact, Secret=secret, LastModified=now, Version=self.writes)
        if on("version-same"):
            contact["Version"] = 2001
        if on("last-modified-old"):
            contact["LastModified"] = datetime(2001, 1, 1, tzinfo=timezone.utc)
        self.contacts[contact["Id"]] = contact
        return contact

    def update(self, contact, given, whole):
        on = self.on
        version = next((v for n, v in given.items() if n.lower() == "version"), None)
        if on("patch-without-version-passes") and not whole and version is None:
            version = base64.b64encode(contact["Version"].to_bytes(8, "big")).decode()
        if version is None and not on("version-not-needed"):
            raise Refused({"Version": ["The Version field is required."]})
        if on("version-of-another-passes"):
            for other in self.contacts.values():
                if version == base64.b64encode(other["Version"].to_bytes(8, "big")).decode():
                    version = base64.b64encode(contact["Version"].to_bytes(8, "big")).decode()
        if on("version-before-passes") and version == base64.b64encode(contact.get("Before", 0).to_bytes(8, "big")).decode():
            version = base64.b64encode(contact["Version"].to_bytes(8, "big")).decode()
        if on("version-empty-passes") and version == "":
            version = base64.b64encode(contact["Version"].to_bytes(8, "big")).decode()
        if on("old-version-but-done") and version is not None:
            contact.update({n: v for n, v in given.items() if n in ("FirstName", "LastName")})
        if version is not None and version != base64.b64encode(contact["Version"].to_bytes(8, "big")).decode():
            if not on("old-version-passes"):
                self.conflict("It was changed.", contact)
        raw = given
        if on("refused-update-keeps-name") and isinstance(given.get("FirstName"), str):
            contact["FirstName"] = given["FirstName"]
        given = self.checked(given, UPDATE)
        for other in self.contacts.values():
            same = any(self.same(other, given, name) for name in ("Email", "Phone"))
            if other is not contact and same and not on("update-to-same-passes"):
                self.conflict("There is such a contact.", other if on("conflict-with-other-contact") else contact)
            if other is contact and same and on("own-email-conflicts"):
                self.conflict("There is such a contact.", contact)
        store = given.get("PreferredStoreId")
        if store is not None and store not in STORES and not on("update-store-unchecked"):
            self.conflict("There is no such store.", contact if on("other") else None)
        before = dict(contact)
        contact["Before"] = contact["Version"]
        if on("put-changes-source") and isinstance(raw.get("RegistrationSource"), str):
            contact["RegistrationSource"] = raw["RegistrationSource"]
        if on("put-changes-store-of-registration") and "RegistrationStoreId" in raw:
            contact["RegistrationStoreId"] = raw["RegistrationStoreId"]
        if on("update-changes-registration-time"):
            contact["RegistrationDateTime"] = datetime.now(timezone.utc)
        if on("update-clears-ip"):
            contact["RegistrationIp"] = ""
        for name, other in CLEARS.items():
            if not whole and on(f"patch-{short(name)}-clears-{short(other)}") and given.get(name) is not None:
                contact[other] = None
        for other in [one for one in list(self.contacts.values()) if one is not contact]:
            if on("update-changes-name-of-all") and given.get("LastName"):
                other["LastName"] = given["LastName"]
            if on("update-changes-version-of-all"):
                self.writes += 1
                other["Version"] = self.writes
            if on("update-changes-store-of-all") and given.get("PreferredStoreId"):
                other["PreferredStoreId"] = given["PreferredStoreId"]
            if on("update-changes-modified-of-all"):
                other["LastModified"] = datetime.now(timezone.utc)
            if on("update-deletes-others-of-name") and other.get("LastName") and other["LastName"] == contact["LastName"]:
                del self.contacts[other["Id"]]
        if on("patch-ignores-false") and not whole and given.get("LimitMailsPermanently") is False:
            given["LimitMailsPermanently"] = None
        if on("patch-ignores-limit") and not whole:
            given["LimitMailsTemporarilyUntil"] = None
        if on("put-keeps-limit") and whole and given.get("LimitMailsPermanently") is None:
            given["LimitMailsPermanently"] = contact["LimitMailsPermanently"]
        if on("put-keeps-company") and whole and given.get("ContactCompanyId") is None:
            given["ContactCompanyId"] = contact["ContactCompanyId"]
        if on("put-keeps-permission") and whole and given.get("LatestPermissionSource") is None:
            given["LatestPermissionSource"] = contact["LatestPermissionSource"]
        if on("same-update-is-409") and all(contact.get(n) == v for n, v in given.items()):
            self.conflict("Nothing is changed.", contact)
        for name in [] if on("update-does-nothing") else UPDATE:
            value = given.get(name)
            if not whole and value is None and not on("patch-null-clears"):
                continue
            if whole and value is None and on("put-null-keeps"):
                continue
            if name in ("PhoneCountryCode", "Phone", "Email") and value == "" and not whole and not on("patch-empty-stays"):
                value = None
            if name == "LastName" and on("update-skips-last-name"):
                continue
            contact[name] = value
        self.writes += 1
        if not on("update-keeps-version"):
            contact["Version"] = self.writes
        if not on("update-keeps-last-modified"):
            contact["LastModified"] = datetime.now(timezone.utc)
        if on("update-changes-secret"):
            contact["Secret"] = secrets.token_hex(16)
        answer = self.shown(contact)
        if on("stale-once"):
            self.before[contact["Id"]] = before
        if on("update-202"):
            self.say(202, answer)
        if on("other"):
            raise Answer(204, [], b"")
        self.say(200, answer)
