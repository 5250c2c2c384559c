/*
 * http_queue.c
 *	  Which of the requests that wait is sent next: hosts take turns.
 *
 * The queue holds ids only; a request stays in its table, to be taken, until it is
 * chosen.  Hosts are served in turn, and none gets the last quarter of the room that
 * the others leave: so however many requests a slow host has waiting or hanging,
 * there is always room for another one.  A role with a quota on requests has its own place in the turn for each host,
 * which is passed over while the quota is used up.
 *
 * Looking begins behind the highest id seen, since an index keeps its entries of
 * deleted rows for a while.  A row may be committed later than one with a higher
 * id, or may have been held by a session as it was to be taken, so now and then the
 * look begins at the beginning, as often as a fiftieth of the time allows.
 *
 * All that is known lives in the context "sfn http queue".
 */
#include "postgres.h"

#include "lib/ilist.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "store/quotas.h"
#include "workers/http_queue.h"

#define LOOK_AT_ONCE 1000
#define MAX_WAITING 100000 /* ids; beyond, it is looked for more when these are fewer */
#define HOST_BYTES 304
#define LONGEST_WHOLE_PAUSE (2 * USECS_PER_SEC)
#define LONGEST_WHOLE_LOOK (10 * USECS_PER_SEC) /* what seems to take longer may be a clock that was set */

typedef struct WaitingRequest
{
	int64 id; /* hash key: first */
	dlist_node node;
} WaitingRequest;

struct HttpHost
{
	char name[HOST_BYTES]; /* hash key: first; with the role, if that has a quota */
	Oid role;              /* invalid: any without one */
	TimestampTz held_until;
	dlist_node node;    /* of those that have requests waiting */
	dlist_head waiting; /* oldest first */
	int waiting_count;
	int under_way;
	int chosen; /* in the choice being made */
};

static struct
{
	MemoryContext context;
	HTAB *hosts;
	HTAB *requests;
	dlist_head turn; /* hosts with requests waiting; the next one first */
	int waiting;
	int under_way;
	int64 seen;    /* the highest id */
	bool has_more; /* the last look found as many as it wanted */
	bool wants_whole;
	TimestampTz whole_ended;
	TimestampTz whole_took;
} request_queue;

static HTAB *make_table(const char *name, Size key_size, Size entry_size, int flags);
static HttpHost *host_by_name(const char *name, Oid role);
static void host_forget_if_idle(HttpHost *host);
static void add_waiting(const HttpWaiting *waiting);
static void look_behind(void);
static bool whole_look_is_due(void);
static void look_at_all(void);
static int host_room(const HttpHost *host, int under_way, int max);
static int64 take_first(HttpHost *host);
static void forget_empty_hosts(void);

void
http_queue_begin(MemoryContext parent)
{
	memset(&request_queue, 0, sizeof(request_queue));
	request_queue.context = AllocSetContextCreate(parent, "sfn http queue", ALLOCSET_DEFAULT_SIZES);
	dlist_init(&request_queue.turn);
	request_queue.wants_whole = true;
	request_queue.hosts = make_table("sfn http hosts", HOST_BYTES, sizeof(HttpHost), HASH_STRINGS);
	request_queue.requests = make_table("sfn http requests", sizeof(int64), sizeof(WaitingRequest), HASH_BLOBS);
}

static HTAB *
make_table(const char *name, Size key_size, Size entry_size, int flags)
{
	HASHCTL control = {.keysize = key_size, .entrysize = entry_size, .hcxt = request_queue.context};

	return hash_create(name, 256, &control, HASH_ELEM | HASH_CONTEXT | flags);
}

/* ---- hosts ---- */

/* How many requests a second; NO_QUOTA: any number. */
static int64
request_quota(Oid role)
{
	Quota quota;

	return OidIsValid(role) && quota_find(role, &quota) ? quota.limits[QUOTA_HTTP_REQUESTS] : NO_QUOTA;
}

static HttpHost *
host_by_name(const char *name, Oid role)
{
	bool is_limited = request_quota(role) != NO_QUOTA;
	char key[HOST_BYTES];
	bool is_found;
	HttpHost *host;

	if (is_limited)
		snprintf(key, sizeof(key), "%u %s", role, name);
	else
		strlcpy(key, name, sizeof(key));
	host = hash_search(request_queue.hosts, key, HASH_ENTER, &is_found);
	if (!is_found)
	{
		dlist_init(&host->waiting);
		host->waiting_count = host->under_way = 0;
		host->role = is_limited ? role : InvalidOid;
		host->held_until = 0;
	}
	return host;
}

static void
host_forget_if_idle(HttpHost *host)
{
	if (host->waiting_count == 0 && host->under_way == 0)
		(void) hash_search(request_queue.hosts, host->name, HASH_REMOVE, NULL);
}

HttpHost *
http_queue_started(const char *name, Oid role)
{
	HttpHost *host = host_by_name(name, role);

	host->under_way++;
	request_queue.under_way++;
	return host;
}

void
http_queue_ended(HttpHost *host)
{
	host->under_way--;
	request_queue.under_way--;
	host_forget_if_idle(host);
}

/* How many more of its requests may be under way, of max in all. */
static int
host_room(const HttpHost *host, int under_way, int max)
{
	int own = host->under_way + host->chosen;
	int left_by_others = max - (under_way - own);

	return Max(1, left_by_others - left_by_others / 4) - own;
}

/* ---- looking ---- */

static void
add_waiting(const HttpWaiting *waiting)
{
	bool is_known;
	WaitingRequest *request = hash_search(request_queue.requests, &waiting->id, HASH_ENTER, &is_known);
	HttpHost *host;

	if (is_known)
		return;
	host = host_by_name(waiting->host, waiting->role);
	if (host->waiting_count++ == 0)
		dlist_push_tail(&request_queue.turn, &host->node);
	dlist_push_tail(&host->waiting, &request->node);
	request_queue.waiting++;
}

void
http_queue_look(bool is_announced)
{
	request_queue.has_more |= is_announced;
	request_queue.wants_whole |= is_announced;
	if (request_queue.waiting >= MAX_WAITING)
		return;
	if (request_queue.has_more)
		look_behind();
	if (!request_queue.has_more && whole_look_is_due())
		look_at_all();
}

static void
look_behind(void)
{
	HttpWaiting *found;
	int count = http_tasks_look(request_queue.seen, LOOK_AT_ONCE, &found);

	for (int i = 0; i < count; i++)
		add_waiting(&found[i]);
	if (count > 0)
		request_queue.seen = found[count - 1].id;
	request_queue.has_more = count == LOOK_AT_ONCE;
}

static TimestampTz
whole_pause(void)
{
	return Min(50 * request_queue.whole_took, LONGEST_WHOLE_PAUSE);
}

static bool
whole_look_is_due(void)
{
	TimestampTz now = GetCurrentTimestamp();

	return request_queue.wants_whole &&
		(now < request_queue.whole_ended || now - request_queue.whole_ended >= whole_pause());
}

/* Finds again all that waits, and what came late. */
static void
look_at_all(void)
{
	TimestampTz started = GetCurrentTimestamp();
	int max = MAX_WAITING + LOOK_AT_ONCE;
	HttpWaiting *found;
	int count = http_tasks_look(0, max, &found);

	for (int i = 0; i < count; i++)
		add_waiting(&found[i]);
	if (count > 0)
		request_queue.seen = Max(request_queue.seen, found[count - 1].id);
	request_queue.wants_whole = false;
	request_queue.whole_ended = GetCurrentTimestamp();
	request_queue.whole_took = Min(Max(request_queue.whole_ended - started, 0), LONGEST_WHOLE_LOOK);
}

/* The first moment at which a role's quota has room again; DT_NOEND: none is waited for. */
static TimestampTz
next_room_in_quota(void)
{
	TimestampTz moment = DT_NOEND;
	dlist_iter iter;

	dlist_foreach(iter, &request_queue.turn)
	{
		HttpHost *host = dlist_container(HttpHost, node, iter.cur);

		if (host->held_until != 0)
			moment = Min(moment, host->held_until);
	}
	return moment;
}

long
http_queue_pause(void)
{
	TimestampTz moment = next_room_in_quota();

	if (request_queue.wants_whole && request_queue.waiting < MAX_WAITING)
		moment = Min(moment, request_queue.whole_ended + whole_pause());
	return moment == DT_NOEND ? -1 : TimestampDifferenceMilliseconds(GetCurrentTimestamp(), moment);
}

/* ---- choosing ---- */

/* Takes one request of the quota of the host's role; false: it is used up for now. */
static bool
take_of_quota(HttpHost *host)
{
	int64 per_second = request_quota(host->role);
	QuotaAccount *account;

	host->held_until = 0;
	if (per_second == NO_QUOTA)
		return true;
	account = quota_account_of(host->role);
	if (quota_account_take(account, QUOTA_HTTP_REQUESTS, per_second, 1) == 1)
		return true;
	host->held_until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
												   quota_account_wait(account, QUOTA_HTTP_REQUESTS, per_second));
	return false;
}

/* One of each host in turn; a host that has its share is passed over. */
int
http_queue_choose(int64 *ids, int count, int max)
{
	int chosen = 0;
	int hosts = 0;
	int passed_over = 0; /* hosts, since one was chosen */
	dlist_iter iter;

	dlist_foreach(iter, &request_queue.turn)
	{
		HttpHost *host = dlist_container(HttpHost, node, iter.cur);

		host->chosen = 0;
		host->held_until = 0;
		hosts++;
	}
	while (chosen < count && passed_over < hosts)
	{
		HttpHost *host = dlist_container(HttpHost, node, dlist_pop_head_node(&request_queue.turn));

		if (host->waiting_count == 0 || host_room(host, request_queue.under_way + chosen, max) <= 0 ||
			!take_of_quota(host))
			passed_over++;
		else
		{
			passed_over = 0;
			ids[chosen++] = take_first(host);
			host->chosen++;
		}
		dlist_push_tail(&request_queue.turn, &host->node);
	}
	forget_empty_hosts();
	return chosen;
}

void
http_queue_missed(void)
{
	request_queue.wants_whole = true;
}

static int64
take_first(HttpHost *host)
{
	WaitingRequest *request = dlist_container(WaitingRequest, node, dlist_pop_head_node(&host->waiting));
	int64 id = request->id;

	host->waiting_count--;
	request_queue.waiting--;
	(void) hash_search(request_queue.requests, &id, HASH_REMOVE, NULL);
	return id;
}

/* Takes those out of the turn that have nothing waiting any more. */
static void
forget_empty_hosts(void)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &request_queue.turn)
	{
		HttpHost *host = dlist_container(HttpHost, node, iter.cur);

		if (host->waiting_count > 0)
			continue;
		dlist_delete(&host->node);
		host_forget_if_idle(host);
	}
}

bool
http_queue_has_more(int max)
{
	dlist_iter iter;

	if (request_queue.has_more && request_queue.waiting < MAX_WAITING)
		return true;
	dlist_foreach(iter, &request_queue.turn)
	{
		HttpHost *host = dlist_container(HttpHost, node, iter.cur);

		host->chosen = 0;
		if (host_room(host, request_queue.under_way, max) > 0 && host->held_until <= GetCurrentTimestamp())
			return true;
	}
	return false;
}

void
http_queue_forget(void)
{
	dlist_iter iter;

	dlist_foreach(iter, &request_queue.turn)
	{
		HttpHost *host = dlist_container(HttpHost, node, iter.cur);

		dlist_init(&host->waiting);
		host->waiting_count = 0;
		host->held_until = 0;
	}
	forget_empty_hosts();
	hash_destroy(request_queue.requests);
	request_queue.requests = make_table("sfn http requests", sizeof(int64), sizeof(WaitingRequest), HASH_BLOBS);
	request_queue.waiting = 0;
	request_queue.seen = 0;
	request_queue.has_more = request_queue.wants_whole = true;
}
