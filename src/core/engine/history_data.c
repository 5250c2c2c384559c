/*
 * history_data.c
 *	  What a stored history event tells.
 */
#include "base/port.h"

#include "base/texts.h"
#include "engine/history_data.h"

const JsonVal *
history_event_details(const JsonVal *event)
{
	for (int i = event->count - 1; i >= 0; i--)
	{
		if (text_ends_with(event->u.members[i].key, "EventDetails"))
			return event->u.members[i].value;
	}
	return NULL;
}

static bool
is_data(const char *member)
{
	static const char *const members[] = {
		"input", "inputDetails", "output", "outputDetails", "assignedVariables", "assignedVariablesDetails",
	};

	for (size_t i = 0; i < lengthof(members); i++)
		if (strcmp(member, members[i]) == 0)
			return true;
	return false;
}

const JsonVal *
history_details_without_data(const JsonVal *details, ParametersLeft parameters)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < details->count; i++)
	{
		const JvMember *member = &details->u.members[i];
		bool is_parameters = strcmp(member->key, "parameters") == 0;

		if (is_data(member->key) || (is_parameters && parameters == PARAMETERS_LEFT_OUT))
			continue;
		jv_object_add_n(&object, member->key, member->key_length, is_parameters ? jv_string("") : member->value);
	}
	return jv_object_end(&object);
}

const JsonVal *
history_event_without_data(const JsonVal *event, ParametersLeft parameters)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < event->count; i++)
	{
		const JvMember *member = &event->u.members[i];

		jv_object_add_n(&object, member->key, member->key_length,
						member->value->type == JV_OBJECT ? history_details_without_data(member->value, parameters)
														 : member->value);
	}
	return jv_object_end(&object);
}
