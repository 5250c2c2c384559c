/*
 * password_login.c
 *	  Whether a password is a role's: the server is asked, by a connection that is closed at once.
 *
 * Over TCP, since the server's socket often lets in whoever is the right user of the
 * machine, which here is the gateway's.  Where the server asked for no password (trust,
 * certificates) a connection proves nothing and is no login.  Five tries a minute for an
 * address, and for a role.
 */
#include "gateway/password_login.h"

#include <libpq-fe.h>
#include <sys/epoll.h>

#include "gateway/log.h"
#include "gateway/peers.h"
#include "gateway/pool.h"
#include "gateway/settings.h"

#define TRIES 5
#define REMEMBERED 512
#define MAX_WHO 80
#define CONNECT_TIMEOUT (10 * SECOND)
#define MAX_LOGINS 16 /* under way at a time */

typedef struct Login
{
	Watch watch; /* first */
	Request *request;
	void (*next)(Request *request);
	PGconn *connection;
	int64 began;
	struct Login *after;
} Login;

static struct
{
	char who[MAX_WHO];
	int64 at;
} tries[REMEMBERED]; /* a ring */
static int next_try;
static Login *under_way;
static int logins;

/* ---- how often ---- */

/* False: it has tried too often. */
static bool
count_try(const char *who)
{
	int count = 0;

	for (int i = 0; i < REMEMBERED; i++)
		count +=
			tries[i].at != 0 && loop_now() - tries[i].at < 60 * SECOND && strncmp(tries[i].who, who, MAX_WHO - 1) == 0;
	if (count >= TRIES)
		return false;
	strlcpy(tries[next_try].who, who, MAX_WHO);
	tries[next_try].at = loop_now();
	next_try = (next_try + 1) % REMEMBERED;
	return true;
}

/* ---- the connection ---- */

static void
forget(Login *login)
{
	Login **place = &under_way;

	while (*place != login)
		place = &(*place)->after;
	*place = login->after;
	logins--;
	loop_forget(&login->watch);
	PQfinish(login->connection);
}

static void
refused(Login *login)
{
	bool asked = PQconnectionNeedsPassword(login->connection) || PQconnectionUsedPassword(login->connection);
	Request *request = login->request;

	log_detail(request, PQerrorMessage(login->connection));
	forget(login);
	if (asked)
		request_fail(request, 401, "LoginFailed", "Role or password are wrong");
	else
		request_fail(request, 401, "LoginFailed",
					 "The server lets this role in by no password: log in with an access key");
}

static void
connected(Login *login)
{
	bool has_proved = PQconnectionUsedPassword(login->connection);
	Request *request = login->request;
	void (*next)(Request *) = login->next;

	forget(login);
	if (has_proved)
		next(request);
	else
		request_fail(request, 401, "LoginFailed",
					 "The server asks this role for no password: log in with an access key");
}

static void
go_on(Watch *watch, uint32 events)
{
	Login *login = (Login *) watch;
	Arena *before = arena_use(login->request->arena);
	PostgresPollingStatusType status = PQconnectPoll(login->connection);

	(void) events;
	loop_forget(&login->watch); /* the socket may be another, under the same number */
	if (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING)
		loop_watch(&login->watch, PQsocket(login->connection), status == PGRES_POLLING_READING ? EPOLLIN : EPOLLOUT);
	else if (status == PGRES_POLLING_OK)
		connected(login);
	else
		refused(login);
	arena_use(before);
}

void
password_login_tend(void)
{
	for (Login *login = under_way, *after; login != NULL; login = after)
	{
		after = login->after;
		if (loop_now() - login->began < CONNECT_TIMEOUT)
			continue;
		arena_use(login->request->arena);
		request_fail(login->request, 503, "ServiceUnavailable", "The database does not answer; try again later");
		forget(login);
	}
}

static void
connect_as(Login *login, const char *role, const char *password)
{
	/* what comes later in the list goes before what is in the connection string */
	const char *const names[] = {"dbname",           "port",   "user", "password", "passfile", "gssencmode", "sslcert",
								 "application_name", "dbname", NULL};
	const char *const values[] = {settings.login_db,
								  pool_port(login->request->database),
								  role,
								  password,
								  "/dev/null",
								  "disable",
								  "/dev/null",
								  "sfn-gateway login",
								  pool_database(login->request->database),
								  NULL};

	login->connection = PQconnectStartParams(names, values, 1);
	login->after = under_way;
	under_way = login;
	logins++;
	if (login->connection == NULL || PQstatus(login->connection) == CONNECTION_BAD)
		refused(login);
	else
		loop_watch(&login->watch, PQsocket(login->connection), EPOLLOUT);
}

void
password_login(Request *request, const char *role, const char *password, void (*next)(Request *request))
{
	Login *login = palloc0(sizeof(Login));

	login->watch = (Watch){.fd = -1, .ready = go_on};
	login->request = request;
	login->next = next;
	login->began = loop_now();
	request->role_name = role;
	if (logins >= MAX_LOGINS || !count_try(psprintf("address %s", peer_text(request))) ||
		!count_try(psprintf("role %s", role)))
	{
		request_add_header(request, "Retry-After", "60");
		request_fail(request, 429, "ThrottlingException", "Too many tries; wait a minute");
	}
	else if (pool_port(request->database) == NULL)
		request_fail(request, 503, "ServiceUnavailable", "The database cannot be reached; try again later");
	else
		connect_as(login, role, password);
}
