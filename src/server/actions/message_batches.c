/*
 * message_batches.c
 *	  Several messages, receipts or the like in one request of SQS or SNS.
 */
#include "postgres.h"

#include "actions/checks.h"
#include "actions/message_attributes.h"
#include "actions/message_batches.h"
#include "actions/queues.h"
#include "settings/guc.h"

#define MAX_ENTRY_ID 80

static SFN_MUST_CHECK bool
check_entry_id(ActionCall *call, const JsonVal *entries, int place)
{
	const char *id = jv_get_string(entries->u.items[place], "Id");
	size_t length = id != NULL ? strlen(id) : 0;

	if (id == NULL)
		return fail_missing_member(call, "Id");
	if (length < 1 || length > MAX_ENTRY_ID ||
		strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != length)
		return action_fail(call, API_BATCH_ID_IS_INVALID, id);
	for (int i = 0; i < place; i++)
		if (strcmp(jv_get_string(entries->u.items[i], "Id"), id) == 0)
			return action_fail(call, API_BATCH_IDS_NOT_DISTINCT, id);
	return true;
}

/* All of its messages together have the length of one at most. */
static SFN_MUST_CHECK bool
check_batch_length(ActionCall *call, const JsonVal *entries, const char *body)
{
	int64 length = 0;

	for (int i = 0; i < entries->count; i++)
	{
		const JsonVal *text = jv_get(entries->u.items[i], body);

		length += jv_is(text, JV_STRING) ? text->count : 0;
		length += message_attributes_length(jv_get(entries->u.items[i], "MessageAttributes"));
	}
	return length <= sfn_max_payload_size ||
		action_fail(call, API_BATCH_IS_TOO_LONG, psprintf(INT64_FORMAT, length), psprintf("%d", sfn_max_payload_size));
}

bool
message_batch_check(ActionCall *call, const JsonVal *entries, const char *entry, const char *body)
{
	if (entries != NULL && entries->type != JV_ARRAY && entries->type != JV_NULL)
		return fail_member_type(call, "Entries", "a list");
	if (!jv_is(entries, JV_ARRAY) || entries->count == 0)
		return action_fail(call, API_EMPTY_BATCH, entry);
	if (entries->count > QUEUE_MAX_BATCH)
		return action_fail(call, API_BATCH_HAS_TOO_MANY, psprintf("%d", entries->count));
	for (int i = 0; i < entries->count; i++)
		if (!check_entry_id(call, entries, i))
			return false;
	return body == NULL || check_batch_length(call, entries, body);
}
