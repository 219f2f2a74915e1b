"""requests or httpx: a form with texts, JSON and all bytes as a file, which is read back.

    form.py requests|httpx BASE
"""

import hashlib
import importlib
import json
import sys

library = importlib.import_module(sys.argv[1])
base = sys.argv[2]
content = bytes(range(256)) * 3
files = {
    "file": ('Zoë "x".png', content, "image/png"),
    "about": (None, json.dumps({"author": "Zoë", "year": 2020}), "application/json"),
}
answer = library.post(base + "/files", files=files, data={"title": "a=b & c", "pages": "3", "tags": ["x", "y"]})
assert answer.status_code == 201, answer.text
made = answer.json()
expected = {
    "filename": 'Zoë "x".png',
    "size": len(content),
    "md5": hashlib.md5(content).hexdigest(),
    "title": "a=b & c",
    "pages": 3,
    "draft": False,
    "tags": ["x", "y"],
    "about": {"author": "Zoë", "year": 2020},
}
for name, value in expected.items():
    assert made[name] == value, f"{name} is {made[name]!r}, not {value!r}"
back = library.get(f"{base}/files/{made['id']}")
assert back.content == content, "the file is another one"
assert back.headers["Content-Type"] == "image/png", back.headers
