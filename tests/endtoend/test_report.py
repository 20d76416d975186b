"""``classify --report``: a page that a browser can show without the internet, whatever the recordings are called."""

import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest

import wavs
from program import SOME_FAILED, heartsound

VOID = {"meta", "img", "br", "hr", "link", "input", "col", "base", "source", "wbr", "area", "embed", "track"}
LOADING = {"src", "srcset", "href", "xlink:href", "data", "poster", "background", "action", "formaction", "ping", "manifest"}
NAMES = ("<img src=x onerror=1>.wav", "a'b\"c&amp;d<e>.wav", "heart.wav")


class Page(HTMLParser):
    """Elements must close in the order they were opened; what would be loaded, the scripts, and the text are kept."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.open, self.loads, self.tags, self.handlers, self.text = [], [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.loads += [value for name, value in attributes if name in LOADING]
        self.handlers += [name for name, _ in attributes if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def report(tmp_path_factory, heart):
    folder = tmp_path_factory.mktemp("report")
    (folder / "in").mkdir()
    for name in NAMES:
        shutil.copy(heart, folder / "in" / name)
    wavs.write(folder / "in/silence.wav", 4000, np.zeros(40000))
    (folder / "in/broken.wav").write_text("no recording")
    done = heartsound("classify", folder / "in", "--report", folder / "report.html")
    assert sorted(p.name for p in folder.iterdir()) == ["in", "report.html"], "half-made files are left behind"
    return done, (folder / "report.html").read_text()


def test_report_is_written_beside_the_failures(report):
    done, _ = report
    assert done.code == SOME_FAILED and "report.html" in done.err and done.out == ""


def test_page_parses_and_names_every_recording_verdict_and_error(report):
    text = " ".join(Page(report[1]).text)
    assert all(name in text for name in (*NAMES, "silence.wav", "broken.wav")) and "text file" in text and "inconclusive" in text
    assert "not a medical device" in text


def test_page_loads_nothing_and_runs_nothing(report):
    page = Page(report[1])
    assert all(value.startswith(("data:", "#")) for value in page.loads), page.loads
    assert "script" not in page.tags and "iframe" not in page.tags and page.handlers == []
    assert not re.search(r"url\(\s*['\"]?(?!#|data:)|@import", report[1])
    assert re.findall(r"https?://[^\s\"'<]+", report[1].replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")) == []


def test_page_escapes_names_that_look_like_markup(report):
    html = report[1]
    assert "<img src=x" not in html and "d<e>" not in html and "&lt;img src=x onerror=1&gt;.wav" in html


def test_page_has_pictures_of_the_recordings(report):
    assert report[1].count("data:image/png;base64,") >= len(NAMES) and Page(report[1]).tags.count("svg") >= len(NAMES)
