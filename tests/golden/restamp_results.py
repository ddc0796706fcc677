"""Give results their new digests: ``python -m tests.golden.restamp_results OLD``.

``lunar_env/data/results.toml`` holds the digests of the missions and scenarios that were flown. If
the digests change but nothing that is flown does (a scenario is renamed, the digest is computed in
another way), the results still hold. OLD is a checkout whose results are up to date. A mission gets
its new digests only if all of its values and those of both scenarios are equal in OLD and here,
their names and descriptive texts aside; the others are printed, and have to be flown again with
``python -m training missions``. `compare_checkouts.py` shows that the simulation is the same.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

# Keys of texts for people and of provenance: none of them changes a flight.
TEXTS = frozenset(
    ("title", "description", "operator", "site", "outcome", "owner", "fitted", "predicted")
)
PROVENANCE = frozenset(("source", "confidence", "note"))


def content_of(value: object) -> object:
    """Return a spec's table without texts and provenance."""
    if isinstance(value, dict):
        kept = {k: content_of(v) for k, v in value.items() if k not in TEXTS | PROVENANCE}
        return kept["value"] if list(kept) == ["value"] else kept
    if isinstance(value, list):
        return [content_of(item) for item in value]
    return value


def missions() -> dict[str, Any]:
    """Return digests and content of every mission that flew, by name."""
    from lunar_env.specs import list_missions, list_scenarios, load_mission, load_scenario

    found = {}
    healthy = load_scenario("noisy")
    for name in list_missions():
        mission = load_mission(name)
        scenarios = (load_scenario(each, name) for each in list_scenarios(name))
        # The one with published figures is that of the mission, whatever its name.
        own = [scenario for scenario in scenarios if hasattr(scenario, "published")]
        if own:
            tables = [spec.to_table() for spec in (mission, own[0], healthy)]
            found[name] = {
                "digests": [mission.digest, own[0].digest],
                "content": [content_of({**table, "name": ""}) for table in tables],
            }
    return found


def restamped(
    results: dict[str, Any], old: dict[str, Any], new: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return the tables with new digests, and the missions that have to be flown again.

    Parameters
    ----------
    results : dict
        Tables of ``results.toml`` by mission.
    old, new : dict
        `missions` of the checkout that flew them, and of this one.

    Returns
    -------
    stamped : dict
        Tables whose digests changed, with the new ones.
    left : list of str
        Missions whose results are not those of OLD, or whose content changed.
    """
    stamped, left = {}, []
    for name, table in results.items():
        before, now = old.get(name), new.get(name)
        digests = [table["mission_digest"], table["as_flown_digest"]]
        if now is not None and digests == now["digests"]:
            continue
        same = before is not None and now is not None and before["content"] == now["content"]
        if not same or digests != before["digests"]:
            left.append(name)
            continue
        mission, as_flown = now["digests"]
        stamped[name] = {**table, "mission_digest": mission, "as_flown_digest": as_flown}
    return stamped, left


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", nargs="?", type=Path, metavar="OLD", help="folder of a checkout")
    options = parser.parse_args()
    if options.old is None:
        sys.stdout.write(json.dumps(missions()))
        return 0
    from training.missions.results import RESULTS, read_missions, write_missions

    env = {**os.environ, "PYTHONPATH": str(options.old.resolve())}
    done = subprocess.run(
        [sys.executable, __file__], cwd=options.old, env=env, stdout=subprocess.PIPE, check=True
    )
    # JSON has no tuples: both sides go through it.
    old, new = json.loads(done.stdout), json.loads(json.dumps(missions()))
    stamped, left = restamped(read_missions(RESULTS), old, new)
    if stamped:
        write_missions(RESULTS, stamped)
    sys.stdout.write(f"new digests: {', '.join(stamped) or 'none'}\n")
    sys.stdout.write(f"to be flown again: {', '.join(left) or 'none'}\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
