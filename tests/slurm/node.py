"""A Slurm of one node that lives in a folder: nothing in /etc, ports of its own, gone with the tests."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

CPUS = 8  # pretended: Slurm only counts them
PATIENCE = 30.0  # s

CONFIGURATION = """
ClusterName=isosim
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=bf_interval=5,sched_interval=2
InactiveLimit=0
KillWait=2
ReturnToService=2
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=16384
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE OverSubscribe=NO
"""


@contextmanager
def slurm():
    """A running Slurm; its environment is that of this process while it runs."""
    missing = [name for name in ("munged", "slurmctld", "slurmd", "srun") if not _program(name)]
    assert not missing, f"{', '.join(missing)} not installed: apt-get install slurm-wlm munge"
    # not pytest's folder: the path of a socket has at most 107 characters
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    folder.chmod(0o755)
    _configure(folder)
    before = os.environ.copy()
    try:
        with ExitStack() as running:
            os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
            munged = ["munged", "--foreground", "--force", f"--key-file={folder}/munge.key"]
            files = {"socket": "munge.socket", "pid-file": "munge.pid", "seed-file": "munge.seed"}
            munged += [f"--{option}={folder / name}" for option, name in files.items()]
            running.enter_context(_daemon(folder, [*munged, f"--log-file={folder}/munge.log"]))
            _wait(folder, lambda: (folder / "munge.socket").exists())
            running.enter_context(_daemon(folder, ["slurmctld", "-D"]))
            running.enter_context(_daemon(folder, ["slurmd", "-D"]))
            _wait(folder, lambda: answer("sinfo", "--noheader", "--format=%T") == "idle")
            running.callback(_empty)
            yield folder
    finally:
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(folder, ignore_errors=True)


def answer(*command):
    """What a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def queue():
    """Numbers of the jobs that Slurm has, waiting or running."""
    return answer("squeue", "--me", "--noheader", "--format=%i").split()


def _configure(folder):
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o400)
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        controller, daemon = one.getsockname()[1], other.getsockname()[1]
    host = socket.gethostname().partition(".")[0]
    values = {"folder": folder, "host": host, "user": getpass.getuser(), "cpus": CPUS}
    text = CONFIGURATION.format(**values, controller=controller, daemon=daemon)
    (folder / "slurm.conf").write_text(text)
    (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")  # it asks systemd otherwise


@contextmanager
def _daemon(folder, command):
    """A daemon in the foreground that ends with this process, even when that is killed."""
    name = command[0]
    arguments = ["setpriv", "--pdeathsig", "TERM", _program(name), *command[1:]]
    with (folder / f"{name}.out").open("w") as out:
        process = subprocess.Popen(arguments, stdout=out, stderr=out, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _program(name):
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _empty():
    """Cancel what a test left, so that no step outlives the daemons."""
    end = time.monotonic() + PATIENCE
    while (left := queue()) and time.monotonic() < end:
        subprocess.run(["scancel", *left], check=False)
        time.sleep(0.2)


def _wait(folder, ready):
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in folder.glob("*.out"))
            raise AssertionError(f"Slurm does not come up:\n{logs}")
        time.sleep(0.05)
