"""CSV is read as offices save it: any usual encoding, separator and line end."""

import pytest

from bpsgraph.errors import MalformedFile, TooLarge
from bpsgraph.ingest.delimited import read_delimited
from bpsgraph.ingest.grid import Book

TABLE = "服务事项,标准\n养老保险,每月112元\n"
ROWS = [["服务事项", "标准"], ["养老保险", "每月112元"]]


def texts(book: Book) -> list[list[str]]:
    return [[cell.text for cell in row] for row in book.sheets[0].rows]


def remarks(book: Book) -> list[tuple[str, str | None, str]]:
    return [(remark.reason, remark.place.cell, remark.value) for remark in book.remarks]


@pytest.mark.parametrize(
    ("encoding", "assumed"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("gb18030", "GB18030"),
        ("gbk", "GB18030"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "，"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_usual_encoding_separator_and_line_end(
    encoding: str, assumed: str | None, separator: str, end: str
) -> None:
    text = TABLE.replace(",", separator).replace("\n", end)
    book = read_delimited(text.encode(encoding), "c.csv")
    assert texts(book) == ROWS
    expected = [("assumed-encoding", "A1", assumed)] if assumed else []
    if separator != ",":
        expected.append(("assumed-separator", "A1", "TAB" if separator == "\t" else separator))
    assert remarks(book) == expected
    assert (book.sheets[0].name, book.sheets[0].rows[1][0].place.cell) == (None, "A2")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\r\nc,d\re,f\ng,h", [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]),
        ('a,"b\nb, ""b"""\nc,d', [["a", 'b\nb, "b"'], ["c", "d"]]),
        (
            "名称：,晋城\n\n甲,乙,丙\n丁\n",
            [["名称：", "晋城", ""], ["", "", ""], ["甲", "乙", "丙"], ["丁", "", ""]],
        ),
        ("sep=;\na;b,c\n", [["", ""], ["a", "b,c"]]),
        ("甲\t1,250元\n乙\t1,300元，按月\n", [["甲", "1,250元"], ["乙", "1,300元，按月"]]),
        ("甲,子女，父母\n乙,老人，儿童\n", [["甲", "子女，父母"], ["乙", "老人，儿童"]]),
        ('"甲;乙";1,5\n"丙;丁;戊";2,5\n', [["甲;乙", "1,5"], ["丙;丁;戊", "2,5"]]),
        ("a,b,,,,\nc,d,,,,\n,,,,,\n,,,,,\n", [["a", "b"], ["c", "d"]]),
        ("一列\n没有分隔\n", [["一列"], ["没有分隔"]]),
        ('=HYPERLINK("x"),+1,-1,@x\n', [['=HYPERLINK("x")', "+1", "-1", "@x"]]),
        ('5" pipe,b\n', [['5" pipe', "b"]]),
    ],
    ids=[
        "mixed ends",
        "quotes",
        "ragged",
        "announced",
        "tab before comma",
        "full-width in text",
        "quoted separators",
        "empty edges",
        "one column",
        "looks like formulas",
        "inch mark",
    ],
)
def test_rows_are_those_of_a_spreadsheet(text: str, rows: list[list[str]]) -> None:
    assert texts(read_delimited(text.encode(), "c.csv")) == rows


def test_what_nobody_sees_is_trimmed_and_said_once() -> None:
    book = read_delimited('甲 ,\u00a0乙\n\u200b丙,丁\u3000\n戊,"己\r\n庚"\n'.encode(), "c.csv")
    assert texts(book) == [["甲", "乙"], ["丙", "丁"], ["戊", "己\n庚"]]
    assert remarks(book) == [("trimmed-text", "A1", "5")]


@pytest.mark.parametrize(
    ("data", "said", "place"),
    [
        (b"", "the file is empty", ""),
        (b"\xef\xbb\xbf \r\n\r\n", "the file is empty", ""),
        (b"a,b\nc,\x00\n", "a NUL character (U+0000)", "row 2, byte 7"),
        (b"a,b\nc,\x00d\n", "a NUL character (U+0000)", "row 2, byte 7"),
        ("a,b\nc,\0d\n".encode("utf-16"), "a NUL character (U+0000)", "row 2"),
        ("nom,été\ncafé,où\n".encode("latin-1"), "is neither UTF-8 nor GB18030", "row 1, byte"),
        ("甲,乙\n丙,".encode() + b"\xff\xfe\n", "the byte 0xff is neither", "row 2, byte 13"),
        ("服務,標準\n養老,補助\n照顧,殘疾\n".encode("big5"), "is neither UTF-8 nor GB18030", "row 1"),
        (b"\xff\xfea\x00,\x00b", "this is no UTF-16", "row 1"),
        (b'a,b\n"c,d\ne,f\n', "a quotation mark is opened and never closed", "row 2"),
        (b'a,b\nc,"d"e\n', "text follows a closing quotation mark", "row 2"),
        (b"PK\x03\x04rest", "the content is an Excel file, not CSV", ""),
        (b"\xd0\xcf\x11\xe0rest", "the content is an Excel file, not CSV", ""),
        (b"<html><table><tr><td>a</td></tr></table></html>", "this is a web page or XML", ""),
        (b"%PDF-1.7\n", "this is a PDF", ""),
    ],
)
def test_what_is_no_csv_is_refused_with_its_place(data: bytes, said: str, place: str) -> None:
    with pytest.raises(MalformedFile) as caught:
        read_delimited(data, "county.csv")
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"county.csv, {place}" if place else "county.csv: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a,b\n" + "x" * 32_001 + ",c\n",
            "county.csv, row 2, cell A2: a cell is longer than 32,000 characters",
        ),
        ("a," + "x" * 200_000, "row 1: a cell is longer than 32,000 characters"),
        ("x" * 10_000_000, "row 1: the line is longer than 1,000,000 characters"),
        ("a,b\n" * 50_001, "the table reaches to B50001, which is more than 50,000 rows"),
        ("a\n" + "a," * 257, "row 2: the table reaches to IW2, which is more than 256 columns"),
        ("a," * 200 + "\n" + "a\n" * 1300, "which is more than 250,000 cells"),
    ],
)
def test_what_is_too_large_is_refused_with_its_row(text: str, said: str) -> None:
    with pytest.raises(TooLarge) as caught:
        read_delimited(text.encode(), "county.csv")
    assert said in str(caught.value)
