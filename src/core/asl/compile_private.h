/*
 * compile_private.h
 *	  What the files that compile a definition share.
 *
 * State types see only asl/fields.h.
 */
#ifndef SFN_ASL_COMPILE_PRIVATE_H
#define SFN_ASL_COMPILE_PRIVATE_H

#include "asl/fields.h"

#define MISSING_TRANSITION_TARGET "MISSING_TRANSITION_TARGET"
#define INVALID_JSONATA "INVALID_JSONATA_EXPRESSION"
#define UNSUPPORTED_JSONATA "UNSUPPORTED_JSONATA_EXPRESSION"

/* A name that must be a state of its scope, looked up when all states are known. */
typedef struct PendingTarget
{
	AslScope *scope;
	const AslState *source; /* NULL: StartAt */
	const char *name;
	AslState **target;
	const char *location;
	const char *pointer;
} PendingTarget;

/* A variable that is assigned or read, or a label. */
typedef struct VariableUse
{
	const AslScope *scope;
	const AslState *state;
	const char *name;
	const char *location;
	const char *pointer;
	int order; /* in the text */
} VariableUse;

typedef struct VariableUses
{
	int count;
	int capacity;
	VariableUse *items;
} VariableUses;

/* What only the checks need to know of a state and of a scope. */
typedef struct StateFacts
{
	const char *location;
	bool ends_scope; /* End, Succeed, Fail */
	bool has_errors; /* of its own, so that where it leads is not certain */
} StateFacts;

typedef struct ScopeFacts
{
	AslScope *scope;
	bool has_start; /* names the state that it begins with, whether there is one or not */
	const char *location;
	const char *pointer;
} ScopeFacts;

/* Transitions by the number of the state they leave: those of state n are edges[first[n]] to edges[first[n + 1] - 1]. */
typedef struct FlowGraph
{
	int *first;
	AslState **edges;
	AslState **stack; /* room for a walk */
} FlowGraph;

struct CompileContext
{
	DiagnosticList *diagnostics;
	AslMachine *machine;
	const StateType *const *types;
	int type_count;

	const Place *place;       /* where we are */
	const Place *state_place; /* of the state being compiled, or NULL */
	StringInfo scratch;       /* to print places into */
	AslScope *scope;          /* being compiled */
	const AslState *state;    /* being compiled, or NULL */
	QueryLanguage language;   /* of the state being compiled */
	bool language_is_refused; /* the state must not have it: which fields it allows is not reported, too */
	int scope_depth;
	bool is_in_express_children; /* of a Distributed Map */
	int errors_inside;           /* errors found inside of scopes that have been left */

	AslState **states; /* all so far, by number */
	int state_count;
	int state_capacity;
	StateFacts *facts; /* by number */
	int facts_capacity;
	AslState **by_name; /* once all are known: ordered by name, then scope */
	ScopeFacts *scopes; /* all so far, outer ones first */
	int scope_count;
	int scope_capacity;
	PendingTarget *targets;
	int target_count;
	int target_capacity;
	VariableUses assigned;
	VariableUses read;
	VariableUses labels;
	FlowGraph graph; /* from check_flow() on */
};

/* Room for one more element of a growing array. */
#define GROW(array, count, capacity) \
	do \
	{ \
		if ((count) == (capacity)) \
		{ \
			(capacity) = (capacity) == 0 ? 16 : (capacity) *2; \
			(array) = (array) == NULL ? palloc((capacity) * sizeof(*(array))) \
									  : repalloc((array), (capacity) * sizeof(*(array))); \
		} \
	} while (0)

/* The current place, or one of its members: as AWS prints it, and as a JSON pointer. */
extern char *place_location(const CompileContext *compile, const char *field);
extern char *place_pointer(const CompileContext *compile, const char *field);
/* The current place below its state, "Output/x[0]". */
extern char *place_in_state(const CompileContext *compile);

/* expression.c, template.c: NULL after reporting what is wrong. */
extern Expression *expression_compile(CompileContext *compile, const char *text, int length, const char *field);
extern Expression *expression_compile_jsonata(CompileContext *compile, const JsonVal *text);
extern Template *template_compile(CompileContext *compile, const JsonVal *value, const char *field);
extern Template *template_compile_computed(CompileContext *compile, const JsonVal *value, const char *key);
extern bool looks_like_jsonata(const char *text, int length);

/* A field of the other query language stands at the current place. */
extern void report_language(CompileContext *compile, const char *field);

/* Notes the variables that a path or intrinsic reads. */
extern void note_path(CompileContext *compile, const JPath *path, const char *field);
extern void note_intrinsic(CompileContext *compile, const Intrinsic *call, const char *field);

/* Checks over the whole machine, when all states are known. */
extern void resolve_targets(CompileContext *compile);
extern void check_flow(CompileContext *compile);
/* Marks, by number, every state that can come after this one; what is marked already is not walked again. */
extern void flow_mark_after(const CompileContext *compile, const AslState *state, bool *marks);
extern void check_variables(CompileContext *compile);
extern void check_labels(CompileContext *compile);
/* Notes a name used at a field of the current place. */
extern void note_use(CompileContext *compile, VariableUses *uses, const char *name, const char *field);
/* Orders compile->by_name. */
extern void order_states(CompileContext *compile);
/* In an ordered array: the first of the states with this name, or -1; the one of a scope, or NULL. */
extern int find_state_name(AslState *const *by_name, int count, const char *name);
extern AslState *find_in_scope(AslState *const *by_name, int count, const AslScope *scope, const char *name);
extern bool variable_name_is_valid(const char *name, int length);

/* True when the text is a timestamp as RFC 3339 has it. */
extern bool timestamp_is_valid(const char *text, int length);

#endif /* SFN_ASL_COMPILE_PRIVATE_H */
