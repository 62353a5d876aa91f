#!/usr/bin/env python3
"""Checks that every dependency has a reason in docs/dependencies.md and an accepted licence.

usage: scripts/check_dependencies.py
Asks `cargo metadata`; needs no network once the crates are there.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ACCEPTED = {
    "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib",
    "0BSD", "Unlicense", "Unicode-3.0", "Unicode-DFS-2016", "CC0-1.0", "BSL-1.0", "MPL-2.0", "bzip2-1.0.6",
    "CDLA-Permissive-2.0",  # a list of root certificates, used while building only
}


def accepted(expression: str) -> bool:
    """Whether one of the alternatives of an SPDX expression is wholly accepted."""
    alternatives = re.split(r"\s+OR\s+|/", expression.replace("(", " ").replace(")", " "))
    return any(all(part.strip() in ACCEPTED for part in re.split(r"\s+AND\s+", a)) for a in alternatives)


def main() -> int:
    call = ["cargo", "metadata", "--format-version", "1", "--locked"]
    data = json.loads(subprocess.run(call, cwd=ROOT, check=True, capture_output=True).stdout)
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    reasons = set(re.findall(r"`([\w-]+)`", "\n".join(l.split("|")[1] for l in page.splitlines() if l.startswith("|"))))
    ours = next(p for p in data["packages"] if p["name"] == "sqlmill")
    wrong = [f"{d['name']}: no line in docs/dependencies.md" for d in ours["dependencies"]
             if d["name"] not in reasons and (d.get("rename") or "") not in reasons]
    used = {node["id"] for node in data["resolve"]["nodes"]}
    for package in data["packages"]:
        if package["id"] not in used:
            continue
        licence = package.get("license") or ""
        if package["name"] != "sqlmill" and not accepted(licence):
            wrong.append(f"{package['name']} {package['version']}: licence {licence or 'not stated'!r}")
    print("\n".join(sorted(wrong)) or f"{len(data['packages'])} crates, all licences accepted, all reasons given")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
