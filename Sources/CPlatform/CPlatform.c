#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#if defined(__APPLE__)
#define __STDC_WANT_LIB_EXT1__ 1
#endif

#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#elif defined(__APPLE__)
#include <crt_externs.h>
#include <mach-o/dyld.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/random.h>
#endif

// MARK: - Status

static int64_t nanoseconds(int64_t seconds, int64_t rest) {
    return seconds * 1000000000 + rest;
}

#if defined(__linux__)

int outlast_read_status(const char *path, int follow, struct outlast_status *status) {
    struct statx found;
    const int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
    if (statx(AT_FDCWD, path, flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) return errno;
    status->mode = found.stx_mode;
    status->owner = found.stx_uid;
    status->size = (int64_t)found.stx_size;
    status->inode = found.stx_ino;
    status->birth = (found.stx_mask & STATX_BTIME) ? nanoseconds(found.stx_btime.tv_sec, found.stx_btime.tv_nsec) : 0;
    status->changed = nanoseconds(found.stx_ctime.tv_sec, found.stx_ctime.tv_nsec);
    return 0;
}

struct file_system_name {
    uint32_t magic;
    const char *name;
};

// Magic numbers of file systems whose locks or shared memory reach beyond this kernel, from linux/magic.h and the
// file systems' own sources.
static const struct file_system_name remote_file_systems[] = {
    {0x00006969, "nfs"},       {0x0000517B, "smb"},    {0xFF534D42, "cifs"},   {0xFE534D42, "smb"},
    {0x00C36400, "ceph"},      {0x01021997, "9p"},     {0x0BD00BD0, "lustre"}, {0x65735546, "fuse"},
    {0x5346414F, "afs"},       {0x6B414653, "afs"},    {0x73757245, "coda"},   {0x7461636F, "ocfs2"},
    {0x01161970, "gfs2"},      {0x47504653, "gpfs"},   {0x19830326, "beegfs"}, {0x786F4256, "vboxsf"},
    {0xBACBACBC, "vmhgfs"},    {0x20030528, "orangefs"}, {0x0000564C, "ncp"},  {0xAAD7AAEA, "panfs"},
};

int outlast_remote_file_system(const char *path, char *name, size_t capacity) {
    struct statfs found;
    int result;
    do { result = statfs(path, &found); } while (result != 0 && errno == EINTR);
    if (result != 0) return errno;
    const uint32_t magic = (uint32_t)found.f_type;
    name[0] = 0;
    for (size_t i = 0; i < sizeof remote_file_systems / sizeof remote_file_systems[0]; i++) {
        if (remote_file_systems[i].magic == magic) snprintf(name, capacity, "%s", remote_file_systems[i].name);
    }
    return 0;
}

int outlast_forbid_core_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : errno;
}

extern char **environ;
char *const *outlast_environment(void) { return environ; }

#else

int outlast_read_status(const char *path, int follow, struct outlast_status *status) {
    struct stat found;
    if ((follow ? stat(path, &found) : lstat(path, &found)) != 0) return errno;
    status->mode = found.st_mode;
    status->owner = found.st_uid;
    status->size = found.st_size;
    status->inode = found.st_ino;
    status->birth = nanoseconds(found.st_birthtimespec.tv_sec, found.st_birthtimespec.tv_nsec);
    status->changed = nanoseconds(found.st_ctimespec.tv_sec, found.st_ctimespec.tv_nsec);
    return 0;
}

int outlast_remote_file_system(const char *path, char *name, size_t capacity) {
    struct statfs found;
    if (statfs(path, &found) != 0) return errno;
    name[0] = 0;
    if (!(found.f_flags & MNT_LOCAL)) snprintf(name, capacity, "%s", found.f_fstypename);
    return 0;
}

// Core dumps are off by default there, and a resource limit would be inherited by the build that is wrapped.
int outlast_forbid_core_dumps(void) { return 0; }

char *const *outlast_environment(void) { return *_NSGetEnviron(); }

#endif

// MARK: - Files

int outlast_open_at(int folder, const char *path, int flags, uint32_t permissions, int *descriptor) {
    int result;
    do { result = openat(folder, path, flags | O_CLOEXEC, (mode_t)permissions); } while (result < 0 && errno == EINTR);
    if (result < 0) return errno;
    *descriptor = result;
    return 0;
}

int outlast_working_folder(void) { return AT_FDCWD; }

int outlast_make_blocking(int descriptor) {
    const int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return errno;
    return fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) < 0 ? errno : 0;
}

int outlast_sync(int descriptor) {
    int result;
#if defined(__APPLE__)
    // fsync leaves data in the drive's cache there.
    if (fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
#endif
    do { result = fsync(descriptor); } while (result != 0 && errno == EINTR);
    if (result == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
    return errno;
}

// MARK: - Streams

static int wait_for(int descriptor, short events, int milliseconds) {
    struct pollfd waited = {.fd = descriptor, .events = events};
    for (;;) {
        const int result = poll(&waited, 1, milliseconds);
        if (result > 0) return 0;
        if (result == 0) return ETIMEDOUT;
        if (errno != EINTR) return errno;
    }
}

static int write_loop(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        const ssize_t written = write(descriptor, bytes, count);
        if (written >= 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            const int error = wait_for(descriptor, POLLOUT, -1);
            if (error != 0) return error;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

// SIGPIPE is blocked in this thread only, and the one that our write raised is taken back: the process's disposition,
// which wrapped programs inherit, stays as it was.
int outlast_write_all(int descriptor, const void *bytes, size_t count) {
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    const int was_pending = sigismember(&pending, SIGPIPE);
    if (pthread_sigmask(SIG_BLOCK, &pipe_signal, &before) != 0) return write_loop(descriptor, bytes, count);
    const int error = write_loop(descriptor, bytes, count);
    if (error == EPIPE && !was_pending) {
        sigpending(&pending);
        int taken;
        if (sigismember(&pending, SIGPIPE)) sigwait(&pipe_signal, &taken);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

int outlast_read_some(int descriptor, void *bytes, size_t capacity, int milliseconds, size_t *count) {
    for (;;) {
        if (milliseconds >= 0) {
            const int error = wait_for(descriptor, POLLIN, milliseconds);
            if (error != 0) return error;
        }
        const ssize_t got = read(descriptor, bytes, capacity);
        if (got >= 0) {
            *count = (size_t)got;
            return 0;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            const int error = wait_for(descriptor, POLLIN, milliseconds);
            if (error != 0) return error;
        } else if (errno != EINTR) {
            return errno;
        }
    }
}

int outlast_filled_pipe(const void *bytes, size_t count, int *descriptor) {
    int ends[2];
#if defined(__linux__)
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    // A page more than needed: the kernel counts in pages.
    if (count > 60000) fcntl(ends[1], F_SETPIPE_SZ, (int)(count < 1 << 20 ? count + 4096 : 1 << 20));
#else
    if (pipe(ends) != 0) return errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#endif
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    const char *next = bytes;
    int error = 0;
    while (count > 0 && error == 0) {
        const ssize_t written = write(ends[1], next, count);
        if (written >= 0) {
            next += written;
            count -= (size_t)written;
        } else if (errno != EINTR) {
            error = errno == EAGAIN || errno == EWOULDBLOCK ? EFBIG : errno;
        }
    }
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        return error;
    }
    *descriptor = ends[0];
    return 0;
}

// MARK: - Signals

static const int stop_signals[] = {SIGTERM, SIGINT, SIGHUP};
enum { stop_signal_count = sizeof stop_signals / sizeof stop_signals[0] };

static atomic_int noted_stop_signal;
// 0: nobody notes; 1: being changed; 2: noting.
static atomic_int stop_signal_stage;
static struct sigaction kept_actions[stop_signal_count];

// Does nothing but what a signal handler may: one lock-free exchange, which the first signal wins.
static void note_stop_signal(int number) {
    int none = 0;
    atomic_compare_exchange_strong(&noted_stop_signal, &none, number);
}

int outlast_note_stop_signals(void) {
    int nobody = 0;
    if (!atomic_compare_exchange_strong(&stop_signal_stage, &nobody, 1)) return EALREADY;
    atomic_store(&noted_stop_signal, 0);
    struct sigaction noting;
    memset(&noting, 0, sizeof noting);
    noting.sa_handler = note_stop_signal;
    noting.sa_flags = SA_RESTART;
    sigemptyset(&noting.sa_mask);
    for (int i = 0; i < stop_signal_count; i++) {
        sigaction(stop_signals[i], NULL, &kept_actions[i]);
        const int is_plain = !(kept_actions[i].sa_flags & SA_SIGINFO);
        if (is_plain && kept_actions[i].sa_handler == SIG_IGN) continue;
        sigaction(stop_signals[i], &noting, NULL);
    }
    atomic_store(&stop_signal_stage, 2);
    return 0;
}

int outlast_noted_stop_signal(void) { return atomic_load(&noted_stop_signal); }

void outlast_restore_stop_signals(void) {
    int noting = 2;
    if (!atomic_compare_exchange_strong(&stop_signal_stage, &noting, 1)) return;
    for (int i = 0; i < stop_signal_count; i++) sigaction(stop_signals[i], &kept_actions[i], NULL);
    atomic_store(&stop_signal_stage, 0);
}

// MARK: - The rest

int outlast_random(void *bytes, size_t count) {
    char *next = bytes;
    while (count > 0) {
        // getentropy takes at most 256 bytes at a time and is never interrupted.
        const size_t part = count < 256 ? count : 256;
        if (getentropy(next, part) != 0) return errno;
        next += part;
        count -= part;
    }
    return 0;
}

int outlast_own_path(char *path, size_t capacity) {
#if defined(__APPLE__)
    char raw[4096];
    uint32_t size = sizeof raw;
    if (_NSGetExecutablePath(raw, &size) != 0) return ENAMETOOLONG;
    char *found = realpath(raw, NULL);
    if (found == NULL) return errno;
    const size_t count = strlen(found);
    if (count < capacity) memcpy(path, found, count + 1);
    free(found);
    return count < capacity ? 0 : ENAMETOOLONG;
#else
    const ssize_t count = readlink("/proc/self/exe", path, capacity);
    if (count < 0) return errno;
    if ((size_t)count >= capacity) return ENAMETOOLONG;
    path[count] = 0;
    return 0;
#endif
}

void outlast_wipe(void *bytes, size_t count) {
#if defined(__APPLE__)
    memset_s(bytes, count, 0, count);
#else
    explicit_bzero(bytes, count);
#endif
}

int outlast_terminal_width(int descriptor) {
    struct winsize size;
    if (!isatty(descriptor) || ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

void outlast_error_text(int error, char *text, size_t capacity) {
    if (capacity == 0) return;
    text[0] = 0;
#if defined(__GLIBC__)
    const char *words = strerror_r(error, text, capacity);
    if (words != text) snprintf(text, capacity, "%s", words);
#else
    if (strerror_r(error, text, capacity) != 0) snprintf(text, capacity, "error %d", error);
#endif
}
