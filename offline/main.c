/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: signals, options, one run. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/base/err.h"
#include "offline/output.h"
#include "offline/run.h"

static volatile sig_atomic_t stop;

/* The first interruption ends the reading, a second one ends the program. */
static void
interrupt(int number)
{
    stop = 1;
    (void)signal(number, SIG_DFL);
}

/* Reads must return when interrupted, so SA_RESTART is not set; a closed pipe and a file that may
 * not grow are write errors. */
static void
handle_signals(void)
{
    struct sigaction action = {.sa_handler = interrupt};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
}

/* Help or version has been written. */
static enum um_status
finish_output(void)
{
    if (um_output_finish(&(struct um_output){.stream = stdout}) == UM_OK)
        return UM_STATUS_DONE;
    (void)fprintf(stderr, "umtrace: standard output: %s\n", strerror(errno));
    return UM_STATUS_OUTPUT;
}

int
main(int argc, char **argv)
{
    (void)setlocale(LC_CTYPE, "");
    struct um_options options;
    int err = um_options_parse(argc, argv, stderr, &options);
    if (err == UM_ERR_NOMEM)
        (void)fprintf(stderr, "umtrace: out of memory\n");
    if (err)
        return err == UM_ERR_NOMEM ? UM_STATUS_MEMORY : UM_STATUS_USAGE;

    enum um_status status = UM_STATUS_DONE;
    if (options.help) {
        um_options_help(stdout);
        status = finish_output();
    } else if (options.version) {
        (void)printf("umtrace %s\n", UMTRACE_VERSION);
        status = finish_output();
    } else {
        handle_signals();
        status = um_run(&options, &stop);
    }
    um_options_done(&options);
    return (int)status;
}
