"""requests and httpx, which are used alike: contacts of all four vendors over kept connections.

    vendors.py requests|httpx BASE
"""

import importlib
import json
import sys
from xml.etree import ElementTree

library = importlib.import_module(sys.argv[1])
BASE = sys.argv[2]
NAME = "Zoë <&> 𝄞"
client = library.Session() if sys.argv[1] == "requests" else library.Client()


def ask(method, url, status, *, body=None, media_type=None, headers=None, **more):
    """Sends bytes, or what a generator yields; the answer has to have the status."""
    headers = dict(headers or {})
    if media_type:
        headers["Content-Type"] = media_type
    if body is not None:
        more["data" if sys.argv[1] == "requests" else "content"] = body
    answer = client.request(method, BASE + url, headers=headers, **more)
    assert answer.status_code == status, f"{method} {url}: {answer.status_code}, not {status}: {answer.text}"
    return answer


def is_equal(what, actual, expected):
    assert actual == expected, f"{what} is {actual!r}, not {expected!r}"


def quentn():
    key = {"Authorization": "Bearer quentn-key"}
    path = "/quentn/public/api/V1/contact"
    made = ask("POST", path, 200, json={"contact": {"mail": "zoe+1@example.com", "first_name": NAME}}, headers=key).json()
    address = f"{path}/{made['id']}"
    found = ask("GET", address, 200, params={"fields": "first_name,mail"}, headers=key)
    is_equal("quentn: the contact", found.json(), {"id": made["id"], "first_name": NAME, "mail": "zoe+1@example.com"})
    head = ask("HEAD", address, 200, headers=key)
    is_equal("quentn: the body of HEAD", head.content, b"")
    is_equal("quentn: by address", ask("GET", f"{path}/zoe+1@example.com", 200, headers=key).json()[0]["id"], made["id"])
    is_equal("quentn: PUT", ask("PUT", address, 200, json={"first_name": "Zed"}, headers=key).json(), {"success": "true"})
    ask("POST", address + "/terms", 200, json=[12, 65], headers=key)
    # With a body, which a DELETE seldom has.
    ask("DELETE", address + "/terms", 200, body=b"[12]", media_type="application/json", headers=key)
    is_equal("quentn: terms", [term["id"] for term in ask("GET", address + "/terms", 200, headers=key).json()], [65])
    assert "mail" in ask("POST", path, 400, json={"contact": {"mail": "zoe"}}, headers=key).json()["message"]
    ask("GET", address, 401)
    ask("DELETE", address, 200, headers=key)
    ask("GET", address, 404, headers=key)

    # Without a length, in chunks.
    text = json.dumps({"contact": {"mail": "chunks@example.com", "first_name": "C"}}).encode()
    chunks = (text[at:at + 7] for at in range(0, len(text), 7))
    ask("POST", path, 200, body=chunks, media_type="application/json", headers=key)


def maileon():
    key = ("maileon-key-0001", "")
    path = "/maileon/1.0/contacts/externalid/zo%C3%AB"
    media_type = "application/vnd.maileon.api+xml; charset=utf-8"
    contact = ElementTree.Element("contact")
    ElementTree.SubElement(contact, "email").text = "zoe@example.com"
    field = ElementTree.SubElement(ElementTree.SubElement(contact, "standard_fields"), "field")
    ElementTree.SubElement(field, "name").text = "LASTNAME"
    ElementTree.SubElement(field, "value").text = NAME
    body = ElementTree.tostring(contact, encoding="utf-8", xml_declaration=True)
    ask("POST", path, 201, params={"permission": 1}, body=body, media_type=media_type, auth=key)
    found = ask("GET", path, 200, params={"standard_field": "LASTNAME"}, auth=key)
    is_equal("maileon: media type", found.headers["Content-Type"], "application/vnd.maileon.api+xml")
    tree = ElementTree.fromstring(found.content)
    is_equal("maileon: the name", tree.findtext(".//standard_fields/field/value"), NAME)
    is_equal("maileon: the external id", tree.findtext(".//external_id"), "zoë")
    refused = ask("POST", path, 400, params={"permission": 9}, body=body, media_type=media_type, auth=key)
    assert "permission" in ElementTree.fromstring(refused.content).findtext("message"), refused.text
    ask("GET", path, 401)
    ask("DELETE", path, 200, auth=key)
    ask("GET", path, 404, auth=key)


def loyaltii():
    path = "/loyaltii/api/v1/Contacts"
    contact = {"RegistrationSource": "fair", "FirstName": NAME, "LastName": "Lie", "Phone": "47123456"}
    made = ask("POST", path, 201, json=contact).json()
    is_equal("loyaltii: the name", made["FirstName"], NAME)
    is_equal("loyaltii: the contact", ask("GET", f"{path}/{made['Id']}", 200).json(), made)
    again = ask("POST", path, 409, **form({**contact, "LastName": "Nes"}))
    is_equal("loyaltii: the conflict", again.json()["Message"], "A contact with the same phone number already exists.")
    form_made = ask("POST", path, 201, **form({**contact, "LastName": "Nes", "Phone": "47123457"})).json()
    is_equal("loyaltii: the name by form", form_made["FirstName"], NAME)
    refused = ask("POST", path, 400, json={}).json()
    is_equal("loyaltii: the refusal", list(refused["ModelState"]), ["createContactDto.RegistrationSource"])


def form(fields):
    """The argument by which the library itself writes a form."""
    return {"data": fields}


def cake():
    path = "/cake/api/1/addedit.asmx/Contact"
    names = """api_key entity_type entity_id contact_id include_in_mass_email contact_first_name
        contact_middle_name contact_last_name contact_email_address contact_password contact_title
        contact_department_id contact_phone_work contact_phone_cell contact_phone_fax
        contact_im_service contact_im_name contact_timezone contact_language_id""".split()
    contact = dict.fromkeys(names, "") | {
        "api_key": "cake-key", "entity_type": "affiliate", "entity_id": "123456", "contact_id": "0",
        "include_in_mass_email": "TRUE", "contact_first_name": NAME, "contact_last_name": "Last",
        "contact_email_address": "zoe@example.com", "contact_im_service": "-1",
    }
    for arguments in [("GET", {"params": contact}), ("POST", form(contact))]:
        made = ask(arguments[0], path, 200, **arguments[1])
        tree = ElementTree.fromstring(made.content)
        is_equal("cake: the root", tree.tag, "{http://cakemarketing.com/api/1/}contact_addedit_response")
        is_equal("cake: the message", tree.findtext("{*}message"), f"Contact {NAME} Last Created")
    refused = ask("GET", path, 200, params={**contact, "api_key": "wrong"})
    is_equal("cake: the refusal", ElementTree.fromstring(refused.content).findtext("{*}message"), "Invalid API Key")
    del contact["contact_title"]
    is_equal("cake: a missing one", ask("GET", path, 500, params=contact).text, "Missing parameter: contact_title.\r\n")
    lists = ask("GET", "/cake/api/1/get.asmx/Departments", 200, params={"api_key": "cake-key"})
    is_equal("cake: departments", [d.text for d in ElementTree.fromstring(lists.content).findall(".//{*}department_name")],
             ["Accounting", "Marketing", "Technical"])


for vendor in [quentn, maileon, loyaltii, cake]:
    vendor()
