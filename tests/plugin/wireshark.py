# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs Wireshark's programs with the dissector that was built, and nothing of the user's.

As root they load no plugin but those of the system, so they run as another user then, with a home
of their own; a dissector that was built with sanitizers needs these loaded first.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

NOBODY = 65534


def version():
    """Major and minor version of the tshark that is installed: "4.0"."""
    first = subprocess.run(["tshark", "--version"], capture_output=True, text=True,
                           check=True).stdout.split("\n", 1)[0]
    for word in first.split():
        if word[0].isdigit():
            return ".".join(word.split(".")[:2])
    sys.exit("tshark tells no version: " + first)


def sanitizer_runtimes(plugin):
    """Paths of the libraries that must be loaded before everything else."""
    needed = subprocess.run(["ldd", plugin], capture_output=True, text=True, check=True).stdout
    return [line.split()[2] for line in needed.splitlines()
            if "libasan" in line or "libubsan" in line]


class Wireshark:
    """A place with the plugin and a home; removed with `close`."""

    def __init__(self, plugin, enabled=True):
        self.folder = tempfile.mkdtemp(prefix="umws-")
        place = os.path.join(self.folder, "plugins", version(), "epan")
        self.home = os.path.join(self.folder, "home")
        os.makedirs(place)
        os.makedirs(self.home)
        if enabled:
            shutil.copy(plugin, place)
        self.environment = dict(os.environ, HOME=self.home, LC_ALL="C.UTF-8", TZ="UTC",
                                WIRESHARK_PLUGIN_DIR=os.path.join(self.folder, "plugins"),
                                XDG_CONFIG_HOME=os.path.join(self.home, ".config"),
                                ASAN_OPTIONS="detect_leaks=0", UBSAN_OPTIONS="print_stacktrace=1")
        runtimes = sanitizer_runtimes(plugin) if enabled else []
        if runtimes:
            self.environment["LD_PRELOAD"] = ":".join(runtimes)
        self.prefix = []
        if os.geteuid() == 0:
            self.prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            for folder, _, files in os.walk(self.folder):
                os.chmod(folder, 0o755)
                for name in files:
                    os.chmod(os.path.join(folder, name), 0o755)
            os.chown(self.home, NOBODY, NOBODY)

    def close(self):
        shutil.rmtree(self.folder)

    def readable(self, path):
        """The path itself, or a copy that the other user may read."""
        copy = os.path.join(self.folder, "copy-" + os.path.basename(path))
        if self.prefix and not os.path.exists(copy):
            shutil.copyfile(path, copy)
            os.chmod(copy, 0o644)
        return copy if self.prefix else path

    def run(self, program, *arguments, stdin=None, env=None):
        """The finished process; its output is bytes."""
        return subprocess.run([*self.prefix, program, *arguments], capture_output=True,
                              input=stdin, env=dict(self.environment, **(env or {})), check=False,
                              timeout=120)

    def tshark(self, capture, *arguments, keys=None, env=None):
        """What tshark writes of a capture; anything on its standard error ends the test."""
        options = ["-n", "-r", self.readable(capture)]
        if keys and keys.endswith(".pem"):
            options += ["-o", f'uat:rsa_keys:"{self.readable(keys)}",""']
        elif keys:
            options += ["-o", "tls.keylog_file:" + self.readable(keys)]
        done = self.run("tshark", *options, *arguments, env=env)
        noise = [line for line in done.stderr.decode("utf-8", "replace").splitlines()
                 if line and "cut short in the middle of a packet" not in line]
        if noise or done.returncode not in (0, 2):
            sys.exit(f"tshark {' '.join(options + list(arguments))}: exit {done.returncode}\n"
                     + "\n".join(noise[:40]))
        return done.stdout

    def messages(self, capture, *arguments, keys=None):
        """The messages of a capture in order: pairs of frame number and <proto name="umws">."""
        text = self.tshark(capture, "-T", "pdml", "-Y", "umws", *arguments, keys=keys)
        found = []
        for packet in ElementTree.fromstring(text).iter("packet"):
            number = int(packet.find("./proto/field[@name='num']").get("show"))
            found += [(number, proto) for proto in packet.iter("proto")
                      if proto.get("name") == "umws"]
        return found
