/*
 * keys.c
 *	  Who sends a request: access keys, signatures, what a key is good for.
 *
 * What the database has told of a key, or that there is none of that name, is kept for
 * a few seconds: so long one that was deleted goes on.  One that does not fit is asked
 * for anew before the request is refused, at most once.  Once an hour the database is
 * told that a key is used.
 */
#include "gateway/keys.h"

#include "base/hashes.h"
#include "gateway/failures.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/pool.h"
#include "gateway/settings.h"

#define PLACES 1024 /* a power of two; the key of another name in a place goes */
#define MAX_KEY_LENGTH 128
#define NOTED_EACH (3600 * SECOND)

typedef struct Key
{
	Arena *arena; /* its texts; NULL: the place is free */
	int database;
	const char *id;
	const char *role; /* NULL: there is no such key */
	const char *role_name;
	const char *secret;
	const char *token_hash; /* NULL: it needs no session token */
	const char *actions;    /* separated by blanks; NULL: all */
	double expires;         /* seconds since 1970; 0: never */
	int64 until;
	int64 noted; /* when the database was last told that it is used; 0: not yet */
} Key;

/* A request on its way through here. */
typedef struct Check
{
	Job job;
	Request *request;
	void (*next)(Request *request);
	const char *service;
	const char *key_id;
	const char *secret; /* what came with it, unless it is signed */
	const char *token;  /* of the page: the session token that came with it */
	bool is_proved;     /* of the page: it has been, before */
	bool is_login;      /* of the page: whatever the key is good for */
	Sigv4Claim claim;
	bool has_asked;
	bool has_missed; /* a database did not answer whether it is its key */
} Check;

static Key keys[PLACES];

static void look_up(Check *check);
static void find_key(Check *check);

/* ---- what is known ---- */

static Key *
place_of(int database, const char *id)
{
	uint32 hash = 2166136261U ^ (uint32) database;

	for (const char *c = id; *c != '\0'; c++)
		hash = (hash ^ (unsigned char) *c) * 16777619U;
	return &keys[hash % PLACES];
}

static Key *
known_key(int database, const char *id)
{
	Key *key = place_of(database, id);
	bool is_it = key->arena != NULL && key->database == database && strcmp(key->id, id) == 0;

	return is_it && loop_now() < key->until ? key : NULL;
}

static const char *
copied(const char *text)
{
	return text != NULL ? pstrdup(text) : NULL;
}

static Key *
remember_key(int database, const char *id, const PGresult *result)
{
	Key *key = place_of(database, id);
	Arena *arena = arena_new();
	Arena *before = arena_use(arena);
	const char *expires = result_value(result, 5);
	bool is_same = key->arena != NULL && key->database == database && strcmp(key->id, id) == 0;
	int64 noted = is_same ? key->noted : 0;

	id = pstrdup(id);
	if (key->arena != NULL)
		arena_free(key->arena);
	*key = (Key){.arena = arena, .database = database, .id = id, .noted = noted};
	key->role = copied(result_value(result, 0));
	key->role_name = copied(result_value(result, 1));
	key->secret = copied(result_value(result, 2));
	key->token_hash = copied(result_value(result, 3));
	key->actions = copied(result_value(result, 4));
	key->expires = expires != NULL ? strtod(expires, NULL) : 0;
	key->until = loop_now() + settings.key_cache * SECOND;
	arena_use(before);
	return key;
}

/* ---- what a key is good for ---- */

static bool
is_like(char pattern, char c)
{
	return pattern == '?' || pg_tolower((unsigned char) pattern) == pg_tolower((unsigned char) c);
}

/*
 * "*" stands for any letters, "?" for one; case does not matter.  Only the last star
 * is ever tried again: who makes a key may write any pattern, and all wait meanwhile.
 */
static bool
matches(const char *pattern, size_t length, const char *text)
{
	const char *end = pattern + length;
	const char *behind_star = NULL;
	const char *tried = NULL; /* where it stands for letters up to */

	while (*text != '\0')
	{
		if (pattern < end && *pattern == '*')
		{
			behind_star = ++pattern;
			tried = text;
		}
		else if (pattern < end && is_like(*pattern, *text))
		{
			pattern++;
			text++;
		}
		else if (behind_star != NULL)
		{
			pattern = behind_star;
			text = ++tried;
		}
		else
			return false;
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

static bool
admits(const Key *key, const char *service, const char *action)
{
	const char *full = psprintf("%s:%s", service, action);

	if (key->actions == NULL ||
		strcmp(action, "GetCallerIdentity") == 0) /* whom one calls as is no secret to oneself */
		return true;
	for (const char *c = key->actions; *c != '\0';)
	{
		size_t length = strcspn(c, " ");
		bool has_service = memchr(c, ':', length) != NULL || *c == '*';

		if (matches(c, length, has_service ? full : action) && (has_service || strcmp(service, "states") == 0))
			return true;
		c += length + (c[length] == ' ');
	}
	return false;
}

bool
key_admits(const Request *request, const char *service, const char *action)
{
	const Key *key = request->key_id != NULL ? place_of(request->database, request->key_id) : NULL;

	return key == NULL || key->arena == NULL || key->database != request->database ||
		strcmp(key->id, request->key_id) != 0 || admits(key, service, action);
}

/* ---- the verdict ---- */

static void
refuse(Check *check, const char *code, const char *message)
{
	metrics_count_signature(false);
	request_fail(check->request, 400, code, message);
}

static void
refuse_token(Check *check)
{
	if (check->has_missed)
		fail_of_database(check->request, NULL, "08000");
	else
		refuse(check, "UnrecognizedClientException", "The security token included in the request is invalid.");
}

static bool
token_fits(const Check *check, const Key *key)
{
	const char *token = check->is_login ? check->token
		: check->secret == NULL         ? check->claim.session_token
										: request_header(check->request, "x-amz-security-token");

	if (key->token_hash == NULL || check->is_proved)
		return true;
	return token != NULL && secret_equals(hash_hex("SHA-256", token, (int) strlen(token)), key->token_hash);
}

/* Signed with the key's secret, or sent along with it; *problem says how not. */
static bool
secret_fits(const Check *check, const Key *key, Sigv4Problem *problem)
{
	char *canonical;

	if (check->is_proved)
		return true;
	if (check->secret != NULL)
	{
		*problem = (Sigv4Problem){"InvalidSignatureException", "The secret is not that of the access key."};
		return secret_equals(check->secret, key->secret);
	}
	if (sigv4_claim_check(&check->request->received, &check->claim, key->secret, &canonical, problem))
		return true;
	if (settings.debug_signatures && canonical != NULL)
		problem->message =
			psprintf("%s\n\nThe Canonical String for this request should have been\n'%s'", problem->message, canonical);
	return false;
}

static bool
is_expired(const Key *key)
{
	return key->expires != 0 &&
		key->expires * USECS_PER_SEC <
		(double) wall_clock() + (double) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * 86400 * USECS_PER_SEC;
}

static void
use_noted(Job *job, const PGresult *result, const char *sqlstate)
{
	if (sqlstate != NULL && strcmp(sqlstate, "25006") != 0) /* a standby notes nothing */
		log_line("keys", psprintf("that %s is used could not be noted (SQLSTATE %s)", job->parameters[0], sqlstate));
	arena_free(job->arena);
}

/* Beside the request, which does not wait for it. */
static void
note_use(Key *key)
{
	Arena *arena;
	Arena *before;
	Job *job;

	if (key->noted != 0 && loop_now() - key->noted < NOTED_EACH)
		return;
	key->noted = loop_now();
	arena = arena_new();
	before = arena_use(arena);
	job = palloc0(sizeof(Job));
	*job = (Job){.arena = arena,
				 .database = key->database,
				 .statement = STATEMENT_KEY_USED,
				 .parameters = {pstrdup(key->id)},
				 .done = use_noted};
	pool_ask(POOL_CALLS, job);
	arena_use(before);
}

static void
accept_request(Check *check, Key *key)
{
	Request *request = check->request;
	const char *account = pool_account(request->database);

	metrics_count_signature(true);
	request->role = pstrdup(key->role);
	request->role_name = pstrdup(key->role_name);
	if (!check->is_login && !admits(key, check->service, request->action))
	{
		request_fail(request, 400, "AccessDeniedException",
					 psprintf("User: arn:aws:iam::%s:user/%s is not authorized to perform: %s:%s with this access key",
							  account != NULL ? account : "", key->role_name, check->service, request->action));
		return;
	}
	note_use(key);
	check->next(request);
}

/* Where that is wanted, a signature is for the region of the database. */
static bool
region_fits(const Check *check)
{
	const char *region = pool_region(check->request->database);

	return !settings.checks_region || check->claim.region == NULL || region == NULL ||
		strcmp(check->claim.region, region) == 0;
}

/* A request that names no database is for the first that knows its key; false: there is no other. */
static bool
try_next_database(Check *check)
{
	Request *request = check->request;

	if (request->names_database || check->is_proved || request->database + 1 == pool_databases())
		return false;
	request->database++;
	check->has_asked = false;
	find_key(check);
	return true;
}

static void
judge(Check *check, Key *key)
{
	Sigv4Problem problem;

	if (key->role == NULL && try_next_database(check))
		return;
	if (key->role != NULL && is_expired(key))
	{
		refuse(check, "ExpiredTokenException", "The security token included in the request is expired");
		return;
	}
	if (key->role != NULL && !region_fits(check))
	{
		refuse(check, "InvalidSignatureException",
			   psprintf("Credential should be scoped to a valid region, not '%s'.", check->claim.region));
		return;
	}
	if (key->role != NULL && token_fits(check, key) && secret_fits(check, key, &problem))
	{
		accept_request(check, key);
		return;
	}
	if (!check->has_asked && key->role != NULL)
		look_up(check); /* perhaps it has another secret by now */
	else if (key->role == NULL || !token_fits(check, key))
		refuse_token(check);
	else
		refuse(check, problem.code, problem.message);
}

/* ---- asking for a key ---- */

static void
key_found(Job *job, const PGresult *result, const char *sqlstate)
{
	Check *check = job->owner;

	if (sqlstate == NULL)
	{
		judge(check, remember_key(check->request->database, check->key_id, result));
		return;
	}
	check->has_missed = true;
	if (!try_next_database(check))
		fail_of_database(check->request, result, sqlstate);
}

static void
look_up(Check *check)
{
	check->has_asked = true;
	check->job = (Job){.arena = check->request->arena,
					   .database = check->request->database,
					   .statement = STATEMENT_KEY,
					   .parameters = {check->key_id},
					   .done = key_found,
					   .owner = check};
	pool_ask(POOL_CALLS, &check->job);
}

static void
find_key(Check *check)
{
	Key *key = strlen(check->key_id) <= MAX_KEY_LENGTH ? known_key(check->request->database, check->key_id) : NULL;

	check->request->key_id = check->key_id;
	if (strlen(check->key_id) > MAX_KEY_LENGTH)
		refuse_token(check);
	else if (key != NULL)
		judge(check, key);
	else
		look_up(check);
}

/* ---- what came ---- */

static const char *
scheme_value(const char *authorization, const char *scheme)
{
	size_t length = strlen(scheme);

	if (authorization == NULL || pg_strncasecmp(authorization, scheme, length) != 0 || authorization[length] != ' ')
		return NULL;
	return authorization + length + strspn(authorization + length, " ");
}

/* "id:secret" */
static bool
split_secret(Check *check, const char *text)
{
	const char *colon = strchr(text, ':');

	if (colon == NULL)
		return false;
	check->key_id = pnstrdup(text, colon - text);
	check->secret = colon + 1;
	return true;
}

/* Bearer id:secret, or Basic, which is the same in base64; false: it is neither. */
static bool
read_secret(Check *check)
{
	const char *authorization = request_header(check->request, "authorization");
	const char *bearer = scheme_value(authorization, "Bearer");
	const char *basic = scheme_value(authorization, "Basic");
	int length;

	if (basic != NULL)
		bearer = base64_decode(basic, (int) strlen(basic), &length);
	return bearer != NULL && split_secret(check, bearer);
}

static void
read_signature(Check *check)
{
	Request *request = check->request;
	Sigv4Problem problem;

	request->received.body_hash = hash_hex("SHA-256", request->body, (int) request->body_length);
	request->received.is_private = request->is_private;
	if (!sigv4_claim_read(&request->received, wall_clock(), &check->claim, &problem))
	{
		refuse(check, problem.code, problem.message);
		return;
	}
	if (strcmp(check->claim.service, check->service) != 0)
	{
		refuse(check, "InvalidSignatureException",
			   psprintf("Credential should be scoped to correct service: '%s'.", check->service));
		return;
	}
	check->key_id = check->claim.access_key;
	find_key(check);
}

/* ---- without signatures ---- */

static void
open_role_found(Job *job, const PGresult *result, const char *sqlstate)
{
	Check *check = job->owner;
	Request *request = check->request;

	if (sqlstate != NULL)
	{
		fail_of_database(request, result, sqlstate);
		return;
	}
	request->role = pstrdup(PQgetvalue(result, 0, 0));
	request->role_name = settings.open_role;
	check->next(request);
}

/* Whoever it is. */
static void
accept_open(Check *check)
{
	check->job = (Job){.arena = check->request->arena,
					   .database = check->request->database,
					   .statement = STATEMENT_CHECK_LOGIN,
					   .parameters = {settings.open_role},
					   .done = open_role_found,
					   .owner = check};
	pool_ask(POOL_CALLS, &check->job);
}

void
keys_authenticate(Request *request, const char *service, void (*next)(Request *request))
{
	Check *check = palloc0(sizeof(Check));

	check->request = request;
	check->service = service;
	check->next = next;
	if (settings.open_role != NULL)
		accept_open(check);
	else if (sigv4_is_signed(&request->received))
		read_signature(check);
	else if (read_secret(check))
	{
		if (request_may_have_secrets(request))
			find_key(check);
		else
			refuse(check, "AccessDeniedException",
				   "A secret is accepted over TLS or on loopback only; sign the request.");
	}
	else
		read_signature(check); /* says what is missing */
}

/* ---- sessions of the page ---- */

static Check *
begin_check(Request *request, const char *key_id, void (*next)(Request *request))
{
	Check *check = palloc0(sizeof(Check));

	check->request = request;
	check->service = "states";
	check->key_id = key_id;
	check->next = next;
	return check;
}

void
keys_prove(Request *request, const char *key_id, const char *secret, const char *session_token,
		   void (*next)(Request *request))
{
	Check *check = begin_check(request, key_id, next);

	check->secret = secret;
	check->token = session_token;
	check->is_login = true;
	find_key(check);
}

void
keys_admit(Request *request, const char *key_id, void (*next)(Request *request))
{
	Check *check = begin_check(request, key_id, next);

	check->is_proved = true;
	find_key(check);
}
