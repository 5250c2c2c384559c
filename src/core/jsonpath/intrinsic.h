/*
 * intrinsic.h
 *	  What the files of the intrinsic functions share.
 *
 * A function is a C function in intrinsic_<group>.c and a row in the table of
 * intrinsics.c.  It is called with as many arguments as its row allows.
 */
#ifndef SFN_JSONPATH_INTRINSIC_H
#define SFN_JSONPATH_INTRINSIC_H

#include "jsonpath/jsonpath.h"

typedef struct IntrinsicArgument
{
	const JsonVal *constant; /* exactly one of these three is set */
	const JPath *path;
	const Intrinsic *call;
	const char *raw; /* of a string constant: the text between its quotes, escapes not undone */
	int raw_length;
} IntrinsicArgument;

/* One call that is being evaluated. */
typedef struct IntrinsicCall
{
	const IntrinsicArgument *arguments;
	const JsonVal *const *values;
	int count;
	const EvalScope *scope;
	SfnError *error;
} IntrinsicCall;

typedef bool (*IntrinsicFunction)(IntrinsicCall *call, const JsonVal **result);

/* Reports States.Runtime; always returns false. */
#define intrinsic_fail(call, ...) sfn_error((call)->error, ERROR_RUNTIME, __VA_ARGS__)

/* The argument of that number (from 0) if it has the type wanted, else NULL and an error. */
extern const JsonVal *intrinsic_argument(IntrinsicCall *call, int number, JvType type);

/* The same for a number that is rounded to an integer, halves upwards, and must fit into 32 bits. */
extern bool intrinsic_integer(IntrinsicCall *call, int number, int64 *n);

/* So much has been done, as nodes gone through; and before memory is taken: false when the budget is spent. */
extern bool intrinsic_spend(IntrinsicCall *call, uint32 work);
extern bool intrinsic_allows(IntrinsicCall *call, Size size);

/* Whether the text of the value, behind what is there, can be made: false and an error when it is too long. */
extern bool intrinsic_text_fits(IntrinsicCall *call, const JsonVal *value, int length);

/* Results and inputs of the string functions: AWS's limit on characters. */
#define INTRINSIC_MAX_CHARACTERS 10000

/* The largest text a function makes. */
#define INTRINSIC_MAX_TEXT (16 * 1024 * 1024)

extern bool intrinsic_format(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_string_split(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_uuid(IntrinsicCall *call, const JsonVal **result);

extern bool intrinsic_array(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_array_contains(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_array_get_item(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_array_length(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_array_partition(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_array_range(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_array_unique(IntrinsicCall *call, const JsonVal **result);

extern bool intrinsic_math_add(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_math_random(IntrinsicCall *call, const JsonVal **result);

extern bool intrinsic_json_merge(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_json_to_string(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_string_to_json(IntrinsicCall *call, const JsonVal **result);

extern bool intrinsic_base64_decode(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_base64_encode(IntrinsicCall *call, const JsonVal **result);
extern bool intrinsic_hash(IntrinsicCall *call, const JsonVal **result);

#endif /* SFN_JSONPATH_INTRINSIC_H */
