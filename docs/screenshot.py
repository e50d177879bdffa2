#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the picture of the HTML report that the documentation shows.

    umtrace -F html -o page.html samples/captures/morning.pcap && docs/screenshot.py page.html docs/page.png"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "browser"))
from chromium import Chromium


def main():
    with Chromium() as browser:
        page = browser.open(sys.argv[1], width=1180, height=860)
        page.settle()
        page.picture(sys.argv[2])


if __name__ == "__main__":
    main()
