# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of measurements as text, and as the tables of docs/performance.md."""
import collections
import statistics

# cpu: seconds; spread: half of the middle 50 %, as a part of cpu; ratio: to the libpcap loop
Row = collections.namedtuple("Row", "mode size tool cpu spread ratio memory answer")

YARDSTICK = "libpcap loop"
KEYS_YARDSTICK, RECORDS_YARDSTICK = "openssl speed, 16 KB", "openssl speed, mean record"
TOOL, PIPE = "umtrace", "umtrace, pipe"
CPU_GROWTH_MAX = 1.05    # as a multiple of how much more data there is
MEMORY_GROWTH_MAX = 0.10  # from the smallest capture on
SIZES = {10**8: "100 MB", 10**9: "1 GB", 10**10: "10 GB"}


def rows_of(mode, size, runs, answers):
    yardstick = statistics.median(cpu for cpu, _ in runs[YARDSTICK])
    rows = []
    for tool, costs in runs.items():
        cpus = sorted(cpu for cpu, _ in costs)
        cpu = statistics.median(cpus)
        spread = (cpus[len(cpus) * 3 // 4] - cpus[len(cpus) // 4]) / 2 / cpu if cpu else 0
        rows.append(Row(mode, size, tool, cpu, spread, cpu / yardstick,
                        max(memory for _, memory in costs), answers[tool]))
    return rows


def text(rows):
    lines = ["%-16s %-7s %-26s %9s %6s %9s %8s  %s" % ("capture", "size", "tool", "CPU s", "+-",
                                                     "x loop", "MB peak", "found")]
    for row in rows:
        lines.append("%-16s %-7s %-26s %9.3f %5.0f%% %9s %8.1f  %s" % (
            row.mode, SIZES[row.size], row.tool, row.cpu, 100 * row.spread,
            "%.2f" % row.ratio if row.ratio else "", row.memory, row.answer))
    return "\n".join(lines)


def table(head, body):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(line) + " |" for line in body]
    return "\n".join(lines) + "\n"


def costs(rows, size):
    """What each tool costs, as a multiple of the libpcap loop."""
    body = [[row.mode, row.tool, "%.3f" % row.cpu, "%.0f %%" % (100 * row.spread),
             "%.2f" % row.ratio, "%.1f" % row.memory, row.answer]
            for row in rows if row.size == size and row.ratio]
    return table(["capture", "tool", "CPU s", "spread", "x libpcap loop", "peak MB", "found"], body)


def keys(rows):
    """The same for captures that had to be decrypted, as a multiple of what that alone costs."""
    alone = {(row.mode, row.size, row.tool): row.cpu for row in rows}

    def ratio(row, yardstick):
        return "%.2f" % (row.cpu / alone[row.mode, row.size, yardstick])
    body = [[row.mode, SIZES[row.size], row.tool, "%.3f" % row.cpu, "%.0f %%" % (100 * row.spread),
             ratio(row, KEYS_YARDSTICK), ratio(row, RECORDS_YARDSTICK), "%.1f" % row.memory,
             row.answer]
            for row in rows if (row.mode, row.size, KEYS_YARDSTICK) in alone]
    return table(["capture", "size", "tool", "CPU s", "spread", "x 16 KB", "x mean record",
                  "peak MB", "found"], body)


def growth(rows):
    """umtrace from size to size, each way of reading by itself."""
    body = []
    for mode, tool in dict.fromkeys((row.mode, row.tool) for row in rows
                                    if row.tool in (TOOL, PIPE)):
        own = [row for row in rows if row.mode == mode and row.tool == tool]
        for small, large in zip(own, own[1:]):
            times, data = large.cpu / small.cpu, large.size / small.size
            grown = large.memory / own[0].memory - 1
            body.append([mode, "file" if tool == TOOL else "pipe",
                         "%s to %s" % (SIZES[small.size], SIZES[large.size]),
                         "%.1f%s" % (times, "" if times <= CPU_GROWTH_MAX * data else " (too much)"),
                         "%.1f to %.1f" % (small.memory, large.memory),
                         "%.0f %%%s" % (100 * grown, "" if grown <= MEMORY_GROWTH_MAX
                                        else " (too much)"),
                         large.answer])
    return table(["capture", "read from", "from, to", "x CPU", "peak MB", "more than at the smallest",
                  "found"],
                 body)


def write(path, rows):
    """Puts each table between its marks in the page."""
    with open(path, encoding="utf-8") as f:
        page = f.read()
    with_keys = {row.mode for row in rows if row.tool == KEYS_YARDSTICK}
    plain = [row for row in rows if row.mode not in with_keys]
    made_of_plain = [("100 MB", costs(plain, 10**8)), ("1 GB", costs(plain, 10**9)),
                     ("growth", growth(plain))] if plain else []
    for name, made in made_of_plain + ([("keys", keys(rows))] if with_keys else []):
        begin, end = "<!-- table: %s -->\n" % name, "<!-- end -->\n"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = before + begin + made + end + after
    with open(path, "w", encoding="utf-8") as f:
        f.write(page)
