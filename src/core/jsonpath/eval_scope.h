/*
 * eval_scope.h
 *	  What an expression can see: the input, the context object, variables.
 *
 * Shared by both query languages.  The context object is costly, so it is made
 * only when an expression asks for it.
 */
#ifndef SFN_JSONPATH_EVAL_SCOPE_H
#define SFN_JSONPATH_EVAL_SCOPE_H

#include "base/budget.h"
#include "json/json_value.h"

typedef struct EvalScope EvalScope;

struct EvalScope
{
	const JsonVal *input;                              /* "$" in JSONPath, $states.input in JSONata */
	const JsonVal *result;                             /* $states.result, or NULL */
	const JsonVal *error_output;                       /* $states.errorOutput, or NULL */
	const JsonVal *(*context)(const EvalScope *scope); /* "$$", $states.context; never NULL */
	const JsonVal *(*variable)(const EvalScope *scope, const char *name, int length); /* NULL: undefined */
	double (*random)(const EvalScope *scope);                                         /* 0 <= r < 1 */
	TimestampTz now;
	Budget *budget; /* what evaluating draws from; or NULL */
	void *owner;    /* for the callbacks */
};

#endif /* SFN_JSONPATH_EVAL_SCOPE_H */
