/*
 * event_pattern.c
 *	  Matching an event with a compiled pattern.
 *
 * The event is walked from its top with the fields that are wanted below.  Where the
 * way leads through an array, one of its elements must have them all: "the order has
 * an item of colour red and size 5".  The event is walked once for each alternative
 * of the pattern and nothing is tried in combinations, so no pattern takes long.
 *
 * {"exists": false} in an array speaks of the element in which fields of earlier
 * paths are found; without such a field, of all elements.
 */
#include "base/port.h"

#include "events/event_pattern_private.h"

/* A field, and what is left of its path at the value where the walk is. */
typedef struct Wanted
{
	const EventField *field;
	const char *rest;
	int rest_length; /* -1: the value is the field's; 0: a member without a name is */
	bool may_be_absent;
} Wanted;

/* The member that a path leads through. */
typedef struct Lead
{
	const JsonVal *member; /* NULL: there is none, or its field has been dealt with */
	int length;            /* of its name */
} Lead;

static bool match(const JsonVal *value, const Wanted *wanted, int count);

/* ---- paths ---- */

/*
 * The next member that the path can lead through, from *length bytes of it on.  A
 * name may have dots in it, so {"a.b": 1} and {"a": {"b": 1}} both have a field a.b.
 */
static const JsonVal *
next_member(const JsonVal *object, const Wanted *wanted, int *length)
{
	for (; *length <= wanted->rest_length; (*length)++)
	{
		const JsonVal *member;

		if (*length < wanted->rest_length && wanted->rest[*length] != '.')
			continue;
		member = jv_get_n(object, wanted->rest, *length);
		if (member != NULL)
			return member;
	}
	return NULL;
}

/* The path below a member with a name of that length. */
static Wanted
step_into(const Wanted *wanted, int length)
{
	Wanted below = *wanted;

	below.rest += length + 1;
	below.rest_length -= length + 1;
	return below;
}

/* Is there a value at the end of the path?  An object is none, nor is an empty array. */
static bool
exists(const JsonVal *value, const Wanted *wanted)
{
	const JsonVal *member;

	if (value->type == JV_ARRAY)
	{
		SFN_CHECK_INTERRUPTS();
		for (int i = 0; i < value->count; i++)
		{
			if (exists(value->u.items[i], wanted))
				return true;
		}
		return false;
	}
	if (value->type != JV_OBJECT)
		return wanted->rest_length < 0;
	for (int length = 0; (member = next_member(value, wanted, &length)) != NULL; length++)
	{
		Wanted below = step_into(wanted, length);

		if (exists(member, &below))
			return true;
	}
	return false;
}

/* ---- matching ---- */

static bool
match_scalar(const JsonVal *value, const Wanted *wanted)
{
	const EventField *field = wanted->field;

	if (wanted->rest_length >= 0)
		return wanted->may_be_absent;
	for (int i = 0; i < field->count; i++)
	{
		if (field->tests[i].matches(&field->tests[i], value))
			return true;
	}
	return false;
}

/*
 * The elements must have these; returns how many.  Fields that no element has and that may be absent are
 * left out; -1: a field is there that may not be.
 */
static int
wanted_of_elements(const JsonVal *array, const Wanted *wanted, int count, Wanted *kept)
{
	int kept_count = 0;

	for (int i = 0; i < count; i++)
	{
		Wanted *one = &kept[kept_count];

		*one = wanted[i];
		if (one->may_be_absent && kept_count == 0)
		{
			if (!exists(array, one))
				continue;
			if (one->field->count == 0)
				return -1;
			one->may_be_absent = false;
		}
		kept_count++;
	}
	return kept_count;
}

/* One of the arrays or objects in the array has them all. */
static bool
match_elements(const JsonVal *array, const Wanted *wanted, int count)
{
	Wanted *kept = palloc(sizeof(Wanted) * Max(count, 1));
	int kept_count = wanted_of_elements(array, wanted, count, kept);
	bool matches = kept_count == 0;

	for (int i = 0; i < array->count && kept_count > 0 && !matches; i++)
	{
		const JsonVal *element = array->u.items[i];

		SFN_CHECK_INTERRUPTS();
		if (element->type == JV_ARRAY || element->type == JV_OBJECT)
			matches = match(element, kept, kept_count);
	}
	pfree(kept);
	return matches;
}

/*
 * A scalar in the array is a value of the path that ends here, and no element in which other fields are found:
 * {"a": [1, {"b": 2}]} has an a of 1 and an a.b of 2.  Of the fields that path is the first.
 */
static bool
match_array(const JsonVal *array, const Wanted *wanted, int count)
{
	bool is_end = count > 0 && wanted->rest_length < 0;

	for (int i = 0; i < array->count && is_end; i++)
	{
		const JsonVal *element = array->u.items[i];

		if (element->type != JV_ARRAY && element->type != JV_OBJECT && match_scalar(element, wanted))
			return match_elements(array, wanted + 1, count - 1) || match_elements(array, wanted, count);
	}
	return match_elements(array, wanted, count);
}

/* The path leads through several members, one of them with dots in its name: each is looked at by itself. */
static bool
match_one_of_members(const JsonVal *object, const Wanted *wanted)
{
	const JsonVal *member;

	if (wanted->may_be_absent && !exists(object, wanted))
		return true;
	for (int length = 0; (member = next_member(object, wanted, &length)) != NULL; length++)
	{
		Wanted below = step_into(wanted, length);

		below.may_be_absent = false;
		if (match(member, &below, 1))
			return true;
	}
	return false;
}

/* Fields that are found, or not, in the object itself are dealt with; the others get their leads. */
static bool
find_leads(const JsonVal *object, const Wanted *wanted, int count, Lead *leads)
{
	for (int i = 0; i < count; i++)
	{
		Lead *lead = &leads[i];
		int next;

		lead->length = 0;
		lead->member = next_member(object, &wanted[i], &lead->length);
		next = lead->length + 1;
		if (lead->member == NULL)
		{
			if (!wanted[i].may_be_absent)
				return false;
		}
		else if (next_member(object, &wanted[i], &next) != NULL)
		{
			if (!match_one_of_members(object, &wanted[i]))
				return false;
			lead->member = NULL;
		}
	}
	return true;
}

/* All that is wanted below one member, from the first such field on; their leads are done with. */
static bool
match_member(const Wanted *wanted, int first, int count, Lead *leads, Wanted *below)
{
	const JsonVal *member = leads[first].member;
	int below_count = 0;

	for (int i = first; i < count; i++)
	{
		if (leads[i].member != member)
			continue;
		below[below_count++] = step_into(&wanted[i], leads[i].length);
		leads[i].member = NULL;
	}
	return match(member, below, below_count);
}

static bool
match_object(const JsonVal *object, const Wanted *wanted, int count)
{
	Lead *leads = palloc(sizeof(Lead) * count);
	Wanted *below = palloc(sizeof(Wanted) * count);
	bool matches = find_leads(object, wanted, count, leads);

	for (int i = 0; i < count && matches; i++)
	{
		if (leads[i].member != NULL)
			matches = match_member(wanted, i, count, leads, below);
	}
	pfree(below);
	pfree(leads);
	return matches;
}

/* The depth is that of the event, which the parser bounds. */
static bool
match(const JsonVal *value, const Wanted *wanted, int count)
{
	if (value->type == JV_OBJECT)
		return match_object(value, wanted, count);
	if (value->type == JV_ARRAY)
		return match_array(value, wanted, count);
	for (int i = 0; i < count; i++)
	{
		if (!match_scalar(value, &wanted[i]))
			return false;
	}
	return true;
}

static bool
match_alternative(const EventAlternative *alternative, const JsonVal *event)
{
	Wanted *wanted = palloc(sizeof(Wanted) * Max(alternative->count, 1));
	bool matches;

	for (int i = 0; i < alternative->count; i++)
	{
		const EventField *field = alternative->fields[i];

		wanted[i] = (Wanted){field, field->path, field->path_length, field->may_be_absent};
	}
	matches = match_object(event, wanted, alternative->count);
	pfree(wanted);
	return matches;
}

bool
event_pattern_matches(const EventPattern *pattern, const JsonVal *event)
{
	if (event->type != JV_OBJECT)
		return false;
	for (int i = 0; i < pattern->count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		if (match_alternative(&pattern->alternatives[i], event))
			return true;
	}
	return false;
}

static bool
alternative_may_have(const EventAlternative *alternative, const char *path, const JsonVal *value)
{
	for (int i = 0; i < alternative->count; i++)
	{
		const EventField *field = alternative->fields[i];
		Wanted wanted = {field, "", -1, false};

		if (field->path_length == (int) strlen(path) && memcmp(field->path, path, field->path_length) == 0 &&
			!match_scalar(value, &wanted))
			return false;
	}
	return true;
}

bool
event_pattern_may_have(const EventPattern *pattern, const char *path, const JsonVal *value)
{
	for (int i = 0; i < pattern->count; i++)
	{
		if (alternative_may_have(&pattern->alternatives[i], path, value))
			return true;
	}
	return false;
}
