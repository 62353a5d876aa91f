"""Makes the script of bench/replay.rs out of what a build told of itself: its statements and what waits for what."""

import json


def script(folder, connections):
    """The statements of the build that was last logged in a project, as JSON events with every debug line."""
    steps, before, after = {}, [], []
    with open(folder / "logs/dbt.log", encoding="utf-8") as log:
        for line in log:
            event = json.loads(line)
            data = event["data"]
            if event["info"]["name"] == "NodeStart":
                steps[data["node_info"]["unique_id"]] = []
            elif event["info"]["name"] == "SQLQuery":
                outside = after if steps else before
                steps.get(data["conn_name"], outside).append(data["sql"])
    parents = json.loads((folder / "target/manifest.json").read_text(encoding="utf-8"))["parent_map"]
    waits = waiting(list(steps), parents)
    return {
        "connections": connections,
        "before": before,
        "steps": [{"waits_for": waits[name], "statements": said} for name, said in steps.items()],
        "after": after,
    }


def waiting(order, parents):
    """For each node, the positions of those it came after: what it reads, and the tests of what it reads."""
    position = {name: at for at, name in enumerate(order)}
    above = {}
    tests = {}
    for name in order:
        for read in parents.get(name, []):
            if is_test(name):
                tests.setdefault(read, []).append(name)
    found = {}
    for name in order:
        waits = {read for read in parents.get(name, []) if read in position}
        if not is_test(name):
            reach = ancestors(name, parents, above)
            held = (test for read in parents.get(name, []) for test in tests.get(read, []))
            waits |= {test for test in held if set(parents[test]) <= reach}
        found[name] = sorted(position[one] for one in waits)
    return found


def is_test(name):
    return name.startswith("test.")


def ancestors(name, parents, known):
    """All nodes that come before one. The depth of a project is small."""
    if name not in known:
        reach = set(parents.get(name, []))
        for read in parents.get(name, []):
            reach |= ancestors(read, parents, known)
        known[name] = reach
    return known[name]
