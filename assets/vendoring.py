"""Copies what others wrote for browsers from `node_modules/` into the package, with its licences.

`make assets` runs it after `npm ci`. The site is served without npm: the copies are in the repository, and
`tests/test_vendored_assets.py` holds them against `manifest.json` and the lock.
"""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
VENDOR = HERE.parent / "src/bpsgraph/web/static/vendor"
_NAMES_OF_LICENCES = re.compile(r"(licen[cs]e|copying|notice)[^/]*", re.IGNORECASE)
_SOURCE_MAP = re.compile(r"\n?/[/*]# sourceMappingURL=\S+(?: \*/)?\s*$")
_INTERPRETER_IMPORT = "import { ascending, isString, DisallowedObjectProperties } from 'vega-util';"
_INTERPRETER_EXPORT = "export { expression as expressionInterpreter };"
# What a package says of its licence where its package.json says nothing.
_STATED_ELSEWHERE = {"jsuri": "MIT"}


@dataclass(frozen=True, slots=True)
class Copied:
    """A file of a package, and the name that it has among the copies."""

    package: str
    path: str
    name: str


FILES = (
    Copied("@zazuko/yasgui", "build/yasgui.min.css", "yasgui.min.css"),
    Copied("@zazuko/yasgui", "build/yasgui.min.js", "yasgui.min.js"),
    Copied("cytoscape", "dist/cytoscape.min.js", "cytoscape.min.js"),
    Copied("vega", "build/vega.min.js", "vega.min.js"),
    Copied("vega-interpreter", "build/vega-interpreter.js", "vega-interpreter.js"),
    Copied("vega-lite", "build/vega-lite.min.js", "vega-lite.min.js"),
)


def vendored(file: Copied, text: str) -> str:
    """The text of a file as it is served: it names no source map, and the interpreter is a plain script.

    The interpreter is published as a module that imports `vega-util` by name, which a browser finds only
    with an import map in the page, and a policy without inline scripts forbids one. What it imports is in
    `vega.min.js`.
    Raises `ValueError` where the interpreter is no longer written so.
    """
    text = _SOURCE_MAP.sub("\n", text)
    if file.package == "vega-interpreter":
        if text.count(_INTERPRETER_IMPORT) != 1 or text.count(_INTERPRETER_EXPORT) != 1:
            raise ValueError(f"{file.path} of {file.package} imports or exports other names than before")
        text = text.replace(
            _INTERPRETER_IMPORT,
            "const { ascending, isString, DisallowedObjectProperties } = globalThis.vega;",
        ).replace(_INTERPRETER_EXPORT, "globalThis.vegaInterpreter = { expressionInterpreter: expression };")
        text = f"(() => {{\n{text.rstrip()}\n}})();\n"
    return text


def dependencies(lock: dict[str, Any], package: str) -> Iterator[str]:
    """The places in the lock of all that a package needs to run, itself first, each once."""
    seen = set()
    waiting = [f"node_modules/{package}"]
    while waiting:
        place = waiting.pop(0)
        if place in seen:
            continue
        seen.add(place)
        yield place
        waiting += [_resolved(lock, place, name) for name in lock[place].get("dependencies", ())]


def _resolved(lock: dict[str, Any], place: str, name: str) -> str:
    folder = place
    while folder:
        if (found := f"{folder}/node_modules/{name}") in lock:
            return found
        folder = folder.rpartition("/node_modules/")[0]
    return f"node_modules/{name}"


def main() -> None:
    """Writes the copies anew, `manifest.json` (what each is) and `LICENCES.md` (on which terms)."""
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    manifest = {}
    for file in FILES:
        content = vendored(
            file, (HERE / "node_modules" / file.package / file.path).read_text(encoding="utf-8")
        ).encode()
        (VENDOR / file.name).write_bytes(content)
        manifest[file.name] = {
            "package": file.package,
            "version": lock[f"node_modules/{file.package}"]["version"],
            "path": file.path,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    licences = _licences(lock)
    (VENDOR / "LICENCES.md").write_text(licences, encoding="utf-8")
    (VENDOR / "manifest.json").write_text(
        json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    total = sum(entry["bytes"] for entry in manifest.values())
    print(
        f"{len(manifest)} files, {total:,} bytes; licences: {len(licences.encode()):,} bytes", file=sys.stderr
    )


def _licences(lock: dict[str, Any]) -> str:
    """The page of licences: the packages copied, what they were built from, and every text once."""
    lines = [
        "# What is in this folder, whose it is and on which terms",
        "",
        "Written by `make assets` from `assets/package-lock.json`. The files are copies of the published",
        "packages without their references to source maps; `vega-interpreter.js` is wrapped into a plain",
        "script. They ask nothing of any other site when used as `docs/assets.md` says.",
        "",
        "| file | package | version | licence | source |",
        "| --- | --- | --- | --- | --- |",
    ]
    for file in FILES:
        package = _package(f"node_modules/{file.package}")
        stated = f"{package['version']} | {_licence(package)} | {_source(package)}"
        lines.append(f"| `{file.name}` | {file.package} | {stated} |")
    lines += [
        "",
        "## What they were built from",
        "",
        "| package | version | licence | source |",
        "| --- | --- | --- | --- |",
    ]
    copied = {f"node_modules/{file.package}" for file in FILES}
    # A package may be there twice in one version.
    places = {
        (place.rpartition("node_modules/")[2], lock[place]["version"]): place
        for file in FILES
        for place in dependencies(lock, file.package)
        if not place.startswith("node_modules/@types/")
    }
    texts: dict[str, list[str]] = {}
    without = []
    for _, place in sorted(places.items()):
        package = _package(place)
        name = f"{package['name']} {package['version']}"
        if place not in copied:
            lines.append(
                f"| {package['name']} | {package['version']} | {_licence(package)} | {_source(package)} |"
            )
        found = False
        for text in _texts(HERE / place):
            texts.setdefault(text, []).append(name)
            found = True
        if not found:
            without.append(f"{name} ({_licence(package)})")
    lines += ["", "## The texts", ""]
    for text, names in texts.items():
        lines += [f"### {', '.join(names)}", "", "```", text, "```", ""]
    if without:
        lines += ["### Without a text in the package", "", *(f"- {name}" for name in without), ""]
    return "\n".join(lines)


def _package(place: str) -> dict[str, Any]:
    package: dict[str, Any] = json.loads((HERE / place / "package.json").read_text(encoding="utf-8"))
    return package


def _licence(package: dict[str, Any]) -> str:
    stated = package.get("license") or _STATED_ELSEWHERE[package["name"]]
    return str(stated["type"] if isinstance(stated, dict) else stated)


def _source(package: dict[str, Any]) -> str:
    stated = package.get("repository") or package["homepage"]
    address = str(stated["url"] if isinstance(stated, dict) else stated)
    address = re.sub(r"^(git\+|git:(?=//))", "", address).removesuffix(".git")
    address = re.sub(r"^(ssh://)?git@github\.com[:/]", "https://github.com/", address)
    if address.startswith("//"):
        address = f"https:{address}"
    return address if "://" in address else f"https://github.com/{address.removeprefix('github:')}"


def _texts(folder: Path) -> Iterator[str]:
    for file in sorted(folder.iterdir()):
        if file.is_file() and _NAMES_OF_LICENCES.fullmatch(file.name) and file.suffix != ".js":
            text = file.read_text(encoding="utf-8")
            yield "\n".join(line.rstrip() for line in text.strip().replace("```", "'''").splitlines())


if __name__ == "__main__":
    main()
