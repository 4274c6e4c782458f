// Runs a program and kills it with SIGKILL just before or just after its n-th system call of the kinds that leave a trace:
// on disk, on the wire, or in a lock. Without a number it only counts. One line for each such call goes to the report:
//
//     NUMBER NAME WHERE        e.g.  17 fdatasync state.db-wal
//
// In place of a kill, calls that write files can be made to fail, as a full, a broken or a read-only disk does it:
// `fail:ENOSPC:N:NAME` answers the n-th call that writes or syncs a file whose name begins with NAME with that error,
// `fail:ENOSPC:N+:NAME` every such call from then on. Calls are counted over all threads; the report has these calls alone.
//
// `before:N:NAME` and `after:N:NAME` count calls of that name alone; calls on sockets are named `write (socket)` and so on.
//
// Usage: outlast-kill-at REPORT count|before:N[:NAME]|after:N[:NAME]|fail:ERROR:N[+]:NAME PROGRAM [ARGUMENT…]
// Ends with the program's own code, or with 137 when it was killed.

#if defined(__linux__)

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
    long number;
    const char *name;
    // Whether the first argument is a descriptor, whose file is told.
    int has_descriptor;
};

static const struct call calls[] = {
    {SYS_fdatasync, "fdatasync", 1}, {SYS_fsync, "fsync", 1}, {SYS_pwrite64, "pwrite64", 1}, {SYS_write, "write", 1},
    {SYS_writev, "writev", 1}, {SYS_sendto, "sendto", 1}, {SYS_sendmsg, "sendmsg", 1}, {SYS_recvfrom, "recvfrom", 1},
    {SYS_read, "read", 1}, {SYS_recvmsg, "recvmsg", 1}, {SYS_connect, "connect", 1}, {SYS_flock, "flock", 1},
    {SYS_ftruncate, "ftruncate", 1}, {SYS_fallocate, "fallocate", 1}, {SYS_close, "close", 1},
#ifdef SYS_rename
    {SYS_rename, "rename", 0},
#endif
    {SYS_renameat, "renameat", 0}, {SYS_renameat2, "renameat2", 0}, {SYS_unlinkat, "unlinkat", 0},
#ifdef SYS_unlink
    {SYS_unlink, "unlink", 0},
#endif
#ifdef SYS_open
    {SYS_open, "open", 0},
#endif
    {SYS_openat, "openat", 0},
};

static const struct call *known(unsigned long number) {
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if ((unsigned long)calls[i].number == number) return &calls[i];
    return NULL;
}

/// The last part of the path behind a descriptor, `socket` or `pipe`; empty when there is none.
static void place(pid_t pid, unsigned long descriptor, char *into, size_t size) {
    char link[64], path[512];
    snprintf(link, sizeof link, "/proc/%d/fd/%lu", (int)pid, descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    into[0] = 0;
    if (length <= 0) return;
    path[length] = 0;
    char *colon = strchr(path, ':');
    if (path[0] != '/' && colon) *colon = 0;
    char *slash = strrchr(path, '/');
    snprintf(into, size, "%.200s", slash ? slash + 1 : path);
}

/// Whether this call leaves a trace: reading counts for sockets alone, writing for everything.
static int counts(const struct call *call, const char *where) {
    if (!call->has_descriptor) return 1;
    if (call->number == SYS_read || call->number == SYS_close) return strcmp(where, "socket") == 0;
    if (call->number == SYS_write) return strncmp(where, "anon_inode", 10) != 0 && strcmp(where, "pipe") != 0;
    return 1;
}

/// Opening counts only where it may create something.
static int opens_to_write(const struct __ptrace_syscall_info *info) {
    unsigned long flags = info->entry.args[2];
#ifdef SYS_open
    if (info->entry.nr == SYS_open) flags = info->entry.args[1];
#endif
    return (flags & 0x40) != 0;
}

#define MOST_THREADS 4096
static unsigned char armed[MOST_THREADS];

/// What calls are answered with instead of being made.
struct failing {
    long error;
    long from;
    int for_ever;
    char name[128];
};

/// Reads `fail:ERROR:N[+]:NAME`; 0 when it is something else.
static int read_failing(const char *mode, struct failing *into) {
    char error[16], plus[2] = "";
    into->name[0] = 0;
    if (sscanf(mode, "fail:%15[A-Z]:%ld%1[+]:%127s", error, &into->from, plus, into->name) < 3 &&
        sscanf(mode, "fail:%15[A-Z]:%ld:%127s", error, &into->from, into->name) < 2)
        return 0;
    into->for_ever = plus[0] == '+';
    into->error = strcmp(error, "ENOSPC") == 0 ? ENOSPC : strcmp(error, "EROFS") == 0 ? EROFS : EIO;
    return 1;
}

/// Whether a call writes or syncs such a file.
static int fails(const struct failing *failing, pid_t pid, const struct call *call, unsigned long descriptor) {
    static const long writers[] = {SYS_fdatasync, SYS_fsync,     SYS_pwrite64, SYS_write,
                                   SYS_writev,    SYS_ftruncate, SYS_fallocate};
    int writes = 0;
    for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) writes |= call->number == writers[i];
    char link[64], where[256];
    struct stat status;
    snprintf(link, sizeof link, "/proc/%d/fd/%lu", (int)pid, descriptor);
    if (!writes || stat(link, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
    place(pid, descriptor, where, sizeof where);
    return strncmp(where, failing->name, strlen(failing->name)) == 0;
}

#if defined(__x86_64__)
/// Keeps the kernel from making the call that the thread is about to make.
static int prevent(pid_t pid) {
    return ptrace(PTRACE_POKEUSER, pid, (void *)offsetof(struct user_regs_struct, orig_rax), (void *)-1) == 0;
}

/// Sets what the call that was prevented gives back.
static void answer(pid_t pid, long value) {
    ptrace(PTRACE_POKEUSER, pid, (void *)offsetof(struct user_regs_struct, rax), (void *)value);
}
#else
static int prevent(pid_t pid) { (void)pid; return 0; }
static void answer(pid_t pid, long value) { (void)pid; (void)value; }
#endif

/// Answers of prevented calls, by thread.
static long answers[MOST_THREADS];
#define PREVENTED 2

int main(int count, char **words) {
    if (count < 4) {
        fprintf(stderr, "usage: %s REPORT count|before:N|after:N|fail:ERROR:N[+]:NAME PROGRAM [ARGUMENT...]\n", words[0]);
        return 64;
    }
    FILE *report = fopen(words[1], "w");
    if (!report) {
        perror(words[1]);
        return 73;
    }
    long target = 0;
    int after = 0;
    if (strncmp(words[2], "before:", 7) == 0) target = atol(words[2] + 7);
    if (strncmp(words[2], "after:", 6) == 0) target = atol(words[2] + 6), after = 1;
    const char *wanted = target > 0 ? strchr(strchr(words[2], ':') + 1, ':') : NULL;
    struct failing failing;
    int is_failing = read_failing(words[2], &failing);
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execv(words[3], words + 3);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ptrace(
        PTRACE_SETOPTIONS, child, NULL,
        (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC));
    ptrace(PTRACE_SYSCALL, child, NULL, NULL);
    long seen = 0, met = 0;
    int is_over = 0;
    int result = 1;
    for (;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0) break;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (pid == child) {
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
                break;
            }
            continue;
        }
        if (!WIFSTOPPED(status)) continue;
        int stop = WSTOPSIG(status);
        long deliver = 0;
        if (stop == (SIGTRAP | 0x80)) {
            struct __ptrace_syscall_info info;
            if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) > 0) {
                if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
                    const struct call *call = known(info.entry.nr);
                    char where[256] = "";
                    if (call && call->has_descriptor) place(pid, info.entry.args[0], where, sizeof where);
                    if (is_failing) {
                        // A process that hides itself hides its descriptors from whoever is not root.
                        int hides = info.entry.nr == SYS_prctl && info.entry.args[0] == PR_SET_DUMPABLE;
                        if (hides && prevent(pid)) armed[pid % MOST_THREADS] = PREVENTED, answers[pid % MOST_THREADS] = 0;
                        if (call && fails(&failing, pid, call, info.entry.args[0])) {
                            seen++;
                            fprintf(report, "%ld %s %s\n", seen, call->name, where);
                            fflush(report);
                            if ((seen == failing.from || (failing.for_ever && seen > failing.from)) && prevent(pid))
                                armed[pid % MOST_THREADS] = PREVENTED, answers[pid % MOST_THREADS] = -failing.error;
                        }
                        ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
                        continue;
                    }
                    int opens = call && strncmp(call->name, "open", 4) == 0;
                    if (call && counts(call, where) && (!opens || opens_to_write(&info))) {
                        seen++;
                        fprintf(report, "%ld %s %s\n", seen, call->name, where);
                        fflush(report);
                        char label[64];
                        int is_socket = strcmp(where, "socket") == 0;
                        snprintf(label, sizeof label, is_socket ? "%s (socket)" : "%s", call->name);
                        if (wanted && strcmp(label, wanted + 1) == 0) met++;
                        if ((wanted ? met : seen) == target && !is_over) {
                            is_over = 1;
                            if (!after) {
                                kill(child, SIGKILL);
                            } else {
                                armed[pid % MOST_THREADS] = 1;
                            }
                        }
                    }
                } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && armed[pid % MOST_THREADS] == PREVENTED) {
                    armed[pid % MOST_THREADS] = 0;
                    answer(pid, answers[pid % MOST_THREADS]);
                } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && armed[pid % MOST_THREADS]) {
                    armed[pid % MOST_THREADS] = 0;
                    kill(child, SIGKILL);
                }
            }
        } else if (stop != SIGTRAP && stop != SIGSTOP) {
            deliver = stop;
        }
        ptrace(PTRACE_SYSCALL, pid, NULL, (void *)deliver);
    }
    fclose(report);
    return result;
}

#else

#include <stdio.h>

int main(void) {
    fputs("outlast-kill-at needs Linux\n", stderr);
    return 69;
}

#endif
