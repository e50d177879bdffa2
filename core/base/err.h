/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results. Three kinds of trouble are kept apart (docs/conventions.md):
 * odd traffic is a finding, "we cannot go on" is a negative enum um_err, a programmer's
 * mistake is an assert. Pure parsers of wire data return enum um_step instead.
 */
#ifndef UM_BASE_ERR_H
#define UM_BASE_ERR_H

/* Why work cannot go on. Functions return these as int: 0 is good, negative is one of these. */
enum um_err {
    UM_OK = 0,
    UM_ERR_NOMEM = -1,  /* an allocation failed */
    UM_ERR_IO = -2,     /* the system refused to read or write; errno has been told in a message */
    UM_ERR_FORMAT = -3, /* a file is not what it must be, as a whole */
    UM_ERR_USAGE = -4,  /* the user asked for something that does not exist */
};

/* What a parser of wire data says of its input. */
enum um_step {
    UM_DONE, /* one thing was read */
    UM_MORE, /* the input ends inside it: come again with more bytes */
    UM_BAD,  /* no continuation can make this right */
};

/* A short English phrase for `err`, e.g. "out of memory". Never NULL; static. */
const char *um_err_text(int err);

#endif
