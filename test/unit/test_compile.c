/*
 * test_compile.c
 *	  Definitions: what compiles, what does not, and what is said about it.
 *
 * In definitions single quotes stand for double ones.
 */
#include "base/port.h"

#include "asl/choice_rule.h"
#include "asl/compile.h"
#include "asl/service.h"
#include "engine/engine.h"
#include "unit/unit.h"

static DiagnosticList problems;

static char *
double_quotes(const char *text)
{
	char *copy = pstrdup(text);

	for (char *c = copy; *c != '\0'; c++)
	{
		if (*c == '\'')
			*c = '"';
	}
	return copy;
}

static AslMachine *
compile_typed(const char *definition, bool is_express)
{
	char *text = double_quotes(definition);

	return asl_compile(text, strlen(text), is_express, state_types, state_type_count, &problems);
}

static AslMachine *
compile(const char *definition)
{
	return compile_typed(definition, false);
}

/* A Map as a state behind "Type". */
#define MAP "'Map','End':true,'ItemProcessor':{'StartAt':'P','States':{'P':{'Type':'Succeed'}}}"
#define DISTRIBUTED \
	"'Map','End':true,'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'STANDARD'}," \
	"'StartAt':'P','States':{'P':{'Type':'Succeed'}}}"

/* A machine of one state, given by the fields behind "Type". */
static AslMachine *
compile_state(const char *fields)
{
	return compile(psprintf("{'StartAt':'X','States':{'X':{'Type':%s}}}", fields));
}

static const Diagnostic *
find_problem(const char *code, const char *location, const char *message)
{
	for (int i = 0; i < problems.count; i++)
	{
		const Diagnostic *item = &problems.items[i];

		if (strcmp(item->code, code) == 0 && strcmp(item->message, message) == 0 &&
			(location == NULL ? item->location == NULL
							  : item->location != NULL && strcmp(item->location, location) == 0))
			return item;
	}
	return NULL;
}

static void
show_problems(void)
{
	for (int i = 0; i < problems.count; i++)
		printf("# %s: %s at %s\n", problems.items[i].code, problems.items[i].message,
			   problems.items[i].location == NULL ? "-" : problems.items[i].location);
}

/* The one error found. */
static void
only(const char *what, const char *code, const char *location, const char *message)
{
	bool passed = find_problem(code, location, message) != NULL && problems.error_count == 1;

	if (!unit_check(passed, "%s: %.*s", what, (int) strcspn(message, "\n"), message))
		show_problems();
}

/* One error among others. */
static void
among(const char *what, const char *code, const char *location, const char *message)
{
	if (!unit_check(find_problem(code, location, message) != NULL, "%s: %s", what, message))
		show_problems();
}

static void
schema(const char *fields, const char *location, const char *message)
{
	(void) compile_state(fields);
	only(fields, "SCHEMA_VALIDATION_FAILED", location, message);
	unit_reset_memory();
}

static void
fine(const char *fields)
{
	AslMachine *machine = compile_state(fields);

	if (!unit_check(machine != NULL && problems.error_count == 0, "compiles: %s", fields))
		show_problems();
	unit_reset_memory();
}

/* ---- the text ---- */

static void
test_text(void)
{
	const Diagnostic *item;

	(void) compile("not a definition");
	only(
		"no JSON", "INVALID_JSON_DESCRIPTION", "[Source: (String)\"not a definition\"; line: 1, column: 4]",
		"Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n"
		" at [Source: (String)\"not a definition\"; line: 1, column: 4]");
	item = &problems.items[0];
	OK(item->line == 1 && item->column == 1);

	(void) compile("  \n");
	only("blank text", "SCHEMA_VALIDATION_FAILED", NULL, "Definition must be a valid JSON object");
	(void) compile("");
	only("empty text", "MISSING_DESCRIPTION", NULL, "Definition must be a valid JSON object");
	(void) compile("[1]");
	only("an array", "SCHEMA_VALIDATION_FAILED", NULL, "Definition must be a valid JSON object");
	(void) compile("{}");
	only("empty object", "SCHEMA_VALIDATION_FAILED", "/", "These fields are required: [States, StartAt]");
	(void) compile("{'StartAt':'X'}");
	only("no States", "SCHEMA_VALIDATION_FAILED", "/", "These fields are required: [States]");
	unit_reset_memory();
}

/* ---- fields ---- */

static void
test_fields(void)
{
	schema("'Pass','End':true,'Bogus':1", "/States/X", "Field 'Bogus' is not supported");
	schema(
		"'Pass','End':true,'Output':1", "/States/X",
		"The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage");
	schema("'Pass','End':'yes','Next':'X'", "/States/X/End", "Expected value of type Boolean");
	schema("'Pass','End':true,'Comment':1", "/States/X/Comment", "Expected value of type String");
	schema("'Pass'", "/States/X", "There should be one of the following fields: [Next, End]");
	schema("'Pass','Next':'X','End':true", "/States/X",
		   "There should only be one of the following fields: [Next, End]");
	schema("'Choice','Choices':[]", "/States/X/Choices", "Value cannot be empty");
	schema("'Succeed','Assign':{}", "/States/X", "Field 'Assign' is not supported");
	schema("'Fail','InputPath':'$'", "/States/X", "Field 'InputPath' is not supported");
	schema("'Parallel','End':true,'Branches':[]", "/States/X/Branches", "Value cannot be empty");
	schema("'Parallel','End':true", "/States/X", "These fields are required: [Branches]");
	schema("'Map','End':true", "/States/X", "There should be one of the following fields: [ItemProcessor, Iterator]");
	schema("'Nope'", "/States/X/Type",
		   "The field 'Type' should have one of these values: "
		   "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]");

	(void) compile_state("'Pass','End':true,'inputpath':'$'");
	unit_text(problems.items[0].hint, "Did you mean 'InputPath'?", "hint for a misspelt field");
	(void) compile("{'StartAt':'X','States':{'X':{'End':true}}}");
	only("no Type", "SCHEMA_VALIDATION_FAILED", "/States/X", "These fields are required: [Type]");
	(void) compile("{'StartAt':'X','Version':'2.0','States':{'X':{'Type':'Succeed'}}}");
	only("Version", "SCHEMA_VALIDATION_FAILED", "/Version", "Value should be one of the following: [1.0]");
	(void) compile("{'StartAt':'X','TimeoutSeconds':0,'States':{'X':{'Type':'Succeed'}}}");
	only("machine timeout", "SCHEMA_VALIDATION_FAILED", "/TimeoutSeconds", "Minimum value is 1");
	(void) compile("{'StartAt':'X','States':{}}");
	among("no states", "SCHEMA_VALIDATION_FAILED", "/States", "Value cannot be empty");
	(void) compile("{'StartAt':'X','States':{'X':7}}");
	among("state is a number", "SCHEMA_VALIDATION_FAILED", "/States/X", "Expected value of type Object");
	unit_reset_memory();
}

static void
test_ranges(void)
{
	schema("'Wait','End':true,'Seconds':10000000000000000", "/States/X/Seconds", "Maximum value is 99999999");
	schema("'Wait','End':true,'Seconds':-1", "/States/X/Seconds", "Minimum value is 0");
	schema("'Wait','End':true,'Seconds':1.5", "/States/X/Seconds", "Expected value of type Integer");
	schema("'Wait','End':true", "/States/X",
		   "There should be one of the following fields: [Seconds, SecondsPath, Timestamp, TimestampPath]");
	schema("'Wait','End':true,'Seconds':1,'SecondsPath':'$.s'", "/States/X",
		   "There should only be one of the following fields: [Seconds, SecondsPath, Timestamp, TimestampPath]");
	schema("'Wait','End':true,'Timestamp':'2016-12-05 21:29:29Z'", "/States/X/Timestamp",
		   "String does not match RFC3339 timestamp");
	schema("'Wait','End':true,'Timestamp':'05-12-2016T21:29:29Z'", "/States/X/Timestamp",
		   "String does not match RFC3339 timestamp");
	schema("'Task','Resource':'sql:f','End':true,'TimeoutSeconds':0", "/States/X/TimeoutSeconds", "Minimum value is 1");
	schema("'Task','Resource':'sql:f','End':true,'TimeoutSeconds':5,'HeartbeatSeconds':5", "/States/X/HeartbeatSeconds",
		   "HeartbeatSeconds must be smaller than TimeoutSeconds");
	fine("'Wait','End':true,'Seconds':0");
	fine("'Wait','End':true,'Timestamp':'2016-12-05T21:29:29.123+01:00'");
	fine("'Task','Resource':'sql:f','End':true,'TimeoutSecondsPath':'$.t','HeartbeatSecondsPath':'$.h'");
}

static void
test_paths(void)
{
	schema("'Pass','End':true,'InputPath':'x'", "/States/X/InputPath",
		   "The value for the field 'InputPath' must be a valid JSONPath");
	schema("'Pass','End':true,'ResultPath':'x'", "/States/X/ResultPath",
		   "Value is not a Reference Path: Reference path didn't start with '$'");
	schema("'Pass','End':true,'ResultPath':'$.a[*]'", "/States/X/ResultPath", "Value is not a Reference Path");
	schema("'Pass','End':true,'ResultPath':'$$.a'", "/States/X/ResultPath", "Value is not a Reference Path");
	schema("'Wait','End':true,'SecondsPath':'$..a'", "/States/X/SecondsPath", "Value is not a Reference Path");
	schema(
		"'Fail','ErrorPath':'States.ArrayUnique($.a)'", "/States/X/ErrorPath",
		"The intrinsic function 'States.ArrayUnique' is not allowed here; allowed are: [States.Format, "
		"States.JsonToString, States.ArrayGetItem, States.Base64Encode, States.Base64Decode, States.Hash, States.UUID]");
	fine("'Pass','End':true,'InputPath':null,'ResultPath':null,'OutputPath':null");
	fine("'Pass','End':true,'InputPath':'$$.Execution','OutputPath':'$.a[?(@.b>1)]'");
	fine("'Fail','ErrorPath':'$$.State.Name','CausePath':'States.UUID()'");
}

static void
test_templates(void)
{
	schema("'Pass','End':true,'Parameters':{'parsed.$':'nothing'}", "/States/X/Parameters",
		   "The value for the field 'parsed.$' must be a valid JSONPath or a valid intrinsic function call");
	schema("'Pass','End':true,'Parameters':{'a.$':22}", "/States/X/Parameters",
		   "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call");
	schema("'Pass','End':true,'Parameters':{'a.$':'States.Nope($)'}", "/States/X/Parameters",
		   "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call");
	schema("'Pass','End':true,'Parameters':[{'a':1,'a.$':'$.x'}]", "/States/X/Parameters[0]",
		   "The fields 'a' and 'a.$' can not both be given");
	fine("'Pass','End':true,'Parameters':'text'");
	fine("'Pass','End':true,'Result':{'a.$':'stays'}");

	OK(compile_state("'Pass','End':true,'Parameters':{'a':'$.b'}") != NULL);
	OK(problems.count == 1 && strcmp(problems.items[0].code, "NO_DOLLAR") == 0);
	OK(compile_state("'Pass','End':true,'Result':'$.b'") != NULL);
	OK(problems.count == 1 && strcmp(problems.items[0].code, "PASS_RESULT_IS_STATIC") == 0);
	(void) compile_state("'Pass','End':true,'Parameters':{'a.$':'States.Fromat(1)'}");
	unit_text(problems.items[0].hint, "Did you mean 'States.Format'?", "hint for a misspelt function");
	unit_reset_memory();
}

static void
test_choice(void)
{
	schema("'Choice','Choices':[{'Variable':'$.a','NumericEquals':1}],'Default':'X'", "/States/X/Choices[0]",
		   "These fields are required: [Next]");
	schema("'Choice','Choices':[{'Variable':'$.a','StringEquals':1,'Next':'X'}]", "/States/X/Choices[0]/StringEquals",
		   "Expected value of type String");
	schema("'Choice','Choices':[{'Variable':'$.a','TimestampEquals':'x','Next':'X'}]",
		   "/States/X/Choices[0]/TimestampEquals", "String does not match RFC3339 timestamp");
	schema("'Choice','Choices':[{'NumericEquals':1,'Next':'X'}]", "/States/X/Choices[0]",
		   "These fields are required: [Variable]");
	schema("'Choice','Choices':[{'Variable':'$.a','Next':'X'}]", "/States/X/Choices[0]",
		   "A Choice rule must have a comparison operator, And, Or or Not");
	schema("'Choice','Choices':[{'Variable':'$.a','IsNull':true,'IsString':true,'Next':'X'}]", "/States/X/Choices[0]",
		   "A Choice rule must have only one comparison operator, And, Or or Not");
	schema("'Choice','Choices':[{'And':[],'Next':'X'}]", "/States/X/Choices[0]/And", "Value cannot be empty");
	schema("'Choice','Choices':[{'Not':{'Variable':'$.a','IsNull':true,'Next':'X'},'Next':'X'}]",
		   "/States/X/Choices[0]/Not", "Field 'Next' is not supported");
	schema("'Choice','Choices':[{'Variable':'States.UUID()','IsNull':true,'Next':'X'}]",
		   "/States/X/Choices[0]/Variable", "Value is not a Reference Path: Reference path didn't start with '$'");
	schema(
		"'Choice','Choices':[{'Condition':true,'Variable':'$','IsNull':true,'Next':'X'}]", "/States/X/Choices[0]",
		"The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage");
}

static void
test_flow(void)
{
	const Diagnostic *item;

	(void) compile("{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Pass','Next':'A'}}}");
	only("a loop", "MISSING_END_STATE", NULL, "Workflow has no terminal state");
	(void) compile("{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Pass','Next':'A'},"
				   "'C':{'Type':'Pass','End':true}}}");
	only("an island", "MISSING_TRANSITION_TARGET", "/States/C", "State \"C\" is not reachable.");
	(void) compile("{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'NOPE'}}}");
	among("missing target", "MISSING_TRANSITION_TARGET", "/States/A/Next", "Missing 'Next' target: NOPE");
	among("and no end", "MISSING_END_STATE", NULL, "Workflow has no terminal state");
	OK(problems.error_count == 2);
	(void) compile("{'States':{'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Pass','End':true}}}");
	only("no StartAt", "SCHEMA_VALIDATION_FAILED", "/", "These fields are required: [StartAt]");
	(void) compile("{'States':{'A':{'Type':'Pass','Next':'A'}}}");
	only("no StartAt and no end", "SCHEMA_VALIDATION_FAILED", "/", "These fields are required: [StartAt]");
	schema("'Parallel','End':true,'Branches':[{'States':{'A':{'Type':'Pass','End':true}}}]", "/States/X/Branches[0]",
		   "These fields are required: [StartAt]");
	(void) compile("{'StartAt':'Pas','States':{'Pass':{'Type':'Succeed'}}}");
	among("StartAt", "MISSING_TRANSITION_TARGET", "/StartAt", "Missing 'Next' target: Pas");
	unit_text(problems.items[0].hint, "Did you mean 'Pass'?", "hint for a misspelt state");
	(void) compile("{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'A','States':"
				   "{'A':{'Type':'Pass','Next':'Z'}, 'E':{'Type':'Fail'}}}],'Next':'Z'},'Z':{'Type':'Succeed'}}}");
	among("out of a branch", "MISSING_TRANSITION_TARGET", "/States/P/Branches[0]/States/A/Next",
		  "Missing 'Next' target: Z");
	(void) compile("{'StartAt':'T','States':{'T':{'Type':'Task','Resource':'sql:f','End':true,\n"
				   "'Catch':[{'ErrorEquals':['States.ALL'],'Next':'U'}]}}}");
	only("out of a catcher", "MISSING_TRANSITION_TARGET", "/States/T/Catch[0]/Next", "Missing 'Next' target: U");
	item = &problems.items[0];
	OK(item->line == 2 && item->column == 40);
	(void) compile(
		"{'StartAt':'F','States':{'M':{'Type':'Map','ItemProcessor':{'StartAt':'F','States':{'F':{'Type':'Succeed'}}},"
		"'End':true},'F':{'Type':'Pass','Next':'M'}}}");
	only("a name used inside and outside", "DUPLICATE_STATE_NAME", "/States/F", "Duplicate State name: F");
	unit_reset_memory();
}

/* What a QueryLanguage counts as, whatever is wrong with it. */
static void
test_query_language(void)
{
	static const char *const one_of = "Value should be one of the following: [JSONPath, JSONata]";
	static const char *const only_jsonpath =
		"The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage";

	schema("'Pass','End':true,'QueryLanguage':'jsonata','Output':'{% 1 %}'", "/States/X/QueryLanguage", one_of);
	schema("'Pass','End':true,'QueryLanguage':'foo','Output':'{% 1 %}'", "/States/X/QueryLanguage", one_of);
	schema("'Pass','End':true,'QueryLanguage':5,'Output':'{% 1 %}'", "/States/X/QueryLanguage",
		   "Expected value of type [STRING]");
	(void) compile_state("'Pass','End':true,'QueryLanguage':'jsonpath','InputPath':'$.a'");
	OK(problems.error_count == 2);
	unit_text(problems.items[0].message, only_jsonpath, "first the field of the other language");
	unit_text(problems.items[0].location, "/States/X", "at the state");
	unit_text(problems.items[1].message, one_of, "then the language");
	(void) compile(
		"{'QueryLanguage':'jsonpath','StartAt':'X','States':{'X':{'Type':'Pass','Output':'{% 1 %}','End':true}}}");
	only("a machine's language", "SCHEMA_VALIDATION_FAILED", "/QueryLanguage", one_of);
	(void) compile("{'QueryLanguage':5,'StartAt':'X','States':{'X':{'Type':'Pass','End':true}}}");
	only("a machine's language", "SCHEMA_VALIDATION_FAILED", "/QueryLanguage", "Expected value of type [STRING]");
	(void) compile("{'QueryLanguage':'JSONata','StartAt':'X','States':{'X':{'Type':'Pass','End':true,"
				   "'QueryLanguage':'JSONPath','Output':'{% 1 %}'}}}");
	only("a state that goes back", "SCHEMA_VALIDATION_FAILED", "/States/X",
		 "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
	(void) compile(
		"{'QueryLanguage':'JSONata','StartAt':'X','States':{'X':{'Type':'Map','MaxConcurrency':-1,'End':true,"
		"'QueryLanguage':'JSONPath','ItemProcessor':{'StartAt':'P','States':{'P':{'Type':'Pass','End':true,"
		"'InputPath':'$.a'}}}}}}");
	OK(problems.error_count == 3); /* all but what the fields of X are for */
	unit_reset_memory();
}

/* Beyond AWS: what is allowed and will fail. */
static void
warned(const char *fields, const char *location, const char *hint)
{
	bool found = false;

	OK(compile_state(fields) != NULL);
	for (int i = 0; i < problems.count; i++)
	{
		const Diagnostic *item = &problems.items[i];

		found = found ||
			(item->severity == DIAGNOSTIC_WARNING && strcmp(item->location, location) == 0 && item->hint != NULL &&
			 strcmp(item->hint, hint) == 0);
	}
	if (!unit_check(found, "warns of %s", fields))
		show_problems();
	unit_reset_memory();
}

static void
test_warnings(void)
{
	static const char *const fails = "A state with this resource fails when it is run.";

	warned("'Task','Resource':'shop.reserve','End':true", "/States/X/Resource", "Did you mean 'sql:shop.reserve'?");
	warned("'Task','Resource':'reserve','End':true", "/States/X/Resource", "Did you mean 'sql:reserve'?");
	warned("'Task','Resource':'a.b.c','End':true", "/States/X/Resource", fails);
	warned("'Task','Resource':'sql:f','End':true,'Retry':[{'ErrorEquals':['Sql.unique_violtion']}]",
		   "/States/X/Retry[0]/ErrorEquals[0]", "Did you mean 'Sql.unique_violation'?");
	warned("'Task','Resource':'sql:f','End':true,'Catch':[{'ErrorEquals':['States.TaskFaild'],'Next':'X'}]",
		   "/States/X/Catch[0]/ErrorEquals[0]", "Did you mean 'States.TaskFailed'?");
	OK(compile_state(DISTRIBUTED ",'ResultPath':null") != NULL && problems.count == 0);
	OK(compile_state(DISTRIBUTED ",'ResultPath':null,'ResultWriter':{'Resource':'arn:aws:states:::s3:putObject',"
								 "'Parameters':{'Bucket':'b'}}") != NULL &&
	   problems.count == 0);
	OK(compile_state("'Task','Resource':'sql:f','End':true,'Retry':[{'ErrorEquals':['Sql.unique_violation','Sql.SF001',"
					 "'Mine']}]") != NULL &&
	   problems.count == 0);
	unit_reset_memory();
}

static void
test_retry_and_catch(void)
{
	schema("'Task','Resource':'sql:f','End':true,'Retry':[{'ErrorEquals':['A'],'BackoffRate':0.5}]",
		   "/States/X/Retry[0]/BackoffRate", "Minimum value is 1.0");
	schema("'Task','Resource':'sql:f','End':true,'Retry':[{'ErrorEquals':['A'],'MaxDelaySeconds':31622401}]",
		   "/States/X/Retry[0]/MaxDelaySeconds", "Maximum value is 31622400");
	schema("'Task','Resource':'sql:f','End':true,'Retry':[{'ErrorEquals':['A'],'JitterStrategy':'full'}]",
		   "/States/X/Retry[0]/JitterStrategy", "Value should be one of the following: [NONE, FULL]");
	schema("'Task','Resource':'sql:f','End':true,'Retry':[{'ErrorEquals':['States.ALL','A']}]",
		   "/States/X/Retry[0]/ErrorEquals[0]", "'States.ALL' must appear alone in ErrorEquals");
	schema("'Task','Resource':'sql:f','End':true,'Retry':[{'ErrorEquals':['States.ALL']},{'ErrorEquals':['A']}]",
		   "/States/X/Retry[0]/ErrorEquals[0]", "'States.ALL' is only allowed in the last element of the list");
	schema("'Task','Resource':'sql:f','End':true,'Catch':[{'ErrorEquals':['A']}]", "/States/X/Catch[0]",
		   "These fields are required: [Next]");
	schema("'Task','Resource':'sql:f','End':true,'Catch':[{'ErrorEquals':[true],'Next':'X'}]",
		   "/States/X/Catch[0]/ErrorEquals[0]", "Expected value of type String");
	schema("'Pass','End':true,'Retry':[]", "/States/X", "Field 'Retry' is not supported");

	OK(compile_state("'Task','Resource':'sql:f','End':true,'Retry':[{'ErrorEquals':['States.Timeot']}]") != NULL);
	unit_text(problems.items[0].hint, "Did you mean 'States.Timeout'?", "hint for a misspelt error name");
	unit_reset_memory();
}

static void
test_retry_defaults(void)
{
	AslMachine *machine = compile_state("'Task','Resource':'sql:f','End':true,'Retry':[{'ErrorEquals':['A']},"
										"{'ErrorEquals':['B'],'IntervalSeconds':7,'MaxAttempts':0,'BackoffRate':1.5,"
										"'MaxDelaySeconds':60,'JitterStrategy':'FULL'}]");
	const Retrier *first = &machine->top.start->retriers[0];
	const Retrier *second = &machine->top.start->retriers[1];

	OK(first->interval_seconds == 1 && first->max_attempts == 3 && first->backoff_rate == 2.0);
	OK(first->max_delay_seconds == 0 && !first->full_jitter);
	OK(second->interval_seconds == 7 && second->max_attempts == 0 && second->backoff_rate == 1.5);
	OK(second->max_delay_seconds == 60 && second->full_jitter);
	unit_reset_memory();
}

static void
test_variables(void)
{
	schema("'Pass','End':true,'Assign':{'states':1}", "/States/X/Assign/states",
		   "The variable name 'states' is reserved");
	schema("'Pass','End':true,'Assign':{'a.b':1}", "/States/X/Assign/a.b", "Invalid variable name: 'a.b'");
	schema("'Pass','End':true,'Assign':{'1a':1}", "/States/X/Assign/1a", "Invalid variable name: '1a'");
	schema("'Pass','End':true,'Assign':{'a':1,'a.$':'$'}", "/States/X/Assign",
		   "The fields 'a' and 'a.$' can not both be given");
	schema("'Pass','End':true,'Assign':{'a':1},'ResultPath':'$a'", "/States/X/ResultPath",
		   "Value is not a Reference Path");
	fine("'Pass','End':true,'Assign':{'\xc3\xa4rger_1.$':'$.x','b':{'c.$':'$$.State.Name'}}");

	(void) compile(
		"{'StartAt':'A','States':{'A':{'Type':'Pass','Assign':{'v':1},'Next':'M'},'M':{'Type':'Map','End':true,"
		"'ItemProcessor':{'StartAt':'B','States':{'B':{'Type':'Pass','Assign':{'v':2},'End':true}}}}}}");
	only("an inner scope uses an outer name", "SCHEMA_VALIDATION_FAILED", "/States/M/ItemProcessor/States/B/Assign/v",
		 "The variable 'v' is already assigned in an outer scope");
	OK(compile(
		   "{'StartAt':'A','States':{'A':{'Type':'Pass','Assign':{'v':1},'Next':'M'},'M':{'Type':'Map','End':true,"
		   "'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'EXPRESS'},'StartAt':'B','States':"
		   "{'B':{'Type':'Pass','Assign':{'v':2},'End':true}}}}}}") != NULL);
	OK(compile(
		   "{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'B','States':{'B':{'Type':'Pass',"
		   "'Assign':{'v':2},'End':true}}}],'Catch':[{'ErrorEquals':['States.ALL'],'Assign':{'v':1},'Next':'Z'}],"
		   "'Next':'Z'},'Z':{'Type':'Succeed'}}}") != NULL);
	OK(compile_state("'Pass','End':true,'Parameters':{'a.$':'$nowhere.x'}") != NULL);
	OK(problems.count == 1 && problems.items[0].severity == DIAGNOSTIC_WARNING);
	unit_text(problems.items[0].message, "The variable 'nowhere' is not assigned anywhere", "an unknown variable");
	unit_reset_memory();
}

static void
test_names_and_depth(void)
{
	char long_name[82];
	StringInfoData text;

	memset(long_name, 'n', 81);
	long_name[81] = '\0';
	(void) compile(psprintf("{'StartAt':'%s','States':{'%s':{'Type':'Succeed'}}}", long_name, long_name));
	only("a long name", "INVALID_STATE_NAME", psprintf("/States/%s", long_name),
		 "A state name must have 1 to 80 characters, this one has 81");

	initStringInfo(&text);
	for (int i = 0; i < 120; i++)
		appendStringInfo(&text, "{'StartAt':'s%d','States':{'s%d':{'Type':'Map','End':true,'ItemProcessor':", i, i);
	appendStringInfoString(&text, "{'StartAt':'x','States':{'x':{'Type':'Succeed'}}}");
	for (int i = 0; i < 120; i++)
		appendStringInfoString(&text, "}}}");
	(void) compile(text.data);
	OK(problems.error_count > 0 && strcmp(problems.items[0].code, "TOO_DEEPLY_NESTED") == 0);

	resetStringInfo(&text);
	for (int i = 0; i < 100000; i++)
		appendStringInfoChar(&text, '[');
	OK(compile(text.data) == NULL && strcmp(problems.items[0].code, "TOO_DEEPLY_NESTED") == 0);
	resetStringInfo(&text);
	appendStringInfoSpaces(&text, 1048577);
	OK(compile(text.data) == NULL && problems.error_count == 1);
	unit_reset_memory();
}

static void
test_map(void)
{
	AslMachine *machine;
	const MapState *map;
	static const struct
	{
		const char *before;
		const char *name;
		const char *after;
		const char *place;
	} limits[] = {
		{",", "MaxConcurrencyPath", "", ""},
		{",", "ToleratedFailureCountPath", "", ""},
		{",", "ToleratedFailurePercentagePath", "", ""},
		{",'ItemBatcher':{", "MaxItemsPerBatchPath", "}", "/ItemBatcher"},
		{",'ItemBatcher':{", "MaxInputBytesPerBatchPath", "}", "/ItemBatcher"},
		{",'ItemReader':{'Resource':'arn:aws:states:::s3:getObject','Parameters':{},'ReaderConfig':{", "MaxItemsPath",
		 "}}", "/ItemReader/ReaderConfig"},
	};

	schema(MAP ",'MaxConcurrency':-1", "/States/X/MaxConcurrency", "Minimum value is 0");
	schema(MAP ",'MaxConcurrency':1,'MaxConcurrencyPath':'$.m'", "/States/X",
		   "There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath]");
	schema(MAP ",'Parameters':{},'ItemSelector':{}", "/States/X",
		   "There should only be one of the following fields: [ItemSelector, Parameters]");
	schema(DISTRIBUTED ",'ToleratedFailurePercentage':105", "/States/X/ToleratedFailurePercentage",
		   "Maximum value is 100.0");
	schema(DISTRIBUTED ",'ItemReader':{'Resource':'arn:aws:states:::s3:getObject','Parameters':{},"
					   "'ReaderConfig':{'MaxItems':-1}}",
		   "/States/X/ItemReader/ReaderConfig/MaxItems", "Minimum value is 0");
	schema(DISTRIBUTED ",'ItemBatcher':{}", "/States/X/ItemBatcher",
		   "There should be at least one of the following fields: "
		   "[MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath]");
	schema(DISTRIBUTED ",'ResultWriter':{'WriterConfig':{}}", "/States/X/ResultWriter/WriterConfig",
		   "These fields are required: [OutputType]");
	for (int i = 0; i < (int) lengthof(limits); i++)
	{
		schema(psprintf(DISTRIBUTED "%s'%s':'$$.Execution.Input.n'%s", limits[i].before, limits[i].name,
						limits[i].after),
			   psprintf("/States/X%s/%s", limits[i].place, limits[i].name), "Value is not a Reference Path");
		fine(psprintf(DISTRIBUTED "%s'%s':'$.n'%s", limits[i].before, limits[i].name, limits[i].after));
	}
	fine(DISTRIBUTED ",'ItemsPath':'$$.Execution.Input.n'");
	(void) compile_state(DISTRIBUTED ",'Label':''");
	only("an empty label", "INVALID_LABEL_NAME", "/States/X/Label", "Label cannot be empty");
	(void) compile_state(DISTRIBUTED ",'Label':'a b'");
	only("a blank in a label", "INVALID_LABEL_NAME", "/States/X/Label", "Label contains invalid character: '?'");
	(void) compile(
		"{'StartAt':'A','States':{'A':{'Type':'Map','Label':'L','Next':'B','ItemProcessor':{'StartAt':'P','States':"
		"{'P':{'Type':'Succeed'}}}},'B':{'Type':'Map','Label':'L','End':true,'ItemProcessor':{'StartAt':'Q','States':"
		"{'Q':{'Type':'Succeed'}}}}}}");
	among("a label used twice", "DUPLICATE_LABEL_NAME", "/States/B/Label", "Duplicate label name: L");
	schema(
		"'Map','End':true,'ItemProcessor':{'QueryLanguage':'JSONPath','StartAt':'P','States':{'P':{'Type':'Succeed'}}}",
		"/States/X/ItemProcessor", "Field 'QueryLanguage' is not supported");

	machine = compile_state(
		DISTRIBUTED ",'Label':'L','ItemsPath':'$.a','ItemSelector':{'v.$':'$$.Map.Item.Value'},"
					"'MaxConcurrency':3,'ToleratedFailureCountPath':'$.c','ItemBatcher':{'MaxItemsPerBatch':2}");
	OK(machine != NULL);
	map = (const MapState *) machine->top.start;
	OK(map->is_distributed && !map->express_children && !map->has_legacy_iterator);
	unit_text(map->label, "L", "Label");
	unit_text(map->items.name, "ItemsPath", "ItemsPath");
	unit_text(map->tolerated_failure_count.name, "ToleratedFailureCountPath", "ToleratedFailureCountPath");
	OK(map->max_concurrency.literal != NULL && map->item_selector != NULL && map->item_batcher != NULL);
	OK(map->base.parameters == NULL && map->processor->start->scope == map->processor);
	OK(machine_state(machine, "P") == map->processor->start && machine_state(machine, "Q") == NULL);
	OK(scope_state(machine, map->processor, "P") != NULL && scope_state(machine, &machine->top, "P") == NULL);
	unit_reset_memory();
}

static void
check_map_resource(const char *fields, const char *place, const char *resource, const char *hint)
{
	const char *message = psprintf("The resource provided %s is not recognized. The value is not a valid resource ARN, "
								   "or the resource is not available in this region.",
								   resource);

	(void) compile_state(psprintf("%s,'%s':{'Resource':'%s'}", fields, place, resource));
	only(resource, "SCHEMA_VALIDATION_FAILED", psprintf("/States/X/%s/Resource", place), message);
	unit_text(problems.items[0].hint, hint, "hint for %s", resource);
	unit_reset_memory();
}

static void
test_map_resources(void)
{
	static const char *const sources[] = {
		"arn:aws:states:::s3:getObject",    "arn:aws:states:::s3:listObjectsV2", "arn:aws:states:::sql:query",
		"arn:aws:states:::sql:table",       "arn:aws:states:::sfn:text",         "https://example.com/items.json",
		"arn:aws-cn:states:::s3:getObject",
	};

	for (int i = 0; i < (int) lengthof(sources); i++)
		fine(psprintf(DISTRIBUTED ",'ItemReader':{'Resource':'%s','Parameters':{}}", sources[i]));
	fine(DISTRIBUTED ",'ItemReader':{'Resource':'https://example.com/items.json'}");
	fine(DISTRIBUTED ",'ResultWriter':{'Resource':'arn:aws:states:::s3:putObject','Parameters':{}}");
	fine(DISTRIBUTED ",'ResultWriter':{'WriterConfig':{'OutputType':'JSON','Transformation':'COMPACT'}}");
	schema(DISTRIBUTED ",'ResultWriter':{'Resource':'arn:aws:states:::s3:putObject'}", "/States/X/ResultWriter",
		   "These fields are required: [Parameters]");
	schema(DISTRIBUTED ",'ItemReader':{'Resource':'arn:aws:states:::s3:getObject'}", "/States/X/ItemReader",
		   "These fields are required: [Parameters]");
	schema(DISTRIBUTED ",'QueryLanguage':'JSONata','ResultWriter':{'Resource':'arn:aws:states:::s3:putObject'}",
		   "/States/X/ResultWriter", "These fields are required: [Arguments]");
	check_map_resource(DISTRIBUTED, "ItemReader", "arn:aws:states:::s3:getObjekt",
					   "Did you mean 'arn:aws:states:::s3:getObject'?");
	check_map_resource(DISTRIBUTED, "ItemReader", "arn:aws:states:::sqs:sendMessage", NULL);
	check_map_resource(DISTRIBUTED, "ItemReader", "s3", NULL);
	check_map_resource(DISTRIBUTED, "ResultWriter", "arn:aws:states:::s3:putObjects",
					   "Did you mean 'arn:aws:states:::s3:putObject'?");
	check_map_resource(DISTRIBUTED, "ResultWriter", "https://example.com/", NULL);
}

/* What EXPRESS executions cannot do, EXPRESS children of a STANDARD machine cannot either. */
static void
test_express_children(void)
{
	static const char state[] =
		"'Map','End':true,'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'%s'},'StartAt':'B',"
		"'States':{'B':{'Type':'Task','End':true,'Resource':'arn:aws:states:::states:startExecution.sync',"
		"'Parameters':{'StateMachineArn':'arn:aws:states:us-east-1:000000000000:stateMachine:m'}}}}";

	fine(psprintf(state, "STANDARD"));
	(void) compile_state(psprintf(state, "EXPRESS"));
	only(".sync in EXPRESS children", "SCHEMA_VALIDATION_FAILED", "/States/X/ItemProcessor/States/B/Resource",
		 "Express state machine does not support '.sync' service integration");
}

/* ---- resources ---- */

static const AslResource *
resource(const char *text)
{
	AslMachine *machine = compile_state(psprintf("'Task','End':true,'Resource':'%s'", text));

	return machine == NULL ? NULL : &((const TaskState *) machine->top.start)->resource;
}

static void
unrecognized(const char *text)
{
	schema(psprintf("'Task','End':true,'Resource':'%s'", text), "/States/X/Resource",
		   psprintf(
			   "The resource provided %s is not recognized. The value is not a valid resource ARN, or the resource is "
			   "not available in this region.",
			   text));
}

static void
test_resources(void)
{
	const AslResource *r = resource("arn:aws:lambda:us-east-1:000000000000:function:f:3");

	OK(r->kind == RESOURCE_FUNCTION && strcmp(r->name, "f") == 0 && r->row->id == SERVICE_function);
	r = resource("arn:aws:states:us-east-1:000000000000:activity:a");
	OK(r->kind == RESOURCE_ACTIVITY && strcmp(r->name, "a") == 0);
	r = resource("arn:aws:states:::states:startExecution.sync:2");
	OK(r->kind == RESOURCE_SERVICE && r->pattern == PATTERN_SYNC && r->sync_version == 2);
	OK(strcmp(r->service, "states") == 0 && strcmp(r->action, "startExecution.sync:2") == 0 && r->row != NULL);
	r = resource("arn:aws:states:::sqs:sendMessage.waitForTaskToken");
	OK(r->pattern == PATTERN_WAIT_FOR_TASK_TOKEN && strcmp(r->service, "sqs") == 0);
	r = resource("arn:aws:states:::aws-sdk:s3:getObject");
	OK(r->kind == RESOURCE_AWS_SDK && strcmp(r->service, "aws-sdk:s3") == 0 && strcmp(r->action, "getObject") == 0);
	OK(r->row->place == AWS);
	r = resource("arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:aws-sdk:polly:synthesizeSpeech");
	OK(r->kind == RESOURCE_AWS_SDK && strcmp(r->service, "aws-sdk:polly") == 0);
	r = resource("sql:shop.reserve");
	OK(r->kind == RESOURCE_SQL && strcmp(r->name, "shop.reserve") == 0 && strcmp(r->service, "sql") == 0);
	r = resource("arn:aws:states:::sql:query");
	OK(r->kind == RESOURCE_SERVICE && r->row != NULL && r->row->place == IN_TURN);
	r = resource("https://example.org/hook");
	OK(r->kind == RESOURCE_HTTP);
	r = resource("${Function}");
	OK(r != NULL && r->kind == RESOURCE_SERVICE && r->row == NULL);
	OK(problems.count == 1 && strcmp(problems.items[0].code, "INVALID_RESOURCE") == 0);
	unit_reset_memory();

	unrecognized("arn:aws:states:::dynamodb:query");
	unrecognized("arn:aws:states:::lambda:invoke.sync");
	unrecognized("arn:aws:states:::aws-sdk:s3");
	unrecognized("arn:aws:lambda:us-east-1:000000000000:function:f:");
	(void) resource("arn:aws:states:::dynamodb:putItems");
	unit_text(problems.items[0].hint, "Did you mean 'arn:aws:states:::dynamodb:putItem'?",
			  "hint for a misspelt action");
	schema("'Task','End':true,'Resource':'arn:aws:states:::lambda:invoke','Credentials':{}", "/States/X/Credentials",
		   "The field 'RoleArn' is required but was missing");
	OK(compile_state("'Task','End':true,'Resource':'arn:aws:states:::sql:call','Parameters':{'Args':[]}") != NULL);
	unit_text(problems.items[0].message, "The field 'Function' is required but was missing", "a missing argument");
	unit_reset_memory();
	OK(compile_state("'Task','End':true,'Resource':'arn:aws:states:::http:invoke','Parameters':{'ApiEndpoint.$':'$.u',"
					 "'Method':'GET','Header':{},'Body.$':'$'}") != NULL);
	OK(problems.count == 2);
	unit_text(problems.items[0].message, "The field 'Header' means nothing to this service", "an unknown argument");
	unit_text(problems.items[0].hint, "Did you mean 'Headers'?", "its hint");
	unit_text(problems.items[1].message, "The field 'Body' means nothing to this service", "a path");
	unit_reset_memory();
	OK(service_find("lambda", "invoke") != NULL && service_find("lambda", "call") == NULL);
	OK(service_find_for_map("arn:aws-cn:states:::s3:getObject", READ_BY_MAP)->id == ITEM_SOURCE_get_object);
	OK(service_find_for_map("https://example.org/list", READ_BY_MAP)->id == ITEM_SOURCE_url);
	OK(service_find_for_map("https://example.org/list", WRITTEN_BY_MAP) == NULL);
	OK(service_find_for_map("arn:aws:states:::s3:putObject", READ_BY_MAP) == NULL);
}

static void
test_express(void)
{
	(void) compile_typed("{'StartAt':'X','States':{'X':{'Type':'Task','End':true,'Resource':"
						 "'arn:aws:states:us-east-1:000000000000:activity:a'}}}",
						 true);
	only("activity", "SCHEMA_VALIDATION_FAILED", "/States/X/Resource",
		 "Express state machine does not support Activity ARN");
	(void) compile_typed("{'StartAt':'X','States':{'X':{'Type':'Task','End':true,'Resource':"
						 "'arn:aws:states:::states:startExecution.sync'}}}",
						 true);
	only(".sync", "SCHEMA_VALIDATION_FAILED", "/States/X/Resource",
		 "Express state machine does not support '.sync' service integration");
	(void) compile_typed("{'StartAt':'X','States':{'X':{'Type':'Task','End':true,'Resource':"
						 "'arn:aws:states:::sqs:sendMessage.waitForTaskToken'}}}",
						 true);
	only(".waitForTaskToken", "SCHEMA_VALIDATION_FAILED", "/States/X/Resource",
		 "Express state machine does not support '.waitForTaskToken' service integration ");
	OK(compile_typed("{'StartAt':'X','States':{'X':{'Type':'Succeed'}}}", true)->is_express);
	unit_reset_memory();
}

/* ---- JSONata: structure; expressions are in test_jsonata_fields.c ---- */

static void
test_jsonata(void)
{
	(void) compile(
		"{'QueryLanguage':'JSONata','StartAt':'X','States':{'X':{'Type':'Pass','Output':'{% 1 %}','End':true}}}");
	unit_check(problems.error_count == 0, "a JSONata machine");
	(void) compile(
		"{'QueryLanguage':'JSONata','StartAt':'X','States':{'X':{'Type':'Pass','End':true,'QueryLanguage':'JSONPath'}}}");
	among("a downgrade", "SCHEMA_VALIDATION_FAILED", "/States/X",
		  "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
	(void) compile_state("'Pass','End':true,'QueryLanguage':'JSONata','Output':'{% 1','Parameters':{}");
	among("half an expression", "SCHEMA_VALIDATION_FAILED", "/States/X/Output",
		  "A JSONata expression must begin with '{%' and end with '%}'");
	among(
		"a JSONPath field", "SCHEMA_VALIDATION_FAILED", "/States/X",
		"The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' QueryLanguage");
	unit_reset_memory();
}

/* ---- evaluating ---- */

static const JsonVal *context_value;

static const JsonVal *
test_context(const EvalScope *scope)
{
	(void) scope;
	return context_value;
}

static const JsonVal *
test_variable(const EvalScope *scope, const char *name, int length)
{
	(void) scope;
	return length == 1 && name[0] == 'v' ? jv_int(42) : NULL;
}

static EvalScope
scope_of(const char *input)
{
	EvalScope scope = {.input = unit_json(input), .context = test_context, .variable = test_variable};

	context_value = unit_json("{'State':{'Name':'S'}}");
	return scope;
}

/* Whether a rule matches: 't', 'f', or 'e' for an error. */
static char
rule_result(const char *rule, const char *input)
{
	AslMachine *machine = compile(psprintf("{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[%s]},"
										   "'E':{'Type':'Succeed'}}}",
										   rule));
	EvalScope scope = scope_of(input);
	bool matches = false;
	SfnError error;

	if (machine == NULL)
	{
		show_problems();
		return '?';
	}
	if (!choice_rule_eval(((const ChoiceState *) machine->top.start)->branches[0].rule, &scope, &matches, &error))
		return 'e';
	return matches ? 't' : 'f';
}

static void
rule(const char *operator, const char * input, char expected)
{
	char *text = psprintf("{'Variable':'$.a',%s,'Next':'E'}", operator);
	char actual = rule_result(text, input);

	unit_check(actual == expected, "%s of %s is %c", operator, input, actual);
	unit_reset_memory();
}

static void
test_operators(void)
{
	rule("'StringEquals':'x'", "{'a':'x'}", 't');
	rule("'StringEquals':'x'", "{'a':1}", 'f');
	rule("'StringEquals':'x'", "{'b':1}", 'e');
	rule("'StringLessThan':'b'", "{'a':'a'}", 't');
	rule("'StringGreaterThanEquals':'b'", "{'a':'b'}", 't');
	rule("'StringLessThan':'\xef\xbf\xbd'", "{'a':'\xf0\x9f\x98\x80'}", 't'); /* a surrogate pair before U+FFFD */
	rule("'StringEqualsPath':'$.b'", "{'a':'x','b':'x'}", 't');
	rule("'StringEqualsPath':'$.b'", "{'a':'x'}", 'e');
	rule("'StringEqualsPath':'$$.State.Name'", "{'a':'S'}", 't');
	rule("'NumericEqualsPath':'$v'", "{'a':42.0}", 't');
	rule("'NumericEquals':1", "{'a':1.0}", 't');
	rule("'NumericEquals':9007199254740993", "{'a':9007199254740992}", 'f');
	rule("'NumericLessThan':1", "{'a':'0'}", 'f');
	rule("'NumericGreaterThan':0", "{'a':1e400}", 't');
	rule("'BooleanEquals':false", "{'a':null}", 'f');
	rule("'BooleanEquals':false", "{'a':false}", 't');
	rule("'TimestampEquals':'2012-10-09T19:00:55Z'", "{'a':'2012-10-09T21:00:55+02:00'}", 't');
	rule("'TimestampLessThanEquals':'2012-10-09T19:00:55Z'", "{'a':1}", 'f');
	rule("'TimestampGreaterThanPath':'$.b'", "{'a':'2012-10-09T19:00:55.5Z','b':'2012-10-09T19:00:55Z'}", 't');
	rule("'IsNull':true", "{'a':null}", 't');
	rule("'IsNull':false", "{'a':0}", 't');
	rule("'IsPresent':true", "{}", 'f');
	rule("'IsPresent':false", "{}", 't');
	rule("'IsPresent':true", "{'a':null}", 't');
	rule("'IsNumeric':true", "{'a':'1'}", 'f');
	rule("'IsString':true", "{'a':''}", 't');
	rule("'IsBoolean':true", "{'a':false}", 't');
	rule("'IsTimestamp':true", "{'a':'2012-10-09T19:00:55Z'}", 't');
	rule("'IsTimestamp':true", "{'a':'2012-10-09 19:00:55Z'}", 'f');
}

static void
test_matches(void)
{
	StringInfoData text;

	rule("'StringMatches':'log-*.txt'", "{'a':'log-a.b.txt'}", 't');
	rule("'StringMatches':'log-*.txt'", "{'a':'log-.tx'}", 'f');
	rule("'StringMatches':'*'", "{'a':''}", 't');
	rule("'StringMatches':''", "{'a':''}", 't');
	rule("'StringMatches':''", "{'a':'x'}", 'f');
	rule("'StringMatches':'a*a'", "{'a':'a'}", 'f');
	rule("'StringMatches':'*b*c'", "{'a':'abcbc'}", 't');
	rule("'StringMatches':'a\\\\*b'", "{'a':'a*b'}", 't');
	rule("'StringMatches':'a\\\\*b'", "{'a':'axb'}", 'f');
	rule("'StringMatches':'a\\\\\\\\b'", "{'a':'a\\\\b'}", 't');
	rule("'StringMatches':'x*'", "{'a':7}", 'f');

	/* many stars over a long text must not take exponential time */
	initStringInfo(&text);
	appendStringInfoString(&text, "{'a':'");
	for (int i = 0; i < 100000; i++)
		appendStringInfoChar(&text, 'a');
	appendStringInfoString(&text, "'}");
	rule("'StringMatches':'*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab*'", text.data, 'f');
}

static void
test_nested_rules(void)
{
	OK(rule_result("{'And':[{'Variable':'$.a','IsPresent':true},{'Variable':'$.a','NumericEquals':1}],'Next':'E'}",
				   "{}") == 'f');
	OK(rule_result("{'Or':[{'Variable':'$.b','IsPresent':false},{'Variable':'$.a','NumericEquals':1}],'Next':'E'}",
				   "{}") == 't');
	OK(rule_result("{'Not':{'Variable':'$.a','StringEquals':'x'},'Next':'E'}", "{'a':'y'}") == 't');
	OK(rule_result("{'Not':{'Variable':'$.a','StringEquals':'x'},'Next':'E'}", "{}") == 'e');
	unit_reset_memory();
}

static void
test_summaries(void)
{
	AslMachine *machine =
		compile("{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'And':[{'Variable':'$.a',"
				"'NumericGreaterThan':5},{'Not':{'Variable':'$.b','IsNull':true}},{'Variable':'$.c','IsString':"
				"false}],'Next':'E'}]},'E':{'Type':'Succeed'}}}");

	unit_text(choice_rule_summary(((const ChoiceState *) machine->top.start)->branches[0].rule),
			  "$.a > 5 and not ($.b is null) and $.c is not a string", "summary of a rule");
	unit_reset_memory();
}

/* Parameters of a Pass state over an input; the value, or the cause. */
static void template(const char *parameters, const char *input, const char *expected)
{
	AslMachine *machine =
		compile(psprintf("{'StartAt':'X','States':{'X':{'Type':'Pass','End':true,'Parameters':%s}}}", parameters));
	EvalScope scope = scope_of(input);
	const JsonVal *result;
	SfnError error;

	if (machine == NULL)
	{
		show_problems();
		unit_check(false, "compiles: %s", parameters);
		return;
	}
	if (template_eval(machine->top.start->parameters, &scope, &result, &error))
		unit_text(jv_to_text(result), double_quotes(expected), "template %s", parameters);
	else
		unit_text(error.cause, expected, "template %s", parameters);
	unit_reset_memory();
}

static void
test_template_values(void)
{
	AslMachine *machine;

	template("{'a.$':'$.x','b':[1,{'c.$':'$$.State.Name'}],'d':{'e':2}}", "{'x':[7]}",
			 "{'a':[7],'b':[1,{'c':'S'}],'d':{'e':2}}");
	template("{'a.$':'$v','.$':'$'}", "1", "{'a':42,'':1}");
	template("[{'a.$':'$[0]'}]", "[true]", "[{'a':true}]");
	template("{'a1.$':'$','a2':2,'a3':3,'a4':4,'a5':5,'a6':6,'a7':7,'a8':8,'a9':9}", "1",
			 "{'a1':1,'a2':2,'a3':3,'a4':4,'a5':5,'a6':6,'a7':7,'a8':8,'a9':9}");
	template("{'f.$':'States.JsonToString($.x)'}", "{'x':[1]}", "{'f':'[1]'}");
	template("{'key.$':'$.p'}", "{'q':1}",
			 "The JSONPath '$.p' specified for the field 'key.$' could not be found in the input '{\"q\":1}'");
	template(
		"{'key.$':'States.JsonToString($.p)'}", "{'q':1}",
		"The function 'States.JsonToString($.p)' had the following error: The JsonPath argument for the field '$.p' "
		"could not be found in the input '{\"q\":1}'");

	machine = compile_state("'Pass','End':true,'Parameters':{'a':{'b':[1]}}");
	OK(template_is_constant(machine->top.start->parameters));
	OK(template_constant(machine->top.start->parameters)->type == JV_OBJECT);
	unit_reset_memory();
}

/* ---- size ---- */

/* Definitions of the allowed size are compiled in no time, right or wrong. */
static void
test_large(void)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "{'StartAt':'s0','States':{");
	for (int i = 0; i < 10000; i++)
		appendStringInfo(&text, "'s%d':{'Type':'Pass','Comment':'a state','Next':'s%d'},", i, i + 1);
	appendStringInfoString(&text, "'s10000':{'Type':'Succeed'}}}");
	OK(compile(text.data)->state_count == 10001);

	resetStringInfo(&text);
	appendStringInfoString(&text, "{'StartAt':'s0','States':{");
	for (int i = 0; i < 20000; i++)
		appendStringInfo(&text, "'s%d':{'Tipe':'Pass','Nxt':'t%d'},", i, i);
	appendStringInfoString(&text, "'z':{'Type':'Succeed'}}}");
	OK(compile(text.data) == NULL && problems.error_count >= 20000 && problems.count == 200);

	/* an error is listed however many warnings stand before it */
	resetStringInfo(&text);
	appendStringInfoString(&text, "'Pass','End':true,'Parameters':[");
	for (int i = 0; i < 1000; i++)
		appendStringInfoString(&text, "'$.a',");
	appendStringInfoString(&text, "{'x.$':1}]");
	OK(compile_state(text.data) == NULL && problems.warning_count == 1000 && problems.count == 101);
	unit_reset_memory();
}

int
main(void)
{
	test_text();
	test_fields();
	test_ranges();
	test_paths();
	test_templates();
	test_flow();
	test_query_language();
	test_warnings();
	test_retry_and_catch();
	test_retry_defaults();
	test_variables();
	test_names_and_depth();
	test_map();
	test_map_resources();
	test_express_children();
	test_resources();
	test_express();
	test_jsonata();
	test_choice();
	test_operators();
	test_matches();
	test_nested_rules();
	test_summaries();
	test_template_values();
	test_large();
	return unit_done();
}
