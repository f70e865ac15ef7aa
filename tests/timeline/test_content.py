"""The three generations of a caption's content."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.timeline import markup
from cutfarm.timeline.content import read_content
from cutfarm.timeline.text import Stroke

WORDS = st.text(st.characters(exclude_categories=()), max_size=24)
VALUES = st.none() | st.booleans() | st.integers(-5, 60) | st.floats() | WORDS | st.lists(st.floats(0, 2), max_size=4)


def read(material):
    """The text, its styles, and the looks that some character has."""
    styled = read_content(material)
    return styled.text, styled.styles(), styled.worn


def style(start, end, **more):
    return {"range": [start, end], "size": 10, **more}


def solid(*colour, **more):
    return {"content": {"render_type": "solid", "solid": {"color": list(colour), **more}}}


def partitions(text, styles) -> bool:
    return [index for one in styles for index in range(one.start, one.end)] == list(range(len(text)))


class TestJson:
    def test_a_style_in_full(self, make):
        raw = style(
            0,
            2,
            size=12.5,
            fill={"alpha": 0.5, **solid(1, 0.5, 0, alpha=0.5)},
            font={"id": "77", "path": "C:/x.ttf"},
            bold=True,
            italic=True,
            underline=True,
            strokes=[{"width": 0.08, "alpha": 0.5, **solid(0, 0, 1)}],
        )
        text, [only], _ = read(make.text({"text": "ab", "styles": [raw]}, check_flag=15))
        assert text == "ab"
        assert (only.size, only.colour, only.alpha) == (12.5, (1.0, 0.5, 0.0), 0.25)
        assert (only.font_id, only.font_path) == ("77", "C:/x.ttf")
        assert (only.bold, only.italic, only.underline) == (True, True, True)
        assert only.strokes == (Stroke((0.0, 0.0, 1.0), 0.5, 0.08),)

    @pytest.mark.parametrize(("check_flag", "drawn"), [(7, 0), (8, 1), (15, 1), (None, 1)])
    def test_strokes_need_their_switch_where_there_are_switches(self, make, check_flag, drawn):
        content = {"text": "a", "styles": [style(0, 1, strokes=[{"width": 0.1, **solid(0, 0, 0)}])]}
        flags = {} if check_flag is None else {"check_flag": check_flag}
        _, [only], _ = read(make.text(content, **flags))
        assert len(only.strokes) == drawn

    def test_flat_fields_stand_in_for_what_is_missing(self, make):
        content = {"text": "a", "styles": [{"range": [0, 1]}]}
        flat = {"font_size": 7, "text_color": "#ff0080", "font_path": "/f.ttf", "font_resource_id": "3"}
        _, [only], _ = read(make.text(content, **flat, border_color="#000000", border_width=0.1))
        assert (only.size, only.colour, only.font_path, only.font_id) == (7, (1, 0, 128 / 255), "/f.ttf", "3")
        assert only.strokes == ()

    def test_styles_of_no_character_are_not_counted(self, make):
        content = {"text": "ab", "styles": [style(0, 2), style(2, 2, size=-3)]}
        _, _, looks = read(make.text(content))
        assert [look.said for look in looks] == [()]

    def test_equal_neighbours_are_one_style(self, make):
        _, styles, _ = read(make.text({"text": "abcd", "styles": [style(0, 2), style(2, 4)]}))
        assert [(one.start, one.end) for one in styles] == [(0, 4)]

    def test_without_styles_the_flat_fields_rule(self, make):
        text, [only], _ = read(make.text({"text": "ab", "styles": []}, font_size=5))
        assert (text, only.size) == ("ab", 5)

    def test_an_empty_caption_has_no_style(self, make):
        assert read(make.text({"text": "", "styles": [style(0, 0)]}))[:2] == ("", ())


class TestCleaning:
    def test_ranges_survive_what_is_taken_out(self, make):
        content = {"text": "a\r\nb\x00\x07c\td", "styles": [style(0, 4), style(4, 9, size=20)]}
        text, styles, _ = read(make.text(content))
        assert text == "a\nbc\td"
        assert [(one.start, one.end, one.size) for one in styles] == [(0, 3, 10), (3, 6, 20)]

    @pytest.mark.parametrize("separator", ["\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\r\n", "\n"])
    def test_line_breaks_are_line_feeds(self, make, separator):
        assert read(make.text(f"a{separator}b"))[0] == "a\nb"

    def test_lone_surrogates_are_replaced(self, make):
        text, styles, _ = read(make.text('{"text": "a\\ud83db", "styles": [{"range": [0, 3]}]}'))
        assert text == "a\ufffdb"
        assert partitions(text, styles)

    def test_split_surrogates_are_joined(self, make):
        assert read(make.text("\ud83d\ude00"))[0] == "😀"

    def test_joiners_and_marks_stay(self, make):
        text = "👨\u200d👩\u200d👧 e\u0301 \u202bשלום"
        assert read(make.text(text))[0] == text


class TestMarkup:
    def test_the_tags(self, make):
        content = (
            '<outline color=(0.5,0,0,1) width=0.1><size=12><color=(0,1,0,0.5)><font id="9" path="/a b.ttf">[Hi]'
            "</font></color></size></outline>"
        )
        text, [only], _ = read(make.text(content, check_flag=15))
        assert text == "Hi"
        assert (only.size, only.colour, only.alpha) == (12, (0, 1, 0), 0.5)
        assert (only.font_id, only.font_path) == ("9", "/a b.ttf")
        assert only.strokes == (Stroke((0.5, 0, 0), 1.0, 0.1),)

    def test_flat_fields_say_what_the_tags_leave_open(self, make):
        flat = {"has_shadow": True, "shadow_color": "#0000ff", "border_color": "#00ff00", "border_width": 0.05}
        _, [only], _ = read(make.text("<size=5>[a]</size>", bold_width=0.01, italic_degree=10, underline=True, **flat))
        assert (only.bold, only.italic, only.underline) == (True, True, True)
        assert [stroke.colour for stroke in only.strokes] == [(0, 1, 0)]
        assert [shadow.colour for shadow in only.shadows] == [(0, 0, 1)]

    def test_letters_that_keep_their_colour(self, make):
        _, _, looks = read(make.text("<useLetterColor><size=15>[a]</size></useLetterColor><size=9>[b]</size>"))
        assert [look.own_colour for look in looks] == [True, False]

    def test_an_outline_needs_its_switch(self, make):
        content = "<outline color=(1,0,0,1) width=0.08><size=5>[a]</size></outline>"
        assert len(read(make.text(content, check_flag=15))[1][0].strokes) == 1
        assert read(make.text(content, check_flag=7))[1][0].strokes == ()

    @pytest.mark.parametrize("tag", ["size=0", "size=-2", "size=1e9", "outline color=(9,0,0,1) width=5"])
    def test_amounts_that_cannot_be_drawn_are_said(self, make, tag):
        _, [only], [look] = read(make.text(f"<{tag}>[a]</{tag.split('=')[0].split()[0]}>"))
        assert look.said
        assert 0 < only.size <= 1000
        assert all(stroke.width_em <= 1 for stroke in only.strokes)

    def test_two_runs(self, make):
        content = "<size=5>[ab]</size><size=9><b>[cd]</b></size>"
        text, styles, _ = read(make.text(content))
        assert text == "abcd"
        assert [(one.start, one.end, one.size, one.bold) for one in styles] == [(0, 2, 5, False), (2, 4, 9, True)]

    def test_brackets_stay_where_not_all_runs_have_them(self, make):
        assert read(make.text("<size=5>[a] b</size><size=6>[c]</size>"))[0] == "[a] b[c]"

    def test_what_only_looks_like_a_tag_is_text(self, make):
        assert read(make.text("<size=5>a <hello> 1<2</size>"))[0] == "a <hello> 1<2"

    def test_tags_of_an_unknown_kind_are_taken_out(self, make):
        assert read(make.text("<size=5><glow a=1>a</glow></size>"))[0] == "a"

    @pytest.mark.parametrize("content", ["<size=5>a", "<size=>a</size>", "</size>a", "<size=x><color=(1,)>a</color>"])
    def test_broken_tags(self, make, content):
        text, styles, _ = read(make.text(content, font_size=4))
        assert text == "a" if not content.startswith("</") else text.endswith("a")
        assert partitions(text, styles)

    def test_thousands_of_open_tags(self, make):
        content = "<size=5>" * 1000 + "a"
        assert read(make.text(content))[0] == "a"
        assert [len(run.tags) for run in markup.runs(content)] == [markup.MAX_DEPTH]


class TestPlain:
    def test_the_flat_fields(self, make):
        material = make.text(
            "one\ntwo",
            font_size=5.0,
            text_color="#ff8000",
            text_alpha=0.5,
            bold_width=0.008,
            italic_degree=10,
            underline=True,
            border_color="#000000",
            border_width=0.08,
            border_alpha=0.9,
        )
        text, [only], _ = read(material)
        assert text == "one\ntwo"
        assert (only.size, only.colour, only.alpha) == (5, (1, 128 / 255, 0), 0.5)
        assert (only.bold, only.italic, only.underline) == (True, True, True)
        assert only.strokes == (Stroke((0, 0, 0), 0.9, 0.08),)

    def test_a_border_without_a_colour_is_none(self, make):
        _, [only], _ = read(make.text("a", border_color="", border_width=0.08))
        assert only.strokes == ()

    @pytest.mark.parametrize("content", ["{not json", '{"no": "text"}', "[1, 2]", "<3 you", "a < b > c"])
    def test_what_is_neither_json_nor_markup(self, make, content):
        assert read(make.text(content))[0] == content

    @pytest.mark.parametrize("colour", ["", "#fff", "red", "#gggggg", "#-1-1-1", "#ffffffffff", None, 3])
    def test_colours_that_cannot_be_are_white(self, make, colour):
        _, [only], _ = read(make.text("a", text_color=colour))
        assert only.colour == (1, 1, 1)


@given(
    WORDS,
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "range": st.lists(st.integers(-3, 70) | VALUES, max_size=3) | VALUES,
                "size": VALUES,
                "fill": st.dictionaries(st.sampled_from(["alpha", "content"]), VALUES),
                "font": VALUES,
                "strokes": st.lists(st.fixed_dictionaries({"width": VALUES, "content": VALUES}), max_size=2) | VALUES,
            },
        ),
        max_size=5,
    ),
)
def test_styles_partition_any_text(text, styles):
    material = {"content": json.dumps({"text": text, "styles": styles}), "check_flag": 15}
    cleaned, styles_, _ = read(material)
    assert partitions(cleaned, styles_)
    cleaned.encode("utf-8")
    assert all(0.01 <= one.size <= 1000 and 0 <= one.alpha <= 1 for one in styles_)


@given(st.text(st.sampled_from('<>/=()[]" abisz1,é😀\n'), max_size=60))
def test_any_markup_gives_a_partition(content):
    text, styles, _ = read({"content": "<size=5>" + content})
    assert partitions(text, styles)
