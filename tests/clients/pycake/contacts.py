"""pycake, an SDK of CAKE's: each call that it makes on contacts and on what they hang on.

It sends JSON first, and the same as a form where the answer has no `d`; so each call here has to be
answered at the first attempt. Calls that are refused are answered, too.
"""

import sys
from urllib.parse import urlsplit

import requests
from pycake.api import AdminAPI

HOST = urlsplit(sys.argv[1])
DOMAIN = f"{HOST.netloc}{HOST.path}/cake"
EMAIL = "fox@example.com"
sent = []
post = requests.post


def noted(url, **body):
    answer = post(url, **body)
    sent.append((url.rpartition("/api/")[2], "json" in body, answer.status_code))
    return answer


requests.post = noted


def is_equal(what, actual, expected):
    assert actual == expected, f"{what} is {actual!r}, not {expected!r}"


def ask(call, *arguments, **named):
    """What a call of pycake gives; all that it sent was JSON, and was answered as such."""
    sent.clear()
    found = call(*arguments, **named)
    assert sent and all(in_json and status == 200 for _, in_json, status in sent), f"{call.__name__} sent {sent}"
    return found


# The key
api = AdminAPI(DOMAIN, use_https=False)
ask(api.set_api_key, "admin@example.com", "wrong")
is_equal("the key of a wrong password", api.api_key, None)
ask(api.set_api_key, "admin@example.com", "cake-password")
is_equal("the key", api.api_key, "cake-key")
is_equal("the key once more", ask(api.get_api_key, "admin@example.com", "cake-password"), "cake-key")

# Lists
names = [one["department_name"] for one in ask(api.get_departments)]
is_equal("the departments", names, ["Accounting", "Marketing", "Technical"])
is_equal("the languages", [one["language_id"] for one in ask(api.get_languages)], [1, 2, 3])
roles = {one["role_name"]: one["role_id"] for one in ask(api.get_roles)}
is_equal("the role of affiliates", roles["Affiliate"], 6)

# What contacts hang on, and the contacts
made = {
    "affiliate": ask(api.add_affiliate, "Foxes", notes="first"),
    "advertiser": ask(api.add_advertiser, "Fox Brands", notes="first"),
    "buyer": ask(api.add_buyer, "Fox Buyers", account_manager_id="0"),
}
for kind, entity in made.items():
    number = entity[f"{kind}_id"]
    is_equal(f"{kind}: message", entity["message"], f"{kind.capitalize()} {number} Created")
    edited = ask(getattr(api, f"edit_{kind}"), number, website="www.example.com")
    is_equal(f"{kind}: message of the edit", edited["message"], f"{kind.capitalize()} {number} Updated")
    contact = ask(api.add_contact, kind, number, roles[kind.capitalize()], EMAIL, "Reynard", contact_last_name="Fox")
    is_equal(f"{kind}: success", contact["success"], True)
    assert contact["message"].startswith("Contact Reynard Fox "), contact["message"]
    refused = ask(api.add_contact, kind, 999999, 6, EMAIL, "Reynard")
    is_equal(f"{kind}: a contact of nobody", refused["message"], "Invalid Entity ID")
    exported = ask(getattr(api, f"export_{kind}s"), number)
    is_equal(f"{kind}: row_count", exported["row_count"], 1)
    row = exported[f"{kind}s"][0]
    is_equal(f"{kind}: website", row["website"], "www.example.com")
    people = row["contacts"]
    is_equal(f"{kind}: contacts", [(one["contact_id"], one["last_name"]) for one in people], [(contact["contact_id"], "Fox")])
    is_equal(f"{kind}: role", people[0]["role"]["role_name"], kind.capitalize())
is_equal("notes", ask(api.export_affiliates, made["affiliate"]["affiliate_id"])["affiliates"][0]["notes"], "first")
for wrong, message in [({"contact_email_address": "nobody"}, "Invalid Email Address"), ({"contact_first_name": "x" * 26}, "Invalid Contact First Name")]:
    refused = ask(api.add_contact, **{"entity_type": "affiliate", "entity_id": 123456, "role_id": 6, "contact_email_address": EMAIL, "contact_first_name": "Reynard", **wrong})
    is_equal("a refusal", (refused["success"], refused["message"]), (False, message))
assert made["affiliate"]["affiliate_id"] in ask(api.get_affiliate_ids)
assert made["advertiser"]["advertiser_id"] in ask(api.get_advertiser_ids)

# Signing up
place = ["20411 Birch St.", "Newport Beach", "CA", "92660", "US"]
affiliate = ask(api.signup_affiliate, "Foxy Fox", 1, 1, "Corporation", "1", *place, "Foxy", "Fox", EMAIL, "1", "CET", "TRUE")
is_equal("the signup of an affiliate", affiliate["message"], "Affiliate Added Successfully")
advertiser = ask(api.signup_advertiser, "Foxy Brands", *place, "Foxy", "Fox", EMAIL, "1")
people = ask(api.export_advertisers, advertiser["advertiser_id"])["advertisers"][0]["contacts"]
is_equal("the contact of who signed up", [one["first_name"] for one in people], ["Foxy"])

# Forms, whose answers are XML
forms = AdminAPI(DOMAIN, use_https=False, api_key="cake-key", response_format="XML")
text = forms.add_contact("affiliate", 123456, 6, EMAIL, "Reynard")
assert "<success>true</success>" in text and "http://cakemarketing.com/api/3/" in text, text
is_equal("what was sent", sent[-1], ("3/addedit.asmx/Contact", False, 200))

# A wrong key
stranger = AdminAPI(DOMAIN, use_https=False, api_key="wrong")
is_equal("the message for a wrong key", ask(stranger.add_contact, "affiliate", 123456, 6, EMAIL, "Reynard")["message"], "Invalid API Key")
