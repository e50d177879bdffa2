/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rights that opening an interface takes are given back before the first byte from the network
 * is looked at.
 */
#ifndef UM_OFFLINE_PRIVILEGES_H
#define UM_OFFLINE_PRIVILEGES_H

#include <stdio.h>

/*
 * Run by root: from here on the process is the user who called sudo, else "nobody", with that
 * user's groups alone. Run by anybody: it has no capabilities, and exec gains none. What fails is
 * told on `errors` in a line. 0 or UM_ERR_USAGE: then it still has rights and must not go on.
 */
int um_privileges_drop(FILE *errors);

#endif
