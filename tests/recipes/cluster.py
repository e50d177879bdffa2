# SPDX-License-Identifier: GPL-2.0-or-later
"""A Slurm of one node and an ssh server, each real, on loopback, of this user, with every file in
one folder: nothing of the machine's own configuration is read, and stop() leaves no process."""
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time

SLURM_CONF = """
ClusterName=recipes
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={controller_port}
SlurmctldPidFile={folder}/slurmctld.pid
StateSaveLocation={folder}/state
SlurmUser={user}
SlurmdUser={user}
SlurmdPort={node_port}
SlurmdPidFile={folder}/slurmd.pid
SlurmdSpoolDir={folder}/spool
SlurmdParameters=config_overrides
AuthType=auth/munge
# A job that was requeued waits as long as its old credential holds: 120 s unless told.
AuthInfo=socket={folder}/munge.socket,cred_expire=5,ttl=60
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
JobRequeue=1
KillWait=2
SlurmdTimeout=6
ReturnToService=2
NodeName=node NodeAddr=127.0.0.1 NodeHostname={host} Port={node_port} CPUs={cpus} RealMemory=2000
PartitionName=all Nodes=node Default=YES MaxTime=INFINITE State=UP
"""

SSHD_CONF = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/user.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
"""

SSH_CONF = """
Host left right
  HostName 127.0.0.1
  Port {port}
Host gone
  HostName 127.0.0.1
  Port {closed_port}
Host *
  User {user}
  IdentityFile {folder}/user
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known
  StrictHostKeyChecking accept-new
  LogLevel ERROR
"""


def until(condition, what, seconds=60):
    """The first true result of the condition."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError("waited %d s in vain: %s" % (seconds, what))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def daemon(folder, name, *command, env=None):
    """Starts a daemon that stays in the foreground; its words go to a log in the folder."""
    with open(os.path.join(folder, name + ".log"), "ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                                start_new_session=True)


def end(process, how=signal.SIGTERM):
    if process and process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


class Slurm:
    def __init__(self, folder, cpus=2):
        self.folder = folder
        self.munged = self.controller = self.node = None
        os.mkdir(folder)
        for name in ("state", "spool"):
            os.mkdir(os.path.join(folder, name))
        write(os.path.join(folder, "slurm.conf"), SLURM_CONF.format(
            folder=folder, cpus=cpus, user=getpass.getuser(),
            host=socket.gethostname().split(".")[0], controller_port=free_port(), node_port=free_port()))
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": folder,
                    "SLURM_CONF": os.path.join(folder, "slurm.conf")}

    def start(self):
        key = os.path.join(self.folder, "munge.key")
        with open(key, "wb") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write(os.urandom(128))
        self.munged = daemon(self.folder, "munged", "/usr/sbin/munged", "--foreground", "--force",
                             "--key-file", key, *(
                                 "--%s=%s/munge.%s" % (option, self.folder, option.split("-")[0])
                                 for option in ("socket", "pid-file", "log-file", "seed-file")),
                             env=self.env)
        until(lambda: os.path.exists(os.path.join(self.folder, "munge.socket")), "munged")
        self.controller = daemon(self.folder, "slurmctld", "/usr/sbin/slurmctld", "-D",
                                 env=self.env)
        self.start_node()

    def start_node(self):
        self.node = daemon(self.folder, "slurmd", "/usr/sbin/slurmd", "-D", "-N", "node",
                           env=self.env)
        until(lambda: self.node_state().startswith(("idle", "mixed", "allocated")),
              "the node is up")

    def node_state(self):
        return self.run("sinfo", "-h", "-o", "%T", check=False)

    def run(self, *command, check=True, **variables):
        result = subprocess.run(command, capture_output=True, text=True, timeout=60,
                                env={**self.env, **variables})
        if check and result.returncode:
            raise AssertionError("%s: %s%s" % (command, result.stdout, result.stderr))
        return result.stdout.strip()

    def jobs(self, job):
        """{task or None: (state, exit status)} of an array or a job."""
        found = {}
        for line in self.run("scontrol", "-o", "show", "job", job).splitlines():
            fields = dict(word.split("=", 1) for word in line.split() if "=" in word)
            task = fields.get("ArrayTaskId", "")
            if task.isdigit() or not task:
                found[int(task) if task else None] = (fields["JobState"],
                                                      int(fields["ExitCode"].split(":")[0]))
        return found

    def processes_of_jobs(self):
        """Of this cluster alone: what jobs run and what watches over them, known by the
        configuration that stands in their environment."""
        daemons = {p.pid for p in (self.munged, self.controller, self.node) if p}
        mine = b"SLURM_CONF=" + self.env["SLURM_CONF"].encode()
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/environ" % pid, "rb") as f:
                    if mine in f.read().split(b"\0") and int(pid) not in daemons:
                        found.append(int(pid))
            except OSError:
                pass  # another user's, or gone
        return found

    def lose_node(self):
        """The node is gone from one moment to the next, with all that ran on it."""
        end(self.node, signal.SIGKILL)
        self.kill_jobs()

    def kill_jobs(self):
        for pid in self.processes_of_jobs():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def stop(self):
        if self.controller and self.controller.poll() is None:
            self.run("scancel", "--user", getpass.getuser(), check=False)
        for process in (self.node, self.controller):
            end(process)
        self.kill_jobs()
        until(lambda: not self.processes_of_jobs(), "no process of the cluster is left", 15)
        end(self.munged)


class Ssh:
    """An ssh server known by two names, left and right; a third, gone, answers nobody."""

    def __init__(self, folder):
        self.folder = folder
        self.server = None
        self.config = os.path.join(folder, "ssh_config")
        os.mkdir(folder)
        port = free_port()
        values = dict(folder=folder, port=port, closed_port=free_port(), user=getpass.getuser())
        write(os.path.join(folder, "sshd_config"), SSHD_CONF.format(**values))
        write(self.config, SSH_CONF.format(**values))
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                            os.path.join(folder, name)], check=True)
        self.env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": folder,
                    "PARALLEL_SSH": "ssh -F " + self.config}

    def start(self):
        self.made_run_sshd = os.geteuid() == 0 and not os.path.isdir("/run/sshd")
        if self.made_run_sshd:
            os.mkdir("/run/sshd", 0o755)  # a server of root's does not start without
        self.server = daemon(self.folder, "sshd", "/usr/sbin/sshd", "-D", "-e", "-f",
                             os.path.join(self.folder, "sshd_config"))
        until(lambda: subprocess.run(["ssh", "-F", self.config, "left", "true"],
                                     stderr=subprocess.DEVNULL).returncode == 0, "sshd", 20)

    def stop(self):
        end(self.server)
        if self.made_run_sshd:
            shutil.rmtree("/run/sshd")
