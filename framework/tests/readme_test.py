"""What README.md shows is what the tests compile and run."""

import pathlib
import sys
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "framework/tools"))
import check_examples

README = (TOP / "README.md").read_text(encoding="utf-8")


class BlocksOfTheReadme(unittest.TestCase):
    def test_each_stands_in_an_example(self):
        self.assertGreater(len(list(check_examples.blocks(README))), 0)
        self.assertEqual(check_examples.strangers(README), [])

    def test_one_that_differs_in_a_letter_is_found(self):
        lines = README.splitlines(keepends=True)
        for _, line, block in check_examples.blocks(README):
            before, after = "".join(lines[:line - 1]), "".join(lines[line - 1:])
            for changed in (block[:-2] + "~\n", "~" + block):
                readme = before + after.replace(block, changed, 1)
                self.assertEqual(check_examples.strangers(readme), [line])

    def test_one_in_a_language_that_no_example_has_is_found(self):
        self.assertEqual(check_examples.strangers("Run\n```sh\nexit 0\n```\n"), [3])


if __name__ == "__main__":
    unittest.main()
