"""Runs a command in a pseudo terminal and types: terminal.py STEPS COMMAND [ARGUMENT]...

STEPS is JSON, see TerminalStep in door.ts. Prints JSON: what the terminal showed and how the command ended.
"""

import json
import os
import pty
import select
import signal
import sys
import time

LIMIT_SECONDS = 60


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def names_below(pid):
    names = []
    for child in children_of(pid):
        names.append(name_of(child))
        names.extend(names_below(child))
    return names


class Terminal:
    def __init__(self, command):
        self.shown = b""
        self.found = 0
        self.open = True
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)

    def read(self, seconds):
        if not self.open:
            time.sleep(seconds)
        elif select.select([self.fd], [], [], seconds)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            self.open = data != b""
            self.shown += data

    def text(self):
        return self.shown.decode(errors="replace")

    def wait(self, what, condition):
        last = time.monotonic() + LIMIT_SECONDS
        while not condition():
            if time.monotonic() > last or (not self.open and what[0] == "expect"):
                os.kill(self.pid, signal.SIGKILL)
                sys.exit(f"no {what} within {LIMIT_SECONDS} s; the terminal shows:\n{self.text()}")
            self.read(0.02)

    def expect(self, text):
        wanted = text.encode()
        self.wait(("expect", text), lambda: wanted in self.shown[self.found :])
        self.found = self.shown.index(wanted, self.found) + len(wanted)

    def foreground(self, name):
        self.wait(("foreground", name), lambda: name_of(os.tcgetpgrp(self.fd)) == name)

    def process(self, name):
        self.wait(("process", name), lambda: name in names_below(self.pid))

    def send(self, text):
        os.write(self.fd, text.encode())

    def signal(self, name):
        os.kill(self.pid, signal.Signals[name])

    def end(self):
        status = None

        def ended():
            nonlocal status
            pid, value = os.waitpid(self.pid, os.WNOHANG)
            status = value if pid != 0 else None
            return pid != 0

        self.wait(("end", ""), ended)
        while self.open:
            self.read(0.1)
        return status


terminal = Terminal(sys.argv[2:])
for step, text in json.loads(sys.argv[1]):
    getattr(terminal, step)(text)
status = terminal.end()
by_signal = os.WIFSIGNALED(status)
print(
    json.dumps(
        {
            "text": terminal.text(),
            "code": None if by_signal else os.WEXITSTATUS(status),
            "signal": signal.Signals(os.WTERMSIG(status)).name if by_signal else None,
        }
    )
)
