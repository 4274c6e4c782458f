// What Swift cannot see of the platform: system calls that are macros, variadic, newer than the C library's overlay, or
// different on Linux and macOS. Every function that can fail returns 0 or an errno value.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The facts about a file that `stat` and its successors tell.
struct outlast_status {
    // Type and permission bits as in `st_mode`.
    uint32_t mode;
    uint32_t owner;
    int64_t size;
    uint64_t inode;
    // Nanoseconds since the epoch; 0 where the file system does not say.
    int64_t birth;
    int64_t changed;
};

// Reads the facts about a path; a link at its end is followed when `follow` is not 0.
int outlast_read_status(const char *path, int follow, struct outlast_status *status);

// Names the file system that holds a path when it is a network or user-space one; an empty name means a local one.
int outlast_remote_file_system(const char *path, char *name, size_t capacity);

// Opens a path relative to a folder's descriptor. The descriptor is close-on-exec; the call is repeated on EINTR.
int outlast_open_at(int folder, const char *path, int flags, uint32_t permissions, int *descriptor);

// The descriptor number that stands for the working folder in `outlast_open_at`.
int outlast_working_folder(void);

// Switches a descriptor to blocking reads and writes.
int outlast_make_blocking(int descriptor);

// Forces a file's or folder's content to the disk; file systems that cannot sync a folder are forgiven.
int outlast_sync(int descriptor);

// Writes every byte. A reader that went away gives EPIPE, never a SIGPIPE; a non-blocking descriptor is waited for.
int outlast_write_all(int descriptor, const void *bytes, size_t count);

// Reads up to `capacity` bytes; waits at most `milliseconds` (-1: for ever) for the first of them, then ETIMEDOUT.
int outlast_read_some(int descriptor, void *bytes, size_t capacity, int milliseconds, size_t *count);

// Makes a pipe that holds these bytes and then ends, for a child's stdin: nobody has to write while the child runs, so
// one that does not read can't raise a SIGPIPE. EFBIG when the system's pipes don't hold so much.
int outlast_filled_pipe(const void *bytes, size_t count, int *descriptor);

// Begins to note SIGTERM, SIGINT and SIGHUP instead of letting them end the process; ignored ones stay ignored. EALREADY
// when they are being noted.
int outlast_note_stop_signals(void);

// The first signal that was noted since noting began; 0 while there is none. Safe to call anywhere.
int outlast_noted_stop_signal(void);

// Ends noting: the signals do again what they did before.
void outlast_restore_stop_signals(void);

// The absolute path of the running program, links resolved; ENAMETOOLONG when it does not fit.
int outlast_own_path(char *path, size_t capacity);

// Fills memory with random bytes of the system.
int outlast_random(void *bytes, size_t count);

// Overwrites memory in a way that no optimizer removes.
void outlast_wipe(void *bytes, size_t count);

// Forbids core dumps and other processes of the same user to read this process's memory. Children are not affected.
int outlast_forbid_core_dumps(void);

// The number of columns of a terminal; 0 when the descriptor is none or does not know.
int outlast_terminal_width(int descriptor);

// The environment of the process as the C library holds it.
char *const *outlast_environment(void);

// The system's words for an errno value.
void outlast_error_text(int error, char *text, size_t capacity);

// Starts a program in a session of its own, its three streams on /dev/null, every other descriptor closed, all signals as
// they are by default. It is not waited for. `path` must be absolute.
int outlast_start_detached(const char *path, char *const arguments[], char *const environment[], int *process);
