"""Problems with one cause are one problem."""

from __future__ import annotations

from station.intake.problem import Problem, ProblemKind, Weight
from station.intake.problem_groups import grouped
from station.language import Text


def problem(
    row: int, read: str, expected: str, weight: Weight = Weight.HELD
) -> Problem:
    return Problem(
        weight=weight,
        trouble=ProblemKind.COUNT_FORM,
        file="a.csv",
        row=row,
        column="DPT",
        read=read,
        expected=Text(expected),
        mend=Text("perbaiki di berkas, lalu impor lagi"),
    )


def test_one_problem_keeps_its_own_sentence() -> None:
    alone = problem(3, "x", "bilangan bulat seperti 293")

    (group,) = grouped([alone])

    assert group.text == str(alone)


def test_problems_that_expect_the_same_are_one_in_the_order_of_the_files() -> None:
    same = [problem(n, str(n), "bilangan bulat seperti 293") for n in (9, 2, 5)]
    other = problem(3, "x", "bilangan bulat dari 0 ke atas")
    note = problem(4, "y", "bilangan bulat seperti 293", Weight.NOTE)

    groups = grouped([same[0], other, same[1], note, same[2]])

    assert [group.problems for group in groups] == [tuple(same), (other,), (note,)]
    assert groups[0].values == ("9", "2", "5")
    assert "dan 2 tempat lain" in groups[0].text
    assert all(f"baris {row}" in str(groups[0]) for row in (9, 2, 5))


def test_many_values_are_named_in_part() -> None:
    (group,) = grouped(
        problem(n, f"x{n}", "bilangan bulat seperti 293") for n in range(20)
    )

    assert '"x5" dan lain-lain' in group.read
    assert '"x6"' not in group.read
