"""Somebody who keeps notes, by the package `requests`: client.py BASE-URL"""

import sys

import requests

base = sys.argv[1]
with requests.Session() as session:
    refused = session.post(f"{base}/session", json={"user": "ann", "password": "letmein"})
    assert refused.status_code == 401, refused.text
    # From here on the cookie is sent, which is for the path of the notes alone.
    session.post(f"{base}/session", json={"user": "ann", "password": "hunter2"}).raise_for_status()
    made = session.post(f"{base}/notes", json={"title": "Buy milk"})
    assert made.status_code == 201, made.text
    own = requests.compat.urljoin(made.url, made.headers["Location"])
    assert own.startswith(f"{base}/notes/"), own
    assert session.get(own).json() == made.json()
    listed = session.get(f"{base}/notes", params={"page": 1})
    assert listed.json()["notes"][-1] == made.json(), listed.text
    assert listed.headers["Content-Encoding"] == "gzip", listed.headers
    changed = session.patch(own, json={"title": "Buy bread"}).json()
    assert (changed["title"], changed["version"]) == ("Buy bread", 2), changed
    assert session.get(f"{base}/notes/none").status_code == 404
    assert session.delete(own).status_code == 204
    assert session.get(own).status_code == 404
