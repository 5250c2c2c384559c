/*
 * pool.c
 *	  Connections to the database, and what is asked of it.
 *
 * A connection that is made asks first whom it serves (region and account); statements are
 * prepared at their first use in it.  A task may have deallocated them (26000): then they
 * are prepared again.  What failed because of others at work (40001, 40P01, 55P03)
 * is asked again a few times.
 *
 * Jobs that may share a transaction, and wait, do: they go in one pipeline, whose end is
 * the one commit.  When one of them fails all have done nothing, and are asked one by one.
 */
#include "gateway/pool.h"

#include <sys/epoll.h>

#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/metrics.h"
#include "gateway/settings.h"

#define FIRST_PAUSE (SECOND / 10)
#define LONGEST_PAUSE (5 * SECOND)
#define CONNECT_TIMEOUT (5 * SECOND)
#define LONGEST_WAIT (30 * SECOND)     /* in line, while there are connections */
#define LONGEST_OUTAGE (5 * SECOND)    /* in line, while there are none */
#define LONGEST_OUTAGE_OF_SHARD SECOND /* then the front is asked */
#define MAX_TRIES 4
#define MAX_GROUP 32
#define LONGEST_IDLENESS (60 * SECOND) /* of a connection that need not be there */

typedef enum LinkState
{
	LINK_DOWN,
	LINK_CONNECTING,
	LINK_ASKING, /* whom it serves */
	LINK_IDLE,
	LINK_PREPARING,
	LINK_BUSY,
	LINK_SHARED /* busy with a group */
} LinkState;

typedef struct Database Database;

/* Jobs that share a transaction. */
typedef struct Group
{
	Job *jobs[MAX_GROUP];
	PGresult *results[MAX_GROUP];
	int count;
	int answered;
	bool has_failed;
} Group;

typedef struct Link
{
	Watch watch; /* first */
	Database *database;
	PoolKind kind;
	bool is_kept; /* whether it is needed or not */
	LinkState state;
	PGconn *connection;
	Job *job;
	bool is_cancelling; /* nothing else may be begun, or that would be cancelled */
	uint32 prepared;    /* a bit for each statement */
	int64 since;        /* of connecting, of idleness */
	int64 next_try;
	int64 pause;
	const char *problem; /* of the answer under way; NULL: none yet */
	PGresult *result;
	Group group;
} Link;

typedef struct Pool
{
	int size;
	int longest_line;
	Link *links;
	Job *first; /* in line */
	Job *last;
	int waiting;
} Pool;

struct Database
{
	const char *name;     /* "": that of --db */
	const char *conninfo; /* of a shard; NULL: it is none, and that of --db */
	int front;            /* of a shard */
	bool is_front;
	const char *region;
	const char *account;
	const char *port;
	const char *own_name; /* as the server says */
	Pool pools[POOL_KINDS];
};

#define SESSION "-c search_path=pg_catalog -c default_transaction_isolation=read\\ committed -c lock_timeout=10s "

static const struct
{
	const char *options; /* of its sessions */
	const int *size;
	int longest_line;
} kinds[POOL_KINDS] = {
	[POOL_CALLS] = {SESSION "-c statement_timeout=30s", &settings.connections, 10000},
	[POOL_SYNC] = {SESSION "-c statement_timeout=310s", &settings.sync_connections, 256},
	[POOL_WAIT] = {SESSION "-c statement_timeout=60s", NULL, 10},
};

static const struct
{
	const char *name;
	const char *sql;
	int parameters;
} statements[STATEMENT_COUNT] = {
	[STATEMENT_CALL] = {"sfn_call", "SELECT sfn_internal.gateway_call($1::pg_catalog.oid, $2, $3::json, $4)", 4},
	[STATEMENT_KEY] = {"sfn_key",
					   "SELECT role, role_name, secret, token_hash, pg_catalog.array_to_string(actions, ' '),"
					   " pg_catalog.date_part('epoch', expires) FROM sfn_internal.gateway_key($1)",
					   1},
	[STATEMENT_KEY_USED] = {"sfn_key_used", "SELECT sfn_internal.gateway_key_used($1)", 1},
	[STATEMENT_PAGE] = {"sfn_page", "SELECT sfn_internal.gateway_page($1::pg_catalog.oid, $2, $3::json)", 3},
	[STATEMENT_CHECK_LOGIN] = {"sfn_check_login", "SELECT sfn_internal.gateway_check_login($1)", 1},
	[STATEMENT_CHECK_SESSION] = {"sfn_check_session",
								 "SELECT oid FROM pg_catalog.pg_roles WHERE oid = sfn_internal.gateway_check_login($1)"
								 " AND rolcanlogin AND (rolvaliduntil IS NULL OR rolvaliduntil > pg_catalog.now())",
								 1},
	[STATEMENT_WAIT] = {"sfn_wait", "SELECT sfn_internal.gateway_wait($1::text[], '20 s')", 1},
	[STATEMENT_RETURN_TASK] = {"sfn_return_task", "SELECT sfn_internal.gateway_return_task($1)", 1},
	[STATEMENT_CANCEL] = {"sfn_cancel", "SELECT pg_catalog.pg_cancel_backend($1::int4)", 1},
	[STATEMENT_SHOW_LINK] = {"sfn_show_link", "SELECT sfn_internal.gateway_show_link($1, $2)", 2},
	[STATEMENT_USE_LINK] = {"sfn_use_link", "SELECT sfn_internal.gateway_use_link($1, $2, $3::json)", 3},
	[STATEMENT_MAP] = {"sfn_map", "SELECT sfn_internal.gateway_map($1::int8)", 1},
	[STATEMENT_ENTER] =
		{"sfn_enter",
		 "SELECT sfn_internal.gateway_call(sfn_internal.shard_enter($1::int4, $2, $3::int8), $4, $5::json, $6)", 6},
	[STATEMENT_ANSWER] = {"sfn_answer", "SELECT sfn_internal.gateway_answer($1, $2::json)", 2},
};

static Database databases[MAX_DATABASES];
static int database_count;
static int shard_count; /* behind those */
static Arena *own_arena;

static void link_ready(Watch *watch, uint32 events);
static void serve(Pool *pool);
static void start_job(Link *link, Job *job);
static Job *take_from_line(Link *link);

const char *
result_value(const PGresult *result, int column)
{
	if (PQntuples(result) == 0 || PQgetisnull(result, 0, column))
		return NULL;
	return PQgetvalue(result, 0, column);
}

static Pool *
pool_of(const Link *link)
{
	return &link->database->pools[link->kind];
}

/* ---- connecting ---- */

static void
finish_job(Job *job, const PGresult *result, const char *sqlstate)
{
	arena_use(job->arena);
	job->done(job, result, sqlstate);
}

static void
forget_results(Group *group)
{
	for (int i = 0; i < group->count; i++)
		PQclear(group->results[i]);
	group->count = 0;
}

static void
link_close(Link *link)
{
	loop_forget(&link->watch);
	if (link->result != NULL)
		PQclear(link->result);
	link->result = NULL;
	forget_results(&link->group);
	PQfinish(link->connection);
	link->connection = NULL;
	link->state = LINK_DOWN;
	link->prepared = 0;
	link->job = NULL;
}

/* It will be made anew after a while; what it had in hand has failed. */
static void
link_lost(Link *link, const char *why)
{
	Job *job = link->group.count == 0 ? link->job : NULL;
	Group group = link->group;

	if (link->pause > FIRST_PAUSE || link->state >= LINK_IDLE)
		log_line("database", why);
	link_close(link);
	link->next_try = loop_now() + link->pause + random() % FIRST_PAUSE;
	link->pause = Min(link->pause * 2, LONGEST_PAUSE);
	if (job != NULL)
		finish_job(job, NULL, "08000");
	for (int i = 0; i < group.count; i++)
		finish_job(group.jobs[i], NULL, "08000");
}

static void
link_connect(Link *link)
{
	/* what comes later in the list goes before what is in the connection string */
	const char *const names[] =
		{"dbname", "application_name", "options", "client_encoding", "target_session_attrs", "dbname", NULL};
	const Database *database = link->database;
	bool is_shard = database->conninfo != NULL;
	const char *const values[] = {is_shard ? database->conninfo : settings.db,
								  "sfn-gateway",
								  kinds[link->kind].options,
								  "UTF8",
								  is_shard ? NULL : "any",
								  is_shard ? NULL : database->name,
								  NULL};

	link->connection = PQconnectStartParams(names, values, 1);
	link->since = loop_now();
	link->state = LINK_CONNECTING;
	if (link->connection == NULL || PQstatus(link->connection) == CONNECTION_BAD)
	{
		link_lost(link, link->connection != NULL ? PQerrorMessage(link->connection) : "out of memory");
		return;
	}
	loop_watch(&link->watch, PQsocket(link->connection), EPOLLOUT);
}

/* What is to be sent is sent when the socket takes it. */
static void
flush(Link *link)
{
	int left = PQflush(link->connection);

	if (left < 0)
		link_lost(link, PQerrorMessage(link->connection));
	else
		loop_watch(&link->watch, PQsocket(link->connection), left > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Becomes whom it is to work as, and asks whom it serves. */
static void
ask_identity(Link *link)
{
	Arena *arena = arena_new();
	Arena *before = arena_use(arena);
	char *role = settings.role[0] != '\0' && link->database->conninfo == NULL
		? PQescapeIdentifier(link->connection, settings.role, strlen(settings.role))
		: NULL;
	char *sql = psprintf(
		"%s%s%s"
		"SELECT pg_catalog.current_setting('sfn.region', true), pg_catalog.current_setting('sfn.account_id', true),"
		" pg_catalog.current_setting('is_superuser'), extname"
		" FROM pg_catalog.pg_extension WHERE extname IN ('sfn', 'sfn_proxy')",
		role != NULL ? "SET SESSION AUTHORIZATION " : "", role != NULL ? role : "", role != NULL ? ";" : "");

	(void) PQsetnonblocking(link->connection, 1);
	link->state = LINK_ASKING;
	if (PQsendQuery(link->connection, sql) == 0)
		link_lost(link, PQerrorMessage(link->connection));
	else
		flush(link);
	PQfreemem(role);
	arena_free(arena);
	arena_use(before);
}

static void
go_on_connecting(Link *link)
{
	PostgresPollingStatusType status = PQconnectPoll(link->connection);

	loop_forget(&link->watch); /* the socket may be another, under the same number */
	switch (status)
	{
		case PGRES_POLLING_READING:
			loop_watch(&link->watch, PQsocket(link->connection), EPOLLIN);
			break;
		case PGRES_POLLING_WRITING:
			loop_watch(&link->watch, PQsocket(link->connection), EPOLLOUT);
			break;
		case PGRES_POLLING_OK:
			ask_identity(link);
			break;
		default:
			link_lost(link, PQerrorMessage(link->connection));
			break;
	}
}

static void
remember(const char **kept, const char *value)
{
	Arena *before;

	if (*kept != NULL && strcmp(*kept, value) == 0)
		return;
	before = arena_use(own_arena);
	*kept = pstrdup(value);
	arena_use(before);
}

static void
link_rests(Link *link)
{
	link->state = LINK_IDLE;
	link->since = loop_now();
}

static void
take_identity(Link *link, const PGresult *result)
{
	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
	{
		link->pause = LONGEST_PAUSE;
		link_lost(link,
				  PQresultStatus(result) == PGRES_TUPLES_OK ? "the database has no extension sfn"
															: PQresultErrorMessage(result));
		return;
	}
	if (settings.is_strict && !settings.is_on_loopback && strcmp(PQgetvalue(result, 0, 2), "on") == 0)
		settings_refuse("off the loopback interface the gateway does not work as a superuser: %s", settings.role);
	link->database->is_front = strcmp(PQgetvalue(result, 0, 3), "sfn_proxy") == 0;
	if (!link->database->is_front) /* else its map says so */
	{
		remember(&link->database->region, PQgetvalue(result, 0, 0));
		remember(&link->database->account, PQgetvalue(result, 0, 1));
	}
	remember(&link->database->port, PQport(link->connection));
	remember(&link->database->own_name, PQdb(link->connection));
	link_rests(link);
	link->pause = FIRST_PAUSE;
}

/* ---- asking ---- */

static void
send_job(Link *link)
{
	Job *job = link->job;
	int is_sent;

	if ((link->prepared & (1U << job->statement)) == 0)
	{
		link->state = LINK_PREPARING;
		is_sent =
			PQsendPrepare(link->connection, statements[job->statement].name, statements[job->statement].sql, 0, NULL);
	}
	else
	{
		link->state = LINK_BUSY;
		job->was_sent = true;
		is_sent = PQsendQueryPrepared(link->connection, statements[job->statement].name,
									  statements[job->statement].parameters, job->parameters, NULL, NULL, 0);
	}
	if (is_sent == 0)
		link_lost(link, PQerrorMessage(link->connection));
	else
		flush(link);
}

static void
start_job(Link *link, Job *job)
{
	link->job = job;
	send_job(link);
}

/* ---- sharing a transaction ---- */

/* Of the same role, so that what fails all the time costs nobody else. */
static bool
may_share(const Link *link, const Job *job, const Job *other)
{
	return other != NULL && job->shares != NULL && other->shares != NULL && strcmp(job->shares, other->shares) == 0 &&
		job->statement == other->statement && (link->prepared & (1U << job->statement)) != 0;
}

static bool
send_shared(Link *link, Job *job)
{
	link->group.results[link->group.count] = NULL;
	link->group.jobs[link->group.count++] = job;
	job->was_sent = true;
	return PQsendQueryPrepared(link->connection, statements[job->statement].name, statements[job->statement].parameters,
							   job->parameters, NULL, NULL, 0) != 0;
}

/* This one and those behind it in line, as long as they may. */
static void
start_group(Link *link, Job *job)
{
	Pool *pool = pool_of(link);
	bool is_sent;

	link->job = job;
	link->state = LINK_SHARED;
	link->group = (Group){.count = 0};
	is_sent = PQenterPipelineMode(link->connection) != 0 && send_shared(link, job);
	while (is_sent && link->group.count < MAX_GROUP && may_share(link, job, pool->first))
		is_sent = send_shared(link, take_from_line(link));
	if (!is_sent || PQpipelineSync(link->connection) == 0)
		link_lost(link, PQerrorMessage(link->connection));
	else
		flush(link);
}

/* To the head of the line, in their order, each for itself. */
static void
ask_one_by_one(Pool *pool, const Group *group)
{
	for (int i = group->count - 1; i >= 0; i--)
	{
		Job *job = group->jobs[i];

		job->shares = NULL;
		job->was_sent = false; /* it was, and was rolled back */
		job->next = pool->first;
		pool->first = job;
		if (pool->last == NULL)
			pool->last = job;
		pool->waiting++;
	}
}

static void
group_ends(Link *link)
{
	Group group = link->group;

	if (PQexitPipelineMode(link->connection) == 0)
	{
		link_lost(link, PQerrorMessage(link->connection));
		return;
	}
	link->group.count = 0;
	link->job = NULL;
	link_rests(link);
	if (group.has_failed || group.answered != group.count)
		ask_one_by_one(pool_of(link), &group);
	else
	{
		for (int i = 0; i < group.count; i++)
			finish_job(group.jobs[i], group.results[i], NULL);
	}
	forget_results(&group);
	serve(pool_of(link));
}

/* The results of the group that have come; that of the commit is the last. */
static void
read_shared(Link *link)
{
	Group *group = &link->group;

	while (PQstatus(link->connection) == CONNECTION_OK && PQisBusy(link->connection) == 0)
	{
		PGresult *result = PQgetResult(link->connection);

		if (result == NULL)
			continue; /* between two */
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
		{
			PQclear(result);
			group_ends(link);
			return;
		}
		if (PQresultStatus(result) != PGRES_TUPLES_OK)
			group->has_failed = true;
		if (group->answered < group->count)
			group->results[group->answered++] = result;
		else
			PQclear(result);
	}
}

static bool
is_to_be_repeated(const char *sqlstate)
{
	return strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0 || strcmp(sqlstate, "55P03") == 0;
}

/* The whole answer has come. */
static void
take_answer(Link *link)
{
	PGresult *result = link->result;
	Job *job = link->job;
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	bool has_failed = PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK;

	link->result = NULL;
	if (!has_failed && link->state == LINK_PREPARING)
	{
		link->prepared |= 1U << job->statement;
		send_job(link);
		PQclear(result);
		return;
	}
	if (has_failed && sqlstate != NULL && job->tries < MAX_TRIES &&
		(is_to_be_repeated(sqlstate) || strcmp(sqlstate, "26000") == 0))
	{
		job->tries++;
		if (strcmp(sqlstate, "26000") == 0)
			link->prepared = 0;
		send_job(link);
		PQclear(result);
		return;
	}
	link->job = NULL;
	link_rests(link);
	finish_job(job, result, has_failed ? (sqlstate != NULL ? sqlstate : "XX000") : NULL);
	PQclear(result);
	serve(pool_of(link));
}

static void
read_results(Link *link)
{
	if (link->state == LINK_SHARED)
	{
		read_shared(link);
		return;
	}
	while (link->connection != NULL && link->state >= LINK_ASKING && PQisBusy(link->connection) == 0)
	{
		PGresult *result = PQgetResult(link->connection);

		if (result != NULL)
		{
			if (link->result != NULL)
				PQclear(link->result);
			link->result = result;
			continue;
		}
		if (link->result == NULL)
			return;
		if (link->state == LINK_ASKING)
		{
			result = link->result;
			link->result = NULL;
			take_identity(link, result);
			PQclear(result);
			serve(pool_of(link));
		}
		else if (link->job != NULL)
			take_answer(link);
		else
		{
			PQclear(link->result);
			link->result = NULL;
		}
	}
}

static void
link_ready(Watch *watch, uint32 events)
{
	Link *link = (Link *) watch;

	(void) events;
	if (link->state == LINK_CONNECTING)
	{
		go_on_connecting(link);
		return;
	}
	if (PQconsumeInput(link->connection) == 0)
	{
		link_lost(link, PQerrorMessage(link->connection));
		return;
	}
	flush(link);
	if (link->connection == NULL)
		return;
	read_results(link);
	if (link->connection != NULL && PQstatus(link->connection) == CONNECTION_BAD)
		link_lost(link, PQerrorMessage(link->connection));
}

/* ---- the line ---- */

static Job *
next_in_line(Pool *pool)
{
	Job *job = pool->first;

	pool->first = job->next;
	if (pool->first == NULL)
		pool->last = NULL;
	pool->waiting--;
	job->next = NULL;
	return job;
}

static Job *
take_from_line(Link *link)
{
	Job *job = next_in_line(pool_of(link));

	metrics_count_wait(link->kind, loop_now() - job->asked);
	return job;
}

static void
start_next(Link *link)
{
	Job *job = take_from_line(link);

	if (may_share(link, job, pool_of(link)->first))
		start_group(link, job);
	else
		start_job(link, job);
}

static void
serve(Pool *pool)
{
	for (int i = 0; i < pool->size && pool->first != NULL; i++)
	{
		if (pool->links[i].state == LINK_IDLE && !pool->links[i].is_cancelling)
			start_next(&pool->links[i]);
	}
}

void
pool_ask(PoolKind kind, Job *job)
{
	Pool *pool = &databases[job->database].pools[kind];

	job->next = NULL;
	job->asked = loop_now();
	if (pool->waiting >= pool->longest_line)
	{
		finish_job(job, NULL, "53300");
		return;
	}
	if (pool->last != NULL)
		pool->last->next = job;
	else
		pool->first = job;
	pool->last = job;
	pool->waiting++;
	serve(pool);
}

/* ---- cancelling ---- */

static void
cancelled(Job *job, const PGresult *result, const char *sqlstate)
{
	Link *link = job->owner;
	Arena *arena = job->arena;

	(void) result;
	(void) sqlstate;
	link->is_cancelling = false;
	serve(pool_of(link));
	arena_free(arena);
}

/* By another session: libpq's own way blocks. */
static void
cancel(Link *link)
{
	Arena *arena = arena_new();
	Arena *before = arena_use(arena);
	Job *job = palloc0(sizeof(Job));

	link->is_cancelling = true;
	job->arena = arena;
	job->database = (int) (link->database - databases);
	job->statement = STATEMENT_CANCEL;
	job->parameters[0] = psprintf("%d", PQbackendPID(link->connection));
	job->done = cancelled;
	job->owner = link;
	pool_ask(POOL_CALLS, job);
	arena_use(before);
}

/* False: it is not in line. */
static bool
withdraw(Pool *pool, Job *job)
{
	Job *before = NULL;

	for (Job *one = pool->first; one != NULL; before = one, one = one->next)
	{
		if (one != job)
			continue;
		if (before != NULL)
			before->next = job->next;
		else
			pool->first = job->next;
		if (pool->last == job)
			pool->last = before;
		pool->waiting--;
		return true;
	}
	return false;
}

void
pool_cancel(PoolKind kind, Job *job)
{
	Pool *pool = &databases[job->database].pools[kind];

	for (int i = 0; i < pool->size; i++)
	{
		Link *link = &pool->links[i];

		if (link->job == job && !link->is_cancelling)
			cancel(link);
		if (link->job == job)
			return;
	}
	if (withdraw(pool, job))
		finish_job(job, NULL, "57014");
}

static bool
is_connected(const Pool *pool)
{
	for (int i = 0; i < pool->size; i++)
	{
		if (pool->links[i].state >= LINK_IDLE)
			return true;
	}
	return false;
}

static void
give_up_old(Pool *pool, PoolKind kind, bool is_away, int64 now)
{
	int64 longest = is_connected(pool) ? LONGEST_WAIT : is_away ? LONGEST_OUTAGE_OF_SHARD : LONGEST_OUTAGE;

	if (kind == POOL_SYNC && is_connected(pool))
		longest = 300 * SECOND; /* those before it may run that long */
	while (pool->first != NULL && now - pool->first->asked > longest)
		finish_job(next_in_line(pool), NULL, "08000");
}

/* Somebody waits whom no connection that is being made will serve. */
static bool
is_short(const Pool *pool)
{
	int coming = 0;

	for (int i = 0; i < pool->size; i++)
		coming += pool->links[i].state == LINK_CONNECTING || pool->links[i].state == LINK_ASKING;
	return pool->waiting > coming;
}

/* Returns when to be called again, at the latest at next. */
static int64
tend_link(Link *link, int64 now, int64 next)
{
	if (link->state == LINK_CONNECTING && now - link->since > CONNECT_TIMEOUT)
		link_lost(link, "the database does not answer");
	if (link->state == LINK_IDLE && !link->is_kept && !link->is_cancelling && now - link->since > LONGEST_IDLENESS)
		link_close(link);
	if (link->state != LINK_DOWN || (!link->is_kept && !is_short(pool_of(link))))
		return next;
	if (link->next_try > now)
		return Min(next, link->next_try);
	link_connect(link);
	return next;
}

int
pool_tend(void)
{
	int64 now = loop_now();
	int64 next = now + SECOND;

	for (int i = 0; i < database_count + shard_count; i++)
	{
		for (int kind = 0; kind < POOL_KINDS; kind++)
		{
			Pool *pool = &databases[i].pools[kind];

			for (int k = 0; k < pool->size; k++)
				next = tend_link(&pool->links[k], now, next);
			give_up_old(pool, (PoolKind) kind, databases[i].conninfo != NULL && pool_is_away(i), now);
		}
	}
	return (int) ((next - now) / 1000) + 1;
}

/* ---- making pools ---- */

static void
add_pool(Database *database, PoolKind kind)
{
	Pool *pool = &database->pools[kind];

	pool->size = kinds[kind].size != NULL ? *kinds[kind].size : 1;
	pool->longest_line = kinds[kind].longest_line;
	pool->links = calloc(pool->size, sizeof(Link));
	for (int i = 0; i < pool->size; i++)
		pool->links[i] = (Link){.watch = {.fd = -1, .ready = link_ready},
								.database = database,
								.kind = kind,
								.is_kept = database == databases && (kind != POOL_SYNC || i == 0),
								.pause = FIRST_PAUSE};
}

/* ---- shards ---- */

bool
pool_is_front(int database)
{
	return databases[database].is_front;
}

/* The first connection for calls is always there, so that it is known whether the shard is away. */
static void
keep_shard(Database *database, bool is_kept)
{
	database->pools[POOL_CALLS].links[0].is_kept = is_kept;
}

int
pool_add_shard(int front, const char *conninfo)
{
	Database *database;
	Arena *before;

	for (int i = database_count; i < database_count + shard_count; i++)
	{
		if (databases[i].front != front || strcmp(databases[i].conninfo, conninfo) != 0)
			continue;
		keep_shard(&databases[i], true);
		return i;
	}
	if (database_count + shard_count == MAX_DATABASES)
		return -1;
	database = &databases[database_count + shard_count++];
	before = arena_use(own_arena);
	*database = (Database){.name = "", .conninfo = pstrdup(conninfo), .front = front};
	arena_use(before);
	for (int kind = 0; kind < POOL_KINDS; kind++)
		add_pool(database, (PoolKind) kind);
	keep_shard(database, true);
	return (int) (database - databases);
}

void
pool_forget_shards(int front)
{
	for (int i = database_count; i < database_count + shard_count; i++)
	{
		if (databases[i].front == front)
			keep_shard(&databases[i], false);
	}
}

void
pool_set_names(int front, const char *region, const char *account)
{
	if (region != NULL)
		remember(&databases[front].region, region);
	if (account != NULL)
		remember(&databases[front].account, account);
}

bool
pool_is_away(int database)
{
	const Pool *pool = &databases[database].pools[POOL_CALLS];

	return !is_connected(pool) && pool->links[0].pause > FIRST_PAUSE;
}

/* ---- the whole, to begin with ---- */

static void
add_database(const char *name)
{
	Database *database = &databases[database_count];

	if (database_count == MAX_DATABASES)
		settings_refuse("too many databases: %s", settings.databases);
	database_count++;
	database->name = name;
	for (int kind = 0; kind < POOL_KINDS; kind++)
		add_pool(database, (PoolKind) kind);
}

void
pool_begin(void)
{
	Arena *before;

	own_arena = arena_new();
	before = arena_use(own_arena);
	for (const char *c = settings.databases; *c != '\0';)
	{
		size_t length = strcspn(c, ",");

		add_database(pnstrdup(c, length));
		c += length + (c[length] == ',');
	}
	if (database_count == 0)
		add_database("");
	arena_use(before);
}

bool
pool_is_ready(void)
{
	return is_connected(&databases[0].pools[POOL_CALLS]) && databases[0].region != NULL;
}

int
pool_waiting(PoolKind kind)
{
	int count = 0;

	for (int i = 0; i < database_count + shard_count; i++)
		count += databases[i].pools[kind].waiting;
	return count;
}

int
pool_busy(PoolKind kind)
{
	int count = 0;

	for (int i = 0; i < database_count + shard_count; i++)
	{
		const Pool *pool = &databases[i].pools[kind];

		for (int k = 0; k < pool->size; k++)
			count += pool->links[k].job != NULL;
	}
	return count;
}

int
pool_databases(void)
{
	return database_count;
}

int
pool_find_database(const char *name)
{
	for (int i = 0; i < database_count; i++)
	{
		const char *own = databases[i].name[0] != '\0' ? databases[i].name : databases[i].own_name;

		if (own != NULL && strcmp(own, name) == 0)
			return i;
	}
	return -1;
}

const char *
pool_region(int database)
{
	return databases[database].region;
}

const char *
pool_account(int database)
{
	return databases[database].account;
}

const char *
pool_port(int database)
{
	return databases[database].port;
}

const char *
pool_database(int database)
{
	return databases[database].own_name;
}
