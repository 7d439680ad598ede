#!/usr/bin/env python3
"""Which test proves which case of the catalogue. A test names the cases it proves in a comment (`// C07`), a scenario behind `cite:`.

usage: check.py [--write FILE --logs DIR]

Fails when a case of cases.tsv is named by no test, and ends with `N passed, N failed`: a case is one test. With --write it makes the
table of doc/conformance.md; the results are those of the last run of testsuite/run, from its folder of logs.
"""
import argparse
import collections
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SUITE = os.path.dirname(HERE)
CASE = re.compile(r"\b([A-Z][0-9]{2}|REQ [0-9]+)\b")
FUNCTION = re.compile(r"^\s+void (\w+)\(")
Test = collections.namedtuple("Test", "file name program")


def cases():
    """case -> [what it is about, and by which benchmark it is shown when that is no matter for a test]"""
    with open(os.path.join(HERE, "cases.tsv"), encoding="utf-8") as lines:
        return {line.split("\t")[0]: line.rstrip("\n").split("\t")[1:] for line in lines}


def program_of(file):
    """The row of testsuite/run's table that a file's tests are counted in."""
    parts = file.split("/")
    if parts[0] == "scenarios":
        return "scenarios"
    if parts[0] == "peers":
        return "peer-" + os.path.splitext(parts[1])[0]
    if parts[0] in ("framework", "plugins"):
        return parts[1]
    return parts[0]


def in_cpp(path, file):
    """A comment above a test function belongs to it, any other to the one that it stands in."""
    with open(path, encoding="utf-8", errors="replace") as lines:
        lines = lines.readlines()
    functions = [(i, m.group(1)) for i, line in enumerate(lines) if (m := FUNCTION.match(line))]
    for i, line in enumerate(lines):
        comment = line[line.find("//"):] if "//" in line else ""
        for case in CASE.findall(comment):
            below = i
            while below < len(lines) and lines[below].strip().startswith("//"):
                below += 1
            above = next((name for at, name in functions if at == below), None)
            within = next((name for at, name in reversed(functions) if at <= i), None)
            name = above or within or os.path.splitext(os.path.basename(file))[0]
            yield case, Test(file, name, program_of(file))


def in_text(path, file, only=None):
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if only is None or line.startswith(only):
                for case in CASE.findall(line):
                    yield case, Test(file, os.path.splitext(os.path.basename(file))[0], program_of(file))


def tests():
    found = collections.defaultdict(list)
    for folder, _, files in os.walk(SUITE):
        if folder.startswith((HERE, os.path.join(SUITE, "fuzz"), os.path.join(SUITE, "bench"))):
            continue
        for name in sorted(files):
            path = os.path.join(folder, name)
            file = os.path.relpath(path, SUITE)
            if name.endswith((".cpp", ".h")):
                named = in_cpp(path, file)
            elif name.endswith(".scenario"):
                named = in_text(path, file, "cite:")
            elif file.startswith("peers/") and name.endswith((".py", ".sh")):
                named = in_text(path, file)
            else:
                continue
            for case, test in named:
                if test not in found[case]:
                    found[case].append(test)
    return found


def results(logs):
    """program -> failed tests, of the last run."""
    with open(os.path.join(logs, "table"), encoding="utf-8") as rows:
        return {row.split()[0]: int(row.split()[2]) for row in rows if row.strip()}


def result_of(tests_of_case, failed):
    programs = {test.program for test in tests_of_case}
    unknown = sorted(program for program in programs if program not in failed)
    if unknown:
        return "not run: " + ", ".join(unknown)
    bad = sorted(program for program in programs if failed[program])
    return "failures in " + ", ".join(bad) if bad else "passes"


def write(path, wanted, found, failed):
    with open(path, "w", encoding="utf-8") as out:
        out.write("# Conformance\n\nThe cases of the test catalogue that block a release, the tests that prove them, and the result of the last "
                  "run.\nMade by `testsuite/conformance/check.py --write doc/conformance.md --logs build/test-logs` after `make test`; "
                  "`make test` fails\nwhen a case is named by no test. Paths are those below `testsuite/`.\n\n"
                  "| case | what it is about | proved by | result |\n|---|---|---|---|\n")
        for case, (about, *measured) in wanted.items():
            if measured:
                out.write(f"| {case} | {about} | measured: `{measured[0]}` | see doc/performance.md |\n")
                continue
            proof = "<br>".join(sorted(f"`{t.file}`" if t.name in t.file else f"`{t.file}` {t.name}" for t in found[case])) or "nothing"
            out.write(f"| {case} | {about} | {proof} | {result_of(found[case], failed) if found[case] else 'missing'} |\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", metavar="FILE")
    arguments.add_argument("--logs", metavar="DIR", default="build/test-logs")
    given = arguments.parse_args()
    wanted, found = cases(), tests()
    missing = [case for case, (_, *measured) in wanted.items() if not found[case] and not measured]
    for case in missing:
        print(f"{case}: no test names it ({wanted[case][0]})")
    if given.write:
        write(given.write, wanted, found, results(given.logs))
    tested = [case for case in wanted if found[case]]
    print(f"{len(tested)} passed, {len(missing)} failed")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
