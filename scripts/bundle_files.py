#!/usr/bin/env python3
"""What scripts/publish.sh writes into a bundle's folder besides copies: the list of its parts (SBOM), their licences, and the manifest.

    bundle_files.py parts FOLDER …      sbom.cdx.json (CycloneDX 1.6) and THIRD-PARTY-LICENCES.txt
    bundle_files.py manifest FOLDER …   manifest.json: every file with size, mode and SHA-256, one a line; scripts/verify-bundle.sh reads it by line

The same files give the same bytes: no clock, no random number, no path of this machine.
"""

import argparse
import base64
import datetime
import hashlib
import json
import os
import re
import sys
import uuid
import xml.etree.ElementTree
from pathlib import Path

NAMES = {"program": "heartsound-edge", "models": "heartsound-models"}
HOME = "https://heartsound.invalid/bundle"  # a name space for serial numbers; nothing is fetched from it
DOTNET_FLOOR = "2.27"  # glibc that .NET 10 asks for (dotnet/core, release-notes/10.0/supported-os.md)
PATH = re.compile(r"[0-9A-Za-z._+@-]+(/[0-9A-Za-z._+@-]+)*")
MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software
without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons
to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE
AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def moment(epoch: int) -> str:
    return datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def files(folder: Path) -> list[str]:
    """Every file of the folder, in the order of its bytes; anything that is no plain file, or has a name that the verifier would not take, is an error."""
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            sys.exit(f"bundle_files: {name} is neither a file nor a folder; a bundle holds nothing else")
        if not PATH.fullmatch(name):
            sys.exit(f"bundle_files: '{name}': a bundle's names are letters, digits and ._+@-")
        if path.is_file():
            found.append(name)
    return sorted(found)


def metadata(model: Path) -> dict:
    """The manifest that a model carries: `metadata_props`, field 14 of ONNX's ModelProto, walked without the onnx package."""
    data = model.read_bytes()

    def varint(at):
        value = shift = 0
        while True:
            byte = data[at]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value, at

    def fields(at, end):
        while at < end:
            key, at = varint(at)
            if key & 7 == 0:
                _, at = varint(at)
            elif key & 7 == 2:
                length, at = varint(at)
                yield key >> 3, at, at + length
                at += length
            else:
                at += {1: 8, 5: 4}[key & 7]

    for number, start, end in fields(0, len(data)):
        if number == 14:
            entry = {field: data[a:b] for field, a, b in fields(start, end)}
            if entry.get(1) == b"heartsound.manifest":
                return json.loads(entry[2])
    sys.exit(f"bundle_files: {model} carries no heartsound.manifest")


def models(folder: Path) -> list[dict]:
    found = []
    for model in sorted(folder.glob("*/model.onnx")):
        carried = metadata(model)
        found.append({"id": carried["id"], "version": carried["version"], "sha256": sha256(model)})
    return found


# --- parts -------------------------------------------------------------------------------------------------------------------------------------------------------------

def package(packages: Path, path: str, name: str, version: str) -> tuple[str, str, list[Path]]:
    """Licence, copyright and the files with licences of a NuGet package, out of its folder of the package cache."""
    folder = packages / path
    specs = list(folder.glob("*.nuspec"))
    if not specs:
        sys.exit(f"bundle_files: {name} {version} is not in {packages}; restore first (dotnet restore)")
    values = {element.tag.split("}")[-1]: element for element in xml.etree.ElementTree.parse(specs[0]).iter()}
    licence = values["license"].text if "license" in values else "NOASSERTION"
    texts = [file for file in sorted(folder.iterdir()) if re.match(r"(?i)(licen[cs]e|third-?party-?notices|notice)", file.name)]
    return licence, (values["copyright"].text or "").strip() if "copyright" in values else "", texts


def nuget_parts(folder: Path, packages: Path) -> list[dict]:
    parts = []
    for deps in sorted(folder.glob("bin/app/*.deps.json")):
        for key, library in json.loads(deps.read_text())["libraries"].items():
            name, version = key.split("/")
            if library["type"] == "runtimepack":
                name = name.removeprefix("runtimepack.")
                library = {"path": f"{name.lower()}/{version}", "sha512": "sha512-" + (packages / name.lower() / version / f"{name.lower()}.{version}.nupkg.sha512").read_text().strip()}
            elif library["type"] != "package":
                continue
            licence, copyright_, texts = package(packages, library["path"], name, version)
            parts.append({"type": "library", "name": name, "version": version, "licence": licence, "copyright": copyright_, "texts": [t.read_text("utf-8-sig") for t in texts],
                          "purl": f"pkg:nuget/{name}@{version}", "hashes": [("SHA-512", base64.b64decode(library["sha512"].removeprefix("sha512-")).hex())]})
    return parts


def npm_parts(folder: Path, lock: Path) -> list[dict]:
    """What the page carries at most: the packages of package-lock.json that are not for development. Their notices are in the page's own licences.txt."""
    if not (folder / "bin/app/dashboard/index.html").exists():
        return []
    parts = {}
    for path, entry in json.loads(lock.read_text())["packages"].items():
        name = path.rpartition("node_modules/")[2]
        # Types are gone once it is compiled.
        if not path or entry.get("dev") or name.startswith("@types/") or name == "undici-types":
            continue
        quoted = name.replace("@", "%40")
        parts[name, entry["version"]] = {"type": "library", "name": name, "version": entry["version"], "licence": entry["license"], "copyright": "", "texts": [],
            "purl": f"pkg:npm/{quoted}@{entry['version']}", "hashes": [("SHA-512", base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex())]}
    return list(parts.values())


def other_parts(folder: Path, options) -> list[dict]:
    parts = []
    for library in sorted(folder.glob("bin/app/runtimes/*/native/libonnxruntime.so.1")):
        parts.append({"type": "library", "name": "onnxruntime", "version": options.onnxruntime, "licence": "MIT", "copyright": "Copyright (c) Microsoft Corporation", "texts": [],
                      "purl": f"pkg:npm/onnxruntime-node@{options.onnxruntime}", "hashes": [("SHA-256", sha256(library))]})
    for runtime in sorted(folder.glob("dotnet/shared/*/*")):
        name = runtime.parent.name
        parts.append({"type": "framework", "name": name, "version": runtime.name, "licence": "MIT", "copyright": "Copyright (c) .NET Foundation and Contributors",
                      "texts": [file.read_text("utf-8-sig") for file in sorted(folder.glob("dotnet/*.txt"))], "purl": f"pkg:generic/{name}@{runtime.name}", "hashes": []})
    for model in models(folder / "models"):
        parts.append({"type": "machine-learning-model", "name": model["id"], "version": model["version"], "licence": None, "copyright": "", "texts": [],
                      "purl": None, "hashes": [("SHA-256", model["sha256"])]})
    return parts


def reference(part: dict) -> str:
    return part["purl"] or f"model:{part['name']}@{part['version']}"


def sbom(parts: list[dict], options) -> dict:
    name = NAMES["program"]
    product = f"{name}@{options.version}"
    components = []
    for part in parts:
        component = {"type": part["type"], "bom-ref": reference(part), "name": part["name"], "version": part["version"]}
        if part["hashes"]:
            component["hashes"] = [{"alg": kind, "content": content} for kind, content in part["hashes"]]
        if part["licence"]:
            component["licenses"] = [{"license": {"id": part["licence"]}}]
        if part["copyright"]:
            component["copyright"] = part["copyright"]
        if part["purl"]:
            component["purl"] = part["purl"]
        components.append(component)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, HOME), f"{name} {options.version} {options.platform} {options.commit}").urn,
        "version": 1,
        "metadata": {
            "timestamp": moment(options.epoch),
            "component": {"type": "application", "bom-ref": product, "name": name, "version": options.version, "licenses": [{"license": {"id": "MIT"}}],
                          "properties": [{"name": "heartsound:platform", "value": options.platform}, {"name": "heartsound:commit", "value": options.commit}]},
        },
        "components": components,
        "dependencies": [{"ref": product, "dependsOn": [component["bom-ref"] for component in components]}],
    }


def licences(parts: list[dict]) -> str:
    """The notices that the licences of the parts ask for; a text that several share stands there once."""
    out = ["What HeartSound.Edge's own bundle carries of others, and under which licence. The dashboard's packages have theirs in bin/app/dashboard/licences.txt, the models theirs in",
           "models/*/CARD.md. HeartSound.Edge's own licence is in LICENSE.", ""]
    shared: dict[str, list[str]] = {}
    apache = ""
    for part in parts:
        if part["purl"] is None or part["purl"].startswith("pkg:npm/") and part["name"] != "onnxruntime":
            continue
        label = f"{part['name']} {part['version']}"
        out.append(f"{label} ({part['licence']}){': ' + part['copyright'] if part['copyright'] else ''}")
        for text in part["texts"]:
            shared.setdefault(text.replace("\r\n", "\n").strip(), []).append(label)
            if part["licence"] == "Apache-2.0" and "Apache License" in text:
                apache = text.replace("\r\n", "\n").strip()
        if part["licence"] == "MIT" and not any("Permission is hereby granted" in text for text in part["texts"]):
            shared.setdefault(MIT, []).append(label)
    for part in parts:
        if part["licence"] == "Apache-2.0" and not part["texts"]:
            if not apache:
                sys.exit(f"bundle_files: no package here carries the text of the Apache License, which {part['name']} asks for")
            shared[apache].append(f"{part['name']} {part['version']}")
    for text, whose in shared.items():
        out += ["", "-" * 120, ", ".join(whose), "", text]
    return "\n".join(out) + "\n"


def write_parts(folder: Path, options) -> None:
    nuget = nuget_parts(folder, Path(os.environ.get("NUGET_PACKAGES") or Path.home() / ".nuget/packages"))
    parts = sorted(nuget + npm_parts(folder, Path(__file__).parents[1] / "src/dashboard/package-lock.json") + other_parts(folder, options), key=reference)
    (folder / "sbom.cdx.json").write_text(json.dumps(sbom(parts, options), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "THIRD-PARTY-LICENCES.txt").write_text(licences(parts), encoding="utf-8")


# --- manifest ------------------------------------------------------------------------------------------------------------------------------------------------------------

def glibc(folder: Path) -> str:
    """The newest glibc that a native library of the folder asks for by its version needs; never below .NET's own floor."""
    versions = {DOTNET_FLOOR}
    for name in files(folder):
        data = (folder / name).read_bytes()
        if data[:4] == b"\x7fELF":
            versions |= {found.decode() for found in re.findall(rb"\0GLIBC_(\d+\.\d+)(?:\.\d+)?(?=\0)", data)}
    return max(versions, key=lambda version: tuple(map(int, version.split("."))))


def write_manifest(folder: Path, options) -> None:
    facts = {"schema": 1, "kind": options.kind, "name": NAMES[options.kind], "version": options.version, "platform": options.platform, "commit": options.commit, "created": moment(options.epoch)}
    if options.kind == "program":
        own = bool((folder / "dotnet/dotnet").exists() or (folder / "bin/app/libcoreclr.so").exists())
        facts |= {"minGlibc": glibc(folder), "dotnet": {"framework": "10.0", "selfContained": own}, "onnxRuntime": options.onnxruntime, "models": models(folder / "models")}
    else:
        facts["models"] = models(folder)
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in facts.items()]
    entries = []
    for name in files(folder):
        if name in ("manifest.json", "manifest.json.minisig"):
            continue
        path = folder / name
        mode = "755" if path.stat().st_mode & 0o100 else "644"
        entries.append(f'    {json.dumps(name)}: {{"sha256": "{sha256(path)}", "size": {path.stat().st_size}, "mode": "{mode}"}}')
    text = "\n".join(["{", *lines, '  "files": {', ",\n".join(entries), "  }", "}"]) + "\n"
    json.loads(text)
    (folder / "manifest.json").write_text(text, encoding="ascii")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["parts", "manifest"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=NAMES, default="program")
    parser.add_argument("--version", required=True)
    parser.add_argument("--platform", required=True)
    parser.add_argument("--commit", required=True)
    parser.add_argument("--epoch", type=int, required=True)
    parser.add_argument("--onnxruntime", default="")
    options = parser.parse_args()
    {"parts": write_parts, "manifest": write_manifest}[options.what](options.folder, options)


if __name__ == "__main__":
    main()
