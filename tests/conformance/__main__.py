"""The long form: every test of the W3C suites; what differs is printed by name, and docs/conformance.md renewed.

The exit code is 1 where something came out otherwise than the table of known differences has it.
"""

import argparse
import sys
import time
from pathlib import Path

from conformance import differential, page, running, serialisations
from conformance.manifests import Place, Problem, absence, folder


def main(arguments: list[str] | None = None) -> int:
    """Run everything; 0 where all is as it is known to be."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("--page", type=Path, default=page.PAGE, help="the page to renew")
    options = parser.parse_args(arguments)
    root = folder()
    if root is None:
        print(absence(), file=sys.stderr)
        return 2
    place = Place(root)
    every = list(running.cases(place))
    began = time.perf_counter()
    outcomes: dict[str, Problem | None] = {running.id_of(case): case.run() for case in every}
    table = running.known()
    surprises = running.surprises(outcomes, table)
    surprises += [
        f"{name} is in no suite: take it out of {running.TABLE.name}" for name in table.keys() - outcomes
    ]
    for title, suites in running.GROUPS.items():
        of_group = [running.id_of(case) for case in every if case.suite in suites]
        passed = sum(outcomes[name] is None for name in of_group)
        print(f"{title}: {passed} of {len(of_group)}")
        for name in of_group:
            if (problem := outcomes[name]) is not None:
                entry = table.get(name)
                why = f"{entry.whose}: {entry.reason}" if entry else "not known"
                print(f"  {name}: {problem.kind}; {why}")
    disagreements = differential.surprises(range(differential.QUERIES))
    same = differential.QUERIES - len(differential.known())
    print(
        f"generated queries (seed {differential.SEED}): {same} of {differential.QUERIES} as rdflib has them"
    )
    for number, disagreement in sorted(differential.known().items()):
        print(f"  query {number}: right is {disagreement.right}; {disagreement.reason}")
    surprises += disagreements
    surprises += serialisations.every_graph()
    for surprise in sorted(surprises):
        print(f"SURPRISE {surprise}")
    print(f"{len(outcomes)} tests in {time.perf_counter() - began:.0f} s, {len(surprises)} surprises")
    if not surprises:
        options.page.write_text(page.render(running.totals(every), table), encoding="utf-8")
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
