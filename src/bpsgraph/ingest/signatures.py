"""What a file is by its first bytes, where that is neither text nor a workbook that is read."""

# As in the files of the command file(1), https://www.darwinsys.com/file/.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a text with formatting (.rtf)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a packed archive"),
    (b"\xfd7zXZ\0", "a packed archive"),
    (b"7z\xbc\xaf\x27\x1c", "a packed archive"),
    (b"Rar!\x1a\x07", "a packed archive"),
    (b"SQLite format 3\0", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_CURES = {
    "a picture": "give the table it shows as .xlsx or .csv",
    "a PDF": "give the table it was made from",
    "a packed archive": "unpack it and give the file inside",
    "a gzip archive": "unpack it and give the file inside",
}


def foreign_kind(data: bytes) -> tuple[str, str] | None:
    """What the bytes are and what to do about it, where they begin like none of the files that are read."""
    for start, kind in _SIGNATURES:
        # Two letters may begin a table as well; then there is no zero byte among the first.
        if data.startswith(start) and (len(start) > 2 or b"\0" in data[:64]):
            return kind, _CURES.get(kind, "give the file in a format that is read, see docs/inputs.md")
    return None
