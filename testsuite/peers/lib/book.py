"""A document with commands in it: its code blocks, their commands, and what is shown below them."""
import re


class Command:
    """One command of a block. `ends`: the exit code that its comment tells, 0 unless it says otherwise; `shown`: the lines below it."""

    def __init__(self, text, comment, place):
        self.text = text
        self.place = place
        told = re.search(r"ends with (\d+)", comment)
        self.ends = int(told.group(1)) if told else 0
        self.shown = None


class Book:
    """`steps`: in the order of the document, ("command", Command), ("xml", its text) or ("section", its title)."""

    def __init__(self, path, name):
        self.steps = []
        self.inline = []
        with open(path, encoding="utf-8") as file:
            self._read(file.read().splitlines(), name)

    def _read(self, lines, name):
        block, language, last = None, "", None
        for number, line in enumerate(lines, 1):
            if line.startswith("```"):
                if block is None:
                    block, language, start = [], line[3:], number
                else:
                    last = self._close(block, language, f"{name}:{start}", last)
                    block = None
            elif block is not None:
                block.append(line)
            elif line.startswith("## "):
                self.steps.append(("section", line[3:]))
            else:
                self.inline += re.findall(r"`([^`]+)`", line)

    def _close(self, block, language, place, last):
        if language == "sh":
            for text, comment in self._commands(block):
                last = Command(text, comment, place)
                self.steps.append(("command", last))
        elif language == "text" and last:
            last.shown = block
        elif language == "xml":
            self.steps.append(("xml", "\n".join(block)))
        return last

    @staticmethod
    def _commands(block):
        for line in re.sub(r"\\\n\s*", " ", "\n".join(block)).splitlines():
            text, _, comment = re.sub(r"(^|\s+)#\s", "\0", line, count=1).partition("\0")
            if text.strip():
                yield text.strip(), comment


def shape(shown, output):
    """Why the output does not look like what is shown, or nothing: same lines, words and order; numbers and identifiers may be others. A line
    `...` stands for any lines, `...` in a line for any text."""
    pattern = ""
    for line in shown:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
            continue
        for part in re.split(r"(\.\.\.|[0-9a-f]{10,}|[0-9]+(?:\.[0-9]+)?|\s+)", line.rstrip()):
            if part == "...":
                pattern += ".*"
            elif re.fullmatch(r"[0-9a-f]{10,}", part):
                pattern += r"[0-9a-f]+"
            elif re.fullmatch(r"[0-9][0-9.]*", part):
                pattern += r"[0-9]+(?:\.[0-9]+)?"
            else:
                pattern += r"[ \t]+" if part and part.isspace() else re.escape(part)
        pattern += r"[ \t]*\n"
    return "" if re.fullmatch(pattern, output if output.endswith("\n") else output + "\n") else "shown:\n" + "\n".join(shown)
