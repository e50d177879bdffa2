/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a command and prints what it cost: seconds of CPU, peak memory in KB, exit status. A process
 * begins with the memory of the one that started it, so that has to be a small one, as this is.
 *
 *     um_bench_measure OUTPUT COMMAND [ARGUMENT]...
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NOT_STARTED = 127 };

/* In the child: standard output goes to `output`, messages nowhere. */
static void
start(const char *output, char **command)
{
    int out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int quiet = open("/dev/null", O_WRONLY);
    if (out >= 0 && quiet >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(quiet, STDERR_FILENO) >= 0)
        (void)execvp(command[0], command);
    _exit(EXIT_NOT_STARTED);
}

static double
seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fputs("usage: um_bench_measure OUTPUT COMMAND [ARGUMENT]...\n", stderr);
        return 2;
    }
    pid_t child = fork();
    if (child == 0)
        start(argv[1], argv + 2);
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("um_bench_measure");
        return 1;
    }
    (void)printf("%.6f %ld %d\n", seconds(usage.ru_utime) + seconds(usage.ru_stime),
                 usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}
