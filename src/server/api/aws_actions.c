/*
 * aws_actions.c
 *	  The actions of sfn.api(): requests and answers in AWS's shapes.
 *
 * What they do is in state_machines.c and executions.c, which the SQL functions
 * share; here are only the shapes.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "api/arguments.h"
#include "api/aws_actions.h"
#include "api/aws_api.h"
#include "api/executions.h"
#include "api/map_runs.h"
#include "api/settings.h"
#include "api/state_machines.h"
#include "api/sync_executions.h"
#include "api/tags.h"
#include "api/tasks.h"
#include "api/testing.h"
#include "api/versions.h"

#define VALIDATION_MAX_RESULTS 100

void
answer_text(JvObjectBuilder *object, const char *name, const char *text)
{
	if (text != NULL)
		jv_object_add(object, name, jv_string(text));
}

void
answer_moment(JvObjectBuilder *object, const char *name, TimestampTz moment)
{
	if (moment != 0)
		jv_object_add(object, name, epoch_seconds(moment));
}

/* {"included": true} beside an input or output that is shown. */
static void
add_data(JvObjectBuilder *object, const char *name, const char *text, bool includes_data)
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

/* includedData: is it ALL_DATA? */
static bool
wants_data(const ApiCall *call, const JsonVal *request)
{
	const char *included = request_string(request, "includedData");

	if (included == NULL || strcmp(included, "ALL_DATA") == 0)
		return true;
	if (strcmp(included, "METADATA_ONLY") != 0)
		api_error(call, API_CONSTRAINT, psprintf("'%s'", included), "includedData",
				  "Member must satisfy enum value set: [METADATA_ONLY, ALL_DATA]", "", NULL);
	return false;
}

/* ---- state machines ---- */

/* What requests to create and update a machine share. */
static MachineSettings
settings_of(const ApiCall *call, const JsonVal *request)
{
	const JsonVal *encryption = request_value(request, "encryptionConfiguration");
	MachineSettings settings = {
		.definition = request_string(request, "definition"),
		.role_arn = request_string(request, "roleArn"),
		.logging = request_value(request, "loggingConfiguration"),
		.tracing = request_value(request, "tracingConfiguration"),
		.tags = request_value(request, "tags"),
	};

	if (request_string(request, "versionDescription") != NULL && !request_boolean(request, "publish", false))
		api_error(call, API_VALIDATION, "Version description can only be set when publish is true", "", NULL);
	if (encryption != NULL &&
		(jv_get_string(encryption, "type") == NULL || strcmp(jv_get_string(encryption, "type"), "AWS_OWNED_KEY") != 0))
		api_error(call, API_INVALID_ENCRYPTION_CONFIGURATION, "Only the type AWS_OWNED_KEY is supported.", NULL);
	return settings;
}

/* With publish: makes the machine's revision a version, and says so. */
static void
publish(const ApiCall *call, const JsonVal *request, MachineRow *machine, JvObjectBuilder *answer)
{
	const char *description = request_string(request, "versionDescription");

	if (!request_boolean(request, "publish", false))
		return;
	(void) check_description(call, description, "versionDescription");
	answer_text(answer, "stateMachineVersionArn",
				version_arn(machine->name, version_publish(call, machine, NULL, description)->number));
}

static const JsonVal *
create_state_machine(const ApiCall *call, const JsonVal *request)
{
	MachineSettings settings = settings_of(call, request);
	bool is_express = type_is_express(call, request_string(request, "type"));
	MachineRow *machine = machine_create(call, request_string(request, "name"), is_express, &settings, false);
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_text(&answer, "stateMachineArn", machine_arn(machine->name));
	answer_moment(&answer, "creationDate", machine->creation_date);
	publish(call, request, machine, &answer);
	return jv_object_end(&answer);
}

static const JsonVal *
update_state_machine(const ApiCall *call, const JsonVal *request)
{
	MachineSettings settings = settings_of(call, request);
	RevisionRow *revision;
	MachineRow *machine = machine_update(call, request_string(request, "stateMachineArn"), &settings, &revision);
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_moment(&answer, "updateDate", machine->update_date);
	answer_text(&answer, "revisionId", revision->revision_uuid);
	publish(call, request, machine, &answer);
	return jv_object_end(&answer);
}

static const JsonVal *
delete_state_machine(const ApiCall *call, const JsonVal *request)
{
	machine_delete(call, request_string(request, "stateMachineArn"));
	return jv_empty_object();
}

/* What a definition says that is not in the rows. */
static void
add_compiled(JvObjectBuilder *answer, const RevisionRow *revision)
{
	DiagnosticList problems;
	const AslMachine *machine = definition_compile(revision->definition, revision->is_express, &problems);
	JvObjectBuilder encryption;

	if (machine == NULL || !machine->uses_variables)
		return;
	if (machine->variable_references != NULL && machine->variable_references->count > 0)
		jv_object_add(answer, "variableReferences", machine->variable_references);
	jv_object_begin(&encryption);
	answer_text(&encryption, "type", "AWS_OWNED_KEY");
	jv_object_add(answer, "encryptionConfiguration", jv_object_end(&encryption));
}

static void
add_revision(JvObjectBuilder *answer, const MachineRow *machine, const RevisionRow *revision, bool includes_data)
{
	answer_text(answer, "name", machine->name);
	if (includes_data)
		answer_text(answer, "definition", revision->definition);
	answer_text(answer, "roleArn", revision->role_arn);
	jv_object_add(answer, "loggingConfiguration", logging_shown(revision));
	jv_object_add(answer, "tracingConfiguration", tracing_shown(revision));
	if (machine->update_date != 0 && (machine->version == 0 || !revision_is_first(machine->id, revision->id)))
		answer_text(answer, "revisionId", revision->revision_uuid);
	add_compiled(answer, revision);
}

static const JsonVal *
describe_state_machine(const ApiCall *call, const JsonVal *request)
{
	bool includes_data = wants_data(call, request);
	MachineDescription machine;
	JvObjectBuilder answer;

	machine_describe(call, request_string(request, "stateMachineArn"), &machine);
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
describe_state_machine_for_execution(const ApiCall *call, const JsonVal *request)
{
	MachineRow *machine;
	ExecutionRow *execution =
		api_execution(call, request_string(request, "executionArn"), MACHINE_SEE, false, &machine);
	RevisionRow *revision = revision_by_id(execution->revision_id);
	bool includes_data = wants_data(call, request);
	JvObjectBuilder answer;

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
list_state_machines(const ApiCall *call, const JsonVal *request)
{
	int max = check_max_results(call, request_integer(request, "maxResults", 0));
	const char *after = request_token(call, request, 'M');
	MachineRow **machines;
	int count = machine_list(call->scope.caller, after, max + 1, &machines);
	JvArrayBuilder list;

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
validate_state_machine_definition(const ApiCall *call, const JsonVal *request)
{
	int64 max = request_integer(request, "maxResults", 0);
	const char *severity = request_string(request, "severity");
	DiagnosticList problems;
	JvArrayBuilder list;
	JvObjectBuilder answer;
	bool is_truncated = false;

	if (max > VALIDATION_MAX_RESULTS)
		api_error(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", max), "maxResults",
				  "Member must have value less than or equal to 100", "", NULL);
	if (max <= 0)
		max = VALIDATION_MAX_RESULTS;
	definition_check(request_string(request, "definition"), type_is_express(call, request_string(request, "type")),
					 &problems);

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

/* ---- executions ---- */

static const JsonVal *
start_execution(const ApiCall *call, const JsonVal *request)
{
	MachineRow *machine =
		api_qualified_machine(call, call->scope.caller, request_string(request, "stateMachineArn"), MACHINE_START);
	const JsonVal *given = request_value(request, "input");
	const char *input = given != NULL ? given->u.text : "{}";
	StartedExecution started = execution_start(call, machine, call->scope.caller, input, (int) strlen(input),
											   request_string(request, "name"), request_string(request, "traceHeader"));
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_text(&answer, "executionArn", started.arn);
	answer_moment(&answer, "startDate", started.start_date);
	return jv_object_end(&answer);
}

/* What AWS would bill: a tenth of a second, 64 MB, and multiples of them. */
static const JsonVal *
billing_details(const SyncExecution *execution)
{
	int64 duration = (execution->stop_date - execution->start_date + 99999) / 100000;
	JvObjectBuilder details;

	jv_object_begin(&details);
	jv_object_add(&details, "billedMemoryUsedInMB", jv_int(execution->memory_mb));
	jv_object_add(&details, "billedDurationInMilliseconds", jv_int(100 * Max(duration, 1)));
	return jv_object_end(&details);
}

static const JsonVal *
start_sync_execution(const ApiCall *call, const JsonVal *request)
{
	bool includes_data = wants_data(call, request);
	const JsonVal *given = request_value(request, "input");
	const char *input = given != NULL ? given->u.text : "{}";
	SyncExecution execution;
	JvObjectBuilder answer;

	execution_run_sync(call, request_string(request, "stateMachineArn"), input, (int) strlen(input),
					   request_string(request, "name"), &execution);
	jv_object_begin(&answer);
	answer_text(&answer, "executionArn", execution.arn);
	answer_text(&answer, "stateMachineArn", execution.machine_arn);
	answer_text(&answer, "name", execution.name);
	answer_moment(&answer, "startDate", execution.start_date);
	answer_moment(&answer, "stopDate", execution.stop_date);
	answer_text(&answer, "status", execution_status_name(execution.status));
	answer_text(&answer, "error", execution.error);
	answer_text(&answer, "cause", execution.cause);
	add_data(&answer, "input", input, includes_data);
	add_data(&answer, "output", execution.output != NULL ? jv_to_text(execution.output) : NULL, includes_data);
	answer_text(&answer, "traceHeader", request_string(request, "traceHeader"));
	jv_object_add(&answer, "billingDetails", billing_details(&execution));
	return jv_object_end(&answer);
}

static const JsonVal *
stop_execution(const ApiCall *call, const JsonVal *request)
{
	TimestampTz stop_date = execution_stop(call, request_string(request, "executionArn"),
										   request_string(request, "error"), request_string(request, "cause"));
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_moment(&answer, "stopDate", stop_date);
	return jv_object_end(&answer);
}

static const JsonVal *
describe_execution(const ApiCall *call, const JsonVal *request)
{
	bool includes_data = wants_data(call, request);
	ExecutionDescription execution;
	JvObjectBuilder answer;

	execution_describe(call, request_string(request, "executionArn"), &execution);
	jv_object_begin(&answer);
	answer_text(&answer, "executionArn", execution.arn);
	answer_text(&answer, "stateMachineArn", machine_arn(execution.machine->name));
	answer_text(&answer, "name", execution.name);
	answer_text(&answer, "status", execution.status);
	answer_moment(&answer, "startDate", execution.row->start_date);
	answer_moment(&answer, "stopDate", execution.row->stop_date);
	add_data(&answer, "input", execution.row->input, includes_data);
	add_data(&answer, "output", execution.row->output, includes_data);
	answer_text(&answer, "traceHeader", execution.row->trace_header);
	answer_text(&answer, "mapRunArn", execution.map_run_arn);
	answer_text(&answer, "error", execution.error);
	answer_text(&answer, "cause", execution.cause);
	jv_object_add(&answer, "redriveCount", jv_int(execution.row->redrive_count));
	answer_moment(&answer, "redriveDate", execution.row->redrive_date);
	answer_text(&answer, "redriveStatus", execution.redrive_status);
	answer_text(&answer, "redriveStatusReason", execution.redrive_status_reason);
	answer_text(&answer, "stateMachineVersionArn", execution.version_arn);
	answer_text(&answer, "stateMachineAliasArn", execution.alias_arn);
	return jv_object_end(&answer);
}

static const JsonVal *
list_item(const ListedExecution *execution)
{
	JvObjectBuilder item;

	jv_object_begin(&item);
	answer_text(&item, "executionArn", execution_arn(execution->is_express, execution->machine_name, execution->name));
	answer_text(&item, "stateMachineArn", machine_arn(execution->machine_name));
	answer_text(&item, "name", execution_name_of_stored(execution->name));
	answer_text(&item, "status", execution_status_name(execution->status));
	answer_moment(&item, "startDate", execution->start_date);
	answer_moment(&item, "stopDate", execution->stop_date);
	answer_text(&item, "mapRunArn", map_run_of_listed(execution));
	if (execution->map_run != NULL)
		jv_object_add(&item, "itemCount", jv_int(execution->map_items));
	jv_object_add(&item, "redriveCount", jv_int(execution->redrive_count));
	answer_moment(&item, "redriveDate", execution->redrive_date);
	if (execution->version != 0)
		answer_text(&item, "stateMachineVersionArn", version_arn(execution->machine_name, execution->version));
	if (execution->alias != NULL)
		answer_text(&item, "stateMachineAliasArn", alias_arn(execution->machine_name, execution->alias));
	return jv_object_end(&item);
}

static const JsonVal *
list_executions(const ApiCall *call, const JsonVal *request)
{
	int max = check_max_results(call, request_integer(request, "maxResults", 0));
	const char *token = request_token(call, request, 'E');
	const char *machine = request_string(request, "stateMachineArn");
	const char *map_run = request_string(request, "mapRunArn");
	long long before = 0;
	long long before_id = 0;
	ListedExecution *executions;
	int count;
	JvArrayBuilder list;

	if ((machine == NULL) == (map_run == NULL))
		api_error(call, API_VALIDATION, "Exactly one of stateMachineArn and mapRunArn must be specified", "", NULL);
	if (token != NULL && sscanf(token, "%lld:%lld", &before, &before_id) != 2)
		api_error(call, API_INVALID_TOKEN, NULL);
	count = executions_of(call, machine, map_run, request_string(request, "statusFilter"),
						  request_string(request, "redriveFilter"), max + 1, (TimestampTz) before, (int64) before_id,
						  &executions);

	jv_array_begin(&list);
	for (int i = 0; i < Min(count, max); i++)
		jv_array_add(&list, list_item(&executions[i]));
	return answer_page("executions", &list, 'E',
					   count > max ? psprintf("%lld:%lld", (long long) executions[max - 1].moment,
											  (long long) executions[max - 1].id)
								   : NULL);
}

/* A token of a history is good for that history and that order only. */
static const JsonVal *
get_execution_history(const ApiCall *call, const JsonVal *request)
{
	ExecutionRow *execution = api_execution(call, request_string(request, "executionArn"), MACHINE_SEE, false, NULL);
	int max = check_max_results(call, request_integer(request, "maxResults", 0));
	bool descending = request_boolean(request, "reverseOrder", false);
	const char *token = request_token(call, request, 'H');
	long long first_id = descending ? PG_INT64_MAX : 1;
	long long execution_id;
	int direction;
	int64 next_id;
	JvObjectBuilder answer;

	if (token != NULL &&
		(sscanf(token, "%lld:%d:%lld", &execution_id, &direction, &first_id) != 3 || execution_id != execution->id ||
		 (direction != 0) != descending || first_id < 1))
		api_error(call, API_INVALID_TOKEN, NULL);

	jv_object_begin(&answer);
	jv_object_add(&answer, "events",
				  history_events(execution->id, (int64) first_id, descending,
								 request_boolean(request, "includeExecutionData", true), max, &next_id));
	if (next_id != 0)
		jv_object_add(&answer, "nextToken",
					  next_token('H',
								 psprintf("%lld:%d:%lld", (long long) execution->id, descending ? 1 : 0,
										  (long long) next_id)));
	return jv_object_end(&answer);
}

/* ---- the table ---- */

const AwsAction aws_actions[] = {
	{"CreateActivity", "name:s! tags:a encryptionConfiguration:o", aws_create_activity},
	{"CreateStateMachine",
	 "name:s! definition:s! roleArn:s! type:s loggingConfiguration:o tracingConfiguration:o tags:a publish:b "
	 "versionDescription:s encryptionConfiguration:o",
	 create_state_machine},
	{"CreateStateMachineAlias", "name:s! routingConfiguration:a! description:s", aws_create_state_machine_alias},
	{"DeleteActivity", "activityArn:s!", aws_delete_activity},
	{"DeleteStateMachine", "stateMachineArn:s!", delete_state_machine},
	{"DeleteStateMachineAlias", "stateMachineAliasArn:s!", aws_delete_state_machine_alias},
	{"DeleteStateMachineVersion", "stateMachineVersionArn:s!", aws_delete_state_machine_version},
	{"DescribeActivity", "activityArn:s!", aws_describe_activity},
	{"DescribeExecution", "executionArn:s! includedData:s", describe_execution},
	{"DescribeMapRun", "mapRunArn:s!", aws_describe_map_run},
	{"DescribeStateMachine", "stateMachineArn:s! includedData:s", describe_state_machine},
	{"DescribeStateMachineAlias", "stateMachineAliasArn:s!", aws_describe_state_machine_alias},
	{"DescribeStateMachineForExecution", "executionArn:s! includedData:s", describe_state_machine_for_execution},
	{"GetActivityTask", "activityArn:s! workerName:s", aws_get_activity_task},
	{"GetExecutionHistory", "executionArn:s! maxResults:i reverseOrder:b nextToken:s includeExecutionData:b",
	 get_execution_history},
	{"ListActivities", "maxResults:i nextToken:s", aws_list_activities},
	{"ListExecutions", "stateMachineArn:s mapRunArn:s statusFilter:s redriveFilter:s maxResults:i nextToken:s",
	 list_executions},
	{"ListMapRuns", "executionArn:s! maxResults:i nextToken:s", aws_list_map_runs},
	{"ListStateMachineAliases", "stateMachineArn:s! maxResults:i nextToken:s", aws_list_state_machine_aliases},
	{"ListStateMachineVersions", "stateMachineArn:s! maxResults:i nextToken:s", aws_list_state_machine_versions},
	{"ListStateMachines", "maxResults:i nextToken:s", list_state_machines},
	{"ListTagsForResource", "resourceArn:s!", aws_list_tags_for_resource},
	{"PublishStateMachineVersion", "stateMachineArn:s! revisionId:s description:s", aws_publish_state_machine_version},
	{"RedriveExecution", "executionArn:s! clientToken:s", aws_redrive_execution},
	{"SendTaskFailure", "taskToken:s! error:s cause:s", aws_send_task_failure},
	{"SendTaskHeartbeat", "taskToken:s!", aws_send_task_heartbeat},
	{"SendTaskSuccess", "taskToken:s! output:s!", aws_send_task_success},
	{"StartExecution", "stateMachineArn:s! name:s input:s traceHeader:s", start_execution},
	{"StartSyncExecution", "stateMachineArn:s! name:s input:s traceHeader:s includedData:s", start_sync_execution},
	{"StopExecution", "executionArn:s! error:s cause:s", stop_execution},
	{"TagResource", "resourceArn:s! tags:a!", aws_tag_resource},
	{"TestState",
	 "definition:s! roleArn:s input:s inspectionLevel:s revealSecrets:b variables:s stateName:s mock:o context:s "
	 "stateConfiguration:o",
	 aws_test_state},
	{"UntagResource", "resourceArn:s! tagKeys:a!", aws_untag_resource},
	{"UpdateMapRun", "mapRunArn:s! maxConcurrency:i toleratedFailurePercentage:n toleratedFailureCount:i",
	 aws_update_map_run},
	{"UpdateStateMachine",
	 "stateMachineArn:s! definition:s roleArn:s loggingConfiguration:o tracingConfiguration:o publish:b "
	 "versionDescription:s encryptionConfiguration:o",
	 update_state_machine},
	{"UpdateStateMachineAlias", "stateMachineAliasArn:s! routingConfiguration:a description:s",
	 aws_update_state_machine_alias},
	{"ValidateStateMachineDefinition", "definition:s! type:s severity:s maxResults:i",
	 validate_state_machine_definition},
};

const int aws_action_count = lengthof(aws_actions);
