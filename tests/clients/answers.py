"""Holds SOAP answers against the WSDL that the mock serves, by validators that are not ours.

    answers.py BASE                 what the journal of the session at BASE has
    answers.py BASE --report FILE   what a JSON report of counterpart-test has

The WSDL has to be valid by WSDL's own schema. A body has to be valid by the schema that the WSDL
carries, for lxml (libxml2) and for xmlschema alike. An envelope and a fault have to be as SOAP
says: for SOAP 1.1 by its schema; for SOAP 1.2, of which no schema is at hand, by its structure.
"""

import json
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import xmlschema
from lxml import etree

BASE = sys.argv[1]
# Not that of the exports: its WSDL has a schema for each of two namespaces, and each is read alone here.
SERVICES = [
    "/cake/api/1/addedit.asmx",
    "/cake/api/1/get.asmx",
    "/cake/api/2/addedit.asmx",
    "/cake/api/3/addedit.asmx",
    "/cake/api/4/signup.asmx",
]
XSD = "{http://www.w3.org/2001/XMLSchema}"
VERSIONS = {
    "http://schemas.xmlsoap.org/soap/envelope/": "text/xml",
    "http://www.w3.org/2003/05/soap-envelope": "application/soap+xml",
}
SHIPPED = Path(xmlschema.__file__).parent / "schemas" / "WSDL"
ENVELOPE = xmlschema.XMLSchema(SHIPPED / "soap-envelope.xsd")
WSDL = xmlschema.XMLSchema(SHIPPED / "wsdl.xsd")
problems = []


class Service:
    """One served WSDL, and the schema in it, read by both validators."""

    def __init__(self, path):
        with urllib.request.urlopen(f"{BASE}{path}?WSDL") as answer:
            text = answer.read()
        for error in WSDL.iter_errors(text.decode()):
            problems.append(f"{path}?WSDL: {error.reason} at {error.path}")
        schema = etree.fromstring(text).find(f".//{XSD}schema")
        # With the namespaces that are declared above it.
        alone = etree.tostring(schema)
        self.lxml = etree.XMLSchema(etree.fromstring(alone))
        self.xmlschema = xmlschema.XMLSchema(alone.decode())


def received():
    """URL, status, media type and body of each answer."""
    if "--report" in sys.argv:
        report = json.loads(Path(sys.argv[sys.argv.index("--report") + 1]).read_text())
        for trial in report["trials"]:
            for step in trial["steps"]:
                request, response = step.get("request"), step.get("response")
                if request and response:
                    headers = {h["name"].lower(): h["value"] for h in response["headers"]}
                    yield trial["name"], request, response["status"], headers, response["body"]
    else:
        with urllib.request.urlopen(f"{BASE}/_counterpart/requests?vendor=cake") as answer:
            for entry in json.load(answer):
                response = entry["response"]
                headers = {name.lower(): value for name, value in response["headers"].items()}
                yield f"request {entry['id']}", entry["request"], response["status"], headers, response["body"]


def fault_problems(fault, version, status):
    """What a fault lacks to be one of its version."""
    if status not in (400, 500):
        yield f"a fault has the status {status}"
    if version.endswith("2003/05/soap-envelope"):
        names = [etree.QName(child) for child in fault]
        if [name.localname for name in names] not in (
            ["Code", "Reason"], ["Code", "Reason", "Detail"],
        ) or any(name.namespace != version for name in names):
            yield f"a fault has the elements {[str(name) for name in names]}"
            return
        code = fault.findtext(f"{{{version}}}Code/{{{version}}}Value") or ""
        prefix, _, name = code.strip().rpartition(":")
        if fault.nsmap.get(prefix or None) != version:
            yield f"the fault's code {code!r} is not in SOAP's namespace"
        if name not in ("VersionMismatch", "MustUnderstand", "DataEncodingUnknown", "Sender", "Receiver"):
            yield f"the fault's code is {code!r}"
        text = fault.find(f"{{{version}}}Reason/{{{version}}}Text")
        if text is None or not text.get("{http://www.w3.org/XML/1998/namespace}lang"):
            yield "the fault's reason has no text with a language"


def judge(service, status, headers, body):
    """What is wrong with one answer."""
    try:
        envelope = etree.fromstring(body.encode())
    except etree.XMLSyntaxError as error:
        yield f"not well-formed: {error}"
        return
    version = etree.QName(envelope).namespace
    if etree.QName(envelope).localname != "Envelope" or version not in VERSIONS:
        yield f"the root is {envelope.tag}"
        return
    media = headers.get("content-type", "").split(";")[0]
    if media != VERSIONS[version]:
        yield f"the envelope of {version} comes as {media}"
    if VERSIONS[version] == "text/xml":
        for error in ENVELOPE.iter_errors(etree.ElementTree(envelope)):
            yield f"by the schema of SOAP 1.1: {error.reason} at {error.path}"
    content = envelope.find(f"{{{version}}}Body")
    if content is None or len(content) != 1:
        yield "there is not one element in the body"
        return
    content = content[0]
    if content.tag == f"{{{version}}}Fault":
        yield from fault_problems(content, version, status)
        return
    # Apart from the envelope, as a client that checks by the schema sees it.
    text = etree.tostring(content)
    if not service.lxml.validate(etree.fromstring(text)):
        yield f"for lxml: {service.lxml.error_log.last_error.message}"
    for error in service.xmlschema.iter_errors(text.decode()):
        yield f"for xmlschema: {error.reason} at {error.path}"


services = {path: Service(path) for path in SERVICES}
judged = 0
for name, request, status, headers, body in received():
    service = services.get(urlsplit(request["url"]).path[len(urlsplit(request["url"]).path.partition("/cake/")[0]):])
    is_xml = headers.get("content-type", "").split(";")[0] in VERSIONS.values()
    if service and request["method"] == "POST" and is_xml:
        judged += 1
        problems += [f"{name}: {problem}\n    {body}" for problem in judge(service, status, headers, body)]

if not judged:
    problems.append("there is no SOAP answer to judge")
if problems:
    sys.exit(f"{len(problems)} problems in {judged} answers\n" + "\n".join(problems))
print(f"{judged} answers are valid")
