"""Counts over a lake: of findings by place and rule, of gaps by item, of submissions by province.

Provinces are the first two digits of a place's code (GB/T 2260) with four zeros.
"""

from typing import TYPE_CHECKING

from bpsgraph.batch.tables import NOT_JUDGED, schema

if TYPE_CHECKING:
    import pyarrow

FINDINGS = {
    "edition": "int32",
    "asOf": "date32",
    "province": "string",
    "code": "string",
    "rule": "string",
    "assurance": "string",
    "severity": "string",
    "waived": "bool",
    "findings": "int64",
}
GAPS = {
    "edition": "int32",
    "asOf": "date32",
    "province": "string",
    "assurance": "string",
    "rule": "string",
    "item_zh": "string",
    "item_en": "string",
    "places": "int64",
    "findings": "int64",
}
PROVINCES = {
    "edition": "int32",
    "asOf": "date32",
    "province": "string",
    "submissions": "int64",
    "judged": "int64",
    "violation": "int64",
    "warning": "int64",
    "info": "int64",
    "waived": "int64",
    "floors": "int64",
    "met": "int64",
    "share": "float64",
}
TABLES = {"findings": FINDINGS, "gaps": GAPS, "provinces": PROVINCES}
# What a place has to make good: a promise is missing, too low, or for too few.
_OF_GAPS = ("completeness", "baseline", "coverage")


def of(manifest: "pyarrow.Table", findings: "pyarrow.Table") -> dict[str, "pyarrow.Table"]:
    """The aggregates by name; `findings` have the edition they were compared with as a column."""
    findings, manifest = _with_province(findings), _with_province(manifest)
    return {"findings": _findings(findings), "gaps": _gaps(findings), "provinces": _provinces(manifest)}


def _findings(findings: "pyarrow.Table") -> "pyarrow.Table":
    *keys, _ = FINDINGS
    counts = findings.group_by(keys, use_threads=False).aggregate([([], "count_all")])
    return _laid_out(counts.rename_columns([*keys, "findings"]), FINDINGS, keys)


def _gaps(findings: "pyarrow.Table") -> "pyarrow.Table":
    import pyarrow
    from pyarrow import compute

    *keys, _, _ = GAPS
    open_ = compute.and_not(
        compute.is_in(findings["assurance"], pyarrow.array(_OF_GAPS)),
        compute.or_(findings["waived"], compute.equal(findings["severity"], "info")),
    )
    counts = (
        findings.filter(open_)
        .group_by(keys, use_threads=False)
        .aggregate([("code", "count_distinct"), ([], "count_all")])
    )
    return _laid_out(counts.rename_columns([*keys, "places", "findings"]), GAPS, keys)


def _provinces(manifest: "pyarrow.Table") -> "pyarrow.Table":
    from pyarrow import compute

    keys = ["edition", "asOf", "province"]
    summed = ["violation", "warning", "info", "waived", "floors", "met"]
    judged = compute.not_equal(manifest["status"], NOT_JUDGED)
    counts = (
        manifest.append_column("judged", compute.cast(judged, "int64"))
        .group_by(keys, use_threads=False)
        .aggregate([([], "count_all"), ("judged", "sum"), *((name, "sum") for name in summed)])
        .rename_columns([*keys, "submissions", "judged", *summed])
    )
    floors = compute.cast(counts["floors"], "float64")
    share = compute.if_else(compute.greater(floors, 0.0), compute.divide(counts["met"], floors), None)
    return _laid_out(counts.append_column("share", share), PROVINCES, keys)


def _with_province(rows: "pyarrow.Table") -> "pyarrow.Table":
    from pyarrow import compute

    known = compute.match_substring_regex(rows["code"], r"^[0-9]{6}$")
    province = compute.binary_join_element_wise(compute.utf8_slice_codeunits(rows["code"], 0, 2), "0000", "")
    return rows.append_column("province", compute.if_else(known, province, None))


def _laid_out(rows: "pyarrow.Table", columns: dict[str, str], keys: list[str]) -> "pyarrow.Table":
    wanted = schema(tuple(columns.items()))
    return rows.select(wanted.names).cast(wanted).sort_by([(key, "ascending") for key in keys])
