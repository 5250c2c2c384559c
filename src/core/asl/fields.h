/*
 * fields.h
 *	  The fields of states and of the objects inside them: what is allowed, and
 *	  how a compile function reads them.
 *
 * A table of FieldRule rows says everything that can be checked without knowing
 * the state: names, query languages, types, ranges, required and exclusive
 * fields.  fields_check() reports all offences of one object.  The getters below
 * then read single fields; a field that was already reported reads as absent, so
 * compile functions need no error handling of their own.
 */
#ifndef SFN_ASL_FIELDS_H
#define SFN_ASL_FIELDS_H

#include "asl/compile.h"

typedef enum FieldKind
{
	FIELD_ANY,
	FIELD_STRING,
	FIELD_BOOLEAN,
	FIELD_INTEGER,
	FIELD_NUMBER,
	FIELD_ARRAY, /* not empty */
	FIELD_OBJECT,
	FIELD_PATH, /* a string; the getter parses it */
	FIELD_PATH_OR_NULL,
	FIELD_TIMESTAMP
} FieldKind;

/* Query languages a field belongs to. */
#define IN_JSONPATH 1
#define IN_JSONATA 2
#define IN_BOTH (IN_JSONPATH | IN_JSONATA)

/* Flags. */
#define FIELD_REQUIRED 1
#define FIELD_COMPUTED 2     /* JSONata: a "{% %}" string may stand instead */
#define FIELD_MAY_BE_EMPTY 4 /* an array without elements is allowed */
#define FIELD_OF_TYPE 8      /* a shared name that this type reads by itself */
#define FIELD_NO_CONTEXT 16  /* a path that must not begin at the context object */

#define FIELD_MAX_SECONDS 99999999

/* Rows name only what they need; the rest is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct FieldRule
{
	const char *name;
	FieldKind kind;
	int languages;
	int flags;
	double minimum; /* checked when minimum < maximum */
	double maximum;
	const char *values;  /* the only strings allowed: "NONE, FULL", or NULL */
	char group;          /* fields of one letter exclude each other; 0: none */
	bool group_required; /* one of the group must be there */
};

/* Rows that many state types share. */
/* clang-format off */
#define FIELDS_OF_EVERY_STATE \
	{"Type", FIELD_STRING, IN_BOTH}, \
	{"Comment", FIELD_STRING, IN_BOTH}, \
	{"QueryLanguage", FIELD_STRING, IN_BOTH, .values = "JSONPath, JSONata"}
#define FIELDS_OF_TRANSITION \
	{"Next", FIELD_STRING, IN_BOTH}, \
	{"End", FIELD_BOOLEAN, IN_BOTH}
#define FIELDS_OF_INPUT_AND_OUTPUT \
	{"InputPath", FIELD_PATH_OR_NULL, IN_JSONPATH}, \
	{"OutputPath", FIELD_PATH_OR_NULL, IN_JSONPATH}, \
	{"Output", FIELD_ANY, IN_JSONATA}
#define FIELD_OF_ASSIGN \
	{"Assign", FIELD_OBJECT, IN_BOTH}
#define FIELD_OF_PARAMETERS \
	{"Parameters", FIELD_ANY, IN_JSONPATH}
#define FIELD_OF_ARGUMENTS \
	{"Arguments", FIELD_ANY, IN_JSONATA}
#define FIELD_OF_RESULT_PATH \
	{"ResultPath", FIELD_PATH_OR_NULL, IN_JSONPATH}
#define FIELD_OF_RESULT_SELECTOR \
	{"ResultSelector", FIELD_ANY, IN_JSONPATH}
#define FIELDS_OF_RETRY_AND_CATCH \
	{"Retry", FIELD_ARRAY, IN_BOTH, FIELD_MAY_BE_EMPTY}, \
	{"Catch", FIELD_ARRAY, IN_BOTH, FIELD_MAY_BE_EMPTY}
/* clang-format on */

/* Checks the object at the current place against a table; reports every offence. */
extern void fields_check(CompileContext *compile, const JsonVal *object, const FieldRule *rules, int count);

/* ---- where we are: places are pushed and popped while walking into the definition ---- */
typedef struct Place
{
	const struct Place *up;
	const char *key; /* member name, or NULL for an element */
	int index;
} Place;

extern void place_enter(CompileContext *compile, Place *place, const char *key);
extern void place_enter_element(CompileContext *compile, Place *place, int index);
extern void place_leave(CompileContext *compile);

/* ---- problems ---- */
/* A problem at the current place, or at one of its members (field not NULL). */
extern void compile_problem(CompileContext *compile, DiagnosticSeverity severity, const char *code, const char *field,
							const char *hint, const char *message_format, ...) pg_attribute_printf(6, 7);
#define compile_error(compile, field, ...) \
	compile_problem(compile, DIAGNOSTIC_ERROR, SCHEMA_VALIDATION_FAILED, field, NULL, __VA_ARGS__)
#define compile_error_code(compile, code, field, hint, ...) \
	compile_problem(compile, DIAGNOSTIC_ERROR, code, field, hint, __VA_ARGS__)
#define compile_warning(compile, code, field, hint, ...) \
	compile_problem(compile, DIAGNOSTIC_WARNING, code, field, hint, __VA_ARGS__)
extern bool compile_is_express(const CompileContext *compile);

/* What is compiled between the two is for EXPRESS executions, the children of a Distributed Map. */
extern bool compile_enter_express_children(CompileContext *compile);
extern void compile_leave_express_children(CompileContext *compile, bool was_inside);
extern QueryLanguage compile_language(const CompileContext *compile); /* of the state being compiled */

/* ---- getters: fields of the object at the current place ---- */
extern const char *field_string(CompileContext *compile, const JsonVal *object, const char *name); /* NULL: absent */
extern bool field_boolean(CompileContext *compile, const JsonVal *object, const char *name);       /* false: absent */
extern int64 field_integer(CompileContext *compile, const JsonVal *object, const char *name, int64 absent);
extern double field_number(CompileContext *compile, const JsonVal *object, const char *name, double absent);
/* The member if it is of this type, else NULL. */
extern const JsonVal *field_typed(const JsonVal *object, const char *name, JvType type);

/* InputPath, OutputPath: full paths. */
extern void field_path(CompileContext *compile, const JsonVal *object, const char *name, PathField *field);
/* ResultPath: a reference path from "$". */
extern void field_result_path(CompileContext *compile, const JsonVal *object, const char *name, PathField *field);
/*
 * The plain form (name), or the path form (path_name, may be NULL), or "{% %}".  A path form is a reference path, or an
 * intrinsic function of the comma-separated list when intrinsics is not NULL.
 */
extern void field_value(CompileContext *compile, const JsonVal *object, const char *name, const char *path_name,
						const char *intrinsics, ValueField *field);
/* A payload template, or NULL when absent. */
extern Template *field_template(CompileContext *compile, const JsonVal *object, const char *name);
/* Assign, or NULL. */
extern AssignField *field_assign(CompileContext *compile, const JsonVal *object);
/* The name of a state of the same scope; *target is filled when all states are known. */
extern void field_target(CompileContext *compile, const JsonVal *object, const char *name, AslState **target);

/* ---- parts of states ---- */
/* The object at the current place as a scope: StartAt and States.  owner is the Parallel or Map around it. */
extern AslScope *compile_scope(CompileContext *compile, const JsonVal *object, AslState *owner, int index);
/* ChoiceRule of the object at the current place (a top-level rule may have a Next); NULL when there is a problem. */
extern ChoiceRule *choice_rule_compile(CompileContext *compile, const JsonVal *object, bool is_nested);
/* Resource of a Task; reports resources that do not exist or are not allowed here. */
extern bool resource_compile(CompileContext *compile, const char *text, AslResource *resource);
/* Resource of an ItemReader (use: READ_BY_MAP) or ResultWriter (WRITTEN_BY_MAP); reports one that a Map cannot use so. */
extern void resource_check_for_map(CompileContext *compile, const JsonVal *object, int use);
/* Warns of arguments that the resource's service cannot do without. */
extern void resource_check_arguments(CompileContext *compile, const AslResource *resource, const JsonVal *definition);
extern void retriers_compile(CompileContext *compile, const JsonVal *definition, AslState *state);
extern void catchers_compile(CompileContext *compile, const JsonVal *definition, AslState *state);
/* Notes that a Label is used; reports a second use. */
extern void compile_note_label(CompileContext *compile, const char *label);

#endif /* SFN_ASL_FIELDS_H */
