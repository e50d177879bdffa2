#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The recipes for more than one machine, run as they stand on a real Slurm and a real ssh server:
what they report is what one run over all captures reports, also where tasks and nodes are lost, and
what is missing has its name.

    recipes.py UMTRACE SAMPLE_MAKER PROJECT [unittest options]"""
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

import cluster

UMTRACE, MAKER, PROJECT = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
RECIPES = os.path.join(PROJECT, "recipes")
SAMPLES = ("crowd", "expired", "morning", "two-hops", "two-pollers", "unanswered-reset")
SETS = ("first", "second", "third")
REPORTS = [(view, form) for view in ("calls", "messages", "summary")
           for form in ("text", "json", "ndjson")]
COMPLETED, FAILED = ("COMPLETED", 0), "FAILED"

# Stands where umtrace stands. What it does at set "second" is told by a file of that name in its
# folder: `hang` gives half of the lines and waits to be killed, once; `fail` ends as one that ran
# out of memory does.
STUB = """#!/usr/bin/env bash
case " $* " in
*" --from-messages "*) ;;
*/second.*)
    if rm "{folder}/hang" 2>/dev/null; then
        "{umtrace}" "$@" | head -c "{half}"
        echo $$ >"{folder}/hung"
        exec sleep 600
    elif [ -e "{folder}/fail" ]; then
        "{umtrace}" "$@" | head -c "{half}"
        exit 137
    fi
    ;;
esac
exec "{umtrace}" "$@"
"""


def run(*command, **options):
    return subprocess.run(command, capture_output=True, timeout=120, **options)


def in_parts(path, hours):
    """The records of a little-endian pcap, later by so many hours, dealt by connection to as many
    captures as there are sets; each as its bytes."""
    with open(path, "rb") as f:
        whole = f.read()
    parts, seen, at = [whole[:24]] * len(SETS), {}, 24
    while at + 16 <= len(whole):
        seconds, rest, size = struct.unpack_from("<I4sI", whole, at)
        packet = whole[at + 16:at + 16 + size]
        ends = 14 + (packet[14] & 15) * 4  # IPv4 on Ethernet: addresses, then ports
        pair = frozenset((packet[26:30] + packet[ends:ends + 2],
                          packet[30:34] + packet[ends + 2:ends + 4]))
        part = seen.setdefault(pair, len(seen) % len(SETS))
        parts[part] += struct.pack("<I", seconds + hours * 3600) + whole[at + 4:at + 16 + size]
        at += 16 + size
    return parts


def first_time(path):
    with open(path, "rb") as f:
        return struct.unpack_from("<II", f.read(32), 24)


class Recipe(unittest.TestCase):
    """Three sets, in each a third of the connections of every sample."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="recipes-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.lines, self.report = self.path("lines"), self.path("report")
        sets = {name: [] for name in SETS}
        pollers = self.path("pollers.pcap")
        run(MAKER, os.path.join(PROJECT, "tests", "recipes", "pollers.dlg"), pollers, check=True)
        sources = [os.path.join(PROJECT, "samples", "captures", name + ".pcap") for name in SAMPLES]
        for hours, source in enumerate([pollers, *sources]):
            for name, part in zip(SETS, in_parts(source, hours)):
                if len(part) > 24:
                    sets[name].append(self.path("%s.%d.pcap" % (name, hours)))
                    with open(sets[name][-1], "wb") as f:
                        f.write(part)
        self.captures = [path for captures in sorted(sets.values(), key=lambda c: first_time(c[0]))
                         for path in captures]
        self.sets = self.path("sets")
        cluster.write(self.sets, "# a set a line\n\n" + "".join(
            "\t".join([name, *captures]) + "\n" for name, captures in sets.items()))
        half = len(run(UMTRACE, "-V", "messages", "-F", "ndjson", *sets["second"]).stdout) // 2
        cluster.write(self.path("umtrace"),
                      STUB.format(folder=self.folder, umtrace=UMTRACE, half=half))
        os.chmod(self.path("umtrace"), 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def told(self, view, form):
        """What one run over all captures reports."""
        return run(UMTRACE, "-V", view, "-F", form, *self.captures).stdout

    def report_is_that_of_one_run(self):
        """The report as it was made, and every other view of the lines it was made from."""
        with open(self.report) as f:
            self.assertEqual(f.read(), self.told("calls", "text").decode())
        lines = [os.path.join(self.lines, name + ".ndjson") for name in SETS]
        for view, form in REPORTS:
            joined = run(UMTRACE, "-V", view, "-F", form, "--from-messages", *lines).stdout
            self.assertEqual(joined.decode(), self.told(view, form).decode(), (view, form))

    def calls_of(self, *captures):
        return json.loads(run(UMTRACE, "-F", "json", *captures).stdout)["calls"]

    def stamp(self, name):
        """Another one after the lines of the set were made again."""
        found = os.stat(os.path.join(self.lines, name + ".ndjson"))
        return found.st_ino, found.st_mtime_ns

    def leftovers(self):
        return sorted(name for name in os.listdir(self.lines) if name.startswith("."))

    def read(self, *parts):
        with open(os.path.join(self.folder, *parts)) as f:
            return f.read()


class OverSlurm(Recipe):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory(prefix="recipes-slurm-")
        cls.addClassCleanup(cls.home.cleanup)
        cls.slurm = cluster.Slurm(os.path.join(cls.home.name, "slurm"))
        cls.addClassCleanup(cls.slurm.stop)
        cls.slurm.start()

    def submit(self, *options):
        """(array job or None, tasks, reduce job)"""
        told = self.slurm.run(os.path.join(RECIPES, "over-slurm"), self.sets, self.lines,
                              self.report, *options, UMTRACE=self.path("umtrace"))
        words = [line.split() for line in told.splitlines()]
        tasks = words[0][3] if len(words) == 2 else ""
        return (words[0][1] if tasks else None), tasks, words[-1][1]

    def states(self, job):
        return self.slurm.jobs(job)

    def ended(self, job, seconds=90):
        """{task: (state, exit status)} once no task will run again."""
        def all_ended():
            found = self.states(job)
            return found if found and all(
                state in ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
                for state, _ in found.values()) else None
        return cluster.until(all_ended, "job %s ends: %s" % (job, self.states(job)), seconds)

    def hangs(self):
        """Set "second" is half written, and its task would not end."""
        cluster.until(lambda: os.path.exists(self.path("hung")), "the task hangs")
        parts = [name for name in self.leftovers() if name.startswith(".second.")]
        self.assertEqual(len(parts), 1)
        self.assertGreater(os.path.getsize(os.path.join(self.lines, parts[0])), 0)
        self.assertFalse(os.path.exists(os.path.join(self.lines, "second.ndjson")))

    def test_report_is_that_of_one_run(self):
        array, tasks, reduce = self.submit()
        self.assertEqual(tasks, "3,4,5")
        self.assertEqual(self.ended(reduce), {None: COMPLETED})
        self.assertEqual(self.ended(array), {3: COMPLETED, 4: COMPLETED, 5: COMPLETED})
        self.report_is_that_of_one_run()
        self.assertEqual(self.leftovers(), [])

    def test_options_reach_their_step(self):
        _, _, reduce = self.submit("--limit", "flows=1000", "--", "-F", "json")
        self.assertEqual(self.ended(reduce), {None: COMPLETED})
        self.assertEqual(self.read("report"), self.told("calls", "json").decode())

    def test_task_killed_midway_and_requeued_gives_the_same(self):
        cluster.write(self.path("hang"), "")
        array, _, reduce = self.submit()
        self.hangs()
        cluster.until(lambda: self.states(array)[3] == self.states(array)[5] == COMPLETED,
                      "the other tasks end")
        others = self.stamp("first"), self.stamp("third")
        self.slurm.run("scontrol", "requeue", array + "_4")
        self.assertEqual(self.states(reduce)[None][0], "PENDING")
        self.assertEqual(self.ended(reduce), {None: COMPLETED})
        self.assertEqual(self.ended(array)[4], COMPLETED)
        self.assertEqual((self.stamp("first"), self.stamp("third")), others)
        self.report_is_that_of_one_run()
        self.assertEqual(self.leftovers(), [])

    def test_node_lost_midway_gives_the_same(self):
        cluster.write(self.path("hang"), "")
        array, _, reduce = self.submit()
        self.hangs()
        self.slurm.lose_node()
        cluster.until(lambda: self.slurm.node_state().startswith("down"), "the node is given up")
        self.assertEqual(self.states(array)[4][0], "PENDING")
        self.assertEqual(self.states(reduce)[None][0], "PENDING")
        self.slurm.start_node()
        self.assertEqual(self.ended(reduce), {None: COMPLETED})
        self.report_is_that_of_one_run()
        self.assertEqual(self.leftovers(), [])

    def test_complete_sets_are_not_read_again(self):
        array, _, reduce = self.submit()
        self.ended(reduce)
        before = [self.stamp(name) for name in SETS]
        # The same tasks once more, as by hand, and then the whole recipe.
        again = self.slurm.run("sbatch", "--parsable", "--array=3-5", "--output=/dev/null",
                               os.path.join(RECIPES, "map.sbatch"), self.sets, self.lines,
                               UMTRACE="/bin/false")
        self.assertEqual(self.ended(again), {3: COMPLETED, 4: COMPLETED, 5: COMPLETED})
        array, _, reduce = self.submit()
        self.assertIsNone(array)
        self.assertEqual(self.ended(reduce), {None: COMPLETED})
        self.assertEqual([self.stamp(name) for name in SETS], before)
        self.report_is_that_of_one_run()

    def test_missing_set_is_named_and_alone_read_again(self):
        cluster.write(self.path("fail"), "")
        array, _, reduce = self.submit()
        self.assertEqual(self.ended(reduce), {None: (FAILED, 3)})
        self.assertEqual(self.ended(array)[4], (FAILED, 137))
        self.assertIn("reduce: set second has no lines\n",
                      self.read("lines", "logs", "reduce-%s.log" % reduce))
        self.assertFalse(os.path.exists(self.report))
        self.assertEqual(self.leftovers(), [])

        os.remove(self.path("fail"))
        others = self.stamp("first"), self.stamp("third")
        _, tasks, reduce = self.submit()
        self.assertEqual(tasks, "4")
        self.assertEqual(self.ended(reduce), {None: COMPLETED})
        self.assertEqual((self.stamp("first"), self.stamp("third")), others)
        self.report_is_that_of_one_run()

    def test_capture_cut_short_is_reported_and_tried_again(self):
        last = self.captures[-1]
        with open(last, "rb") as f:
            whole = f.read()
        with open(last, "wb") as f:
            f.write(whole[:-5])
        _, tasks, reduce = self.submit()
        self.assertEqual(self.ended(reduce), {None: (FAILED, 3)})
        self.assertEqual(self.read("report"), self.told("calls", "text").decode())
        self.assertIn("capture-truncated", self.read("report"))

        with open(last, "wb") as f:
            f.write(whole)
        _, tasks, reduce = self.submit()
        self.assertEqual(len(tasks.split(",")), 1)
        self.assertEqual(self.ended(reduce), {None: COMPLETED})
        self.report_is_that_of_one_run()
        self.assertFalse([n for n in os.listdir(self.lines) if n.endswith(".cut.ndjson")])


class OverSsh(Recipe):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory(prefix="recipes-ssh-")
        cls.addClassCleanup(cls.home.cleanup)
        cls.ssh = cluster.Ssh(os.path.join(cls.home.name, "ssh"))
        cls.addClassCleanup(cls.ssh.stop)
        cls.ssh.start()

    def over(self, hosts, *options):
        result = run(os.path.join(RECIPES, "over-ssh"), hosts, self.sets, self.lines, self.report,
                     *options, env={**self.ssh.env, "UMTRACE": self.path("umtrace")})
        return result.returncode, result.stderr.decode()

    def hosts_tell(self):
        return self.read(self.home.name, "ssh", "sshd.log").count("Accepted publickey")

    def test_report_is_that_of_one_run(self):
        before = self.hosts_tell()
        status, errors = self.over("1/left,1/right")
        self.assertEqual(status, 0, errors)
        self.assertGreaterEqual(self.hosts_tell() - before, len(SETS))
        self.report_is_that_of_one_run()
        self.assertEqual(self.leftovers(), [])

    def test_options_reach_their_step(self):
        status, errors = self.over("1/left", "--limit", "flows=1000", "--", "-F", "json")
        self.assertEqual(status, 0, errors)
        self.assertEqual(self.read("report"), self.told("calls", "json").decode())

    def test_host_that_is_gone_loses_nothing(self):
        status, errors = self.over("1/gone,1/left,1/right")
        self.assertEqual(status, 0, errors)
        self.report_is_that_of_one_run()

    def test_missing_set_is_named_and_alone_read_again(self):
        cluster.write(self.path("fail"), "")
        status, errors = self.over("1/left,1/right")
        self.assertEqual(status, 3)
        self.assertIn("over-ssh: set second: umtrace or ssh ended with status 137\n", errors)
        self.assertIn("reduce: set second has no lines\n", errors)
        self.assertFalse(os.path.exists(self.report))

        os.remove(self.path("fail"))
        others = self.stamp("first"), self.stamp("third")
        status, errors = self.over("1/left,1/right")
        self.assertEqual(status, 0, errors)
        self.assertEqual((self.stamp("first"), self.stamp("third")), others)
        self.report_is_that_of_one_run()

    def test_interrupted_run_keeps_what_had_ended(self):
        cluster.write(self.path("hang"), "")
        interrupted = subprocess.Popen(
            [os.path.join(RECIPES, "over-ssh"), "2/left,2/right", self.sets, self.lines,
             self.report], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**self.ssh.env, "UMTRACE": self.path("umtrace")}, start_new_session=True)
        log = os.path.join(self.lines, ".parallel", "log")
        try:
            cluster.until(lambda: os.path.exists(self.path("hung")), "the job hangs")
            cluster.until(lambda: self.read(log).count("\n") == len(SETS), "the others end")
        finally:
            os.killpg(interrupted.pid, signal.SIGKILL)  # the session that was started here
            interrupted.wait()
            # The job itself is left on its host, where nobody waits for it.
            os.kill(int(self.read("hung")), signal.SIGKILL)
        made = {name: os.stat(os.path.join(self.lines, ".parallel", name)).st_ino
                for name in ("1", "3")}
        status, errors = self.over("1/left,1/right")
        self.assertEqual(status, 0, errors)
        self.assertEqual([self.stamp("first")[0], self.stamp("third")[0]], list(made.values()))
        self.report_is_that_of_one_run()

    def test_names_with_blanks_arrive_whole(self):
        strange = self.path("a b'c $d.pcap")
        os.rename(self.captures[0], strange)
        cluster.write(self.sets, self.read("sets").replace(self.captures[0], strange))
        self.captures[0] = strange
        status, errors = self.over("1/left,1/right")
        self.assertEqual(status, 0, errors)
        self.report_is_that_of_one_run()


class WhatIsTested(Recipe):
    def test_calls_stand_in_several_sets(self):
        """Else the other tests could not fail."""
        parts = {}
        for line in self.read("sets").splitlines()[2:]:
            name, *captures = line.split("\t")
            for call in self.calls_of(*captures):
                parts.setdefault(call["guid"], set()).add(name)
        self.assertGreaterEqual(sum(names == set(SETS) for names in parts.values()), 15)
        self.assertGreaterEqual(sum(len(names) > 1 for names in parts.values()), 20)


class ListOfSets(unittest.TestCase):
    def refused(self, text):
        with tempfile.TemporaryDirectory() as folder:
            sets = os.path.join(folder, "sets")
            cluster.write(sets, text)
            result = run(os.path.join(RECIPES, "over-slurm"), sets, folder, "/dev/null",
                         env={"PATH": "/usr/bin:/bin"})
        self.assertEqual(result.returncode, 2)
        return result.stderr.decode().replace(sets, "SETS")

    def test_what_cannot_be_meant_is_refused(self):
        self.assertIn("SETS:1: set a has no captures", self.refused("a\n"))
        self.assertIn("SETS:2: set a stands at line 1 already", self.refused("a\tx\na\ty\n"))
        self.assertIn("SETS:1: a set is named by", self.refused("../a\tx\n"))
        self.assertIn("SETS:1: a set is named by", self.refused("a x.pcap\n"))
        self.assertIn("SETS names no set", self.refused("# nothing\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
