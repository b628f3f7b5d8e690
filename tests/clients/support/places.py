"""Where things are; CMake says so in the environment."""

import os
import pathlib


def _place(name, meaning):
    value = os.environ.get(name)
    if not value:
        raise SystemExit(f"{name} is not set ({meaning}); run these tests through ctest -L clients")
    return pathlib.Path(value)


def weir():
    return _place("WEIR_PROGRAM", "the weir program")


def work():
    """Belongs to these tests: virtual environments, jars, data of servers."""
    return _place("WEIR_CLIENTS_WORK", "a folder for these tests inside the build folder")


def rdkafka_client():
    return _place("WEIR_RDKAFKA_CLIENT", "the librdkafka client")


def sources():
    return pathlib.Path(__file__).resolve().parent.parent


def python_of(environment):
    return work() / "venv" / environment / "bin" / "python"


def java_classes():
    return work() / "java"
