"""scim2-server, another server of SCIM: our scenarios run against it.

    scim2_server.py BASE
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sdk"))
import independent  # noqa: E402

SERVE = "import sys; from scim2_server.testserver.cli import main; sys.exit(main())"

with independent.server("-c", SERVE, "--port", "{port}", "--bearer-token", "scim-token") as url:
    independent.run("scim", HERE / "scim2-server.yaml", f"{url}/v2", "not assumed")
