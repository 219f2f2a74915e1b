"""zeep: a contact is created and edited through each port of the WSDL, and refusals are read."""

import sys

import zeep
from lxml import etree

CAKE = sys.argv[1] + "/cake/api"
BASE = CAKE + "/1"
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

# The other versions, what contacts hang on, and where they can be read.
for version, emails in [(2, True), (3, "on")]:
    client = zeep.Client(f"{CAKE}/{version}/addedit.asmx?WSDL")
    for port in ["addedit%dSoap" % version, "addedit%dSoap12" % version]:
        service = client.bind("addedit%d" % version, port)
        fields = {**contact(), "role_id": 6, "include_in_mass_emails": emails, "contact_im_service": "1"}
        del fields["include_in_mass_email"]
        made = service.Contact(**fields)
        is_equal(f"{port}: success", made.success, True)
        refused = service.Contact(**{**fields, "contact_email_address": "zoe"})
        is_equal(f"{port}: message", refused.message, "Invalid Email Address")
        is_equal(f"{port}: contact_id of a refusal", refused.contact_id, None)

advertiser = addedit.bind("addedit", "addeditSoap12").Advertiser(
    api_key="cake-key", advertiser_id=0, advertiser_name=FIRST, account_status_id=1, online_signup=False,
    billing_cycle_id=0, account_manager_id=0,
)
is_equal("the advertiser", advertiser.message, f"Advertiser {advertiser.advertiser_id} Created")

exports = zeep.Client(f"{CAKE}/5/export.asmx?WSDL")
for port in ["export5Soap", "export5Soap12"]:
    rows = exports.bind("export5", port).Affiliates(
        api_key="cake-key", affiliate_id=123456, account_manager_id=0, tag_id=0, start_at_row=0, row_limit=0,
        sort_descending=False,
    )
    is_equal(f"{port}: row_count", rows.row_count, 1)
    people = rows.affiliates.affiliate[0].contacts.contact_info
    is_equal(f"{port}: names", {person.last_name for person in people}, {LAST})
    is_equal(f"{port}: roles", {person.role.role_name for person in people} - {None, ""}, {"Affiliate"})

for key, wanted in [("cake-password", "cake-key"), ("wrong", "")]:
    found = get.bind("get", "getSoap").GetAPIKey(username="admin@example.com", password=key)
    is_equal("the key", found or "", wanted)
