/*
 * sql_function.c
 *	  A SQL function as the work of a Task: "sql:schema.function", the ARN
 *	  arn:aws:states:::sql:call, and what registered functions share with them.
 *
 * The function is called with the effective input: a function of one json or
 * jsonb parameter gets it whole, any other gets named parameters from the members
 * of the input.  Of several of a name the one that fits best is taken; which of two
 * that fit equally well is not guessed.  The call is written as SQL, so that defaults,
 * casts and results of every kind (void, rows, sets, OUT parameters) are the server's
 * business.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "base/error.h"
#include "services/sql/sql_rows.h"
#include "services/sql/sql_task.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "shared/verdicts.h"

typedef struct FunctionWork
{
	Oid function;
	const JsonVal *input;
	const JsonVal **result;
} FunctionWork;

static ServiceOutcome function_call_by_name(const ServiceCall *call, const char *name, const JsonVal *input,
											Event *answer);
static List *task_schemas(const char *name, Oid role, const char **bare_name);
static FunctionFit function_find(const char *name, Oid role, const JsonVal *input, Oid *function);
static bool is_routine(Form_pg_proc form);
static char *signatures_of(const char *name, Oid role);
static void add_signatures(StringInfo list, Oid schema, const char *name);
static FunctionFit function_find_in_schema(Oid schema, const char *name, const JsonVal *input, Oid *function);
static ServiceOutcome fail_undefined(const ServiceCall *call, Event *answer, const char *name, const JsonVal *input);
static ServiceOutcome fail_ambiguous(const ServiceCall *call, Event *answer, const char *name);
static int function_fitness(HeapTuple tuple, const JsonVal *input);
static bool is_callable(const ServiceCall *call, Oid function, Event *answer);
static void function_work(void *arg);
static char *function_call_text(HeapTuple tuple, const JsonVal *input, Oid *arg_type, RowStyle *style);

ServiceOutcome
service_run_sql_function(const ServiceCall *call, Event *answer)
{
	return function_call_by_name(call, call->resource->name, call->parameters, answer);
}

ServiceOutcome
service_run_sql_call(const ServiceCall *call, Event *answer)
{
	const char *name = jv_get_string(call->parameters, "Function");
	const JsonVal *args = jv_get(call->parameters, "Args");

	if (name == NULL)
		return service_fail(answer, ERROR_RUNTIME,
							"The parameter \"Function\" of sql:call must be the name of a function.");
	return function_call_by_name(call, name, args != NULL ? args : jv_empty_object(), answer);
}

static ServiceOutcome
function_call_by_name(const ServiceCall *call, const char *name, const JsonVal *input, Event *answer)
{
	const JsonVal *result = jv_null();
	Oid function;

	switch (function_find(name, call->role, input, &function))
	{
		case FUNCTION_FITS:
			break;
		case FUNCTION_AMBIGUOUS:
			return fail_ambiguous(call, answer, name);
		case FUNCTION_TAKES_OTHERS:
		case FUNCTION_MISSING:
			return fail_undefined(call, answer, name, input);
	}
	return sql_function_call(call, function, false, input, CAUSE_SQL, &result, answer);
}

ServiceOutcome
sql_function_call(const ServiceCall *call, Oid function, bool always_alone, const JsonVal *input, CauseStyle style,
				  const JsonVal **result, Event *answer)
{
	FunctionWork work = {.function = function, .input = input, .result = result};

	if (!is_callable(call, function, answer))
		return SERVICE_ANSWERED;
	return sql_task_run(call, verdict_key(function), always_alone, style, function_work, &work, result, answer);
}

/* ---- which function ---- */

/*
 * The schemas (Oid) in which a function or table of that name (schema-qualified, or in sfn.task_search_path) is looked for, and
 * its bare name; never throws an error, whatever the name.
 */
static List *
task_schemas(const char *name, Oid role, const char **bare_name)
{
	List *parts;
	List *names = NIL;
	List *schemas = NIL;
	ListCell *cell;

	if (!SplitIdentifierString(pstrdup(name), '.', &parts) || parts == NIL || list_length(parts) > 2)
		return NIL;
	if (list_length(parts) == 2)
		names = list_make1(linitial(parts));
	else if (!SplitIdentifierString(pstrdup(sfn_task_search_path), ',', &names))
		return NIL;

	*bare_name = llast(parts);
	foreach(cell, names)
	{
		const char *schema_name = lfirst(cell);
		Oid schema;

		if (strcmp(schema_name, "$user") == 0 && (schema_name = GetUserNameFromId(role, true)) == NULL)
			continue;
		schema = get_namespace_oid(schema_name, true);
		if (OidIsValid(schema))
			schemas = lappend_oid(schemas, schema);
	}
	return schemas;
}

/* The function of that name that takes such an input, in the first schema that has one. */
static FunctionFit
function_find(const char *name, Oid role, const JsonVal *input, Oid *function)
{
	const char *bare_name = NULL;
	List *schemas = task_schemas(name, role, &bare_name);
	ListCell *cell;

	foreach(cell, schemas)
	{
		FunctionFit fit = function_find_in_schema(lfirst_oid(cell), bare_name, input, function);

		if (fit != FUNCTION_MISSING)
			return fit;
	}
	return FUNCTION_MISSING;
}

/* What a task can call, aggregates and window functions being none of it. */
static bool
is_routine(Form_pg_proc form)
{
	return form->prokind == PROKIND_FUNCTION || form->prokind == PROKIND_PROCEDURE;
}

/* Of several that take the input, the one that it fits best. */
static FunctionFit
function_find_in_schema(Oid schema, const char *name, const JsonVal *input, Oid *function)
{
	CatCList *list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	int best = 0;
	bool is_only = true;

	for (int i = 0; i < list->n_members; i++)
	{
		HeapTuple tuple = &list->members[i]->tuple;
		Form_pg_proc form = (Form_pg_proc) GETSTRUCT(tuple);
		int fitness = form->pronamespace == schema && is_routine(form) ? function_fitness(tuple, input) : 0;

		if (fitness > best)
			*function = form->oid;
		if (fitness > 0 && fitness >= best)
			is_only = fitness > best;
		best = Max(best, fitness);
	}
	ReleaseSysCacheList(list);
	return best == 0 ? FUNCTION_MISSING : is_only ? FUNCTION_FITS : FUNCTION_AMBIGUOUS;
}

FunctionFit
sql_function_fit(const char *name, Oid role, const JsonVal *input, char **signatures)
{
	Oid function;
	FunctionFit fit = input != NULL ? function_find(name, role, input, &function) : FUNCTION_MISSING;

	if (fit == FUNCTION_FITS)
		return fit;
	*signatures = signatures_of(name, role);
	if (fit == FUNCTION_AMBIGUOUS)
		return fit;
	if ((*signatures)[0] == '\0')
		return FUNCTION_MISSING;
	return input == NULL ? FUNCTION_FITS : FUNCTION_TAKES_OTHERS;
}

/* Of all functions of that name that a task of the role could mean; "" when there is none. */
static char *
signatures_of(const char *name, Oid role)
{
	const char *bare_name = NULL;
	List *schemas = task_schemas(name, role, &bare_name);
	StringInfoData list;
	ListCell *cell;

	initStringInfo(&list);
	foreach(cell, schemas)
		add_signatures(&list, lfirst_oid(cell), bare_name);
	return list.data;
}

static void
add_signatures(StringInfo list, Oid schema, const char *name)
{
	CatCList *functions = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));

	for (int i = 0; i < functions->n_members; i++)
	{
		Form_pg_proc form = (Form_pg_proc) GETSTRUCT(&functions->members[i]->tuple);

		if (form->pronamespace != schema || !is_routine(form))
			continue;
		appendStringInfo(list, "%s%s(%s)", list->len > 0 ? ", " : "",
						 quote_qualified_identifier(get_namespace_name(schema), name),
						 TextDatumGetCString(
							 DirectFunctionCall1(pg_get_function_arguments, ObjectIdGetDatum(form->oid))));
	}
	ReleaseSysCacheList(functions);
}

bool
sql_table_is_there(const char *name, Oid role)
{
	const char *bare_name = NULL;
	List *schemas = task_schemas(name, role, &bare_name);
	ListCell *cell;

	foreach(cell, schemas)
	{
		if (OidIsValid(get_relname_relid(bare_name, lfirst_oid(cell))))
			return true;
	}
	return false;
}

/* What a task can call, and what there is of that name. */
static char *
undefined_hint(const ServiceCall *call, const char *name, const JsonVal *input)
{
	const char *signatures = signatures_of(name, call->role);
	StringInfoData hint;

	initStringInfo(&hint);
	appendStringInfoString(&hint,
						   "A task calls a function of one json or jsonb parameter, or one whose parameters are named");
	if (jv_is(input, JV_OBJECT) && input->count > 0 && input->count <= 20)
	{
		appendStringInfoString(&hint, " like the members of its input:");
		for (int i = 0; i < input->count; i++)
			appendStringInfo(&hint, "%s \"%s\"", i > 0 ? "," : "", input->u.members[i].key);
	}
	else
		appendStringInfoString(&hint, " like the members of its input");
	appendStringInfoChar(&hint, '.');
	if (signatures[0] != '\0')
		appendStringInfo(&hint, " There is %s.", signatures);
	if (strstr(signatures, "VARIADIC ") != NULL)
		appendStringInfoString(&hint,
							   " What a VARIADIC parameter takes is an array in the member of its name, which must be "
							   "there; one of type \"any\" takes nothing from a task.");
	return hint.data;
}

static ServiceOutcome
fail_lookup(Event *answer, const char *error, const char *sqlstate, const char *message, const char *hint)
{
	JvObjectBuilder cause;

	jv_object_begin(&cause);
	jv_object_add(&cause, "message", jv_string(message));
	jv_object_add(&cause, "hint", jv_string(hint));
	jv_object_add(&cause, "sqlstate", jv_string(sqlstate));
	return service_fail(answer, error, "%s", jv_to_text(jv_object_end(&cause)));
}

static ServiceOutcome
fail_undefined(const ServiceCall *call, Event *answer, const char *name, const JsonVal *input)
{
	return fail_lookup(answer, "Sql.undefined_function", "42883", psprintf("no function %s takes this input", name),
					   undefined_hint(call, name, input));
}

static ServiceOutcome
fail_ambiguous(const ServiceCall *call, Event *answer, const char *name)
{
	return fail_lookup(answer, "Sql.ambiguous_function", "42725",
					   psprintf("more than one function %s takes this input", name),
					   psprintf("Members of JSON have no types to choose by, so the functions' names or the names of "
								"their parameters must differ. There is %s.",
								signatures_of(name, call->role)));
}

/* ---- parameters ---- */

typedef struct Parameters
{
	int count;        /* of input parameters */
	int required;     /* those without a default come first */
	bool is_variadic; /* the last one */
	char **names;     /* "" when unnamed */
	Oid *types;
	int output_count; /* OUT, INOUT, TABLE */
	char *first_output;
} Parameters;

static void
parameters_read(HeapTuple tuple, Parameters *parameters)
{
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(tuple);
	Oid *types;
	char **names;
	char *modes;
	int count = get_func_arg_info(tuple, &types, &names, &modes);

	memset(parameters, 0, sizeof(Parameters));
	parameters->names = palloc(sizeof(char *) * (count + 1));
	parameters->types = palloc(sizeof(Oid) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		char mode = modes != NULL ? modes[i] : PROARGMODE_IN;
		char *name = names != NULL && names[i] != NULL ? names[i] : "";

		if (mode != PROARGMODE_OUT && mode != PROARGMODE_TABLE)
		{
			parameters->names[parameters->count] = name;
			parameters->types[parameters->count++] = types[i];
		}
		if (mode != PROARGMODE_IN && mode != PROARGMODE_VARIADIC)
		{
			if (parameters->output_count++ == 0)
				parameters->first_output = name;
		}
	}
	parameters->required = parameters->count - form->pronargdefaults;
	parameters->is_variadic = OidIsValid(form->provariadic);
}

static bool
takes_whole(const Parameters *parameters)
{
	return parameters->count >= 1 && parameters->required <= 1 &&
		(parameters->types[0] == JSONOID || parameters->types[0] == JSONBOID);
}

/* A named argument for VARIADIC has to be there, whatever its default; no member of JSON has the type "any". */
static bool
may_be_missing(const Parameters *parameters, int number)
{
	return number >= parameters->required && !(parameters->is_variadic && number == parameters->count - 1);
}

/* Has the function a parameter for each member of the input, and a member for each that needs one?  *missing: the others. */
static bool
takes_members(const Parameters *parameters, const JsonVal *input, int *missing)
{
	int matched = 0;

	if (!jv_is(input, JV_OBJECT) || (parameters->is_variadic && parameters->types[parameters->count - 1] == ANYOID))
		return false;
	for (int i = 0; i < parameters->count; i++)
	{
		if (parameters->names[i][0] != '\0' && jv_get(input, parameters->names[i]) != NULL)
			matched++;
		else if (!may_be_missing(parameters, i))
			return false;
	}
	*missing = parameters->count - matched;
	return matched == input->count;
}

/*
 * How well the function takes this input; 0: not at all.  Best as its one jsonb parameter, then as a json one, then by its
 * members, the fewer parameters are left to their defaults the better, and last not at all: without parameters.
 */
static int
function_fitness(HeapTuple tuple, const JsonVal *input)
{
	Parameters parameters;
	int missing;

	parameters_read(tuple, &parameters);
	if (takes_whole(&parameters))
		return FUNC_MAX_ARGS + (parameters.types[0] == JSONBOID ? 4 : 3);
	if (parameters.count == 0)
		return 1;
	return takes_members(&parameters, input, &missing) ? FUNC_MAX_ARGS + 2 - missing : 0;
}

/* ---- privileges ---- */

static bool
is_callable(const ServiceCall *call, Oid function, Event *answer)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc form;
	Oid owner;
	Oid schema;
	const char *name;

	if (!HeapTupleIsValid(tuple))
	{
		(void) service_fail(answer, "Sql.undefined_function", "The function does not exist any more.");
		return false;
	}
	form = (Form_pg_proc) GETSTRUCT(tuple);
	owner = form->proowner;
	schema = form->pronamespace;
	name = pstrdup(NameStr(form->proname));
	ReleaseSysCache(tuple);

	if (superuser_arg(call->role) && !superuser_arg(owner))
		(void) service_fail(answer, ERROR_PERMISSIONS,
							"The state machine runs as a superuser, so the function \"%s\" must be owned by one. "
							"Create the state machine with role => an ordinary role.",
							name);
	else if (sfn_namespace_aclcheck(schema, call->role, ACL_USAGE) != ACLCHECK_OK)
		(void)
			service_fail(answer, "Sql.insufficient_privilege",
						 "{\"message\":\"permission denied for the schema of function %s\","
						 "\"hint\":\"GRANT USAGE ON SCHEMA to the role of the state machine.\",\"sqlstate\":\"42501\"}",
						 name);
	else if (sfn_proc_aclcheck(function, call->role, ACL_EXECUTE) != ACLCHECK_OK)
		(void) service_fail(
			answer, "Sql.insufficient_privilege",
			"{\"message\":\"permission denied for function %s\","
			"\"hint\":\"GRANT EXECUTE ON FUNCTION to the role of the state machine.\",\"sqlstate\":\"42501\"}",
			name);
	else
		return true;
	return false;
}

/* ---- the call ---- */

/* In the sandbox: calls the function and reads its result. */
static void
function_work(void *arg)
{
	FunctionWork *work = arg;
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(work->function));
	Oid arg_type = InvalidOid;
	Form_pg_proc form;
	char *sql;
	bool is_set;
	RowStyle style;
	ParamListInfo params = NULL;
	SPIPlanPtr plan;
	MemoryContext context = CurrentMemoryContext; /* SPI leaves its own */
	const JsonVal *rows;
	uint64 row_count;
	int outcome;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION), errmsg("the function does not exist any more")));
	form = (Form_pg_proc) GETSTRUCT(tuple);
	sql = function_call_text(tuple, work->input, &arg_type, &style);
	is_set = form->proretset;
	ReleaseSysCache(tuple);

	if (OidIsValid(arg_type))
	{
		params = makeParamList(1);
		params->params[0].value = sql_task_datum(work->input, arg_type);
		params->params[0].isnull = false;
		params->params[0].ptype = arg_type;
		params->params[0].pflags = PARAM_FLAG_CONST;
	}
	plan = sql_task_plan(sql, OidIsValid(arg_type) ? 1 : 0, &arg_type);
	outcome = sql_rows_execute(plan, params, style, context, &rows, &row_count);
	if (outcome < 0)
		elog(ERROR, "could not call the function: %s", SPI_result_code_string(outcome));
	if (is_set)
		*work->result = rows;
	else
		*work->result = rows->count > 0 ? rows->u.items[0] : jv_null();
	sql_rows_check_size(*work->result);
}

/* "schema"."f"($1), or with named arguments read from the members of $1. */
static char *
call_text(HeapTuple tuple, const Parameters *parameters, const JsonVal *input, char **from, Oid *arg_type)
{
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(tuple);
	StringInfoData call;
	StringInfoData columns;
	const char *name = quote_qualified_identifier(get_namespace_name(form->pronamespace), NameStr(form->proname));
	const char *separator = "";

	initStringInfo(&call);
	initStringInfo(&columns);
	*from = "";
	appendStringInfo(&call, "%s(", name);
	if (takes_whole(parameters))
	{
		*arg_type = parameters->types[0];
		appendStringInfoString(&call, "$1");
	}
	else if (parameters->count > 0 && jv_is(input, JV_OBJECT))
	{
		*arg_type = JSONOID;
		for (int i = 0; i < parameters->count; i++)
		{
			const char *parameter = quote_identifier(parameters->names[i]);

			if (parameters->names[i][0] == '\0' || jv_get(input, parameters->names[i]) == NULL)
				continue;
			appendStringInfo(&call, "%s%s%s => _sfn_input.%s", separator,
							 parameters->is_variadic && i == parameters->count - 1 ? "VARIADIC " : "", parameter,
							 parameter);
			appendStringInfo(&columns, "%s%s %s", separator, parameter,
							 format_type_extended(parameters->types[i], -1, FORMAT_TYPE_FORCE_QUALIFY));
			separator = ", ";
		}
		if (columns.len > 0)
			*from = psprintf("pg_catalog.json_to_record($1) AS _sfn_input (%s)", columns.data);
		else
			*arg_type = InvalidOid;
	}
	appendStringInfoChar(&call, ')');
	return call.data;
}

/*
 * The whole statement: one column, and one row, or for a set one for each member.  Sets stand in the select list, where
 * they are read as they come; a single row stands in FROM, where NULL becomes a row of nulls.
 */
static char *
function_call_text(HeapTuple tuple, const JsonVal *input, Oid *arg_type, RowStyle *style)
{
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(tuple);
	Parameters parameters;
	char *from;
	char *call;
	const char *column = "";
	bool is_row = form->prorettype == RECORDOID || type_is_rowtype(form->prorettype);

	parameters_read(tuple, &parameters);
	call = call_text(tuple, &parameters, input, &from, arg_type);
	*style = ROW_FIRST_COLUMN;
	if (form->prokind == PROKIND_PROCEDURE)
	{
		if (from[0] != '\0')
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("a procedure as a task must have one json or jsonb parameter, or none")));
		*style = ROW_AS_OBJECT; /* its INOUT parameters */
		return psprintf("CALL %s", call);
	}
	if (parameters.output_count == 1)
	{
		*style = ROW_AS_OBJECT;
		column = psprintf(" AS %s", quote_identifier(parameters.first_output));
	}
	else if (is_row && !form->proretset)
		return psprintf("SELECT _sfn_row FROM %s%s%s AS _sfn_row", from, from[0] != '\0' ? " CROSS JOIN LATERAL " : "",
						call);
	return psprintf("SELECT %s%s%s%s", call, column, from[0] != '\0' ? " FROM " : "", from);
}
