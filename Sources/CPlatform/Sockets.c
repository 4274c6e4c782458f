// Sockets that are files: callers of the same machine and the same user.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int make_socket(int *descriptor) {
#if defined(__linux__)
    *descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return *descriptor < 0 ? errno : 0;
#else
    *descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (*descriptor < 0) return errno;
    fcntl(*descriptor, F_SETFD, FD_CLOEXEC);
    const int yes = 1;
    setsockopt(*descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
    return 0;
#endif
}

static int address_of(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) return ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

int outlast_listen(const char *path, int *descriptor) {
    struct sockaddr_un address;
    int error = address_of(path, &address);
    if (error == 0) error = make_socket(descriptor);
    if (error != 0) return error;
    const struct sockaddr *place = (const struct sockaddr *)&address;
    if (bind(*descriptor, place, sizeof address) != 0 || chmod(path, 0600) != 0 || listen(*descriptor, 64) != 0) {
        error = errno;
        close(*descriptor);
    }
    return error;
}

int outlast_accept(int descriptor, int wake, int *caller) {
    while (1) {
        struct pollfd waiting[2] = {{.fd = descriptor, .events = POLLIN}, {.fd = wake, .events = POLLIN}};
        if (poll(waiting, 2, -1) < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        if (waiting[1].revents != 0) return ECANCELED;
        if (waiting[0].revents == 0) continue;
#if defined(__linux__)
        *caller = accept4(descriptor, NULL, NULL, SOCK_CLOEXEC);
#else
        *caller = accept(descriptor, NULL, NULL);
        if (*caller >= 0) fcntl(*caller, F_SETFD, FD_CLOEXEC);
#endif
        if (*caller >= 0) return 0;
        if (errno != EINTR && errno != ECONNABORTED) return errno;
    }
}

int outlast_connect(const char *path, int *descriptor) {
    struct sockaddr_un address;
    int error = address_of(path, &address);
    if (error == 0) error = make_socket(descriptor);
    if (error != 0) return error;
    if (connect(*descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        error = errno;
        close(*descriptor);
    }
    return error;
}

int outlast_peer_user(int descriptor, uint32_t *user) {
#if defined(__linux__)
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return errno;
    *user = peer.uid;
#else
    uid_t found;
    gid_t group;
    if (getpeereid(descriptor, &found, &group) != 0) return errno;
    *user = found;
#endif
    return 0;
}

int outlast_finish_writing(int descriptor) { return shutdown(descriptor, SHUT_WR) == 0 ? 0 : errno; }
