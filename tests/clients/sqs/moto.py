"""moto, another server of SQS's API: our scenarios run against it, and are compared.

    moto.py BASE
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sdk"))
import independent  # noqa: E402
from independent import ANY, NOTHING  # noqa: E402

KNOWN = HERE / "moto.yaml"
# Path, mock, moto. What moto.yaml has is not told again.
DIFFERENT = [
    ("$", "", "{}"),
    ("header Content-Type", NOTHING, "application/x-amz-json-1.0"),         # of the {}
    ("$.Successful[1].MessageId", ANY, ANY, "a FIFO queue tells what it is"),
    ("$.__type", "com.amazonaws.sqs#InvalidAttributeValue", NOTHING, "attributes have defaults, bounds and names"),
    ("$", ANY, ANY, "a name for a FIFO queue ends with .fifo, and no other [with]"),
    ("$", ANY, ANY, "a queue is emptied, and deleted"),
    ("$", ANY, ANY, "what cannot be sent [a control character]"),
]

with independent.server("-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}") as url:
    independent.run("sqs", KNOWN, url, "common")
    independent.compare("sqs", KNOWN, url, "common", DIFFERENT)
