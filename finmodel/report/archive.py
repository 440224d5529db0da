"""Whether a file from outside is a workbook that is safe to read: looked at byte by byte, before anything parses it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from finmodel.errors import Fault, Faults

LARGEST_FILE = 100_000_000
"""Bytes; the workbook of a gigawatt of 240 months is a tenth of it."""
LARGEST_CONTENT = 600_000_000
"""Bytes of all parts once they are inflated."""
MOST_PARTS = 2_000
LARGEST_RATIO = 150
"""How many times a part of more than a megabyte may grow; a sheet of formulas grows thirty times."""
SMALL = 1_000_000
CHUNK = 1 << 20
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
FORBIDDEN = (
    (r"vbaProject|vbaData|macrosheets/|dialogsheets/", "a macro"),
    (r"externalLinks/", "a link to another file"),
    (r"connections\.xml$|queryTables/|/model/|customData/", "a connection to data elsewhere"),
    (r"embeddings/|oleObject", "an embedded object"),
    (r"activeX/|ctrlProps/", "a control"),
    (r"customUI/|userCustomization/|webextensions/", "an extension of the spreadsheet program"),
)
"""Names of parts, without regard to case, and what they hold."""
CONTENT = (
    (rb"macroEnabled|vbaProject|macrosheet", "a macro"),
    (rb"externalLink\+xml", "a link to another file"),
    (rb"spreadsheetml\.(connections|queryTable)|ms-excel\.model", "a connection to data elsewhere"),
    (rb"oleObject|ms-office\.activeX", "an embedded object"),
)
"""Types of parts in the list of contents, and what they hold."""
EXTERNAL = re.compile(rb"<[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>")
DECLARED = re.compile(rb"^<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)[\"']")
HIDDEN = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0\0<", b"\0\0\xfe\xff", b"\x4c\x6f\xa7\x94")
"""How XML begins in encodings that hide what it says."""


def safe_bytes(path: Path, file: str) -> bytes:
    """The bytes of a workbook that is safe to read.

    Parameters
    ----------
    file
        As a fault names it.

    Raises
    ------
    Faults
        Everything that makes it no workbook, or one that is refused.
    """
    raw = _read(path, file)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _refuse(_of_size(archive, file))
            _refuse([*_of_names(archive, file), *_of_content(archive, file)])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError) as error:
        raise Faults(
            [Fault("is damaged", file, found=str(error)[:120], expected="an Excel workbook (.xlsx)")]
        ) from error
    return raw


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Faults(faults)


def _read(path: Path, file: str) -> bytes:
    expected, remedy = "an Excel workbook (.xlsx) that finmodel wrote", None
    try:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no such file"
            raise Faults([Fault("cannot be read", file, found=found, expected=expected)])
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Faults([Fault("cannot be read", file, found=why, expected=expected)]) from error
    if len(raw) > LARGEST_FILE:
        found = f"more than {LARGEST_FILE:,} bytes"
        raise Faults([Fault("is too large", file, found=found, expected=f"at most {LARGEST_FILE:,} bytes")])
    if raw.startswith(b"PK\x03\x04") and zipfile.is_zipfile(io.BytesIO(raw)):
        return raw
    found = "another format"
    if raw.startswith(OLE):
        encrypted = ENCRYPTED in raw
        found = "a workbook that a password locks" if encrypted else "the format of Excel 97 to 2003 (.xls)"
        remedy = "save it without a password" if encrypted else "save it as .xlsx"
    elif not raw:
        found = "an empty file"
    elif raw.startswith(b"PK"):
        found = "a damaged archive"
    raise Faults([Fault("is no workbook", file, found=found, expected=expected, remedy=remedy)])


def _of_size(archive: zipfile.ZipFile, file: str) -> list[Fault]:
    """Too many parts or too large ones; what the list of parts says of sizes is checked while inflating."""
    parts, message = archive.infolist(), "is refused: inflating it would fill the memory"
    if len(parts) > MOST_PARTS:
        found, expected = f"{len(parts):,} parts", f"at most {MOST_PARTS:,}"
        return [Fault("is refused: it has too many parts", file, found=found, expected=expected)]
    total = sum(part.file_size for part in parts)
    if total > LARGEST_CONTENT:
        return [Fault(message, file, found=f"{total:,} bytes", expected=f"at most {LARGEST_CONTENT:,}")]
    faults, inflated = [], 0
    for part in parts:
        if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            expected = "parts that are stored or deflated"
            faults.append(Fault("is encrypted or packed in another way", file, None, part.filename, expected=expected))
            continue
        size = sum(map(len, _chunks(archive, part)))
        inflated += size
        if inflated > LARGEST_CONTENT:
            return [Fault(message, file, found=f"over {inflated:,} bytes", expected=f"at most {LARGEST_CONTENT:,}")]
        if size > SMALL and size > LARGEST_RATIO * max(part.compress_size, 1):
            found = f"{size:,} bytes from {part.compress_size:,}"
            return [Fault(message, file, None, part.filename, found, f"at most {LARGEST_RATIO} times as many")]
    return faults


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _of_names(archive: zipfile.ZipFile, file: str) -> Iterator[Fault]:
    names = archive.namelist()
    outside = [name for name in names if name.startswith("/") or ".." in name.replace("\\", "/").split("/")]
    for name in outside:
        yield Fault("holds a part that leads elsewhere", file, found=repr(name)[:80], expected="parts of a workbook")
    lower = [name.lower() for name in names]
    expected = "an Excel workbook (.xlsx) as finmodel wrote it"
    if "xl/workbook.bin" in lower or "xl/workbook.xml" not in lower or "[content_types].xml" not in lower:
        found = "a binary workbook (.xlsb)" if "xl/workbook.bin" in lower else "another format"
        found = "an OpenDocument file" if "mimetype" in lower else found
        yield Fault("is no workbook", file, found=found, expected=expected, remedy="save it as .xlsx")
    for name in sorted({name for name in names if lower.count(name.lower()) > 1}):
        yield Fault("has a part twice", file, None, name, expected="each part once")
    for pattern, what in FORBIDDEN:
        parts = [name for name in names if re.search(pattern, name, re.IGNORECASE)]
        if parts:
            yield _holds(file, what, parts[0])


def _holds(file: str, what: str, part: str) -> Fault:
    remedy = "save it as .xlsx without that, and import it again"
    return Fault(f"is refused: it holds {what}", file, None, None, part, "figures and formulas only", remedy)


def _of_content(archive: zipfile.ZipFile, file: str) -> Iterator[Fault]:
    """What a list of contents, a list of relations or any part at all may not say: any may be read as XML."""
    for part in archive.infolist():
        name = part.filename
        kept = b""
        for number, chunk in enumerate(_chunks(archive, part)):
            text = kept + chunk
            fault = _of_xml(text, name, file, first=number == 0)
            if fault is not None:
                yield fault
                break
            kept = text[-20:]
        if name.lower() == "[content_types].xml":
            whole = archive.read(part)
            for pattern, what in CONTENT:
                if re.search(pattern, whole, re.IGNORECASE):
                    yield _holds(file, what, name)
        elif name.lower().endswith(".rels"):
            links = [link for link in EXTERNAL.findall(archive.read(part)) if b"/hyperlink" not in link]
            if links:
                yield _holds(file, "a link to another file", name)


def _of_xml(text: bytes, name: str, file: str, *, first: bool) -> Fault | None:
    """A document type can hold entities that grow without end; another encoding would hide it."""
    if first:
        declared = DECLARED.match(text.removeprefix(b"\xef\xbb\xbf").lstrip())
        encoding = declared[1].decode("latin-1") if declared else "UTF-8"
        hidden = text.startswith(HIDDEN)
        if hidden or encoding.upper() not in ("UTF-8", "US-ASCII"):
            shown = "UTF-16 or another" if hidden else encoding[:20]
            return Fault("is refused: a part has another encoding", file, None, name, shown, "UTF-8")
    for mark in (b"<!DOCTYPE", b"<!ENTITY"):
        if mark in text.upper():
            expected = "XML without a document type"
            return Fault("is refused: a part defines a document type", file, None, name, mark.decode(), expected)
    return None
