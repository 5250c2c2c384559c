/*
 * json_value.h
 *	  JSON values as the engine holds them: ordered, immutable, numbers as spelled.
 *
 * A value is allocated in the current memory context and never freed by itself;
 * updates return a new value that shares the parts that did not change.  Object
 * members keep the order of the text; of two members with one name the last
 * value stays, at the place of the first.  Strings are UTF-8 without NUL bytes.
 */
#ifndef SFN_JSON_JSON_VALUE_H
#define SFN_JSON_JSON_VALUE_H

#include "base/error.h"

typedef enum JvType
{
	JV_NULL,
	JV_BOOL,
	JV_NUMBER,
	JV_STRING,
	JV_ARRAY,
	JV_OBJECT
} JvType;

typedef struct JsonVal JsonVal;
typedef struct JvMember JvMember;
typedef struct JvIndex JvIndex; /* hash of member names, only on large objects */

struct JsonVal
{
	JvType type;
	bool boolean;  /* JV_BOOL */
	uint8 flags;   /* marks of the JSONata evaluator on its own values; 0 on all others */
	int32 count;   /* bytes of a string or of a number's spelling, elements, members */
	int32 depth;   /* nesting below this value; 0 for scalars and empty containers */
	double number; /* JV_NUMBER: its value (may be +-infinity for 1e400) */
	union
	{
		const char *text;            /* JV_STRING, JV_NUMBER (the spelling): NUL-terminated */
		const JsonVal *const *items; /* JV_ARRAY */
		const JvMember *members;     /* JV_OBJECT */
	} u;
	const JvIndex *index; /* JV_OBJECT with many members, else NULL */
};

struct JvMember
{
	const char *key; /* NUL-terminated */
	int32 key_length;
	const JsonVal *value;
};

/* ---- making values (value.c) ---- */
extern const JsonVal jv_null_value, jv_true_value, jv_false_value, jv_empty_object_value, jv_empty_array_value;
#define jv_null() (&jv_null_value)
#define jv_bool(b) ((b) ? &jv_true_value : &jv_false_value)
#define jv_empty_object() (&jv_empty_object_value)
#define jv_empty_array() (&jv_empty_array_value)
extern const JsonVal *jv_int(int64 n);
extern const JsonVal *jv_double(double d); /* shortest spelling that reads back; integers without fraction */
extern const JsonVal *jv_number_text(const char *spelling, int length); /* spelling is valid JSON */
extern const JsonVal *jv_string(const char *text);                      /* copies */
extern const JsonVal *jv_string_n(const char *text, int length);        /* copies */
extern const JsonVal *jv_array(const JsonVal *const *items, int count); /* copies the pointers */

typedef struct JvArrayBuilder
{
	const JsonVal **items;
	int count;
	int capacity;
} JvArrayBuilder;

extern void jv_array_begin(JvArrayBuilder *builder);
extern void jv_array_add(JvArrayBuilder *builder, const JsonVal *item);
extern const JsonVal *jv_array_end(JvArrayBuilder *builder);

typedef struct JvObjectBuilder
{
	JvMember *members;
	int count;
	int capacity;
} JvObjectBuilder;

extern void jv_object_begin(JvObjectBuilder *builder);
extern void jv_object_add(JvObjectBuilder *builder, const char *key, const JsonVal *value);
extern void jv_object_add_n(JvObjectBuilder *builder, const char *key, int key_length, const JsonVal *value);
extern const JsonVal *jv_object_end(JvObjectBuilder *builder); /* resolves names given twice */

/* A deep copy in the current context, for a value that must outlive its own. */
extern const JsonVal *jv_clone(const JsonVal *value);

/* ---- reading values (value.c) ---- */
extern const JsonVal *jv_get(const JsonVal *object, const char *key); /* NULL: no such member, or no object */
extern const JsonVal *jv_get_n(const JsonVal *object, const char *key, int key_length);
extern const char *jv_get_string(const JsonVal *object, const char *key); /* NULL unless a string */
#define jv_is(v, t) ((v) != NULL && (v)->type == (t))
/* True when the number has no fraction and fits; *n is then set. "1.0" and "1e2" count as integers. */
extern bool jv_to_int64(const JsonVal *value, int64 *n);
/* True when the number is spelled without fraction and exponent and fits. */
extern bool jv_to_plain_int64(const JsonVal *value, int64 *n);
extern const char *jv_type_name(const JsonVal *value); /* "object", "array", "string", "number", "boolean", "null" */

/* ---- text (parse.c, print.c) ---- */
typedef struct JvParseError
{
	const char *message; /* a sentence without its full stop */
	int offset;          /* byte offset in the text */
	int line;            /* from 1 */
	int column;          /* from 1, in characters */
	const char *token;   /* the offending token's text, "" at the end of input */
	bool is_too_deep;    /* the text may be JSON: it is nested deeper than we go */
} JvParseError;

/* Parses one JSON text (surrounding blanks allowed); NULL and *error filled when it is none. */
extern const JsonVal *jv_parse(const char *text, int length, JvParseError *error);
extern const JsonVal *jv_parse_stored(const char *text, int length, JvParseError *error);

/*
 * The same, and remembers where values stand: positions[i] is filled for every
 * value in the order of their beginnings (the order of a walk in text order).
 */
typedef struct JvPositions JvPositions;
extern const JsonVal *jv_parse_positions(const char *text, int length, JvParseError *error, JvPositions **positions);
/* Line and column of a value or of a member's key, found by JSON pointer; false when there is none. */
extern bool jv_position_of(const JvPositions *positions, const char *json_pointer, int *line, int *column);

/* Where a value that was parsed with its position begins, in bytes from 0; -1: it is none of them. */
extern int jv_offset_of(const JvPositions *positions, const JsonVal *value);

extern void jv_print(StringInfo out, const JsonVal *value); /* compact, UTF-8 kept, numbers as spelled */
extern char *jv_to_text(const JsonVal *value);

/* Bytes of the value's compact text; counting ends beyond the limit, as parts may be shared a thousand times. */
extern int64 jv_text_size(const JsonVal *value, int64 limit);
extern void jv_print_string(StringInfo out, const char *text, int length); /* quoted and escaped */
extern void jv_print_in_string(StringInfo out, const JsonVal *value);      /* the compact text as a JSON string */
extern void jv_print_pretty(StringInfo out, const JsonVal *value);         /* two blanks an indent */

/* ---- comparing (compare.c) ---- */
/* Equality as JSON values: numbers by value (1 = 1.0), objects without regard to order. */
extern bool jv_equal(const JsonVal *a, const JsonVal *b);
/* Two numbers by value, exactly: <0, 0, >0. */
extern int jv_compare_numbers(const JsonVal *a, const JsonVal *b);

/* ---- updating (update.c) ---- */
/* The object with one member set (replaced in place, or added at the end). */
extern const JsonVal *jv_object_set(const JsonVal *object, const char *key, int key_length, const JsonVal *value);
/* The array with one element replaced. */
extern const JsonVal *jv_array_set(const JsonVal *array, int position, const JsonVal *value);

#endif /* SFN_JSON_JSON_VALUE_H */
