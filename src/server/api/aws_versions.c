/*
 * aws_versions.c
 *	  The actions of sfn.api() for versions and aliases: requests and answers in AWS's shapes.
 */
#include "postgres.h"

#include "common/string.h"

#include "api/aws_actions.h"
#include "api/aws_api.h"
#include "api/versions.h"

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

const JsonVal *
aws_publish_state_machine_version(const ApiCall *call, const JsonVal *request)
{
	MachineRow *machine = api_machine(call, request_string(request, "stateMachineArn"), MACHINE_MANAGE);
	VersionRow *version =
		version_publish(call, machine, request_string(request, "revisionId"), request_string(request, "description"));
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_moment(&answer, "creationDate", version->creation_date);
	answer_text(&answer, "stateMachineVersionArn", version_arn(machine->name, version->number));
	return jv_object_end(&answer);
}

const JsonVal *
aws_delete_state_machine_version(const ApiCall *call, const JsonVal *request)
{
	version_remove(call, request_string(request, "stateMachineVersionArn"));
	return jv_empty_object();
}

const JsonVal *
aws_list_state_machine_versions(const ApiCall *call, const JsonVal *request)
{
	int max = check_max_results(call, request_integer(request, "maxResults", 0));
	const char *token = request_token(call, request, 'V');
	MachineRow *machine = api_machine(call, request_string(request, "stateMachineArn"), MACHINE_SEE);
	int before = token != NULL ? strtoint(token, NULL, 10) : 0;
	VersionRow *versions;
	int count = version_list(machine->id, before, max + 1, &versions);
	JvArrayBuilder list;

	jv_array_begin(&list);
	for (int i = 0; i < Min(count, max); i++)
		jv_array_add(&list,
					 arn_and_date("stateMachineVersionArn", version_arn(machine->name, versions[i].number),
								  versions[i].creation_date));
	return answer_page("stateMachineVersions", &list, 'V',
					   count > max ? psprintf("%d", versions[max - 1].number) : NULL);
}

/* ---- aliases ---- */

const JsonVal *
aws_create_state_machine_alias(const ApiCall *call, const JsonVal *request)
{
	MachineAlias made =
		alias_create(call, request_string(request, "name"), request_value(request, "routingConfiguration"),
					 request_string(request, "description"));

	return arn_and_date("stateMachineAliasArn", alias_arn(made.machine->name, made.alias->name),
						made.alias->creation_date);
}

const JsonVal *
aws_update_state_machine_alias(const ApiCall *call, const JsonVal *request)
{
	MachineAlias changed =
		alias_change(call, request_string(request, "stateMachineAliasArn"),
					 request_value(request, "routingConfiguration"), request_string(request, "description"));
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_moment(&answer, "updateDate", changed.alias->update_date);
	return jv_object_end(&answer);
}

const JsonVal *
aws_describe_state_machine_alias(const ApiCall *call, const JsonVal *request)
{
	MachineAlias found = alias_describe(call, request_string(request, "stateMachineAliasArn"));
	JvObjectBuilder answer;

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

const JsonVal *
aws_delete_state_machine_alias(const ApiCall *call, const JsonVal *request)
{
	alias_remove(call, request_string(request, "stateMachineAliasArn"));
	return jv_empty_object();
}

const JsonVal *
aws_list_state_machine_aliases(const ApiCall *call, const JsonVal *request)
{
	int max = check_max_results(call, request_integer(request, "maxResults", 0));
	const char *after = request_token(call, request, 'N');
	MachineRow *machine;
	AliasRow *aliases;
	int count = aliases_of(call, request_string(request, "stateMachineArn"), after, max + 1, &machine, &aliases);
	JvArrayBuilder list;

	jv_array_begin(&list);
	for (int i = 0; i < Min(count, max); i++)
		jv_array_add(&list,
					 arn_and_date("stateMachineAliasArn", alias_arn(machine->name, aliases[i].name),
								  aliases[i].creation_date));
	return answer_page("stateMachineAliases", &list, 'N', count > max ? aliases[max - 1].name : NULL);
}
