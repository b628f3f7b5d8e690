"""Installs the clients that these tests use into the build folder: Python packages and the Java client with its jars.

Everything is pinned; what is there already is left alone. Only Java may be missing, and then it is said aloud.
"""

import pathlib
import shutil
import subprocess
import sys

from support import places

# Codecs of kafka-python come from packages of their own.
CODECS = ["python-snappy==0.7.3", "lz4==4.4.5", "zstandard==0.25.0"]
ENVIRONMENTS = {
    "kafka-python-2.0.2": ["kafka-python==2.0.2"] + CODECS,
    "kafka-python": ["kafka-python==3.0.12"] + CODECS,
    "confluent-kafka": ["confluent-kafka==2.12.2"],
}


def run(*command, cwd=None):
    print("+", *command, flush=True)
    subprocess.run([str(part) for part in command], cwd=cwd, check=True)


def set_up_python(name, packages):
    folder = places.work() / "venv" / name
    mark = folder / "installed.txt"
    wanted = "\n".join(packages)
    if mark.exists() and mark.read_text() == wanted:
        print(f"{name}: there already")
        return
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    mark.write_text(wanted)


def set_up_java():
    """False where there is no Java or no Maven."""
    folder = places.java_classes()
    sources = places.sources() / "java"
    programs = sorted(sources.glob("*.java"))
    wanted = "".join(file.read_text() for file in [sources / "pom.xml", *programs])
    ready = folder / "ready"
    if ready.exists() and ready.read_text() == wanted:
        print("Java: there already")
        return True
    shutil.rmtree(folder, ignore_errors=True)
    missing = [tool for tool in ("java", "javac", "mvn") if shutil.which(tool) is None]
    if missing:
        print(f"SKIPPED: the Java client is NOT tested, for {', '.join(missing)} cannot be found "
              "(Debian: default-jdk-headless, maven)")
        return False
    folder.mkdir(parents=True)
    try:
        run("mvn", "--quiet", "--batch-mode", "--file", sources / "pom.xml", "dependency:copy-dependencies",
            f"-DoutputDirectory={folder / 'jars'}")
    except subprocess.CalledProcessError:
        print("SKIPPED: the Java client is NOT tested, for its jars could not be fetched from Maven Central")
        return False
    run("javac", "-cp", f"{folder / 'jars'}/*", "-d", folder / "classes", *programs)
    ready.write_text(wanted)
    return True


def main():
    places.work().mkdir(parents=True, exist_ok=True)
    for leftover in pathlib.Path(places.work()).glob("serve-*.txt"):
        leftover.unlink()
    shutil.rmtree(places.work() / "data", ignore_errors=True)
    for name, packages in ENVIRONMENTS.items():
        set_up_python(name, packages)
    if shutil.which("kcat") is None:
        raise SystemExit("kcat is not installed (Debian: kcat)")
    set_up_java()


if __name__ == "__main__":
    main()
