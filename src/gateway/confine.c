/*
 * confine.c
 *	  What the process gives up, and what it tells who started it.
 *
 * The gateway that the server starts is of the server's user, whose files are the whole
 * database.  Where the kernel has Landlock, it can read certificates and what the C library
 * and libpq look at to find a host, a user or a password; it can write and run nothing, and
 * signal none of the server's processes.
 *
 * Landlock's numbers are those of linux/landlock.h, which may be older than the kernel.
 */
#include "gateway/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/log.h"
#include "gateway/settings.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define ASK_VERSION 1
#define RULE_PATH_BENEATH 1
#define READ_FILE (UINT64CONST(1) << 2)
#define READ_DIR (UINT64CONST(1) << 3)
#define SCOPE_SIGNAL (UINT64CONST(1) << 1)

typedef struct Ruleset
{
	uint64 files;
	uint64 network;
	uint64 scoped;
} Ruleset;

typedef struct PathRule
{
	uint64 allowed;
	int32 parent;
} pg_attribute_packed() PathRule;

/* What the C library and libpq read. */
static const char *const readable[] = {
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	"/usr/local/lib",
	"/etc/ld.so.cache",
	"/etc/hosts",
	"/etc/host.conf",
	"/etc/gai.conf",
	"/etc/passwd",
	"/etc/services",
	"/etc/nsswitch.conf",
	"/etc/resolv.conf",
	"/run/systemd/resolve",
	"/etc/localtime",
	"/dev/null",
	"/dev/urandom",
};

static void
allow_reading(int ruleset, const char *path)
{
	struct stat about;
	PathRule rule = {READ_FILE, open(path, O_PATH | O_CLOEXEC)};

	if (rule.parent < 0)
		return; /* it is not there */
	if (fstat(rule.parent, &about) == 0 && S_ISDIR(about.st_mode))
		rule.allowed |= READ_DIR;
	(void) syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent);
}

/* Its folder, and that of what it points to, since one that is renewed is another file. */
static void
allow_renewed(int ruleset, const char *file)
{
	char *real = realpath(file, NULL);

	if (file[0] == '\0')
		return;
	allow_reading(ruleset, dirname(pstrdup(file)));
	if (real != NULL)
		allow_reading(ruleset, dirname(real));
	free(real);
}

static void
allow_password_file(int ruleset)
{
	const char *given = getenv("PGPASSFILE");
	const char *home = getenv("HOME");

	if (given != NULL)
		allow_reading(ruleset, given);
	else if (home != NULL)
		allow_reading(ruleset, psprintf("%s/.pgpass", home));
}

/* As many rights are taken as this version knows. */
static int
make_ruleset(int version)
{
	static const int file_rights[] = {13, 14, 15, 15, 16}; /* of versions 1 to 5 */
	int rights = file_rights[Min(version, (int) lengthof(file_rights)) - 1];
	Ruleset all = {.files = (UINT64CONST(1) << rights) - 1, .scoped = version >= 6 ? SCOPE_SIGNAL : 0};
	size_t size = version >= 6 ? sizeof(all) : version >= 4 ? 2 * sizeof(uint64) : sizeof(uint64);

	return (int) syscall(SYS_landlock_create_ruleset, &all, size, 0);
}

static void
give_up_files(void)
{
	int version = (int) syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	int ruleset = version > 0 ? make_ruleset(version) : -1;

	if (ruleset >= 0)
	{
		for (size_t i = 0; i < lengthof(readable); i++)
			allow_reading(ruleset, readable[i]);
		allow_renewed(ruleset, settings.tls_cert);
		allow_renewed(ruleset, settings.tls_key);
		allow_password_file(ruleset);
		if (settings.web[0] != '\0')
			allow_reading(ruleset, settings.web);
	}
	if (ruleset < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		log_line("start", psprintf("no Landlock (%s): it can reach the files of its user", strerror(errno)));
	if (ruleset >= 0)
		close(ruleset);
}

void
confine(void)
{
	(void) prctl(PR_SET_DUMPABLE, 0);
	(void) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (settings.is_strict)
		give_up_files();
}

void
notify_manager(const char *line)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* of the abstract namespace */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
		sendto(fd, line, strlen(line), MSG_NOSIGNAL, (const struct sockaddr *) &address,
			   (socklen_t) (offsetof(struct sockaddr_un, sun_path) + strlen(path))) < 0)
		log_line("start", psprintf("systemd is not told: %s", strerror(errno)));
	if (fd >= 0)
		close(fd);
}
