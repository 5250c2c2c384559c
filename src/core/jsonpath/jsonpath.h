/*
 * jsonpath.h
 *	  JSONPath in the dialect of Jayway JsonPath 2.0.0, reference paths, and
 *	  intrinsic functions.
 */
#ifndef SFN_JSONPATH_JSONPATH_H
#define SFN_JSONPATH_JSONPATH_H

#include "jsonpath/eval_scope.h"

typedef enum JPathKind
{
	JPATH_PATH,     /* the full dialect */
	JPATH_REFERENCE /* only members and single elements: selects one node */
} JPathKind;

typedef enum JPathRoot
{
	JPATH_ROOT_INPUT,   /* $ */
	JPATH_ROOT_CONTEXT, /* $$ */
	JPATH_ROOT_VARIABLE /* $name */
} JPathRoot;

typedef struct JPath JPath;                         /* fields in jsonpath/jpath_private.h; these are for everyone: */
extern const char *jpath_source(const JPath *path); /* as written */
extern JPathRoot jpath_root(const JPath *path);
extern const char *jpath_variable(const JPath *path); /* NULL unless the root is a variable */
extern bool jpath_is_definite(const JPath *path);
extern bool jpath_is_root_only(const JPath *path); /* exactly "$", "$$" or "$name" */

/* NULL and *error (name InvalidPath, cause, position) when it is no such path. */
extern JPath *jpath_parse(const char *text, int length, JPathKind kind, SfnError *error);

/*
 * Selects.  A definite path gives the node, an indefinite one always an array;
 * a position outside an array gives null.
 * Not found: false, error->name States.Runtime, cause in Jayway's words ("No
 * results for path: $['a']", "Missing property in path $['a']").
 */
extern bool jpath_eval(const JPath *path, const EvalScope *scope, const JsonVal **result, SfnError *error);

typedef enum JPathFinding
{
	JPATH_FOUND,
	JPATH_OUTSIDE, /* a definite path ends outside an array: its null is no node */
	JPATH_MISSING, /* failed: no such node */
	JPATH_UNFIT    /* failed: a step cannot be applied to its value */
} JPathFinding;

/* jpath_eval(), which also tells how it ended. */
extern bool jpath_eval_kind(const JPath *path, const EvalScope *scope, const JsonVal **result, SfnError *error,
							JPathFinding *finding);

/*
 * ResultPath: root with value written at the reference path; missing members are
 * made.  False (States.ResultPathMatchFailure) where the root cannot take it.
 */
extern bool jpath_write(const JPath *path, const JsonVal *root, const JsonVal *value, const JsonVal **result,
						SfnError *error);

/* ---- intrinsic functions: States.Name(argument, ...) ---- */
typedef struct Intrinsic Intrinsic;

extern bool intrinsic_looks_like(const char *text, int length); /* begins "States." and has a parenthesis */
/* NULL and *error when the call cannot be parsed, names no function or has a wrong number of arguments. */
extern Intrinsic *intrinsic_parse(const char *text, int length, SfnError *error);
extern const char *intrinsic_source(const Intrinsic *call);
extern const char *intrinsic_name(const Intrinsic *call); /* outermost, "States.Format" */
/*
 * False with States.Runtime and AWS's words.  A path among the arguments that finds nothing: cause is
 * what jpath_eval says; *missing_path is then set to that path, else to NULL.
 */
extern bool intrinsic_eval(const Intrinsic *call, const EvalScope *scope, const JsonVal **result, SfnError *error,
						   const JPath **missing_path);
/* Calls back for every path in the arguments, nested calls included. */
extern void intrinsic_each_path(const Intrinsic *call, void (*visit)(const JPath *path, void *arg), void *arg);
/* Nearest function name for a hint, or NULL. */
extern const char *intrinsic_nearest_name(const char *name);

#endif /* SFN_JSONPATH_JSONPATH_H */
