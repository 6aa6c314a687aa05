"""Queries that strangers might send, from a seed: from a grammar, from queries that were bent, and made to do harm."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.errors import BpsError
from bpsgraph.library import Library, bind

NAMES = (
    "bps:ServiceItem",
    "skos:prefLabel",
    "a",
    "rdf:type",
    "<item/legal-aid>",
    "x:p",
    "dct:title",
    "bps:within",
)
TEXTS = (
    'x" } UNION { ?s ?p ?o',
    "> . ?s ?p ?o #",
    "a\nb",
    "\\",
    '"""',
    "'} ; DROP ALL #",
    "\\u0022 }",
    "]]>",
    "\x01",
)
SIGNS = ("{", "}", "(", ")", "[", "]", "<", ">", "<<", ">>", "'", '"', '"""', "\\", "#", "^", "!", "|", "*", "/", ";", ".",
         "?", "$", "@", ":", "_:", "\\u0053", "\x00", "\ufeff", "字", "\ud800", "UNION", "OPTIONAL", "SERVICE", "LOAD", "-1",
         "LIMIT", "SELECT", "WHERE", "1e9999", "EXISTS", "BIND", "\n", "\r")  # fmt: skip
BOMBS = ("{", "(", "[ ?p ", "<<", "!", "(1 ", "1+", "-", "^", "{} UNION ", "OPTIONAL { ?s ?p ?o } ", "BIND(1 AS ?x) ", "'", '"""',
         "?x ", "<", "x:p/", "x:p|", "{ SELECT * ", "FILTER EXISTS { ", "\\", "#\n", "a.", "(?x,", "NOT IN (", "MINUS { ")  # fmt: skip


@dataclass(frozen=True)
class Attack:
    """One query, what it is, and whether the guard is left out, so that the worker has to stand alone."""

    kind: str
    text: str
    unguarded: bool = False


def attacks(seed: int, number: int, address: str, library: Library, bent: Sequence[str]) -> list[Attack]:
    """So many of them; `address` is a server that nobody may call, `bent` are queries to be changed at random."""
    chance = random.Random(seed)
    kinds: tuple[tuple[str, int, Callable[[], str]], ...] = (
        ("grammar", 30, lambda: _query(chance, 0)),
        ("mutated", 34, lambda: _mutated(chance, chance.choice(bent))),
        ("bomb", 15, lambda: _bomb(chance)),
        ("cross", 1, lambda: _cross(chance)),
        ("call", 10, lambda: _call(chance, address)),
        ("update", 5, lambda: _update(chance, address)),
        ("saved", 5, lambda: _saved(chance, library)),
    )
    made = []
    for kind in chance.choices(kinds, [weight for _, weight, _ in kinds], k=number):
        name, _, make = kind
        text = make()
        # What calls out is stopped by the guard before there is a call that could be seen.
        harmless = "service" not in text.lower() and "load" not in text.lower()
        made.append(Attack(name, text, harmless and name != "update" and chance.random() < 0.25))
    return made


def queries_to_bend(root: Path, w3c: Path) -> list[str]:
    """The project's own queries, and those of the W3C suites where they are there."""
    files = sorted(root.rglob("*.rq")) + sorted(w3c.rglob("*.r[qu]"))
    return [file.read_text(encoding="utf-8", errors="surrogateescape") for file in files]


def _query(chance: random.Random, depth: int) -> str:
    form = chance.choice(("SELECT *", "SELECT DISTINCT ?s ?o", "SELECT (COUNT(*) AS ?n)", "ASK", "CONSTRUCT { ?s ?p ?o } WHERE",
                          "DESCRIBE ?s", "SELECT ?s (GROUP_CONCAT(STR(?o)) AS ?all)", "SELECT REDUCED ?p"))  # fmt: skip
    end = chance.choice(("", " LIMIT 5", " ORDER BY ?s LIMIT 3", " GROUP BY ?s", f" LIMIT {chance.choice((-1, 0, 10**23))}",
                         " OFFSET 18446744073709551615", " HAVING(?n > 1)", " VALUES ?s { UNDEF }"))  # fmt: skip
    return f"{form} {{ {_group(chance, depth)} }}{end}"


def _group(chance: random.Random, depth: int) -> str:
    parts = []
    for _ in range(chance.randint(0, 3)):
        if depth > chance.randint(1, 12) or chance.random() < 0.5:
            parts.append(
                chance.choice(
                    (
                        lambda: f"{_term(chance)} {_path(chance, 0)} {_term(chance)} .",
                        lambda: f"FILTER({_expression(chance, 0)})",
                        lambda: f"BIND({_expression(chance, 0)} AS ?b{chance.randint(0, 9)})",
                        lambda: f"VALUES ?s {{ {_term(chance)} UNDEF }}",
                    )
                )()
            )
            continue
        around = chance.choice(
            (
                "OPTIONAL { %s }",
                "{ %s } UNION { ?s ?p ?o }",
                "MINUS { %s }",
                "FILTER NOT EXISTS { %s }",
                "GRAPH ?g { %s }",
                "{ SELECT * { %s } LIMIT 9 }",
                "FILTER(EXISTS { %s } || ?o > 3)",
            )
        )
        parts.append(around.replace("%s", _group(chance, depth + 1)))
    return " ".join(parts)


def _term(chance: random.Random) -> str:
    return chance.choice(
        ("?s", "?p", "?o", "?g", "$x", *NAMES, "'text'@zh", "1.5e3", '"""long"""', "true", "[]", "(1 2)", "_:b", "<<?s ?p ?o>>")
    )  # fmt: skip


def _path(chance: random.Random, depth: int) -> str:
    name = chance.choice(("?p", *NAMES[:4]))
    if depth > 3 or name == "?p" or chance.random() < 0.4:
        return name
    one = _path(chance, depth + 1).replace("?p", "x:p")
    other = _path(chance, depth + 1).replace("?p", "x:p")
    return chance.choice(
        (f"({one})*", f"({one}|{other})", f"{one}/{other}", f"^({one})", f"!({name})", f"({one})+")
    )


def _expression(chance: random.Random, depth: int) -> str:
    if depth > 5 or chance.random() < 0.3:
        return _term(chance)
    one, other = _expression(chance, depth + 1), _expression(chance, depth + 1)
    return chance.choice(
        (
            f"{one} + {other}",
            f"({one} && {other})",
            f"!({one})",
            f"REGEX(STR({one}), '(a+)+$')",
            f"{one} IN ({other})",
            f"CONCAT(STR({one}), STR({other}))",
            f"xsd:integer({one})",
            f"{one} / 0",
            f"SUBSTR(STR({one}), 1, 99999999)",
            f"-{one}",
            f"IF({one}, {other}, 1/0)",
            f"REPLACE(STR({one}), '.', '$0$0')",
            "RAND()",
            f"<http://example.org/f>({one})",
        )
    )


def _mutated(chance: random.Random, text: str) -> str:
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at, other = chance.randint(0, len(text)), chance.randint(0, len(text))
        at, other = min(at, other), max(at, other)
        piece = text[at : min(other, at + 60)]
        match chance.randint(0, 5):
            case 0:
                text = text[:at] + chance.choice(SIGNS) + text[at:]
            case 1:
                text = text[:at] + text[at + len(piece) :]
            case 2:
                text = text[:at] + piece * chance.choice((2, 3, 40)) + text[at + len(piece) :]
            case 3:
                text = text[:at]
            case 4:
                text = (
                    text[:at]
                    + chr(chance.choice((0, 7, 34, 92, 0x202E, 0xDC80, 0x1F600, chance.randint(32, 126))))
                    + text[at + 1 :]
                )
            case _:
                text = text[:at] + piece.swapcase() + text[at + len(piece) :]
    return text


def _bomb(chance: random.Random) -> str:
    sign, size = chance.choice(BOMBS), chance.choice((31, 33, 100, 600, 3_000, 9_000, 40_000))
    lead, end = chance.choice(
        (
            ("ASK { ", " }"),
            ("ASK { FILTER(", ") }"),
            ("SELECT * { ?s ", " ?o }"),
            ("", ""),
            ("ASK { ?s ?p ", "}"),
        )
    )
    closing = {"{": "}", "(": ")", "[": "]"}.get(sign.strip()[:1], "") if chance.random() < 0.5 else ""
    return lead + sign * size + "1" + closing * size + end


def _cross(chance: random.Random) -> str:
    names = [f"?v{n}" for n in range(chance.choice((9, 12)))]
    patterns = " . ".join(" ".join(names[n : n + 3]) for n in range(0, len(names), 3))
    form, end = chance.choice((
        ("SELECT (COUNT(*) AS ?n)", ""), ("SELECT *", " ORDER BY ?v2"), ("SELECT (GROUP_CONCAT(STR(?v2)) AS ?all)", ""),
        ("SELECT DISTINCT *", ""), ("CONSTRUCT { ?v0 ?v1 ?v5 } WHERE", ""), ("SELECT *", ""),
    ))  # fmt: skip
    return f"{form} {{ {patterns} }}{end}"


def _disguised(chance: random.Random, word: str) -> str:
    """The word in mixed case, perhaps glued to what is before it, perhaps with an escape."""
    word = "".join(chance.choice((letter.upper(), letter.lower())) for letter in word)
    before = chance.choice(
        (
            "",
            " ",
            "\n",
            "# x\n",
            "#\r",
            "true",
            "1",
            ".",
            "'x'",
            "{}",
            "?v ",
            "[] ",
            "\ufeff",
            "FILTER(1=1)",
            "_:b ",
        )
    )
    if chance.random() < 0.1:
        at = chance.randrange(len(word))
        word = word[:at] + f"\\u{ord(word[at]):04x}" + word[at + 1 :]
    return before + word


def _call(chance: random.Random, address: str) -> str:
    silent = _disguised(chance, "SILENT") if chance.random() < 0.4 else ""
    place = chance.choice(
        (
            f"<{address}>",
            f"<{address}>",
            ":x",
            "a:x",
            "?where",
            f"<{address.replace('/', chr(92) + 'u002F')}>",
        )
    )
    body = chance.choice(("{ ?s ?p ?o }", "{}", "{ SELECT * { ?s ?p ?o } }"))
    space = chance.choice(("", " ", "#\n", "\t"))
    call = f"{_disguised(chance, 'SERVICE')}{space}{silent}{space}{place}{space}{body}"
    outside = chance.choice((
        "ASK { %s }", "ASK { ?s ?p %s }", "SELECT * { FILTER EXISTS { %s } }", "SELECT * { OPTIONAL { %s } }",
        "SELECT * { { SELECT * { %s } } }", "CONSTRUCT { ?s ?p ?o } WHERE { %s }", "ASK { VALUES ?where { <ADDRESS> } %s }",
        "ASK { FILTER(?a<b#>\n) %s }", "ASK { ?s ?p '''\\''''%s }", "INSERT { ?s ?p ?o } WHERE { %s }", "ASK { ?s a:b.c %s }",
    ))  # fmt: skip
    lead = f"PREFIX : <{address}> PREFIX a: <{address}> " if chance.random() < 0.7 else ""
    return lead + (outside % call).replace("ADDRESS", address)


def _update(chance: random.Random, address: str) -> str:
    update = chance.choice((
        "INSERT DATA { <x:a> <x:b> 1 }", "DELETE WHERE { ?s ?p ?o }", "DROP ALL", "CLEAR ALL", f"LOAD <{address}>", "CREATE GRAPH <x:g>",
        f"LOAD SILENT <{address}> INTO GRAPH <x:g>", "LOAD <file:///etc/passwd>", "COPY DEFAULT TO <x:g>", "MOVE <x:a> TO <x:b>",
        "WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "ADD <x:a> TO DEFAULT",
    ))  # fmt: skip
    word, _, rest = update.partition(" ")
    lead = chance.choice(("", "PREFIX x: <x:> ", "ASK {} ; ", "# ASK {}\n", "BASE <x:>\n", "SELECT * {}\n;"))
    return f"{lead}{_disguised(chance, word)} {rest}"


def _saved(chance: random.Random, library: Library) -> str:
    query = chance.choice(library.of_kind("query"))
    given = {one.name: one.example for one in query.parameters if one.header.required}
    if query.parameters:
        given[chance.choice(query.parameters).name] = chance.choice(TEXTS)
    try:
        return bind(query, {name: value for name, value in given.items() if value is not None})
    except BpsError:
        # A value of another type, refused: the text that would have been asked had nobody looked.
        return query.text + chance.choice(TEXTS)
