"""What was measured: kept as JSON beside the scripts, shown as tables in docs/performance.md with their targets."""

import json
import pathlib
import statistics

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEPT = ROOT / "bench/figures.json"
PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
OURS, BARE, DBT2, DBT1 = "sqlmill", "DuckDB alone", "dbt 2.0", "dbt 1.11"


class Figures:
    """Rows by name. A row has a title, when and on what it was measured, and the calls of each program."""

    def __init__(self):
        self.rows = json.loads(KEPT.read_text()) if KEPT.exists() else {}

    def note(self, name, row):
        self.rows[name] = row

    def keep(self):
        KEPT.write_text(json.dumps(self.rows, indent=1, sort_keys=True) + "\n")
        page = PAGE.read_text()
        head, _, rest = page.partition(BEGIN)
        _, _, tail = rest.partition(END)
        PAGE.write_text(f"{head}{BEGIN}\n{self.markdown()}{END}{tail}")

    def markdown(self):
        return f"{self.targets()}\n{self.calls()}\n{self.curve()}"

    # What an issue, a reader or a reviewer asks first: is the target met?
    def targets(self):
        lines = ["| work | target | measured | met |", "|---|---|---|---|"]
        for name, text, judge in TARGETS:
            row = self.rows.get(name)
            measured, met = judge(row) if row else ("not measured", None)
            title = row["title"] if row else name.replace("_", " ")
            lines.append(f"| {title} | {text} | {measured} | {word(met)} |")
        return "\n".join(lines) + "\n"

    def calls(self):
        lines = [
            "Medians, with the smallest and the largest in brackets. The ratios are those of calls that followed each",
            "other: that program's figure divided by sqlmill's.",
            "",
            "| work | program | calls | CPU seconds | wall seconds | peak MB | times sqlmill: CPU | wall | MB |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for name in ORDER:
            row = self.rows.get(name, {"programs": {}})
            for program, calls in row["programs"].items():
                lines.append(line(row, program, calls))
        notes = sorted({(row["date"], row["machine"], versions(row)) for row in self.rows.values()})
        lines.append("")
        for date, machine, of in notes:
            names = [row["title"] for row in self.rows.values() if (row["date"], row["machine"], versions(row)) == (date, machine, of)]
            lines.append(f"- {date}, {machine}; {of}: {'; '.join(names)}.")
        return "\n".join(lines) + "\n"

    def curve(self):
        row = self.rows.get("growth")
        if not row:
            return ""
        commands = sorted({point["command"] for point in row["points"]}, key=lambda c: (len(c), c))
        head = "| models | " + " | ".join(f"`{command}`: ms CPU per model | wall seconds | KB per model" for command in commands) + " |"
        lines = ["How the cost grows (sqlmill, nothing kept between calls):", "", head, "|---" * (1 + 3 * len(commands)) + "|"]
        for models in sorted({point["models"] for point in row["points"]}):
            cells = []
            for command in commands:
                found = [p for p in row["points"] if (p["models"], p["command"]) == (models, command)]
                if not found:
                    cells += ["", "", ""]
                    continue
                calls = found[0]["calls"]
                cells += [
                    f"{1000 * middle(calls, 'cpu') / models:.3f}",
                    f"{middle(calls, 'wall'):.2f}",
                    f"{1024 * middle(calls, 'mb') / models:.1f}",
                ]
            lines.append(f"| {models:,} | " + " | ".join(cells) + " |")
        return "\n".join(lines) + "\n"


def line(row, program, calls):
    title = row["title"]
    if not calls:
        return f"| {title} | {program} | did not run | | | | | | |"
    cells = [spread([call[what] for call in calls]) for what in ("cpu", "wall", "mb")]
    cells += ["" if program == OURS else spread(ratios(row, program, what)) for what in ("cpu", "wall", "mb")]
    return f"| {title} | {program} | {len(calls)} | " + " | ".join(cells) + " |"


def versions(row):
    return ", ".join(f"{name} {version}" for name, version in row["versions"].items())


def ratios(row, program, what):
    """Of the calls that followed each other, how many times a program's figure is ours."""
    ours = row["programs"].get(OURS, [])
    return [theirs[what] / own[what] for own, theirs in zip(ours, row["programs"].get(program, [])) if own[what]]


def middle(calls, what):
    return statistics.median(call[what] for call in calls)


def spread(figures):
    if not figures:
        return ""
    return f"{short(statistics.median(figures))} ({short(min(figures))} to {short(max(figures))})"


def short(figure):
    return f"{figure:.0f}" if figure >= 100 else f"{figure:.3g}"


def word(met):
    return {True: "yes", False: "**no**", None: "not judged"}[met]


def at_least(program, what, wanted):
    """A peer's figure is at least so many times ours."""

    def judge(row):
        found = ratios(row, program, what)
        if not found:
            return f"{program} did not run", None
        return f"1/{short(statistics.median(found))} of {program}'s {NAMES[what]}", statistics.median(found) >= wanted

    return judge


def within(what, most):
    def judge(row):
        found = middle(row["programs"][OURS], what)
        return f"{short(found)} {UNITS[what]}", found <= most

    return judge


def beside_bare(most):
    def judge(row):
        found = ratios(row, BARE, "wall")
        if not found:
            return "the replay did not run", None
        found = 1 / statistics.median(found)
        return f"{found:.2f} times the replay", found <= most

    return judge


def over_bare(most):
    def judge(row):
        pairs = zip(row["programs"][OURS], row["programs"].get(BARE, []))
        found = [own["wall"] - bare["wall"] for own, bare in pairs]
        if not found:
            return "the replay did not run", None
        return f"{statistics.median(found):.2f} s over it", statistics.median(found) <= most

    return judge


def all_of(*judges):
    def judge(row):
        told = [one(row) for one in judges]
        verdicts = {met for _, met in told}
        met = False if False in verdicts else None if None in verdicts else True
        return "; ".join(text for text, _ in told), met

    return judge


def grown(row):
    """CPU per model at the largest size against the smallest, and the memory that each further model takes."""
    points = [point for point in row["points"] if point["command"] == "parse"]
    points.sort(key=lambda point: point["models"])
    small, large = points[0], points[-1]
    each = [middle(point["calls"], "cpu") / point["models"] for point in (small, large)]
    more = large["models"] - small["models"]
    memory = 1024 * (middle(large["calls"], "mb") - middle(small["calls"], "mb")) / more
    text = f"CPU per model at {large['models']:,} is {each[1] / each[0]:.2f} times that at {small['models']:,}; {memory:.1f} KB a model"
    return text, each[1] / each[0] <= 1.25 and memory <= 15


def sizes(row):
    program, total = row["program_mb"], row["install_mb"]
    return f"{program:.1f} MB; {total:.1f} MB", program < 20 and total < 100


NAMES = {"cpu": "CPU time", "wall": "wall time", "mb": "peak memory"}
UNITS = {"cpu": "s CPU", "wall": "s wall", "mb": "MB"}
TARGETS = [
    ("parse_cold", "at most 1/12 of dbt 2.0's CPU time, 1/5 of its peak memory", all_of(at_least(DBT2, "cpu", 12), at_least(DBT2, "mb", 5))),
    ("parse_warm", "at most 0.2 s wall, 1/100 of dbt 2.0", all_of(within("wall", 0.2), at_least(DBT2, "wall", 100))),
    ("ls_warm", "at most 0.2 s wall, 1/100 of dbt 2.0", all_of(within("wall", 0.2), at_least(DBT2, "wall", 100))),
    ("ls_after_model", "at most 0.3 s wall", within("wall", 0.3)),
    ("ls_after_macro", "in proportion to what the macro can reach", lambda row: (within("wall", 0)(row)[0], None)),
    ("compile_one", "at most 0.4 s wall", within("wall", 0.4)),
    ("compile_all", "at most 1/10 of dbt 2.0's CPU time", at_least(DBT2, "cpu", 10)),
    ("build", "at most 1.15 times the wall time of the replay; 1/3 of dbt 2.0, 1/10 of dbt 1.11",
     all_of(beside_bare(1.15), at_least(DBT2, "wall", 3), at_least(DBT1, "wall", 10))),
    ("build_small", "at most 0.3 s over the warehouse's own time", over_bare(0.3)),
    ("start", "under 10 ms", lambda row: (f"{1000 * middle(row['programs'][OURS], 'wall'):.1f} ms", middle(row["programs"][OURS], "wall") < 0.01)),
    ("growth", "linear from 1,000 to 50,000 models, memory under 15 KB a model", grown),
    ("size", "the program without DuckDB's library under 20 MB, all that an install puts on disk under 100 MB", sizes),
]
ORDER = [name for name, _, _ in TARGETS if name not in ("growth", "size")]
