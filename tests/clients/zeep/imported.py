"""zeep with what was imported: a WSDL becomes a spec, which passes `check` and is served. zeep, which
has read the document itself, calls each operation through each port; each answer has to be valid
by the document's own schema. What is exported of the spec again is read by zeep, has the same
operations, and is called in the same way.

    imported.py ADDRESS [WSDL...]     the mock at the address is not asked
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import xmlschema
import zeep
import zeep.wsdl.bindings
from lxml import etree

PROGRAM = os.environ["COUNTERPART_MOCK"]
XSD = "{http://www.w3.org/2001/XMLSchema}"
SOAP = (zeep.wsdl.bindings.Soap11Binding, zeep.wsdl.bindings.Soap12Binding)
SAMPLES = {
    **dict.fromkeys(["int", "integer", "long", "short", "byte", "unsignedInt", "unsignedByte"], 1),
    **dict.fromkeys(["decimal", "float", "double"], 1.5),
    "boolean": True,
    "dateTime": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
}
# zeep does not tell which values a type has.
CHOSEN = {"state": "open"}


class Kept(zeep.Plugin):
    """Keeps the last envelope that came back."""

    envelope = None

    def ingress(self, envelope, http_headers, operation):
        self.envelope = envelope
        return envelope, http_headers


def run(folder, *arguments):
    done = subprocess.run([PROGRAM, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def sample(kind, name=""):
    """Some value of a type, for what is called so."""
    if not isinstance(kind, zeep.xsd.ComplexType):
        return CHOSEN.get(name.lower()) or SAMPLES.get(kind.name, "text")
    members = {}
    for name, element in kind.elements:
        value = sample(element.type, name)
        members[name] = [value] if element.accepts_multiple else value
    return members


def schemas_of(document, folder):
    """The schemas that stand in a document, for validators that are not zeep's."""
    found = list(etree.parse(str(document)).iter(f"{XSD}schema"))
    spaces = {schema.get("targetNamespace"): f"{document.stem}-{at}.xsd" for at, schema in enumerate(found)}
    for schema in found:
        for imported in schema.findall(f"{XSD}import"):
            if imported.get("namespace") in spaces:
                imported.set("schemaLocation", spaces[imported.get("namespace")])
        (folder / spaces[schema.get("targetNamespace")]).write_bytes(etree.tostring(schema))
    whole = etree.Element(f"{XSD}schema")
    for space, name in spaces.items():
        given = {"namespace": space} if space else {}
        etree.SubElement(whole, f"{XSD}import", schemaLocation=name, **given)
    path = folder / f"{document.stem}.xsd"
    path.write_bytes(etree.tostring(whole))
    return etree.XMLSchema(etree.parse(str(path))), xmlschema.XMLSchema(str(path))


def judged(body, operation, schemas):
    """What is wrong with the body of an answer by the document."""
    if schemas is None:
        return
    # zeep has none for a message without parts.
    abstract = operation.output.abstract
    declared = abstract.parts if abstract is not None else {}
    if not declared:
        if len(body):
            yield f"there is {body[0].tag} where the document has nothing"
        return
    element = next(iter(declared.values())).element.qname
    if [child.tag for child in body] != [element.text]:
        yield f"{[child.tag for child in body]} is not {element}"
        return
    alone = etree.fromstring(etree.tostring(body[0]))
    if not schemas[0].validate(alone):
        yield f"for lxml: {schemas[0].error_log.last_error.message}"
    for error in schemas[1].iter_errors(alone):
        yield f"for xmlschema: {error.reason} at {error.path}"


def call_all(document, base, folder):
    """Calls all there is; gives the operations by port, and what was wrong."""
    # No schema describes the messages of rpc: there zeep alone is the judge.
    schemas = None if document == RPC else schemas_of(document, folder)
    kept, called, wrong = Kept(), {}, []
    client = zeep.Client(str(document), plugins=[kept])
    for service in client.wsdl.services.values():
        for port in service.ports.values():
            if not isinstance(port.binding, SOAP):
                continue
            address = port.binding_options["address"]
            path = "/" + address.partition("://")[2].partition("/")[2]
            here = address if address.startswith(base) else base + path
            proxy = client.create_service(port.binding.name, here)
            for name, operation in port.binding._operations.items():
                given = sample(operation.input.body.type)
                has_header = operation.input.header is not None and operation.input.header.type.elements
                headers = {"_soapheaders": {"key": {"Secret": "s"}}} if has_header else {}
                where = f"{port.name}, {name}"
                # A message that is a text alone is not a list of names.
                given, texts = (given, []) if isinstance(given, dict) else ({}, [given])
                try:
                    proxy[name](*texts, **given, **headers)
                except Exception as error:  # Whatever zeep has against it is told.
                    wrong.append(f"{where}: {type(error).__name__}: {error}")
                    continue
                body = next(one for one in kept.envelope if etree.QName(one).localname == "Body")
                wrong += [f"{where}: {problem}" for problem in judged(body, operation, schemas)]
                called.setdefault(port.binding.name.localname[-6:], set()).add(name)
    return called, wrong


def serve(folder):
    arguments = [PROGRAM, "serve", "--listen", "127.0.0.1:0"]
    mock = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    base = mock.stdout.readline().strip().split("\t")[1]
    assert mock.stdout.readline().strip() == "ready"
    return mock, base


def try_document(document):
    with tempfile.TemporaryDirectory() as folder:
        run(folder, "import", "wsdl", str(document), "--vendor", "it")
        run(folder, "check")
        mock, base = serve(folder)
        try:
            called, wrong = call_all(document, base, Path(folder))
            assert not wrong, "\n".join(wrong)
            assert called, "there is no port of SOAP"
            again = Path(folder) / "again.wsdl"
            run(folder, "export", "wsdl", "it", "--server", base, "--out", str(again))
            exported, wrong = call_all(again, base, Path(folder))
            # What stands in for an abstract type is named in answers, and not described.
            named = {problem.split(": ")[0] for problem in wrong if "No type 'Diesel'" in problem}
            wrong = [problem for problem in wrong if problem.split(": ")[0] not in named]
            assert not wrong, "exported: " + "\n".join(wrong)
            names = {name for names in called.values() for name in names}
            names -= {of.split(", ")[1] for of in named}
            for port, found in exported.items():
                assert found == names, f"exported: {port} has {found}, not {names}"
        finally:
            mock.terminate()
            mock.wait()


HERE = Path(__file__).parent
RPC = HERE / "rates.wsdl"
for name in sys.argv[2:] or [HERE / "tickets.wsdl", HERE / "unqualified.wsdl", HERE / "fleet.wsdl", RPC]:
    try_document(Path(name).resolve())
