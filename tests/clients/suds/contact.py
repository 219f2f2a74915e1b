"""suds: a contact is created and edited over SOAP 1.1, refusals and a fault are read."""

import sys

import suds
from suds.cache import NoCache
from suds.client import Client
from suds.plugin import MessagePlugin

BASE = sys.argv[1] + "/cake/api/1"
FIRST = "Zoë <&> 𝄞"
LAST = "O'\"Brien 日本"


class Misspell(MessagePlugin):
    """Writes a word where a number belongs, which suds itself would not send."""

    on = False

    def sending(self, context):
        if self.on:
            context.envelope = context.envelope.replace(b":entity_id>123456<", b":entity_id>abc<")
            assert b">abc<" in context.envelope, context.envelope


def contact(**changes):
    fields = {
        "api_key": "cake-key",
        "entity_type": "affiliate",
        "entity_id": 123456,
        "contact_id": 0,
        "include_in_mass_email": True,
        "contact_first_name": FIRST,
        "contact_last_name": LAST,
        "contact_email_address": "zoe@example.com",
        "contact_department_id": 0,
        "contact_language_id": 2,
    }
    return {**fields, **changes}


def is_equal(what, actual, expected):
    assert actual == expected, f"{what} is {actual!r}, not {expected!r}"


misspell = Misspell()
addedit = Client(BASE + "/addedit.asmx?WSDL", cache=NoCache(), plugins=[misspell])
get = Client(BASE + "/get.asmx?WSDL", cache=NoCache())
# It knows no SOAP 1.2: its messages to that port are of SOAP 1.1.
service = addedit.service["addeditSoap"]

made = service.Contact(**contact())
is_equal("success", made.success, True)
is_equal("message", made.message, f"Contact {FIRST} {LAST} Created")
edited = service.Contact(**contact(contact_id=made.contact_id, contact_first_name="Zed"))
is_equal("message of the edit", edited.message, f"Contact Zed {LAST} Updated")
is_equal("contact_id of the edit", edited.contact_id, made.contact_id)

for change, message in [
    ({"api_key": "wrong"}, "Invalid API Key"),
    ({"contact_id": 99999}, "Invalid Contact ID"),
    ({"contact_last_name": ""}, "Invalid Contact Last Name"),
]:
    refused = service.Contact(**contact(**change))
    is_equal(f"success with {change}", refused.success, False)
    is_equal(f"message with {change}", refused.message, message)

misspell.on = True
try:
    service.Contact(**contact())
    raise AssertionError("a word for a number was accepted")
except suds.WebFault as error:
    fault = error.fault
    assert fault.faultcode.endswith(":Client"), fault.faultcode
    assert "not in a correct format" in fault.faultstring, fault.faultstring

lists = get.service["getSoap"]
departments = lists.Departments(api_key="cake-key")
is_equal("departments", [d.department_name for d in departments.Department], ["Accounting", "Marketing", "Technical"])
languages = lists.Languages(api_key="cake-key")
is_equal("languages", [l.language_id for l in languages.Language], [1, 2, 3])
