"""Files as portals hand them out: CSV in the encodings of the day, workbooks, and archives of either. Read as streams.

Nothing here is larger in memory than a file's row, and a workbook's shared texts.
"""

import codecs
import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.etree import ElementTree as ET

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from solarhub.kit.errors import Problem, TooLarge, Unreadable
from solarhub.telemetry.portals.maps import Kind

DELIMITERS = (",", ";", "\t", "|")
MOST_COLUMNS = 1000
MOST_MEMBERS = 400
"""Files of an archive."""
MOST_UNPACKED = 600 * 2**20
"""Bytes of an archive or a workbook, unpacked."""
MOST_SHARED_TEXTS = 48 * 2**20
"""Bytes of a workbook's shared texts, which are in memory while it is read."""
_MOST_TIMES = 200
_ALWAYS = 20 * 2**20  # a night of zeros packs as well as a bomb does
_BLOCK = 2**20
_QUOTED = re.compile(r'="(.*)"')
_INVISIBLE = re.compile("[\ufeff\u200b\u2060\u200e\u200f\u202a-\u202e\x00]")

Cell = object
Rows = Iterator[tuple[int, Sequence[Cell]]]
"""Line and cells; a line is counted as an editor or a spreadsheet does."""

_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ET.ParseError, zlib.error, OSError, EOFError, KeyError, ValueError,
    TypeError, IndexError, AttributeError, NotImplementedError,
)  # fmt: skip
"""What comes out of workbooks that are damaged, or are none."""


class BadLine(Exception):  # noqa: N818 - says what is the matter with it
    """One line cannot be read; the next one can."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file: `open` begins to read it, as often as it is asked. `share` is how much of it was read."""

    file: str
    name: str
    open: Callable[[], Rows]
    share: Callable[[], float]
    parted_by_commas: bool = False

    @property
    def place(self) -> str:
        return f"{self.file}, sheet {self.name}" if self.name else self.file


@dataclass(frozen=True, slots=True)
class Text:
    """A file of text: a sheet for each way in which its cells may be parted."""

    sheets: Sequence[Sheet]


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook and its sheets."""

    sheets: Sequence[Sheet]


Opened = Text | Book


def opened(source: BinaryIO, name: str, kinds: frozenset[Kind], encodings: Sequence[str]) -> Iterator[Opened]:
    """The files in a file: itself, or the members of an archive, one at a time. Raises Unreadable and TooLarge."""
    head = _head(source)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(f"{name} is a workbook of the old kind (.xls). Open it and save it as .xlsx, or as CSV.")
    if head.startswith(b"PK\x03\x04"):
        yield from _packed(source, name, kinds, encodings)
        return
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise Unreadable(f"{name} is a web page, whatever its name says. Open it in a spreadsheet and save it anew.")
    if start.startswith(b"%pdf"):
        raise Unreadable(f"{name} is a PDF: export the data as CSV or XLSX.")
    if Kind.CSV not in kinds:
        raise Unreadable(f"{name} is a file of text, and this map reads {_told(kinds)}.")
    yield _text(source, name, encodings)


def _told(kinds: frozenset[Kind]) -> str:
    return " and ".join(sorted(kind.value for kind in kinds))


def _head(source: BinaryIO) -> bytes:
    source.seek(0)
    return source.read(1024)


# ------------------------------------------------------------------------------------------------------- zip and xlsx


def _packed(source: BinaryIO, name: str, kinds: frozenset[Kind], encodings: Sequence[str]) -> Iterator[Opened]:
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            _check_size(name, members, _size(source))
            if any(each.filename == "xl/workbook.xml" for each in members):
                if Kind.XLSX not in kinds:
                    raise Unreadable(f"{name} is a workbook, and this map reads {_told(kinds)}.")
                strings = sum(each.file_size for each in members if each.filename.lower() == "xl/sharedstrings.xml")
                if strings > MOST_SHARED_TEXTS:
                    raise TooLarge(f"{name} holds more text than is read of a workbook: save it as CSV.")
                yield from _book(source, name)
                return
            files = [each for each in members if not each.is_dir() and _is_data(each.filename)]
            if not files:
                raise Unreadable(f"{name} is an archive without a CSV or XLSX file in it.")
            for each in sorted(files, key=lambda member: member.filename):
                unpacked = io.BytesIO(archive.read(each))
                if _head(unpacked).startswith(b"PK\x03\x04") and not each.filename.lower().endswith(".xlsx"):
                    raise Unreadable(f"{name} is an archive of archives: unpack it first.")
                yield from opened(unpacked, PurePosixPath(each.filename).name, kinds, encodings)
    except Problem:
        raise
    except _BROKEN as error:
        raise Unreadable(f"{name} cannot be unpacked: {str(error)[:200] or type(error).__name__}.") from None


def _is_data(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in (".csv", ".txt", ".xlsx") and "__MACOSX" not in path.parts


def _check_size(name: str, members: Sequence[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(each.file_size for each in members)
    if len(members) > MOST_MEMBERS:
        raise TooLarge(f"{name} holds {len(members)} files; at most {MOST_MEMBERS} are read at once.")
    if unpacked > MOST_UNPACKED or unpacked > max(_ALWAYS, _MOST_TIMES * size):
        raise TooLarge(f"{name} is {unpacked:,} bytes when it is unpacked, which is more than is read at once.")


def _size(source: BinaryIO) -> int:
    return source.seek(0, io.SEEK_END)


def _book(source: BinaryIO, name: str) -> Iterator[Book]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles, of which nothing is read
        book = load_workbook(source, read_only=True, data_only=True, keep_links=False)
    try:
        yield Book([_worksheet(sheet, name) for sheet in book.worksheets])
    finally:
        book.close()


def _worksheet(sheet: object, file: str) -> Sheet:
    progress = [0, 0]
    sheet_rows = getattr(sheet, "iter_rows")  # noqa: B009 - two classes of sheets have it, and no common base
    progress[1] = getattr(sheet, "max_row", None) or 0
    # some portals write a wrong extent, and the rows outside it would never be seen
    with suppress(AttributeError):
        getattr(sheet, "reset_dimensions")()  # noqa: B009 - as above

    def rows() -> Rows:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for line, cells in enumerate(sheet_rows(values_only=True, max_col=MOST_COLUMNS), 1):
                    progress[0] = line
                    yield line, [_clean(cell) if isinstance(cell, str) else cell for cell in cells]
        except _BROKEN as error:
            raise Unreadable(f"{file} is damaged behind line {progress[0]}: {str(error)[:200]}.") from None

    def share() -> float:
        return min(1.0, progress[0] / progress[1]) if progress[1] else 0.0

    return Sheet(file, str(getattr(sheet, "title", "")), rows, share)


def joined(cells: Sequence[Cell], places: Sequence[int]) -> Cell:
    """The cell that tells the time; the texts of several as one."""
    if len(places) == 1:
        return cells[places[0]] if places[0] < len(cells) else None
    parts = [cells[place] if place < len(cells) else None for place in places]
    first = parts[0]
    if isinstance(first, datetime):  # a workbook keeps the time of day apart, as a datetime.time or a fraction
        rest = [part for part in parts[1:] if part is not None]
        if rest and isinstance(rest[0], time):
            return datetime.combine(first.date(), rest[0])
        if rest and isinstance(rest[0], float):
            return first + timedelta(days=rest[0])
    return " ".join(str(part) for part in parts if part not in (None, ""))


# ----------------------------------------------------------------------------------------------------------------- CSV


def _text(source: BinaryIO, name: str, encodings: Sequence[str]) -> Text:
    encoding = _encoding(source, encodings)
    size = max(1, _size(source))

    def share() -> float:
        return min(1.0, source.tell() / size)

    def sheet(delimiter: str) -> Sheet:
        return Sheet(name, "", lambda: _csv_rows(source, encoding, delimiter), share, delimiter == ",")

    return Text([sheet(delimiter) for delimiter in DELIMITERS])


def _csv_rows(source: BinaryIO, encoding: str, delimiter: str) -> Rows:
    """Raises BadLine inside: whoever goes on asking gets the next line."""
    source.seek(0)
    lent = io.BufferedReader(_Kept(source))  # type: ignore[type-var]  # a raw stream, whatever typeshed calls it
    text = io.TextIOWrapper(lent, encoding=encoding, errors="replace", newline="")
    return _Lines(_without_nul(text), delimiter)


class _Lines(Iterator[tuple[int, Sequence[Cell]]]):
    """Not a generator: that would be over after the first bad line."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._reader = csv.reader(lines, delimiter=delimiter)

    def __next__(self) -> tuple[int, Sequence[Cell]]:
        line = self._reader.line_num + 1
        try:
            return line, [_clean(cell) for cell in next(self._reader)]
        except csv.Error as error:
            raise BadLine(line, str(error)) from None


def _without_nul(lines: Iterator[str]) -> Iterator[str]:
    return (line.replace("\0", "") if "\0" in line else line for line in lines)


class _Kept(io.RawIOBase):
    """Lends a file to a reader of text, which would close it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any writable buffer is given
        block = self._source.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def _encoding(source: BinaryIO, encodings: Sequence[str]) -> str:
    """By the mark in front, else the first that reads all of it; the last one where none does."""
    head = _head(source)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.count(0) > len(head) // 4:  # every other byte of Latin text
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    return next((each for each in encodings if _reads(source, each)), encodings[-1])


def _reads(source: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    source.seek(0)
    try:
        while block := source.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _clean(cell: str) -> str:
    """Without blanks around it, characters that nobody sees, and the disguise in which spreadsheets are given text."""
    plain = cell.strip() if cell.isascii() else _INVISIBLE.sub("", cell).strip().strip("\u00a0").strip()
    if plain.startswith('="') and (found := _QUOTED.fullmatch(plain)):
        return found[1].strip()
    return plain
