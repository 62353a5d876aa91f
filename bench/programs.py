"""Runs a program once and says what it cost; says what machine this is and which versions the programs have."""

import datetime
import os
import pathlib
import re
import subprocess
import time


class Program:
    """One of the programs that are held beside each other."""

    def __init__(self, name, path, environment=None):
        self.name = name
        self.path = str(pathlib.Path(path).absolute())
        self.environment = environment or {}

    def call(self, arguments, folder):
        """CPU seconds, wall seconds and peak megabytes; `None` where the program fails."""
        environment = {key: value for key, value in os.environ.items() if key != "RUST_BACKTRACE"}
        environment |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_PROFILES_DIR": str(folder)}
        started = time.monotonic()
        child = subprocess.Popen([self.path, *arguments], cwd=folder, env=environment | self.environment,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            return None
        return {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "mb": used.ru_maxrss / 1024}

    def version(self):
        shown = subprocess.run([self.path, "--version"], capture_output=True, text=True)
        number = r"\d+\.\d+\.\d+[\w.-]*"
        text = shown.stdout + shown.stderr
        # sqlmill tells the version of dbt that it stands for as well.
        found = re.search(rf"sqlmill\D*({number})", text) or re.search(f"({number})", text)
        return found.group(1) if found else "unknown"


def machine():
    """Processor, number of cores, and how many processes wanted one in the last minute."""
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    name = processor.group(1) if processor else "unknown processor"
    return f"{os.cpu_count()} cores of {name}, load {os.getloadavg()[0]:.1f}"


def today():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
