/*
 * shards.c
 *	  Behind a front of several databases: calls that are about one shard go there.
 *
 * The front tells which shards there are and which has which slot of names (gateway_map);
 * that is asked for again once a second while calls come, and told only when it has
 * changed.  Whatever cannot be decided by it is the front's to do, and so is what a shard
 * could not: an error has done nothing, so it may be called again.  A start by name says
 * by which version of the map its shard was found, and a shard that has given slots away
 * since refuses it.
 */
#include "gateway/shards.h"

#include "aws/generated_name.h"
#include "base/hashes.h"
#include "gateway/log.h"
#include "gateway/pool.h"
#include "json/json_value.h"

#define SLOTS 1024
#define MAX_SHARDS 128
#define PATIENCE SECOND       /* with a map while calls come */
#define LONGEST (10 * SECOND) /* that one is believed without being asked for again */

typedef struct Shard
{
	int number;
	const char *name; /* the number, as text */
	int database;
	bool takes_starts;
} Shard;

typedef struct Map
{
	Arena *arena; /* NULL: there is none yet */
	const char *version;
	Shard shards[MAX_SHARDS];
	int count;
	int slots[SLOTS];        /* numbers of shards; -1: older executions of the slot may be elsewhere */
	unsigned int next_start; /* which shard it goes to */
	int64 read_at;
	int64 asked_at;
	bool is_asked_for;
} Map;

static Map maps[MAX_DATABASES]; /* by the number of the front */

/* ---- the map ---- */

static void
take_shards(Map *map, int front, const JsonVal *shards)
{
	pool_forget_shards(front);
	map->count = 0;
	for (int i = 0; jv_is(shards, JV_ARRAY) && i < shards->count && map->count < MAX_SHARDS; i++)
	{
		const JsonVal *one = shards->u.items[i];
		Shard *shard = &map->shards[map->count];
		int64 number = -1;

		if (jv_get_string(one, "conninfo") == NULL || !jv_to_int64(jv_get(one, "shard"), &number))
			continue;
		*shard = (Shard){.number = (int) number,
						 .name = psprintf("%d", (int) number),
						 .database = pool_add_shard(front, jv_get_string(one, "conninfo")),
						 .takes_starts =
							 jv_is(jv_get(one, "takes_starts"), JV_BOOL) && jv_get(one, "takes_starts")->boolean};
		if (shard->database >= 0)
			map->count++;
	}
}

static void
take_slots(Map *map, const JsonVal *slots, const JsonVal *previous)
{
	for (int i = 0; i < SLOTS; i++)
	{
		int64 number = -1;

		if (jv_is(slots, JV_ARRAY) && i < slots->count)
			(void) jv_to_int64(slots->u.items[i], &number);
		map->slots[i] = (int) number;
	}
	for (int i = 0; jv_is(previous, JV_OBJECT) && i < previous->count; i++)
	{
		int slot = atoi(previous->u.members[i].key);

		if (slot >= 0 && slot < SLOTS)
			map->slots[slot] = -1;
	}
}

/* In the map's own arena, since the database's answer goes. */
static void
take_map(Map *map, int front, const char *text)
{
	Arena *arena = arena_new();
	Arena *before = arena_use(arena);
	JvParseError error;
	const JsonVal *told = jv_parse(pstrdup(text), (int) strlen(text), &error);

	if (map->arena != NULL)
		arena_free(map->arena);
	map->arena = arena;
	map->version = jv_get(told, "version") != NULL ? jv_to_text(jv_get(told, "version")) : NULL;
	take_shards(map, front, jv_get(told, "shards"));
	take_slots(map, jv_get(told, "slots"), jv_get(told, "previous"));
	pool_set_names(front, jv_get_string(told, "region"), jv_get_string(told, "account"));
	arena_use(before);
	log_line("shards", psprintf("version %s of the map: %d shards", map->version, map->count));
}

static void
map_told(Job *job, const PGresult *result, const char *sqlstate)
{
	Map *map = job->owner;
	const char *text = sqlstate == NULL ? result_value(result, 0) : NULL;

	map->is_asked_for = false;
	if (sqlstate == NULL)
		map->read_at = loop_now();
	else
		log_line("shards", psprintf("the front does not tell its map: %s", sqlstate));
	if (text != NULL)
		take_map(map, (int) (map - maps), text);
	arena_free(job->arena);
}

static void
ask_for_map(Map *map)
{
	Arena *arena = arena_new();
	Arena *before = arena_use(arena);
	Job *job = palloc0(sizeof(Job));

	map->is_asked_for = true;
	map->asked_at = loop_now();
	*job = (Job){.arena = arena,
				 .database = (int) (map - maps),
				 .statement = STATEMENT_MAP,
				 .parameters = {map->version != NULL ? pstrdup(map->version) : NULL},
				 .done = map_told,
				 .owner = map};
	pool_ask(POOL_CALLS, job);
	arena_use(before);
}

void
shards_map_is_old(int front)
{
	if (!maps[front].is_asked_for)
		ask_for_map(&maps[front]);
}

/* NULL: there is none to go by. */
static Map *
current_map(int front)
{
	Map *map = &maps[front];
	int64 age = loop_now() - map->read_at;

	if (age > PATIENCE && loop_now() - map->asked_at > PATIENCE && !map->is_asked_for)
		ask_for_map(map);
	return map->version != NULL && age < LONGEST ? map : NULL;
}

void
shards_tend(void)
{
	for (int i = 0; i < pool_databases(); i++)
	{
		if (pool_is_front(i) && maps[i].version == NULL)
			(void) current_map(i);
	}
}

/* ---- which shard ---- */

static int
slot_of(const char *name)
{
	char *hash = hash_hex("SHA-256", name, (int) strlen(name));

	if (hash == NULL)
		return -1;
	hash[3] = '\0';
	return (int) (strtol(hash, NULL, 16) >> 2); /* the first ten bits */
}

static const Shard *
shard_of_number(const Map *map, int number)
{
	for (int i = 0; i < map->count; i++)
	{
		if (map->shards[i].number == number)
			return &map->shards[i];
	}
	return NULL;
}

static const Shard *
shard_of_slot(const Map *map, const char *name)
{
	int slot = slot_of(name);

	return slot >= 0 ? shard_of_number(map, map->slots[slot]) : NULL;
}

/* arn:aws:states:<region>:<account>:execution:<machine>:<name> */
static const Shard *
shard_of_arn(const Map *map, const char *arn)
{
	const char *name = arn;
	int shard;
	int64 id;

	for (int i = 0; i < 7 && name != NULL; i++)
	{
		name = strchr(name, ':');
		name = name != NULL ? name + 1 : NULL;
	}
	if (name == NULL)
		return NULL;
	return generated_name_parse(name, &shard, &id) ? shard_of_number(map, shard) : shard_of_slot(map, name);
}

/* Its first 12 bits. */
static const Shard *
shard_of_token(const Map *map, const char *token)
{
	int length = 0;
	const char *start = strlen(token) >= 4 ? base64_decode(pnstrdup(token, 4), 4, &length) : NULL;

	if (start == NULL || length < 2)
		return NULL;
	return shard_of_number(map, (uint8) start[0] << 4 | (uint8) start[1] >> 4);
}

/*
 * The same for a call that is repeated, by its invocation id, so that it finds what it has started; else one after the
 * other.  One that is away is passed over.
 */
static const Shard *
shard_for_start(Map *map, const char *invocation_id)
{
	const Shard *able[MAX_SHARDS];
	int count = 0;
	unsigned int first;

	for (int i = 0; i < map->count; i++)
	{
		if (map->shards[i].takes_starts)
			able[count++] = &map->shards[i];
	}
	first = invocation_id != NULL ? (unsigned int) Max(slot_of(invocation_id), 0) : map->next_start++;
	for (int i = 0; i < count; i++)
	{
		const Shard *shard = able[(first + i) % count];

		if (!pool_is_away(shard->database))
			return shard;
	}
	return NULL;
}

/* ---- which calls ---- */

typedef enum Route
{
	ROUTE_ANY,       /* of those that take starts */
	ROUTE_START,     /* by the member, a name, or any */
	ROUTE_EXECUTION, /* by the member, an ARN */
	ROUTE_TOKEN      /* by the member, a token */
} Route;

/* All others are for the front. */
static const struct
{
	const char *action;
	Route route;
	const char *member;
} routes[] = {
	{"StartExecution", ROUTE_START, "name"},
	{"StartSyncExecution", ROUTE_ANY},
	{"TestState", ROUTE_ANY},
	{"ValidateStateMachineDefinition", ROUTE_ANY},
	{"events:PutEvents", ROUTE_ANY},
	{"DescribeExecution", ROUTE_EXECUTION, "executionArn"},
	{"DescribeStateMachineForExecution", ROUTE_EXECUTION, "executionArn"},
	{"GetExecutionHistory", ROUTE_EXECUTION, "executionArn"},
	{"ListMapRuns", ROUTE_EXECUTION, "executionArn"},
	{"RedriveExecution", ROUTE_EXECUTION, "executionArn"},
	{"StopExecution", ROUTE_EXECUTION, "executionArn"},
	{"DescribeMapRun", ROUTE_EXECUTION, "mapRunArn"},
	{"UpdateMapRun", ROUTE_EXECUTION, "mapRunArn"},
	{"SendTaskFailure", ROUTE_TOKEN, "taskToken"},
	{"SendTaskHeartbeat", ROUTE_TOKEN, "taskToken"},
	{"SendTaskSuccess", ROUTE_TOKEN, "taskToken"},
};

/* What the member says; NULL: it is not there, or is no text, of which a shard or the front complains. */
static const char *
member_of(const char *body, const char *member)
{
	JvParseError error;

	if (member == NULL)
		return NULL;
	return jv_get_string(jv_parse(body, (int) strlen(body), &error), member);
}

static const Shard *
shard_for(Map *map, size_t route, const Request *request, const char *body, bool *depends_on_slot)
{
	const char *member = member_of(body, routes[route].member);

	*depends_on_slot = false;
	switch (routes[route].route)
	{
		case ROUTE_EXECUTION:
			return member != NULL ? shard_of_arn(map, member) : NULL;
		case ROUTE_TOKEN:
			return member != NULL ? shard_of_token(map, member) : NULL;
		case ROUTE_START:
			if (member != NULL)
			{
				*depends_on_slot = true;
				return shard_of_slot(map, member);
			}
			return shard_for_start(map, request_header(request, "amz-sdk-invocation-id"));
		case ROUTE_ANY:
			return shard_for_start(map, NULL);
	}
	return NULL;
}

bool
shards_find(const Request *request, const char *action, const char *body, ShardPlace *place)
{
	Map *map = pool_is_front(request->database) ? current_map(request->database) : NULL;
	const Shard *shard = NULL;
	bool depends_on_slot = false;

	if (map == NULL || request->role_name == NULL)
		return false;
	for (size_t i = 0; i < lengthof(routes); i++)
	{
		if (strcmp(routes[i].action, action) == 0)
			shard = shard_for(map, i, request, body, &depends_on_slot);
	}
	if (shard == NULL || pool_is_away(shard->database) || (depends_on_slot && !shard->takes_starts))
		return false;
	*place = (ShardPlace){shard->database, pstrdup(shard->name), depends_on_slot ? pstrdup(map->version) : NULL};
	return true;
}

/* ---- all of them ---- */

int
shards_databases(int front, int *databases, int most)
{
	const Map *map = pool_is_front(front) ? current_map(front) : NULL;
	int count = 0;

	for (int i = 0; map != NULL && i < map->count && count < most; i++)
	{
		if (!pool_is_away(map->shards[i].database))
			databases[count++] = map->shards[i].database;
	}
	return count;
}

bool
shards_place(int front, int database, ShardPlace *place)
{
	for (int i = 0; i < maps[front].count; i++)
	{
		const Shard *shard = &maps[front].shards[i];

		if (shard->database != database)
			continue;
		*place = (ShardPlace){database, pstrdup(shard->name), NULL};
		return true;
	}
	return false;
}
