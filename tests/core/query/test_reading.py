"""What each sign means, and what is said of what cannot be read."""

from __future__ import annotations

import pytest

from syncd.core.query.address import from_parameters, to_parameters
from syncd.core.query.fault import QueryError
from syncd.core.query.fields import FIELDS, Field
from syncd.core.query.measures import microseconds_of, moment_of
from syncd.core.query.reading import MOST_TERMS, read
from syncd.core.query.terms import EVERYTHING, NONE, Query, Span, Term, Text, Value, only
from syncd.core.query.writing import write

DAY = 86_400_000_000
NOON = 1_795_262_400_000_000  # 2026-11-21T12:00Z


def one(text: str) -> Value:
    ((term,),) = [read(text).terms]
    (value,) = term.values
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("outcome:failed", Text(("failed",))),
        ("OUTCOME=Failed", Text(("failed",))),
        ("case:CS-10*", Text(("CS-10", ""))),
        ("case:*10**2", Text(("", "10", "2"))),
        ("case:*", Text(("", ""))),
        ('case:"a*, b"', Text(("a*, b",))),
        ('case:"say \\"ah\\" \\\\"', Text(('say "ah" \\',))),
        ("case:none", NONE),
        ('case:""', NONE),
        ('case:"none"', Text(("none",))),
        ("http:404", Span(404, 405)),
        ("http:5xx", Span(500, 600)),
        ("http:4XX", Span(400, 500)),
        ("http>=500", Span(500, None)),
        ("http:>500", Span(501, None)),
        ("http<500", Span(None, 500)),
        ("http<=500", Span(None, 501)),
        ("http:4xx..503", Span(400, 504)),
        ("http:..503", Span(None, 504)),
        ("http:503..", Span(503, None)),
        ("http>4xx", Span(500, None)),
        ("http:none", NONE),
        ("latency>2s", Span(2001, None)),
        ("latency:90m", Span(5_400_000, 5_400_001)),
        ("took:100ms..1s", Span(100, 1001)),
        ("age<24h", Span(None, DAY // 1000)),
        ("age:7d..2w", Span(7 * DAY // 1000, 14 * DAY // 1000 + 1)),
        ("at:2026-11-21", Span(NOON - DAY // 2, NOON + DAY // 2)),
        ("at:2026-11-21T12:00", Span(NOON, NOON + 60_000_000)),
        ("at:2026-11-21T12:00:00Z", Span(NOON, NOON + 1_000_000)),
        ("at:2026-11-21T12:00:00.000001", Span(NOON + 1, NOON + 2)),
        ('at:"2026-11-21 13:00+01:00"', Span(NOON, NOON + 60_000_000)),
        ("at>2026-11-21T12:00", Span(NOON + 60_000_000, None)),
        ("at<=2026-11-21", Span(None, NOON + DAY // 2)),
        ("at:2026-11-21..2026-11-22", Span(NOON - DAY // 2, NOON + DAY // 2 + DAY)),
        ("refused", Text(("refused",))),
        ('"not found"', Text(("not found",))),
        ("time*out*", Text(("time", "out"))),
    ],
)
def test_a_value(text: str, value: Value) -> None:
    assert one(text) == value


def test_a_zone_whose_plus_an_address_has_made_a_blank() -> None:
    given = from_parameters([("at", ">=2026-11-21T13:00 01:00")])
    assert given == read("at>=2026-11-21T13:00+01:00") == read("at>=2026-11-21T12:00")
    with pytest.raises(QueryError):
        from_parameters([("at", ">=2026-11-21T13:00 01:00 02:00")])


def test_what_an_answer_calls_next_names_its_parameter() -> None:
    with pytest.raises(
        QueryError, match="'next' is in the answer and no field; the page that follows is asked for by after="
    ):
        from_parameters([("next", "47")])


def test_terms_must_all_hold_and_of_values_any() -> None:
    assert read('  -reason:echo,stale  http!=none -text:"a b"  ') == Query(
        (
            Term("reason", (Text(("echo",)), Text(("stale",))), is_negated=True),
            Term("http", (NONE,), is_negated=True),
            Term("text", (Text(("a b",)),), is_negated=True),
        )
    )
    assert read(" ") == EVERYTHING == from_parameters([("outcome", ""), ("q", " ")])


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_the_example_of_a_field_is_about_it_and_the_one_spelling(field: Field) -> None:
    assert read(field.example).names(field.name)
    assert write(read(field.example)) == field.example


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("http:>=500", "http>=500"),
        ("http:<1,>=500", "http:<1,>=500"),
        ("latency<=2s took>=60m", "latency<=2s took>=1h"),
        ("age:24h..48h", "age:24h..2d"),
        ("http:500..599 attempt:100..199", "http:5xx attempt:100..199"),
        ("at>2026-11-21T08:00", "at>=2026-11-21T08:01"),
        ("at:2026-11-20T08:30..2026-11-21", "at:2026-11-20T08:30..2026-11-21"),
        ("text:a,b", "a,b"),
        ("-text:-a", '-"-a"'),
    ],
)
def test_one_spelling(text: str, written: str) -> None:
    assert write(read(text)) == written


def test_as_parameters_of_an_address() -> None:
    query = read('outcome:failed,retrying -reason:echo http>=500 actor:"Dana Ruiz" "not found"')
    assert to_parameters(query) == [
        ("outcome", "failed,retrying"),
        ("-reason", "echo"),
        ("http", ">=500"),
        ("actor", '"Dana Ruiz"'),
        ("text", '"not found"'),
    ]
    assert from_parameters([("actor", " Dana Ruiz , Ana "), ("q", "http>=500")]) == read(
        'actor:"Dana Ruiz",Ana http>=500'
    )


def test_words_given_by_a_program_are_taken_as_they_are() -> None:
    assert read(write(only("case", "a*b", "none", ""))) == Query(
        (Term("case", (Text(("a*b",)), Text(("none",)), NONE)),)
    )


@pytest.mark.parametrize(
    ("text", "position", "sentence"),
    [
        ("case:1 outcom:failed", 7, "'outcom' is no field, did you mean outcome; the fields are id, at, age"),
        ("foo:bar", 0, "'foo' is no field; the fields are id"),
        ("outcome:applied,faild", 16, "outcome is never 'faild', did you mean failed; it is applied, "),
        ("reason:xyz*", 7, "reason is never 'xyz*'; it is changed, "),
        ("http:abc", 5, "'abc' is nothing that http can be; it takes a number"),
        ("attempt:5xx", 8, "'5xx' is nothing that attempt can be"),
        ("attempt:none", 8, "attempt is never none; it takes a number"),
        ("latency>2", 8, "'2' is nothing that latency can be; it takes a duration in ms, s"),
        ("age:99999999w", 4, "is nothing that age can be"),
        ("at:2026-13-01", 3, "'2026-13-01' is nothing that at can be; it takes a day or a moment"),
        ("at:1969-12-31", 3, "is nothing that at can be"),
        ("at:2026-11-21T08:00.5", 3, "is nothing that at can be"),
        ("at:9998-01-01", 3, "is nothing that at can be"),
        ("http:1..x", 5, "'x' is nothing that http can be"),
        ("http:..", 5, "'..' is nothing that http can be"),
        ("attempt:5..3", 8, "'5..3' ends before it begins; write the smaller first"),
        ("case>C-1", 5, "case is not compared by '>'; it takes a name"),
        ("outcome:", 8, "a value is missing here"),
        ("outcome:failed,", 15, "a value is missing here"),
        ("-", 1, "a value is missing here"),
        ('case:"CS', 5, 'the quote that begins here does not end; close it with "'),
        ("http:6xx", 5, "'6xx' is no class of http statuses; those are 1xx to 5xx"),
        (
            "outcome:failed OR outcome:held",
            15,
            "there is no OR here; use a comma between the values of one field: outcome:fail",
        ),
        ("outcome:failed AND http:5xx", 15, "there is no AND here; leave it out: all terms must hold"),
        ("NOT reason:echo", 0, "there is no NOT here; use a - before the term: -reason:echo"),
        ("(outcome:failed)", 0, "there are no brackets here; use a comma between the values of one field"),
        ("outcome:(failed,held)", 8, "there are no brackets here"),
        ("outcome:failed,held)", 19, "there are no brackets here"),
        ("a.b:c", 3, "':' does not stand behind the name of a field; put the words in quotes"),
        ("*", 0, "text takes what stands somewhere in it"),
        ("case:a*b*c*d*e*f*g", 5, "at most 5 times *"),
        ("a " * (MOST_TERMS + 1), 2 * MOST_TERMS, f"a query has at most {MOST_TERMS} terms"),
        (f"case:{'a,' * 101}a", 205, "a field takes at most 100 values at once"),
        ("a" * 4_001, 4_000, "a query has at most 4000 characters"),
        ("a\x00", 1, "this character is stored nowhere"),
        ("a\ud800", 1, "this character is stored nowhere"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, position: int, sentence: str) -> None:
    with pytest.raises(QueryError) as error:
        read(text)
    assert error.value.position == position
    assert str(error.value).startswith(f"At character {position + 1}: ")
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("outcom", "failed", "At character 1 of 'outcom': 'outcom' is no field, did you mean outcome"),
        ("-reason", "echo,ech", "At character 6 of '-reason': reason is never 'ech', did you mean echo"),
        ("q", "http:x", "At character 6: 'x' is nothing"),
        ("actor", 'Dana "Ruiz"', "At character 6 of 'actor': a comma is missing here, or quotes around all of it"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(name: str, text: str, sentence: str) -> None:
    with pytest.raises(QueryError) as error:
        from_parameters([(name, text)])
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("pieces", "word", "fits"),
    [
        (("a",), "a", True),
        (("a",), "ab", False),
        (("a", ""), "ab", True),
        (("", "b"), "ab", True),
        (("a", "a"), "a", False),
        (("a", "b", "c"), "a_b_c", True),
        (("a", "b", "c"), "a_c", False),
    ],
)
def test_a_text_fits(pieces: tuple[str, ...], word: str, fits: bool) -> None:
    assert Text(pieces).fits(word) is fits


def test_what_other_languages_mean_by_a_word_is_looked_for_in_quotes() -> None:
    query = read('"OR" or nor "(two)"')
    assert [term.values for term in query.terms] == [(Text((word,)),) for word in ("OR", "or", "nor", "(two)")]
    assert read(write(query)) == query
    assert from_parameters([("text", "OR (two)")]) == Query((Term("text", (Text(("OR (two)",)),)),))


def test_moments_are_counted_from_1970() -> None:
    assert moment_of(NOON).isoformat() == "2026-11-21T12:00:00+00:00"
    assert microseconds_of(moment_of(NOON)) == NOON
