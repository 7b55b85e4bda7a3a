"""Which rows are on the screen, and where the cursor is."""

from __future__ import annotations

from tickstream.sinks.window import Window

TEN = tuple("ABCDEFGHIJ")


def shown(window: Window, symbols: tuple[str, ...] = TEN, room: int = 4) -> str:
    return "".join(symbols[window.show(symbols, room)])


def test_without_a_cursor_the_first_rows_are_shown() -> None:
    window = Window()
    assert shown(window) == "ABCD"
    assert window.cursor is None


def test_the_window_follows_the_cursor() -> None:
    window = Window()
    shown(window)
    window.move(1)
    assert window.cursor == "A"
    for _ in range(5):
        window.move(1)
    assert (window.cursor, shown(window)) == ("F", "CDEF")
    window.top()
    assert (window.cursor, shown(window)) == ("A", "ABCD")
    window.page(1)
    assert (window.cursor, shown(window)) == ("D", "ABCD")
    window.bottom()
    window.move(1)
    assert (window.cursor, shown(window)) == ("J", "GHIJ")
    window.move(-9)
    assert window.cursor == "A"


def test_a_cursor_that_comes_up_upwards_stands_on_the_last_row_shown() -> None:
    window = Window()
    shown(window)
    window.move(-1)
    assert window.cursor == "D"


def test_the_cursor_goes_with_its_symbol_where_rows_are_sorted_anew() -> None:
    window = Window()
    shown(window)
    window.go("B")
    assert shown(window, TEN[::-1]) == "FEDCBA"[1:5]
    assert window.cursor == "B"


def test_where_its_symbol_is_gone_the_cursor_stays_in_its_place() -> None:
    window = Window()
    shown(window)
    window.go("D")
    assert shown(window, tuple("ABCEFGHIJ")) == "ABCE"
    assert window.cursor == "E"
    assert shown(window, ("A",)) == "A"
    assert window.cursor == "A"
    assert shown(window, ()) == ""
    window.move(1)
    assert not window.cursor


def test_more_room_shows_more_and_never_air_where_there_are_rows() -> None:
    window = Window()
    shown(window)
    window.bottom()
    assert shown(window) == "GHIJ"
    assert shown(window, room=8) == "CDEFGHIJ"


def test_finding_goes_round_and_may_start_behind_the_cursor() -> None:
    window = Window()
    shown(window)
    assert window.find(lambda symbol: symbol in "BF")
    assert window.cursor == "B"
    assert window.find(lambda symbol: symbol in "BF", after=True)
    assert window.cursor == "F"
    assert window.find(lambda symbol: symbol in "BF", after=True)
    assert window.cursor == "B"
    assert not window.find(lambda symbol: symbol == "Z")
    assert window.cursor == "B"
