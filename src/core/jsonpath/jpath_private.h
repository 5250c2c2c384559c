/*
 * jpath_private.h
 *	  What a parsed JSONPath is made of.
 *
 * The dialect is that of Jayway JsonPath 2.0.0, oddities included: it is what
 * AWS answers with, and definitions depend on it.  Where a rule looks arbitrary
 * it is Jayway's; test/unit/test_jsonpath.c pins them.
 */
#ifndef SFN_JSONPATH_JPATH_PRIVATE_H
#define SFN_JSONPATH_JPATH_PRIVATE_H

#include "base/budget.h"
#include "jsonpath/jsonpath.h"

/* Nodes that one evaluation may look at: some tenths of a second.  Fuzzing sets less. */
#ifndef JPATH_MAX_VISITS
#define JPATH_MAX_VISITS 10000000
#endif

typedef enum JPathStepType
{
	STEP_ROOT,     /* a "$" in the middle of a path; changes nothing but the text of errors */
	STEP_PROPERTY, /* .name ['name'] ['name','other'] */
	STEP_INDEX,    /* [n] [n,m] and slices */
	STEP_WILDCARD, /* .* [*] */
	STEP_SCAN,     /* .. */
	STEP_FILTER    /* [?(...)] */
} JPathStepType;

typedef enum JPathIndexType
{
	INDEX_SINGLE,     /* [n] */
	INDEX_LIST,       /* [n,m] */
	INDEX_FROM_END,   /* [(@.length-n)]: numbers[0] is negative */
	INDEX_SLICE_FROM, /* [n:] */
	INDEX_SLICE_TO,   /* [:n] */
	INDEX_SLICE,      /* [n:m] */
	INDEX_NONE        /* accepted by the parser, selects nothing */
} JPathIndexType;

typedef struct JPathName
{
	const char *text;
	int length;
} JPathName;

typedef struct JPathFilter JPathFilter;

typedef struct JPathStep
{
	JPathStepType type;
	JPathIndexType index_type;
	int count;                      /* names or numbers */
	const JPathName *names;         /* STEP_PROPERTY */
	const int32 *numbers;           /* STEP_INDEX */
	const JPathFilter *filter;      /* STEP_FILTER; NULL for [?], which fails on whatever it meets */
	bool from_previous_is_definite; /* the step before this one and all after it are definite */
} JPathStep;

struct JPath
{
	const char *source;
	JPathRoot root;
	const char *variable;
	JPathStep *steps;
	int step_count;
	bool is_definite;
	bool is_simple; /* only single names and single indexes */
};

/* ---- filters (filter.c) ---- */

/* Parses "[?(...)]"; NULL and *error when it is none. */
extern const JPathFilter *jpath_filter_parse(const char *text, int length, int offset, SfnError *error);

/* One evaluation: what is shared by all its steps. */
typedef struct JPathRun
{
	const JsonVal *document; /* what "$" means inside filters */
	SfnError *error;         /* NULL: nobody reads it */
	Budget *budget;          /* or NULL */
	int64 visits;
	int silent;      /* > 0: a missing node is skipped by somebody above, so no text is needed */
	bool is_outside; /* the last value found is none: a position outside its array */
	bool is_missing; /* after a failure: a missing node, which wildcards skip and filters take for false */
} JPathRun;

/* The run fails for want of budget; always false. */
extern bool jpath_fail_spent(JPathRun *run);

/* Whether the filter accepts the item; false and run->error on failure. */
extern bool jpath_filter_accepts(JPathRun *run, const JPathFilter *filter, const JsonVal *item, bool *accepted);

/* Where the path of a filter begins. */
typedef struct JPathStart
{
	const JsonVal *document;
	bool is_bare;    /* an item that the filter looks at: null is nothing (eval.c) */
	bool must_exist; /* all names of a list of names must be there */
} JPathStart;

/* Evaluates a definite path for a filter. */
extern bool jpath_eval_operand(JPathRun *run, const JPath *path, const JPathStart *start, const JsonVal **result);

/* Parses what follows the root; used for whole paths and for paths in filters, which cannot nest. */
extern bool jpath_parse_steps(JPath *path, const char *text, int length, int offset, bool in_filter, SfnError *error);

/* ---- Java's integers and blanks ---- */
extern bool jpath_parse_int(const char *text, int length, int32 *number);
extern void jpath_trim(const char **text, int *length);

#endif /* SFN_JSONPATH_JPATH_PRIVATE_H */
