/*
 * compile.c
 *	  asl_compile(): definition text -> machine, or what is wrong with it.
 *
 * The first pass walks the text from top to bottom, checks every object against
 * its table of fields and builds the states; names of other states are noted.
 * When all states are known the second pass resolves those names and the checks
 * over the whole machine are made (check_flow.c, check_variables.c).  A problem
 * never stops the walk, so that all of them are found.
 */
#include "base/port.h"

#include "base/nearest.h"
#include "base/texts.h"
#include "base/utf8.h"

#include "asl/compile_private.h"
#include "json/json_error.h"

#define MAX_DEFINITION_BYTES 1048576
#define MAX_STATE_NAME 80
#define MAX_SCOPE_DEPTH 100

/* A machine and the index by which machine_state() finds names. */
typedef struct CompiledMachine
{
	AslMachine base;
	AslState **by_name;
} CompiledMachine;

static const FieldRule machine_fields[] = {
	{"States", FIELD_OBJECT, IN_BOTH, FIELD_REQUIRED},
	{"StartAt", FIELD_STRING, IN_BOTH, FIELD_REQUIRED},
	{"Comment", FIELD_STRING, IN_BOTH},
	{"QueryLanguage", FIELD_STRING, IN_BOTH, .values = "JSONPath, JSONata"},
	{"TimeoutSeconds", FIELD_INTEGER, IN_BOTH, 0, 1, FIELD_MAX_SECONDS},
	{"Version", FIELD_STRING, IN_BOTH, .values = "1.0"},
};

static const JsonVal *parse_definition(const char *definition, int length, DiagnosticList *diagnostics);
static void compile_machine(CompileContext *compile, const JsonVal *definition);
static void compile_state(CompileContext *compile, const char *name, const JsonVal *definition);
static AslState *begin_state(CompileContext *compile, const StateType *type, const char *name);
static void compile_common_fields(CompileContext *compile, const JsonVal *definition, AslState *state);
static void compile_transition(CompileContext *compile, const JsonVal *definition, AslState *state);

AslMachine *
asl_compile(const char *definition, int length, bool is_express, const StateType *const *types, int type_count,
			DiagnosticList *diagnostics)
{
	CompileContext compile;
	CompiledMachine *machine;
	const JsonVal *root;

	diagnostics_begin(diagnostics);
	root = parse_definition(definition, length, diagnostics);
	if (root == NULL)
		return NULL;

	machine = palloc0(sizeof(CompiledMachine));
	machine->base.is_express = is_express;
	memset(&compile, 0, sizeof(CompileContext));
	compile.diagnostics = diagnostics;
	compile.scratch = makeStringInfo();
	compile.machine = &machine->base;
	compile.types = types;
	compile.type_count = type_count;

	compile_machine(&compile, root);
	order_states(&compile);
	resolve_targets(&compile);
	check_flow(&compile);
	check_variables(&compile);
	check_labels(&compile);

	machine->base.state_count = compile.state_count;
	machine->base.states = compile.states;
	machine->by_name = compile.by_name;
	machine->base.uses_variables = compile.assigned.count > 0 || compile.read.count > 0;
	for (int i = 0; i < compile.state_count; i++)
		machine->base.uses_variables |= compile.states[i]->query_language == QUERY_JSONATA;
	return diagnostics->error_count > 0 ? NULL : &machine->base;
}

AslState *
machine_state(const AslMachine *machine, const char *name)
{
	const CompiledMachine *compiled = (const CompiledMachine *) machine;
	int found = find_state_name(compiled->by_name, machine->state_count, name);

	return found < 0 ? NULL : compiled->by_name[found];
}

AslState *
scope_state(const AslMachine *machine, const AslScope *scope, const char *name)
{
	const CompiledMachine *compiled = (const CompiledMachine *) machine;

	return find_in_scope(compiled->by_name, machine->state_count, scope, name);
}

/* ---- the text ---- */

/* The text is no JSON. */
static void
report_json_error(const char *definition, int length, const JvParseError *error, DiagnosticList *diagnostics)
{
	Diagnostic *item;
	char *location;
	char *message = json_error_message(definition, length, error, &location);

	if (error->is_too_deep)
		diagnostic_add_at(diagnostics, DIAGNOSTIC_ERROR, "TOO_DEEPLY_NESTED", NULL, NULL, NULL, error->message);
	else
		diagnostic_add_at(diagnostics, DIAGNOSTIC_ERROR, "INVALID_JSON_DESCRIPTION", location, NULL, error->message,
						  psprintf("%s\n at %s", message, location));
	item = &diagnostics->items[diagnostics->count - 1];
	item->line = error->line;
	item->column = error->column;
}

/* The definition as an object; NULL after reporting that it is none. */
static const JsonVal *
parse_definition(const char *definition, int length, DiagnosticList *diagnostics)
{
	const JsonVal *root;
	JvPositions *positions = NULL;
	JvParseError error;

	if (length > MAX_DEFINITION_BYTES)
	{
		diagnostic_add(diagnostics, DIAGNOSTIC_ERROR, SCHEMA_VALIDATION_FAILED, NULL, NULL,
					   "The definition has %d bytes, more than the %d allowed", length, MAX_DEFINITION_BYTES);
		return NULL;
	}
	if (text_is_blank(definition, length))
	{
		diagnostic_add(diagnostics, DIAGNOSTIC_ERROR, length == 0 ? "MISSING_DESCRIPTION" : SCHEMA_VALIDATION_FAILED,
					   NULL, NULL, "Definition must be a valid JSON object");
		return NULL;
	}
	root = jv_parse_positions(definition, length, &error, &positions);
	if (root == NULL)
	{
		report_json_error(definition, length, &error, diagnostics);
		return NULL;
	}
	if (root->type != JV_OBJECT)
	{
		diagnostic_add(diagnostics, DIAGNOSTIC_ERROR, SCHEMA_VALIDATION_FAILED, NULL, NULL,
					   "Definition must be a valid JSON object");
		return NULL;
	}
	diagnostics->positions = positions;
	return root;
}

/* ---- the machine and its scopes ---- */

/* What QueryLanguage says: "JSONPath", and any other value reads as JSONata (the table of fields reports it). */
static QueryLanguage
own_language(const JsonVal *object, QueryLanguage absent)
{
	const JsonVal *own = jv_get(object, "QueryLanguage");

	if (own == NULL)
		return absent;
	return own->type == JV_STRING && strcmp(own->u.text, "JSONPath") == 0 ? QUERY_JSONPATH : QUERY_JSONATA;
}

static void
compile_machine(CompileContext *compile, const JsonVal *definition)
{
	AslMachine *machine = compile->machine;

	fields_check(compile, definition, machine_fields, lengthof(machine_fields));
	machine->query_language = own_language(definition, QUERY_JSONPATH);
	compile->language = machine->query_language;
	machine->comment = field_string(compile, definition, "Comment");
	machine->version = field_string(compile, definition, "Version");
	machine->timeout_seconds = field_integer(compile, definition, "TimeoutSeconds", 0);
	machine->top = *compile_scope(compile, definition, NULL, 0);
}

/* Appends to the list of scopes; outer ones come first. */
static void
note_scope(CompileContext *compile, AslScope *scope, bool has_start)
{
	ScopeFacts *facts;

	GROW(compile->scopes, compile->scope_count, compile->scope_capacity);
	facts = &compile->scopes[compile->scope_count++];
	facts->scope = scope;
	facts->has_start = has_start;
	facts->location = place_location(compile, NULL);
	facts->pointer = place_pointer(compile, NULL);
}

static void
compile_states(CompileContext *compile, const JsonVal *states)
{
	Place here;

	if (states->count == 0)
		compile_error(compile, "States", "Value cannot be empty");
	compile->scope->states = palloc(Max(states->count, 1) * sizeof(AslState *));
	place_enter(compile, &here, "States");
	for (int i = 0; i < states->count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		compile_state(compile, states->u.members[i].key, states->u.members[i].value);
	}
	place_leave(compile);
}

AslScope *
compile_scope(CompileContext *compile, const JsonVal *object, AslState *owner, int index)
{
	AslScope *scope = owner == NULL ? &compile->machine->top : palloc0(sizeof(AslScope));
	AslScope *outer_scope = compile->scope;
	const AslState *outer_state = compile->state;
	const Place *outer_place = compile->state_place;
	QueryLanguage outer_language = compile->language;
	bool outer_is_refused = compile->language_is_refused;
	const JsonVal *states = field_typed(object, "States", JV_OBJECT);
	int errors_before = compile->diagnostics->error_count;
	int inside_before = compile->errors_inside;

	scope->owner = owner;
	scope->index = index;
	note_scope(compile, scope, jv_get(object, "StartAt") != NULL);
	if (compile->scope_depth == MAX_SCOPE_DEPTH)
	{
		compile_error_code(compile, "TOO_DEEPLY_NESTED", NULL, NULL, "States are nested more than %d levels deep",
						   MAX_SCOPE_DEPTH);
		return scope;
	}
	compile->scope_depth++;
	compile->scope = scope;
	compile->state = NULL;
	compile->state_place = NULL;
	if (states != NULL)
	{
		field_target(compile, object, "StartAt", &scope->start);
		compile_states(compile, states);
	}
	compile->scope_depth--;
	compile->errors_inside = inside_before + compile->diagnostics->error_count - errors_before;
	compile->scope = outer_scope;
	compile->state = outer_state;
	compile->state_place = outer_place;
	compile->language = outer_language;
	compile->language_is_refused = outer_is_refused;
	return scope;
}

void
compile_note_label(CompileContext *compile, const char *label)
{
	note_use(compile, &compile->labels, label, "Label");
}

/* ---- a state ---- */

/* The type that a definition names; NULL after reporting. */
static const StateType *
find_type(CompileContext *compile, const JsonVal *definition)
{
	/* in the order in which AWS names them */
	static const char *const names[] = {"Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"};
	const JsonVal *name = jv_get(definition, "Type");
	const char *nearest;

	if (name == NULL)
	{
		compile_error(compile, NULL, "These fields are required: [Type]");
		return NULL;
	}
	for (int i = 0; i < compile->type_count; i++)
	{
		if (jv_is(name, JV_STRING) && strcmp(compile->types[i]->name, name->u.text) == 0)
			return compile->types[i];
	}
	nearest = jv_is(name, JV_STRING) ? nearest_name(name->u.text, names, lengthof(names)) : NULL;
	compile_error_code(compile, SCHEMA_VALIDATION_FAILED, "Type",
					   nearest == NULL ? NULL : psprintf("Did you mean '%s'?", nearest),
					   "The field 'Type' should have one of these values: "
					   "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]");
	return NULL;
}

/* The query language of a state: its own, else the machine's. */
static QueryLanguage
state_language(CompileContext *compile, const JsonVal *definition)
{
	QueryLanguage of_machine = compile->machine->query_language;
	QueryLanguage language = own_language(definition, of_machine);

	compile->language_is_refused = language == QUERY_JSONPATH && of_machine == QUERY_JSONATA;
	if (compile->language_is_refused)
		compile_error(compile, NULL,
					  "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
	return language;
}

static void
check_state_name(CompileContext *compile, const char *name)
{
	int characters = utf8_count(name, strlen(name));

	if (characters == 0 || characters > MAX_STATE_NAME)
		compile_error_code(compile, "INVALID_STATE_NAME", NULL, NULL,
						   "A state name must have 1 to %d characters, this one has %d", MAX_STATE_NAME, characters);
}

static void
compile_state(CompileContext *compile, const char *name, const JsonVal *definition)
{
	const StateType *type;
	AslState *state;
	Place here;
	int errors_before = compile->diagnostics->error_count - compile->errors_inside;

	place_enter(compile, &here, name);
	check_state_name(compile, name);
	type = definition->type == JV_OBJECT ? find_type(compile, definition) : NULL;
	state = begin_state(compile, type, name);
	compile->state = state;
	compile->state_place = &here;
	if (definition->type != JV_OBJECT)
		compile_error(compile, NULL, "Expected value of type Object");
	compile->language = state_language(compile, definition);
	state->query_language = compile->language;
	if (type != NULL)
	{
		fields_check(compile, definition, type->fields, type->field_count);
		compile_common_fields(compile, definition, state);
		(void) type->compile(compile, state, definition);
	}
	else
		compile_transition(compile, definition, state);
	compile->facts[state->number].has_errors =
		compile->diagnostics->error_count - compile->errors_inside > errors_before;
	compile->state = NULL;
	compile->state_place = NULL;
	compile->language = compile->machine->query_language;
	compile->language_is_refused = false;
	place_leave(compile);
}

/* A state of unknown type is kept as well, so that transitions to it are not reported too. */
static AslState *
begin_state(CompileContext *compile, const StateType *type, const char *name)
{
	AslState *state = palloc0(type != NULL ? type->size : sizeof(AslState));

	state->type = type;
	state->name = name;
	state->pointer = place_pointer(compile, NULL);
	state->scope = compile->scope;
	state->number = compile->state_count;

	GROW(compile->states, compile->state_count, compile->state_capacity);
	GROW(compile->facts, compile->state_count, compile->facts_capacity);
	compile->states[compile->state_count] = state;
	compile->facts[compile->state_count].location = place_location(compile, NULL);
	compile->facts[compile->state_count].ends_scope = type != NULL && type->ends_scope;
	compile->facts[compile->state_count].has_errors = false;
	compile->state_count++;
	compile->scope->states[compile->scope->state_count++] = state;
	return state;
}

static const FieldRule *
find_type_rule(const StateType *type, const char *name)
{
	for (int i = 0; i < type->field_count; i++)
	{
		if (strcmp(type->fields[i].name, name) == 0)
			return &type->fields[i];
	}
	return NULL;
}

/* True when the type has this field and leaves it to us to read. */
static bool
has_common_field(const StateType *type, const char *name)
{
	const FieldRule *rule = find_type_rule(type, name);

	return rule != NULL && !(rule->flags & FIELD_OF_TYPE);
}

/* The fields that mean the same in every type that has them. */
static void
compile_common_fields(CompileContext *compile, const JsonVal *definition, AslState *state)
{
	const StateType *type = state->type;

	state->comment = field_string(compile, definition, "Comment");
	compile_transition(compile, definition, state);
	if (has_common_field(type, "InputPath"))
		field_path(compile, definition, "InputPath", &state->input_path);
	if (has_common_field(type, "OutputPath"))
		field_path(compile, definition, "OutputPath", &state->output_path);
	if (has_common_field(type, "ResultPath"))
		field_result_path(compile, definition, "ResultPath", &state->result_path);
	if (has_common_field(type, "Parameters") && compile->language == QUERY_JSONPATH)
		state->parameters = field_template(compile, definition, "Parameters");
	if (has_common_field(type, "Arguments") && compile->language == QUERY_JSONATA)
		state->parameters = field_template(compile, definition, "Arguments");
	if (has_common_field(type, "ResultSelector") && compile->language == QUERY_JSONPATH)
		state->result_selector = field_template(compile, definition, "ResultSelector");
	if (has_common_field(type, "Output") && compile->language == QUERY_JSONATA)
		state->output = field_template(compile, definition, "Output");
	if (has_common_field(type, "Assign"))
		state->assign = field_assign(compile, definition);
	if (type->may_retry)
	{
		retriers_compile(compile, definition, state);
		catchers_compile(compile, definition, state);
	}
}

/* Exactly one of Next and "End": true, in the types that have them. */
static void
compile_transition(CompileContext *compile, const JsonVal *definition, AslState *state)
{
	bool has_next = jv_get(definition, "Next") != NULL;
	bool ends = field_boolean(compile, definition, "End");

	if (state->type != NULL && !has_common_field(state->type, "Next"))
		return;
	field_target(compile, definition, "Next", &state->next);
	if (ends)
		compile->facts[state->number].ends_scope = true;
	if (state->type == NULL)
		return;
	if (has_next && ends)
		compile_error(compile, NULL, "There should only be one of the following fields: [Next, End]");
	else if (!has_next && !ends)
		compile_error(compile, NULL, "There should be one of the following fields: [Next, End]");
}
