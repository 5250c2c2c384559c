/*
 * signature.c
 *	  Signatures of functions: "<s-n?:s>" read, and arguments checked against them.
 *
 * Each argument has a letter: s n b l(null) a o f, and m for undefined.  A
 * parameter accepts a set of letters, once, at most once ("?"), or at least once
 * ("+"); "-" is "?" with the context as the value of an argument not given.  The
 * arguments have to fit as a whole, each parameter taking as many as it can.
 */
#include "base/port.h"

#include "jsonata/runtime.h"

/* Letters as bits; functions have the one that is left over. */
#define LETTER_BIT(c) ((uint16) (1 << letter_index(c)))

/* "<(oa):o>": an object or an array; bits as letter_index() has them. */
const Signature signature_of_transform = {
	.count = 1,
	.parameters = {{.accepts = (1 << 0) | (1 << 5) | (1 << 7), .type = '('}},
};

#define FITS(parameter, c) (((parameter)->accepts & LETTER_BIT(c)) != 0)

/* The letters' order in the bits. */
static inline int
letter_index(char c)
{
	static const char letters[] = "asnblofm";
	const char *found = c != '\0' ? strchr(letters, c) : NULL;

	return found != NULL ? (int) (found - letters) : 15;
}

static uint16
letters_bits(const char *letters)
{
	uint16 bits = 0;

	for (; *letters != '\0'; letters++)
		bits |= LETTER_BIT(*letters);
	return bits;
}

/* ---- reading ---- */

/* End of the bracketed part that opens at `at`. */
static int
closing_bracket(const char *text, int length, int at, char open, char close)
{
	int depth = 0;

	for (int i = at; i < length; i++)
	{
		if (text[i] == open)
			depth++;
		else if (text[i] == close && --depth == 0)
			return i;
	}
	return length;
}

static bool
read_choice(const char *text, int length, int *at, Parameter *parameter, const char **code, int *where, char *value)
{
	int end = closing_bracket(text, length, *at, '(', ')');
	int size = end - *at - 1;

	parameter->type = '(';
	parameter->accepts = LETTER_BIT('m');
	for (int i = *at + 1; i < end; i++)
	{
		if (text[i] == '<')
		{
			*code = "S0402";
			*where = *at;
			snprintf(value, 64, "%.*s", Min(size, 60), text + *at + 1);
			return false;
		}
		if (letter_index(text[i]) < 15)
			parameter->accepts |= LETTER_BIT(text[i]);
	}
	*at = end;
	return true;
}

static bool
read_subtype(const char *text, int length, int *at, Parameter *previous, const char **code, int *where, char *value)
{
	int end = closing_bracket(text, length, *at, '<', '>');

	if (previous == NULL || (previous->type != 'a' && previous->type != 'f'))
	{
		*code = "S0401";
		*where = *at;
		snprintf(value, 64, "%c", previous != NULL ? previous->type : ' ');
		return false;
	}
	if (previous->type == 'a' && end > *at + 1)
		previous->subtype = text[*at + 1];
	*at = end;
	return true;
}

static void
begin_parameter(Parameter *parameter, char letter)
{
	memset(parameter, 0, sizeof(Parameter));
	parameter->type = letter;
	switch (letter)
	{
		case 'a':
		case 'x':
			parameter->accepts = letters_bits("asnblfom");
			break;
		case 'f':
			parameter->accepts = LETTER_BIT('f');
			break;
		case 'j':
			parameter->accepts = letters_bits("asnblom");
			break;
		case 's':
		case 'n':
		case 'b':
		case 'l':
		case 'o':
			parameter->accepts = LETTER_BIT(letter) | LETTER_BIT('m');
			break;
		default:
			break; /* an unknown letter accepts nothing */
	}
}

/* Reads "<...>"; on failure the code, the offset and the value of the error. */
bool
jn_signature_read(Signature *signature, const char *text, int length, const char **code, int *where, char *value)
{
	Parameter *previous = NULL;

	signature->count = 0;
	for (int at = 1; at < length && text[at] != ':' && text[at] != '>'; at++)
	{
		switch (text[at])
		{
			case '-':
			case '?':
			case '+':
				if (previous != NULL)
				{
					previous->from_context |= text[at] == '-';
					previous->repeat = text[at] == '+' ? '+' : '?';
				}
				break;
			case '<':
				if (!read_subtype(text, length, &at, previous, code, where, value))
					return false;
				break;
			default:
				if (signature->count == MAX_PARAMETERS)
					return true;
				previous = &signature->parameters[signature->count++];
				begin_parameter(previous, text[at]);
				if (text[at] == '(' && !read_choice(text, length, &at, previous, code, where, value))
					return false;
				break;
		}
	}
	return true;
}

/* A lambda's signature, whose "<" ends at a position; NULL and the compiler's failure when it is none. */
Signature *
jn_signature_parse(Compiler *compiler, const char *text, int length, int position)
{
	Signature *signature = palloc0(sizeof(Signature));
	const char *code = NULL;
	char value[64];
	int where = 0;

	if (jn_signature_read(signature, text, length, &code, &where, value))
		return signature;
	compiler->failure.code = code;
	compiler->failure.position = position + where;
	compiler->failure.offset = -1;
	compiler->failure.value = jv_string(value);
	return NULL;
}

/* ---- checking ---- */

static char
letter_of(const JsonVal *value)
{
	if (value == NULL)
		return 'm';
	switch ((int) value->type)
	{
		case JV_NULL:
			return 'l';
		case JV_BOOL:
			return 'b';
		case JV_NUMBER:
			return 'n';
		case JV_STRING:
			return 's';
		case JV_ARRAY:
			return 'a';
		case JV_OBJECT:
			return 'o';
		case JN_FUNCTION:
			return 'f';
		default:
			return 'm';
	}
}

typedef struct Fit
{
	const Parameter *parameters;
	int count; /* of the parameters that are looked at */
	const JsonVal **args;
	int arg_count;
	bool takes_all; /* no argument may be left over */
	int tries;
	int taken[MAX_PARAMETERS];
} Fit;

/* Lets parameters take arguments from `arg` on, greedily with going back; the number taken, or -1. */
static int
fit_from(Fit *fit, int parameter, int arg)
{
	const Parameter *p = &fit->parameters[parameter];
	int most = 0;
	int limit;
	int least;

	if (parameter == fit->count)
		return !fit->takes_all || arg == fit->arg_count ? arg : -1;
	limit = p->repeat == '+' ? fit->arg_count : 1;
	least = p->repeat == '?' ? 0 : 1;
	while (most < limit && arg + most < fit->arg_count && FITS(p, letter_of(fit->args[arg + most])))
		most++;
	for (int n = most; n >= least; n--)
	{
		int end;

		if (++fit->tries > 10000)
			return -1;
		end = fit_from(fit, parameter + 1, arg + n);
		if (end >= 0)
		{
			fit->taken[parameter] = n;
			return end;
		}
	}
	return -1;
}

/* T0410 at the first argument that cannot be explained. */
static const JsonVal *
fail_misfit(Evaluation *ev, const Signature *signature, const JsonVal **args, int count)
{
	int good = 0;

	for (int i = 1; i <= signature->count; i++)
	{
		Fit fit = {signature->parameters, i, args, count, false, 0, {0}};
		int end = fit_from(&fit, 0, 0);

		if (end < 0)
			break;
		good = end;
	}
	jn_fail_value(ev, "T0410", good < count ? args[good] : NULL);
	ev->failure.index = good + 1;
	return JN_FAIL;
}

static const char *
plural_of(char letter)
{
	switch (letter)
	{
		case 'a':
			return "arrays";
		case 'b':
			return "booleans";
		case 'f':
			return "functions";
		case 'n':
			return "numbers";
		case 'o':
			return "objects";
		case 's':
			return "strings";
		default:
			return "undefined";
	}
}

/* Whether the argument for a<...> holds nothing else; an array's first item decides. */
static bool
has_subtype(const Parameter *parameter, const JsonVal *arg, char letter)
{
	char first;

	if (parameter->subtype == '\0')
		return true;
	if (letter != 'a')
		return letter == parameter->subtype;
	if (arg->count == 0)
		return true;
	first = letter_of(arg->u.items[0]);
	if (first != parameter->subtype)
		return false;
	for (int i = 1; i < arg->count; i++)
	{
		if (letter_of(arg->u.items[i]) != first)
			return false;
	}
	return true;
}

/* The value for a parameter that wants an array: a single value becomes one. */
static const JsonVal *
array_argument(Evaluation *ev, const Parameter *parameter, const JsonVal *arg, int index)
{
	char letter = letter_of(arg);
	JnArray *array;

	if (letter == 'm')
		return NULL;
	if (!has_subtype(parameter, arg, letter))
	{
		jn_fail_value(ev, "T0412", arg);
		ev->failure.index = index + 1;
		ev->failure.type = plural_of(parameter->subtype);
		return JN_FAIL;
	}
	if (letter == 'a')
		return arg;
	array = jn_array(ev, 1, 0);
	(void) jn_push(ev, array, arg);
	return &array->v;
}

/* The value of a parameter that took no argument. */
static const JsonVal *
absent_argument(Evaluation *ev, const Parameter *parameter, const JsonVal *input, int index)
{
	if (FITS(parameter, letter_of(input)))
		return input;
	jn_fail_value(ev, "T0411", input);
	ev->failure.index = index + 1;
	return JN_FAIL;
}

/* Nearly every call: each parameter takes one argument as it is. */
static bool
fits_plainly(const Signature *signature, const JsonVal **args, int count)
{
	if (count != signature->count)
		return false;
	for (int i = 0; i < count; i++)
	{
		const Parameter *p = &signature->parameters[i];

		if (p->type == 'a' || !FITS(p, letter_of(args[i])))
			return false;
	}
	return true;
}

/* Checks arguments; those the function gets are in *out.  JN_FAIL or NULL. */
const JsonVal *
jn_signature_check(Evaluation *ev, const Signature *signature, const JsonVal **args, int count, const JsonVal *input,
				   const JsonVal ***out, int *out_count)
{
	Fit fit = {signature->parameters, signature->count, args, count, true, 0, {0}};
	const JsonVal **checked;
	int arg = 0;
	int n = 0;

	if (fits_plainly(signature, args, count))
		return NULL;
	if (fit_from(&fit, 0, 0) < 0)
		return fail_misfit(ev, signature, args, count);

	checked = jn_alloc(ev, (count + signature->count) * sizeof(JsonVal *));
	for (int i = 0; i < signature->count; i++)
	{
		const Parameter *p = &signature->parameters[i];

		if (fit.taken[i] == 0)
		{
			if (p->from_context)
			{
				checked[n] = absent_argument(ev, p, input, arg);
				JN_CHECK(checked[n]);
			}
			else
			{
				/* an optional one in between takes the place of the next */
				checked[n] = arg < count ? args[arg] : NULL;
				arg++;
			}
			n++;
			continue;
		}
		for (int k = 0; k < fit.taken[i]; k++, arg++, n++)
		{
			checked[n] = arg < count ? args[arg] : NULL;
			if (p->type == 'a')
			{
				checked[n] = array_argument(ev, p, checked[n], arg);
				JN_CHECK(checked[n]);
			}
		}
	}
	*out = checked;
	*out_count = n;
	return NULL;
}
