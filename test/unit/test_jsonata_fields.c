/*
 * test_jsonata_fields.c
 *	  JSONata in definitions: what is refused when a machine is created, and what
 *	  states make of expressions.
 *
 * In definitions ` stands for the double quote.
 */
#include "unit/engine_driver.h"

static DiagnosticList problems;

static char *
unquoted(const char *text)
{
	char *copy = pstrdup(text);

	for (char *c = copy; *c != '\0'; c++)
	{
		if (*c == '`')
			*c = '"';
	}
	return copy;
}

static AslMachine *
compile(const char *definition)
{
	char *text = unquoted(definition);

	return asl_compile(text, strlen(text), false, state_types, state_type_count, &problems);
}

/* A JSONata machine of one state, given by what stands behind its type. */
static AslMachine *
compile_state(const char *state)
{
	return compile(psprintf("{`QueryLanguage`:`JSONata`,`StartAt`:`S`,`States`:{`S`:{`Type`:%s,`End`:true}}}", state));
}

/* ---- creating ---- */

static void
refused(const char *state, const char *location, const char *message)
{
	bool found = false;

	(void) compile_state(state);
	for (int i = 0; i < problems.count; i++)
	{
		const Diagnostic *item = &problems.items[i];

		found = found ||
			(item->severity == DIAGNOSTIC_ERROR && strcmp(item->location, location) == 0 &&
			 strcmp(item->message, message) == 0);
	}
	if (!unit_check(found && problems.error_count == 1, "refused: %s", state))
	{
		for (int i = 0; i < problems.count; i++)
			printf("# %s at %s\n", problems.items[i].message, problems.items[i].location);
	}
	unit_reset_memory();
}

static void
accepted(const char *state, int warnings)
{
	AslMachine *machine = compile_state(state);

	if (!unit_check(machine != NULL && problems.warning_count == warnings, "accepted: %s", state))
	{
		for (int i = 0; i < problems.count; i++)
			printf("# %s at %s\n", problems.items[i].message, problems.items[i].location);
	}
	unit_reset_memory();
}

/* The one warning has this hint. */
static void
hinted(const char *state, const char *hint)
{
	(void) compile_state(state);
	unit_text(problems.count == 1 && problems.items[0].hint != NULL ? problems.items[0].hint : "-", hint, "%s", state);
	unit_reset_memory();
}

#define TASK "`Task`,`Resource`:`arn:aws:lambda:us-east-1:000000000000:function:f`"

static void
test_creation(void)
{
	refused("`Pass`,`Output`:`{% 1`", "/States/S/Output",
			"A JSONata expression must begin with '{%' and end with '%}'");
	refused("`Pass`,`Output`:{`a`:[`1 %}`]}", "/States/S/Output/a[0]",
			"A JSONata expression must begin with '{%' and end with '%}'");
	refused("`Pass`,`Output`:`{%  %}`", "/States/S/Output", "Unexpected end of expression");
	refused("`Pass`,`Output`:`{% $.a %}`", "/States/S/Output", "Reference to '$' at the top level is not supported.");
	refused("`Pass`,`Output`:`{% $$.a %}`", "/States/S/Output", "Reference to '$$' is not supported.");
	refused("`Pass`,`Output`:`{% a.b %}`", "/States/S/Output", "Reference to 'a' at the top level is not supported.");
	refused("`Pass`,`Output`:`{% $states.result %}`", "/States/S/Output", "Field '$states.result' does not exist.");
	refused(TASK ",`Arguments`:`{% $states.result %}`", "/States/S/Arguments",
			"Field '$states.result' does not exist.");
	refused(TASK ",`Output`:`{% $states.errorOutput %}`", "/States/S/Output",
			"Field '$states.errorOutput' does not exist.");
	refused("`Pass`,`Output`:`{% 1 + %}`", "/States/S/Output", "Unexpected end of expression");
	accepted("`Pass`,`Output`:`{% $eval('1') %}`", 1);
	accepted("`Pass`,`Output`:` {% 1`", 0);
	accepted("`Pass`,`Output`:`{%1%}`", 0);
	accepted("`Pass`,`Output`:{`{% a %}`:1}", 0);
	accepted("`Pass`,`Output`:`{% $states.input.items[$.a > 1].b %}`", 0);
	accepted("`Pass`,`Output`:`{% $map($states.input, function($v) { $v.a }) %}`", 0);
	accepted(TASK ",`Output`:`{% $states.result %}`,`Assign`:{`a`:`{% $states.result.x %}`}", 0);
	accepted(TASK ",`Catch`:[{`ErrorEquals`:[`States.ALL`],`Next`:`S`,`Output`:`{% $states.errorOutput %}`}]", 0);
	accepted("`Pass`,`Output`:`{% $states.input.a ?? 1 %}`", 1);
	accepted("`Pass`,`Output`:`{% $states.inptu %}`", 1);
	accepted("`Pass`,`Output`:`{% $nowhere %}`", 1);
	hinted("`Pass`,`Output`:`{% $lenght('a') %}`", "Did you mean '$length'?");
	hinted("`Pass`,`Assign`:{`customer`:1},`Output`:`{% $custmer %}`", "Did you mean '$customer'?");
	hinted("`Pass`,`Output`:`{% $states.inpt %}`", "Did you mean '$states.input'?");
}

/* AWS's code and words; our place is in the hint. */
static void
test_codes(void)
{
	static const struct
	{
		const char *expression;
		const char *code;
		const char *message;
	} rows[] = {
		{"a[1,2)", "INVALID_JSONATA_EXPRESSION", "Expected `]`, got `,`"},
		{"`unterminated", "INVALID_JSONATA_EXPRESSION", "String literal must be terminated by a matching quote"},
		{"1 +", "INVALID_JSONATA_EXPRESSION", "Unexpected end of expression"},
		{"{`a`:}", "INVALID_JSONATA_EXPRESSION", "The symbol `}` cannot be used as a unary operator"},
		{"$match(`a`, /abc", "INVALID_JSONATA_EXPRESSION", "No terminating / in regular expression"},
		{"phone %.other", "INVALID_JSONATA_EXPRESSION", "The symbol `.` cannot be used as a unary operator"},
		{"", "INVALID_JSONATA_EXPRESSION", "Unexpected end of expression"},
		{"$$", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to '$$' is not supported."},
		{"$.phone", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to '$' at the top level is not supported."},
		{"phone[0]", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to 'phone' at the top level is not supported."},
		{"$states.errorOutput", "UNSUPPORTED_JSONATA_EXPRESSION", "Field '$states.errorOutput' does not exist."},
	};

	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		JvObjectBuilder state;
		const Diagnostic *item;

		jv_object_begin(&state);
		jv_object_add(&state, "Type", jv_string("Pass"));
		jv_object_add(&state, "End", jv_bool(true));
		jv_object_add(&state, "Output", jv_string(psprintf("{%% %s %%}", unquoted(rows[i].expression))));
		(void) compile(
			psprintf("{`QueryLanguage`:`JSONata`,`StartAt`:`S`,`States`:{`S`:%s}}", jv_to_text(jv_object_end(&state))));
		item = &problems.items[0];
		OK(problems.count == 1 && item->line == 1 && item->column > 1);
		unit_text(item->code, rows[i].code, "%s", rows[i].expression);
		unit_text(item->message, unquoted(rows[i].message), "%s", rows[i].expression);
		unit_text(item->location, "/States/S/Output", "%s", rows[i].expression);
		unit_reset_memory();
	}
	(void) compile_state("`Pass`,`Output`:`{% aaa + bbb + aaa %}`");
	OK(problems.count == 2);
	unit_text(problems.items[1].message, "Reference to 'bbb' at the top level is not supported.", "each name once");
	(void) compile_state("`Pass`,`Output`:`{% 1 ++ 2 %}`");
	OK(problems.items[0].hint != NULL && strstr(problems.items[0].hint, "character 4 of the expression") != NULL);
	unit_reset_memory();
}

/* ---- running ---- */

/* "SUCCEEDED {...}", "FAILED error: cause". */
static char *
run(const char *definition, const char *input, bool restores)
{
	AslMachine *machine = compile(definition);
	Driver driver;

	if (machine == NULL)
		return psprintf("refused: %s", problems.items[0].message);
	driver_begin(&driver, machine, unquoted(input));
	driver.restores = restores;
	driver.random_value = 0.25;
	driver_run(&driver);
	if (driver.x.status == EXECUTION_SUCCEEDED)
		return psprintf("SUCCEEDED %s", jv_to_text(driver.x.output));
	return psprintf("%s %s: %s", driver_status(&driver), driver.x.error, driver.x.cause);
}

static void
gives(const char *state, const char *input, const char *expected)
{
	char *definition =
		psprintf("{`QueryLanguage`:`JSONata`,`StartAt`:`S`,`States`:{`S`:{`Type`:%s,`End`:true}}}", state);

	unit_text(run(definition, input, false), unquoted(expected), "%s", state);
	unit_text(run(definition, input, true), unquoted(expected), "%s (restored)", state);
	unit_reset_memory();
}

static void
test_results(void)
{
	gives("`Pass`,`Output`:{`a`:[`{% $states.input.x + 1 %}`,`{%`,2]}", "{`x`:1}",
		  "refused: A JSONata expression must begin with '{%' and end with '%}'");
	gives("`Pass`,`Output`:{`a`:[`{% $states.input.x + 1 %}`,2]}", "{`x`:1}", "SUCCEEDED {`a`:[2,2]}");
	gives("`Pass`,`Output`:`{% $states.context.State.Name %}`", "1", "SUCCEEDED `S`");
	gives("`Pass`,`Output`:`{% $keys($states) %}`", "1", "SUCCEEDED [`input`,`context`]");
	gives("`Pass`,`Output`:`{% $random() %}`", "1", "SUCCEEDED 0.25");
	gives("`Pass`,`Output`:`{% $partition([1..5], 2) %}`", "1", "SUCCEEDED [[1,2],[3,4],[5]]");
	gives("`Pass`,`Output`:{`r`:`{% {'k':[1/0, -1/0, 0/0]} %}`}", "1",
		  "SUCCEEDED {`r`:{`k`:[`Infinity`,`-Infinity`,`NaN`]}}");
	gives("`Pass`,`Output`:`{% $now() %}`", "1", "SUCCEEDED `2024-01-01T00:00:00.000Z`");
	gives("`Pass`,`Output`:`{% $states.input[0] %}`", "[7]", "SUCCEEDED 7");
	gives("`Wait`,`Seconds`:`{% $states.input %}`", "3", "SUCCEEDED 3");
	gives("`Map`,`Items`:[1,`{% 1+1 %}`],`ItemProcessor`:{`StartAt`:`I`,`States`:{`I`:{`Type`:`Pass`,`End`:true}}}",
		  "{}", "SUCCEEDED [1,2]");
	gives("`Map`,`Items`:`{% [1..3] %}`,`MaxConcurrency`:1,`ItemSelector`:{`i`:`{% $states.context.Map.Item.Index %}`},"
		  "`ItemProcessor`:{`StartAt`:`I`,`States`:{`I`:{`Type`:`Wait`,`Seconds`:1,`End`:true}}}",
		  "{}", "SUCCEEDED [{`i`:0},{`i`:1},{`i`:2}]");
}

/* Items that no second evaluation gives again stay the same over a restart. */
static void
test_stored_items(void)
{
	gives("`Map`,`Items`:`{% [$uuid(), $uuid()] %}`,`MaxConcurrency`:1,`ItemProcessor`:{`StartAt`:`W`,`States`:{`W`:{"
		  "`Type`:`Wait`,`Seconds`:1,`Next`:`P`},`P`:{`Type`:`Pass`,`Output`:`{% $states.input = "
		  "$states.context.Map.Item.Value %}`,`End`:true}}}",
		  "{}", "SUCCEEDED [true,true]");
	gives("`Map`,`Items`:[`{% $uuid() %}`,1],`MaxConcurrency`:1,`ItemProcessor`:{`StartAt`:`W`,`States`:{`W`:{"
		  "`Type`:`Wait`,`Seconds`:1,`Next`:`P`},`P`:{`Type`:`Pass`,`Output`:`{% $states.input = "
		  "$states.context.Map.Item.Value %}`,`End`:true}}}",
		  "{}", "SUCCEEDED [true,true]");
}

static void
test_failures(void)
{
	static const char *const beginning =
		"FAILED States.QueryEvaluationError: An error occurred while executing the state 'S' "
		"(entered at the event id #2). The JSONata expression";
	static const struct
	{
		const char *field;
		const char *input;
		const char *shown;
	} items[] = {
		{"", "{`a`: [1]}", "{`a`:[1]}"},
		{"", "null", "null"},
		{"", "`text`", "`text`"},
		{",`Items`:7", "[1]", "7"},
		{",`Items`:{`b`:2}", "[1]", "{`b`:2}"},
	};

	gives("`Pass`,`Output`:{`a`:`{% $x %}`}", "1",
		  psprintf("%s '$x' specified for the field 'Output/a' returned nothing (undefined).", beginning));
	gives("`Pass`,`Output`:`{% function(){1} %}`", "1",
		  psprintf("%s 'function(){1}' specified for the field 'Output' returned an unsupported result type.",
				   beginning));
	gives("`Pass`,`Assign`:{`v`:`{% $nope() %}`}", "1",
		  psprintf("%s '$nope()' specified for the field 'Assign/v' threw an error during evaluation. "
				   "T1006: Attempted to invoke a non-function",
				   beginning));
	gives("`Pass`,`Output`:{`r`:`{% $eval('1+1') %}`}", "1",
		  psprintf("%s '$eval('1+1')' specified for the field 'Output/r' threw an error during evaluation. "
				   "T1006: Attempted to invoke a non-function",
				   beginning));
	gives("`Pass`,`Output`:`{% [1..873783] ~> $count() %}`", "1",
		  psprintf("%s '[1..873783] ~> $count()' specified for the field 'Output' threw an error during evaluation: "
				   "Expression evaluation memory limit exceeded: Check for excessive memory usage",
				   beginning));
	gives(
		"`Pass`,`Output`:`{% ($f := function($n){1 + $f($n)}; $f(1)) %}`", "1",
		psprintf("%s '($f := function($n){1 + $f($n)}; $f(1))' specified for the field 'Output' threw an error during "
				 "evaluation: Stack overflow error: Check for non-terminating recursive function. Consider rewriting "
				 "as tail-recursive",
				 beginning));
	gives("`Wait`,`Seconds`:`{% 'a' %}`", "1",
		  psprintf("%s ''a'' specified for the field 'Seconds' returned an unexpected result type. Expected 'integer', "
				   "but was 'string' for value: `a`",
				   beginning));
	for (int i = 0; i < (int) lengthof(items); i++)
		gives(
			psprintf("`Map`%s,`ItemProcessor`:{`StartAt`:`I`,`States`:{`I`:{`Type`:`Pass`,`End`:true}}}",
					 items[i].field),
			items[i].input,
			psprintf("FAILED States.QueryEvaluationError: An error occurred while executing the state 'S' (entered at "
					 "the event id #2). Map state input must be an array but was: %s",
					 items[i].shown));
	unit_text(run("{`QueryLanguage`:`JSONata`,`StartAt`:`C`,`States`:{`C`:{`Type`:`Choice`,`Choices`:[{`Condition`:"
				  "`{% 1 %}`,`Next`:`D`}]},`D`:{`Type`:`Succeed`}}}",
				  "1", false),
			  "FAILED States.QueryEvaluationError: An error occurred while executing the state 'C' (entered at the "
			  "event id #2). The JSONata expression '1' specified for the field 'Choices[0]/Condition' returned an "
			  "unexpected result type. Expected 'boolean', but was 'number' for value: 1",
			  "a condition that is no boolean");
	unit_reset_memory();
}

/* Nothing that an expression can ask for takes the engine down, or for long. */
static void
test_hostile(void)
{
	static const char *const expressions[] = {
		"$count([0..1e9])",
		"($f := function($n) { $f($n + 1) + 1 }; $f(0))",
		"($f := function() { $f() }; $f())",
		"$pad('', 100000000000)",
		"$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /(a+)+$/)",
		"($s := 'x'; $g := function($n, $t) { $n = 0 ? $t : $g($n - 1, $t & $t) }; $g(40, $s))",
		"$parse('[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[')",
		"($g := function($n, $t) { $n = 0 ? $t : $g($n - 1, [$t]) }; $g(5000, [[1]]))",
		"1e400",
	};

	for (int i = 0; i < (int) lengthof(expressions); i++)
	{
		char *definition = psprintf("{`QueryLanguage`:`JSONata`,`StartAt`:`S`,`States`:{`S`:{`Type`:`Pass`,`Output`:"
									"`{%% %s %%}`,`End`:true}}}",
									expressions[i]);
		char *outcome = run(definition, "1", false);

		unit_check(strncmp(outcome, "FAILED", 6) == 0 || strncmp(outcome, "refused", 7) == 0 ||
					   strlen(outcome) < 100000,
				   "%s: %.150s", expressions[i], outcome);
		unit_reset_memory();
	}
}

/* ---- variables ---- */

static void
test_variables(void)
{
	AslMachine *machine;

	unit_text(
		run("{`QueryLanguage`:`JSONata`,`StartAt`:`A`,`States`:{`A`:{`Type`:`Pass`,`Assign`:{`x`:1,`y`:`{% "
			"$states.input.n %}`},`Next`:`B`},`B`:{`Type`:`Pass`,`Assign`:{`x`:`{% $x + $y %}`},`Output`:`{% $x "
			"%}`,`Next`:`C`},`C`:{`Type`:`Pass`,`Output`:{`o`:`{% $states.input %}`,`x`:`{% $x %}`},`End`:true}}}",
			"{`n`:5}", true),
		"SUCCEEDED {\"o\":1,\"x\":6}", "right sides see the values on entry");
	unit_check(
		strstr(run("{`StartAt`:`A`,`States`:{`A`:{`Type`:`Pass`,`Assign`:{`x`:{`l`:[1]}},`Next`:`L`},`L`:{`Type`:"
				   "`Pass`,`Assign`:{`x`:{`a.$`:`$x`}},`Next`:`C`},`C`:{`Type`:`Choice`,`Choices`:[{`Variable`:"
				   "`$.never`,`IsPresent`:true,`Next`:`E`}],`Default`:`L`},`E`:{`Type`:`Succeed`}}}",
				   "{}", false),
			   "A variable is nested more than 1000 levels deep.") != NULL,
		"a loop that nests a variable ends");
	machine = compile("{`StartAt`:`A`,`States`:{`A`:{`Type`:`Pass`,`Assign`:{`b`:1,`a`:2},`Next`:`B`},`B`:{`Type`:"
					  "`Pass`,`Parameters`:{`x.$`:`States.Format('{} {}', $b, $a)`,`y.$`:`$b`},`End`:true}}}");
	unit_text(jv_to_text(machine->variable_references), "{\"B\":[\"a\",\"b\"]}", "variableReferences");
	OK(compile("{`StartAt`:`A`,`States`:{`A`:{`Type`:`Succeed`}}}")->variable_references == NULL);
	unit_reset_memory();
}

int
main(void)
{
	test_creation();
	test_codes();
	test_results();
	test_stored_items();
	test_failures();
	test_variables();
	test_hostile();
	return unit_done();
}
