// Children that are handed all of our surroundings, and the signals that are meant for them.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <pty.h>
#else
#include <util.h>
#include <xlocale.h>
#endif

// MARK: - What was there first

// Libraries ignore SIGPIPE for the whole process; a child is to find it as whoever started us left it.
static int began_with_sigpipe_ignored;
static sigset_t first_mask;

__attribute__((constructor)) static void look_at_beginning(void) {
    struct sigaction found;
    began_with_sigpipe_ignored = sigaction(SIGPIPE, NULL, &found) == 0 && found.sa_handler == SIG_IGN;
    sigprocmask(SIG_BLOCK, NULL, &first_mask);
}

// MARK: - Input

void outlast_look_at_input(int descriptor, struct outlast_input *input) {
    memset(input, 0, sizeof *input);
    struct stat found, null;
    if (fstat(descriptor, &found) != 0) return;
    if (S_ISCHR(found.st_mode) && stat("/dev/null", &null) == 0 && null.st_rdev == found.st_rdev) return;
    input->sort = 4;
    if (S_ISREG(found.st_mode)) {
        const off_t place = lseek(descriptor, 0, SEEK_CUR);
        if (place < 0) return;
        input->sort = 1;
        input->position = (int64_t)place;
    } else if (S_ISFIFO(found.st_mode)) {
        struct pollfd waiting = {.fd = descriptor, .events = POLLIN};
        int count = 0;
        if (poll(&waiting, 1, 0) < 0 || ioctl(descriptor, FIONREAD, &count) != 0) return;
        input->sort = 2;
        input->position = count;
        input->is_finished = (waiting.revents & POLLHUP) != 0;
    } else if (isatty(descriptor)) {
        input->sort = 3;
        input->read_at = (int64_t)found.st_atime;
        input->now = (int64_t)time(NULL);
    }
}

// MARK: - Starting

// Tries one path; a file without the mark of any format is a script for the shell, as `execvp` has it.
static int try_to_spawn(
    const char *path, char *const arguments[], char *const environment[], const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, pid_t *child
) {
    int error = posix_spawn(child, path, actions, attributes, arguments, environment);
    if (error != ENOEXEC) return error;
    size_t count = 0;
    while (arguments[count] != NULL) count++;
    char **words = calloc(count + 2, sizeof *words);
    if (words == NULL) return ENOMEM;
    words[0] = (char *)"/bin/sh";
    words[1] = (char *)path;
    for (size_t i = 1; i < count; i++) words[i + 1] = arguments[i];
    error = posix_spawn(child, "/bin/sh", actions, attributes, words, environment);
    free(words);
    return error;
}

struct attempt {
    char *const *arguments;
    char *const *environment;
    const posix_spawn_file_actions_t *actions;
    const posix_spawnattr_t *attributes;
    pid_t *child;
};

static int attempt_at(const char *path, const struct attempt *attempt) {
    if (attempt->child != NULL) {
        return try_to_spawn(
            path, attempt->arguments, attempt->environment, attempt->actions, attempt->attributes, attempt->child);
    }
    execve(path, attempt->arguments, attempt->environment);
    if (errno != ENOEXEC) return errno;
    size_t count = 0;
    while (attempt->arguments[count] != NULL) count++;
    char **words = calloc(count + 2, sizeof *words);
    if (words == NULL) return ENOMEM;
    words[0] = (char *)"/bin/sh";
    words[1] = (char *)path;
    for (size_t i = 1; i < count; i++) words[i + 1] = attempt->arguments[i];
    execve("/bin/sh", words, attempt->environment);
    free(words);
    return errno;
}

// As shells do it: a file that may not be executed is passed over, and remembered.
static int search_and_attempt(const char *search, const struct attempt *attempt) {
    const char *name = attempt->arguments[0];
    if (name == NULL || name[0] == 0) return ENOENT;
    if (strchr(name, '/') != NULL) return attempt_at(name, attempt);
    int worst = ENOENT;
    char path[PATH_MAX];
    const char *next = search;
    while (next != NULL) {
        const char *end = strchr(next, ':');
        const size_t length = end != NULL ? (size_t)(end - next) : strlen(next);
        if (length + strlen(name) + 3 < sizeof path) {
            memcpy(path, length > 0 ? next : ".", length > 0 ? length : 1);
            const size_t at = length > 0 ? length : 1;
            path[at] = '/';
            strcpy(path + at + 1, name);
            const int error = attempt_at(path, attempt);
            if (error == 0) return 0;
            if (error != ENOENT && error != ENOTDIR && error != ELOOP && error != ENAMETOOLONG) {
                if (error != EACCES) return error;
                struct stat found;
                if (stat(path, &found) == 0 && S_ISREG(found.st_mode)) worst = EACCES;
            }
        }
        next = end != NULL ? end + 1 : NULL;
    }
    return worst;
}

int outlast_spawn(const char *search, char *const arguments[], char *const environment[], int errors, int32_t *child) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0) return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    if (errors >= 0) posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    short flags = POSIX_SPAWN_SETSIGMASK;
    posix_spawnattr_setsigmask(&attributes, &first_mask);
    if (!began_with_sigpipe_ignored) {
        sigset_t defaults;
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes, &defaults);
        flags |= POSIX_SPAWN_SETSIGDEF;
    }
    posix_spawnattr_setflags(&attributes, flags);
    pid_t started = 0;
    const struct attempt attempt = {arguments, environment, &actions, &attributes, &started};
    const int error = search_and_attempt(search, &attempt);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    *child = started;
    return error;
}

int outlast_become(const char *search, char *const arguments[], char *const environment[]) {
    if (!began_with_sigpipe_ignored) signal(SIGPIPE, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &first_mask, NULL);
    const struct attempt attempt = {arguments, environment, NULL, NULL, NULL};
    return search_and_attempt(search, &attempt);
}

static int set_mark(int descriptor) { return fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

int outlast_make_terminal(int like, int *master, int *slave) {
    struct winsize size;
    const int knows_size = ioctl(like, TIOCGWINSZ, &size) == 0;
    if (openpty(master, slave, NULL, NULL, knows_size ? &size : NULL) != 0) return errno;
    set_mark(*master);
    set_mark(*slave);
    struct termios raw;
    if (tcgetattr(*slave, &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(*slave, TCSANOW, &raw);
    }
    fcntl(*master, F_SETFL, fcntl(*master, F_GETFL) | O_NONBLOCK);
    return 0;
}

int outlast_make_pipe(int *reading, int *writing) {
    int ends[2];
#if defined(__linux__)
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
#else
    if (pipe(ends) != 0) return errno;
    set_mark(ends[0]);
    set_mark(ends[1]);
#endif
    fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) | O_NONBLOCK);
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

// MARK: - Signals

static const int relayed[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH};
enum { relayed_count = sizeof relayed / sizeof relayed[0] };
static struct sigaction before_relay[relayed_count];
// 0: nobody relays; 1: being changed; 2: relaying.
static atomic_int relay_stage;
// 0: not started yet; -1: ended.
static atomic_int relay_child;
static atomic_int relay_asked;
static atomic_uint relay_waiting;
static atomic_int size_from = -1;
static atomic_int size_to = -1;

static void copy_size(void) {
    struct winsize size;
    const int from = atomic_load(&size_from), to = atomic_load(&size_to);
    if (from >= 0 && to >= 0 && ioctl(from, TIOCGWINSZ, &size) == 0) ioctl(to, TIOCSWINSZ, &size);
}

// What the kernel sends for a terminal goes to the whole foreground group; what a process sends is for us alone.
static void relay(int number, siginfo_t *info, void *context) {
    (void)context;
    const int kept = errno;
    const int child = atomic_load(&relay_child);
    if (number == SIGWINCH) {
        copy_size();
        if (child > 0 && atomic_load(&size_to) >= 0) kill(child, SIGWINCH);
    } else {
        if (number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT) {
            int none = 0;
            atomic_compare_exchange_strong(&relay_asked, &none, number);
        }
#if defined(__APPLE__)
        const int is_from_process = info->si_pid != 0;
#else
        const int is_from_process = info->si_code <= 0;
#endif
        const int is_sent = is_from_process && !(child > 0 && info->si_pid == child);
        if (is_sent && child > 0) {
            kill(child, number);
        } else if (is_sent && child == 0) {
            atomic_fetch_or(&relay_waiting, 1u << number);
        }
    }
    errno = kept;
}

int outlast_begin_relay(void) {
    int nobody = 0;
    if (!atomic_compare_exchange_strong(&relay_stage, &nobody, 1)) return EALREADY;
    atomic_store(&relay_child, 0);
    atomic_store(&relay_asked, 0);
    atomic_store(&relay_waiting, 0);
    // Where the ends of children are ignored, nobody could tell how this one ended.
    struct sigaction children;
    const int knows = sigaction(SIGCHLD, NULL, &children) == 0;
    if (knows && !(children.sa_flags & SA_SIGINFO) && children.sa_handler == SIG_IGN) signal(SIGCHLD, SIG_DFL);
    struct sigaction relaying;
    memset(&relaying, 0, sizeof relaying);
    relaying.sa_sigaction = relay;
    relaying.sa_flags = SA_RESTART | SA_SIGINFO;
    sigemptyset(&relaying.sa_mask);
    for (int i = 0; i < relayed_count; i++) {
        sigaction(relayed[i], NULL, &before_relay[i]);
        const int is_plain = !(before_relay[i].sa_flags & SA_SIGINFO);
        if (is_plain && before_relay[i].sa_handler == SIG_IGN) continue;
        sigaction(relayed[i], &relaying, NULL);
    }
    atomic_store(&relay_stage, 2);
    return 0;
}

void outlast_relay_to(int32_t child) {
    atomic_store(&relay_child, child);
    const unsigned waiting = atomic_exchange(&relay_waiting, 0);
    if (child <= 0) return;
    for (int i = 0; i < relayed_count; i++) {
        if (waiting & (1u << relayed[i])) kill(child, relayed[i]);
    }
}

void outlast_relay_size(int from, int to) {
    atomic_store(&size_from, from);
    atomic_store(&size_to, to);
}

int outlast_relayed_signal(void) { return atomic_load(&relay_asked); }

void outlast_end_relay(void) {
    int relaying = 2;
    if (!atomic_compare_exchange_strong(&relay_stage, &relaying, 1)) return;
    for (int i = 0; i < relayed_count; i++) sigaction(relayed[i], &before_relay[i], NULL);
    atomic_store(&size_to, -1);
    atomic_store(&relay_stage, 0);
}

// MARK: - Ends

static int is_in_foreground(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (isatty(descriptor) && tcgetpgrp(descriptor) == getpgrp()) return 1;
    }
    return 0;
}

// A child that stopped for the terminal's sake takes us along, so that the shell sees it; we wake up together. Ctrl-Z stops
// both at once: what looks stopped only because it was not woken yet gets a moment.
static void stop_together(int32_t child) {
    siginfo_t found;
    const struct timespec moment = {.tv_sec = 0, .tv_nsec = 50000000};
    nanosleep(&moment, NULL);
    memset(&found, 0, sizeof found);
    if (waitid(P_PID, (id_t)child, &found, WSTOPPED | WNOHANG) != 0 || found.si_pid != child) return;
    const int number = found.si_status;
    if ((number != SIGTSTP && number != SIGTTIN && number != SIGTTOU) || !is_in_foreground()) return;
    // For this very thread, which then does not get to the next line before all of the process is woken.
    raise(SIGSTOP);
    kill(child, SIGCONT);
}

int outlast_wait(int32_t child) {
    while (1) {
        siginfo_t found;
        memset(&found, 0, sizeof found);
        if (waitid(P_PID, (id_t)child, &found, WEXITED | WSTOPPED | WNOWAIT) != 0) {
            if (errno != EINTR) return errno;
        } else if (found.si_code == CLD_STOPPED) {
            stop_together(child);
        } else if (found.si_code != CLD_TRAPPED) {
            return 0;
        }
    }
}

int outlast_reap(int32_t child, int *code, int *number) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return errno;
    }
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    *number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 0;
}

int outlast_has_locale(const char *name) {
    locale_t found = newlocale(LC_CTYPE_MASK, name, (locale_t)0);
    if (found == (locale_t)0) return 0;
    freelocale(found);
    return 1;
}
