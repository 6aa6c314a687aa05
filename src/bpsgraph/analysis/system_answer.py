"""What `system` found, in the words and columns that every writer takes."""

from collections.abc import Mapping, Sequence

from pyoxigraph import Literal, NamedNode

from bpsgraph.analysis.system import WHOLE, Branch, Cell, Reach, Standard, Status, System
from bpsgraph.answers import Answer, Provenance
from bpsgraph.library import Chart, Column
from bpsgraph.results import Rows, Text
from bpsgraph.terms import Term

VERSION = "1"
_IN_FORCE = Text("直接适用，现行", "in force, directly")
_UNSTATED = Text("直接适用，状态未写明", "of unknown status, directly")
_IN_FORCE_WIDER = Text("适用于类别或领域，现行", "in force, by category or domain")
_UNSTATED_WIDER = Text("适用于类别或领域，状态未写明", "of unknown status, by category or domain")
_UPCOMING = Text("只有尚未实施的", "only one to come into force")
_ENDED = Text("只有废止或被代替的", "only one withdrawn or replaced")
_NONE = Text("没有", "none")
_STATES = {
    "direct_in_force": _IN_FORCE,
    "direct_unstated": _UNSTATED,
    "wider_in_force": _IN_FORCE_WIDER,
    "wider_unstated": _UNSTATED_WIDER,
    "upcoming": _UPCOMING,
    "ended": _ENDED,
    "without": _NONE,
}
# As short as a cell of a chart; `wider` is by category or domain.
_SHORT = {
    "direct_in_force": Text("现行", "in force"),
    "direct_unstated": Text("状态不明", "unknown"),
    "wider_in_force": Text("现行（类、域）", "in force, wider"),
    "wider_unstated": Text("状态不明（类、域）", "unknown, wider"),
    "upcoming": Text("未实施", "upcoming"),
    "ended": Text("废止", "withdrawn"),
    "without": Text("无", "none"),
}
_REACHES = {
    Reach.ITEM: Text("事项", "item"),
    Reach.CATEGORY: Text("类别", "category"),
    Reach.DOMAIN: Text("领域", "domain"),
}
_BRANCH = (
    Column("branch", Text("分体系", "branch")),
    Column("branch_zh", Text("分体系（中文）", "branch (Chinese)")),
    Column("branch_en", Text("分体系（英文）", "branch (English)")),
)
_OF_ITEMS = (
    *(
        Column(key, Text(f"事项：{name.zh}", f"items: {name.en}"), of="items")
        for key, name in _STATES.items()
    ),
    Column("items", Text("事项数", "items")),
)
_RELIED = (
    Column(
        "items_relied",
        Text("清单为之援引标准的事项", "items for which the catalogue relies on one"),
        of="items",
    ),
    Column("relied", Text("清单援引的标准", "standards that the catalogue relies on"), whole=True),
)
_BRANCHES = (
    Column("clause", Text("条款", "clause")),
    Column("subsystem_zh", Text("子体系（中文）", "subsystem (Chinese)")),
    Column("subsystem_en", Text("子体系（英文）", "subsystem (English)")),
    *_BRANCH,
    Column("in_force", Text("现行标准", "standards in force"), of="standards"),
    Column("unstated", Text("状态未写明的标准", "standards of unknown status"), of="standards"),
    Column("unbound", Text("未写明适用对象的标准", "standards of no stated subject"), of="standards"),
    Column("standards", Text("标准数", "standards")),
    *_OF_ITEMS,
)
_DOMAINS = (
    Column("domain", Text("领域", "domain")),
    Column("domain_zh", Text("领域（中文）", "domain (Chinese)")),
    Column("domain_en", Text("领域（英文）", "domain (English)")),
    *_BRANCH,
    Column("standards", Text("适用的标准数", "standards that apply"), whole=True),
    *_OF_ITEMS,
)
_ITEMS = (
    Column("domain_zh", Text("领域（中文）", "domain (Chinese)")),
    Column("domain_en", Text("领域（英文）", "domain (English)")),
    Column("item", Text("事项", "item")),
    Column("item_zh", Text("事项（中文）", "item (Chinese)")),
    Column("item_en", Text("事项（英文）", "item (English)")),
    *_BRANCH,
    Column("state_zh", Text("标准（中文）", "standard (Chinese)")),
    Column("state_en", Text("标准（英文）", "standard (English)")),
    Column("by_zh", Text("适用于（中文）", "applies by (Chinese)")),
    Column("by_en", Text("适用于（英文）", "applies by (English)")),
    Column("standards", Text("适用的标准数", "standards that apply"), whole=True),
)
_RELIED_ITEM = (
    Column("relied", Text("清单援引的标准数", "standards that the catalogue relies on"), whole=True),
)


def system_answer(found: System, store: str, parameters: Mapping[str, tuple[str, ...]]) -> Answer:
    """A row per branch, and as further tables domain by branch and item by branch; `store` is its state.

    The columns of what the catalogue relies on are there only where one was asked for.
    """
    provenance = Provenance(store, VERSION, parameters)
    return Answer(
        "system",
        Text("标准体系（GB/T 43507）", "The standard system (GB/T 43507)"),
        Text(
            "每行一个子体系或分体系：全国的标准有几项，各事项最强的标准处于何种情形；七种情形相加即事项数。",
            "One row per subsystem and branch: how many national standards there are, how the items stand "
            "by the strongest standard each has; the seven add up to the items.",
        ),
        (*_BRANCHES, *(_RELIED if found.catalogue else ())),
        _rows(found, _BRANCHES, _RELIED, [_of_branch(found, branch) for branch in _order(found)]),
        provenance,
        notes=_notes(found),
        key=("branch_zh",),
        further=(_domains(found, provenance), _by_item(found, provenance)),
    )


def _order(found: System) -> list[Branch]:
    """The whole system, then each subsystem before its branches, then what is not placed."""
    inner = {one.name: [b for b in found.branches if b.parent == one.name] for one in found.subsystems}
    placed = [branch for one in found.subsystems for branch in (one, *inner[one.name])]
    return [WHOLE, *placed, *(branch for branch in found.branches if branch not in placed)]


def _of_branch(found: System, branch: Branch) -> tuple[Term | None, ...]:
    standards, cells = found.of(branch), found.cells_of(branch)
    applied = {standard.iri for cell in cells for standard in cell.standards}
    parent = branch.parent
    return (
        Literal(branch.clause) if branch.clause else None,
        Literal(parent.zh) if parent else None,
        Literal(parent.en) if parent else None,
        *_branch(branch),
        Literal(sum(one.status is Status.IN_FORCE for one in standards)),
        Literal(sum(one.status is Status.UNSTATED for one in standards)),
        Literal(sum(not one.subjects and one.iri not in applied for one in standards)),
        Literal(len(standards)),
        *_states(cells),
        *_relied(cells),
    )


def _domains(found: System, provenance: Provenance) -> Answer:
    rows = []
    domains: dict[str | None, list[Cell]] = {}
    for cell in found.cells:
        domains.setdefault(cell.item.domain, []).append(cell)
    for domain, cells in domains.items():
        name = cells[0].item.name_of_domain
        for branch in found.branches:
            here = [cell for cell in cells if cell.branch == branch]
            applying = {standard.iri for cell in here for standard in cell.standards if _counts(standard)}
            rows.append(
                (
                    NamedNode(domain) if domain else None,
                    Literal(name.zh),
                    Literal(name.en),
                    *_branch(branch),
                    Literal(len(applying)),
                    *_states(here),
                    *_relied(here),
                )
            )
    charts = [Chart("heatmap", {"x": "branch", "y": "domain", "color": "standards"})]
    if found.catalogue:
        charts.append(Chart("heatmap", {"x": "branch", "y": "domain", "color": "relied"}))
    return Answer(
        "system/domains",
        Text("各领域、各分体系", "Domain by branch"),
        Text(
            "每行一个领域与一个分体系：现行或状态未写明、适用于该领域事项的标准有几项，各事项处于何种情形。",
            "One row per domain and branch: how many standards in force or of unknown status apply to its "
            "items, and how the items stand.",
        ),
        (*_DOMAINS, *(_RELIED if found.catalogue else ())),
        _rows(found, _DOMAINS, _RELIED, rows),
        provenance,
        charts=tuple(charts),
        key=("domain_zh", "branch_zh"),
    )


def _by_item(found: System, provenance: Provenance) -> Answer:
    rows = []
    for cell in found.cells:
        item, state = cell.item, _SHORT[_state(cell)]
        by = _REACHES[cell.reach] if cell.reach else None
        rows.append(
            (
                Literal(item.name_of_domain.zh),
                Literal(item.name_of_domain.en),
                NamedNode(item.iri),
                Literal(item.name.zh),
                Literal(item.name.en),
                *_branch(cell.branch),
                Literal(state.zh),
                Literal(state.en),
                Literal(by.zh) if by else None,
                Literal(by.en) if by else None,
                Literal(len(cell.standards)),
                Literal(len({standard.iri for standard in cell.relied})),
            )
        )
    return Answer(
        "system/items",
        Text("各事项、各分体系", "Item by branch"),
        Text(
            "每行一个事项与一个分体系：最强的标准处于何种情形、经由事项、类别还是领域适用（后两者记作“类、域”），标准共几项。",
            "One row per item and branch: how its strongest standard stands, whether it applies to the item, "
            "its category or its domain (the latter two are wider), and how many apply in all.",
        ),
        (*_ITEMS, *(_RELIED_ITEM if found.catalogue else ())),
        _rows(found, _ITEMS, _RELIED_ITEM, rows),
        provenance,
        charts=(Chart("heatmap", {"x": "branch", "y": "item", "color": "state"}),),
        key=("item", "branch_zh"),
    )


def _rows(
    found: System,
    columns: Sequence[Column],
    relied: Sequence[Column],
    rows: Sequence[tuple[Term | None, ...]],
) -> Rows:
    shown = (*columns, *(relied if found.catalogue else ()))
    return Rows(tuple(column.name for column in shown), tuple(row[: len(shown)] for row in rows))


def _branch(branch: Branch) -> tuple[Term | None, ...]:
    name = branch.name
    return (NamedNode(branch.iri) if branch.iri else None, Literal(name.zh), Literal(name.en))


def _states(cells: Sequence[Cell]) -> tuple[Term, ...]:
    found = [_state(cell) for cell in cells]
    return (*(Literal(found.count(state)) for state in _STATES), Literal(len(cells)))


def _state(cell: Cell) -> str:
    if cell.covered:
        reach = "direct" if cell.reach is Reach.ITEM else "wider"
        return f"{reach}_{'in_force' if cell.status is Status.IN_FORCE else 'unstated'}"
    return {Status.UPCOMING: "upcoming", Status.ENDED: "ended"}.get(cell.status, "without")


def _relied(cells: Sequence[Cell]) -> tuple[Term, ...]:
    used = {standard.iri for cell in cells for standard in cell.relied}
    return (Literal(sum(bool(cell.relied) for cell in cells)), Literal(len(used)))


def _counts(standard: Standard) -> bool:
    return standard.status in (Status.IN_FORCE, Status.UNSTATED)


def _notes(found: System) -> tuple[Text, ...]:
    standards = [standard for standard in found.standards if standard.national]
    whole = len(standards)
    loose = sum(not standard.branches for standard in standards)
    unsure = sum(standard.status is Status.UNSTATED for standard in standards)
    notes = [
        Text(
            f"{whole}项全国标准中，{loose}项尚未归入任何分体系，{unsure}项的状态没有来源写明：分体系为空不等于没有这类标准。",
            f"Of {whole} national standards {loose} are placed in no branch yet, and of {unsure} no source "
            "gives the status: an empty branch does not mean that there is no such standard.",
        ),
        Text(
            "经由类别或领域适用，只说明标准属于该类别或领域，不说明其规定了该事项。",
            "By category or domain says that a standard belongs to it, not that it says anything of the "
            "item.",
        ),
    ]
    if found.catalogue is not None:
        used = {standard.iri for of in found.relied.values() for standard in of}
        notes.append(
            Text(
                f"该清单列出{len(found.items)}个事项，为其中{len(found.relied)}个援引共{len(used)}项标准；"
                "没有写明标准的清单，不等于没有标准体系。",
                f"The catalogue lists {len(found.items)} items and relies for {len(found.relied)} of them on "
                f"{len(used)} standard{'s' * (len(used) != 1)}; "
                "one that names none may still have a system of standards.",
            )
        )
    return tuple(notes)
