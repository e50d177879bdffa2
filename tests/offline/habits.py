#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What people expect around a program: help, man page and completions that know every option, and
examples that work.

    habits.py UMTRACE PROJECT [unittest options]"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

UMTRACE, PROJECT = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
SAMPLES = os.path.join(PROJECT, "samples", "captures")


def read(*path):
    with open(os.path.join(PROJECT, *path), encoding="utf-8") as f:
        return f.read()


def options():
    """Long names with the letter that says the same, or None, from the program's own table."""
    table = re.search(r"long_options\[\] = \{(.*?)\n\};", read("offline", "options.c"), re.S)[1]
    rows = re.findall(r'\{"([a-z-]+)", \w+, NULL, (?:\'(\w)\'|\w+)\}', table)
    return {name: letter or None for name, letter in rows}


def limits():
    told = subprocess.run([UMTRACE, "--limit", "x", "y"], capture_output=True, text=True,
                          check=False).stderr
    return re.search("NAME of (.*) and a VALUE", told)[1].split(", ")


def man_text():
    return read("docs", "umtrace.1").replace("\\-", "-").replace("\\(dq", '"')


def examples():
    blocks = re.findall(r"^\.EX\n(.*?)^\.EE", man_text(), re.S | re.M)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def complete(line):
    """What bash offers behind the last word of `line`."""
    script = ("source %s/offline/completions/umtrace.bash; compopt() { :; }; COMP_WORDS=(%s); "
              "[[ '%s' == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
              "_umtrace; printf '%%s\\n' \"${COMPREPLY[@]}\"" % (PROJECT, line, line))
    out = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return out.stdout.split()


class Habits(unittest.TestCase):
    def test_the_table_is_read(self):
        self.assertGreater(len(options()), 25)
        self.assertEqual(options()["view"], "V")
        self.assertIsNone(options()["follow"])

    def test_every_option_is_in_help_man_page_and_completions(self):
        help_text = subprocess.run([UMTRACE, "--help"], capture_output=True, text=True,
                                   check=True).stdout
        zsh, fish = (read("offline", "completions", name) for name in ("_umtrace", "umtrace.fish"))
        bash = complete("umtrace -")
        for name, letter in options().items():
            with self.subTest(option=name):
                self.assertRegex(help_text, r"(?m)--%s\b(?!-)" % name)
                self.assertRegex(man_text(), r"(?m)^\.(TP|B|BR|.*)\n?.*--%s\b(?!-)" % name)
                self.assertIn("--" + name, bash)
                self.assertRegex(zsh, r"--%s[=\[}]|,--%s\}" % (name, name))
                self.assertRegex(fish, r"-l %s " % name)
                if letter:
                    self.assertRegex(help_text, r"-%s\b, --%s|-%s, --%s" % ((letter, name) * 2))
                    self.assertIn("-" + letter, bash)
                    self.assertIn("{-%s,--%s" % (letter, name), zsh)
                    self.assertIn("-s %s -l %s " % (letter, name), fish)

    def test_completions_offer_nothing_else(self):
        known = options()
        for name in re.findall(r"(?m)^complete .*? -l ([a-z-]+) ", read("offline", "completions", "umtrace.fish")):
            self.assertIn(name, known)
        for word in complete("umtrace -"):
            self.assertTrue(word.lstrip("-") in known or word[1:] in known.values(), word)

    def test_words_of_options_are_offered(self):
        self.assertEqual(complete("umtrace --view "),
                         ["calls", "messages", "http", "streams", "summary"])
        self.assertEqual(complete("umtrace -F h"), ["html"])
        self.assertEqual(complete("umtrace --fail-on = w"), ["warning"])
        self.assertEqual(complete("umtrace --fo"), ["--format", "--follow"])
        if os.path.isdir("/sys/class/net"):
            self.assertIn("lo", complete("umtrace -i "))
        self.assertEqual(complete("umtrace --limit "), [name + "=" for name in limits()])
        for path in ("_umtrace", "umtrace.fish"):
            words = re.split(r"[\s()=]+", read("offline", "completions", path))
            for name in limits():
                self.assertIn(name, words)

    def test_other_shells_take_their_completions(self):
        for shell, path, options_ in (("zsh", "_umtrace", ["-n"]), ("fish", "umtrace.fish", ["-n"])):
            if not shutil.which(shell):
                print("there is no %s" % shell)
                continue
            subprocess.run([shell, *options_, os.path.join(PROJECT, "offline", "completions", path)],
                           check=True)

    def test_examples_of_the_man_page_work(self):
        self.assertGreater(len(examples()), 4)
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(UMTRACE, os.path.join(folder, "umtrace"))
            path = folder + ":" + os.environ["PATH"]
            for line in examples():
                line = line.replace("/tmp/", folder + "/")
                out = subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=SAMPLES, text=True,
                                     env=dict(os.environ, PATH=path), capture_output=True,
                                     check=False)
                self.assertEqual((out.returncode, out.stderr), (0, ""), line)

    def test_man_page_is_without_faults(self):
        if not shutil.which("man") or not shutil.which("groff"):
            print("there is no groff")
            return
        out = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-z",
                              os.path.join(PROJECT, "docs", "umtrace.1")], capture_output=True,
                             text=True, check=False)
        self.assertEqual((out.returncode, out.stderr), (0, ""))

    def test_progress_is_told_on_a_terminal_only_or_when_it_is_asked_for(self):
        one = os.path.join(SAMPLES, "busy.pcap")
        quiet = subprocess.run([UMTRACE, one], capture_output=True, check=True)
        self.assertEqual(quiet.stderr, b"")

    def test_local_times_are_in_text_alone(self):
        one = os.path.join(SAMPLES, "busy.pcap")
        environment = dict(os.environ, TZ="IST-5:30")

        def run(*words):
            return subprocess.run([UMTRACE, *words, one], capture_output=True, text=True, check=True,
                                  env=environment).stdout
        self.assertIn("UTC+05:30", run("--local"))
        self.assertNotIn("UTC+05:30", run())
        for form in ("json", "ndjson", "csv", "html"):
            self.assertEqual(run("--local", "-F", form), run("-F", form))

    def test_no_color_is_heeded_and_can_be_overruled(self):
        one = os.path.join(SAMPLES, "busy.pcap")
        environment = dict(os.environ, NO_COLOR="1")
        for words, colored in (((), False), (("--color", "always"), True)):
            out = subprocess.run([UMTRACE, *words, one], capture_output=True, check=True,
                                 env=environment).stdout
            self.assertEqual(b"\x1b[" in out, colored)


if __name__ == "__main__":
    unittest.main()
