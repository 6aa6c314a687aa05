"""Puts ontology, shapes, queries and data into the wheel, and leaves them out of an editable install.

An editable install reads the working tree; a copy beside it would only grow old.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The examples of the rules are shown by `bpsgraph rules`, the page of errors at /problems of the site.
BUNDLED = ("ontology", "shapes", "queries", "data", "tests/shapes", "docs/errors.md")


class BundledFiles(BuildHookInterface):  # type: ignore[misc]
    """Names the folders and files that a standard wheel carries as `bpsgraph/_bundled`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them to `build_data` where the version that is built is the standard one."""
        if version == "standard":
            build_data["force_include"].update({name: f"bpsgraph/_bundled/{name}" for name in BUNDLED})
