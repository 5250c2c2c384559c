/*
 * definition_advice.c
 *	  What a definition names that this database does not have, or that belongs to somebody whom the machine's role
 *	  does not trust: warnings, where AWS has none.
 *
 * The resources that a definition names may be made after it, and trust may come; so
 * nothing here is an error.  Only what the definition says in so many words is looked at: the name of a
 * function that is computed when the state runs is not known yet, nor are the
 * parameters of a state whose input goes to the function as it is.
 */
#include "postgres.h"

#include "actions/event_delivery.h"
#include "actions/event_rules.h"
#include "actions/queues.h"
#include "actions/start.h"
#include "actions/state_machines.h"
#include "actions/topics.h"
#include "api/definition_advice.h"
#include "asl/service.h"
#include "asl/state_type.h"
#include "services/aws/lambda_function.h"
#include "services/http/aws_call.h"
#include "services/sql/sql_task.h"
#include "services/states/activity.h"
#include "settings/arns.h"
#include "store/buckets.h"
#include "store/connections.h"
#include "store/store.h"
#include "store/trust.h"

typedef struct Advice
{
	DiagnosticList *problems;
	Oid role;
	const AslState *state;
	const JsonVal *arguments; /* the Parameters or Arguments as written; NULL: none */
	const char *arguments_field;
	char *location; /* of what has them, as AWS writes it */
	char *pointer;  /* the same as a JSON pointer */
} Advice;

static void advise_on_task(Advice *advice);
static void advise_on_map(const Advice *state_advice, const JsonVal *state);
static void advise_on_aws_call(Advice *advice, const AslResource *resource);
static void advise_on_sql_function(Advice *advice, const char *field, const char *name, const JsonVal *input);
static void advise_on_function(Advice *advice, const char *field, const char *name);
static void advise_on_activity(Advice *advice, const AslResource *resource);
static void advise_on_machine(Advice *advice);
static void advise_on_connection(Advice *advice);
static void advise_on_queue(Advice *advice, const AslResource *resource);
static void advise_on_topic(Advice *advice, const AslResource *resource);
static void advise_on_buses(Advice *advice, const AslResource *resource);
static const char *constant_argument(const Advice *advice, const char *name);
static const JsonVal *input_shape(const Advice *advice, const JsonVal *written);
static void advise(Advice *advice, const char *field, const char *hint, const char *message);

void
definition_check_with_advice(const char *definition, bool is_express, Oid role, DiagnosticList *problems)
{
	const AslMachine *machine = definition_compile(definition, is_express, problems);
	JvParseError error;
	const JsonVal *written;

	if (machine == NULL)
		return;
	written = jv_parse(definition, (int) strlen(definition), &error);
	for (int i = 0; i < machine->state_count && !diagnostics_are_full(problems, DIAGNOSTIC_WARNING); i++)
	{
		const AslState *state = machine->states[i];
		bool is_jsonata = state->query_language == QUERY_JSONATA;
		Advice advice = {.problems = problems, .role = role, .state = state, .pointer = pstrdup(state->pointer)};
		StringInfoData location;
		const JsonVal *object;

		CHECK_FOR_INTERRUPTS();
		initStringInfo(&location);
		object = definition_state_at(written, state->pointer, &location);
		advice.arguments_field = is_jsonata ? "Arguments" : "Parameters";
		advice.arguments = jv_get(object, advice.arguments_field);
		advice.location = location.data;
		if (strcmp(state->type->name, "Task") == 0)
			advise_on_task(&advice);
		else if (strcmp(state->type->name, "Map") == 0)
			advise_on_map(&advice, object);
	}
}

void
definition_raise_warnings(const char *definition, bool is_express, Oid role)
{
	DiagnosticList problems;

	definition_check_with_advice(definition, is_express, role, &problems);
	for (int i = 0; i < problems.count; i++)
	{
		const Diagnostic *problem = &problems.items[i];

		if (problem->severity == DIAGNOSTIC_WARNING)
			ereport(WARNING,
					(errmsg("%s at %s", problem->message, problem->location != NULL ? problem->location : "/"),
					 problem->hint != NULL ? errhint("%s", problem->hint) : 0));
	}
}

const JsonVal *
definition_state_at(const JsonVal *definition, const char *pointer, StringInfo location)
{
	const JsonVal *value = definition;

	while (value != NULL && *pointer == '/')
	{
		StringInfoData segment;

		initStringInfo(&segment);
		for (pointer++; *pointer != '\0' && *pointer != '/'; pointer++)
		{
			if (*pointer == '~' && pointer[1] != '\0')
				appendStringInfoChar(&segment, *++pointer == '1' ? '/' : '~');
			else
				appendStringInfoChar(&segment, *pointer);
		}
		if (jv_is(value, JV_ARRAY))
		{
			int place = atoi(segment.data);

			appendStringInfo(location, "[%s]", segment.data);
			value = place < value->count ? value->u.items[place] : NULL;
		}
		else
		{
			appendStringInfo(location, "/%s", segment.data);
			value = jv_get(value, segment.data);
		}
	}
	return value;
}

static void
advise_on_task(Advice *advice)
{
	const AslResource *resource = &((const TaskState *) advice->state)->resource;
	const char *name;

	switch (resource->kind)
	{
		case RESOURCE_SQL:
			advise_on_sql_function(advice, "Resource", resource->name, input_shape(advice, advice->arguments));
			break;
		case RESOURCE_FUNCTION:
			advise_on_function(advice, "Resource", resource->name);
			break;
		case RESOURCE_ACTIVITY:
			advise_on_activity(advice, resource);
			break;
		case RESOURCE_AWS_SDK:
			advise_on_aws_call(advice, resource);
			break;
		case RESOURCE_SERVICE:
			if (strcmp(resource->service, "sql") == 0 && (name = constant_argument(advice, "Function")) != NULL)
			{
				const JsonVal *args = jv_get(advice->arguments, "Args");

				if (args == NULL && jv_get(advice->arguments, "Args.$") == NULL)
					args = jv_empty_object();
				advise_on_sql_function(advice, "Function", name, input_shape(advice, args));
			}
			else if (strcmp(resource->service, "lambda") == 0 &&
					 (name = constant_argument(advice, "FunctionName")) != NULL)
				advise_on_function(advice, "FunctionName", name);
			else if (strcmp(resource->service, "states") == 0)
				advise_on_machine(advice);
			else if (strcmp(resource->service, "http") == 0)
				advise_on_connection(advice);
			else if (resource->row != NULL && resource->row->place == AWS)
				advise_on_aws_call(advice, resource);
			break;
		default:
			break;
	}
}

/* An AWS service, action or parameter that is not known. */
static void
advise_on_aws_call(Advice *advice, const AslResource *resource)
{
	const char *parameter;
	SfnError error = {0};

	advise_on_queue(advice, resource);
	advise_on_topic(advice, resource);
	advise_on_buses(advice, resource);
	if (!aws_call_is_known(resource, input_shape(advice, advice->arguments), &parameter, &error))
		advise(advice, parameter != NULL ? parameter : "Resource", "A state with this resource fails when it is run.",
			   pnstrdup(error.cause, strlen(error.cause) - 1));
}

/* ---- what belongs to somebody ---- */

/* The cause that the state would fail with: what is wrong, then how to mend it. */
static void
advise_on_denial(Advice *advice, const char *field, const SfnError *error)
{
	const char *cure = strstr(error->cause, " If it should, ");

	if (cure == NULL)
		advise(advice, field, NULL, error->cause);
	else
		advise(advice, field, cure + 1, pnstrdup(error->cause, cure - error->cause - 1)); /* without its full stop */
}

static void
advise_on_function(Advice *advice, const char *field, const char *name)
{
	SfnError error;

	if (function_is_of_aws(name, advice->role))
		return;
	if (!function_is_there(name))
		advise(advice, field, "sfn.create_function() makes it known.",
			   psprintf("No function %s is registered in this database", name));
	else if (!function_is_trusted(name, advice->role, &error))
		advise_on_denial(advice, field, &error);
}

static void
advise_on_activity(Advice *advice, const AslResource *resource)
{
	SfnError error = {0};

	if (!activity_is_there(resource))
		advise(advice, "Resource", "sfn.create_activity() makes it.",
			   psprintf("There is no activity %s", resource->text));
	else if (!activity_can_be_scheduled(resource, advice->role, &error))
		advise_on_denial(advice, "Resource", &error);
}

/* One that there is; it runs as its own role, with the input it is given. */
static void
advise_on_machine(Advice *advice)
{
	const char *text = constant_argument(advice, "StateMachineArn");
	SfnError error = {0};
	StoreScope scope;
	MachineRow *machine;
	char *problem;
	Arn arn;

	if (text == NULL || !arn_parse(text, &arn, &problem) || arn.type != ARN_STATE_MACHINE || !arn_is_ours(&arn))
		return;
	store_enter(&scope);
	machine = machine_by_name(arn.name);
	if (machine != NULL)
		(void) machine_is_trusted(machine, advice->role, &error);
	store_leave(&scope);
	if (error.name != NULL)
		advise_on_denial(advice, "StateMachineArn", &error);
}

/* One that there is: its owner is to be trusted, and has to lend it. */
static void
advise_on_connection(Advice *advice)
{
	bool has_config = jv_get(advice->arguments, "InvocationConfig") != NULL;
	const char *member = has_config ? "InvocationConfig" : "Authentication";
	const JsonVal *value = jv_get(jv_get(advice->arguments, member), "ConnectionArn");
	SfnError error = {0};
	HttpConnection *connection;
	StoreScope scope;

	if (!jv_is(value, JV_STRING) || state_computes(advice->state, value))
		return;
	store_enter(&scope);
	(void) connection_for_task(value->u.text, advice->role, &connection, &error);
	store_leave(&scope);
	if (error.name != NULL && strcmp(error.name, ERROR_CONNECTION_MISSING) != 0)
		advise_on_denial(advice, psprintf("%s/ConnectionArn", member), &error);
}

static void
advise_on_bucket(Advice *advice)
{
	const char *name = constant_argument(advice, "Bucket");
	SfnError error = {0};
	StoreScope scope;
	BucketAccess access;

	if (name == NULL)
		return;
	store_enter(&scope);
	if (bucket_access(name, advice->role, &access))
		(void) name_is_trusted(&(OwnedName){.kind = NAME_BUCKET, .id = access.id, .name = name, .owner = access.owner},
							   advice->role, &error);
	store_leave(&scope);
	if (error.name != NULL)
		advise_on_denial(advice, "Bucket", &error);
}

static bool
calls_service(const AslResource *resource, const char *name)
{
	const char *service =
		resource->kind == RESOURCE_AWS_SDK ? resource->service + strlen("aws-sdk:") : resource->service;

	return strcmp(service, name) == 0;
}

/* What has to be trusted, and lent. */
static void
check_lent(const OwnedName *used, Oid role, bool is_lent, SfnError *error)
{
	if (!is_lent)
		(void) name_fail_unlent(used, role, error);
	else
		(void) name_is_trusted(used, role, error);
}

static void
advise_on_queue(Advice *advice, const AslResource *resource)
{
	const char *url = calls_service(resource, "sqs") ? constant_argument(advice, "QueueUrl") : NULL;
	const char *name = url != NULL ? queue_name_of(url) : NULL;
	SfnError error = {0};
	StoreScope scope;
	QueueRow *queue;

	if (name == NULL)
		return;
	store_enter(&scope);
	queue = queue_by_name(name);
	if (queue != NULL)
		check_lent(&(OwnedName){.kind = NAME_QUEUE, .id = queue->id, .name = queue->name, .owner = queue->owner},
				   advice->role, queue_is_open(queue, advice->role), &error);
	store_leave(&scope);
	if (error.name != NULL)
		advise_on_denial(advice, "QueueUrl", &error);
}

static void
advise_on_topic(Advice *advice, const AslResource *resource)
{
	const char *field = constant_argument(advice, "TopicArn") != NULL ? "TopicArn" : "TargetArn";
	const char *arn = calls_service(resource, "sns") ? constant_argument(advice, field) : NULL;
	const char *name = arn != NULL && arn_looks_like(arn) ? topic_name_of(arn) : NULL;
	SfnError error = {0};
	StoreScope scope;
	BusRow *topic;

	if (name == NULL)
		return;
	store_enter(&scope);
	topic = bus_find(psprintf(TOPIC_BUS_PREFIX "%s", name));
	if (topic != NULL)
		check_lent(&(OwnedName){.kind = NAME_TOPIC, .id = topic->id, .name = name, .owner = topic->owner}, advice->role,
				   bus_may_put(topic, advice->role, BUS_PUT), &error);
	store_leave(&scope);
	if (error.name != NULL)
		advise_on_denial(advice, field, &error);
}

static void
advise_on_buses(Advice *advice, const AslResource *resource)
{
	bool puts = calls_service(resource, "events") || calls_service(resource, "eventbridge");
	const JsonVal *entries = puts ? jv_get(advice->arguments, "Entries") : NULL;

	for (int i = 0; jv_is(entries, JV_ARRAY) && i < entries->count; i++)
	{
		const JsonVal *entry = entries->u.items[i];
		const JsonVal *name = jv_get(entry, "EventBusName");
		SfnError error = {0};
		StoreScope scope;
		BusRow *bus;

		if (!jv_is(name, JV_STRING) || state_computes(advice->state, name))
			continue;
		store_enter(&scope);
		bus = bus_of_entry(entry);
		if (bus != NULL)
			(void) bus_is_trusted(bus, advice->role, &error);
		store_leave(&scope);
		if (error.name != NULL)
			advise_on_denial(advice, "Entries", &error);
	}
}

/* What a reader or writer of the Map names: a table, a bucket, a connection. */
static void
advise_on_place(const Advice *state_advice, const JsonVal *state, const char *member, int use)
{
	const JsonVal *object = jv_get(state, member);
	const char *resource = jv_get_string(object, "Resource");
	const ServiceRow *row = resource != NULL ? service_find_for_map(resource, use) : NULL;
	Advice advice = *state_advice;
	const char *name;

	if (row == NULL)
		return;
	advice.arguments = jv_get(object, advice.arguments_field);
	advice.location = psprintf("%s/%s", advice.location, member);
	advice.pointer = psprintf("%s/%s", advice.pointer, member);
	advise_on_bucket(&advice);
	advise_on_connection(&advice);
	name = row->id == ITEM_SOURCE_table || row->id == ITEM_TARGET_table ? constant_argument(&advice, "Table") : NULL;
	if (name != NULL && !sql_table_is_there(name, advice.role))
		advise(&advice, "Table", "The state fails while there is none.", psprintf("There is no table %s", name));
}

static void
advise_on_map(const Advice *state_advice, const JsonVal *state)
{
	advise_on_place(state_advice, state, "ItemReader", READ_BY_MAP);
	advise_on_place(state_advice, state, "ResultWriter", WRITTEN_BY_MAP);
}

/* input: its members' names count; NULL: it is not known before the state runs. */
static void
advise_on_sql_function(Advice *advice, const char *field, const char *name, const JsonVal *input)
{
	char *signatures;

	switch (sql_function_fit(name, advice->role, input, &signatures))
	{
		case FUNCTION_FITS:
			break;
		case FUNCTION_AMBIGUOUS:
			advise(advice, field, psprintf("There is %s.", signatures),
				   psprintf("More than one SQL function %s takes the %s of this state", name, advice->arguments_field));
			break;
		case FUNCTION_TAKES_OTHERS:
			advise(advice, field, psprintf("There is %s.", signatures),
				   psprintf("No SQL function %s takes the %s of this state", name, advice->arguments_field));
			break;
		case FUNCTION_MISSING:
			advise(advice, field, "A state with this resource fails while there is none.",
				   psprintf("There is no SQL function %s", name));
			break;
	}
}

bool
state_computes(const AslState *state, const JsonVal *value)
{
	return state->query_language == QUERY_JSONATA && jv_is(value, JV_STRING) && strncmp(value->u.text, "{%", 2) == 0;
}

/* The argument of that name when it is a text that the definition gives as it is; else NULL. */
static const char *
constant_argument(const Advice *advice, const char *name)
{
	const JsonVal *value = jv_get(advice->arguments, name);

	return value != NULL && jv_is(value, JV_STRING) && !state_computes(advice->state, value) ? value->u.text : NULL;
}

/* A value with the members that the written one will have: "x.$" makes x.  NULL: not known. */
static const JsonVal *
input_shape(const Advice *advice, const JsonVal *written)
{
	bool is_jsonata = advice->state->query_language == QUERY_JSONATA;
	JvObjectBuilder shape;

	if (written == NULL || state_computes(advice->state, written))
		return NULL;
	if (!jv_is(written, JV_OBJECT))
		return written;
	jv_object_begin(&shape);
	for (int i = 0; i < written->count; i++)
	{
		const char *key = written->u.members[i].key;
		int length = (int) strlen(key);

		if (!is_jsonata && length > 2 && strcmp(key + length - 2, ".$") == 0)
			length -= 2;
		jv_object_add_n(&shape, key, length, jv_null());
	}
	return jv_object_end(&shape);
}

/* A warning about the state's resource, or about one of its arguments. */
static void
advise(Advice *advice, const char *field, const char *hint, const char *message)
{
	char *below = strcmp(field, "Resource") == 0 ? pstrdup(field) : psprintf("%s/%s", advice->arguments_field, field);

	diagnostic_add_at(advice->problems, DIAGNOSTIC_WARNING, "INVALID_RESOURCE",
					  psprintf("%s/%s", advice->location, below), psprintf("%s/%s", advice->pointer, below), hint,
					  message);
}
