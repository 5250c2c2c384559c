/*
 * runtime.h
 *	  What an evaluation is made of: values, frames, failures.
 *
 * A value is a JsonVal, NULL for undefined.  Beyond JSON there are functions
 * and tuples, types that only the evaluator knows.  Everything the evaluator
 * makes lives in its arena and carries JN_MADE; export.c copies such parts out
 * when the evaluation ends, and the arena is given back.  A made number has no
 * spelling (text NULL) until then.
 *
 * Arrays carry the language's marks in their flags.  A sequence is what a path
 * or a predicate yields: one element stands for itself, none is undefined.  The
 * items of a made array may be undefined, the members of an object may not.
 *
 * A function that can fail returns JN_FAIL (a pointer that is no value) and has
 * filled ev->failure; callers pass it on.
 */
#ifndef SFN_JSONATA_RUNTIME_H
#define SFN_JSONATA_RUNTIME_H

#include <math.h>

#include "jsonata/node.h"

/* ---- values ---- */

#define JN_FUNCTION ((JvType) 16)
#define JN_TUPLE ((JvType) 17)

/* JsonVal.flags */
#define JN_SEQUENCE 0x01    /* one element stands for itself */
#define JN_KEEP 0x02        /* ... but not this time ("[]") */
#define JN_CONSTRUCTED 0x04 /* "[...]" in a path: not spliced */
#define JN_TUPLES 0x08      /* the items are tuples */
#define JN_OUTER 0x10       /* holds the input, which is an array */
#define JN_BUSY 0x20        /* export.c is inside */
#define JN_HASHED 0x40      /* an object with an index of ours */
#define JN_MADE 0x80        /* lives in the arena */

extern const JsonVal jn_failed;
#define JN_FAIL (&jn_failed)

/* Leaves the calling function with the failure. */
#define JN_CHECK(v) \
	do \
	{ \
		if (unlikely((v) == JN_FAIL)) \
			return JN_FAIL; \
	} while (0)

/* A growing array.  Begins with its JsonVal; u.items is ours to change. */
typedef struct JnArray
{
	JsonVal v;
	int32 capacity;
} JnArray;

/* A growing object: members in order, an index when there are many. */
typedef struct JnObject
{
	JsonVal v;
	int32 capacity;
	int32 mask; /* slots - 1 */
	int32 *slots;
} JnObject;

/* ---- frames ---- */

typedef struct Binding
{
	int name;
	const JsonVal *value;
	struct Binding *next;
} Binding;

typedef struct Frame
{
	struct Frame *parent;
	Binding *bindings;
	bool is_shared; /* the list belongs to a tuple: only put in front */
} Frame;

/* One row of a path that binds names: the context value and the names. */
typedef struct Tuple
{
	JsonVal v; /* type JN_TUPLE */
	const JsonVal *at;
	Binding *bindings;
} Tuple;

#define tuple_of(item) ((const Tuple *) (item))

/* ---- functions ---- */

typedef struct Evaluation Evaluation;
typedef struct Function Function;

typedef struct Call
{
	Evaluation *ev;
	const JsonVal **args; /* after the signature's checks */
	int count;            /* as given; behind them NULLs follow, so that any parameter can be read */
	const JsonVal *input;
	Frame *frame;
	const Function *function;
} Call;

typedef const JsonVal *(*Implementation)(Call *call);

typedef struct Builtin
{
	const char *name;
	const char *signature;
	int arity; /* how many arguments map and the like hand over */
	Implementation run;
} Builtin;

typedef enum FunctionKind
{
	FUNCTION_BUILTIN,
	FUNCTION_LAMBDA,
	FUNCTION_PARTIAL,
	FUNCTION_REGEX,
	FUNCTION_NEXT_MATCH,
	FUNCTION_TRANSFORM,
	FUNCTION_CHAIN
} FunctionKind;

struct Function
{
	JsonVal v; /* type JN_FUNCTION */
	FunctionKind kind;
	int arity;
	const Signature *signature; /* NULL: none */
	const Builtin *builtin;
	const Node *node;     /* lambda, transform */
	const JsonVal *input; /* the context it was made in */
	Frame *frame;
	const Function *target; /* partial, chain: the first */
	const Function *second; /* chain */
	const JsonVal **args;   /* partial: given ones */
	const bool *open;       /* partial: which are not given */
	int arg_count;
	const struct RegexProgram *regex;
	const JsonVal *subject; /* the next match: where it goes on */
	int offset;
};

#define function_of(v) ((const Function *) (v))

/* ---- the evaluation ---- */

typedef struct ArenaChunk
{
	struct ArenaChunk *next;
	Size size;
} ArenaChunk;

struct Evaluation
{
	const JsonataExpression *expression;
	const NameTable *names; /* the expression's, or a copy when $eval adds to it */
	const JsonVal *root_input;
	const JsonataBindings *bindings;
	TimestampTz now;
	const JsonVal **globals; /* by name, looked up once; &jn_failed: not yet */
	int global_count;

	/* bounds */
	int depth;
	int max_depth;
	char *stack_limit;
	uint32 ticks;
	bool has_deadline;
	int64 deadline; /* microseconds */
	int max_sequence;
	int max_held; /* bytes that a value may hold; 0: no such bound */
	Size memory_left;
	Budget *budget;  /* or NULL */
	bool has_shared; /* memory_left is what the budget has left */

	/* the arena */
	char *arena_next;
	char *arena_end;
	ArenaChunk *chunks;
	Size chunk_size;

	/* the last picture of a date, since it is often used for many; the expression that reads by it, or NULL */
	const JsonVal *date_picture;
	const struct DatePicture *date_parts;
	const struct RegexProgram *date_regex;

	Failure failure;
	bool has_surrogates;
	uint64 random_state[2];
	bool random_ready;
};

/* ---- memory (value.c) ---- */

/* No text may be longer: six times that, as its JSON text may need, can still be allocated.  Nor an array larger. */
#define JN_LONGEST_TEXT (64 * 1024 * 1024)
#define JN_LARGEST_ARRAY (256 * 1024 * 1024)

extern void *jn_arena_more(Evaluation *ev, Size size);

/* Under a sanitizer every part is an allocation of its own, so that overruns are seen. */
#if defined(__SANITIZE_ADDRESS__)
#define JN_SEPARATE_PARTS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JN_SEPARATE_PARTS 1
#endif
#endif

/* Room in the arena.  Never fails: that the budget is spent is noticed by jn_check(). */
static inline void *
jn_alloc(Evaluation *ev, Size size)
{
#ifdef JN_SEPARATE_PARTS
	return jn_arena_more(ev, size);
#else
	char *room = ev->arena_next;

	size = (size + 7) & ~(Size) 7;
	if (unlikely(size > (Size) (ev->arena_end - room)))
		return jn_arena_more(ev, size);
	ev->arena_next = room + size;
	return room;
#endif
}

/* ---- failures (errors.c) ---- */

/* All return JN_FAIL. */
extern const JsonVal *jn_fail_memory(Evaluation *ev);
extern const JsonVal *jn_fail_long(Evaluation *ev, double length); /* a text for which there is no room */
extern const JsonVal *jn_fail(Evaluation *ev, const char *code);
extern const JsonVal *jn_fail_value(Evaluation *ev, const char *code, const JsonVal *value);
extern const JsonVal *jn_fail_at(Evaluation *ev, const char *code, const Node *node, const JsonVal *value,
								 const JsonVal *value2);
extern const JsonVal *jn_fail_message(Evaluation *ev, const char *code, const char *message);
extern const JsonVal *jn_fail_deep(Evaluation *ev);

/* ---- what values hold (held.c) ---- */

extern const JsonVal *jn_fail_held(Evaluation *ev); /* the same text, but the real memory is not used up */
extern const JsonVal *jn_check_held(Evaluation *ev, const JsonVal *value);
extern const JsonVal *jn_check_held_items(Evaluation *ev, double count);
extern const JsonVal *jn_check_held_list(Evaluation *ev, double count);

/* ---- making values (value.c) ---- */

extern const JsonVal *jn_text(Evaluation *ev, const char *text, Size length);
extern const JsonVal *jn_charge(Evaluation *ev, Size size);
extern JsonVal *jn_text_room(Evaluation *ev, Size length, char **text);
extern JnArray *jn_array(Evaluation *ev, int capacity, uint8 flags);
extern const JsonVal *jn_array_grow(Evaluation *ev, JnArray *array, int capacity);
extern const JsonVal *jn_append(Evaluation *ev, const JsonVal *a, const JsonVal *b);
extern JnObject *jn_object(Evaluation *ev, int capacity);
extern void jn_object_put(Evaluation *ev, JnObject *object, const char *key, int key_length, const JsonVal *value);
extern void jn_object_remove(Evaluation *ev, JnObject *object, const char *key, int key_length);
extern const JsonVal *jn_get_hashed(const JsonVal *object, const char *key, int key_length);
extern int jn_object_find(const JnObject *object, const char *key, int key_length);

/* A number needs no index, so that last member is not even there. */
static inline const JsonVal *
jn_number(Evaluation *ev, double d)
{
	JsonVal *value = jn_alloc(ev, offsetof(JsonVal, index));

	value->type = JV_NUMBER;
	value->boolean = false;
	value->flags = JN_MADE;
	value->count = 0;
	value->depth = 0;
	value->number = d;
	value->u.text = NULL;
	return value;
}

/* Appends; JN_FAIL when the array has become too long, else NULL. */
static inline const JsonVal *
jn_push(Evaluation *ev, JnArray *array, const JsonVal *item)
{
	if (unlikely(array->v.count >= array->capacity))
	{
		if (jn_array_grow(ev, array, array->v.count + 1) == JN_FAIL)
			return JN_FAIL;
	}
	((const JsonVal **) array->v.u.items)[array->v.count++] = item;
	return NULL;
}

extern const JsonVal *jn_push_all(Evaluation *ev, JnArray *array, const JsonVal *items);

#define jn_sequence(ev, capacity) jn_array(ev, capacity, JN_SEQUENCE)
#define jn_is(value, t) ((value) != NULL && (value)->type == (t))
#define jn_is_sequence(value) (jn_is(value, JV_ARRAY) && ((value)->flags & JN_SEQUENCE) != 0)
#define jn_is_tuples(value) (jn_is(value, JV_ARRAY) && ((value)->flags & JN_TUPLES) != 0)

/* The member of an object that may be ours; NULL: none. */
static inline const JsonVal *
jn_get(const JsonVal *object, const char *key, int key_length)
{
	if (object->flags & JN_HASHED)
		return jn_get_hashed(object, key, key_length);
	return jv_get_n(object, key, key_length);
}

/* ---- reading values (value.c) ---- */

extern const JsonVal *jn_equal(Evaluation *ev, const JsonVal *a, const JsonVal *b, bool *equal);
extern int jn_compare_text(const JsonVal *a, const JsonVal *b);
extern bool jn_truth(const JsonVal *value);
extern bool jn_is_number(const JsonVal *value, bool *out_of_range);
extern bool jn_is_number_array(const JsonVal *value);
extern bool jn_is_string_array(const JsonVal *value);

/* ---- text of values (stringify.c) ---- */

extern const JsonVal *jn_string(Evaluation *ev, const JsonVal *value, bool pretty);
extern int jn_print_number(char *out, double d); /* as JavaScript; room for 32 bytes */
extern const char *jn_not_finite(double d);      /* "Infinity", "-Infinity", "NaN"; NULL for all other numbers */
extern void jn_print_loosely(StringInfo out, const JsonVal *value, int depth); /* for messages */

/* ---- evaluating (eval.c, path.c, group.c, call.c) ---- */

extern const JsonVal *jn_eval(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame);
extern const JsonVal *eval_path(Evaluation *ev, const Node *path, const JsonVal *input, Frame *frame);
extern const JsonVal *eval_filter(Evaluation *ev, const Node *filter, const JsonVal *input, Frame *frame);
extern const JsonVal *eval_group(Evaluation *ev, const Group *group, const JsonVal *input, Frame *frame);
extern const JsonVal *eval_transform(Evaluation *ev, const Node *node, Frame *frame, const JsonVal *target);
extern const JsonVal *eval_call(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame,
								const JsonVal *first, bool has_first);
extern const JsonVal *eval_partial(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame);
extern const JsonVal *eval_apply(Evaluation *ev, const Node *node, const JsonVal *input, Frame *frame);
extern const JsonVal *eval_sort_values(Evaluation *ev, const Node *sort, const JsonVal *input, Frame *frame);
extern const JsonVal *eval_name(Evaluation *ev, const JsonVal *input, const char *key, int key_length);
extern const JsonVal *eval_wildcard(Evaluation *ev, const JsonVal *input);
extern const JsonVal *eval_descendants(Evaluation *ev, const JsonVal *input);

/* Calls a function value; failures of the library's functions get their name. */
extern const JsonVal *jn_call(Evaluation *ev, const JsonVal *function, const JsonVal **args, int count,
							  const JsonVal *input, Frame *frame);

/* As map and the like do: hands over as many of the three as the function takes. */
extern const JsonVal *jn_call_with(Call *call, const JsonVal *function, const JsonVal *value, const JsonVal *key,
								   const JsonVal *whole);

extern Frame *jn_frame(Evaluation *ev, Frame *parent);
extern Frame *jn_frame_of_tuple(Evaluation *ev, Frame *parent, const Tuple *tuple);
extern void jn_bind(Evaluation *ev, Frame *frame, int name, const JsonVal *value);
extern const JsonVal *jn_lookup(Evaluation *ev, const Frame *frame, int name);
extern const JsonVal *jn_lookup_global(Evaluation *ev, int name);

extern const Signature signature_of_transform;

/* Checks arguments; those the function gets are in *out.  JN_FAIL or NULL. */
extern const JsonVal *jn_signature_check(Evaluation *ev, const Signature *signature, const JsonVal **args, int count,
										 const JsonVal *input, const JsonVal ***out, int *out_count);

/* Interrupts, time and memory; JN_FAIL or NULL.  Every loop over data calls it. */
extern const JsonVal *jn_check(Evaluation *ev);

static inline const JsonVal *
jn_tick(Evaluation *ev)
{
	if (unlikely((++ev->ticks & 0xFF) == 0))
		return jn_check(ev);
	return NULL;
}

#define JN_TICK(ev) JN_CHECK(jn_tick(ev))

extern const JsonVal *jn_export(Evaluation *ev, const JsonVal *value);
extern const JsonVal *jn_clone(Evaluation *ev, const JsonVal *value);

/* ---- the library (functions.c) ---- */

extern const JsonVal *jn_builtin(const char *name, int length, const JsonataOptions *options);
extern double jn_random(Evaluation *ev);

extern bool jn_match_once(Evaluation *ev, const struct RegexProgram *regex, const JsonVal *subject, int offset,
						  bool follows, const JsonVal **result);

#endif /* SFN_JSONATA_RUNTIME_H */
