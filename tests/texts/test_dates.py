"""Finding and resolving date expressions."""

from __future__ import annotations

import datetime
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ngolib.project import Project
from ngolib.texts import dates
from ngolib.texts.dates import UNRESOLVED, ResolvedDate, find_dates, resolve_date
from ngolib.texts.load import load_articles

# Days on which the articles can have been published.
IWPR_2006 = ("2006-07-25", "2006-12-31")
IWPR_2014 = ("2014-06-11", "2014-06-30")
ELECTION_2015 = ("2015-02-25", "2015-04-25")
OFFICIAL_2021 = ("2021-02-03", "2021-04-30")
BLOG_2025 = ("2025-01-03", "2025-01-03")
ESSAY_2020 = ("2020-03-10", "")


def resolved(words: str, published: tuple[str, str], anchor: ResolvedDate = UNRESOLVED) -> str:
    """Resolve and write the answer as `date/date_end precision basis`."""
    found = resolve_date(
        words, published_start=published[0], published_end=published[1], anchor=anchor
    )
    dates = f"{found.date}/{found.date_end}" if found.date_end else found.date
    return f"{dates} {found.precision} {found.basis}".strip()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("January 3, 2025", "2025-01-03 day text"),
        ("from January 1, 2025", "2025-01-01 day text"),
        ("April, 18, 2021", "2021-04-18 day text"),
        ("16 December 2011", "2011-12-16 day text"),
        ("the 9th of April, 2005", "2005-04-09 day text"),
        ("2020-03-10", "2020-03-10 day text"),
        ("13/03/2020", "2020-03-13 day text"),
        ("03/13/2020", "2020-03-13 day text"),
        ("03/03/2020", "2020-03-03 day text"),
        ("In February 2005", "2005-02 month text"),
        ("May2019", "2019-05 month text"),
        ("Sept. 2011", "2011-09 month text"),
        ("since 2015", "2015 year text"),
        ("2012", "2012 year text"),
        ("December 16th and 17th of 2011", "2011-12-16/2011-12-17 range text"),
        ("16–18 December 2011", "2011-12-16/2011-12-18 range text"),
        ("from 2003 to 2005", "2003/2005 range text"),
        ("between 2003 and 2005", "2003/2005 range text"),
        ("2025-26", "2025/2026 range text"),
        ("early 2000s", "2000/2003 range text"),
        ("in the early 1990s", "1990/1993 range text"),
        ("the mid-1990s", "1993/1996 range text"),
        ("late 1980s", "1986/1989 range text"),
        ("the 1990s", "1990/1999 range text"),
        ("early 2021", "2021-01/2021-06 range text"),
        ("mid-2015", "2015-04/2015-09 range text"),
        ("at the end of 2015", "2015-07/2015-12 range text"),
        ("10/03/2020", "unresolved"),  # 10 March or 3 October
        ("20032005", "unresolved"),  # two years that ran together
        ("February 30, 2010", "unresolved"),  # no such day
        ("2010-02-30", "unresolved"),
        ("2005-2003", "unresolved"),
        ("December 3 and 9, 2011", "unresolved"),  # two days, no range
        ("July 25", "unresolved"),  # needs the article's date
        ("last year", "unresolved"),
        ("yesterday", "unresolved"),
        ("90’s", "unresolved"),
        ("a week later", "unresolved"),
        ("may", "unresolved"),
        ("", "unresolved"),
    ],
)
def test_words_that_need_no_article(words: str, expected: str) -> None:
    assert resolved(words, ("", "")) == expected
    # The article's date changes nothing about what the words say by themselves.
    if expected != "unresolved":
        assert resolved(words, IWPR_2006) == expected


@pytest.mark.parametrize(
    ("words", "published", "expected"),
    [
        # Hand-checked against the source texts.
        ("on July 25", IWPR_2006, "2006-07-25 day"),
        ("last year", IWPR_2006, "2005 year"),
        ("earlier this month", IWPR_2014, "2014-06 month"),
        ("on June 11", IWPR_2014, "2014-06-11 day"),
        ("by next January", IWPR_2014, "2015-01 month"),
        ("at a May 22", IWPR_2014, "2014-05-22 day"),
        ("In March", IWPR_2014, "2014-03 month"),
        ("at the end of last year", IWPR_2014, "2013-07/2013-12 range"),
        ("On April 26", ELECTION_2015, "2015-04-26 day"),  # lies ahead
        ("On February 25", ELECTION_2015, "2015-02-25 day"),
        ("on November 11", ELECTION_2015, "2014-11-11 day"),
        ("in December", ("2014-05-20", "2014-05-20"), "2013-12 month"),
        ("in August", ("2014-05-20", "2014-05-20"), "2014-08 month"),
        ("this year", ELECTION_2015, "2015 year"),
        ("on 3 February", OFFICIAL_2021, "2021-02-03 day"),
        ("in January", OFFICIAL_2021, "2021-01 month"),
        ("last November", OFFICIAL_2021, "2020-11 month"),
        ("earlier this year", OFFICIAL_2021, "2021 year"),
        ("late last year", BLOG_2025, "2024-07/2024-12 range"),
        ("the early 90’s", OFFICIAL_2021, "1990/1993 range"),
        # Shapes that the sources do not use.
        ("last month", ("2025-01-03", "2025-01-31"), "2024-12 month"),
        ("next month", ("2025-12-03", "2025-12-04"), "2026-01 month"),
        ("next year", IWPR_2014, "2015 year"),
        ("next June", IWPR_2014, "2015-06 month"),
        ("last June", IWPR_2014, "2013-06 month"),
        ("this June", IWPR_2014, "2014-06 month"),
        ("last week", ("2025-01-01", "2025-01-03"), "2024-12-23/2024-12-29 range"),
        ("yesterday", BLOG_2025, "2025-01-02 day"),
        ("tomorrow", BLOG_2025, "2025-01-04 day"),
        ("on Monday", BLOG_2025, "2024-12-30 day"),
        ("three days ago", BLOG_2025, "2024-12-31 day"),
        ("two weeks ago", BLOG_2025, "2024-12-16/2024-12-22 range"),
        ("a year ago", BLOG_2025, "2024 year"),
        ("two months ago", BLOG_2025, "2024-11 month"),
        ("December 30 to 31", BLOG_2025, "2024-12-30/2024-12-31 range"),
    ],
)
def test_words_that_need_the_date_of_the_article(
    words: str, published: tuple[str, str], expected: str
) -> None:
    assert resolved(words, published) == f"{expected} inference"


NEWS = "2016-06-10"  # a Friday


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        # A weekday beside a day says nothing more; alone it is the last one, if no other is meant.
        ("On Tuesday, 12 April 2011, the law was signed", ["2011-04-12"]),
        ("Police detained activists on Friday, June 10.", ["2016-06-10"]),
        ("On Monday police detained activists", ["2016-06-06"]),
        ("On Friday police detained activists", [""]),
        ("The court will hear the case on Monday.", [""]),
        ("NGOs have until Monday to register", []),
        # No part of a greater number or span is a date.
        ("the first law twenty-five years ago", []),
        ("twenty two years ago", []),
        ("a hundred and ten years ago", []),
        ("1,000 years ago", []),
        ("half a year ago", []),
        ("two years ago", ["2014"]),
        ("the day before yesterday", []),
        ("the last week of May", ["2016-05"]),
        ("the last month of 2014", ["2014"]),
        # The year stands behind another day, or there is none.
        ("on March 12, 14 and 16, 2014", ["", "2014"]),
        ("on May 5 and again on June 6, 2014", ["", "2014-06-06"]),
        ("adopted in May and amended in June 2014", ["", "2014-06"]),
        ("on 22 July, back in 2013,", ["", "2013"]),
        ("in May '12", [""]),
        ("NGOs report by 31 March each year", [""]),
        ("by 31 March of the year following", [""]),
        ("On May 5 the court ruled. The law of 2011 stays.", ["2016-05-05", "2011"]),
    ],
)
def test_what_stands_beside_a_date_counts(text: str, dates: list[str]) -> None:
    found = find_dates(text, published_start=NEWS, published_end=NEWS)
    assert [one.resolved.date for one in found] == dates


@pytest.mark.parametrize(
    ("words", "published"),
    [
        ("last year", ("2006-12-31", "2007-01-01")),  # the days do not agree
        ("earlier this month", ("2014-06-11", "2014-07-01")),
        ("yesterday", IWPR_2014),
        ("last November", ("2021-02-03", "2021-12-31")),
        ("in October", ("2014-05-20", "2014-05-20")),  # the one to come, or the one before
        ("on 9 November", ("2014-05-20", "2014-05-20")),
        ("3 February", ("2021-02-03", "2021-12-31")),
        ("last year", ESSAY_2020),  # nothing bounds the last day
        ("last year", ("", "2006-12-31")),
    ],
)
def test_what_depends_on_an_unknown_day_stays_unresolved(
    words: str, published: tuple[str, str]
) -> None:
    assert resolved(words, published) == "unresolved"


def test_the_same_year_is_that_of_the_date_before() -> None:
    february = resolve_date("In February 2005")
    assert resolved("In July the same year", IWPR_2006, february) == "2005-07 month text"
    assert resolved("in the same year", ("", ""), february) == "2005 year text"
    guessed = resolve_date("last year", published_start="2006-08-01", published_end="2006-08-02")
    assert resolved("July that year", IWPR_2006, guessed) == "2005-07 month inference"
    assert resolved("In July the same year", IWPR_2006) == "unresolved"
    assert resolved("In July the same year", IWPR_2006, UNRESOLVED) == "unresolved"


def test_a_day_after_a_date_of_another_year_can_be_of_either() -> None:
    told = resolve_date("On February 27, 2005")
    assert resolved("On march 9th", OFFICIAL_2021, told) == "unresolved"
    assert resolved("On march 9th", OFFICIAL_2021) == "2021-03-09 day inference"
    here = resolve_date("since 2021")
    assert resolved("On march 9th", OFFICIAL_2021, here) == "2021-03-09 day inference"
    # The years of these do not hang on what was told before.
    assert resolved("last year", OFFICIAL_2021, told) == "2020 year inference"


@pytest.mark.parametrize("missing", [None, "", pd.NA, pd.NaT, float("nan")])
def test_a_missing_bound_is_not_known(missing: object) -> None:
    found = resolve_date("last year", published_start="2006-01-01", published_end=missing)  # type: ignore[arg-type]
    assert found == UNRESOLVED


def test_bounds_may_be_days() -> None:
    day = datetime.date(2006, 8, 1)
    found = resolve_date("last year", published_start=day, published_end=day)
    assert found == ResolvedDate("2005", "", "year", "inference")


def test_dates_are_found_at_their_place() -> None:
    text = "In February 2005, he signed. In July the same year, he may sign on May 2, 2006."
    found = find_dates(text, published_start="2006-07-25", published_end="2006-12-31")
    assert [(f.words, f.resolved.date) for f in found] == [
        ("February 2005", "2005-02"),
        ("July the same year", "2005-07"),
        ("May 2, 2006", "2006-05-02"),
    ]
    for f in found:
        assert text[f.start : f.end] == f.words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The two revolts in 2005 and 2010 were", ["2005", "2010"]),
        ("rose in 20032005, as (Hinkle, 2017: 23)", ["20032005", "2017"]),
        ("On the next day 1000-3000 protestors, or 2000 people, came", []),
        ("Police detained about 2000 activists, in all 2010 foundations", []),
        ("Less than a year ago, or more than ten years ago, it was signed", []),
        ("between 1000-2000 demonstrators came", []),
        ("around 16,000 NGOs, 1.8 billion, $2000, 2010% and 20101", []),
        ("They may march in May and in March.", ["May", "March"]),
        ("Marching in Marchwood, Mayor Augustin decided", []),
        ("a 2017 NGO survey of the 30-year rule", ["2017"]),
        ("the last years, the last decade, one year before", []),
        ("10/03/2020 and 2020-03-10", ["10/03/2020", "2020-03-10"]),
        ("", []),
    ],
)
def test_only_dates_are_found(text: str, words: list[str]) -> None:
    assert [f.words for f in find_dates(text)] == words


def test_a_story_of_another_year_is_told_within_its_paragraph() -> None:
    bounds = {"published_start": "2021-02-03", "published_end": "2021-04-30"}
    told = find_dates("On April 3, 2010, they met. He fled on April 7.", **bounds)
    assert [f.resolved.date for f in told] == ["2010-04-03", ""]
    parted = find_dates("On April 3, 2010, they met.\n\nHe fled on April 7.", **bounds)
    assert [f.resolved.date for f in parted] == ["2010-04-03", "2021-04-07"]


def test_the_dates_of_the_sources(project: Project) -> None:
    articles = load_articles(project=project).set_index("article_id")

    def dates(article_id: str) -> dict[str, str]:
        row = articles.loc[article_id]
        found = find_dates(
            row["text"],
            published_start=row["published_start"],
            published_end=row["published_end"],
        )
        return {f.words: f.resolved.date for f in found}

    assert dates("iwpr-2006.1") == {
        "last year": "2005",
        "July 25": "2006-07-25",
        "August 2005": "2005-08",
        "2009": "2009",
        "February 2005": "2005-02",
        "July the same year": "2005-07",
    }
    assert dates("iwpr-2014.1") == {
        "earlier this month": "2014-06",
        "June 11": "2014-06-11",
        "next January": "2015-01",
        "May 22": "2014-05-22",
        "last year": "2013",
        "the end of last year": "2013-07",
        "March": "2014-03",
        "2012": "2012",
    }
    assert dates("kz-ru-memorandum-2025.1") == {
        "late last year": "2024-07",
        "January 1, 2025": "2025-01-01",
    }
    revolts = dates("modern-diplomacy-2021.2")
    assert revolts["April 9, 2005"] == "2005-04-09"
    assert [revolts[day] for day in ("march 9th", "April 7", "April the 16th")] == ["", "", ""]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("The Strategy Kazakhstan 2050 was announced", ""),
        ("Parliament adopted the budget for 2017", ""),
        ("The vote is scheduled for 2017", "2017"),
        ("The code takes effect in August", ""),
        ("It was signed last May", ""),
        ("It was signed last December", "2015-12"),
    ],
)
def test_a_year_that_a_name_or_a_plan_holds_is_no_day_of_a_step(text: str, date: str) -> None:
    (found,) = find_dates(text, published_start="2016-11-20", published_end="2016-11-20")
    assert found.resolved.date == date


@settings(deadline=None)
@given(st.text(), st.dates(), st.dates())
def test_any_words_can_be_resolved(words: str, a: datetime.date, b: datetime.date) -> None:
    found = resolve_date(words, published_start=min(a, b), published_end=max(a, b))
    assert (found.precision == "unresolved") == (found.date == "") == (found.basis == "")


WORDS = st.sampled_from(
    [
        "last year",
        "next January",
        "July 25",
        "29 February",
        "last week",
        "in March",
        "90s",
        "a year ago",
    ]
)


@settings(deadline=None)
@given(WORDS, st.dates(datetime.date(1995, 1, 1), datetime.date(2030, 1, 1)), st.integers(0, 400))
def test_if_the_ends_agree_all_days_between_do(words: str, first: datetime.date, days: int) -> None:
    last = first + datetime.timedelta(days=days)
    found = resolve_date(words, published_start=first, published_end=last)
    if found != UNRESOLVED:
        middle = first + datetime.timedelta(days=days // 2)
        assert resolve_date(words, published_start=middle, published_end=middle) == found


@pytest.mark.parametrize("day", [datetime.date.min, datetime.date.max])
@pytest.mark.parametrize(
    "words", ["last year", "next year", "July 25", "last week", "next January"]
)
def test_the_ends_of_the_calendar(words: str, day: datetime.date) -> None:
    found = resolve_date(words, published_start=day, published_end=day)
    assert found == UNRESOLVED  # no article appears then


@pytest.mark.parametrize("unit", ["2005 and ", "January ", "the end of ", "1", "in ", "3 to "])
def test_a_huge_text_does_not_take_forever(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    assert resolve_date(text) == UNRESOLVED
    find_dates(text)


PIECES = """the that same this last next earlier later early mid late beginning start end of year
month week weeks ago a an one two three eight ten between and to until in on by 2010 1990s 12 7-day
1999-2003 May march January Sept. DECEMBER monday Thursday yesterday Tomorrow 3rd 10/03/2020
2014-05-01 , - .
""".split()  # noqa: SIM905


@given(st.lists(st.sampled_from(PIECES), max_size=9), st.sampled_from([" ", "  ", "-", ""]))
def test_an_expression_is_tried_wherever_one_can_begin(words, between):
    text = between.join(words)
    everywhere = re.compile(dates._ANY, re.IGNORECASE | re.ASCII)
    assert [m.span() for m in dates._DATE.finditer(text)] == [
        m.span() for m in everywhere.finditer(text)
    ]


TOLD_BEHIND = {
    "signed it in May last year": [("last year", "2014")],
    "signed it on May 15 last year": [("last year", "2014")],
    "on 5 May of this year": [("this year", "2015")],
    # The latter of two is not the day of what is told.
    "adopted in March and April 2012": [("April 2012", "")],
    "from 30 April to 2 May 2014": [("2 May 2014", "")],
    "Between March 1 and April 5, 2014": [("April 5, 2014", "")],
    "On 5 or 6 March 2014": [("6 March 2014", "")],
    "on 5/6 March 2014": [("6 March 2014", "")],
    "on March 12, 2014 and April 5, 2014": [
        ("March 12, 2014", "2014-03-12"),
        ("April 5, 2014", "2014-04-05"),
    ],
    "in June": [("June", "2015-06")],
    # What lies ahead is told as such, or is of the year before.
    "In January the president signed the law": [("January", "")],
    "In January the president will sign the law": [("January", "2016-01")],
    "In January the law was adopted by parliament": [("January", "")],
    "The plan was signed in January due to pressure": [("January", "")],
    "NGOs must register by January": [("January", "2016-01")],
    # What is told to come does not lie behind: whether it is of next year, nobody says.
    "The law will enter into force on 1 July": [("1 July", "")],
    "In September, the law will come into force": [("September", "")],
    "He is expected to sign it in July": [("July", "")],
    "The next hearing is set for 12 July": [("12 July", "")],
    "He said on 1 July that parliament will adopt it": [("1 July", "2015-07-01")],
    "NGOs had to register by 1 July": [("1 July", "2015-07-01")],
    "It was due to come before parliament at the end of last year": [
        ("the end of last year", "2014-07")
    ],
    "A year ago, on 10 November, he left": [("A year ago", "2014"), ("10 November", "")],
    "on 12, 13 and 14 May 2014": [("13 and 14 May 2014", "")],
    # No dates: a name, a number of things.
    "the Kazakhstan-2050 Strategy": [],
    "a fine of 2000 MCI": [],
}


@pytest.mark.parametrize("text", TOLD_BEHIND)
def test_a_year_that_is_told_behind_a_month_is_its_year(text):
    found = find_dates(text, published_start="2015-12-10", published_end="2015-12-10")
    assert [(one.words, one.resolved.date) for one in found] == TOLD_BEHIND[text]
