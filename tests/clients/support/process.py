"""A `weir serve` process that can be stopped, killed and started again, and ports for it."""

import random
import select
import signal
import socket
import subprocess
import time

from support import places

START_SECONDS = 30
STOP_SECONDS = 30

# Below the ports that the system gives to outgoing connections: while a server is down, nobody takes its port, and
# no client that tries to reach it is connected to itself.
PORTS = range(20000, 32000)


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """The first of so many free ports in a row."""
    while True:
        first = random.choice(PORTS)
        if all(_is_free(port) for port in range(first, first + count)):
            return first


class Process:
    """Runs `command`; it is ready when it has written `ready` to standard output."""

    def __init__(self, command, ready, diary):
        self.command = [str(part) for part in command]
        self.ready = ready.encode()
        self.diary = diary
        self.process = None

    def start(self):
        self.launch()
        self.wait_until_ready()
        return self

    def launch(self):
        with open(self.diary, "ab") as diary:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=diary)

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        seen = b""
        while self.ready not in seen:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            piece = self.process.stdout.read1(4096) if ready else b""
            if not piece:
                code = self.process.poll()
                self.process.kill()
                self.process.wait()
                self.process.stdout.close()
                raise AssertionError(f"weir serve did not become ready (exit {code}): {seen.decode()!r}\n"
                                     f"{self.story()}")
            seen += piece

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As kill -9 does: nothing is flushed, nobody is told."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def ask_to_stop(self):
        self.process.send_signal(signal.SIGTERM)

    def wait_until_stopped(self):
        """The exit code."""
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"weir serve did not stop on SIGTERM\n{self.story()}") from None
        finally:
            self.process.stdout.close()

    def stop(self):
        """In order; returns the exit code."""
        self.ask_to_stop()
        return self.wait_until_stopped()

    def story(self):
        """What it wrote to standard error."""
        return self.diary.read_text(errors="replace") if self.diary.exists() else ""
