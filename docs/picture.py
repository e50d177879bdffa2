#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws what a terminal shows as an SVG picture.

    umtrace --color always CAPTURE | docs/picture.py 'umtrace CAPTURE' > docs/report.svg"""
import html
import re
import sys

LINE_HEIGHT, CHARACTER_WIDTH, MARGIN, SIZE = 18, 8.43, 16, 14
COLORS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff",
          "36": "#76e3ea", "90": "#8b949e", "2": "#8b949e"}


def spans(line):
    """(text, color or None, bold) pieces of a line with ANSI colours."""
    color, bold = None, False
    for piece in re.split(r"(\033\[[0-9;]*m)", line):
        if not piece.startswith("\033"):
            if piece:
                yield piece, color, bold
            continue
        for code in piece[2:-1].split(";"):
            if code in ("", "0"):
                color, bold = None, False
            elif code == "1":
                bold = True
            else:
                color = COLORS.get(code, color)


def main():
    lines = ["$ " + sys.argv[1], ""] + sys.stdin.read().rstrip("\n").split("\n")
    width = int(80 * CHARACTER_WIDTH + 2 * MARGIN)
    height = len(lines) * LINE_HEIGHT + 2 * MARGIN
    print('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" role="img" '
          'aria-label="A report of umtrace in a terminal">' % (width, height))
    print('<rect width="100%" height="100%" rx="8" fill="#0d1117"/>')
    print('<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="%d" '
          'fill="#e6edf3" xml:space="preserve">' % SIZE)
    for row, line in enumerate(lines):
        column, y = 0, MARGIN + (row + 1) * LINE_HEIGHT - 4
        for text, color, bold in spans(line):
            print('<text x="%.1f" y="%d" textLength="%.1f"%s%s>%s</text>' % (
                MARGIN + column * CHARACTER_WIDTH, y, len(text) * CHARACTER_WIDTH,
                ' fill="%s"' % color if color else "", ' font-weight="bold"' if bold else "",
                html.escape(text)))
            column += len(text)
    print("</g></svg>")


if __name__ == "__main__":
    main()
