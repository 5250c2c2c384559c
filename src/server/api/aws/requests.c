/*
 * requests.c
 *	  Members of AWS's requests and answers, and the tokens of their pages.
 */
#include "postgres.h"

#include "common/base64.h"
#include "mb/pg_wchar.h"

#include "actions/checks.h"
#include "actions/event_targets.h"
#include "api/answers.h"
#include "api/aws/requests.h"
#include "aws/arn.h"
#include "base/nearest.h"

#define TOKEN_MAX_LENGTH 1024
#define MAX_NAMES 100
#define EXECUTION_TOKEN_MAX_LENGTH 3096 /* of ListExecutions */

#define ENCRYPTION "encryptionConfiguration"
#define OWNED_KEY "AWS_OWNED_KEY"
#define CUSTOMERS_KEY "CUSTOMER_MANAGED_KMS_KEY"
#define KEY_MAX_LENGTH 2048
#define KEY_MIN_SECONDS 60
#define KEY_MAX_SECONDS 900

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

char *
request_copy(const JsonVal *request, const char *member)
{
	const char *text = jv_get_string(request, member);

	return text != NULL ? pstrdup(text) : NULL;
}

const char *
request_bus(const JsonVal *request)
{
	const char *bus = jv_get_string(request, "EventBusName");

	return bus == NULL ? DEFAULT_BUS : arn_looks_like(bus) ? event_target_name(bus) : bus;
}

char *
request_others(const JsonVal *object, const char *const *understood)
{
	JvObjectBuilder others;
	int count = 0;

	if (!jv_is(object, JV_OBJECT))
		return NULL;
	jv_object_begin(&others);
	for (int i = 0; i < object->count; i++)
	{
		const JvMember *member = &object->u.members[i];

		if (name_is_listed(member->key, understood) || member->value->type == JV_NULL)
			continue;
		jv_object_add(&others, member->key, member->value);
		count++;
	}
	return count > 0 ? jv_to_text(jv_object_end(&others)) : NULL;
}

void
answer_others(JvObjectBuilder *object, const char *others)
{
	const JsonVal *members = others != NULL ? parse_stored(others) : NULL;

	for (int i = 0; members != NULL && i < members->count; i++)
		jv_object_add(object, members->u.members[i].key, members->u.members[i].value);
}

const JsonVal *
request_texts(ActionCall *call, const JsonVal *request, const char *member)
{
	const JsonVal *list = request_value(request, member);

	for (int i = 0; i < list->count; i++)
	{
		if (list->u.items[i]->type != JV_STRING)
			return action_fail_null(call, API_SERIALIZATION,
									psprintf("The member '%s' of %s must be a list of strings", member, call->action));
	}
	return list;
}

int64
request_integer(const JsonVal *request, const char *member, int64 otherwise)
{
	const JsonVal *value = request_value(request, member);
	int64 number;

	return value != NULL && jv_to_int64(value, &number) ? number : otherwise;
}

TimestampTz
request_moment(const JsonVal *request, const char *member)
{
	const JsonVal *value = request_value(request, member);

	return value != NULL ? moment_of_epoch_seconds(strtod(jv_to_text(value), NULL)) : 0;
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

/* The members of an encryptionConfiguration one by one. */
static SFN_MUST_CHECK bool
check_encryption_members(ActionCall *call, const JsonVal *encryption)
{
	const JsonVal *type = request_value(encryption, "type");
	const JsonVal *key = request_value(encryption, "kmsKeyId");
	const JsonVal *period = request_value(encryption, "kmsDataKeyReusePeriodSeconds");
	int64 seconds;

	if (type == NULL)
		return fail_missing_member(call, ENCRYPTION ".type");
	if (type->type != JV_STRING)
		return fail_member_type(call, ENCRYPTION ".type", "a string");
	if (strcmp(type->u.text, OWNED_KEY) != 0 && strcmp(type->u.text, CUSTOMERS_KEY) != 0)
		return action_fail(call, API_CONSTRAINT, psprintf("'%s'", type->u.text), ENCRYPTION ".type",
						   "Member must satisfy enum value set: [" OWNED_KEY ", " CUSTOMERS_KEY "]", "");
	if (key != NULL && key->type != JV_STRING)
		return fail_member_type(call, ENCRYPTION ".kmsKeyId", "a string");
	if (key != NULL && !check_length(call, key->u.text, ENCRYPTION ".kmsKeyId", "kmsKeyId", 1, KEY_MAX_LENGTH))
		return false;
	if (period == NULL)
		return true;
	if (!jv_to_int64(period, &seconds))
		return fail_member_type(call, ENCRYPTION ".kmsDataKeyReusePeriodSeconds", "an integer");
	if (seconds >= KEY_MIN_SECONDS && seconds <= KEY_MAX_SECONDS)
		return true;
	return action_fail(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", seconds),
					   ENCRYPTION ".kmsDataKeyReusePeriodSeconds",
					   seconds < KEY_MIN_SECONDS
						   ? psprintf("Member must have value greater than or equal to %d", KEY_MIN_SECONDS)
						   : psprintf("Member must have value less than or equal to %d", KEY_MAX_SECONDS),
					   "");
}

bool
request_encryption(ActionCall *call, const JsonVal *request)
{
	const JsonVal *encryption = request_value(request, ENCRYPTION);
	bool has_key = encryption != NULL && request_value(encryption, "kmsKeyId") != NULL;
	const char *problem = NULL;

	if (encryption == NULL)
		return true;
	if (!check_encryption_members(call, encryption))
		return false;
	if (strcmp(jv_get_string(encryption, "type"), CUSTOMERS_KEY) == 0)
		problem = has_key ? "Only the type " OWNED_KEY " is supported." : "Must set a valid kmsKeyId.";
	else if (has_key)
		problem = "Custom kmsKeyId is not allowed when selecting " OWNED_KEY ".";
	else if (request_value(encryption, "kmsDataKeyReusePeriodSeconds") != NULL)
		problem = "Custom kmsDataKeyReusePeriodSeconds is not allowed when selecting " OWNED_KEY ".";
	return problem == NULL || action_fail(call, API_INVALID_ENCRYPTION_CONFIGURATION, problem);
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

/* What stands in a token of that kind; NULL: it is none of ours. */
static const char *
token_content(const char *token, char kind)
{
	int length = (int) strlen(token);
	int room;
	char *plain;

	room = pg_b64_dec_len(length) + 1;
	plain = palloc0(room);
	length = pg_b64_decode(token, length, (void *) plain, room - 1);
	if (length < 2 || plain[0] != kind || plain[1] != ':' || (int) strlen(plain) != length ||
		!pg_verify_mbstr(PG_UTF8, plain, length, true))
		return NULL;
	return plain + 2;
}

bool
request_token(ActionCall *call, const JsonVal *request, char kind, const char **content)
{
	const char *token = request_string(request, "nextToken");

	*content = NULL;
	if (token == NULL)
		return true;
	if (!check_length(call, token, "nextToken", "nextToken", 1,
					  kind == EXECUTIONS_TOKEN ? EXECUTION_TOKEN_MAX_LENGTH : TOKEN_MAX_LENGTH))
		return false;
	*content = token_content(token, kind);
	return *content != NULL || action_fail(call, API_INVALID_TOKEN);
}

/* ---- parts of lists by names ---- */

bool
request_name_page(ActionCall *call, const JsonVal *request, const char *limit, char kind, NamePage *page)
{
	const char *token = request_string(request, "NextToken");
	const char *prefix = request_string(request, "NamePrefix");
	int64 most = request_integer(request, limit, MAX_NAMES);

	*page = (NamePage){.after = token != NULL ? token_content(token, kind) : "",
					   .prefix = prefix != NULL ? prefix : "",
					   .limit = (int) most + 1};
	return page->after != NULL || action_fail(call, API_VALIDATION, "The NextToken is not valid.", "");
}

const JsonVal *
answer_name_page(const char *member, JvArrayBuilder *list, char kind, const char *next)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, member, jv_array_end(list));
	if (next != NULL)
		jv_object_add(&answer, "NextToken", next_token(kind, next));
	return jv_object_end(&answer);
}

/* ---- tags ---- */

const JsonVal *
request_tags(ActionCall *call, const JsonVal *list)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < list->count; i++)
	{
		const char *key = jv_get_string(list->u.items[i], "Key");
		const JsonVal *value = jv_get(list->u.items[i], "Value");

		if (key == NULL || value == NULL)
			return action_fail_null(call, API_VALIDATION, "A tag must have a Key and a Value.", "");
		jv_object_add(&object, key, value);
	}
	return jv_object_end(&object);
}

const JsonVal *
answer_tags(const JsonVal *tags)
{
	JvArrayBuilder list;
	JvObjectBuilder answer;

	jv_array_begin(&list);
	for (int i = 0; i < tags->count; i++)
	{
		JvObjectBuilder tag;

		jv_object_begin(&tag);
		jv_object_add(&tag, "Key", jv_get(tags->u.items[i], "key"));
		jv_object_add(&tag, "Value", jv_get(tags->u.items[i], "value"));
		jv_array_add(&list, jv_object_end(&tag));
	}
	jv_object_begin(&answer);
	jv_object_add(&answer, "Tags", jv_array_end(&list));
	return jv_object_end(&answer);
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
	if (text == NULL)
		return;
	if (includes_data)
		answer_text(object, name, text);
	answer_data_details(object, name, includes_data);
}

void
answer_data_details(JvObjectBuilder *object, const char *name, bool includes_data)
{
	JvObjectBuilder details;

	jv_object_begin(&details);
	jv_object_add(&details, "included", jv_bool(includes_data));
	jv_object_add(object, psprintf("%sDetails", name), jv_object_end(&details));
}

void
answer_encryption(JvObjectBuilder *object)
{
	JvObjectBuilder encryption;

	jv_object_begin(&encryption);
	answer_text(&encryption, "type", OWNED_KEY);
	jv_object_add(object, ENCRYPTION, jv_object_end(&encryption));
}
