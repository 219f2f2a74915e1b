"""CAKE's addedit.asmx, from its pages, recordings of it, and what any ASMX host answers."""

import json
import re
import threading
import urllib.parse
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from answering import Answer
from texts import TEXT

NAMESPACE = "http://cakemarketing.com/api/1/"
SOAP = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
KEYS = {"cake-key": True, "cake-expired-key": False}
ENTITIES = [("affiliate", 123456), ("affiliate", 123457), ("advertiser", 200), ("buyer", 300), ("list_manager", 400)]
DEPARTMENTS = {1: "Accounting", 2: "Marketing", 3: "Technical"}
LANGUAGES = {1: "English", 2: "German", 3: "Spanish"}
STRING, INT, BYTE, BOOL = "System.String", "System.Int32", "System.Byte", "System.Boolean"
PARAMETERS = {
    "api_key": STRING, "entity_type": STRING, "entity_id": INT, "contact_id": INT, "include_in_mass_email": BOOL,
    "contact_first_name": STRING, "contact_middle_name": STRING, "contact_last_name": STRING,
    "contact_email_address": STRING, "contact_password": STRING, "contact_title": STRING,
    "contact_department_id": BYTE, "contact_phone_work": STRING, "contact_phone_cell": STRING,
    "contact_phone_fax": STRING, "contact_im_service": STRING, "contact_im_name": STRING,
    "contact_timezone": STRING, "contact_language_id": INT,
}
# The longest, whether it is needed, and what is said of it.
TEXTS = {
    "contact_first_name": (25, True, "Invalid Contact First Name"),
    "contact_middle_name": (25, False, "Invalid Contact Middle Name"),
    "contact_last_name": (25, True, "Invalid Contact Last Name"),
    "contact_email_address": (60, True, "Invalid Contact Email Address"),
    "contact_password": (25, False, "Invalid Contact Password"),
    "contact_title": (30, False, "Invalid Contact Title"),
    "contact_phone_work": (30, False, "Invalid Contact Phone Work"),
    "contact_phone_cell": (30, False, "Invalid Contact Phone Cell"),
    "contact_phone_fax": (30, False, "Invalid Contact Fax"),
    "contact_im_service": (30, False, "Invalid Contact IM Service"),
    "contact_im_name": (50, False, "Invalid Contact IM Name"),
    "contact_timezone": (4, False, "Invalid Contact Time Zone"),
}
KINDS = ["affiliate", "advertiser", "buyer", "list_manager"]
NAMED = [f"{kind.replace('_', '-')}-refused" for kind in KINDS]
NAMED += [f"{name.removeprefix('contact_').replace('_', '-')}-one-{way}" for name in TEXTS for way in ("more", "less")]
# What the message of an answer shows of a name; it is too short for the rest, and no document says
# what becomes of spaces at its ends.
NAMES = [name for name in TEXT if not re.search("trimmed|lines|tabs|null|cut-at-[0-9]", name)]
NAMED += NAMES
WAYS = ["get", "form", "soap-1-1", "soap-1-2", "edit"]
CHECKED = [name.removeprefix("contact_").replace("_", "-") for name in TEXTS] + ["department", "language", "entity", "entity-type", "key", "expired-key"]
NAMED += [f"{name}-unchecked-by-{way}" for name in CHECKED for way in WAYS]


class Fault(Exception):
    """What cannot be read, or was not asked for as it has to be."""

    def __init__(self, text, tail="", code="Client"):
        super().__init__(text)
        self.tail, self.code = tail, code


def tag(name, text="", attributes=""):
    return f"<{name}{attributes}>{text}</{name}>"


class Account:
    def __init__(self, deviation):
        self.deviation, self.lock = deviation, threading.Lock()
        self.contacts, self.next_contact = {}, 3589
        self.edited, self.newest = set(), 0

    def on(self, name):
        return self.deviation == name

    def unchecked(self, name):
        return self.deviation.startswith(name) and any(self.on(f"{name}-unchecked-by-{way}") for way in self.ways)

    # What goes out

    def say(self, status, media_type, text):
        on = self.on
        charset = "" if on("no-charset") else "; charset=iso-8859-1" if on("charset-latin1") else "; charset=utf-8"
        encoding = "latin-1" if on("charset-latin1") or on("latin1-undeclared") else "utf-8"
        caching = "private" if status == 500 else "private, max-age=0"
        headers = [("Cache-Control", caching), ("X-AspNet-Version", "4.0.30319")]
        if not on("no-content-type"):
            headers.append(("Content-Type", media_type + charset))
        raw = text.encode(encoding, "replace")
        if on("cut-body"):
            raw = raw[:-4]
        raise Answer(status, headers, raw)

    def document(self, result, soap, operation="Contact"):
        """A result in the form in which it was asked for."""
        on, name = self.on, NAMESPACE
        head = '<?xml version="1.0" encoding="utf-8"?>' if not on("other") else ""
        if on("other-namespace"):
            name = "http://cakemarketing.com/api/2/"
        if on("namespace-without-slash"):
            name = name[:-1]
        status = 200
        success = result["success"]
        if on("error-is-400") and success != "true":
            status = 400
        if on("error-is-500") and success != "true":
            status = 500
        if on("success-201") and success == "true":
            status = 201
        if soap == "json":
            value = {**result, "success": success == "true"}
            if "contact_id" in value:
                value["contact_id"] = int(value["contact_id"])
            self.say(status, "application/json", json.dumps({"d": value}))
        if on("error-as-fault") and soap and success != "true":
            raise Fault(result["message"])
        inner = "".join(tag(n, escape(v)) for n, v in result.items())
        prefixes = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        if not soap:
            root = "contact_response" if on("root-renamed") else "contact_addedit_response"
            if on("envelope-over-get"):
                self.envelope(200, tag("ContactResponse", tag("ContactResult", inner), f' xmlns="{name}"'), "1.1")
            attributes = prefixes + ("" if on("no-namespace") else f' xmlns="{name}"')
            lines = inner if on("other") else re.sub(r"(?<!^)(?=<(?!/))|^", "\r\n  ", inner) + "\r\n"
            media_type = "text/html" if on("get-answers-html") else "application/xml" if on("get-answers-application-xml") else "text/xml"
            self.say(status, media_type, f"{head}\r\n" + tag(root, lines, attributes))
        answer, inside = f"{operation}Response", f"{operation}Result"
        if on("soap-result-named-by-type"):
            inside = "contact_addedit_response"
        if on("soap-response-renamed"):
            answer = f"{operation}Answer"
        if on("soap-without-result"):
            self.envelope(status, tag(answer, inner, f' xmlns="{name}"'), soap)
        if on("soap-unqualified"):
            self.envelope(status, f'<c:{answer} xmlns:c="{name}"><{inside}>{inner}</{inside}></c:{answer}>', soap)
        if on("other"):
            inner = re.sub(r"<(/?)", r"<\1c:", inner)
            self.envelope(status, f'<c:{answer} xmlns:c="{name}"><c:{inside}>{inner}</c:{inside}></c:{answer}>', soap)
        self.envelope(status, tag(answer, tag(inside, inner), f' xmlns="{name}"'), soap)

    def envelope(self, status, inner, version):
        on = self.on
        if on("soap-versions-swapped"):
            version = {"1.1": "1.2", "1.2": "1.1"}[version]
        media_type = "application/soap+xml" if version == "1.2" else "text/xml"
        if on("soap-always-text-xml"):
            media_type = "text/xml"
        if on("soap-always-application-soap"):
            media_type = "application/soap+xml"
        name = SOAP["1.1" if on("soap-always-1-1") else version]
        body = "" if on("soap-empty-body") else inner
        self.say(status, media_type, f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{name}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>{body}</soap:Body></soap:Envelope>')

    def fault(self, fault, soap):
        on, text = self.on, str(fault)
        status = 400 if on("faults-are-400") else 200 if on("faults-are-200") else 500
        if soap not in SOAP:
            ending = fault.tail if on("other") else ""
            media_type = "text/html" if on("faults-are-html") else "text/xml" if on("faults-are-xml") else "text/plain"
            self.say(status, media_type, f"{text}{ending}\r\n")
        text, code = escape(text), "Server" if on("fault-is-of-server") else fault.code
        detail = "" if on("fault-without-detail") else "<soap:Detail />" if soap == "1.2" else "<detail />"
        if soap == "1.2":
            code = {"Client": "Sender", "Server": "Receiver"}[code]
            if on("fault-1-2-as-1-1"):
                inner = tag("faultcode", "soap:Client") + tag("faultstring", text)
                self.envelope(status, tag("soap:Fault", inner), soap)
            reason = tag("soap:Text", text, ' xml:lang="en"')
            inner = tag("soap:Code", tag("soap:Value", f"soap:{code}")) + tag("soap:Reason", reason) + detail
        else:
            name = "code" if on("faultcode-renamed") else "faultcode"
            inner = tag(name, f"soap:{code}") + tag("faultstring", text) + detail
        self.envelope(status, tag("soap:Fault", inner), soap)

    # What comes in

    def answer(self, request):
        on = self.on
        match = re.fullmatch(r"/api/1/(addedit|get)\.asmx(?:/(\w+))?", request.path, re.IGNORECASE)
        if not match:
            self.say(404, "text/html", "<p>The resource cannot be found.</p>")
        service, name = match[1].lower(), match[2]
        self.method = "get" if request.method == "GET" else "form"
        media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if request.method == "GET" and not name:
            if request.query.lower() == "wsdl":
                self.wsdl(request)
            text = "<html><body><h1>addedit</h1><p>Contact</p></body></html>"
            self.say(404 if on("no-help-page") else 200, "text/html", text)
        soap = None
        try:
            if request.method == "POST" and not name:
                soap = "1.2" if media_type == "application/soap+xml" else "1.1"
                if media_type not in ("text/xml", "application/soap+xml"):
                    self.say(415 if not on("other") else 500, "text/html", "<p>Request format is unrecognized.</p>")
                if on("soap-1-1-refused") and soap == "1.1" or on("soap-1-2-refused") and soap == "1.2":
                    self.say(415, "text/html", "<p>Request format is unrecognized.</p>")
                self.operation(service, *self.of_envelope(request, soap), soap)
            if request.method == "POST" and media_type == "application/json":
                soap = "json"
                given = {n.lower(): "" if v is None else str(v) for n, v in json.loads(request.body).items()}
                self.operation(service, name, given, soap)
            if request.method == "GET" and not on("get-refused") or request.method == "POST" and not on("form-refused"):
                text = request.query if request.method == "GET" else request.body.decode()
                if on("plus-stays"):
                    text = text.replace("+", "%2B")
                pairs = urllib.parse.parse_qsl(text, keep_blank_values=True)
                names = str if on("other") else str.lower
                given = {}
                for key, value in pairs:
                    key = names(key)
                    given[key] = f"{given[key]},{value}" if key in given else value
                self.operation(service, name, given, soap)
        except Fault as fault:
            self.fault(fault, soap)
        self.say(500, "text/html", f"<p>Request format is unrecognized for URL unexpectedly ending in '/{name}'.</p>")

    def of_envelope(self, request, soap):
        on = self.on
        try:
            root = ElementTree.fromstring(request.body)
        except (ElementTree.ParseError, ValueError, LookupError):
            if on("malformed-is-fault"):
                raise Fault("Server was unable to read request.")
            raise Answer(400, [("Cache-Control", "private")], b"")
        action = request.headers.get("SOAPAction")
        if soap == "1.1" and action is not None and action.strip('"') != f"{NAMESPACE}Contact" and not on("any-action-passes"):
            raise Fault(f"Server did not recognize the value of HTTP Header SOAPAction: {action.strip(chr(34))}.")
        if soap == "1.1" and action is None and on("action-needed"):
            raise Fault("Server did not recognize the value of HTTP Header SOAPAction: .")
        name = SOAP[soap]
        if root.tag != f"{{{name}}}Envelope" and not on("any-envelope-passes"):
            raise Fault("Possible SOAP version mismatch.")
        body = root.find("{*}Body")
        if body is None or not len(body):
            raise Fault("Server was unable to read request.")
        head = body[0]
        if head.tag != f"{{{NAMESPACE}}}Contact" and not (on("any-body-namespace-passes") and head.tag.endswith("Contact")):
            raise Fault("Server did not recognize the value of HTTP Header SOAPAction: .")
        given = {}
        for child in head:
            space, _, short = child.tag.rpartition("}")
            if space == "{" + NAMESPACE or on("any-parameter-namespace-passes"):
                given[short] = child.text or ""
        return "Contact", given

    def operation(self, service, name, given, soap):
        on = self.on
        if service == "get" and name in ("Departments", "Languages"):
            self.listed(name, given)
        if service != "addedit" or name != "Contact":
            if on("other"):
                self.say(404, "text/html", "<p>not found</p>")
            raise Fault(f"{name} Web Service method name is not valid.")
        self.contact(self.converted(given, soap), soap)

    def listed(self, name, given):
        thing, values = ("Department", DEPARTMENTS) if name == "Departments" else ("Language", LANGUAGES)
        short = thing.lower()
        if not KEYS.get(given.get("api_key", "")):
            values = {}
        text = "".join(tag(thing, tag(f"{short}_id", n) + tag(f"{short}_name", v)) for n, v in values.items())
        self.say(200, "text/xml", tag(f"ArrayOf{thing}", text, f' xmlns="{NAMESPACE}"'))

    def converted(self, given, soap):
        on, values = self.on, {}
        names = list(PARAMETERS)
        if on("last-missing-said"):
            names.reverse()
        for name in names:
            missing = name not in given and not (on("missing-middle-name-passes") and name == "contact_middle_name")
            if on("empty-is-missing") and not given.get(name):
                missing = True
            if missing and (soap not in SOAP or on("soap-needs-all")) and not on("missing-passes"):
                if on("missing-is-success-false"):
                    self.document({"success": "false", "message": f"Missing parameter: {name}."}, soap)
                text = f"Missing parameter: {name}."
                if on("missing-not-named"):
                    text = "Missing parameter."
                if on("missing-without-stop"):
                    text = text[:-1]
                raise Fault(text, "\r\n   at System.Web.Services.Protocols.ValueCollectionParameterReader.Read()")
        for name, kind in PARAMETERS.items():
            text = values[name] = given.get(name)
            if text is None:
                continue
            if kind == STRING or not text.strip():
                if kind in (INT, BYTE):
                    values[name] = 0
                continue
            number = re.fullmatch(r"\s*[-+]?\d+\s*", text)
            if kind == BOOL:
                good = text.strip() in ("true", "false", "1", "0") if soap in SOAP else text.strip().lower() in ("true", "false")
                if on("soap-boolean-in-capitals") and text in ("TRUE", "False"):
                    good = True
                if on("boolean-1-passes") and text in "01" or on("boolean-unchecked"):
                    good = True
                if on("boolean-capitals-refused") and text not in ("true", "false"):
                    good = False
                if on("boolean-small-refused") and text in ("true", "false"):
                    good = False
            else:
                good = number and (0 <= int(text) < 256 if kind == BYTE else -(2**31) <= int(text) < 2**31)
                values[name] = int(text) if number else 0
                if on("numbers-unchecked"):
                    good = True
            if not good:
                if on("bad-value-is-success-false"):
                    self.document({"success": "false", "message": f"Invalid {name}"}, soap)
                why = "String was not recognized as a valid Boolean." if kind == BOOL else "Input string was not in a correct format."
                if number and kind != BOOL:
                    why = "Value was either too large or too small."
                if soap:
                    why = f"Server was unable to read request. ---> There is an error in XML document (1, 300). ---> {why}"
                    raise Fault(why)
                if on("bad-value-not-named"):
                    raise Fault("Cannot convert.")
                raise Fault(f"Cannot convert {escape(text)} to {kind}.\r\nParameter name: {name} ---> {why}")
        return values

    def contact(self, given, soap):
        on = self.on
        edited = bool(given["contact_id"])
        self.ways = [{None: self.method, "json": "json"}.get(soap, f"soap-{soap}".replace(".", "-")), *(["edit"] if edited else [])]
        if edited and on("unknown-contact-is-created") and given["contact_id"] not in self.contacts:
            self.contacts[given["contact_id"]] = (given["entity_type"], given["entity_id"])
        if edited and on("last-digits-of-contact-found"):
            given["contact_id"] %= 1000000000
        fault = self.wrong(given)
        if edited and fault and on("refused-edit-forgets"):
            self.contacts.pop(given["contact_id"], None)
        if edited and not fault and on("edit-twice-refused") and given["contact_id"] in self.edited:
            fault = "Invalid Contact ID"
        self.edited.add(given["contact_id"])
        if edited and not fault and on("edit-forgets-others"):
            self.contacts = {n: c for n, c in self.contacts.items() if n == given["contact_id"]}
        if not edited and not fault and on("creation-forgets-others"):
            self.contacts.clear()
        if not edited and fault and on("refused-creation-forgets-newest"):
            self.contacts.pop(self.next_contact, None)
        if fault and not (on("refused-but-created") and fault != "Invalid API Key"):
            result = {"success": "false", "message": fault}
            if on("error-success-true"):
                result["success"] = "true"
            if on("error-without-message"):
                del result["message"]
            if on("error-message-with-stop"):
                result["message"] += "."
            if on("error-message-small"):
                result["message"] = result["message"].lower()
            if on("other"):
                result["contact_id"] = "0"
            self.document(result, soap)
        verb = "Updated" if edited else "Created"
        if on("edit-says-created"):
            verb = "Created"
        if on("creation-says-updated"):
            verb = "Updated"
        number = given["contact_id"]
        if not edited or on("edit-makes-new-id"):
            if not (on("ids-alike") and self.contacts):
                self.next_contact += 1
            number = self.next_contact
            self.contacts[number] = (given["entity_type"], given["entity_id"])
        if on("edit-forgets"):
            self.contacts.pop(given["contact_id"], None)
        if on("edit-moves") and edited:
            self.contacts[number] = ("buyer", 300)
        if fault:
            self.document({"success": "false", "message": fault}, soap)
        first, last = given["contact_first_name"] or "", given["contact_last_name"] or ""
        if on("names-swapped-in-message"):
            first, last = last, first
        if on("first-name-alone-in-message"):
            last = ""
        if on("names-trimmed-to-20"):
            first, last = first[:20], last[:20]
        if self.deviation in NAMES:
            first, last = TEXT[self.deviation](first), TEXT[self.deviation](last)
        if on("umlauts-lost"):
            first, last = (text.encode("ascii", "replace").decode() for text in (first, last))
        if on("escaped-twice"):
            first, last = escape(first), escape(last)
        gap = "  " if on("other") else "   " if on("three-spaces-before-verb") else " "
        if on("middle-name-in-message") and given["contact_middle_name"]:
            first += f" {given['contact_middle_name']}"
        message = f"Contact {first} {last}{gap}{verb}"
        if on("message-in-small"):
            message = message.lower()
        if on("message-without-verb"):
            message = message.removesuffix(gap + verb)
        result = {"success": "true", "message": message, "contact_id": str(number)}
        if edited and on("edit-answers-newest"):
            result["contact_id"] = str(self.next_contact)
        if edited and on("edit-answers-0"):
            result["contact_id"] = "0"
        if edited and on("edit-answers-oldest"):
            result["contact_id"] = str(min(self.contacts))
        if on("success-capital"):
            result["success"] = "True"
        if on("success-1"):
            result["success"] = "1"
        if on("success-text"):
            result["success"] = "yes"
        if on("success-false"):
            result["success"] = "false"
        if on("id-0-on-create") and not edited:
            result["contact_id"] = "0"
        if on("id-left-out"):
            del result["contact_id"]
        if on("id-left-out-on-edit") and edited:
            del result["contact_id"]
        if on("id-fraction"):
            result["contact_id"] += ".0"
        if on("id-with-zeros"):
            result["contact_id"] = "00" + result["contact_id"]
        if on("id-text"):
            result["contact_id"] = "c" + result["contact_id"]
        if on("id-renamed"):
            result["id"] = result.pop("contact_id")
        if on("id-before-message"):
            result = {name: result[name] for name in ("success", "contact_id", "message")}
        if on("success-last"):
            result["success"] = result.pop("success")
        if on("element-more"):
            result["row_count"] = "1"
        if on("message-empty"):
            result["message"] = ""
        self.document(result, soap)

    def wrong(self, given):
        """What is said of the first parameter that breaks a rule; of the last by `other`."""
        faults = list(self.faults(given))
        if not faults:
            return None
        if "Invalid API Key" in faults:
            return "Invalid API Key"
        return faults[-1] if self.on("other") else faults[0]

    def faults(self, given):
        on = self.on
        key, kind, entity = given["api_key"] or "", given["entity_type"], given["entity_id"]
        number = given["contact_id"]
        if on("key-case-ignored"):
            key = key.lower()
        if on("key-with-more-behind-passes") and key.startswith("cake-key"):
            key = "cake-key"
        if on("key-with-spaces-passes"):
            key = key.strip()
        if self.unchecked("expired-key") and key in KEYS or self.unchecked("key") and key not in KEYS:
            key = "cake-key"
        good = KEYS.get(key, on("unknown-key-passes") and key != "" or on("empty-key-passes") and key == "")
        if not good and not (on("expired-key-passes") and key in KEYS):
            yield "Invalid Api Key" if on("key-message-other") else "Invalid API Key"
        kinds = [name for name in KINDS if not on(f"{name.replace('_', '-')}-refused")]
        if on("publisher-passes"):
            kinds.append("publisher")
        owner = self.contacts.get(number)
        if number and owner:  # what an edit leaves out stays
            kind, entity = owner[0] if kind is None else kind, owner[1] if entity is None else entity
        if kind not in kinds and not (number and kind is None) and not on("entity-type-unchecked") and not self.unchecked("entity-type"):
            yield "Invalid Entity ID" if on("entity-type-message-of-id") else "Invalid Entity Type"
        elif self.unchecked("entity"):
            owner = owner and (kind, entity)
        elif (kind, entity) not in ENTITIES and not (number and None in (kind, entity)) and not on("entity-unchecked"):
            if not (on("entity-of-any-type-passes") and entity in dict((n, t) for t, n in ENTITIES)):
                yield "Invalid Entity ID"
        if number and not on("contact-unchecked"):
            if not owner or (owner != (kind, entity) and not on("contact-of-other-entity-passes")):
                if not (on("negative-contact-passes") and number < 0):
                    yield "Invalid Contact Id" if on("contact-message-other") else "Invalid Contact ID"
        for name, (longest, needed, message) in TEXTS.items():
            text, short = given[name], name.removeprefix("contact_").replace("_", "-")
            if text is None:
                if number and not on("edit-needs-all"):
                    continue
                text = ""
            longest += on(f"{short}-one-more") - on(f"{short}-one-less")
            if on("bytes-counted"):
                longest -= len(text.encode()) - len(text)
            if on("middle-name-needed") and name == "contact_middle_name" or on("timezone-needed") and name == "contact_timezone":
                needed = True
            if on("first-name-not-needed") and name == "contact_first_name" or on("last-name-not-needed") and name == "contact_last_name":
                needed = False
            if on("email-not-needed") and name == "contact_email_address" or on("other") and number:
                needed = False
            if on("fax-message-with-phone") and name == "contact_phone_fax":
                message = "Invalid Contact Phone Fax"
            if on("cell-message-of-work") and name == "contact_phone_cell":
                message = "Invalid Contact Phone Work"
            if on("time-zone-in-one-word") and name == "contact_timezone":
                message = "Invalid Contact Timezone"
            if on("im-service-message-of-name") and name == "contact_im_service":
                message = "Invalid Contact IM Name"
            if self.unchecked(short):
                pass
            elif (needed and not text) or len(text) > longest:
                yield message
            elif name == "contact_email_address" and text and not on("email-unchecked"):
                if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
                    yield "Invalid Contact Email Address" if on("bad-email-message-of-length") else "Invalid Email Address"
            if name == "contact_title":
                number_of = given["contact_department_id"]
                if number_of == 0 and on("department-0-refused") or number_of and number_of not in DEPARTMENTS:
                    if not on("department-unchecked") and not self.unchecked("department"):
                        yield "Invalid Contact Department"
            if name == "contact_im_service" and on("im-service-numbers-only") and text not in ("", "-1", *"01234"):
                yield "Invalid Contact IM Service"
            if name == "contact_im_service" and on("im-service-without-minus-1") and text == "-1":
                yield "Invalid Contact IM Service"
        language = given["contact_language_id"]
        if language == 0 and on("language-0-refused") or language and language not in LANGUAGES and not on("language-unchecked") and not self.unchecked("language"):
            yield "Invalid Contact Language"

    # The description of the service

    def wsdl(self, request):
        on = self.on
        types = {STRING: "s:string", INT: "s:int", BYTE: "s:unsignedByte", BOOL: "s:boolean"}
        parameters = "".join(
            f'<s:element minOccurs="{0 if kind == STRING else 1}" maxOccurs="1" name="{name}" type="{types[kind]}"/>'
            for name, kind in PARAMETERS.items()
        )
        address = f"http://{request.headers.get('Host', 'localhost')}{request.base}{request.path}"
        text = f"""<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:tns="{NAMESPACE}" xmlns:s="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}">
<wsdl:types><s:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">
<s:element name="Contact"><s:complexType><s:sequence>{parameters}</s:sequence></s:complexType></s:element>
<s:element name="ContactResponse"><s:complexType><s:sequence><s:element minOccurs="0" maxOccurs="1" name="ContactResult" type="tns:contact_addedit_response"/></s:sequence></s:complexType></s:element>
<s:complexType name="base_response"><s:sequence><s:element minOccurs="1" maxOccurs="1" name="success" type="s:boolean"/><s:element minOccurs="0" maxOccurs="1" name="message" type="s:string"/></s:sequence></s:complexType>
<s:complexType name="contact_addedit_response"><s:complexContent mixed="false"><s:extension base="tns:base_response"><s:sequence><s:element minOccurs="1" maxOccurs="1" name="contact_id" type="s:int"/></s:sequence></s:extension></s:complexContent></s:complexType>
</s:schema></wsdl:types>
<wsdl:message name="ContactSoapIn"><wsdl:part name="parameters" element="tns:Contact"/></wsdl:message>
<wsdl:message name="ContactSoapOut"><wsdl:part name="parameters" element="tns:ContactResponse"/></wsdl:message>
<wsdl:portType name="addeditSoap"><wsdl:operation name="Contact"><wsdl:input message="tns:ContactSoapIn"/><wsdl:output message="tns:ContactSoapOut"/></wsdl:operation></wsdl:portType>
<wsdl:binding name="addeditSoap" type="tns:addeditSoap"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><wsdl:operation name="Contact"><soap:operation soapAction="{NAMESPACE}Contact" style="document"/><wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
<wsdl:binding name="addeditSoap12" type="tns:addeditSoap"><soap12:binding transport="http://schemas.xmlsoap.org/soap/http"/><wsdl:operation name="Contact"><soap12:operation soapAction="{NAMESPACE}Contact" style="document"/><wsdl:input><soap12:body use="literal"/></wsdl:input><wsdl:output><soap12:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
<wsdl:service name="addedit"><wsdl:port name="addeditSoap" binding="tns:addeditSoap"><soap:address location="{address}"/></wsdl:port><wsdl:port name="addeditSoap12" binding="tns:addeditSoap12"><soap12:address location="{address}"/></wsdl:port></wsdl:service>
</wsdl:definitions>"""
        if on("wsdl-is-missing"):
            self.say(404, "text/html", "<p>not found</p>")
        if on("wsdl-is-html"):
            self.say(200, "text/html", text)
        self.say(200, "text/xml", text)
