/*
 * jsonata.h
 *	  JSONata expressions: compile once, evaluate many times.
 *
 * The language is JSONata 2.2.2.  A compiled expression lives in the memory
 * context it was compiled in and is not changed by evaluation.  An evaluation
 * gives back all its working memory; only the result (and a failure's error)
 * stays in the current context.  A result shares parts with the input and the
 * bindings, never with the expression.
 *
 * Undefined is NULL on this interface.  A result that is a function is null;
 * functions inside a result are empty strings, numbers that JSON cannot spell
 * (NaN, infinities) are null, or as AWS has it their names.
 */
#ifndef SFN_JSONATA_JSONATA_H
#define SFN_JSONATA_JSONATA_H

#include "base/budget.h"
#include "json/json_value.h"

typedef struct JsonataExpression JsonataExpression;

typedef struct JsonataOptions
{
	bool aws_functions; /* $partition, $range, $hash, $uuid, $parse, and $random with a seed */
	bool as_aws;        /* as in AWS's state machines: no $eval (calling it is T1006), texts for numbers that are not
						 * finite, base64 read strictly */
} JsonataOptions;

typedef struct JsonataError
{
	char code[8];         /* "T2001" */
	const char *message;  /* without the code */
	int position;         /* characters up to the end of the offending token; -1: unknown */
	int offset;           /* byte offset where that token begins; -1: unknown */
	const char *token;    /* the offending token, operator or function; NULL: none */
	const JsonVal *value; /* the offending value; NULL: none */
} JsonataError;

/*
 * What an evaluation may use.  Zero members mean the built-in bound; every
 * excess is the error U1001, a sequence that is too long D2014 or D2015.
 */
typedef struct JsonataLimits
{
	int max_depth;    /* nested evaluations, counted as the reference does; 0: the stack decides */
	int timeout_ms;   /* 0: none */
	int max_sequence; /* elements of a sequence; 0: ten million */
	int max_held;     /* bytes that a value may hold as AWS counts them (held.c); 0: no such bound */
	Size max_memory;  /* bytes of working memory; 0: 1 GB */
	Size max_stack;   /* bytes of C stack; 0: 1.5 MB */
	Budget *budget;   /* of what the evaluation is a part of; NULL: none */
} JsonataLimits;

/* Where variables come from that the expression does not define itself. */
typedef struct JsonataBindings JsonataBindings;
struct JsonataBindings
{
	/* The value of $name, or NULL: not bound.  Asked at most once for each name in an evaluation. */
	const JsonVal *(*lookup)(const JsonataBindings *bindings, const char *name, int length);
	double (*random)(const JsonataBindings *bindings); /* 0 <= r < 1; NULL: own generator */
	void *owner;                                       /* for the callbacks */
};

/* Compiles; NULL and *error filled when the text is no expression.  options may be NULL. */
extern JsonataExpression *jsonata_compile(const char *text, int length, const JsonataOptions *options,
										  JsonataError *error);

/*
 * Evaluates with the input as context; input NULL is undefined, bindings and
 * limits may be NULL.  *result NULL is undefined.  On failure false, *error filled.
 */
extern bool jsonata_eval(const JsonataExpression *expression, const JsonVal *input, const JsonataBindings *bindings,
						 const JsonataLimits *limits, TimestampTz now, const JsonVal **result, JsonataError *error);

/* As jsonata_eval; *is_function tells a result that is a function (its *result is null) from others. */
extern bool jsonata_eval_typed(const JsonataExpression *expression, const JsonVal *input,
							   const JsonataBindings *bindings, const JsonataLimits *limits, TimestampTz now,
							   const JsonVal **result, bool *is_function, JsonataError *error);

/* What an expression asks of its surroundings, in the order of the text, each name once. */
typedef struct JsonataFreeName
{
	const char *name; /* of a variable without "$"; "" is "$", "$" is "$$"; a field's name */
	int length;
	int offset;      /* byte offset of the first use */
	bool is_builtin; /* a variable that is a function of the language */
} JsonataFreeName;

/* Variables that no := or parameter of the expression defines where they are used. */
extern int jsonata_free_variables(const JsonataExpression *expression, const JsonataFreeName **names);

/* Field names, wildcards ("*", "**") and parents ("%") that are looked up in the input itself. */
extern int jsonata_free_fields(const JsonataExpression *expression, const JsonataFreeName **names);

/*
 * Fields that the expression reads directly from a variable: $states.result
 * gives "result" for "states".  A use without a field gives a name of length 0.
 */
extern int jsonata_variable_fields(const JsonataExpression *expression, const char *variable,
								   const JsonataFreeName **names);

/* Syntax that JSONata 2.0.6 does not know ("??", "?:"), or NULL; *offset is its place. */
extern const char *jsonata_newer_syntax(const JsonataExpression *expression, int *offset);

/* A constant's value, when the expression is a literal; else NULL. */
extern const JsonVal *jsonata_constant(const JsonataExpression *expression);

/* Whether the language has a function of that name (without "$"). */
extern bool jsonata_has_function(const char *name, int length, const JsonataOptions *options);

#endif /* SFN_JSONATA_JSONATA_H */
