"""A small service as a process: settings, subcommands, signals, exit statuses.

TEST_SERVICE is the program, of tests/service; MISAS_POSTGRESQL the server, as for the other tests."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

PROGRAM = os.environ["TEST_SERVICE"]
SERVER = os.environ["MISAS_POSTGRESQL"]
AWAY = "postgresql://rose:SeCr1@127.0.0.1:1/garden"
DEADLINE_S = 60
COUNTS_AFTER_S = 0.6  # a second signal, after the first


def environment(settings):
    """With these settings only; one that is None is not set."""
    chosen = {name: value for name, value in os.environ.items() if not name.startswith(("MISAS_", "PG"))}
    chosen.update({name: value for name, value in settings.items() if value is not None})
    return chosen


def run(*arguments, **settings):
    return subprocess.run([PROGRAM, *arguments], env=environment(settings), capture_output=True, text=True,
                          timeout=DEADLINE_S)


def ask(statement):
    command = ["psql", SERVER, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Running:
    """The service as it runs; its log is JSON."""

    def __init__(self, *arguments, **settings):
        settings = {"MISAS_LOG_FORMAT": "json", **settings}
        self.process = subprocess.Popen([PROGRAM, "run", *arguments], env=environment(settings),
                                        stderr=subprocess.PIPE, text=True)
        self.records = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def await_message(self, message):
        for line in self.process.stderr:
            self.records.append(json.loads(line))
            if self.records[-1]["message"] == message:
                return self.records[-1]
        raise AssertionError(f"{message} was not said, but {self.records}")

    def end(self, number):
        """Sends a signal. The status it ends with, and after how many seconds."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.records += [json.loads(line) for line in self.process.stderr]
        status = self.process.wait(timeout=DEADLINE_S)
        return status, time.monotonic() - began


class WordsOnTheCommandLine(unittest.TestCase):
    def assert_refused(self, *arguments, says, **settings):
        ended = run(*arguments, **settings)
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended.stderr)
        for word in says:
            self.assertIn(word, ended.stderr)
        self.assertNotIn("SeCr", ended.stderr)

    def test_help_lists_subcommands_entry_points_and_settings(self):
        ended = run("--help", MISAS_LOG_LEVEL="loud")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        for word in ("usage: bank ", "migrate", "processors reset NAME", "dead-letters retry ID...",
                     "Entry points: ledger, predictor, feeder, breaker, sleeper",
                     "MISAS_POSTGRESQL, --postgresql-file\n", "MISAS_LOG_LEVEL, --log-level\n", "MISAS_CLOCK_RATE"):
            self.assertIn(word, ended.stdout)
        self.assertLessEqual(max(map(len, ended.stdout.splitlines())), 100)

    def test_version_is_that_of_the_program(self):
        self.assertEqual(run("--version").stdout, "bank 1.2.3\n")

    def test_a_wrong_setting_is_named(self):
        for name, value, expected in (("MISAS_LOG_LEVEL", "loud", "debug, info"), ("MISAS_STORAGE", "disk", "memory"),
                                      ("MISAS_ENVIRONMENT", "production", "prod"), ("MISAS_WORKERS", "65", "1 to 64"),
                                      ("MISAS_MIGRATE", "maybe", "no, yes"),
                                      ("MISAS_CLOCK_ANCHOR", "yesterday", "RFC 3339")):
            self.assert_refused("run", says=[name, value, expected], **{"MISAS_STORAGE": "memory", name: value})

    def test_a_clock_needs_a_positive_rate_and_an_anchor(self):
        anchor = {"MISAS_STORAGE": "memory", "MISAS_CLOCK_ANCHOR": "2030-01-01T00:00:00Z"}
        for rate in ("0", "-1", "1e3", "0x10", "1.", ".5", "inf", "nan", "1,5", " 1", "1" * 40):
            self.assert_refused("run", says=["MISAS_CLOCK_RATE", "a positive number"], MISAS_CLOCK_RATE=rate, **anchor)
        self.assert_refused("run", says=["MISAS_CLOCK_ANCHOR is not set"], MISAS_STORAGE="memory", MISAS_CLOCK_RATE="2")

    def test_an_option_counts_more_than_its_variable(self):
        self.assert_refused("--log-level", "quiet", says=["--log-level", "quiet"], MISAS_LOG_LEVEL="info")
        ended = run("processors", "list", "--storage=memory", MISAS_STORAGE="disk")
        self.assertEqual(ended.returncode, 0, ended.stderr)

    def test_wrong_options_are_named(self):
        self.assert_refused("--log-levle", "debug", says=["--log-levle", "--log-level"])
        self.assert_refused("--log-level", says=["--log-level", "has no value", "debug"])
        self.assert_refused("--workers", "1", "--workers=2", says=["--workers", "given twice"])

    def test_a_secret_is_not_taken_from_the_command_line(self):
        for arguments in (["--postgresql", AWAY], [f"--postgresql={AWAY}"]):
            self.assert_refused(*arguments, says=["--postgresql ", "--postgresql-file PATH"])
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "connection")
            path.write_text(AWAY + "\n", encoding="utf-8")
            ended = run("processors", "list", "--postgresql-file", str(path), MISAS_POSTGRESQL=SERVER)
            self.assertEqual(ended.returncode, 1)
            self.assertIn("127.0.0.1:1", ended.stderr)
            self.assertNotIn("SeCr", ended.stderr)

    def test_unknown_words_are_named_with_what_there_is(self):
        memory = {"MISAS_STORAGE": "memory"}
        self.assert_refused("rnu", says=["rnu", "run, migrate, processors, dead-letters"], **memory)
        self.assert_refused("run", "legder", says=["legder", "ledger, predictor, feeder"], **memory)
        self.assert_refused("processors", says=["processors and one of list, reset, pause, resume"], **memory)
        self.assert_refused("processors", "lits", says=["lits", "list, reset"], **memory)
        self.assert_refused("processors", "reset", says=["reset", "the name of a processor"], **memory)
        self.assert_refused("processors", "list", "more", says=["more"], **memory)
        self.assert_refused("processors", "pause", "ledger.nots", says=["ledger.nots", "ledger.notes"], **memory)
        self.assert_refused("processors", "reset", "ledger.other", says=["ledger.other", "reset: ledger.notes"],
                            **memory)
        self.assert_refused("dead-letters", "list", "nobody", says=["nobody", "ledger.notes"], **memory)
        self.assert_refused("dead-letters", "show", "x", says=['"x"', "id of a dead letter"], **memory)
        for subcommand in ("show", "retry", "drop"):
            self.assert_refused("dead-letters", subcommand, "17", says=['"17"', "id of a dead letter"], **memory)
        self.assert_refused("run", "--json", says=["--json"], **memory)
        self.assert_refused("migrate", says=["MISAS_STORAGE"], **memory)


class InMemory(unittest.TestCase):
    def test_a_signal_stops_it_in_order(self):
        for number, name in ((signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "SIGINT")):
            with Running("ledger", "predictor", "feeder", MISAS_STORAGE="memory") as running:
                self.assertEqual(running.await_message("the system runs")["version"], "1.2.3")
                status, seconds = running.end(number)
                self.assertEqual(status, 0, running.records)
                self.assertLess(seconds, 5)
                self.assertIn(("the system stops for a signal", name),
                              [(record["message"], record.get("signal")) for record in running.records])

    def test_a_second_signal_ends_it_at_once(self):
        with Running("sleeper", MISAS_STORAGE="memory") as running:
            running.await_message("the system runs")
            running.process.send_signal(signal.SIGTERM)
            running.await_message("the sleeper sleeps on")
            time.sleep(COUNTS_AFTER_S)
            status, seconds = running.end(signal.SIGINT)
            self.assertEqual(status, 128 + signal.SIGINT)
            self.assertLess(seconds, 3)
            self.assertIn("at once", running.records[-1]["message"])

    def test_signals_of_one_moment_are_one(self):
        with Running("sleeper", MISAS_STORAGE="memory") as running:
            running.await_message("the system runs")
            running.process.send_signal(signal.SIGTERM)
            status, _ = running.end(signal.SIGINT)
            messages = [record["message"] for record in running.records]
            self.assertEqual(status, 0, messages)
            self.assertIn("the system stops already: a signal so soon is the same", messages)
            self.assertIn("too long", messages[-1])

    def test_a_stop_that_takes_too_long_is_cut_short(self):
        with Running("sleeper", MISAS_STORAGE="memory") as running:
            running.await_message("the system runs")
            status, seconds = running.end(signal.SIGTERM)
            self.assertEqual(status, 0)
            self.assertLess(seconds, 5)
            self.assertIn("too long", running.records[-1]["message"])

    def test_a_fatal_error_ends_it(self):
        with Running("ledger", "breaker", MISAS_STORAGE="memory") as running:
            running.await_message("the system stops for a fatal error")
            record = running.await_message("the program ends with an error")
            self.assertEqual(record["error"]["type"], "bank.broken")
            self.assertEqual(running.process.wait(timeout=DEADLINE_S), 1)

    def test_an_entry_point_that_can_not_start_is_named(self):
        ended = run("run", "feeder", MISAS_STORAGE="memory")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("the entry point feeder", ended.stderr)


class OnPostgresql(unittest.TestCase):
    def setUp(self):
        self.schema = f"system_tool_{uuid.uuid4().hex}"
        self.settings = {"MISAS_POSTGRESQL": SERVER, "MISAS_SCHEMA": self.schema}
        self.addCleanup(ask, f"drop schema if exists {self.schema} cascade")

    def run_well(self, *arguments):
        ended = run(*arguments, **self.settings)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        return ended.stdout

    def list_processors(self):
        return {each["processor"]: each for each in json.loads(self.run_well("processors", "list", "--json"))}

    def list_letters(self, *processor):
        return json.loads(self.run_well("dead-letters", "list", *processor, "--json"))

    def await_true(self, condition):
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            self.assertLess(time.monotonic(), deadline)

    def run_until(self, condition):
        with Running("ledger", "predictor", "feeder", **{**self.settings, "MISAS_MIGRATE": "yes"}) as running:
            running.await_message("the system runs")
            self.await_true(condition)
            self.assertEqual(running.end(signal.SIGTERM)[0], 0, running.records)

    def feed(self):
        """Some state: two deposits, of which one was set aside."""
        self.run_until(lambda: self.list_processors()["ledger.notes"]["lag"] == 0)

    def test_a_database_that_is_away_is_named(self):
        ended = run("run", MISAS_POSTGRESQL=AWAY)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("127.0.0.1:1", ended.stderr)
        self.assertNotIn("SeCr", ended.stderr)

    def test_a_schema_is_migrated_only_when_asked_for(self):
        ended = run("run", **self.settings)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("has to be migrated first", ended.stderr)
        self.assertIn(f"schema {self.schema} has version", run("migrate", **self.settings).stdout)
        self.run_until(lambda: True)
        ask(f"insert into {self.schema}.migrations (version) values (1000)")
        ended = run("run", **self.settings)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("1000", ended.stderr)

    def test_a_wrong_schema_is_said_of_its_setting(self):
        ended = run("run", "--schema", "$", MISAS_POSTGRESQL=SERVER)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("MISAS_SCHEMA", ended.stderr)

    def test_processors_are_listed_paused_and_resumed(self):
        self.feed()
        lines = self.run_well("processors", "list").splitlines()
        self.assertEqual(lines[0].split(), ["PROCESSOR", "POSITION", "LAG", "OWNER", "PAUSED", "EPOCH"])
        self.assertEqual([line.split()[0] for line in lines[1:]],
                         ["ledger.commands", "ledger.notes", "ledger.other"])
        self.assertEqual({line.find(" ") < len(line) and line[:lines[0].index("POSITION")][-2:] for line in lines},
                         {"  "})
        notes = self.list_processors()["ledger.notes"]
        self.assertEqual((notes["owner"], notes["paused"], notes["lag"]), (None, False, 0))
        self.assertGreater(notes["position"], 0)
        self.run_well("processors", "pause", "ledger.notes")
        self.assertTrue(self.list_processors()["ledger.notes"]["paused"])
        self.run_well("processors", "resume", "ledger.notes")
        self.assertFalse(self.list_processors()["ledger.notes"]["paused"])

    def test_a_projection_is_reset_and_made_anew(self):
        self.feed()
        letters = [letter["id"] for letter in self.list_letters()]
        epoch = self.list_processors()["ledger.notes"]["epoch"]
        self.run_well("processors", "reset", "ledger.notes")
        notes = self.list_processors()["ledger.notes"]
        self.assertEqual((notes["position"], notes["owner"]), (0, None))
        self.assertGreater(notes["epoch"], epoch)
        self.assertEqual(self.list_letters(), [])
        self.feed()
        again = [letter["id"] for letter in self.list_letters()]
        self.assertEqual(len(again), 1)
        self.assertNotEqual(again, letters)

    def test_dead_letters_are_listed_shown_retried_and_dropped(self):
        self.feed()
        letter, = self.list_letters("ledger.notes")
        number = str(letter["id"])
        self.assertEqual(self.list_letters("ledger.other"), [])
        self.assertEqual((letter["type"], letter["error"], letter["to_be_retried"]),
                         ("bank.ledger.v1.Deposited", "bank.unlucky", False))
        table = self.run_well("dead-letters", "list").splitlines()
        self.assertEqual(table[1].split()[:2], [number, "ledger.notes"])
        shown = self.run_well("dead-letters", "show", number)
        for word in ("bank.unlucky", "this is no number of cents", "bank.superstition", "account-anna", '"cents": "13"'):
            self.assertIn(word, shown)
        self.run_well("dead-letters", "retry", number)
        self.assertTrue(self.list_letters()[0]["to_be_retried"])
        self.run_until(lambda: [each["to_be_retried"] for each in self.list_letters()] == [False])
        letter, = self.list_letters()
        self.assertGreater(letter["attempts"], 1)
        self.run_well("dead-letters", "drop", str(letter["id"]))
        self.assertEqual(self.list_letters(), [])
        ended = run("dead-letters", "drop", str(letter["id"]), **self.settings)
        self.assertEqual(ended.returncode, 2)
        self.assertIn(str(letter["id"]), ended.stderr)

    def predict(self, *cents):
        """Interest of so many cents for anna that is due at once, in this order: the ids are interest-1 and so on."""
        rows = ", ".join(f"('interest-{n}', 'anna', clock_timestamp() - interval '1 hour' + {n} * interval '1 ms', "
                         f"'bank.ledger.v1.InterestDue', 1, '\\x0a04{b'anna'.hex()}10{each:02x}')"
                         for n, each in enumerate(cents, 1))
        ask(f"insert into {self.schema}.predictions (id, key, due_at, type, type_version, payload) values {rows}")

    def count_interest(self):
        return int(ask(f"select count(*) from {self.schema}.events where causation_id like 'interest-%'"))

    def run_until_it_crashes(self):
        with Running("ledger", "predictor", **self.settings) as running:
            self.assertEqual(running.process.wait(timeout=DEADLINE_S), -signal.SIGKILL)
        ask(f"update {self.schema}.predictions set claimed_until = null")  # as if time had passed

    def test_a_prediction_that_crashes_the_process_is_set_aside_and_the_others_are_handled(self):
        self.feed()
        self.predict(1, 2, 13, 3, 4, 5)
        for _ in range(3):
            self.run_until_it_crashes()
        self.run_until(lambda: self.count_interest() == 5 and self.list_letters("ledger.predictions"))
        letter, = self.list_letters("ledger.predictions")
        self.assertEqual((letter["error"], letter["attempts"], letter["stream"]),
                         ("misas.processing.handler_crashed", 3, "$prediction-interest-3"))
        self.assertEqual(ask(f"select count(*) from {self.schema}.predictions"), "0")

    def test_predictions_that_are_refused_are_listed_shown_retried_and_dropped(self):
        self.feed()
        self.predict(7)
        self.run_until(lambda: self.list_letters("ledger.predictions"))
        letter, = self.list_letters("ledger.predictions")
        shown = self.run_well("dead-letters", "show", str(letter["id"]))
        for word in ("ledger.predictions", "bank.no_interest", "$prediction-interest-1", '"cents": "7"', "due_at"):
            self.assertIn(word, shown)
        self.assertRegex(shown, r"(?m)^key +anna$")
        self.run_well("dead-letters", "retry", str(letter["id"]))
        self.assertEqual(self.list_letters("ledger.predictions"), [])
        self.run_until(lambda: self.list_letters("ledger.predictions"))
        again, = self.list_letters("ledger.predictions")
        self.assertGreater(again["id"], letter["id"])
        self.predict(8)
        ended = run("dead-letters", "retry", str(again["id"]), **self.settings)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("interest-1", ended.stderr)
        self.run_well("dead-letters", "drop", str(again["id"]))
        self.assertEqual([each["processor"] for each in self.list_letters()], ["ledger.notes"])
        self.assert_names_are_known()

    def assert_names_are_known(self):
        ended = run("dead-letters", "list", "ledger.prediction", **self.settings)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("ledger.predictions", ended.stderr)


unittest.main()
