"""localstripe, another server of Stripe's API: our scenarios run against it, and are compared.

    localstripe.py BASE
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sdk"))
import independent  # noqa: E402

KNOWN = HERE / "localstripe.yaml"
# It keeps what it has in a file of one name for all; each run is to have its own. Its ids are to be the same each time.
SERVE = """
import random
from localstripe import resources, server
random.seed(2)
resources.Store.dump_to_disk = lambda self: None
server.start()
"""
# Of these the deviations are more than members that are left out.
DIFFERENT = [
    "stripe/common/a customer is created, read, changed and deleted",   # nothing is unset; who is deleted is not found
    "stripe/common/lists have the newest first, in pages",              # the oldest is first
    "stripe/common/a customer pays with a card",                        # a charge has none of the metadata of its intent
    "stripe/common/what is held is captured in part",                   # a charge in the place of its id, unasked
    "stripe/common/a card that is declined",                            # no card_error
    "stripe/common/a payment is refunded, in parts and then no more",   # more than was paid
    "stripe/common/what is missing and what is wrong is named [a method that is not there]",   # 404
    "stripe/common/a request with its key is done once",                # it is done twice
    "stripe/common/what happens is an event",                           # the oldest is first
]

with independent.server("-c", SERVE, "--from-scratch", "--port", "{port}") as url:
    independent.run("stripe", KNOWN, url + "/v1", "common")
    independent.compare("stripe", KNOWN, url + "/v1", "common", DIFFERENT)
