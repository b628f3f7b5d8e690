"""The server under test: `weir serve` as a child process that can be stopped, killed and started again."""

import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from support import places

START_SECONDS = 30
STOP_SECONDS = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A broker with a data folder of its own. Use it in a with statement, or call start() and close()."""

    def __init__(self, *config, data=None):
        self.config = config
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = None
        self._own = None
        if data is None:
            base = places.work() / "data"
            base.mkdir(parents=True, exist_ok=True)
            self._own = tempfile.mkdtemp(prefix="serve-", dir=base)
            data = pathlib.Path(self._own) / "broker"
        self.data = pathlib.Path(data)
        self.diary = places.work() / f"serve-{self.port}.txt"

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        self.close(keep=kind is not None)

    def start(self):
        command = [str(places.weir()), "serve", "--listen", self.address, "--data", str(self.data)]
        for setting in self.config:
            command += ["--config", setting]
        diary = open(self.diary, "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=diary)
        diary.close()
        self._wait_until_ready()
        return self

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        wanted = f"serving on {self.address}".encode()
        seen = b""
        while wanted not in seen:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            piece = self.process.stdout.read1(4096) if ready else b""
            if not piece:
                code = self.process.poll()
                self.process.kill()
                self.process.wait()
                self.process.stdout.close()
                raise AssertionError(f"weir serve did not become ready (exit {code}): {seen.decode()!r}\n{self.story()}")
            seen += piece

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As kill -9 does: nothing is flushed, nobody is told."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """In order; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"weir serve did not stop on SIGTERM\n{self.story()}") from None
        finally:
            self.process.stdout.close()
        return code

    def close(self, keep=False):
        if self.alive():
            code = self.stop()
            assert code == 0, f"weir serve ended with exit code {code}\n{self.story()}"
        if self._own and not keep:
            shutil.rmtree(self._own, ignore_errors=True)
            self.diary.unlink(missing_ok=True)

    def story(self):
        """What the server wrote to standard error."""
        return self.diary.read_text(errors="replace") if self.diary.exists() else ""
