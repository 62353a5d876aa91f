#!/usr/bin/env python3
"""Writes what Jinja2 makes of the templates in tests/jinja/differential, for tests/jinja/differential.rs.

Needs Python with Jinja2 3.1 (`pip install jinja2`). Each file there holds rows:

    a template, on one line or more
    ----
    what Jinja2 makes of it, on one line, with \\n for a line break; `! message` for an error
    ----
    what sqlmill makes of it, only where it differs on purpose
    ====

Only the second part is rewritten. Run it after adding templates, and read the difference.
"""

import json
import pathlib
import sys

from jinja2.sandbox import SandboxedEnvironment

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "jinja" / "differential"
ROW_END = "\n====\n"
ANSWER = "\n----\n"


def render(template):
    """The output as one line, or the error after an exclamation mark."""
    env = SandboxedEnvironment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    try:
        output = env.from_string(template).render()
    except Exception as error:
        return "! " + str(error).split("\n")[0]
    return json.dumps(output, ensure_ascii=False)[1:-1].replace('\\"', '"')


def rewrite(text):
    rows = [row for row in text.split(ROW_END) if row.strip()]
    out = []
    for row in rows:
        template, _, ours = (row.split(ANSWER) + ["", ""])[:3]
        parts = [template, render(template)] + ([ours] if ours else [])
        out.append(ANSWER.join(parts) + ROW_END)
    return "".join(out)


def main():
    for path in sorted(FOLDER.glob("*.txt")):
        path.write_text(rewrite(path.read_text()))
        print(path.relative_to(FOLDER.parent.parent), file=sys.stderr)


if __name__ == "__main__":
    main()
