"""For the examples' tests of what runs on PostgreSQL."""

import contextlib
import os
import subprocess
import urllib.parse
import uuid


@contextlib.contextmanager
def own_database():
    """Within it, MISAS_POSTGRESQL names an empty database of the server that it named before."""
    server = os.environ["MISAS_POSTGRESQL"]
    name = f"misas_test_example_{uuid.uuid4().hex}"
    subprocess.run(["psql", server, "--quiet", "-c", f"create database {name}"], check=True)
    try:
        os.environ["MISAS_POSTGRESQL"] = urllib.parse.urlsplit(server)._replace(path=f"/{name}").geturl()
        yield
    finally:
        os.environ["MISAS_POSTGRESQL"] = server
        subprocess.run(["psql", server, "--quiet", "-c", f"drop database {name} with (force)"], check=True)
