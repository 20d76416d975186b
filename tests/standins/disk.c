/* A disk that fails on demand, for the files of one folder. For LD_PRELOAD; needs no root, and does what a full tmpfs cannot: errors on sync and on reading.
 *
 *   gcc -shared -fPIC -O2 -o disk.so disk.c
 *
 * STANDIN_DISK names the folder, without a link in its path. STANDIN_DISK_FAULT names a file whose first byte, which may be changed while the program runs, says what is wrong:
 *
 *   0   nothing        f   full: writing, growing and making files say ENOSPC        s   syncing says EIO
 *   r   reading says EIO        w   writing says EIO        h   syncing hangs        o   read-only: opening for writing says EROFS
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static const volatile char *fault;
static char folder[PATH_MAX];

__attribute__((constructor)) static void look(void) {
    const char *path = getenv("STANDIN_DISK_FAULT"), *where = getenv("STANDIN_DISK");
    int file = path && where ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    snprintf(folder, sizeof folder, "%s/", where);
    void *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (page != MAP_FAILED) fault = page;
}

static char now(void) { return fault ? *fault : '0'; }

static int is_ours(int file) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    return length > 0 && !strncmp(path, folder, strlen(folder));
}

/* 0, or the error that this call meets. */
static int trouble(int file, const char *faults, int error) {
    char f = now();
    return f != '0' && strchr(faults, f) && is_ours(file) ? (f == 'f' ? ENOSPC : error) : 0;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define REFUSE(file, faults, error) \
    do { \
        int e = trouble(file, faults, error); \
        if (e) { errno = e; return -1; } \
    } while (0)

ssize_t write(int file, const void *bytes, size_t count) { REAL(write); REFUSE(file, "fw", EIO); return real(file, bytes, count); }
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { REAL(pwrite); REFUSE(file, "fw", EIO); return real(file, bytes, count, at); }
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) { REAL(pwrite64); REFUSE(file, "fw", EIO); return real(file, bytes, count, at); }
ssize_t read(int file, void *bytes, size_t count) { REAL(read); REFUSE(file, "r", EIO); return real(file, bytes, count); }
ssize_t pread(int file, void *bytes, size_t count, off_t at) { REAL(pread); REFUSE(file, "r", EIO); return real(file, bytes, count, at); }
ssize_t pread64(int file, void *bytes, size_t count, off64_t at) { REAL(pread64); REFUSE(file, "r", EIO); return real(file, bytes, count, at); }
static void hang(int file) {
    while (now() == 'h' && is_ours(file)) usleep(10000);
}

int fsync(int file) { REAL(fsync); hang(file); REFUSE(file, "s", EIO); return real(file); }
int fdatasync(int file) { REAL(fdatasync); hang(file); REFUSE(file, "s", EIO); return real(file); }
int ftruncate(int file, off_t length) { REAL(ftruncate); REFUSE(file, "fw", EIO); return real(file, length); }
int ftruncate64(int file, off64_t length) { REAL(ftruncate64); REFUSE(file, "fw", EIO); return real(file, length); }
int fallocate(int file, int mode, off_t at, off_t length) { REAL(fallocate); REFUSE(file, "fw", EIO); return real(file, mode, at, length); }

static int refused_open(const char *path, int flags) {
    char f = now();
    if (f == '0' || strncmp(path, folder, strlen(folder)) || !(flags & (O_WRONLY | O_RDWR | O_CREAT))) return 0;
    if (f == 'o') return EROFS;
    return f == 'f' && (flags & O_CREAT) && access(path, F_OK) ? ENOSPC : 0;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        int e = refused_open(path, flags); \
        if (e) { errno = e; return -1; } \
        return real(path, flags, mode); \
    }

OPEN(open)
OPEN(open64)
