"""misas-migrate migrates what its settings name, and says what is wrong with them.

MISAS_MIGRATE_TOOL is the program; MISAS_POSTGRESQL the server, as for the other tests."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.parse
import uuid

PROGRAM = os.environ["MISAS_MIGRATE_TOOL"]
SERVER = os.environ["MISAS_POSTGRESQL"]
PASSWORD = "SeCr1SeCr2"
MIGRATIONS = pathlib.Path(__file__).resolve().parents[1] / "sql/migrations"
VERSIONS = sorted(int(folder.name) for folder in MIGRATIONS.iterdir())


def run(*arguments, **settings):
    """Runs the program with these settings only; one that is None is not set."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MISAS_", "PG"))}
    chosen = {"MISAS_POSTGRESQL": SERVER, **settings}
    environment.update({name: value for name, value in chosen.items() if value is not None})
    return subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=60)


def ask(statement):
    command = ["psql", SERVER, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class MigrateTool(unittest.TestCase):
    def setUp(self):
        self.schema = f"migrate_tool_{uuid.uuid4().hex}"
        self.addCleanup(ask, f"drop schema if exists {self.schema} cascade")

    def assert_migrates(self, **settings):
        ended = run(MISAS_SCHEMA=self.schema, **settings)
        said = f"schema {self.schema} has version {VERSIONS[-1]}\n"
        self.assertEqual((ended.returncode, ended.stdout), (0, said), ended.stderr)
        return ended.stderr

    def assert_fails(self, status, *words, **settings):
        ended = run(**{"MISAS_SCHEMA": self.schema, **settings})
        self.assertEqual(ended.returncode, status, ended.stderr)
        self.assertEqual(ended.stdout, "")
        for word in words:
            self.assertIn(word, ended.stderr)
        self.assertNotIn("SeCr", ended.stderr)
        return ended.stderr

    def test_help_names_every_setting(self):
        ended = run("--help", MISAS_LOG_LEVEL="loud")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        for word in ("MISAS_POSTGRESQL\n", "MISAS_POSTGRESQL_FILE", "MISAS_SCHEMA\n", "Default: misas\n",
                     "MISAS_LOG_LEVEL\n", "MISAS_LOG_FORMAT\n", "PGHOST", "--version"):
            self.assertIn(word, ended.stdout)

    def test_version_is_that_of_program_and_schema(self):
        self.assertRegex(run("--version").stdout,
                         rf"^misas-migrate \d+\.\d+\.\d+, schema version {VERSIONS[-1]}\n$")

    def test_wrong_arguments_are_named(self):
        for arguments in (["--hlep"], ["--help", "--hlep"], ["--version", "--hlep"]):
            ended = run(*arguments)
            self.assertEqual((ended.returncode, ended.stdout), (2, ""))
            self.assertRegex(ended.stderr, f"^misas-migrate: it takes .*{arguments[0]}.*\\n$")

    def test_a_fresh_schema_is_migrated_and_what_is_up_to_date_stays(self):
        self.assertIn(self.schema, self.assert_migrates())
        store = ask(f"select id from {self.schema}.store")
        self.assertEqual(self.assert_migrates(), "")
        self.assertEqual(ask(f"select id from {self.schema}.store"), store)

    def test_a_newer_schema_is_refused(self):
        self.assert_migrates()
        ask(f"insert into {self.schema}.migrations (version) values (1000)")
        self.assert_fails(2, self.schema, "1000")

    def test_the_log_is_as_it_was_asked_for(self):
        records = [json.loads(line) for line in self.assert_migrates(MISAS_LOG_FORMAT="json").splitlines()]
        self.assertEqual([(record["level"], record["schema"], record["version"]) for record in records],
                         [("info", self.schema, version) for version in VERSIONS])
        said = self.assert_fails(2, MISAS_LOG_FORMAT="json", MISAS_SCHEMA="$")
        self.assertEqual(json.loads(said)["error"]["type"], "misas.postgresql.options_invalid")

    def test_levels_are_those_of_the_log(self):
        self.assertEqual(self.assert_migrates(MISAS_LOG_LEVEL="warning"), "")
        self.assertEqual(self.assert_fails(2, MISAS_LOG_LEVEL="off", MISAS_SCHEMA="$"), "")
        self.assertNotEqual(self.assert_fails(2, MISAS_LOG_LEVEL="error", MISAS_SCHEMA="$"), "")

    def test_a_wrong_setting_is_named(self):
        self.assert_fails(2, "MISAS_LOG_LEVEL", "loud", "debug, info", MISAS_LOG_LEVEL="loud")
        self.assert_fails(2, "MISAS_LOG_FORMAT", "xml", "text, json", MISAS_LOG_FORMAT="xml")
        self.assert_fails(2, "MISAS_POSTGRESQL", MISAS_POSTGRESQL=f"rose:{PASSWORD}@127.0.0.1")

    def test_a_hostile_schema_is_refused(self):
        ask(f"create schema {self.schema}")
        for name in (f'x"; drop schema {self.schema}; --', f"x'; drop schema {self.schema}; --", "$misas", "a\nb",
                     "x" * 64):
            self.assert_fails(2, "MISAS_SCHEMA", MISAS_SCHEMA=name)
        self.assertEqual(ask(f"select count(*) from pg_namespace where nspname = '{self.schema}'"), "1")

    def test_a_server_that_is_away_is_named(self):
        self.assert_fails(1, "127.0.0.1:1", MISAS_POSTGRESQL=f"postgresql://rose:{PASSWORD}@127.0.0.1:1/garden")

    def test_a_refused_role_is_named_but_not_its_password(self):
        parts = urllib.parse.urlsplit(SERVER)
        server = parts.netloc.rpartition("@")[2]
        uri = parts._replace(netloc=f"{self.schema}:{PASSWORD}@{server}").geturl()
        self.assert_fails(2, self.schema, MISAS_POSTGRESQL=uri)

    def test_a_file_may_hold_the_connection(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "connection")
            path.write_text(SERVER + "\n", encoding="utf-8")
            self.assert_migrates(MISAS_POSTGRESQL=None, MISAS_POSTGRESQL_FILE=str(path))
            self.assert_fails(2, "MISAS_POSTGRESQL_FILE", MISAS_POSTGRESQL_FILE=str(path))
            self.assert_fails(2, "MISAS_POSTGRESQL_FILE", "nowhere", MISAS_POSTGRESQL=None,
                              MISAS_POSTGRESQL_FILE=str(path) + ".nowhere")

    def test_variables_of_libpq_count_without_a_connection(self):
        parts = urllib.parse.urlsplit(SERVER)
        self.assert_migrates(MISAS_POSTGRESQL=None, PGHOST=parts.hostname, PGPORT=str(parts.port or 5432),
                             PGUSER=urllib.parse.unquote(parts.username or ""), PGDATABASE=parts.path.lstrip("/"),
                             PGPASSWORD=urllib.parse.unquote(parts.password or ""))


unittest.main()
