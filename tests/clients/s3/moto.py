"""moto, another server of S3's API: boto3 is given the same checks as on the mock, our scenarios run
against it, and both are compared.

    moto.py BASE
"""

import pathlib
import sys
import urllib.request

import objects

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sdk"))
import independent  # noqa: E402

KNOWN = HERE / "moto.yaml"
# What the pages leave open, and the spec decided.
TAG = "not assumed"


def compare(url, skipped):
    """In all other trials mock and moto give the same answers, but for what moto.yaml leaves out of the comparison."""
    leave_out = [argument for name in skipped for argument in ("--skip", name)]
    of = independent.ROOT / "examples/s3"
    done = independent.counterpart(
        "compare", "--specs", of / "specs", "--left", "mock", "--right", f"s3={url}", "--deviations", KNOWN,
        "--allow-destructive", "--tag", TAG, "--exact", *leave_out, of / "scenarios")
    objects.check(done.returncode == 0, f"mock and moto differ:\n{done.stdout}{done.stderr}")
    print(next(line for line in done.stdout.splitlines() if " same" in line))


with independent.server("-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}") as server:
    objects.drive(server)
    deviating = independent.run("s3", KNOWN, server, TAG)
    # Buckets with names that are none, which should have been refused, would be listed.
    urllib.request.urlopen(urllib.request.Request(f"{server}/moto-api/reset", b"", method="POST")).close()
    compare(server, deviating)
