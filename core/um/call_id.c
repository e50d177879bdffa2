/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/um/call_id.h"
