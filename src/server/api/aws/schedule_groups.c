/*
 * schedule_groups.c
 *	  Scheduler's actions on groups of schedules.
 */
#include "postgres.h"

#include "actions/schedule_runs.h"
#include "actions/tags.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"

static const JsonVal *
group_object(const ScheduleGroupRow *group)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	answer_text(&object, "Arn", schedule_group_arn(group->name));
	answer_text(&object, "Name", group->name);
	answer_text(&object, "State", "ACTIVE");
	answer_moment(&object, "CreationDate", group->creation_date);
	answer_moment(&object, "LastModificationDate", group->creation_date);
	return jv_object_end(&object);
}

static const JsonVal *
create_schedule_group(ActionCall *call, const JsonVal *request)
{
	const char *name = request_string(request, "Name");
	const JsonVal *tags = request_value(request, "Tags");
	JvObjectBuilder answer;
	int64 id;

	if (!schedule_group_create(call, name, &id))
		return NULL;
	if (tags != NULL &&
		((tags = request_tags(call, tags)) == NULL || !tags_add(call, (TagOwner){TAGS_OF_SCHEDULE_GROUP, id}, tags)))
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "ScheduleGroupArn", schedule_group_arn(name));
	return jv_object_end(&answer);
}

static const JsonVal *
get_schedule_group(ActionCall *call, const JsonVal *request)
{
	ScheduleGroupRow *group = schedule_group_describe(call, request_string(request, "Name"));

	return group != NULL ? group_object(group) : NULL;
}

static const JsonVal *
delete_schedule_group(ActionCall *call, const JsonVal *request)
{
	return schedule_group_drop(call, request_string(request, "Name")) ? jv_empty_object() : NULL;
}

static const JsonVal *
list_schedule_groups(ActionCall *call, const JsonVal *request)
{
	NamePage page;
	ScheduleGroupRow *groups;
	JvArrayBuilder list;
	int count;

	if (!request_name_page(call, request, "MaxResults", 'g', &page))
		return NULL;
	count = schedule_groups_page(&page, &groups);
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, page.limit - 1); i++)
		jv_array_add(&list, group_object(&groups[i]));
	return answer_name_page("ScheduleGroups", &list, 'g', count == page.limit ? groups[count - 2].name : NULL);
}

/* ---- the rows ---- */

const AwsAction aws_schedule_group_actions[] = {
	{"CreateScheduleGroup", "Name:s! Tags:a ClientToken:s", create_schedule_group},
	{"DeleteScheduleGroup", "Name:s! ClientToken:s", delete_schedule_group},
	{"GetScheduleGroup", "Name:s!", get_schedule_group},
	{"ListScheduleGroups", "NamePrefix:s NextToken:s MaxResults:i", list_schedule_groups},
	{NULL},
};
