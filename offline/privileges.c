/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups first, since the user may no longer change them. A change of the user from root clears
 * the capabilities by itself (capabilities(7)); a program that has them by its file clears them
 * here. Then it is tried whether root can be had again.
 */
#include "offline/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/span.h"

enum { NOBODY = 65534 };

struct identity {
    uid_t user;
    gid_t group;
};

/* A number that sudo left in the environment; false when there is none, or it is root's. */
static bool
read_id(const char *variable, uint32_t *out)
{
    uint64_t id;
    if (!um_span_decimal(um_span_text(getenv(variable)), &id) || id == 0 || id >= UINT32_MAX)
        return false;
    *out = (uint32_t)id;
    return true;
}

static struct identity
choose_identity(void)
{
    struct identity identity;
    if (read_id("SUDO_UID", &identity.user) && read_id("SUDO_GID", &identity.group))
        return identity;
    const struct passwd *nobody = getpwnam("nobody");
    return nobody ? (struct identity){.user = nobody->pw_uid, .group = nobody->pw_gid}
                  : (struct identity){.user = NOBODY, .group = NOBODY};
}

static int
tell(FILE *errors, const char *what)
{
    (void)fprintf(errors, "umtrace: privileges cannot be dropped: %s: %s\n", what, strerror(errno));
    return UM_ERR_USAGE;
}

static int
become(const struct identity *identity, FILE *errors)
{
    if (setgroups(1, &identity->group) != 0)
        return tell(errors, "setgroups");
    if (setresgid(identity->group, identity->group, identity->group) != 0)
        return tell(errors, "setresgid");
    if (setresuid(identity->user, identity->user, identity->user) != 0)
        return tell(errors, "setresuid");
    if (setuid(0) == 0) {
        errno = EPERM;
        return tell(errors, "root can be had again");
    }
    return UM_OK;
}

static int
clear_capabilities(FILE *errors)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) != 0)
        return tell(errors, "capset");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return tell(errors, "no_new_privs");
    return UM_OK;
}

int
um_privileges_drop(FILE *errors)
{
    if (geteuid() == 0) {
        struct identity identity = choose_identity();
        int err = become(&identity, errors);
        if (err)
            return err;
    }
    return clear_capabilities(errors);
}
