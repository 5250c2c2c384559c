/*
 * fuzz_gateway.c
 *	  Any bytes as a request to the gateway: every request is answered once, whatever its route, form, link, cookie or key.
 *
 * The first byte says what the database answers and how the gateway is set.  Then lines: method, path with query, headers
 * as "Name: value", an empty line, the body.  Database and HTTP library are played by this file.
 */
#include "base/port.h"

#include "fuzz/fuzz.h"
#include "gateway/http.h"
#include "gateway/metrics.h"
#include "gateway/password_login.h"
#include "gateway/peers.h"
#include "gateway/polls.h"
#include "gateway/pool.h"
#include "gateway/routes.h"
#include "gateway/sessions.h"
#include "gateway/settings.h"
#include "gateway/watch.h"

#define MAX_BYTES 20000
#define MAX_ROUNDS 100
#define FLAG_OPEN 1    /* requests need no signature */
#define FLAG_CORS 2    /* a site is listed */
#define FLAG_FAILS 4   /* the database does not answer */
#define FLAG_NOTHING 8 /* it finds nothing that can be missing */
#define LINK "{\"kind\":\"approve\",\"status\":\"open\",\"role\":\"app\",\"description\":\"<b>\"}"

/* ---- the HTTP library ---- */

void
http_resume(Request *request)
{
	(void) request;
}

int
http_clients(void)
{
	return 0;
}

void
password_login(Request *request, const char *role, const char *password, void (*next)(Request *request))
{
	request->role_name = role;
	if (strcmp(password, "secret") == 0)
		next(request);
	else
		request_fail(request, 401, "LoginFailed", "Role or password are wrong");
}

/* ---- the database ---- */

static uint8 flags;
static Job *asked; /* one that is put in front of others is answered before them */
static Job *waits; /* for tasks, until the end */

void
pool_ask(PoolKind kind, Job *job)
{
	Job **line = kind == POOL_WAIT ? &waits : &asked;

	FUZZ_ASSERT(job->database >= 0 && job->database < pool_databases());
	FUZZ_ASSERT((job->statement != STATEMENT_CALL && job->statement != STATEMENT_PAGE) || job->parameters[0] != NULL);
	job->next = *line;
	*line = job;
}

void
pool_cancel(PoolKind kind, Job *job)
{
	(void) kind;
	(void) job; /* it is answered all the same */
}

static const char *
answer_of(const Job *job)
{
	switch (job->statement)
	{
		case STATEMENT_SHOW_LINK:
			return LINK;
		case STATEMENT_CALL:
			return strcmp(job->parameters[1], "StartSyncExecution") == 0
				? "{\"executionArn\":\"a\",\"status\":\"SUCCEEDED\",\"output\":\"1\"}"
				: "{}";
		case STATEMENT_PAGE:
			return "{\"mark\":\"RUNNING 1\"}";
		case STATEMENT_KEY:
		case STATEMENT_CHECK_LOGIN:
		case STATEMENT_CHECK_SESSION:
			return "16384";
		default:
			return "{}";
	}
}

static PGresult *
make_result(const Job *job)
{
	static char *const key[] = {"16384", "app", "secret", NULL, "states:*", NULL};
	PGresAttDesc columns[lengthof(key)] = {0};
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	bool can_miss = job->statement == STATEMENT_KEY || job->statement == STATEMENT_CHECK_SESSION ||
		job->statement == STATEMENT_SHOW_LINK;
	bool has_row = (flags & FLAG_NOTHING) == 0 || !can_miss;

	for (size_t i = 0; i < lengthof(key); i++)
		columns[i].name = "c";
	(void) PQsetResultAttrs(result, lengthof(key), columns);
	for (size_t i = 0; has_row && i < lengthof(key); i++)
	{
		char *value = i == 0 ? (char *) answer_of(job) : key[i];

		(void) PQsetvalue(result, 0, (int) i, value, value != NULL ? (int) strlen(value) : -1);
	}
	return result;
}

static void
answer_all(Job **line, bool fails)
{
	for (int rounds = 0; *line != NULL && rounds < MAX_ROUNDS; rounds++)
	{
		Job *job = *line;
		PGresult *result = fails ? NULL : make_result(job);

		*line = job->next;
		arena_use(job->arena);
		job->done(job, result, fails ? "08000" : NULL);
		PQclear(result);
	}
}

const char *
result_value(const PGresult *result, int column)
{
	return PQntuples(result) == 0 || PQgetisnull(result, 0, column) ? NULL : PQgetvalue(result, 0, column);
}

bool
pool_is_ready(void)
{
	return (flags & FLAG_FAILS) == 0;
}

int
pool_waiting(PoolKind kind)
{
	(void) kind;
	return 0;
}

int
pool_busy(PoolKind kind)
{
	(void) kind;
	return 0;
}

int
pool_databases(void)
{
	return 2;
}

int
pool_find_database(const char *name)
{
	return strcmp(name, "shop") == 0 ? 0 : strcmp(name, "crm") == 0 ? 1 : -1;
}

const char *
pool_region(int database)
{
	return database == 0 ? "us-east-1" : NULL;
}

const char *
pool_account(int database)
{
	return database == 0 ? "000000000000" : NULL;
}

const char *
pool_port(int database)
{
	(void) database;
	return "5432";
}

const char *
pool_database(int database)
{
	return database == 0 ? "shop" : "crm";
}

/* No front is in play. */
bool
pool_is_front(int database)
{
	(void) database;
	return false;
}

int
pool_add_shard(int front, const char *conninfo)
{
	(void) front;
	(void) conninfo;
	return -1;
}

void
pool_forget_shards(int front)
{
	(void) front;
}

void
pool_set_names(int front, const char *region, const char *account)
{
	(void) front;
	(void) region;
	(void) account;
}

bool
pool_is_away(int database)
{
	(void) database;
	return (flags & FLAG_FAILS) != 0;
}

/* ---- one request ---- */

static char *
next_line(char **rest)
{
	char *line = *rest;
	char *end = line + strcspn(line, "\n");

	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	return line;
}

static void
read_request(Request *request, char *text)
{
	char *path;
	char *line;
	char *question;

	request->received.method = next_line(&text);
	path = next_line(&text);
	question = strchr(path, '?');
	if (question != NULL)
		*question = '\0';
	request->received.path = request->path = path;
	request->received.query = question != NULL ? question + 1 : "";
	while (*(line = next_line(&text)) != '\0' && request->received.header_count < SIGV4_MAX_HEADERS)
	{
		char *colon = strchr(line, ':');

		if (colon == NULL)
			continue;
		*colon = '\0';
		request->headers[request->received.header_count++] = (Sigv4Header){line, colon + 1 + (colon[1] == ' ')};
	}
	request->body = text;
	request->body_length = strlen(text);
}

static void
begin(void)
{
	static char *arguments[] = {"fuzz_gateway", NULL};
	static Arena *volatile lasting; /* never read: else no store were left, and what it points to a leak */

	lasting = arena_new();
	arena_use(lasting);
	settings_read(1, arguments);
	settings.hosts = "sfn.example.com";
	metrics_begin();
	sessions_begin();
	peers_begin();
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	static bool has_begun;
	Request *request;
	Arena *arena;

	if (size < 1 || size > MAX_BYTES)
		return 0;
	if (!has_begun)
		begin();
	has_begun = true;
	flags = data[0];
	settings.open_role = (flags & FLAG_OPEN) != 0 ? "app" : NULL;
	settings.cors_origins = (flags & FLAG_CORS) != 0 ? "https://shop.example.com" : "";
	arena = arena_new();
	arena_use(arena);
	request = palloc0(sizeof(Request));
	*request =
		(Request){.arena = arena, .socket = -1, .began = loop_now(), .hang_up.fd = -1, .id = "id", .action = "-"};
	request->base = "";
	request->received.headers = request->headers;
	read_request(request, pnstrdup((const char *) data + 1, size - 1));
	if (peers_take_forwarded(request))
		route_request(request);
	answer_all(&asked, (flags & FLAG_FAILS) != 0);
	polls_end();
	answer_all(&waits, true);
	watch_end();
	FUZZ_ASSERT(request->status >= 200 && request->status < 600);
	FUZZ_ASSERT(request->status == 204 || request->content_type != NULL);
	peers_request_ends(request);
	arena_free(arena);
	return 0;
}
