#!/usr/bin/env python3
"""Sits at a terminal in front of an interactive shell, runs a command under `outlast exec`, and does what people do there:
makes the window another size, stops the job, lets it go on, types a line, interrupts it. What came of each is one word on
stdout, in its order.
Usage: OUTLAST=PROGRAM terminal.py, in a folder that it may write to.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 180
CHILD = """
trap : WINCH
echo $$ >number
echo "the child has begun" >&2
until [ "$(stty size <&2)" = "41 99" ]; do sleep 0.1; done
echo "the child is resized" >&2
until [ -e go ]; do sleep 0.1; done
read -r line
echo "the child reads $line" >&2
exit 7
"""


class Terminal:
    """A shell in a window."""

    def __init__(self):
        self.end = time.monotonic() + PATIENCE
        self.text = ""
        process, self.master = pty.fork()
        if process == 0:
            os.environ.update(PS1="READY> ", TERM="dumb")
            os.execv("/bin/bash", ["bash", "--norc", "--noprofile", "-i"])
        self.resize(24, 80)
        self.expect("READY> ")

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern):
        """Waits for words; what came before them is forgotten."""
        while not (found := re.search(pattern, self.text)):
            ready, _, _ = select.select([self.master], [], [], max(0, self.end - time.monotonic()))
            if not ready:
                sys.exit(f"terminal.py: {pattern} never came: {self.text!r}")
            try:
                self.text += os.read(self.master, 65536).decode(errors="replace")
            except OSError:
                sys.exit(f"terminal.py: the shell ended before {pattern}: {self.text!r}")
        self.text = self.text[found.end():]
        return found

    def wait(self, what, is_so):
        """Waits until something is so."""
        while not is_so():
            if time.monotonic() > self.end:
                sys.exit(f"terminal.py: {what} never came: {self.text!r}")
            time.sleep(0.02)


def fields(process):
    """State and parent of a process."""
    with open(f"/proc/{process}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[:2]


def main():
    with open("child.sh", "w", encoding="ascii") as file:
        file.write(CHILD)
    program = os.environ["OUTLAST"]
    terminal = Terminal()
    terminal.type(f"'{program}' exec --attempts 2 -- sh child.sh\n")
    terminal.expect("the child has begun")
    with open("number", encoding="ascii") as file:
        child = int(file.read())
    family = [child, int(fields(child)[1])]
    print("begun")

    terminal.resize(41, 99)
    terminal.expect("the child is resized")
    print("resized")

    terminal.type("\x1a")
    terminal.expect("Stopped")
    terminal.wait("the stop", lambda: all(fields(process)[0] == "T" for process in family))
    print("stopped")

    terminal.type("fg\n")
    terminal.wait("the start", lambda: all(fields(process)[0] != "T" for process in family))
    print("on")

    # Who is not in the foreground is stopped when it reads.
    open("go", "w", encoding="ascii").close()
    terminal.type("words of a person\n")
    terminal.expect("the child reads words of a person")
    terminal.expect("READY> ")
    terminal.type('echo "code $?"\n')
    print("read", terminal.expect(r"code (\d+)").group(1))

    terminal.expect("READY> ")
    terminal.type(f"'{program}' exec --attempts 2 -- sh -c 'echo \"it\" is waiting >&2; exec sleep 1000'\n")
    terminal.expect("it is waiting")
    terminal.type("\x03")
    terminal.expect("READY> ")
    terminal.type('echo "code $?"\n')
    print("interrupted", terminal.expect(r"code (\d+)").group(1))


if __name__ == "__main__":
    signal.alarm(PATIENCE + 20)
    main()
