"""box-sdk-gen, Box's own: tokens by client credentials and by code that end by the mock's clock, pages
by offset, and changes on a condition.

    folders.py BASE
"""

import json
import sys
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

from box_sdk_gen import (
    BaseUrls,
    BoxAPIError,
    BoxCCGAuth,
    BoxClient,
    BoxOAuth,
    BoxRetryStrategy,
    CCGConfig,
    CreateFolderParent,
    NetworkSession,
    OAuthConfig,
)

BASE = sys.argv[1]
BOX = f"{BASE}/@box/box"
# The library tries again after a 401, with another token; it needs not wait before that.
network = NetworkSession(base_urls=BaseUrls(base_url=BOX, upload_url=BOX, oauth_2_url=f"{BOX}/api/oauth2"), retry_strategy=BoxRetryStrategy(retry_base_interval=0))


def control(method, call, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{BASE}/@box/_counterpart/{call}", data, {"Content-Type": "application/json"}, method=method)) as answer:
        return json.loads(answer.read() or "null")


def by_credentials(secret="box-secret", enterprise="1", **more):
    return BoxCCGAuth(CCGConfig("box-client", secret, enterprise_id=enterprise, **more))


def client(auth):
    return BoxClient(auth, network_session=network)


def is_refused(status, code, request):
    try:
        request()
    except BoxAPIError as refusal:
        info = refusal.response_info
        said = info.code or info.body.get("error")
        assert (info.status_code, said) == (status, code), f"{info.status_code} {info.body}, not {status} {code}"
        return info
    raise AssertionError(f"was not refused with {code}")


def answered(path):
    """What was answered at a path until now."""
    entries = control("GET", "requests?vendor=box&short=true")
    return [entry["status"] for entry in entries if urlsplit(entry["path"]).path.endswith(path)]


# Client credentials: for the enterprise, or for a user of it.
box = client(by_credentials())
assert box.users.get_user_me().name == "Service Account"
assert client(by_credentials(user_id="11")).users.get_user_me().name == "Ann"
is_refused(400, "invalid_client", lambda: client(by_credentials(secret="another")).users.get_user_me())
is_refused(400, "invalid_grant", lambda: client(by_credentials(enterprise="2")).users.get_user_me())
is_refused(400, "invalid_grant", lambda: client(by_credentials(user_id="99")).users.get_user_me())

# Pages by offset; their size is what the answer says.
root = CreateFolderParent(id="0")
made = [box.folders.create_folder(f"folder {number:02}", root) for number in range(25)]
names, offset = [], 0
while True:
    page = box.folders.get_folder_items("0", offset=offset, limit=10)
    assert (page.offset, page.limit, page.total_count) == (offset, 10, 25), page.to_dict()
    names += [entry.name for entry in page.entries]
    offset += page.limit
    if offset >= page.total_count:
        break
assert names == [f"folder {number:02}" for number in range(25)], names
assert box.folders.get_folder_items("0", offset=30).entries == []
assert box.folders.get_folder_items("0", limit=5000).limit == 1000
is_refused(400, "bad_request", lambda: box.folders.get_folder_items("0", offset=10001))
is_refused(409, "item_name_in_use", lambda: box.folders.create_folder("folder 07", root))
is_refused(404, "not_found", lambda: box.folders.create_folder("folder", CreateFolderParent(id="9")))
is_refused(404, "not_found", lambda: box.folders.get_folder_items("9"))
is_refused(404, "not_found", lambda: box.folders.get_folder_by_id("9"))
is_refused(404, "not_found", lambda: box.folders.update_folder_by_id("9", name="renamed"))

# A change on a condition; the library sends the tag as it stands in the answer, without quotes.
first = box.folders.get_folder_by_id(made[0].id)
second = box.folders.update_folder_by_id(first.id, name="renamed", if_match=first.etag)
assert second.etag != first.etag and second.name == "renamed", second.to_dict()
is_refused(412, "precondition_failed", lambda: box.folders.update_folder_by_id(first.id, name="again", if_match=first.etag))
assert box.folders.get_folder_by_id(first.id).name == "renamed"

# An hour later by the mock's clock the token has ended: the library gets another one, unasked.
before = box.auth.retrieve_token().access_token
assert len(box.folders.get_folder_items("0").entries) == 25
control("POST", "clock/advance", {"by": "PT59M"})
assert box.users.get_user_me().id == "10" and box.auth.retrieve_token().access_token == before
control("POST", "clock/advance", {"by": "PT2M"})
assert box.users.get_user_me().id == "10" and box.auth.retrieve_token().access_token != before
assert answered("/users/me")[-2:] == [401, 200], answered("/users/me")

# A code of Ann, whose tokens are refreshed by their pair.
oauth = BoxOAuth(OAuthConfig("box-client", "box-secret"))


def consent(state):
    """What a browser does that follows the link of the library: Ann says yes."""
    url = urlsplit(oauth.get_authorize_url().replace("https://account.box.com", BOX) + f"&state={state}")
    connection = HTTPConnection(url.netloc)
    connection.request("GET", f"{url.path}?{url.query}")
    back = parse_qs(urlsplit(connection.getresponse().headers["Location"]).query)
    connection.close()
    assert back["state"] == [state], back
    return back["code"][0]


code = consent("s1")
pair = oauth.get_tokens_authorization_code_grant(code, network_session=network)
is_refused(400, "invalid_grant", lambda: oauth.get_tokens_authorization_code_grant(code, network_session=network))
late = consent("s2")
control("POST", "clock/advance", {"by": "PT31S"})
is_refused(400, "invalid_grant", lambda: oauth.get_tokens_authorization_code_grant(late, network_session=network))
ann = client(oauth)
assert ann.users.get_user_me().name == "Ann"
control("POST", "clock/advance", {"by": "PT1H"})
assert ann.users.get_user_me().name == "Ann"
assert oauth.retrieve_token().refresh_token != pair.refresh_token
assert answered("/users/me")[-2:] == [401, 200], answered("/users/me")

# The refresh token before was for once, and this one ends after 60 days.
oauth.token_storage.store(pair)
is_refused(400, "invalid_grant", lambda: oauth.refresh_token(network_session=network))
oauth.get_tokens_authorization_code_grant(consent("s3"), network_session=network)
control("POST", "clock/advance", {"by": "P60D"})
refusal = is_refused(400, "invalid_grant", lambda: ann.users.get_user_me())
assert refusal.body["error_description"] == "Refresh token has expired", refusal.body

# Revoked before its time.
oauth.get_tokens_authorization_code_grant(consent("s4"), network_session=network)
revoked = oauth.retrieve_token()
oauth.revoke_token(network_session=network)
oauth.token_storage.store(revoked)
is_refused(400, "invalid_grant", lambda: ann.users.get_user_me())
