/*
 * versions.c
 *	  AWS's actions for versions and aliases of state machines.
 */
#include "postgres.h"

#include "common/string.h"

#include "actions/resources.h"
#include "actions/versions.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"

/* {"<member>": ARN, "creationDate": ...} */
static const JsonVal *
arn_and_date(const char *member, const char *arn, TimestampTz creation_date)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	answer_text(&object, member, arn);
	answer_moment(&object, "creationDate", creation_date);
	return jv_object_end(&object);
}

/* ---- versions ---- */

static const JsonVal *
publish_state_machine_version(ActionCall *call, const JsonVal *request)
{
	MachineRow *machine = action_machine(call, request_string(request, "stateMachineArn"), MACHINE_MANAGE);
	VersionRow *version;
	JvObjectBuilder answer;

	if (machine == NULL)
		return NULL;
	version =
		version_publish(call, machine, request_string(request, "revisionId"), request_string(request, "description"));
	if (version == NULL)
		return NULL;
	jv_object_begin(&answer);
	answer_moment(&answer, "creationDate", version->creation_date);
	answer_text(&answer, "stateMachineVersionArn", version_arn(machine->name, version->number));
	return jv_object_end(&answer);
}

static const JsonVal *
delete_state_machine_version(ActionCall *call, const JsonVal *request)
{
	return version_remove(call, request_string(request, "stateMachineVersionArn")) ? jv_empty_object() : NULL;
}

static const JsonVal *
list_state_machine_versions(ActionCall *call, const JsonVal *request)
{
	const char *text = request_string(request, "stateMachineArn");
	int max;
	const char *token;
	MachineRow *machine;
	VersionRow *versions;
	int count;
	JvArrayBuilder list;

	if (!request_max_results(call, request, &max) || !request_token(call, request, 'V', &token))
		return NULL;
	if (!action_find_machine(call, text, &machine) ||
		(machine != NULL && action_machine(call, text, MACHINE_SEE) == NULL))
		return NULL;
	/* AWS says of no machine that it has no versions */
	count = machine != NULL
		? version_list(machine->id, token != NULL ? strtoint(token, NULL, 10) : 0, max + 1, &versions)
		: 0;
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, max); i++)
		jv_array_add(&list,
					 arn_and_date("stateMachineVersionArn", version_arn(machine->name, versions[i].number),
								  versions[i].creation_date));
	return answer_page("stateMachineVersions", &list, 'V',
					   count > max ? psprintf("%d", versions[max - 1].number) : NULL);
}

/* ---- aliases ---- */

static const JsonVal *
create_state_machine_alias(ActionCall *call, const JsonVal *request)
{
	MachineAlias made;

	if (!alias_create(call, request_string(request, "name"), request_value(request, "routingConfiguration"),
					  request_string(request, "description"), &made))
		return NULL;
	return arn_and_date("stateMachineAliasArn", alias_arn(made.machine->name, made.alias->name),
						made.alias->creation_date);
}

static const JsonVal *
update_state_machine_alias(ActionCall *call, const JsonVal *request)
{
	MachineAlias changed;
	JvObjectBuilder answer;

	if (!alias_change(call, request_string(request, "stateMachineAliasArn"),
					  request_value(request, "routingConfiguration"), request_string(request, "description"), &changed))
		return NULL;
	jv_object_begin(&answer);
	answer_moment(&answer, "updateDate", changed.alias->update_date);
	return jv_object_end(&answer);
}

static const JsonVal *
describe_state_machine_alias(ActionCall *call, const JsonVal *request)
{
	MachineAlias found;
	JvObjectBuilder answer;

	if (!alias_describe(call, request_string(request, "stateMachineAliasArn"), &found))
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "stateMachineAliasArn", alias_arn(found.machine->name, found.alias->name));
	answer_text(&answer, "name", found.alias->name);
	if (found.alias->description[0] != '\0')
		answer_text(&answer, "description", found.alias->description);
	jv_object_add(&answer, "routingConfiguration", alias_routing(&found));
	answer_moment(&answer, "creationDate", found.alias->creation_date);
	answer_moment(&answer, "updateDate", found.alias->update_date);
	return jv_object_end(&answer);
}

static const JsonVal *
delete_state_machine_alias(ActionCall *call, const JsonVal *request)
{
	return alias_remove(call, request_string(request, "stateMachineAliasArn")) ? jv_empty_object() : NULL;
}

static const JsonVal *
list_state_machine_aliases(ActionCall *call, const JsonVal *request)
{
	int max;
	const char *after;
	MachineRow *machine;
	AliasRow *aliases;
	int count;
	JvArrayBuilder list;

	if (!request_max_results(call, request, &max) || !request_token(call, request, 'N', &after) ||
		!aliases_of(call, request_string(request, "stateMachineArn"), after, max + 1, &machine, &aliases, &count))
		return NULL;
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, max); i++)
		jv_array_add(&list,
					 arn_and_date("stateMachineAliasArn", alias_arn(machine->name, aliases[i].name),
								  aliases[i].creation_date));
	return answer_page("stateMachineAliases", &list, 'N', count > max ? aliases[max - 1].name : NULL);
}

/* ---- the rows ---- */

const AwsAction aws_version_actions[] = {
	{"CreateStateMachineAlias", "name:s! routingConfiguration:a! description:s", create_state_machine_alias},
	{"DeleteStateMachineAlias", "stateMachineAliasArn:s!", delete_state_machine_alias},
	{"DeleteStateMachineVersion", "stateMachineVersionArn:s!", delete_state_machine_version},
	{"DescribeStateMachineAlias", "stateMachineAliasArn:s!", describe_state_machine_alias},
	{"ListStateMachineAliases", "stateMachineArn:s! maxResults:i nextToken:s", list_state_machine_aliases},
	{"ListStateMachineVersions", "stateMachineArn:s! maxResults:i nextToken:s", list_state_machine_versions},
	{"PublishStateMachineVersion", "stateMachineArn:s! revisionId:s description:s", publish_state_machine_version},
	{"UpdateStateMachineAlias", "stateMachineAliasArn:s! routingConfiguration:a description:s",
	 update_state_machine_alias},
	{NULL},
};
