"""zeep: a contact is created and edited through each port of the WSDL, and refusals are read."""

import sys

import zeep
from lxml import etree

BASE = sys.argv[1] + "/cake/api/1"
NAMESPACE = "{http://cakemarketing.com/api/1/}"
FIRST = "Zoë <&> 𝄞"
LAST = "O'\"Brien 日本"


class Misspell(zeep.Plugin):
    """Writes a word where a number belongs, which zeep itself would not send."""

    on = False

    def egress(self, envelope, http_headers, operation, binding_options):
        if self.on:
            envelope.find(f".//{NAMESPACE}entity_id").text = "abc"
        return envelope, http_headers


def contact(**changes):
    fields = {
        "api_key": "cake-key",
        "entity_type": "affiliate",
        "entity_id": 123456,
        "contact_id": 0,
        "include_in_mass_email": True,
        "contact_first_name": FIRST,
        "contact_middle_name": None,
        "contact_last_name": LAST,
        "contact_email_address": "zoe@example.com",
        "contact_password": "",
        "contact_title": "Director",
        "contact_department_id": 1,
        "contact_im_service": "-1",
        "contact_timezone": "PST",
        "contact_language_id": 0,
    }
    return {**fields, **changes}


def is_equal(what, actual, expected):
    assert actual == expected, f"{what} is {actual!r}, not {expected!r}"


misspell = Misspell()
addedit = zeep.Client(BASE + "/addedit.asmx?WSDL", plugins=[misspell])
get = zeep.Client(BASE + "/get.asmx?WSDL")
is_equal("the ports", sorted(addedit.wsdl.services["addedit"].ports), ["addeditSoap", "addeditSoap12"])

ids = []
for port in ["addeditSoap", "addeditSoap12"]:
    service = addedit.bind("addedit", port)
    made = service.Contact(**contact())
    is_equal(f"{port}: success", made.success, True)
    is_equal(f"{port}: message", made.message, f"Contact {FIRST} {LAST} Created")
    ids.append(made.contact_id)

    edited = service.Contact(**contact(contact_id=made.contact_id, contact_first_name="Zed"))
    is_equal(f"{port}: message of the edit", edited.message, f"Contact Zed {LAST} Updated")
    is_equal(f"{port}: contact_id of the edit", edited.contact_id, made.contact_id)

    for change, message in [
        ({"api_key": "wrong"}, "Invalid API Key"),
        ({"contact_id": 99999}, "Invalid Contact ID"),
        ({"entity_type": "pirate"}, "Invalid Entity Type"),
        ({"contact_first_name": "x" * 26}, "Invalid Contact First Name"),
        ({"contact_email_address": "zoe"}, "Invalid Email Address"),
        ({"contact_department_id": 99}, "Invalid Contact Department"),
    ]:
        refused = service.Contact(**contact(**change))
        is_equal(f"{port}: success with {change}", refused.success, False)
        is_equal(f"{port}: message with {change}", refused.message, message)

    misspell.on = True
    try:
        service.Contact(**contact())
        raise AssertionError(f"{port}: a word for a number was accepted")
    except zeep.exceptions.Fault as fault:
        assert "not in a correct format" in fault.message, f"{port}: the fault says {fault.message!r}"
        code = fault.code if isinstance(fault.code, str) else str(fault.code)
        assert code.endswith("Client" if port == "addeditSoap" else "Sender"), f"{port}: {code}"
    misspell.on = False
assert ids[0] != ids[1], f"both contacts have the id {ids[0]}"

for port in ["getSoap", "getSoap12"]:
    service = get.bind("get", port)
    departments = service.Departments(api_key="cake-key")
    is_equal(f"{port}: departments", [d.department_name for d in departments.Department], ["Accounting", "Marketing", "Technical"])
    languages = service.Languages(api_key="cake-key")
    is_equal(f"{port}: languages", [l.language_id for l in languages.Language], [1, 2, 3])
    refused = service.Departments(api_key="wrong")
    is_equal(f"{port}: success with the wrong key", refused.success, False)
    is_equal(f"{port}: message with the wrong key", refused.message, "Invalid API Key")
    is_equal(f"{port}: departments with the wrong key", refused.Department, [])
