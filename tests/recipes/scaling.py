#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the recipes cost on this machine, one and two tasks at once: the table of docs/scaling.md.

    scaling.py UMTRACE CAPTURE...

Each capture is a set. The rounds alternate between all ways, and the least of each is told: what else
runs on the machine only ever adds."""
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import cluster

UMTRACE = os.path.abspath(sys.argv[1])
CAPTURES = [os.path.abspath(path) for path in sys.argv[2:]]
RECIPES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "recipes")
ROUNDS, SLURM_ROUNDS = 7, 3
ENVIRONMENT = {**os.environ, "UMTRACE": UMTRACE}


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.sets, self.lines, self.report = (os.path.join(folder, name)
                                              for name in ("sets", "lines", "report"))
        self.made = [os.path.join(folder, "%d.ndjson" % i) for i in range(len(CAPTURES))]
        cluster.write(self.sets, "".join("set%d\t%s\n" % pair for pair in enumerate(CAPTURES)))
        self.least = {}

    def one_run(self):
        subprocess.run([UMTRACE, "-o", os.path.join(self.folder, "one"), *CAPTURES], check=True)

    def map(self, at_once):
        def task(pair):
            subprocess.run([UMTRACE, "-V", "messages", "-F", "ndjson", "-o", pair[1], pair[0]],
                           check=True)
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(task, zip(CAPTURES, self.made)))

    def reduce(self):
        subprocess.run([UMTRACE, "--from-messages", "-o", self.report, *self.made], check=True)

    def over_ssh(self, at_once):
        shutil.rmtree(self.lines, ignore_errors=True)
        subprocess.run([os.path.join(RECIPES, "over-ssh"), "%d/:" % at_once, self.sets, self.lines,
                        self.report], check=True, env=ENVIRONMENT, stdout=subprocess.DEVNULL)

    def over_slurm(self, slurm):
        shutil.rmtree(self.lines, ignore_errors=True)
        told = slurm.run(os.path.join(RECIPES, "over-slurm"), self.sets, self.lines, self.report,
                         UMTRACE=UMTRACE)
        reduce = told.split()[-1]
        cluster.until(lambda: slurm.jobs(reduce)[None] == ("COMPLETED", 0), "the report", 300)

    def measure(self, name, what, *arguments):
        def cpu():
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            return used.ru_utime + used.ru_stime
        began, used = time.monotonic(), cpu()
        what(*arguments)
        wall, used = time.monotonic() - began, cpu() - used
        best = self.least.get(name, (wall, used))
        self.least[name] = min(best[0], wall), min(best[1], used)

    def same(self):
        with open(self.report) as f, open(os.path.join(self.folder, "one")) as one:
            return f.read() == one.read()


def main():
    with tempfile.TemporaryDirectory(prefix="scaling-") as folder:
        bench = Bench(folder)
        for _ in range(ROUNDS):
            bench.measure("one run", bench.one_run)
            for n in (1, 2):
                bench.measure("map, %d at once" % n, bench.map, n)
            bench.measure("reduce", bench.reduce)
            for n in (1, 2):
                bench.measure("over-ssh, %d at once" % n, bench.over_ssh, n)
        if not bench.same():
            sys.exit("the report is not that of one run")
        for n in (1, 2):
            slurm = cluster.Slurm(os.path.join(folder, "slurm%d" % n), cpus=n)
            try:
                slurm.start()
                for _ in range(SLURM_ROUNDS):
                    bench.measure("over-slurm, %d at once" % n, bench.over_slurm, slurm)
            finally:
                slurm.stop()
        print("captures %d bytes, lines %d bytes" % (sum(map(os.path.getsize, CAPTURES)),
                                                     sum(map(os.path.getsize, bench.made))))
        for name, (wall, used) in bench.least.items():
            cpu = "" if "slurm" in name else "%7.2f s CPU" % used
            print("%-24s %7.2f s %s" % (name, wall, cpu))


main()
