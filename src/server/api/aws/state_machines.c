/*
 * state_machines.c
 *	  AWS's actions for state machines.
 */
#include "postgres.h"

#include "actions/map_runs.h"
#include "actions/mapped_roles.h"
#include "actions/resources.h"
#include "actions/state_machines.h"
#include "actions/versions.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "api/definition_advice.h"

#define VALIDATION_MAX_RESULTS 100

/* arn:aws:iam::<account>:role/<name>; SQL callers may say anything, since it is stored and shown. */
static SFN_MUST_CHECK bool
check_role_arn(ActionCall *call, const char *text)
{
	if (text == NULL || !call->checks_role_arn || arn_is_of_role(text))
		return true;
	return action_fail(call, API_INVALID_ARN, text, text, "a role", "arn:aws:iam::000000000000:role/NAME");
}

/* What requests to create and update a machine share. */
static SFN_MUST_CHECK bool
read_settings(ActionCall *call, const JsonVal *request, MachineSettings *settings)
{
	*settings = (MachineSettings){
		.definition = request_string(request, "definition"),
		.role_arn = request_string(request, "roleArn"),
		.tags = request_value(request, "tags"),
	};
	for (int i = 0; i < MACHINE_SETTINGS; i++)
		if (machine_setting_rows[i].giver != BY_SQL)
			settings->settings[i] = request_value(request, machine_setting_rows[i].member);

	if (request_string(request, "versionDescription") != NULL && !request_boolean(request, "publish", false))
		return action_fail(call, API_VALIDATION, "Version description can only be set when publish is true", "");
	return check_role_arn(call, settings->role_arn) && role_of_arn(call, settings->role_arn, &settings->role) &&
		request_encryption(call, request);
}

/* With publish: makes the machine's revision a version, and says so. */
static SFN_MUST_CHECK bool
publish(ActionCall *call, const JsonVal *request, MachineRow *machine, JvObjectBuilder *answer)
{
	const char *description = request_string(request, "versionDescription");
	VersionRow *version;

	if (!request_boolean(request, "publish", false))
		return true;
	if (!check_description(call, description, "versionDescription"))
		return false;
	version = version_publish(call, machine, NULL, description);
	if (version == NULL)
		return false;
	answer_text(answer, "stateMachineVersionArn", version_arn(machine->name, version->number));
	return true;
}

/* The revision that a machine begins with has no id. */
static void
add_revision_id(JvObjectBuilder *answer, const MachineRow *machine, const RevisionRow *revision)
{
	if (machine->update_date != 0 && !revision_is_first(machine->id, revision->id))
		answer_text(answer, "revisionId", revision->revision_uuid);
}

static const JsonVal *
create_state_machine(ActionCall *call, const JsonVal *request)
{
	MachineSettings settings;
	bool is_express;
	MachineRow *machine;
	JvObjectBuilder answer;

	if (!read_settings(call, request, &settings) || !check_type(call, request_string(request, "type"), &is_express))
		return NULL;
	machine = machine_create(call, request_string(request, "name"), is_express, &settings, false);
	if (machine == NULL)
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "stateMachineArn", machine_arn(machine->name));
	answer_moment(&answer, "creationDate", machine->creation_date);
	return publish(call, request, machine, &answer) ? jv_object_end(&answer) : NULL;
}

static const JsonVal *
update_state_machine(ActionCall *call, const JsonVal *request)
{
	MachineSettings settings;
	RevisionRow *revision;
	MachineRow *machine;
	JvObjectBuilder answer;

	if (!read_settings(call, request, &settings))
		return NULL;
	machine = machine_update(call, request_string(request, "stateMachineArn"), &settings, &revision);
	if (machine == NULL)
		return NULL;
	jv_object_begin(&answer);
	answer_moment(&answer, "updateDate", machine->update_date);
	add_revision_id(&answer, machine, revision);
	return publish(call, request, machine, &answer) ? jv_object_end(&answer) : NULL;
}

static const JsonVal *
delete_state_machine(ActionCall *call, const JsonVal *request)
{
	return machine_delete(call, request_string(request, "stateMachineArn")) ? jv_empty_object() : NULL;
}

/* What a definition says that is not in the rows. */
static void
add_compiled(JvObjectBuilder *answer, const RevisionRow *revision)
{
	DiagnosticList problems;
	const AslMachine *machine = definition_compile(revision->definition, revision->is_express, &problems);

	if (machine == NULL || !machine->uses_variables)
		return;
	if (machine->variable_references != NULL && machine->variable_references->count > 0)
		jv_object_add(answer, "variableReferences", machine->variable_references);
}

static void
add_revision(JvObjectBuilder *answer, const MachineRow *machine, const RevisionRow *revision, bool includes_data)
{
	answer_text(answer, "name", machine->name);
	if (includes_data)
		answer_text(answer, "definition", revision->definition);
	answer_text(answer, "roleArn", revision->role_arn);
	for (int i = 0; i < MACHINE_SETTINGS; i++)
		if (machine_setting_rows[i].giver != BY_SQL)
			jv_object_add(answer, machine_setting_rows[i].member, setting_shown(revision, i));
	add_revision_id(answer, machine, revision);
	answer_encryption(answer);
	add_compiled(answer, revision);
}

static const JsonVal *
describe_state_machine(ActionCall *call, const JsonVal *request)
{
	bool includes_data;
	MachineDescription machine;
	JvObjectBuilder answer;

	if (!request_wants_data(call, request, &includes_data) ||
		!machine_describe(call, request_string(request, "stateMachineArn"), &machine))
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "stateMachineArn", machine.arn);
	add_revision(&answer, machine.row, machine.revision, includes_data);
	answer_text(&answer, "status", machine.row->status);
	answer_text(&answer, "type", machine.row->is_express ? "EXPRESS" : "STANDARD");
	answer_moment(&answer, "creationDate", machine.creation_date);
	answer_text(&answer, "description", machine.description);
	return jv_object_end(&answer);
}

static const JsonVal *
describe_state_machine_for_execution(ActionCall *call, const JsonVal *request)
{
	MachineRow *machine;
	ExecutionRow *execution =
		action_execution(call, request_string(request, "executionArn"), MACHINE_SEE, false, &machine);
	RevisionRow *revision;
	bool includes_data;
	JvObjectBuilder answer;

	/* who has started the execution sees it, but not the definition */
	if (execution == NULL || !require_machine_privilege(call, machine, call->scope.caller, MACHINE_SEE) ||
		!request_wants_data(call, request, &includes_data))
		return NULL;
	revision = revision_by_id(execution->revision_id);
	machine->version = execution->version;
	jv_object_begin(&answer);
	answer_text(&answer, "stateMachineArn", machine_arn(machine->name));
	add_revision(&answer, machine, revision, includes_data);
	answer_moment(&answer, "updateDate", revision->creation_date);
	if (execution->map_run != NULL)
	{
		answer_text(&answer, "mapRunArn", map_run_arn_of(machine->name, execution->map_run));
		answer_text(&answer, "label", label_of_map_machine(machine));
	}
	return jv_object_end(&answer);
}

static const JsonVal *
list_state_machines(ActionCall *call, const JsonVal *request)
{
	int max;
	const char *after;
	MachineRow **machines;
	int count;
	JvArrayBuilder list;

	if (!request_max_results(call, request, &max) || !request_token(call, request, 'M', &after))
		return NULL;
	count = machine_list(call->scope.caller, after, max + 1, &machines);
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, max); i++)
	{
		JvObjectBuilder item;

		jv_object_begin(&item);
		answer_text(&item, "stateMachineArn", machine_arn(machines[i]->name));
		answer_text(&item, "name", machines[i]->name);
		answer_text(&item, "type", machines[i]->is_express ? "EXPRESS" : "STANDARD");
		answer_moment(&item, "creationDate", machines[i]->creation_date);
		jv_array_add(&list, jv_object_end(&item));
	}
	return answer_page("stateMachines", &list, 'M', count > max ? machines[max - 1]->name : NULL);
}

static const JsonVal *
validate_state_machine_definition(ActionCall *call, const JsonVal *request)
{
	int64 max = request_integer(request, "maxResults", 0);
	const char *severity = request_string(request, "severity");
	DiagnosticList problems;
	JvArrayBuilder list;
	JvObjectBuilder answer;
	bool is_truncated = false;
	bool is_express;

	if (max > VALIDATION_MAX_RESULTS)
		return action_fail_null(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", max), "maxResults",
								"Member must have value less than or equal to 100", "");
	if (severity != NULL && strcmp(severity, "ERROR") != 0 && strcmp(severity, "WARNING") != 0)
		return action_fail_null(call, API_CONSTRAINT, psprintf("'%s'", severity), "severity",
								"Member must satisfy enum value set: [ERROR, WARNING]", "");
	if (max <= 0)
		max = VALIDATION_MAX_RESULTS;
	if (!check_type(call, request_string(request, "type"), &is_express))
		return NULL;
	definition_check_with_advice(request_string(request, "definition"), is_express, call->scope.caller, &problems);

	jv_array_begin(&list);
	for (int i = 0; i < problems.count; i++)
	{
		const Diagnostic *problem = &problems.items[i];
		bool is_error = problem->severity == DIAGNOSTIC_ERROR;
		JvObjectBuilder item;

		if (!is_error && (severity == NULL || strcmp(severity, "WARNING") != 0))
			continue;
		if (list.count == max)
		{
			is_truncated = true;
			break;
		}
		jv_object_begin(&item);
		answer_text(&item, "severity", is_error ? "ERROR" : "WARNING");
		answer_text(&item, "code", problem->code);
		answer_text(&item, "message", problem->message);
		answer_text(&item, "location", problem->location);
		jv_array_add(&list, jv_object_end(&item));
	}
	jv_object_begin(&answer);
	answer_text(&answer, "result", problems.error_count > 0 ? "FAIL" : "OK");
	jv_object_add(&answer, "diagnostics", jv_array_end(&list));
	jv_object_add(&answer, "truncated", jv_bool(is_truncated));
	return jv_object_end(&answer);
}

/* ---- the rows ---- */

const AwsAction aws_state_machine_actions[] = {
	{"CreateStateMachine",
	 "name:s! definition:s! roleArn:s! type:s loggingConfiguration:o tracingConfiguration:o tags:a publish:b "
	 "versionDescription:s encryptionConfiguration:o",
	 create_state_machine},
	{"DeleteStateMachine", "stateMachineArn:s!", delete_state_machine},
	{"DescribeStateMachine", "stateMachineArn:s! includedData:s", describe_state_machine},
	{"DescribeStateMachineForExecution", "executionArn:s! includedData:s", describe_state_machine_for_execution},
	{"ListStateMachines", "maxResults:i nextToken:s", list_state_machines},
	{"UpdateStateMachine",
	 "stateMachineArn:s! definition:s roleArn:s loggingConfiguration:o tracingConfiguration:o publish:b "
	 "versionDescription:s encryptionConfiguration:o",
	 update_state_machine},
	{"ValidateStateMachineDefinition", "definition:s! type:s severity:s maxResults:i",
	 validate_state_machine_definition},
	{NULL},
};
