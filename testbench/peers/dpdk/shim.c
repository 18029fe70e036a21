/*
 * Preloaded into a DPDK application so that its AVP driver finds a device that another process
 * exports as files. Two things are hard-coded in DPDK and overridden here:
 *
 *  - The paths of /dev/uioN and of the configuration space behind it. Both are redirected into the
 *    folder that the environment variable AVP_DIR names; a unix socket stands there for /dev/uioN.
 *  - DPDK maps such devices only when it believes that it uses physical addresses.
 *
 * A crash is reported on standard error with its backtrace before it takes its course.
 *
 * A thread that receives SIGNAL_HOLD stops wherever it is until it receives SIGNAL_RELEASE, as a
 * thread does whose CPU a hypervisor has descheduled.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SIGNAL_HOLD 40
#define SIGNAL_RELEASE 41
#define HOLD_LIMIT_S 15

int rte_eal_using_phys_addrs(void);
int rte_eal_using_phys_addrs(void)
{
	return 1;
}

/*
 * True where `path` is `before`, a number and `after`. It uses no sscanf: newer C libraries give that another name,
 * which the older one of a release may lack.
 */
static int is_numbered(const char *path, const char *before, const char *after, const char **number, int *digits)
{
	size_t length = strlen(before);

	if (strncmp(path, before, length) != 0)
		return 0;
	*number = path + length;
	*digits = (int)strspn(*number, "0123456789");
	return *digits > 0 && strcmp(*number + *digits, after) == 0;
}

/* Writes the file in AVP_DIR that replaces `path` to `target`; 0 where `path` is not redirected. */
static int lead(const char *path, char *target, size_t size)
{
	const char *dir = getenv("AVP_DIR");
	const char *number;
	int digits;

	if (dir == NULL || path == NULL)
		return 0;
	if (is_numbered(path, "/dev/uio", "", &number, &digits))
		return snprintf(target, size, "%s/uio%.*s", dir, digits, number) < (int)size;
	if (is_numbered(path, "/sys/class/uio/uio", "/device/config", &number, &digits))
		return snprintf(target, size, "%s/config", dir) < (int)size;
	return 0;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int reason = errno;

		close(fd);
		errno = reason;
		return -1;
	}
	return fd;
}

static int open_as(const char *name, const char *path, int flags, mode_t mode)
{
	int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
	char target[PATH_MAX];
	int fd;

	if (!lead(path, target, sizeof(target)))
		return next(path, flags, mode);
	fd = next(target, flags, mode);
	/* open(2) fails with ENXIO on a socket. */
	return fd < 0 && errno == ENXIO ? connect_to(target) : fd;
}

#define OPEN(name)                                                  \
	int name(const char *path, int flags, ...)                  \
	{                                                           \
		mode_t mode = 0;                                    \
		va_list rest;                                       \
                                                                    \
		va_start(rest, flags);                              \
		if (__OPEN_NEEDS_MODE(flags))                       \
			mode = va_arg(rest, mode_t);                \
		va_end(rest);                                       \
		return open_as(#name, path, flags, mode);           \
	}
OPEN(open)
OPEN(open64)

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

static void on_crash(int number, siginfo_t *info, void *context)
{
	void *frames[64];
	char text[80];

	(void)context;
	snprintf(text, sizeof(text), "\navp-shim: signal %d at address %p\n", number, info->si_addr);
	say(text);
	backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
	say("avp-shim: end of backtrace\n");
	/* SA_RESETHAND has removed the handler, so the signal now ends the process as it would have without it. */
	raise(number);
}

static void on_hold(int number)
{
	static const struct timespec limit = { .tv_sec = HOLD_LIMIT_S };
	int reason = errno;
	sigset_t release;

	(void)number;
	sigemptyset(&release);
	sigaddset(&release, SIGNAL_RELEASE);
	sigtimedwait(&release, NULL, &limit);
	errno = reason;
}

/* Receives a release that comes after the hold has timed out. */
static void on_release(int number)
{
	(void)number;
}

__attribute__((constructor)) static void prepare(void)
{
	struct sigaction hold = { .sa_handler = on_hold, .sa_flags = SA_RESTART };
	struct sigaction release = { .sa_handler = on_release, .sa_flags = SA_RESTART };
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct sigaction action = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_RESETHAND };
	void *frame;

	/* A bench that is killed must not leave the application behind. */
	if (getenv("AVP_DIE_WITH_PARENT") != NULL)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The first call of backtrace loads a library, which a signal handler must not do. */
	backtrace(&frame, 1);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	sigaddset(&hold.sa_mask, SIGNAL_RELEASE);
	sigaction(SIGNAL_HOLD, &hold, NULL);
	sigaction(SIGNAL_RELEASE, &release, NULL);
}
