"""The page of words: those that occur, and the metrics."""

from finmodel.graph import line, metric, total
from finmodel.graph.outline import Word
from finmodel.lines.glossary import WORDS
from finmodel.render.sheet import Sheet
from finmodel.report.layout import KEY, NOTE
from finmodel.report.pages.glossary import glossary_sheet
from tests.graph.toys import MONTHLY, model

GIVEN = (Word("DSCR", "Cover."), Word("Tenor", "Time.", ("debt_tenor",)), Word("Pay", "Money."), Word("Age", "Years."))


def page(*texts: str) -> Sheet:
    sheet = Sheet("Somewhere")
    for row, text in enumerate(texts):
        sheet.text(row, 0, text)
    sheet.formula(9, 0, "1+1", 2.0, sheet.cells[0, 0].style)

    @line("USD")
    def flow(m):
        """A flow."""
        return m.period * 0

    @metric("USD")
    def worth(m):
        """What it is worth.

        Source: a book.
        """
        return total(m.flow)

    return glossary_sheet(GIVEN, model(MONTHLY, flow=flow, worth=worth), [sheet])


def words(sheet: Sheet) -> list[str]:
    return [str(sheet.cells[row, KEY].content) for row in range(4, sheet.last_row + 1) if (row, KEY) in sheet.cells]


def test_only_words_that_occur_are_explained_and_no_part_of_a_word_counts() -> None:
    assert words(page("Lowest dscr.", "debt_tenor.building", "repayment", "Pageant")) == ["DSCR", "Tenor", "worth"]


def test_a_metric_is_explained_by_all_of_its_docstring() -> None:
    sheet = page("nothing")
    assert words(sheet) == ["worth"]
    assert sheet.cells[sheet.last_row, NOTE].content == "What it is worth. Source: a book."


def test_every_word_has_a_meaning_in_a_sentence_or_two() -> None:
    assert len({word.name for word in WORDS}) == len(WORDS)
    for word in WORDS:
        assert word.meaning.endswith("."), word
        assert word.meaning.count(". ") <= 1, word
        assert 20 < len(word.meaning) < 200, word
