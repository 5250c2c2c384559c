/*
 * expression.h
 *	  One interface to what a definition computes, whatever its query language:
 *	  a path, an intrinsic call or a JSONata expression, and templates of them.
 */
#ifndef SFN_ASL_EXPRESSION_H
#define SFN_ASL_EXPRESSION_H

#include "jsonpath/jsonpath.h"

typedef enum QueryLanguage
{
	QUERY_JSONPATH,
	QUERY_JSONATA
} QueryLanguage;

typedef enum ExpressionKind
{
	EXPRESSION_PATH,      /* "$.a", "$$.Execution.Id", "$var" */
	EXPRESSION_INTRINSIC, /* "States.Format(...)" */
	EXPRESSION_JSONATA    /* "{% ... %}" */
} ExpressionKind;

typedef struct Expression
{
	ExpressionKind kind;
	const char *source; /* as written; JSONata: without the {% %} and trimmed */
	const char *field;  /* where it stands below its state: "Parameters", "x.$", "Output/result" */
	bool uses_context;  /* JSONata: can reach the context object */
	bool uses_result;   /* JSONata: can reach the state's result */
	union
	{
		JPath *path;
		Intrinsic *intrinsic;
		struct JsonataExpression *jsonata;
	} u;
} Expression;

/* True when two evaluations on the same scope may differ: $random, $uuid, $now and the like are called. */
extern bool expression_is_volatile(const Expression *expression);

/*
 * Evaluates.  On failure *error has the bare reason ("No results for path: $['a']"); the caller, who knows
 * which field this is, puts AWS's sentence around it.
 */
extern bool expression_eval(const Expression *expression, const EvalScope *scope, const JsonVal **result,
							SfnError *error);

/*
 * A payload template: a JSON value in which members named "x.$" (JSONPath) or strings "{% ... %}" (JSONata)
 * are computed.  Constant parts are shared with the definition.
 */
typedef struct Template Template;

/* True when nothing in it is computed; then template_constant() is its value. */
extern bool template_is_constant(const Template *source);
extern const JsonVal *template_constant(const Template *source);

/* True when something in it is volatile. */
extern bool template_is_volatile(const Template *source);

/* True when something in it can reach $states.result. */
extern bool template_uses_result(const Template *source);

/*
 * Evaluates.  JSONPath failures have AWS's sentence: "The JSONPath '$.p' specified for the field 'key.$' could
 * not be found in the input '{...}'"; JSONata ones "The JSONata expression '...' specified for the field
 * 'Output/result' ...", error->is_evaluation set and error->location filled.
 */
extern bool template_eval(const Template *source, const EvalScope *scope, const JsonVal **result, SfnError *error);

#endif /* SFN_ASL_EXPRESSION_H */
