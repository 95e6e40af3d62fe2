"""The tool that makes mutants: each operator, what is left alone, the choice, and that the tree is not touched."""

import sys
from pathlib import Path

import pytest
from judging.judges import NAMES, Verdict
from judging.process import run
from judging.report import row, table
from judging.scratch import scratch_copy
from making.areas import AREAS, area_of, neighbours, own_tests
from making.by_hand import made_by_hand
from making.mutant import Edit, Mutant
from making.operators import edits_of, place_of
from making.selection import selected

TREE = Path(__file__).parents[1]
MUTANT = Mutant("one", "log", "kbroker/storage/log/log.py", [Edit("constant", 12, "1024", "1025")])


def mutated(source: str, operator: str) -> list[str]:
    """What an operator makes of a source, each of which must still be Python."""
    made = [
        edit.applied(source.encode()).decode()
        for edit in edits_of(source.encode())
        if edit.operator == operator
    ]
    for text in made:
        compile(text, "mutant", "exec")
    return made


@pytest.mark.parametrize(
    ("operator", "source", "expected"),
    [
        ("comparison", "x = a < b", ["x = (a <= b)"]),
        ("comparison", "x = a <= b < c", ["x = (a < b < c)", "x = (a <= b <= c)"]),
        ("comparison", "x = a >= b", ["x = (a > b)"]),
        ("comparison", "x = a is None", ["x = (a is not None)"]),
        ("comparison", "x = a in b", ["x = (a not in b)"]),
        ("arithmetic", "x = a + b", ["x = (a - b)"]),
        ("off_by_one", "x = a - b", ["x = (a - b + 1)"]),
        ("constant", "x = 7", ["x = 8"]),
        ("constant", "x = -1", ["x = -2"]),
        ("constant", "x = True", ["x = False"]),
        ("and_or", "x = a and b and c", ["x = (a or b or c)"]),
        ("and_or", "x = a or (b, c)", ["x = (a and (b, c))"]),
        ("not", "x = not a", ["x = (a)"]),
        ("condition", "if a.b():\n    pass", ["if (not (a.b())):\n    pass"]),
        ("condition", "while (x := f()):\n    pass", ["while ((not (x := f()))):\n    pass"]),
        ("condition", "x = [a for a in b if a]", ["x = [a for a in b if (not (a))]"]),
        ("statement", "f(a)", ["pass"]),
        ("statement", "raise KafkaError(a + 1)", ["pass"]),
        ("statement", "a.b = c", ["pass"]),
        ("statement", "a[b] = c", ["pass"]),
        ("statement", "a += b", ["pass"]),
        ("statement", "del a[b]", ["pass"]),
        ("statement", "async def f():\n    await g(\n        a\n    )", ["async def f():\n    pass"]),
        ("loop", "for a in b:\n    break", ["for a in b:\n    continue"]),
        ("return", "def f() -> int:\n    return a", ["def f() -> int:\n    return ((a) + 1)"]),
        ("return", "def f() -> bool:\n    return a", ["def f() -> bool:\n    return (not (a))"]),
        ("return", "def f() -> int | None:\n    return a", ["def f() -> int | None:\n    return None"]),
    ],
)  # fmt: skip
def test_an_operator_makes_its_mistake(operator: str, source: str, expected: list[str]) -> None:
    assert mutated(source, operator) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""A text: 1 + 1."""',
        "log.warning('%d', a + 1)",
        "_logger = logging.getLogger(__name__)",
        "import a",
        "a: Literal[1]",
        "def f(a: Literal[1]) -> Literal[2]: ...",
        "def __repr__(self):\n    return a < 1",
        "@frozen(eq=False)\nclass A: ...",
        "if TYPE_CHECKING:\n    x = 1",
        "x = f'{a + 1}'",
        "a = b + '.log'",
        "a = path + SUFFIX",
        "a = zip(b, c, strict=True)",
        "a = b",  # a local that isn't there stops any test
    ],
)
def test_what_no_test_could_see_is_left_alone(source: str) -> None:
    assert edits_of(source.encode()) == []


def test_a_condition_is_negated_by_one_operator_only() -> None:
    assert not mutated("if a == b:\n    pass", "condition")
    assert not mutated("if not a:\n    pass", "condition")
    assert mutated("if a < b:\n    pass", "condition") == ["if (not (a < b)):\n    pass"]


def test_places_are_told_and_found_behind_characters_of_several_bytes() -> None:
    source = "x = 'é'\ny = ('é', 1)\n"
    (edit,) = edits_of(source.encode())
    assert edit.applied(source.encode()).decode() == "x = 'é'\ny = ('é', 2)\n"
    assert place_of(source.encode(), edit) == "2:12"


def test_an_edit_of_another_source_is_refused() -> None:
    with pytest.raises(ValueError, match="no '1' at byte 4"):
        Edit("constant", 4, "1", "2").applied(b"y = 3")


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """Two areas of two mutants each."""
    for path in ("kbroker/state/offsets.py", "kbroker/state/producers.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x = a < b\ny = 5\n")
    return tmp_path


def test_the_choice_comes_from_the_seed_and_is_spread(small_tree: Path) -> None:
    three = selected(small_tree, 3, seed=1)
    assert three == selected(small_tree, 3, seed=1)
    assert [each.area for each in three] == ["offsets", "producers", "offsets"]
    assert {three[0].edits[0].operator, three[2].edits[0].operator} == {"comparison", "constant"}
    assert len({tuple(each.name for each in selected(small_tree, 3, seed)) for seed in range(9)}) > 1


def test_the_choice_can_be_of_some_areas_modules_or_files(small_tree: Path) -> None:
    for only in ("producers", "kbroker/state/producers.py"):
        assert {each.path for each in selected(small_tree, 9, 1, [only])} == {"kbroker/state/producers.py"}
    assert len(selected(small_tree, 9, 1)) == 4


def test_areas_have_files_and_tests() -> None:
    for area in AREAS:
        assert area.files(TREE)
        for path in area.files(TREE):
            assert area_of(path) == area.name
            assert (TREE / own_tests(path)).exists()
        assert len(neighbours(path, TREE)) > 5
    with pytest.raises(LookupError):
        area_of("kbroker/clock.py")


def test_those_made_by_hand_can_be_made_of_this_tree() -> None:
    made = made_by_hand(TREE)
    assert len({each.name for each in made}) == len(made) > 15
    for mutant in made:
        source = (TREE / mutant.path).read_bytes()
        for edit in reversed(mutant.edits):
            source = edit.applied(source)
        compile(source, mutant.name, "exec")


def test_a_mutant_lives_in_a_copy(tmp_path: Path) -> None:
    module = tmp_path / MUTANT.path
    module.parent.mkdir(parents=True)
    module.write_text("POSITIONS = 1024\n")
    (tmp_path / "kbroker" / "__pycache__").mkdir()
    with scratch_copy(tmp_path, MUTANT) as copy:
        assert (copy / MUTANT.path).read_text() == "POSITIONS = 1025\n"
        assert module.read_text() == "POSITIONS = 1024\n"
        assert not (copy / "kbroker" / "__pycache__").exists()
    assert not copy.exists()


def test_a_judge_imports_the_copy_and_leaves_no_bytecode(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "kbroker").mkdir(parents=True)
    (tree / "kbroker" / "__init__.py").write_text("")
    ran = run([sys.executable, "-c", "import kbroker; print(kbroker.__file__)"], tree, 60)
    assert (ran.status, ran.output.strip()) == (0, str(tree / "kbroker" / "__init__.py"))
    assert list(tree.rglob("*.pyc")) == []


def test_a_judge_that_does_not_end_is_ended(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    ran = run([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "tree", 0.2)
    assert ran.status is None
    assert ran.seconds < 60


def test_results_are_counted_once_by_area() -> None:
    caught, survived = Verdict("others", True, "test_x", 2.0), Verdict("checker", False, "", 1.0)
    rows = [row(MUTANT, [survived]), row(MUTANT, [Verdict("own", False, "", 1.0), caught])]
    assert rows[1]["caught_by"] == "others"
    assert rows[1]["judges"] == ["own", "others"]
    lines = table(rows).splitlines()
    assert lines[0] == f"| area | made | {' | '.join(NAMES)} | survived |"
    assert lines[2] == "| log | 1 | 0 | 1 | 0 | 0 |"
    assert lines[-1] == "| all | 1 | 0 | 1 | 0 | 0 |"
