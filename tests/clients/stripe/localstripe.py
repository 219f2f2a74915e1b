"""localstripe, another server of Stripe's API: our scenarios run against it, and are compared.

    localstripe.py BASE
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sdk"))
import independent  # noqa: E402
from independent import ANY, NOTHING  # noqa: E402

KNOWN = HERE / "localstripe.yaml"
# It keeps what it has in a file of one name for all; each run is to have its own. Its ids are to be the same each time.
SERVE = """
import random
from localstripe import resources, server
random.seed(2)
resources.Store.dump_to_disk = lambda self: None
server.start()
"""
# Path, mock, localstripe. What localstripe.yaml has is not told again.
DIFFERENT = [
    ("$.metadata.order", NOTHING, "", "a customer is created, read, changed and deleted"),
    ("$.metadata", {}, ANY, "a customer is created, read, changed and deleted"),
    ("$", ANY, ANY, "a customer is created, read, changed and deleted"),
    ("$.metadata.order", "7", NOTHING, "a customer pays with a card"),      # a charge has the metadata of its intent
    ("$.latest_charge.metadata.order", "7", NOTHING, "a customer pays with a card"),
    ("$.latest_charge", ANY, ANY, "what is held is captured in part"),      # expanded, unasked
    ("$", ANY, ANY, "a payment is refunded, in parts and then no more"),
    ("$.payment_intent", ANY, None, "a payment is refunded, in parts and then no more"),
    ("$.livemode", NOTHING, False, "a payment is refunded, in parts and then no more"),
    ("header Idempotent-Replayed", "true", NOTHING),
    ("$", ANY, ANY, "a request with its key is done once"),
    # The oldest is first, and all that is looked at there follows from it.
    (ANY, ANY, ANY, "lists have the newest first, in pages"),
    (ANY, ANY, ANY, "what happens is an event"),
]

with independent.server("-c", SERVE, "--from-scratch", "--port", "{port}") as url:
    independent.run("stripe", KNOWN, url + "/v1", "common")
    independent.compare("stripe", KNOWN, url + "/v1", "common", DIFFERENT)
