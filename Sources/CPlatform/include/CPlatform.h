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
// MARK: - Children

// What can be told about a stream before and after somebody may have read from it.
struct outlast_input {
    // 0: nothing can be read from it (closed, or the null device); 1: a file; 2: a pipe; 3: a terminal; 4: anything else.
    int sort;
    // The place in a file, or the bytes that wait in a pipe.
    int64_t position;
    // Whether nobody writes to the pipe any more.
    int is_finished;
    // When a terminal was last read from, and now, in seconds.
    int64_t read_at;
    int64_t now;
};
void outlast_look_at_input(int descriptor, struct outlast_input *input);

// Starts a program, looked up in `search` (a PATH) when its name has no slash. Descriptors that are not close-on-exec,
// ignored signals, the process group and the terminal stay; SIGPIPE does what it did when this process began. `errors` is
// what it gets as its stderr; -1 leaves it ours.
int outlast_spawn(const char *search, char *const arguments[], char *const environment[], int errors, int32_t *child);

// Becomes a program; comes back only when that fails, with the same errno values as `outlast_spawn`.
int outlast_become(const char *search, char *const arguments[], char *const environment[]);

// Makes a raw terminal of the size of that at `like`: what the child writes comes out unchanged.
int outlast_make_terminal(int like, int *master, int *slave);

// Makes a pipe; both ends are close-on-exec, and reading never waits.
int outlast_make_pipe(int *reading, int *writing);

// From now on signals that somebody sends to this process alone are handed on to the child, once it is named; those of the
// terminal reach it by themselves, and ignored ones stay ignored. EALREADY when that is so already.
int outlast_begin_relay(void);
// Names the child, and hands on what came before. -1: there is none any more, and nothing is handed on.
void outlast_relay_to(int32_t child);
// A terminal whose size follows that of another; -1 for none.
void outlast_relay_size(int from, int to);
// The first signal that asked to end since the relay began, from whomever; 0 while there is none.
int outlast_relayed_signal(void);
// Signals do again what they did before.
void outlast_end_relay(void);

// Waits until the child has ended; it stays a zombie until `outlast_reap`. When it stops for the terminal's sake, this
// process stops too.
int outlast_wait(int32_t child);
// Takes in how the child ended: its exit code, or the signal that ended it.
int outlast_reap(int32_t child, int *code, int *signal);
// Whether a locale is there.
int outlast_has_locale(const char *name);

// MARK: - Sockets

// Makes a socket at a path, which must not exist; ENAMETOOLONG when the path is longer than sockets allow.
int outlast_listen(const char *path, int *descriptor);
// Takes the next caller; waits for one, or until `wake` can be read (ECANCELED).
int outlast_accept(int descriptor, int wake, int *caller);
// Calls a socket.
int outlast_connect(const char *path, int *descriptor);
// The user id at the other end.
int outlast_peer_user(int descriptor, uint32_t *user);
// Says that nothing more is written.
int outlast_finish_writing(int descriptor);
