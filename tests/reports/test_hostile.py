"""Text from a source, a table or a parameter runs nothing and is shown as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from markupsafe import Markup
from matplotlib.figure import Figure as Drawing

from ngolib.objects import EvidenceList, EvidenceTable, Figure, Finding
from ngolib.reports.page import tidy
from ngolib.reports.site import render
from ngolib.reports.texts import Piece

from .browsing import CHROMIUM
from .test_browser import sync_api

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
RUN = "window.hit=1"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<SCRIPT SRC=//x.example/a.js>{RUN}</SCRIPT>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f'"><script>{RUN}</script>',
    f"'><script>{RUN}</script>",
    f"--><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</td></tr></table><script>{RUN}</script>",
    f"</mark></blockquote></li></ol></details><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<img src=x onerror='{RUN}'>",
    f'" onmouseover="{RUN}',
    f"' onfocus='{RUN}' autofocus='",
    f"<body onload={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s></svg>",
    f'<svg><a xlink:href="javascript:{RUN}"><text y=20>x</text></a></svg>',
    f"<math><mtext></p><img src=x onerror={RUN}></math>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<iframe src='javascript:{RUN}'></iframe>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<object data='javascript:{RUN}'></object>",
    "<embed src=//x.example/a.swf>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f" java\tscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    "vbscript:msgbox(1)",
    "<base href=//x.example/>",
    "<meta http-equiv=refresh content='0;url=//x.example'>",
    "<link rel=stylesheet href=//x.example/a.css>",
    "<style>@import '//x.example/a.css';</style>",
    "<style>*{background:url(//x.example/a.png)}</style>",
    "<form action=//x.example><button>x</button></form>",
    "<div style='background:url(//x.example/a.png)'>x</div>",
    "{{ 7 * 7 }}",
    "{% for x in range(3) %}x{% endfor %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "${7*7}<%= 7*7 %>#{7*7}",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
    "<p>never closed <b><table><tr>",
    "</main></body></html><h1>another page",
    "abc\u202edcb\u202c \u2066x\u2069 \u200f",
    "a\u2028b\u2029c \ufeff",
]


def in_report(payload: str) -> bytes:
    """A page in which the text stands wherever text from data can stand."""
    frame = pd.DataFrame({payload: [payload], "n": [1], "evidence": [("e1",)]})
    quote = {"before": payload, "quote": payload, "after": payload, "kind": payload}
    quote |= {"gloss": payload, "language": "ru"}
    items = pd.DataFrame(
        [
            {
                "evidence_id": "e1",
                "layer": "corpus",
                "title": payload,
                "label": payload,
                "address": "acts/a.html#e1",
                "quotes": [{**quote, "url": payload}],
                "about": payload,
                "doubts": [payload],
            }
        ]
    )
    drawing = Drawing()
    drawing.subplots().plot([1, 2])
    shown = [
        Finding("f", payload, None, ["e1"]),
        Finding("g", payload, None, no_evidence=payload),
        EvidenceTable("t", frame, payload),
        Figure("p", drawing, payload, payload, frame),
        EvidenceList(items, ()),
    ]
    html = "".join(one._repr_mimebundle_()["text/html"] for one in shown)
    body, contents = tidy(f"<h2>Part</h2>{html}", {"part": ("part", payload)})
    return render(
        "page.html.j2",
        title=payload,
        question=f"{payload}?",
        settings={payload: payload},
        body=Markup(body),
        contents=contents,
        name="n",
        files={"tables/t.csv": payload, "figures/p.svg": payload},
        command=payload,
        version="1",
        cite={"authors": [payload], "title": payload, "version": "1", "date": "2026-11-28"},
    )


def in_text(payload: str) -> bytes:
    """The page of a source text that holds the text."""
    article = dict.fromkeys(["title", "outlet", "published", "reliability", "article_id"], payload)
    statement = {
        "number": 1,
        "quote_id": "S1",
        "coded": True,
        "statement_id": payload,
        "exact": payload,
        "act": payload,
        "stage": payload,
        "scheduled": True,
        "direction": payload,
        "categories": [payload],
        "country": [payload],
        "date": payload,
        "modality": payload,
        "voice": payload,
        "claimant_name": payload,
        "tier": 1,
        "uses": [("slug", payload)],
    }
    line = {
        "row": {"line": 1, "label": payload, "rule": payload},
        "pieces": [Piece(payload), Piece(payload, (1,), True)],
        "quotes": [statement],
    }
    source = {"source_id": payload, "rights": payload, "path": payload}
    return render(
        "text.html.j2",
        title=payload,
        articles=[article],
        source=source,
        whole=True,
        statements=1,
        lines=[line],
        reading=[payload],
        version="1",
    )


@pytest.fixture(scope="module")
def page(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    # Without the policy: the escaping alone must hold.
    yield browser.new_context(bypass_csp=True).new_page()


def test_there_are_enough_of_them() -> None:
    assert len(set(PAYLOADS)) >= 50


@pytest.mark.parametrize("make", [in_report, in_text])
def test_nothing_runs_and_everything_is_shown_as_text(
    page: sync_api.Page, tmp_path: Path, make
) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for number, payload in enumerate(PAYLOADS):
        file = tmp_path / f"{number}.html"
        file.write_bytes(make(payload))
        requests.clear()
        page.goto(file.as_uri())
        page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
        page.wait_for_timeout(20)
        assert page.evaluate("window.hit") is None, payload
        elsewhere = [r for r in requests if not r.startswith("data:") and r != file.as_uri()]
        assert not elsewhere, payload
        foreign = "svg:not(figure svg), math, iframe, object, embed, video, audio, form, base"
        foreign += ", marquee, select"
        assert page.locator(f":is({foreign}), main script, main style").count() == 0, payload
        hrefs = page.eval_on_selector_all("a", "all => all.map(a => a.protocol)")
        assert set(hrefs) <= {"file:", "http:", "https:"}, payload
        assert page.locator("h1").count() == 1, payload
        text = " ".join(page.locator("body").inner_text().split())
        for turning in "\u200f\u202c\u202e\u2066\u2069":
            assert turning not in text
            payload = payload.replace(turning, f"[U+{ord(turning):04X}]")
        assert " ".join(payload.split()).replace("\ufeff", "") in text.replace("\ufeff", "")
