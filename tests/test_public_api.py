"""The public names, and that importing them costs nothing until they are used."""

import subprocess
import sys

import bpsgraph


def test_the_public_names_are_sorted_and_there() -> None:
    assert bpsgraph.__all__ == sorted(bpsgraph.__all__)
    for name in bpsgraph.__all__:
        assert callable(getattr(bpsgraph, name))
        assert name in dir(bpsgraph)


def test_other_names_are_not_there() -> None:
    assert not hasattr(bpsgraph, "open_stoer")


def test_importing_loads_and_prints_nothing() -> None:
    script = (
        "import sys; before = set(sys.modules); import bpsgraph; after = set(sys.modules) - before\n"
        "print(sorted({name.split('.')[0] for name in after} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['bpsgraph']"
    assert done.stderr == ""


def test_opening_a_store_does_not_load_the_engines_of_validation() -> None:
    script = "import sys, bpsgraph; bpsgraph.open_store; print({'rdflib', 'pyshacl'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
