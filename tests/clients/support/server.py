"""The server under test: `weir serve` as a child process, with one broker or with a cluster inside."""

import pathlib
import shutil
import tempfile

from support import places
from support.process import Process, free_ports


def new_data_folder(prefix):
    base = places.work() / "data"
    base.mkdir(parents=True, exist_ok=True)
    return pathlib.Path(tempfile.mkdtemp(prefix=prefix, dir=base))


class Server(Process):
    """Has a data folder of its own. Use it in a with statement, or call start() and close()."""

    def __init__(self, *config, data=None, brokers=1):
        self.port = free_ports(1 if brokers == 1 else 2 * brokers)  # a cluster's controllers listen, too
        self.addresses = [f"127.0.0.1:{self.port + i}" for i in range(brokers)]
        self.address = ",".join(self.addresses)
        self._own = None if data else new_data_folder("serve-")
        self.data = pathlib.Path(data) if data else self._own / "broker"
        command = [places.weir(), "serve", "--listen", self.addresses[0], "--data", self.data]
        if brokers > 1:
            command += ["--brokers", brokers]
        for setting in config:
            command += ["--config", setting]
        super().__init__(command, f"connect with kcat -b {self.address}", places.work() / f"serve-{self.port}.txt")

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        self.close(keep=kind is not None)

    def close(self, keep=False):
        if self.alive():
            code = self.stop()
            assert code == 0, f"weir serve ended with exit code {code}\n{self.story()}"
        if self._own and not keep:
            shutil.rmtree(self._own, ignore_errors=True)
            self.diary.unlink(missing_ok=True)
