"""A cluster of separate processes, `weir serve --node FILE` each; every node is a broker and a controller."""

import shutil

from support import places
from support.process import Process, free_ports
from support.server import new_data_folder


class Node(Process):
    def __init__(self, number, folder, port, voters, config):
        self.address = f"127.0.0.1:{port}"
        self.data = folder / f"node-{number}"
        file = folder / f"node-{number}.properties"
        lines = [f"node.id={number}", "process.roles=broker,controller",
                 f"listeners=PLAINTEXT://{self.address},CONTROLLER://{voters[number].split('@')[1]}",
                 "controller.listener.names=CONTROLLER", f"controller.quorum.voters={','.join(voters.values())}",
                 f"log.dirs={self.data}", *config]
        file.write_text("\n".join(lines) + "\n")
        super().__init__([places.weir(), "serve", "--node", file], f"serving on {self.address}",
                         places.work() / f"serve-{port}.txt")


class Cluster:
    """Use it in a with statement, or call start() and close()."""

    def __init__(self, *config, nodes=3):
        self.folder = new_data_folder("cluster-")
        port = free_ports(2 * nodes)
        voters = {n: f"{n}@127.0.0.1:{port + nodes + n - 1}" for n in range(1, nodes + 1)}
        self.nodes = [Node(n, self.folder, port + n - 1, voters, config) for n in range(1, nodes + 1)]
        self.address = ",".join(node.address for node in self.nodes)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        self.close(keep=kind is not None)

    def start(self):
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait_until_ready()
        return self

    def kill(self):
        for node in self.nodes:
            node.kill()

    def stop(self):
        """All at once, in order; fails where one does not end well."""
        alive = [node for node in self.nodes if node.alive()]
        for node in alive:
            node.ask_to_stop()
        codes = {node.address: node.wait_until_stopped() for node in alive}
        assert set(codes.values()) <= {0}, f"exit codes {codes}\n{self.story()}"

    def close(self, keep=False):
        self.stop()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
            for node in self.nodes:
                node.diary.unlink(missing_ok=True)

    def story(self):
        return "".join(f"{node.address}:\n{node.story()}" for node in self.nodes)
