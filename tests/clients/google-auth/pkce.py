"""google-auth and google-auth-oauthlib, Google's own: an authorization code with PKCE, and access tokens
that are refreshed when they end by the mock's clock.

    pkce.py BASE
"""

import json
import os
import sys
from http.client import HTTPConnection
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

# The mock speaks plain HTTP on this machine, which oauthlib wants to be told.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error

BASE = sys.argv[1]
GOOGLE = f"{BASE}/@google-auth/google"
USER = f"{GOOGLE}/v1/userinfo"
CLIENT = "desktop.apps.googleusercontent.com"


def control(method, call, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{BASE}/@google-auth/_counterpart/{call}", data, {"Content-Type": "application/json"}, method=method)) as answer:
        return json.loads(answer.read() or "null")


def begin(secret="GOCSPX-not-secret", redirect="http://127.0.0.1/back", **more):
    installed = {"client_id": CLIENT, "client_secret": secret, "auth_uri": f"{GOOGLE}/o/oauth2/auth", "token_uri": f"{GOOGLE}/token", "redirect_uris": [redirect]}
    return Flow.from_client_config({"installed": installed}, scopes=["openid", "profile"], redirect_uri=redirect, **more)


def consent(flow, **more):
    """What a browser does that follows the link of the library: the user says yes."""
    link, state = flow.authorization_url(**more)
    url = urlsplit(link)
    connection = HTTPConnection(url.netloc)
    connection.request("GET", f"{url.path}?{url.query}")
    answer = connection.getresponse()
    if answer.status != 302:
        return json.loads(answer.read())["error"]
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    connection.close()
    assert back["state"] == [state], back
    return back["code"][0]


def is_refused(error, request, said):
    try:
        request()
    except error as refusal:
        assert said in str(refusal), f"{refusal} is not {said!r}"
        return
    raise AssertionError(f"was not refused with {said!r}")


flow = begin()
code = consent(flow)
(kept,) = control("GET", "state/google/codes")
assert len(flow.code_verifier) == 128 and kept["challenge"] not in (None, flow.code_verifier), kept
token = flow.fetch_token(code=code)
assert token["token_type"] == "Bearer" and token["expires_in"] == 3599 and token["refresh_token"], token
session = AuthorizedSession(flow.credentials)
assert session.get(USER).json()["name"] == "Ann"

# The code was for once, for who has the verifier, at its redirect URI, and for ten minutes.
is_refused(OAuth2Error, lambda: flow.fetch_token(code=code), "(invalid_grant) Malformed auth code.")
victim, thief = begin(), begin(code_verifier="v" * 43)
stolen = consent(victim)
is_refused(OAuth2Error, lambda: thief.fetch_token(code=stolen), "(invalid_grant) Invalid code verifier.")
is_refused(OAuth2Error, lambda: begin(autogenerate_code_verifier=False).fetch_token(code=stolen), "(invalid_grant) Missing code verifier.")
is_refused(OAuth2Error, lambda: begin(redirect="http://127.0.0.1/other").fetch_token(code=stolen), "(redirect_uri_mismatch)")
is_refused(OAuth2Error, lambda: begin(secret="another").fetch_token(code=stolen), "(invalid_client)")
assert consent(begin(redirect="http://127.0.0.1/other")) == "redirect_uri_mismatch"
# None of that used it up.
assert victim.fetch_token(code=stolen)["access_token"]
late = begin()
kept = consent(late)
control("POST", "clock/advance", {"by": "PT10M"})
is_refused(OAuth2Error, lambda: late.fetch_token(code=kept), "(invalid_grant)")
plain = begin(code_verifier="x" * 50)
assert plain.fetch_token(code=consent(plain, code_challenge="x" * 50, code_challenge_method="plain"))["access_token"]

# An hour later by the mock's clock, of which the library knows nothing: it gets a 401 and refreshes.
before = session.credentials.token
control("POST", "clock/advance", {"by": "PT51M"})
assert session.get(USER).status_code == 200 and session.credentials.token != before
asked = [(entry["operation"], entry["status"]) for entry in control("GET", "requests?vendor=google&short=true")]
assert asked[-3:] == [("read_user", 401), ("exchange", 200), ("read_user", 200)], asked

# Without offline access there is nothing to refresh with.
online = begin()
assert "refresh_token" not in online.fetch_token(code=consent(online, access_type="online"))

# Who is revoked gets no other token.
with urlopen(f"{GOOGLE}/revoke", urlencode({"token": session.credentials.refresh_token}).encode()) as answer:
    assert answer.status == 200
is_refused(RefreshError, lambda: session.get(USER), "invalid_grant: Token has been expired or revoked.")
try:
    urlopen(f"{GOOGLE}/revoke", urlencode({"token": "ya29.nobody"}).encode())
    raise AssertionError("a token that nobody has was revoked")
except HTTPError as refusal:
    assert (refusal.code, json.loads(refusal.read())["error"]) == (400, "invalid_token")
