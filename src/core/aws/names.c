/*
 * names.c
 *	  How Step Functions spells what a service's model calls otherwise.
 *
 * The names are those of the Java SDK, which Step Functions calls services with: it
 * takes names of the model apart into words, and makes getters of members.
 */
#include "aws/names.h"

#include "base/texts.h"

/* ---- words ---- */

/* Does a word begin at a place that is not the text's first? */
typedef bool (*WordRule)(const char *text, int at);

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_letter(char c)
{
	return is_upper(c) || is_lower(c);
}

/* "v2" behind what cannot be a word with it: two characters that are not in its case. */
static bool
version_begins(const char *text, int at)
{
	bool is_small =
		text[at] == 'v' && is_digit(text[at + 1]) && at >= 2 && !is_lower(text[at - 1]) && !is_lower(text[at - 2]);
	bool is_capital =
		text[at] == 'V' && is_digit(text[at + 1]) && at >= 2 && !is_upper(text[at - 1]) && !is_upper(text[at - 2]);

	return is_small || is_capital;
}

/* "fooBar": but not a last letter, as in IoT. */
static bool
capital_begins(const char *text, int at)
{
	return is_lower(text[at - 1]) && is_upper(text[at]) && (is_letter(text[at + 1]) || is_digit(text[at + 1]));
}

/* "ACMSuccess" */
static bool
word_follows_acronym(const char *text, int at)
{
	return is_upper(text[at - 1]) && is_upper(text[at]) && is_lower(text[at + 1]);
}

/* "s3ec2" */
static bool
word_follows_number(const char *text, int at)
{
	return is_digit(text[at - 1]) && is_letter(text[at]);
}

/* Puts a blank before each word that the rule finds. */
static char *
split_by(const char *text, WordRule begins)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; text[i] != '\0'; i++)
	{
		if (i > 0 && begins(text, i))
			appendStringInfoChar(&out, ' ');
		appendStringInfoChar(&out, text[i]);
	}
	return out.data;
}

/* The words, each with a capital, in one. */
static char *
pascal(const char *text)
{
	static const WordRule rules[] = {version_begins, capital_begins, word_follows_acronym, word_follows_number};
	char *split = pstrdup(text);
	StringInfoData out;
	bool begins = true;

	for (char *c = split; *c != '\0'; c++)
	{
		if (!is_letter(*c) && !is_digit(*c))
			*c = ' ';
	}
	for (int i = 0; i < (int) lengthof(rules); i++)
		split = split_by(split, rules[i]);
	initStringInfo(&out);
	for (const char *c = split; *c != '\0'; c++)
	{
		if (*c != ' ')
			appendStringInfoChar(&out,
								 begins ? pg_ascii_toupper((unsigned char) *c) : pg_ascii_tolower((unsigned char) *c));
		begins = *c == ' ';
	}
	return out.data;
}

/* ---- services and errors ---- */

char *
aws_service_prefix(const char *service_id)
{
	char *name = pascal(service_id);

	if (text_begins_with(name, "Amazon"))
		name += strlen("Amazon");
	else if (text_begins_with(name, "Aws"))
		name += strlen("Aws");
	if (text_ends_with(name, "Service"))
		name[strlen(name) - strlen("Service")] = '\0';
	return name;
}

char *
aws_service_name(const char *prefix)
{
	return text_lower(pstrdup(prefix));
}

char *
aws_exception_name(const char *shape)
{
	size_t length = strlen(shape);
	char *name;

	if (text_ends_with(shape, "Fault"))
		length -= strlen("Fault");
	name = pascal(pnstrdup(shape, length));
	return text_ends_with(name, "Exception") ? name : psprintf("%sException", name);
}

/* ---- members ---- */

/* Names that a Java class cannot give a getter. */
static const char *const taken_names[] = {"equals",   "notify",   "notifyAll", "wait",      "toString", "hashCode",
										  "getClass", "finalize", "builder",   "toBuilder", "sdkFields"};
static const char *const java_keywords[] =
	{"abstract", "assert",    "boolean",   "break",  "byte",     "case",  "catch",      "char",         "class",
	 "const",    "continue",  "default",   "do",     "double",   "else",  "enum",       "extends",      "false",
	 "final",    "finally",   "float",     "for",    "goto",     "if",    "implements", "import",       "instanceof",
	 "int",      "interface", "long",      "native", "new",      "null",  "package",    "private",      "protected",
	 "public",   "return",    "short",     "static", "strictfp", "super", "switch",     "synchronized", "this",
	 "throw",    "throws",    "transient", "true",   "try",      "void",  "volatile",   "while"};

/* Members that the SDK itself, or Step Functions, calls otherwise. */
static const struct
{
	const char *prefix;
	const char *member;
	const char *key;
} renamed_members[] = {{"DynamoDb", "NULL", "Nul"}},
  more_keys[] = {{"S3", "Bucket", "DestinationBucket"}, {"S3", "Key", "DestinationKey"}};

static bool
is_taken(const char *bean_name)
{
	for (int i = 0; i < (int) lengthof(taken_names); i++)
	{
		if (strcmp(taken_names[i], bean_name) == 0)
			return true;
	}
	for (int i = 0; i < (int) lengthof(java_keywords); i++)
	{
		if (pg_strcasecmp(java_keywords[i], bean_name) == 0)
			return true;
	}
	return false;
}

/* The leading run of capitals becomes small, but not one that a small letter follows. */
static char *
bean_name(const char *member)
{
	char *name = pstrdup(member);

	for (char *c = name; is_upper(*c); c++)
	{
		if (c > name && is_lower(c[1]))
			break;
		*c = (char) pg_ascii_tolower((unsigned char) *c);
	}
	return name;
}

const char *
aws_member_key(const char *prefix, const char *member, AwsKeyStyle style)
{
	char *name;

	for (int i = 0; style == AWS_KEYS_SDK && i < (int) lengthof(renamed_members); i++)
	{
		if (strcmp(renamed_members[i].prefix, prefix) == 0 && strcmp(renamed_members[i].member, member) == 0)
			return renamed_members[i].key;
	}
	name = style == AWS_KEYS_SDK ? bean_name(member) : pstrdup(member);
	if (style == AWS_KEYS_SDK && is_taken(name))
		name = psprintf("%sValue", name);
	name[0] = (char) pg_ascii_toupper((unsigned char) name[0]);
	return name;
}

bool
aws_key_is_exact(const char *prefix, const char *member, const char *key)
{
	return strcmp(member, key) == 0 || strcmp(aws_member_key(prefix, member, AWS_KEYS_SDK), key) == 0 ||
		strcmp(aws_member_key(prefix, member, AWS_KEYS_OPTIMIZED), key) == 0;
}

bool
aws_key_is_similar(const char *prefix, const char *member, const char *key)
{
	for (int i = 0; i < (int) lengthof(more_keys); i++)
	{
		if (strcmp(more_keys[i].prefix, prefix) == 0 && strcmp(more_keys[i].member, member) == 0 &&
			strcmp(more_keys[i].key, key) == 0)
			return true;
	}
	return pg_strcasecmp(member, key) == 0 || pg_strcasecmp(psprintf("%sValue", member), key) == 0;
}
