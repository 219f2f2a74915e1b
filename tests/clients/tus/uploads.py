"""tuspy, a client of tus: uploads in chunks, with digests, broken off and resumed.

    uploads.py BASE
"""

import hashlib
import io
import json
import sys
from urllib.request import Request, urlopen

from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.uploader import Uploader

BASE = sys.argv[1]
TUS = f"{BASE}/@tus/tus/files"
# Bytes of every kind, and a last chunk that is smaller.
CONTENT = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(256)) * 5 + b"end"
client = TusClient(TUS)


class Damaged(Uploader):
    """Sends digests of other bytes than those that it sends."""

    checksum_algorithm = property(lambda _: lambda chunk: hashlib.sha1(chunk + b"x"))


def advance(duration):
    body = json.dumps({"by": duration}).encode()
    urlopen(Request(f"{BASE}/@tus/_counterpart/clock/advance", body, {"Content-Type": "application/json"})).close()


def read(url):
    with urlopen(url) as answer:
        return answer.read()


def upload(**more):
    return client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=10_000, **more)


def is_refused(status, request):
    try:
        request()
    except (TusCommunicationError, TusUploadFailed) as refusal:
        assert refusal.status_code == status, f"{refusal.status_code}, not {status}"
        return
    raise AssertionError(f"was not refused with {status}")


# Broken off after two chunks, and resumed by somebody who knows the URL alone.
first = upload(metadata={"filename": "a b.txt", "empty": ""})
first.upload_chunk()
first.upload_chunk()
assert first.offset == 20_000 and len(read(first.url)) == 20_000
second = upload(url=first.url)
assert second.offset == 20_000, second.offset
second.upload()
assert read(first.url) == CONTENT

# With a digest of each chunk, and one that was damaged on its way.
checked = upload(upload_checksum=True)
checked.upload(stop_at=10_000)
damaged = Damaged(file_stream=io.BytesIO(CONTENT), url=checked.url, chunk_size=10_000, client=client, upload_checksum=True)
is_refused(460, damaged.upload)
assert len(read(checked.url)) == 10_000
checked.upload()
assert read(checked.url) == CONTENT

# Somebody else was faster, so this one is at the wrong place.
slow = upload()
slow.upload_chunk()
upload(url=slow.url).upload_chunk()
is_refused(409, slow.upload_chunk)

# After a day what is not complete is gone.
advance("P1DT1S")
is_refused(410, lambda: upload(url=slow.url))
assert read(checked.url) == CONTENT
