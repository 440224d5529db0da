"""The command line: reads arguments, asks a case, prints.

Exit status: 0 done; 2 the input is at fault (the faults on standard error); 130 interrupted; 1 anything else.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from finmodel import terminal
from finmodel.errors import Fault, Faults, FinmodelError, MachineFault, ModelFault

if TYPE_CHECKING:
    from finmodel.case import Case

REFERENCE = "reference-1gw"
INTERRUPTED = 130  # as shells report Ctrl-C


class Design(StrEnum):
    """How the uncertain inputs are drawn."""

    sobol = "sobol"
    lhs = "lhs"
    random = "random"


class Listed(StrEnum):
    """What `finmodel list` lists."""

    lines = "lines"
    inputs = "inputs"
    cases = "cases"
    platforms = "platforms"
    regions = "regions"


app = typer.Typer(
    name="finmodel",
    help="A sourced financial model of AI gigafactories.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="A case's name, or the path of its file.")]
ScenarioOption = Annotated[str | None, typer.Option(metavar="NAME", help="A scenario of the case.")]
ValuesOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Fix an input, in its own unit; may be given again."),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of the draws.")]
DesignOption = Annotated[Design, typer.Option(help="How the uncertain inputs are drawn.")]
ThreadsOption = Annotated[int | None, typer.Option(min=1, help="Threads; every core unless given.")]


P = ParamSpec("P")


def _stoppable(command: Callable[P, None]) -> Callable[P, None]:
    """A command that says, when it is interrupted, how to go on."""

    @functools.wraps(command)
    def stoppable(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BaseException as error:
            stop = _interruption(error)
            if stop is None:
                raise
            kept = "; ".join(getattr(stop, "__notes__", ()))
            said = f"interrupted: {kept or 'no file is left half written'}; give the same command again to go on"
            terminal.console(stderr=True).print(said, soft_wrap=True)
            raise typer.Exit(INTERRUPTED) from stop

    return stoppable


def _interruption(error: BaseException | None) -> KeyboardInterrupt | None:
    """The interruption behind an error: some code makes another error of whatever is raised in it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error


@app.command()
@_stoppable
def run(
    name: CaseArgument = REFERENCE,
    paths: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Number of simulated paths: 65,536 unless given. With --until the most, 1,048,576 unless given.",
        ),
    ] = None,
    seed: SeedOption = 0,
    design: DesignOption = Design.sobol,
    scenario: ScenarioOption = None,
    values: ValuesOption = None,
    threads: ThreadsOption = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="METRIC STATISTIC TOLERANCE, such as 'project_npv mean 1%' or 'project_irr p5 0.001': "
            "add paths until the 95 % interval reaches no further.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the case's folder of files.")] = Path("outputs"),
    simulation: Annotated[
        bool, typer.Option("--simulation/--no-simulation", help="Simulate, or only the base case.")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="Print summary.json and nothing else.")] = False,
) -> None:
    """Evaluate and simulate a case; write its files.

    DIR/CASE/ receives workbook.xlsx, simulation.parquet and summary.json. A long simulation that was interrupted goes
    on where it stopped when the same command is given again.
    """
    case = _load(name, scenario, values or [])
    base = case.evaluate()
    folder = case.folder(out)
    drawn = None
    if simulation:
        with terminal.progress("Simulating") as progress:
            drawn = case.simulate(
                paths=paths,
                seed=seed,
                design=design.value,
                threads=threads,
                progress=progress,
                folder=folder,
                until=until,
            )
    summary = case.summary(base, drawn)
    delay = "" if json else case.delay_in_words
    with terminal.progress("Writing") as progress:
        written = case.write(folder, summary, drawn, progress)
    if drawn is not None:
        drawn.discard()
    if json:
        sys.stdout.write(summary.json())
        return
    console = terminal.console()
    console.print(summary)
    console.print(delay, soft_wrap=True)
    for path in written:
        console.print(f"wrote {path}", soft_wrap=True)


@app.command()
def check(names: Annotated[list[str], typer.Argument(metavar="CASE...", help="Names or paths of cases.")]) -> None:
    """Prove that cases are sound.

    Every input has a sourced figure of its unit within its bounds, and every figure a use. All faults are said at once.
    """
    failed: list[FinmodelError] = []
    for name in names:
        try:
            report = _load(name).check()
        except FinmodelError as error:
            failed.append(error)
        else:
            terminal.console().print(str(report), soft_wrap=True)
    for fault in failed:
        _complain(fault)
    if failed:
        raise typer.Exit(max(_status(fault) for fault in failed))


@app.command("list")
def list_(what: Annotated[Listed, typer.Argument(metavar="|".join(Listed))]) -> None:
    """List what there is.

    Lines and inputs are those of the reference case.
    """
    from finmodel.case import library

    rows: Iterable[tuple[str, ...]]
    if what is Listed.inputs:
        _print_inputs(_load(REFERENCE))
        return
    if what is Listed.lines:
        headings = ["line", "unit", "note"]
        rows = ((line.name, line.unit, line.note) for line in _load(REFERENCE).model.lines.values())
    else:
        headings = [what.removesuffix("s"), "title"]
        rows = library(what.value).items()
    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    terminal.console().print(table)


@app.command()
def explain(
    name: CaseArgument,
    line: Annotated[str, typer.Argument(metavar="LINE", help="A line, metric or input of the case.")],
    period: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="The period, by the month in which it ends.")
    ] = None,
) -> None:
    """Say why a line has its value.

    Its formula and its arguments, down to figures and their sources.
    """
    terminal.console().print(str(_load(name).evaluate().explain(line, period)), soft_wrap=True)


@app.command()
def compare(
    names: Annotated[
        list[str], typer.Argument(metavar="CASE CASE...", help="Names or paths of cases, or CASE@SCENARIO.")
    ],
    paths: Annotated[
        int | None, typer.Option(min=1, help="Simulate all on so many common paths, and compare the means.")
    ] = None,
    seed: SeedOption = 0,
    design: DesignOption = Design.sobol,
    threads: ThreadsOption = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the folder 'comparison'.")] = Path("outputs"),
    json: Annotated[bool, typer.Option("--json", help="Print the comparison for programs and nothing else.")] = False,
) -> None:
    """Set cases and scenarios side by side.

    Where structure and figures differ, and what that does to the metrics; differences are to the first.
    DIR/comparison/ receives workbook.xlsx, in which they are formulas.
    """
    if len(names) < 2:
        raise typer.BadParameter("two or more are compared", param_hint="CASE CASE...")
    cases: list[Case] = []
    failed: list[FinmodelError] = []
    with terminal.progress("Evaluating") as progress:
        for done, name in enumerate(names, 1):
            try:
                case = _load(*_scenario_of(name))
                case.evaluate()
                cases.append(case)
            except FinmodelError as error:
                failed.append(error)
            if progress is not None:
                progress(done, len(names))
    for fault in failed:
        _complain(fault)
    if failed:
        raise typer.Exit(max(_status(fault) for fault in failed))
    folder = _folder_of_comparison(out)
    with terminal.progress("Simulating") as progress:
        comparison = cases[0].compare(
            *cases[1:], paths=paths, seed=seed, design=design.value, threads=threads, progress=progress
        )
    written = comparison.write(folder)
    if json:
        sys.stdout.write(comparison.json())
        return
    console = terminal.console()
    console.print(comparison)
    for path in written:
        console.print(f"wrote {path}", soft_wrap=True)


@app.command("import")
def import_(
    workbook: Annotated[Path, typer.Argument(metavar="WORKBOOK", help="A workbook that finmodel wrote, as edited.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="CASE.yaml",
            help="The new case's file, which is replaced if it is there; <case>-edited.yaml here unless given.",
        ),
    ] = None,
) -> None:
    """Bring back what was changed in a workbook.

    Says which figures were changed, and writes a case with them that keeps sources and comments. A workbook with a
    formula, a name or another number changed is refused, with its cells named.
    """
    from finmodel.case import bring_back

    with terminal.progress("Reading") as progress:
        found = bring_back(workbook, out, progress)
    console = terminal.console()
    console.print(found)
    replaced = out is not None and out.exists()
    path = found.write(out)
    console.print(f"{'replaced' if replaced else 'wrote'} {path}", soft_wrap=True)


@app.command()
def solve(
    name: CaseArgument,
    vary: Annotated[str, typer.Option(metavar="INPUT", help="The input whose value is sought.")],
    target: Annotated[
        str,
        typer.Option(
            metavar="METRIC=VALUE",
            help="What it is to reach: 'project_npv=0' in the base case; "
            "on paths 'P(project_npv>0)=90%' or 'p10(project_npv)=0'.",
        ),
    ],
    scenario: ScenarioOption = None,
    values: ValuesOption = None,
    between: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="LOW HIGH", help="Where to look, in the input's unit; else outward from its figure."),
    ] = None,
    paths: Annotated[int, typer.Option(min=1, help="Number of paths, for a target on paths.")] = 65_536,
    seed: SeedOption = 0,
    design: DesignOption = Design.sobol,
    threads: ThreadsOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print the solution for programs and nothing else.")] = False,
) -> None:
    """Find the value of an input at which a target is reached.

    All else stays as it is. Where several values reach it, all that were found are said, the nearest to the case's own
    first; where none does, what the target comes to at the ends.
    """
    case = _load(name, scenario, values or [])
    solution = case.solve(vary, target, between=between, paths=paths, seed=seed, design=design.value, threads=threads)
    if json:
        sys.stdout.write(solution.json())
        return
    terminal.console().print(str(solution), soft_wrap=True)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from finmodel import __version__

        sys.stdout.write(f"finmodel {__version__}\n")
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(arguments)
    except FinmodelError as error:
        _complain(error)
        sys.exit(_status(error))


def _load(name: str, scenario: str | None = None, values: Sequence[str] = ()) -> Case:
    from finmodel.case import load

    settings = _settings(values)
    case = load(name)
    if scenario is not None:
        case = case.scenario(scenario)
    return case.with_values(**settings) if settings else case


def _folder_of_comparison(out: Path) -> Path:
    from finmodel.case import folder_of_comparison

    return folder_of_comparison(out)


def _scenario_of(text: str) -> tuple[str, str | None]:
    """A case and its scenario from CASE@SCENARIO; the path of a file is a case, whatever it holds."""
    name, at, scenario = text.rpartition("@")
    return (text, None) if not at or Path(text).is_file() else (name, scenario)


def _settings(values: Sequence[str]) -> dict[str, float]:
    settings: dict[str, float] = {}
    faults: list[Fault] = []
    for text in values:
        name, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not name or not math.isfinite(value):
            faults.append(
                Fault(
                    "--set is not understood",
                    found=repr(text),
                    expected="NAME=VALUE, VALUE a finite number in the input's own unit",
                )
            )
        elif name in settings:
            faults.append(Fault("--set is given twice for one input", key=name, found=repr(text), expected="one value"))
        else:
            settings[name] = value
    if faults:
        raise Faults(faults)
    return settings


def _print_inputs(case: Case) -> None:
    """Every input with what its range implies: in a pipe a line each, on a terminal words below the numbers.

    Where a terminal is too narrow for a line of numbers behind the name, they stand below it.
    """
    console = terminal.console()
    headings = ["input", "value", "mean", "sd", "P5", "P50", "P95", "unit"]
    rows = list(_inputs(case, 6 if console.is_terminal else 12))
    if not console.is_terminal:
        table = Table(*headings, "range", "grade", "note", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
        return
    widths = [max(len(row[place]) for row in (headings, *rows)) for place in range(len(headings))]
    wide = sum(widths) + 2 * (len(widths) - 1) <= console.width

    def lines(cells: Sequence[str]) -> str:
        name, *numbers, unit = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        if wide:
            return "  ".join((name.strip().ljust(widths[0]), *numbers, unit.strip()))
        return f"{name.strip()}  {unit.strip()}\n    {'  '.join(numbers)}"

    console.print(Text(lines(headings), style="bold"))
    for row in rows:
        console.print(Text(lines(row[: len(headings)])))
        words = "; ".join(word for word in row[len(headings) :] if word)
        console.print(Padding(Text(words, style="dim"), (0, 0, 0, 4)))


def _inputs(case: Case, digits: int) -> Iterator[tuple[str, ...]]:
    """Name, base value to so many digits, mean, sd, P5, P50, P95, unit, range, grade and note of each input."""
    for name, figure in case.figures.items():
        implied, words = case.implied(name), "" if figure.range is None else str(figure.range)
        moments = ("",) * 5 if implied is None else (implied.mean, implied.sd, implied.p5, implied.p50, implied.p95)
        numbers = [_rounded(figure.value, digits), *(_rounded(x, 4) if isinstance(x, float) else x for x in moments)]
        yield name, *numbers, figure.unit, words, figure.grade, case.model.inputs[name].note


def _rounded(value: float, digits: int) -> str:
    return f"{float(f'{value:.{digits}g}'):,.12g}"


def _status(error: FinmodelError) -> int:
    return 1 if isinstance(error, ModelFault | MachineFault) else 2


def _complain(error: FinmodelError) -> None:
    terminal.console(stderr=True).print(str(error), soft_wrap=True)
