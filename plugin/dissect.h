/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hooks: bodies of the media types that XML comes in, before the dissector that had them, and
 * bodies without a type.
 */
#ifndef UM_PLUGIN_DISSECT_H
#define UM_PLUGIN_DISSECT_H

/* Registers protocol, fields and routines; Wireshark's proto_register step. */
void umws_dissect_register(void);

/* Hooks in; Wireshark's proto_reg_handoff step. */
void umws_dissect_handoff(void);

#endif
