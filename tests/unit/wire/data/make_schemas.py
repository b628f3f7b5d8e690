#!/usr/bin/env python3
"""Writes schemas.json: the facts of Kafka's message schemas that schema_test.cpp compares with.

    make_schemas.py FOLDER > schemas.json

FOLDER holds Kafka's schema files (clients/src/main/resources/common/message), and its subfolder
"metadata" those of the metadata records. Taken are all messages that the headers of broker/wire
describe by a kName, with names, types, versions, tags, nullability, ignorability and defaults; of
all other APIs only key, name and flexible versions.
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[4]
HEADERS = ["broker/wire/messages", "broker/wire/records"]
FIELD_FACTS = ["nullableVersions", "taggedVersions", "tag", "ignorable", "default"]
API_FACTS = ["apiKey", "validVersions", "flexibleVersions"]


def read(path):
    lines = (line for line in path.read_text().splitlines() if not line.lstrip().startswith("//"))
    return json.loads("\n".join(lines))


def described_names():
    for folder in HEADERS:
        for header in sorted((ROOT / folder).glob("*.h")):
            yield from re.findall(r'kName = "(\w+)"', header.read_text())


def field_facts(field, structs):
    facts = {"name": field["name"], "type": field["type"], "versions": field["versions"]}
    facts.update((key, field[key]) for key in FIELD_FACTS if key in field)
    children = field.get("fields") or structs.get(field["type"].removeprefix("[]"))
    if children:
        facts["fields"] = [field_facts(child, structs) for child in children]
    return facts


def message_facts(schema):
    structs = {s["name"]: s["fields"] for s in schema.get("commonStructs", [])}
    facts = {key: schema[key] for key in API_FACTS if key in schema}
    facts["fields"] = [field_facts(field, structs) for field in schema["fields"]]
    return facts


def lines_of(value, indent):
    """JSON with a line for each field."""
    pad = " " * indent
    if isinstance(value, list):
        return "[\n" + ",\n".join(pad + " " + lines_of(v, indent + 1) for v in value) + "\n" + pad + "]" if value else "[]"
    rest = {k: v for k, v in value.items() if k != "fields"}
    text = json.dumps(rest)
    if "fields" not in value:
        return text
    comma = ", " if rest else ""
    return text[:-1] + comma + '"fields": ' + lines_of(value["fields"], indent) + "}"


def main():
    folder = pathlib.Path(sys.argv[1])
    files = {p.stem: p for p in [*folder.glob("*.json"), *folder.glob("metadata/*.json")]}
    schemas = {name: message_facts(read(files[name])) for name in described_names()}
    apis = {}
    for name, path in sorted(files.items()):
        if name.endswith("Request"):
            schema = read(path)
            if schema.get("type") == "request":
                apis[name.removesuffix("Request")] = {k: schema[k] for k in API_FACTS if k in schema}
    print('{"apis": {')
    rows = sorted(apis.items(), key=lambda item: item[1]["apiKey"])
    print(",\n".join(f" {json.dumps(name)}: {json.dumps(facts)}" for name, facts in rows))
    print('},\n"messages": {')
    print(",\n".join(f"{json.dumps(name)}: {lines_of(facts, 0)}" for name, facts in sorted(schemas.items())))
    print("}}")


if __name__ == "__main__":
    main()
