"""Files of every kind, made for the tests: none is of a real outlet."""

from __future__ import annotations

import io
import zipfile

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

PARAGRAPHS = [
    "The president signed the law on charities on December 2, 2015, and critics said that it "
    "would narrow what clubs may do.",
    "Parliament had adopted the bill in October 2015. Clubs must report on money from abroad to "
    "the ministry within ten days.",
    "The head of one club, Ms Example, told reporters that she feared inspections in the spring.",
]
RUSSIAN = [
    "Президент подписал закон о клубах 2 декабря 2015 года, и критики считают, что он ограничит "
    "работу общественных объединений.",
    "Парламент принял законопроект в октябре 2015 года. Клубы должны отчитываться о деньгах "
    "из-за рубежа перед министерством.",
]
KAZAKH = [
    "Президент 2015 жылғы 2 желтоқсанда үкіметтік емес ұйымдар туралы заңға қол қойды.",
    "Парламент заң жобасын қазан айында қабылдады, ал ұйымдар шетелден алған қаржысы туралы "
    "есеп беруге міндетті.",
]


def page(
    paragraphs: list[str] = PARAGRAPHS,
    title: str = "A new law on clubs",
    head: str = '<meta charset="utf-8">',
    body: str = "",
) -> str:
    """A page of a news site."""
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        f"<!doctype html><html><head>{head}<title>{title} | Example Post</title></head><body>"
        '<nav><a href="/">Home</a> <a href="/all">All news</a></nav>'
        f"<article><h1>{title}</h1>{text}</article>{body}"
        "<footer>Imprint and terms of use</footer></body></html>"
    )


META = (
    '<meta charset="utf-8"><meta property="article:published_time" content="2015-12-03T08:00:00Z">'
    '<meta name="author" content="A. Writer"><meta property="og:site_name" content="Example Post">'
)


def pdf(lines: list[str]) -> bytes:
    """A PDF of one page with these lines; without any it holds no text, like a scan."""
    show = "".join(f"({line.replace('(', '').replace(')', '')}) Tj T*\n" for line in lines)
    stream = f"BT /F1 11 Tf 14 TL 50 780 Td\n{show}ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Author (typist) /CreationDate (D:20160101000000Z) >>",
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 7\n0000000000 65535 f \n")
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size 7 /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF" % start)
    return out.getvalue()


def word(
    paragraphs: list[str] = PARAGRAPHS, title: str = "A new law on clubs", more: str = ""
) -> bytes:
    """A DOCX with a table, and what more there is as WordprocessingML."""
    document: Document = docx.Document()
    document.add_heading(title, 0)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    cells = document.add_table(rows=1, cols=2).rows[0].cells
    cells[0].text, cells[1].text = "Clubs", "12"
    document.core_properties.author = "typist"
    for part in parse_xml(f"<w:body {nsdecls('w', 'r')}>{more}</w:body>"):
        document.element.body.insert(-1, part)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A DOCX whose text is 64 MiB of nothing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("word/document.xml", b" " * 64 * 2**20)
    return out.getvalue()
