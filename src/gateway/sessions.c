/*
 * sessions.c
 *	  Who looks at the page: logging in, and the cookie that says so afterwards.
 *
 * A cookie is "<kind>.<database>.<who>.<when>.<nonce>.<seal>": k and an access key, or r and a
 * role, names in hexadecimal, sealed with a key that this process makes when it starts and tells
 * nobody; so sessions end with it.  The token against requests of other sites is computed
 * from the same.  Key or role are looked up again for each request: one that is gone,
 * inactive or expired has no session any more.
 *
 * One logs in by an access key, or by a role and its password, with which a connection is
 * made (password_login.c).
 */
#include "gateway/sessions.h"

#include <arpa/inet.h>

#include "base/hashes.h"
#include "base/texts.h"
#include "gateway/failures.h"
#include "gateway/keys.h"
#include "gateway/origins.h"
#include "gateway/password_login.h"
#include "gateway/pool.h"
#include "gateway/settings.h"
#include "json/json_value.h"

#define LIFE (12 * 3600)
#define NONCE_BYTES 16
#define SEAL_HEX (2 * HMAC_SHA256_BYTES)
#define MAX_COOKIE 1024

typedef struct Session
{
	char kind; /* 'k', 'r' */
	int database;
	const char *who;
	int64 since; /* seconds since 1970 */
} Session;

typedef struct Check
{
	Job job;
	Request *request;
	void (*next)(Request *request);
} Check;

static uint8 sealing_key[32];

void
sessions_begin(void)
{
	if (!pg_strong_random(sealing_key, sizeof(sealing_key)))
		settings_refuse("there are no random numbers for the key of sessions%s", "");
}

static int64
seconds_now(void)
{
	return wall_clock() / USECS_PER_SEC + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
}

/* ---- cookies ---- */

static char *
seal_of(const char *purpose, const char *text)
{
	uint8 digest[HMAC_SHA256_BYTES];
	char *sealed = psprintf("%s:%s", purpose, text);

	if (!hmac_sha256(sealing_key, sizeof(sealing_key), sealed, strlen(sealed), digest))
		return NULL;
	return bytes_to_hex(digest, sizeof(digest));
}

/* Browsers keep one cookie of a name for all ports of a host; databases that paths name have theirs. */
static const char *
cookie_name(const Request *request)
{
	const char *host = request_header(request, "host");
	const char *port = host != NULL ? strrchr(host, ':') : NULL;
	const char *which = request->names_database ? psprintf("-db%d", request->database) : "";

	if (request->is_private)
		return psprintf("__Host-sfn%s", which);
	if (port == NULL || strspn(port + 1, "0123456789") != strlen(port + 1))
		port = ":80";
	return psprintf("sfn-%s%s", port + 1, which);
}

static void
set_cookie(Request *request, const char *value, int64 seconds)
{
	request_add_header(request, "Set-Cookie",
					   psprintf("%s=%s; Path=/; Max-Age=" INT64_FORMAT "; HttpOnly; SameSite=Strict%s",
								cookie_name(request), value, seconds, request->is_private ? "; Secure" : ""));
}

static const char *
name_to_hex(const char *name)
{
	return bytes_to_hex((const uint8 *) name, (int) strlen(name));
}

static char *
new_cookie(int database, char kind, const char *who)
{
	uint8 nonce[NONCE_BYTES];
	char *text;
	char *seal;

	if (!pg_strong_random(nonce, sizeof(nonce)))
		return NULL;
	text = psprintf("%c.%s.%s." INT64_FORMAT ".%s", kind, name_to_hex(pool_database(database)), name_to_hex(who),
					seconds_now(), bytes_to_hex(nonce, sizeof(nonce)));
	seal = seal_of("session", text);
	return seal != NULL ? psprintf("%s.%s", text, seal) : NULL;
}

/* The cookie of our name, or NULL. */
static const char *
received_cookie(const Request *request)
{
	const char *cookies = request_header(request, "cookie");
	const char *name = cookie_name(request);
	size_t length = strlen(name);

	for (const char *c = cookies; c != NULL && *c != '\0';)
	{
		size_t item = strcspn(c, ";");

		if (item > length && strncmp(c, name, length) == 0 && c[length] == '=')
			return pnstrdup(c + length + 1, item - length - 1);
		c += item;
		c += strspn(c, "; ");
	}
	return NULL;
}

static char *
hex_decode(const char *text, size_t length)
{
	char *bytes = palloc0(length / 2 + 1);

	for (size_t i = 0; i + 1 < length; i += 2)
	{
		int high = text_hex_digit(text[i]);
		int low = text_hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return NULL;
		bytes[i / 2] = (char) (high * 16 + low);
	}
	return bytes;
}

/* Of a cookie that we have made, and that is not too old. */
static bool
read_cookie(const char *cookie, Session *session)
{
	size_t length = cookie != NULL ? strlen(cookie) : 0;
	const char *parts;
	const char *database;
	const char *seal;

	if (length <= SEAL_HEX + 4 || length > MAX_COOKIE || cookie[length - SEAL_HEX - 1] != '.')
		return false;
	seal = seal_of("session", pnstrdup(cookie, length - SEAL_HEX - 1));
	if (seal == NULL || !secret_equals(cookie + length - SEAL_HEX, seal))
		return false;
	session->kind = cookie[0];
	parts = cookie + 2;
	database = hex_decode(parts, strcspn(parts, "."));
	parts += strcspn(parts, ".") + 1;
	session->who = hex_decode(parts, strcspn(parts, "."));
	parts += strcspn(parts, ".") + 1;
	session->since = strtoll(parts, NULL, 10);
	session->database = database != NULL ? pool_find_database(database) : -1;
	return session->who != NULL && session->database >= 0 && seconds_now() - session->since < LIFE;
}

/* Of the database that its path names, if it names one. */
static bool
find_session(const Request *request, Session *session)
{
	return read_cookie(received_cookie(request), session) &&
		(!request->names_database || request->database == session->database);
}

bool
session_is_there(const Request *request)
{
	Session session;

	return settings.open_role != NULL || find_session(request, &session);
}

const char *
session_token(const Request *request)
{
	const char *cookie = received_cookie(request);

	return settings.open_role == NULL && cookie != NULL ? seal_of("token", cookie) : NULL;
}

/* ---- requests of a session ---- */

static void
refuse_session(Request *request, const char *message)
{
	set_cookie(request, "", 0);
	request_fail(request, 401, "NoSession", message);
}

/* Sent by our page: another site can have a browser send the cookie, but knows no token. */
static bool
has_token(Request *request)
{
	const char *sent = request_header(request, "x-sfn-csrf");
	const char *token = session_token(request);

	if (request_header(request, "origin") != NULL && !origin_is_own(request))
		return false;
	return sent != NULL && token != NULL && secret_equals(sent, token);
}

static void
role_found(Job *job, const PGresult *result, const char *sqlstate)
{
	Check *check = job->owner;
	Request *request = check->request;

	if (sqlstate != NULL && strcmp(sqlstate, "42501") != 0)
		fail_of_database(request, result, sqlstate);
	else if (sqlstate != NULL || PQntuples(result) != 1)
		refuse_session(request, "The role may not log in any more");
	else
	{
		request->role = pstrdup(PQgetvalue(result, 0, 0));
		check->next(request);
	}
}

static void
authenticate_role(Request *request, const char *role, void (*next)(Request *request))
{
	Check *check = palloc0(sizeof(Check));

	request->role_name = role;
	check->request = request;
	check->next = next;
	check->job = (Job){.arena = request->arena,
					   .database = request->database,
					   .statement = STATEMENT_CHECK_SESSION,
					   .parameters = {role},
					   .done = role_found,
					   .owner = check};
	pool_ask(POOL_CALLS, &check->job);
}

void
session_authenticate(Request *request, bool needs_token, void (*next)(Request *request))
{
	Session session;

	if (settings.open_role != NULL)
	{
		keys_authenticate(request, "states", next);
		return;
	}
	if (!find_session(request, &session))
	{
		refuse_session(request, "There is no session: log in");
		return;
	}
	if (needs_token && !has_token(request))
	{
		request_fail(request, 403, "AccessDeniedException", "The request does not come from the page");
		return;
	}
	/* the cookie's name says which database the path named, so that token and cookie are of one */
	request->database = session.database;
	if (session.kind == 'k')
		keys_admit(request, session.who, next);
	else
		authenticate_role(request, session.who, next);
}

/* ---- logging in and out ---- */

static void
welcome(Request *request, char kind, const char *who)
{
	char *cookie = new_cookie(request->database, kind, who);

	if (cookie == NULL)
	{
		request_fail(request, 500, "InternalFailure", "An internal error occurred");
		return;
	}
	set_cookie(request, cookie, LIFE);
	request_answer(request, 200, "application/json", "{}");
}

static void
key_fits(Request *request)
{
	welcome(request, 'k', request->key_id);
}

static void
password_fits(Request *request)
{
	welcome(request, 'r', request->role_name);
}

/* Form posts of other sites cannot have this type. */
static bool
is_json(const Request *request)
{
	const char *type = request_header(request, "content-type");

	return type != NULL && strncmp(type, "application/json", strlen("application/json")) == 0;
}

void
session_log_in(Request *request)
{
	JvParseError error;
	const JsonVal *body = jv_parse(request->body, (int) request->body_length, &error);
	const char *key = jv_get_string(body, "accessKeyId");
	const char *secret = jv_get_string(body, "secretAccessKey");
	const char *role = jv_get_string(body, "role");
	const char *password = jv_get_string(body, "password");

	request->action = "Login";
	if (!is_json(request) || !(key != NULL && secret != NULL) == !(role != NULL && password != NULL))
		request_fail(request, 400, "ValidationException",
					 "Send {accessKeyId, secretAccessKey} or {role, password} as application/json");
	else if (!request_may_have_secrets(request))
		request_fail(request, 403, "AccessDeniedException", "One logs in over TLS or on loopback only");
	else if (key != NULL)
		keys_prove(request, key, secret, jv_get_string(body, "sessionToken"), key_fits);
	else
		password_login(request, role, password, password_fits);
}

void
session_log_out(Request *request)
{
	request->action = "Logout";
	set_cookie(request, "", 0);
	request_answer(request, 200, "application/json", "{}");
}
