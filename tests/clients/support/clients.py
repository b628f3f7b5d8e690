"""The client programs of these tests, each behind the same two calls: produce and consume."""

import os
import shutil
import subprocess
import tempfile

from support import places
from support.records import Record

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
PATIENCE_SECONDS = 120


def environment():
    return dict(os.environ, PYTHONPATH=str(places.sources()))


def settings_of(options):
    return [f"{name.replace('_', '.')}={value}" for name, value in options.items()]


def outcomes_of(output, count):
    results = [None] * count
    for line in output.splitlines():
        index, *rest = line.split("\t")
        results[int(index)] = int(rest[0]) if len(rest) == 1 else rest[-1]
    return results


def consumed_of(output):
    found = []
    for line in output.splitlines():
        offset, rest = line.split("\t", 1)
        found.append((int(offset), Record.of_line(rest)))
    return found


class Client:
    """A program that speaks the lines of support/records.py on standard input and output."""

    def __init__(self, name, command, idempotent_by_default=False):
        self.name = name
        self.command = [str(part) for part in command]
        self.idempotent_by_default = idempotent_by_default

    def topic_name(self):
        return self.name.replace(" ", "-").replace(",", "").lower()

    def _run(self, arguments, text=""):
        done = subprocess.run(self.command + arguments, input=text, capture_output=True, text=True, env=environment(),
                              timeout=PATIENCE_SECONDS, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{self.name} {' '.join(arguments)} failed with {done.returncode}:\n"
                                 f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def try_produce(self, address, topic, records, partition=0, **options):
        """For each record its offset, or the name of its error."""
        output = self._run(["produce", address, topic, str(partition)] + settings_of(options),
                           "".join(record.line() + "\n" for record in records))
        return outcomes_of(output, len(records))

    def produce(self, address, topic, records, **options):
        """Offsets; any error fails."""
        results = self.try_produce(address, topic, records, **options)
        failed = [result for result in results if not isinstance(result, int)]
        assert not failed, f"{self.name}: {len(failed)} records were not accepted: {failed[:3]}"
        return results

    def consume(self, address, topic, count, partition=0):
        """[(offset, record)] from the beginning; fails where they do not come."""
        return consumed_of(self._run(["consume", address, topic, str(partition), str(count)]))

    def begin(self, verb, address, topic, *arguments, **options):
        """A producer or consumer at work in the background; see Background."""
        words = [verb, address, topic, "0", *map(str, arguments)] + settings_of(options)
        return Background(self.name, self.command + words)


class Background:
    """A client at work. A producer sends each record when it is fed."""

    def __init__(self, name, command):
        self.name = name
        self.fed = []
        self.output = tempfile.TemporaryFile("w+")
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=self.output, stderr=self.log,
                                        text=True, env=environment())

    def feed(self, records):
        self.process.stdin.write("".join(record.line() + "\n" for record in records))
        self.process.stdin.flush()
        self.fed += records

    def _end(self):
        self.process.stdin.close()
        code = self.process.wait(PATIENCE_SECONDS)
        texts = []
        for file in (self.output, self.log):
            file.seek(0)
            texts.append(file.read())
            file.close()
        assert code == 0, f"{self.name} failed with {code}: {texts[1][-4000:]}"
        return texts[0]

    def told(self):
        """Ends a producer: for each record its offset, or the name of its error."""
        return outcomes_of(self._end(), len(self.fed))

    def consumed(self):
        return consumed_of(self._end())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


def librdkafka():
    return Client("librdkafka", [places.rdkafka_client()])


def kafka_python_old():
    return Client("kafka-python 2.0.2",
                  [places.python_of("kafka-python-2.0.2"), places.sources() / "kafka_python_client.py"])


def kafka_python():
    return Client("kafka-python, recent",
                  [places.python_of("kafka-python"), places.sources() / "kafka_python_client.py"],
                  idempotent_by_default=True)


def confluent():
    return Client("confluent-kafka", [places.python_of("confluent-kafka"), places.sources() / "confluent_client.py"])


def has_java():
    return (places.java_classes() / "ready").exists()


def java():
    """None where there is no Java; set_up.py has said so."""
    if not has_java():
        return None
    return Client("Java", java_command("Client"), idempotent_by_default=True)


def java_command(program):
    jars = places.java_classes() / "jars"
    return [shutil.which("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp",
            f"{places.java_classes() / 'classes'}:{jars}/*", program]


def all_clients():
    found = [librdkafka(), kafka_python_old(), kafka_python(), confluent(), java()]
    return [client for client in found if client is not None]
