"""`make soak`: all of it, two at a time, in about twenty minutes; the table in docs/reliability.md.

python -m tests.soak            all
python -m tests.soak NAME …     some of it, without writing the table
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, List

from .rows import ROWS, SECONDS, Row
from .workers import ROOT

DOCS = ROOT / "docs" / "reliability.md"
RESULTS = ROOT / "benchmarks" / "results" / "soak.json"
BEGIN, END = "<!-- soak: made by `make soak` -->\n", "<!-- end of soak -->\n"


def run_row(name: str) -> Row:
    """Run one row in a process of its own.

    name (str): Its name.
    RETURNS (Row): What came of it. A process that fails or hangs is a row that isn't met.
    """
    print(f"{name} …", flush=True)
    command = [sys.executable, "-m", "tests.soak.rows", name]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return Row(name, "", f"not done after {SECONDS:.0f} s", False, [])
    if done.returncode:
        return Row(name, "", f"exit code {done.returncode}", False, [done.stderr[-3000:]])
    row = Row(*json.loads(done.stdout.splitlines()[-1]))
    print(f"{name}: {row.found}", flush=True)
    return row


def table(rows: Dict[str, Row]) -> str:
    """rows (Dict[str, Row]): The rows by name.
    RETURNS (str): The table, in Markdown.
    """
    lines = ["| test | target | found | met |", "| --- | --- | --- | --- |"]
    for row in rows.values():
        met = "yes" if row.is_met else "no"
        lines.append(f"| {row.test} | {row.target} | {row.found} | {met} |")
    return "\n".join(lines) + "\n"


def main(names: List[str]) -> int:
    """names (List[str]): What to run; all of it where there are none.
    RETURNS (int): The exit code: 0 if all is as it should be.
    """
    with ThreadPoolExecutor(2) as pool:
        chosen = names or list(ROWS)
        rows = dict(zip(chosen, pool.map(run_row, chosen), strict=True))
    for row in rows.values():
        for failure in row.failures:
            print(f"{row.test}: {failure}")
    kept = json.loads(RESULTS.read_text(encoding="utf8")) if RESULTS.exists() else {}
    # What went wrong has been printed: it has paths of this machine.
    kept.update((name, row._replace(failures=[])._asdict()) for name, row in rows.items())
    known = {name: Row(**kept[name]) for name in ROWS if name in kept}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf8")
    docs = DOCS.read_text(encoding="utf8")
    before, after = docs.split(BEGIN)[0], docs.split(END)[1]
    DOCS.write_text(f"{before}{BEGIN}\n{table(known)}\n{END}{after}", encoding="utf8")
    print(table(rows))
    return 0 if all(row.is_met for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
