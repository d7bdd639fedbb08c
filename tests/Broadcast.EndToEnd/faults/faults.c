/*
 * Faults at the system's edge. Preloaded into the process under test, this counts what it writes, flushes and truncates of
 * its ledger's files and what it sends on TCP sockets, and makes one of them, the n-th of its kind, fail, tear or be the last
 * thing that the process ever does. The test arms and reads it through a shared page, so that the counts outlive a kill.
 *
 *   BROADCAST_FAULTS         the file that holds the page (created by the test, zeros, at least 4096 bytes)
 *   BROADCAST_FAULTS_LEDGER  paths that begin with this are the ledger's
 *
 * The page is an array of 64-bit numbers; FaultPage.cs has the same layout.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { KIND_NONE, LEDGER_WRITE, LEDGER_FLUSH, LEDGER_TRUNCATE, SOCKET_SEND, KINDS };

enum action { ACTION_NONE, FAIL_EIO, FAIL_ENOSPC, FAIL_ECONNRESET, KILL_BEFORE, KILL_AFTER, TEAR };

struct page {
    _Atomic int64_t armed;      /* enum kind; KIND_NONE counts and does nothing */
    _Atomic int64_t nth;        /* counted from 1 since the counts were zeroed */
    _Atomic int64_t action;     /* enum action */
    _Atomic int64_t last;       /* up to which one it goes on; a full disk is full for everyone */
    _Atomic int64_t fired;      /* how often it struck */
    _Atomic int64_t loaded;     /* process id that this is loaded in: the test's proof that it is there at all */
    _Atomic int64_t reserved[2];
    _Atomic int64_t counts[KINDS];
};

static struct page *page;
static const char *ledger;
static size_t ledger_chars;

__attribute__((constructor)) static void load(void) {
    const char *path = getenv("BROADCAST_FAULTS");
    ledger = getenv("BROADCAST_FAULTS_LEDGER");
    if (path == NULL || ledger == NULL) return;
    ledger_chars = strlen(ledger);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED) return;
    page = mapped;
    atomic_store(&page->loaded, getpid());
}

static int is_ledger(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t chars = readlink(link, path, sizeof path - 1);
    return chars >= (ssize_t)ledger_chars && memcmp(path, ledger, ledger_chars) == 0;
}

static int is_tcp(int fd) {
    struct sockaddr_storage name;
    socklen_t bytes = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &bytes) != 0) return 0;
    return name.ss_family == AF_INET || name.ss_family == AF_INET6;
}

static enum kind kind_of_write(int fd) {
    struct stat status;
    if (page == NULL || fstat(fd, &status) != 0) return KIND_NONE;
    if (S_ISSOCK(status.st_mode)) return is_tcp(fd) ? SOCKET_SEND : KIND_NONE;
    return S_ISREG(status.st_mode) && is_ledger(fd) ? LEDGER_WRITE : KIND_NONE;
}

static enum kind kind_of_send(int fd) { return page != NULL && is_tcp(fd) ? SOCKET_SEND : KIND_NONE; }

static enum kind kind_on_ledger(int fd, enum kind kind) { return page != NULL && is_ledger(fd) ? kind : KIND_NONE; }

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/* Counts the call and says what is to become of it. */
static enum action strike(enum kind kind) {
    if (kind == KIND_NONE) return ACTION_NONE;
    int64_t count = atomic_fetch_add(&page->counts[kind], 1) + 1;
    if (atomic_load(&page->armed) != kind) return ACTION_NONE;
    if (count < atomic_load(&page->nth) || count > atomic_load(&page->last)) return ACTION_NONE;
    atomic_fetch_add(&page->fired, 1);
    return (enum action)atomic_load(&page->action);
}

static int error_of(enum action action) {
    switch (action) {
    case FAIL_EIO: return EIO;
    case FAIL_ENOSPC: return ENOSPC;
    case FAIL_ECONNRESET: return ECONNRESET;
    default: return 0;
    }
}

/* A failing flush has perhaps written something, a failing write nothing: the harder case for each. */
#define AROUND(kind, call, torn)                                     \
    enum action action = strike(kind);                               \
    if (error_of(action) != 0) { errno = error_of(action); return -1; } \
    if (action == KILL_BEFORE) die();                                \
    if (action == TEAR) { torn; die(); }                             \
    __typeof__(call) result = (call);                                \
    if (action == KILL_AFTER) die();                                 \
    return result

#define REAL(name)                                                   \
    static __typeof__(&name) real;                                   \
    if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t bytes) {
    REAL(write);
    AROUND(kind_of_write(fd), real(fd, data, bytes), real(fd, data, bytes / 2));
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at) {
    REAL(pwrite);
    AROUND(kind_of_write(fd), real(fd, data, bytes, at), real(fd, data, bytes / 2, at));
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at) {
    REAL(pwrite64);
    AROUND(kind_of_write(fd), real(fd, data, bytes, at), real(fd, data, bytes / 2, at));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    AROUND(kind_of_write(fd), real(fd, parts, count), real(fd, parts, count > 1 ? count / 2 : 1));
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    REAL(pwritev);
    AROUND(kind_of_write(fd), real(fd, parts, count, at), real(fd, parts, count > 1 ? count / 2 : 1, at));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
    REAL(pwritev64);
    AROUND(kind_of_write(fd), real(fd, parts, count, at), real(fd, parts, count > 1 ? count / 2 : 1, at));
}

int fsync(int fd) {
    REAL(fsync);
    AROUND(kind_on_ledger(fd, LEDGER_FLUSH), real(fd), (void)0);
}

int fdatasync(int fd) {
    REAL(fdatasync);
    AROUND(kind_on_ledger(fd, LEDGER_FLUSH), real(fd), (void)0);
}

int ftruncate(int fd, off_t bytes) {
    REAL(ftruncate);
    AROUND(kind_on_ledger(fd, LEDGER_TRUNCATE), real(fd, bytes), (void)0);
}

int ftruncate64(int fd, off64_t bytes) {
    REAL(ftruncate64);
    AROUND(kind_on_ledger(fd, LEDGER_TRUNCATE), real(fd, bytes), (void)0);
}

ssize_t send(int fd, const void *data, size_t bytes, int flags) {
    REAL(send);
    AROUND(kind_of_send(fd), real(fd, data, bytes, flags), real(fd, data, bytes / 2, flags));
}

ssize_t sendto(int fd, const void *data, size_t bytes, int flags, const struct sockaddr *to, socklen_t to_bytes) {
    REAL(sendto);
    AROUND(kind_of_send(fd), real(fd, data, bytes, flags, to, to_bytes), real(fd, data, bytes / 2, flags, to, to_bytes));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    REAL(sendmsg);
    AROUND(kind_of_send(fd), real(fd, message, flags), (void)0);
}
