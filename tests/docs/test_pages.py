"""The pages for people say what is true: files exist, links lead somewhere, queries match the schema."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from arrears.imports.mapping import parse_mapping
from arrears_csv_importer import CsvFormat

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("sdk/**/*.md"),
        *ROOT.glob("plugins/*/*.md"),
    ]
    if "node_modules" not in path.parts
)
DECISIONS = sorted(path for path in (ROOT / "docs/decisions").glob("*.md") if path.name != "README.md")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
GRAPHQL = re.compile(r"^```graphql\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings can be linked by, as the usual hosts form them."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))


def test_the_readme_names_the_two_commands_before_anything_else() -> None:
    blocks = re.findall(
        r"^```\w*\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    first = [line.split("#")[0].strip() for line in blocks[0].splitlines()]
    assert first == ["make demo", "make test"]


def test_the_reading_order_names_seven_files_that_exist() -> None:
    text = (ROOT / "docs/reading-order.md").read_text(encoding="utf-8")
    steps = re.findall(r"^## \d\. \[`?([^`\]]+)`?\]\(\.\./([^)]+)\)", text, re.MULTILINE)
    assert len(steps) == 7
    assert [target for _, target in steps if not (ROOT / target).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, fragment = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists() or (fragment and fragment not in anchors(linked)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_every_decision_ends_with_what_would_reverse_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    last = re.split(r"\n(?=\*\*|## )", text.strip())[-1]
    assert re.match(r"(\*\*|## )What would reverse it", last)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if GRAPHQL.search(page.read_text("utf-8"))], ids=lambda page: page.name
)
def test_every_query_in_a_page_is_valid_against_the_schema(page: Path, schema: GraphQLSchema) -> None:
    for operation in GRAPHQL.findall(page.read_text(encoding="utf-8")):
        assert validate(schema, parse(operation)) == [], operation


@pytest.mark.parametrize(
    "page", [page for page in PAGES if PYTHON.search(page.read_text("utf-8"))], ids=lambda page: page.name
)
def test_every_python_example_of_a_page_runs(page: Path) -> None:
    names: dict[str, object] = {}
    for example in PYTHON.findall(page.read_text(encoding="utf-8")):
        # An example may go on where the one before it ended.
        exec(compile(example, str(page), "exec"), names)


def test_every_mapping_of_the_readme_and_the_examples_is_one() -> None:
    examples = [path.read_text(encoding="utf-8") for path in (ROOT / "docs/examples").glob("*.toml")]
    for mapping in [*TOML.findall((ROOT / "README.md").read_text(encoding="utf-8")), *examples]:
        assert CsvFormat().check(parse_mapping(mapping)) == ()


def test_the_generated_pages_follow_the_code() -> None:
    checked = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_the_architecture_page_names_every_table() -> None:
    scripts = (ROOT / "platform/src/arrears/migrations/foundations").glob("*.sql")
    made = {
        table
        for script in scripts
        for table in re.findall(r"^create table (?:if not exists )?(\w+)", script.read_text("utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(\w+)`", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")))
    assert made - named == set()
