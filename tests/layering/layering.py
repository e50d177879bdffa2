#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the tree against the drawing in docs/architecture.md: who may include whom, which module
may include which library's headers, and (from the built archives) who may link whom.

    layering.py includes SOURCE_DIR
    layering.py links BUILD_DIR       needs nm
    layering.py selftest              shows that each rule can fail
"""
import os
import re
import subprocess
import sys
import tempfile

STAGES = ["capture", "net", "tls", "http"]  # each may use those to its left

# folder -> folders it may include besides its own; the longest matching folder decides
MAY_INCLUDE = {
    "core/base": [],
    "core/um": ["core/base"],
    "core/http": ["core/base", "core/um"],
    "offline/report": ["core"],
    "plugin": ["core"],
    "samples": [],
    "bench": [],
}
for place, stage in enumerate(STAGES):
    left = ["offline/" + name for name in STAGES[:place]]
    MAY_INCLUDE["offline/" + stage] = ["core", "offline/sink.h", "offline/passing.h"] + left
MAY_INCLUDE["offline"] = ["core", "offline"]
MAY_INCLUDE["tests"] = ["core", "offline", "plugin", "samples"]

# header of a library -> the modules that may include it, as beginnings of paths
LIBRARIES = {
    r"libxml/": ["core/um/soap.c"],
    r"pcap[./]": ["offline/capture/", "samples/", "bench/loop.c", "tests/"],
    r"openssl/": ["offline/tls/cipher.c", "offline/tls/crypto.c", "offline/tls/digest.c",
                  "offline/tls/library.", "offline/tls/gcm.c",
                  "offline/tls/rsa.c", "bench/gen/seal.c", "tests/"],
    r"zlib\.h": ["offline/http/coding_", "offline/capture/source.c", "samples/", "tests/"],
    r"zstd\.h": ["offline/http/coding_", "offline/capture/source.c", "tests/"],
    r"brotli/": ["offline/http/coding_", "tests/"],
    r"nghttp2/": ["offline/http/h2_headers.c", "tests/"],
    r"jansson\.h": ["offline/report/json.c", "offline/line.c", "tests/"],  # writes; reads
    r"(epan|wiretap|wsutil|ui|ws_\w+)[./]|wireshark\.h|glib": ["plugin/"],
}

# archive -> archives whose symbols it may use
MAY_LINK = {
    "um_base": [],
    "um_um": ["um_base"],
    "um_heads": ["um_base", "um_um"],
    "um_capture": ["um_base"],
    "um_net": ["um_base", "um_um", "um_capture"],
    "um_tls": ["um_base", "um_um", "um_capture", "um_net"],
    "um_http": ["um_base", "um_um", "um_heads", "um_capture", "um_net", "um_tls"],
    "um_report": ["um_base", "um_um"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def folder_of(path):
    """The folder of MAY_INCLUDE that decides for this file; None for a file outside all."""
    fits = [folder for folder in MAY_INCLUDE if path.startswith(folder + "/")]
    return max(fits, key=len, default=None)


def may_include(path, header):
    folder = folder_of(path)
    allowed = MAY_INCLUDE[folder] + [folder]
    return any(header == a or header.startswith(a + "/") for a in allowed)


def check_library(path, header):
    for pattern, modules in LIBRARIES.items():
        if re.match(pattern, header) and not any(path.startswith(m) for m in modules):
            return "%s includes <%s>, which belongs to %s" % (path, header, ", ".join(modules))
    return None


def check_file(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as f:
        text = f.read()
    if "SPDX-License-Identifier: GPL-2.0-or-later" not in text[:200]:
        yield "%s has no SPDX line at its head" % path
    for mark, header in INCLUDE.findall(text):
        if mark == "<":
            wrong = check_library(path, header)
            if wrong:
                yield wrong
        elif not may_include(path, header):
            yield "%s includes %s against the drawing" % (path, header)


def check_includes(root):
    wrong, files = [], 0
    for folder in ("core", "offline", "plugin", "samples", "bench", "tests"):
        for place, _, names in sorted(os.walk(os.path.join(root, folder))):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    files += 1
                    path = os.path.relpath(os.path.join(place, name), root)
                    wrong += check_file(root, path)
    if files == 0:
        wrong.append("no source file below %s" % root)
    return wrong


def symbols(archive, kind):
    out = subprocess.run(["nm", "-g", kind, archive], capture_output=True, text=True, check=True)
    return {line.split()[-1] for line in out.stdout.splitlines() if len(line.split()) > 1}


def find_archives(build):
    found = {}
    for place, _, names in os.walk(build):
        for name in names:
            if name.startswith("lib") and name.endswith(".a") and name[3:-2] in MAY_LINK:
                found[name[3:-2]] = os.path.join(place, name)
    return found


def check_links(build):
    archives = find_archives(build)
    wrong = ["%s was not built" % name for name in MAY_LINK if name not in archives]
    defined = {name: symbols(path, "--defined-only") for name, path in archives.items()}
    for name, path in archives.items():
        used = symbols(path, "--undefined-only") - defined[name]
        for other in sorted(set(archives) - {name} - set(MAY_LINK[name])):
            for symbol in sorted(used & defined[other]):
                wrong.append("%s uses %s of %s against the drawing" % (name, symbol, other))
    return wrong


SPDX = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n"


def selftest_includes():
    cases = [
        ("core/base/a.c", SPDX + '#include "core/um/call.h"\n', "against the drawing"),
        ("core/um/a.c", SPDX + '#include "offline/sink.h"\n', "against the drawing"),
        ("offline/net/a.c", SPDX + '#include "offline/http/message.h"\n', "against the drawing"),
        ("offline/report/a.c", SPDX + '#include "offline/net/flow.h"\n', "against the drawing"),
        ("plugin/a.c", SPDX + '#include "offline/sink.h"\n', "against the drawing"),
        ("offline/net/b.c", SPDX + "#include <libxml/parser.h>\n", "belongs to"),
        ("core/um/b.c", SPDX + "#include <epan/packet.h>\n", "belongs to"),
        ("bench/gen/a.c", SPDX + "#include <zlib.h>\n", "belongs to"),
        ("bench/gen/b.c", SPDX + '#include "core/base/span.h"\n', "against the drawing"),
        ("core/um/c.c", "int um_x;\n", "no SPDX line"),
        ("offline/net/c.c", SPDX + '#include "offline/capture/packet.h"\n', None),
        ("core/um/soap.c", SPDX + "#include <libxml/parser.h>\n", None),
    ]
    for path, text, expected in cases:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, os.path.dirname(path)))
            with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                f.write(text)
            said = "\n".join(check_includes(root))
            if (expected not in said) if expected else said:
                yield "%s: expected %r, was told %r" % (path, expected, said)


def selftest_links():
    """base calls into um, which no library may: the archives must tell."""
    with tempfile.TemporaryDirectory() as root:
        for name in MAY_LINK:
            text = "int %s_symbol(void);\nint %s_symbol(void)\n{\n" % (name, name)
            if name == "um_base":
                text = "int um_um_symbol(void);\n" + text + "    return um_um_symbol();\n}\n"
            else:
                text += "    return 0;\n}\n"
            source = os.path.join(root, name + ".c")
            with open(source, "w", encoding="utf-8") as f:
                f.write(text)
            subprocess.run(["cc", "-c", source, "-o", source + ".o"], check=True)
            subprocess.run(["ar", "cr", os.path.join(root, "lib%s.a" % name), source + ".o"],
                           check=True)
        said = check_links(root)
        if said != ["um_base uses um_um_symbol of um_um against the drawing"]:
            yield "links: was told %r" % said


def main():
    commands = {
        "includes": lambda: check_includes(sys.argv[2]),
        "links": lambda: check_links(sys.argv[2]),
        "selftest": lambda: list(selftest_includes()) + list(selftest_links()),
    }
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    wrong = commands[sys.argv[1]]()
    for line in wrong:
        print("layering:", line)
    print("layering %s: %s" % (sys.argv[1], "%d against it" % len(wrong) if wrong else "holds"))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
