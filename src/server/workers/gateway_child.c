/*
 * gateway_child.c
 *	  The gateway of the server: a child of the launcher, while sfn.gateway has an address.
 *
 * It is a program of its own (src/gateway), which is told of the settings on its command
 * line, so it is started anew when they change.  It ends with the launcher, however that
 * ends.  For DDL that needs one of its databases for itself it is started without that, or,
 * if it is the first, when that is done.  One that ends by itself is
 * started again after a while that doubles; one that refuses its settings only when these
 * have changed.
 */
#include "postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "postmaster/postmaster.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "base/port.h"
#include "settings/guc.h"
#include "shared/worker_registry.h"
#include "workers/gateway_child.h"

#define PROGRAM "sfn-gateway"
#define FIRST_PAUSE_MS 1000
#define LONGEST_PAUSE_MS (60 * 1000)
#define GRACE_MS (10 * 1000) /* between being asked to end and being killed */
#define REFUSES_SETTINGS 2   /* its exit code */
#define MAX_ARGUMENTS 48
#define MAX_DATABASES 64 /* that one gateway serves */

static pid_t child = 0;
static char *child_command;  /* what it was started with, joined; in TopMemoryContext */
static TimestampTz kill_at;  /* 0: it has not been asked to end */
static TimestampTz start_at; /* not before */
static TimestampTz started_at;
static int pause_ms = FIRST_PAUSE_MS;
static char *refused_command; /* not to be tried again */

/* ---- what is to run ---- */

typedef struct Command
{
	char *arguments[MAX_ARGUMENTS + 1];
	int count;
} Command;

static void
add(Command *command, const char *option, const char *value)
{
	if (value[0] == '\0' || command->count + 2 > MAX_ARGUMENTS)
		return;
	command->arguments[command->count++] = pstrdup(option);
	command->arguments[command->count++] = pstrdup(value);
}

static void
add_number(Command *command, const char *option, int value)
{
	add(command, option, psprintf("%d", value));
}

/* Executors work for it, and nobody needs it for himself. */
static bool
is_served(DatabaseEntry *entry)
{
	return OidIsValid(entry->oid) && entry->status == DATABASE_ACTIVE && pg_atomic_read_u32(&entry->holds) == 0;
}

static DatabaseEntry *
find_entry(Oid database)
{
	for (int i = 0; i < REGISTRY_DATABASES; i++)
	{
		if (OidIsValid(database) && worker_registry->databases[i].oid == database)
			return &worker_registry->databases[i];
	}
	return NULL;
}

/* Those of sfn.gateway_databases; the first may be none. */
static List *
named_databases(void)
{
	List *names;
	List *databases = NIL;
	ListCell *cell;

	if (!SplitGUCList(pstrdup(sfn_gateway_databases), ',', &names))
		return NIL;
	foreach(cell, names)
		databases = lappend_oid(databases, get_database_oid(lfirst(cell), true));
	return databases;
}

/* Those that executors work for, the oldest first. */
static List *
all_databases(void)
{
	List *databases = NIL;

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	for (int i = 0; i < REGISTRY_DATABASES; i++)
	{
		const DatabaseEntry *entry = &worker_registry->databases[i];

		if (OidIsValid(entry->oid) && entry->status == DATABASE_ACTIVE)
			databases = lappend_oid(databases, entry->oid);
	}
	LWLockRelease(worker_registry->lock);
	list_sort(databases, list_oid_cmp);
	return databases;
}

/* Those that can be served now. */
static List *
served_among(const List *databases)
{
	List *served = NIL;
	ListCell *cell;

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	foreach(cell, databases)
	{
		DatabaseEntry *entry = find_entry(lfirst_oid(cell));

		if (entry != NULL && is_served(entry))
			served = lappend_oid(served, lfirst_oid(cell));
	}
	LWLockRelease(worker_registry->lock);
	return served;
}

/*
 * Their names, with commas, in TopMemoryContext; NULL: there is nothing to serve.  Never without the first, since a
 * request that names no database is for that one.
 */
static char *
served_databases(void)
{
	StringInfoData text;
	List *databases;
	List *served;
	ListCell *cell;
	int count = 0;

	StartTransactionCommand();
	databases = sfn_gateway_databases[0] != '\0' ? named_databases() : all_databases();
	served = served_among(databases);
	initStringInfo(&text);
	if (served != NIL && linitial_oid(served) == linitial_oid(databases))
	{
		foreach(cell, served)
		{
			char *name = get_database_name(lfirst_oid(cell));

			if (name != NULL && strchr(name, ',') == NULL && count++ < MAX_DATABASES)
				appendStringInfo(&text, "%s%s", text.len > 0 ? "," : "", name);
		}
	}
	text.data = MemoryContextStrdup(TopMemoryContext, text.data);
	CommitTransactionCommand();
	if (text.data[0] != '\0')
		return text.data;
	pfree(text.data);
	return NULL;
}

/* Quoted for a connection string. */
static char *
quoted(const char *value)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '\'');
	for (const char *c = value; *c != '\0'; c++)
	{
		if (*c == '\'' || *c == '\\')
			appendStringInfoChar(&out, '\\');
		appendStringInfoChar(&out, *c);
	}
	appendStringInfoChar(&out, '\'');
	return out.data;
}

/* Where the server's sockets are: the first directory. */
static char *
socket_directory(void)
{
	List *directories;

	if (!SplitDirectoriesString(pstrdup(Unix_socket_directories), ',', &directories) || directories == NIL)
		return pstrdup("localhost");
	return linitial(directories);
}

/* False: there is nothing to be run. */
static bool
wanted_command(Command *command)
{
	char program[MAXPGPATH];
	char *databases;
	char *slash;

	if (strcmp(sfn_gateway, "off") == 0 || sfn_gateway[0] == '\0')
		return false;
	databases = served_databases();
	if (databases == NULL)
		return false;
	strlcpy(program, my_exec_path, sizeof(program));
	slash = strrchr(program, '/');
	strlcpy(slash != NULL ? slash + 1 : program, PROGRAM, sizeof(program) - (slash != NULL ? slash + 1 - program : 0));
	command->arguments[command->count++] = pstrdup(program);
	add(command, "--db", psprintf("host=%s port=%d", quoted(socket_directory()), PostPortNumber));
	add(command, "--databases", databases);
	add(command, "--listen", sfn_gateway);
	add(command, "--auth", sfn_gateway_auth);
	add(command, "--hosts", sfn_gateway_hosts);
	add(command, "--cors-origins", sfn_gateway_cors_origins);
	add(command, "--trusted-proxies", sfn_gateway_trusted_proxies);
	add(command, "--role", sfn_gateway_role);
	add(command, "--tls-cert", sfn_gateway_tls_cert);
	add(command, "--tls-key", sfn_gateway_tls_key);
	add_number(command, "--connections", sfn_gateway_connections);
	add_number(command, "--sync-connections", sfn_gateway_sync_connections);
	add_number(command, "--max-body", sfn_gateway_max_body);
	add_number(command, "--activity-wait", sfn_gateway_activity_wait);
	if (sfn_gateway_region_check)
		command->arguments[command->count++] = pstrdup("--region-check");
	command->arguments[command->count++] = pstrdup("--strict");
	command->arguments[command->count] = NULL;
	pfree(databases);
	return true;
}

static char *
joined(const Command *command)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < command->count; i++)
		appendStringInfo(&text, "%s%c", command->arguments[i], i + 1 < command->count ? '\n' : ' ');
	return text.data;
}

/* ---- starting it ---- */

/* The kernel may kill it, not the server, when memory is short. */
static void
be_no_worse_than_others(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd < 0)
		return;
	(void) !write(fd, "0", 1);
	close(fd);
}

/* In the child: nothing of the server's goes along but its standard error. */
pg_noreturn static void
become_gateway(char **arguments, pid_t launcher)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGCHLD, SIGALRM};
	struct rlimit no_core = {0, 0};
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	(void) setsid();
	for (size_t i = 0; i < lengthof(signals); i++)
		(void) signal(signals[i], signals[i] == SIGHUP ? SIG_IGN : SIG_DFL); /* until it takes it itself */
	sigemptyset(&none);
	(void) sigprocmask(SIG_SETMASK, &none, NULL);
	(void) prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != launcher)
		_exit(1);
	(void) setrlimit(RLIMIT_CORE, &no_core);
	be_no_worse_than_others();
	(void) dup2(null, 0);
	(void) dup2(null, 1);
	for (int fd = 3; fd < (int) sysconf(_SC_OPEN_MAX) && fd < 65536; fd++)
		(void) close(fd);
	(void) execv(arguments[0], arguments);
	dprintf(2, "could not run %s: %m\n", arguments[0]);
	_exit(REFUSES_SETTINGS);
}

static void
start_child(Command *command, const char *text)
{
	pid_t launcher = getpid();
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become_gateway(command->arguments, launcher);
	if (pid < 0)
	{
		ereport(LOG, (errmsg("could not start the gateway: %m")));
		start_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LONGEST_PAUSE_MS);
		return;
	}
	child = pid;
	started_at = GetCurrentTimestamp();
	child_command = MemoryContextStrdup(TopMemoryContext, text);
	kill_at = 0;
	ereport(LOG, (errmsg("sfn gateway with PID %d serves %s", (int) pid, sfn_gateway)));
}

/* ---- its end ---- */

static void
forget_command(char **text)
{
	if (*text != NULL)
		pfree(*text);
	*text = NULL;
}

/* It has ended. */
static void
child_gone(int status)
{
	bool was_asked = kill_at != 0;
	bool refuses = WIFEXITED(status) && WEXITSTATUS(status) == REFUSES_SETTINGS;

	child = 0;
	kill_at = 0;
	start_at = GetCurrentTimestamp();
	forget_command(&refused_command);
	if (refuses)
	{
		ereport(LOG, (errmsg("sfn gateway refuses its settings"), errhint("The line before says why.")));
		refused_command = child_command;
		child_command = NULL;
	}
	else if (!was_asked)
	{
		if (TimestampDifferenceExceeds(started_at, start_at, LONGEST_PAUSE_MS))
			pause_ms = FIRST_PAUSE_MS;
		ereport(LOG, (errmsg("sfn gateway ended with status %d and is started again in %d ms", status, pause_ms)));
		start_at = TimestampTzPlusMilliseconds(start_at, pause_ms);
		pause_ms = Min(pause_ms * 2, LONGEST_PAUSE_MS);
	}
	forget_command(&child_command);
}

static void
ask_to_end(TimestampTz now)
{
	if (kill_at == 0)
	{
		(void) kill(child, SIGTERM);
		kill_at = TimestampTzPlusMilliseconds(now, GRACE_MS);
	}
	else if (now >= kill_at)
	{
		(void) kill(child, SIGKILL);
		kill_at = TimestampTzPlusMilliseconds(now, GRACE_MS);
	}
}

/* ---- for the launcher ---- */

static void
child_signal(SIGNAL_ARGS)
{
	int save_errno = errno;

	SetLatch(MyLatch);
	errno = save_errno;
}

void
gateway_child_begin(void)
{
	pqsignal(SIGCHLD, child_signal);
}

TimestampTz
gateway_child_tend(void)
{
	TimestampTz now = GetCurrentTimestamp();
	Command command = {.count = 0};
	bool is_wanted;
	char *text;
	int status;

	if (child != 0 && waitpid(child, &status, WNOHANG) == child)
		child_gone(status);
	is_wanted = wanted_command(&command);
	text = is_wanted ? joined(&command) : "";
	if (child != 0)
	{
		if (!is_wanted || strcmp(text, child_command) != 0)
			ask_to_end(now);
		return kill_at;
	}
	if (!is_wanted || (refused_command != NULL && strcmp(text, refused_command) == 0))
		return 0;
	if (refused_command != NULL || now >= start_at)
	{
		forget_command(&refused_command);
		start_child(&command, text);
		return 0;
	}
	return start_at;
}

void
gateway_child_reload(void)
{
	if (child != 0)
		(void) kill(child, SIGHUP);
}

void
gateway_child_end(void)
{
	if (child != 0)
		(void) kill(child, SIGTERM);
}
