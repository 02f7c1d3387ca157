"""docker-compose.yml is read, and its PostgreSQL is what the tests count on."""

import pathlib
import re
import sys

TEXT = (pathlib.Path(__file__).resolve().parents[2] / "docker-compose.yml").read_text(encoding="utf-8")


def check_as_yaml(yaml):
    service = yaml.safe_load(TEXT)["services"]["postgresql"]
    assert service["image"].startswith("postgres:15"), service["image"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"]), service["ports"]
    assert service["environment"]["POSTGRES_PASSWORD"], "there is no password"
    assert service["healthcheck"]["test"] and service["volumes"]


def check_as_text():
    assert "\t" not in TEXT, "YAML knows no tabs"
    assert re.search(r"^services:\n  postgresql:\n    image: postgres:15", TEXT, re.MULTILINE)
    ports = re.search(r"^    ports:\n((?:      - .*\n)+)", TEXT, re.MULTILINE).group(1)
    assert all("127.0.0.1:" in line for line in ports.splitlines()), ports


try:
    import yaml
except ImportError:
    check_as_text()
else:
    check_as_yaml(yaml)
    check_as_text()
sys.exit(0)
