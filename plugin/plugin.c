/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Wireshark looks for in a plugin: version, the release it was built for, registration. */
#include "plugin/compat.h"
#include "plugin/dissect.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED extern const char plugin_version[];
EXPORTED extern const int plugin_want_major;
EXPORTED extern const int plugin_want_minor;
EXPORTED void plugin_register(void);

const char plugin_version[] = UMTRACE_VERSION;
const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

void
plugin_register(void)
{
    static proto_plugin plugin = {
        .register_protoinfo = umws_dissect_register,
        .register_handoff = umws_dissect_handoff,
    };
    proto_register_plugin(&plugin);
}

#if UM_HAS_PLUGIN_DESCRIBE
EXPORTED uint32_t plugin_describe(void);

uint32_t
plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}
#endif
