"""A file from outside is looked at before it is read: what is no plain workbook is refused and fills no memory."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from finmodel.errors import Faults
from finmodel.report import archive
from finmodel.report.opened import Error, Formula, Moment, open_workbook

EMPTY = b"<x/>"


@pytest.fixture(scope="module")
def plain() -> dict[str, bytes]:
    """The parts of a small sound workbook."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append([1, "words", "=A1+1", None, True])
    book.save(file)
    with zipfile.ZipFile(file) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def packed(path: Path, parts: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(Faults) as faults:
        open_workbook(path)
    return str(faults.value)


def test_a_sound_workbook_is_read(plain: dict[str, bytes], tmp_path: Path) -> None:
    cells = open_workbook(packed(tmp_path / "plain.xlsx", plain)).sheets["Sheet"]
    assert cells == {(0, 0): 1.0, (0, 1): "words", (0, 2): Formula("A1+1"), (0, 4): True}
    assert isinstance(cells[0, 2], Formula)


def test_shared_formulas_dates_and_errors_are_read_as_what_they_are(plain: dict[str, bytes], tmp_path: Path) -> None:
    rows = b"""<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1+$C$1</f><v>0</v></c>
    <c r="D1" t="e"><v>#N/A</v></c></row><row r="2"><c r="A2"><f t="shared" si="0"/><v>0</v></c></row>"""
    name = "xl/worksheets/sheet1.xml"
    head, _, rest = plain[name].partition(b"<sheetData>")
    sheet = head + b"<sheetData>" + rows + rest[rest.index(b"</sheetData>") :]
    cells = open_workbook(packed(tmp_path / "shared.xlsx", plain | {name: sheet})).sheets["Sheet"]
    assert cells == {(0, 0): "B1+$C$1", (0, 3): "#N/A", (1, 0): "B2+$C$1"}
    assert isinstance(cells[1, 0], Formula)
    assert isinstance(cells[0, 3], Error)


def test_a_date_is_a_moment(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"].value = 46_082.5
    book.active["A1"].number_format = "yyyy-mm-dd"
    book.save(tmp_path / "date.xlsx")
    assert open_workbook(tmp_path / "date.xlsx").sheets["Sheet"] == {(0, 0): Moment(46_082.5)}


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("xl/vbaProject.bin", "a macro"),
        ("xl/VBAPROJECT.BIN", "a macro"),
        ("xl/macrosheets/sheet1.xml", "a macro"),
        ("xl/externalLinks/externalLink1.xml", "a link to another file"),
        ("xl/connections.xml", "a connection to data elsewhere"),
        ("xl/queryTables/queryTable1.xml", "a connection to data elsewhere"),
        ("xl/embeddings/oleObject1.bin", "an embedded object"),
        ("xl/activeX/activeX1.xml", "a control"),
        ("customUI/customUI.xml", "an extension of the spreadsheet program"),
    ],
)
def test_what_could_act_is_refused(plain: dict[str, bytes], tmp_path: Path, part: str, what: str) -> None:
    words = refused(packed(tmp_path / "acting.xlsx", plain | {part: EMPTY}))
    assert f"acting.xlsx: is refused: it holds {what} (found {part}; expected figures and formulas only" in words


def test_a_macro_under_another_name_is_known_by_its_type(plain: dict[str, bytes], tmp_path: Path) -> None:
    name = "[Content_Types].xml"
    types = plain[name].replace(b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml")
    assert types != plain[name]
    assert "it holds a macro" in refused(packed(tmp_path / "macro.xlsx", plain | {name: types}))


def test_a_link_to_another_file_is_known_by_its_relation_and_a_hyperlink_is_none(
    plain: dict[str, bytes], tmp_path: Path
) -> None:
    name = "xl/_rels/workbook.xml.rels"
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

    def linked(what: bytes) -> dict[str, bytes]:
        link = b'<Relationship Id="x9" Type="' + kind + what + b'" Target="http://example.org" TargetMode="External"/>'
        return plain | {name: plain[name].replace(b"</Relationships>", link + b"</Relationships>")}

    words = refused(packed(tmp_path / "linked.xlsx", linked(b"oleObject")))
    assert "it holds a link to another file" in words
    assert open_workbook(packed(tmp_path / "hyperlink.xlsx", linked(b"hyperlink"))).sheets


@pytest.mark.parametrize("mark", ['<!DOCTYPE x [<!ENTITY a "b">]>', "<!doctype x>"])
@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/media/image1.png"])
def test_a_document_type_is_refused(plain: dict[str, bytes], tmp_path: Path, name: str, mark: str) -> None:
    parts = plain | {name: mark.encode() + plain.get(name, b"")}
    assert f"{name}: is refused: a part defines a document type" in refused(packed(tmp_path / "typed.xlsx", parts))


def test_a_document_type_far_into_a_part_is_found(plain: dict[str, bytes], tmp_path: Path) -> None:
    filler = random.Random(1).randbytes(archive.CHUNK // 2).hex().encode()
    text = b"<x>" + filler[: archive.CHUNK - 8] + b"<!DOCTYPE y>"
    assert text.index(b"<!DOC") < archive.CHUNK < text.index(b"y>")
    assert "document type" in refused(packed(tmp_path / "far.xlsx", plain | {"xl/far.xml": text}))


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0" encoding="UTF-16"?><x/>'.encode("utf-16"),
        '<?xml version="1.0" encoding="UTF-16"?><x/>'.encode("utf-16-be"),
        b'<?xml version="1.0" encoding="UTF-7"?><x/>',
        '<?xml version="1.0"?><x/>'.encode("cp037"),
    ],
)
def test_another_encoding_is_refused(plain: dict[str, bytes], tmp_path: Path, text: bytes) -> None:
    assert "another encoding" in refused(packed(tmp_path / "hidden.xlsx", plain | {"xl/styles.xml": text}))


def test_a_part_that_inflates_too_far_is_refused(plain: dict[str, bytes], tmp_path: Path) -> None:
    path = packed(tmp_path / "bomb.xlsx", plain | {"xl/worksheets/sheet2.xml": bytes(5_000_000)})
    assert path.stat().st_size < 20_000
    assert "sheet2.xml: is refused: inflating it would fill the memory (found 5,000,000 bytes from" in refused(path)


def test_content_beyond_the_limit_is_refused_unread(
    plain: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST_CONTENT", 1_000_000)
    path = packed(tmp_path / "many.xlsx", plain | {f"xl/{number}.xml": bytes(90_000) for number in range(12)})
    assert "inflating it would fill the memory" in refused(path)
    monkeypatch.setattr(archive, "LARGEST_FILE", 1_000)
    assert "is too large" in refused(path)


def test_parts_beyond_the_limit_are_refused(plain: dict[str, bytes], tmp_path: Path) -> None:
    many = {f"x{number}": b"" for number in range(archive.MOST_PARTS)}
    assert "it has too many parts" in refused(packed(tmp_path / "parts.xlsx", plain | many))


def test_sizes_that_lie_are_found_while_inflating(plain: dict[str, bytes], tmp_path: Path) -> None:
    """The list of parts says 10 bytes, the part inflates to five million."""
    path = packed(tmp_path / "liar.xlsx", plain | {"xl/bomb.xml": bytes(5_000_000)})
    raw = path.read_bytes()
    true, false = struct.pack("<L", 5_000_000), struct.pack("<L", 10)
    assert raw.count(true) == 2
    path.write_bytes(raw.replace(true, false))
    assert "is damaged" in refused(path)


def test_the_same_bytes_in_many_parts_are_counted_each_time(
    plain: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts that share one stretch of the file say their sizes each: the sum is what counts."""
    monkeypatch.setattr(archive, "LARGEST_CONTENT", 3_000_000)
    path = packed(tmp_path / "shared.xlsx", plain | {f"x{number}.xml": bytes(900_000) for number in range(4)})
    with zipfile.ZipFile(path) as file:
        first = file.getinfo("x0.xml").header_offset
    raw = bytearray(path.read_bytes())
    for number in range(1, 4):
        entry = raw.rindex(f"x{number}.xml".encode()) - 46
        raw[entry + 42 : entry + 46] = struct.pack("<L", first)
    path.write_bytes(bytes(raw))
    words = refused(path)
    assert "inflating it would fill the memory" in words or "is damaged" in words


def test_a_part_twice_is_refused(plain: dict[str, bytes], tmp_path: Path) -> None:
    assert "has a part twice" in refused(packed(tmp_path / "twice.xlsx", plain | {"XL/Workbook.xml": EMPTY}))


def test_a_damaged_part_is_refused(plain: dict[str, bytes], tmp_path: Path) -> None:
    path = packed(tmp_path / "damaged.xlsx", plain)
    raw = bytearray(path.read_bytes())
    place = len(raw) // 3
    raw[place : place + 200] = bytes(200)
    path.write_bytes(bytes(raw))
    words = refused(path)
    assert "is damaged" in words or "cannot be read" in words


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"name;value\n", "another format"),
        (b"PK\x03\x04 and no more", "a damaged archive"),
        (archive.OLE + bytes(500), "the format of Excel 97 to 2003 (.xls)"),
        (archive.OLE + bytes(500) + archive.ENCRYPTED, "a workbook that a password locks"),
    ],
)
def test_another_format_is_named(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "other.xlsx").write_bytes(content)
    assert f"other.xlsx: is no workbook (found {found}; expected an Excel workbook (.xlsx)" in refused(
        tmp_path / "other.xlsx"
    )


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"[Content_Types].xml": EMPTY, "xl/workbook.bin": b""}, "a binary workbook (.xlsb)"),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": EMPTY}, "an OpenDocument file"),
        ({"word/document.xml": EMPTY}, "another format"),
    ],
)
def test_another_kind_of_archive_is_named(tmp_path: Path, parts: dict[str, bytes], found: str) -> None:
    assert f"is no workbook (found {found}" in refused(packed(tmp_path / "other.xlsx", parts))


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert "cannot be read (found a folder" in refused(tmp_path)
    assert "cannot be read (found no such file" in refused(tmp_path / "none.xlsx")


def test_rows_without_end_are_refused(plain: dict[str, bytes], tmp_path: Path) -> None:
    name = "xl/worksheets/sheet1.xml"
    head, _, rest = plain[name].partition(b"<sheetData>")
    far = b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'
    sheet = head + b"<sheetData>" + far + rest[rest.index(b"</sheetData>") :]
    words = refused(packed(tmp_path / "far.xlsx", plain | {name: sheet}))
    assert "Sheet: spans too many cells" in words


def test_what_is_no_xml_is_refused(plain: dict[str, bytes], tmp_path: Path) -> None:
    words = refused(packed(tmp_path / "broken.xlsx", plain | {"xl/workbook.xml": b"<workbook"}))
    assert "broken.xlsx: cannot be read as a workbook" in words
