/*
 * requests.c
 *	  Members of AWS's requests and answers, and the tokens of their pages.
 */
#include "postgres.h"

#include "common/base64.h"
#include "mb/pg_wchar.h"

#include "actions/checks.h"
#include "api/answers.h"
#include "api/aws/requests.h"

#define TOKEN_MAX_LENGTH 1024

/* ---- members ---- */

const JsonVal *
request_value(const JsonVal *request, const char *member)
{
	const JsonVal *value = jv_get(request, member);

	return value == NULL || value->type == JV_NULL ? NULL : value;
}

const char *
request_string(const JsonVal *request, const char *member)
{
	return jv_get_string(request, member);
}

int64
request_integer(const JsonVal *request, const char *member, int64 otherwise)
{
	const JsonVal *value = request_value(request, member);
	int64 number;

	return value != NULL && jv_to_int64(value, &number) ? number : otherwise;
}

bool
request_boolean(const JsonVal *request, const char *member, bool otherwise)
{
	const JsonVal *value = request_value(request, member);

	return value != NULL ? value->boolean : otherwise;
}

bool
request_max_results(ActionCall *call, const JsonVal *request, int *max)
{
	return check_max_results(call, request_integer(request, "maxResults", 0), max);
}

bool
request_wants_data(ActionCall *call, const JsonVal *request, bool *wants_data)
{
	const char *included = request_string(request, "includedData");

	*wants_data = included == NULL || strcmp(included, "ALL_DATA") == 0;
	if (!*wants_data && strcmp(included, "METADATA_ONLY") != 0)
		return action_fail(call, API_CONSTRAINT, psprintf("'%s'", included), "includedData",
						   "Member must satisfy enum value set: [METADATA_ONLY, ALL_DATA]", "");
	return true;
}

bool
request_encryption(ActionCall *call, const JsonVal *request)
{
	const JsonVal *encryption = request_value(request, "encryptionConfiguration");
	const char *type = encryption != NULL ? jv_get_string(encryption, "type") : NULL;

	return encryption == NULL || (type != NULL && strcmp(type, "AWS_OWNED_KEY") == 0) ||
		action_fail(call, API_INVALID_ENCRYPTION_CONFIGURATION, "Only the type AWS_OWNED_KEY is supported.");
}

/* ---- tokens: base64 of "<kind>:<content>" ---- */

const JsonVal *
next_token(char kind, const char *content)
{
	char *plain = psprintf("%c:%s", kind, content);
	int length = (int) strlen(plain);
	int room = pg_b64_enc_len(length);
	char *coded = palloc(room);

	length = pg_b64_encode((const void *) plain, length, coded, room);
	return jv_string_n(coded, length);
}

bool
request_token(ActionCall *call, const JsonVal *request, char kind, const char **content)
{
	const char *token = request_string(request, "nextToken");
	int length;
	int room;
	char *plain;

	*content = NULL;
	if (token == NULL)
		return true;
	if (!check_length(call, token, "nextToken", "nextToken", 1, TOKEN_MAX_LENGTH))
		return false;
	length = (int) strlen(token);
	room = pg_b64_dec_len(length) + 1;
	plain = palloc0(room);
	length = pg_b64_decode(token, length, (void *) plain, room - 1);
	if (length < 2 || plain[0] != kind || plain[1] != ':' || (int) strlen(plain) != length ||
		!pg_verify_mbstr(PG_UTF8, plain, length, true))
		return action_fail(call, API_INVALID_TOKEN);
	*content = plain + 2;
	return true;
}

/* ---- answers ---- */

const JsonVal *
answer_page(const char *member, JvArrayBuilder *list, char kind, const char *next)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, member, jv_array_end(list));
	if (next != NULL)
		jv_object_add(&answer, "nextToken", next_token(kind, next));
	return jv_object_end(&answer);
}

void
answer_data(JvObjectBuilder *object, const char *name, const char *text, bool includes_data)
{
	JvObjectBuilder details;

	if (text == NULL)
		return;
	if (includes_data)
		answer_text(object, name, text);
	jv_object_begin(&details);
	jv_object_add(&details, "included", jv_bool(includes_data));
	jv_object_add(object, psprintf("%sDetails", name), jv_object_end(&details));
}

void
answer_encryption(JvObjectBuilder *object)
{
	JvObjectBuilder encryption;

	jv_object_begin(&encryption);
	answer_text(&encryption, "type", "AWS_OWNED_KEY");
	jv_object_add(object, "encryptionConfiguration", jv_object_end(&encryption));
}
