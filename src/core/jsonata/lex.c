/*
 * lex.c
 *	  From text to tokens.
 *
 * Positions in errors count UTF-16 units, as the language's reference does;
 * they are worked out from byte offsets as the text is read.  A half character
 * written with \u stays a three-byte sequence that no valid text has; it is
 * replaced when a result leaves the evaluator.
 */
#include "base/port.h"

#include <math.h>

#include "base/texts.h"
#include "jsonata/lex.h"
#include "jsonata/regex.h"

static const char operator_characters[] = ".[]{}(),@#;:?+-*/%|=<>^&!~";

static const struct
{
	char text[3];
	Operator op;
} long_operators[] = {
	{"..", OP_RANGE},      {":=", OP_ASSIGN}, {"!=", OP_NOT_EQUAL}, {">=", OP_GREATER_EQUAL}, {"<=", OP_LESS_EQUAL},
	{"**", OP_DESCENDANT}, {"~>", OP_CHAIN},  {"?:", OP_DEFAULT},   {"??", OP_COALESCE},
};

void
jn_lexer_begin(Lexer *lexer, Compiler *compiler)
{
	memset(lexer, 0, sizeof(Lexer));
	lexer->compiler = compiler;
	lexer->text = compiler->text;
	lexer->length = compiler->length;
}

/* UTF-16 units up to a byte offset; asked in rising order. */
static int
character_position(Lexer *lexer, int offset)
{
	if (offset < lexer->counted)
	{
		lexer->counted = 0;
		lexer->characters = 0;
	}
	for (; lexer->counted < offset; lexer->counted++)
	{
		unsigned char byte = lexer->text[lexer->counted];

		if ((byte & 0xC0) != 0x80)
			lexer->characters += byte >= 0xF0 ? 2 : 1;
	}
	return lexer->characters;
}

/* Fails at an offset; token may be NULL. */
static bool
lex_fail(Lexer *lexer, const char *code, int offset, const char *token, int token_length)
{
	Failure *failure = &lexer->compiler->failure;

	failure->code = code;
	failure->offset = offset;
	failure->position = character_position(lexer, offset);
	failure->token = token;
	failure->token_length = token_length;
	return false;
}

static inline int
peek(const Lexer *lexer, int ahead)
{
	return lexer->at + ahead < lexer->length ? (unsigned char) lexer->text[lexer->at + ahead] : 0;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v';
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
skip_blanks_and_comments(Lexer *lexer)
{
	for (;;)
	{
		while (lexer->at < lexer->length && is_blank(peek(lexer, 0)))
			lexer->at++;
		if (peek(lexer, 0) != '/' || peek(lexer, 1) != '*')
			return true;

		{
			int start = lexer->at;

			lexer->at += 2;
			while (!(peek(lexer, 0) == '*' && peek(lexer, 1) == '/'))
			{
				if (lexer->at >= lexer->length)
					return lex_fail(lexer, "S0106", start, NULL, 0);
				lexer->at++;
			}
			lexer->at += 2;
		}
	}
}

/* ---- strings ---- */

/* The four digits at an offset, or -1. */
static int
four_hex_digits(const Lexer *lexer, int at)
{
	int code = 0;

	for (int i = 0; i < 4; i++)
	{
		int digit = at + i < lexer->length ? text_hex_digit((unsigned char) lexer->text[at + i]) : -1;

		if (digit < 0)
			return -1;
		code = code * 16 + digit;
	}
	return code;
}

static void
append_code_point(StringInfo out, unsigned int code)
{
	if (code < 0x80)
		appendStringInfoChar(out, (char) code);
	else if (code < 0x800)
	{
		appendStringInfoChar(out, (char) (0xC0 | (code >> 6)));
		appendStringInfoChar(out, (char) (0x80 | (code & 0x3F)));
	}
	else if (code < 0x10000)
	{
		appendStringInfoChar(out, (char) (0xE0 | (code >> 12)));
		appendStringInfoChar(out, (char) (0x80 | ((code >> 6) & 0x3F)));
		appendStringInfoChar(out, (char) (0x80 | (code & 0x3F)));
	}
	else
	{
		appendStringInfoChar(out, (char) (0xF0 | (code >> 18)));
		appendStringInfoChar(out, (char) (0x80 | ((code >> 12) & 0x3F)));
		appendStringInfoChar(out, (char) (0x80 | ((code >> 6) & 0x3F)));
		appendStringInfoChar(out, (char) (0x80 | (code & 0x3F)));
	}
}

/* After "\u": a pair of halves becomes one character, a single half stays; NUL cannot be kept. */
static bool
lex_unicode_escape(Lexer *lexer, StringInfo out)
{
	int code = four_hex_digits(lexer, lexer->at + 1);

	if (code < 0)
		return lex_fail(lexer, "S0104", lexer->at, NULL, 0);
	if (code == 0)
		return lex_fail(lexer, "S0103", lexer->at, "u0000", 5);
	lexer->at += 5;
	if (code >= 0xD800 && code <= 0xDBFF && peek(lexer, 0) == '\\' && peek(lexer, 1) == 'u')
	{
		int low = four_hex_digits(lexer, lexer->at + 2);

		if (low >= 0xDC00 && low <= 0xDFFF)
		{
			code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
			lexer->at += 6;
		}
	}
	if (code >= 0xD800 && code <= 0xDFFF)
		lexer->compiler->expression->has_surrogates = true;
	append_code_point(out, code);
	return true;
}

static bool
lex_escape(Lexer *lexer, StringInfo out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	int c = peek(lexer, 0);
	const char *found = c != 0 ? strchr(from, c) : NULL;
	int width;

	if (found != NULL)
	{
		appendStringInfoChar(out, to[found - from]);
		lexer->at++;
		return true;
	}
	if (c == 'u')
		return lex_unicode_escape(lexer, out);

	width = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
	return lex_fail(lexer, "S0103", lexer->at, lexer->text + lexer->at, Min(width, lexer->length - lexer->at));
}

static bool
lex_string(Lexer *lexer, Token *token)
{
	int quote = peek(lexer, 0);
	StringInfoData out;

	initStringInfo(&out);
	lexer->at++;
	while (lexer->at < lexer->length)
	{
		int start = lexer->at;

		while (lexer->at < lexer->length && peek(lexer, 0) != quote && peek(lexer, 0) != '\\')
			lexer->at++;
		appendBinaryStringInfo(&out, lexer->text + start, lexer->at - start);
		if (lexer->at >= lexer->length)
			break;
		if (lexer->text[lexer->at++] == quote)
		{
			token->type = TOKEN_STRING;
			token->text = out.data;
			token->length = out.len;
			token->value = jv_string_n(out.data, out.len);
			return true;
		}
		if (!lex_escape(lexer, &out))
			return false;
	}
	return lex_fail(lexer, "S0101", lexer->length, NULL, 0);
}

static bool
lex_quoted_name(Lexer *lexer, Token *token)
{
	const char *start = lexer->text + lexer->at + 1;
	const char *end = memchr(start, '`', lexer->length - lexer->at - 1);

	if (end == NULL)
		return lex_fail(lexer, "S0105", lexer->length, NULL, 0);
	token->type = TOKEN_NAME;
	token->text = start;
	token->length = end - start;
	lexer->at += token->length + 2;
	return true;
}

/* ---- numbers ---- */

/* Length of the number that begins here. */
static int
number_length(const Lexer *lexer)
{
	int n = 0;

	if (peek(lexer, 0) == '0')
		n = 1;
	else
	{
		while (is_digit(peek(lexer, n)))
			n++;
	}
	if (peek(lexer, n) == '.' && is_digit(peek(lexer, n + 1)))
	{
		n += 2;
		while (is_digit(peek(lexer, n)))
			n++;
	}
	if (peek(lexer, n) == 'e' || peek(lexer, n) == 'E')
	{
		int sign = (peek(lexer, n + 1) == '+' || peek(lexer, n + 1) == '-') ? 1 : 0;

		if (is_digit(peek(lexer, n + 1 + sign)))
		{
			n += 2 + sign;
			while (is_digit(peek(lexer, n)))
				n++;
		}
	}
	return n;
}

static bool
lex_number(Lexer *lexer, Token *token)
{
	int length = number_length(lexer);
	const char *text = lexer->text + lexer->at;
	const JsonVal *value = jv_number_text(text, length);

	if (isinf(value->number))
		return lex_fail(lexer, "S0102", lexer->at, text, length);
	token->type = TOKEN_NUMBER;
	token->text = text;
	token->length = length;
	token->value = value;
	lexer->at += length;
	return true;
}

/* ---- regular expressions ---- */

/* Whether the byte at an offset is escaped: an odd number of backslashes before it. */
static bool
is_escaped(const Lexer *lexer, int at, int start)
{
	int slashes = 0;

	while (at - slashes - 1 >= start && lexer->text[at - slashes - 1] == '\\')
		slashes++;
	return slashes % 2 == 1;
}

/* Reads "/pattern/flags"; a slash inside brackets or after a backslash belongs to the pattern. */
static bool
lex_regex(Lexer *lexer, Token *token)
{
	int start = ++lexer->at;
	int depth = 0;
	int length;
	const char *complaint = NULL;
	bool ignore_case = false;
	bool multiline = false;

	for (;; lexer->at++)
	{
		int c = peek(lexer, 0);

		if (lexer->at >= lexer->length)
			return lex_fail(lexer, "S0302", lexer->at, NULL, 0);
		if (is_escaped(lexer, lexer->at, start))
			continue;
		if (c == '/' && depth == 0)
			break;
		if (c == '(' || c == '[' || c == '{')
			depth++;
		else if (c == ')' || c == ']' || c == '}')
			depth--;
	}
	length = lexer->at - start;
	if (length == 0)
		return lex_fail(lexer, "S0301", lexer->at, NULL, 0);
	lexer->at++;
	for (; peek(lexer, 0) == 'i' || peek(lexer, 0) == 'm'; lexer->at++)
	{
		ignore_case |= peek(lexer, 0) == 'i';
		multiline |= peek(lexer, 0) == 'm';
	}

	token->type = TOKEN_REGEX;
	token->text = lexer->text + start;
	token->length = length;
	token->regex = jn_regex_compile(token->text, length, ignore_case, multiline, &complaint);
	if (token->regex == NULL)
	{
		lexer->compiler->failure.message = complaint;
		return lex_fail(lexer, "S0303", start, token->text, length);
	}
	return true;
}

/* ---- names and operators ---- */

static bool
is_word(const Token *token, const char *word)
{
	return token->length == (int) strlen(word) && memcmp(token->text, word, token->length) == 0;
}

static void
name_or_word(Token *token)
{
	token->type = TOKEN_NAME;
	if (token->text[0] == '$')
	{
		token->type = TOKEN_VARIABLE;
		token->text++;
		token->length--;
		return;
	}
	if (is_word(token, "or") || is_word(token, "in") || is_word(token, "and"))
	{
		token->type = TOKEN_OPERATOR;
		token->op = token->text[0] == 'o' ? OP_OR : token->text[0] == 'i' ? OP_IN : OP_AND;
	}
	else if (is_word(token, "true") || is_word(token, "false"))
	{
		token->type = TOKEN_VALUE;
		token->value = jv_bool(token->length == 4);
	}
	else if (is_word(token, "null"))
	{
		token->type = TOKEN_VALUE;
		token->value = jv_null();
	}
}

static bool
lex_name(Lexer *lexer, Token *token)
{
	int start = lexer->at;

	while (lexer->at < lexer->length)
	{
		int c = peek(lexer, 0);

		if (is_blank(c) || (c != 0 && strchr(operator_characters, c) != NULL))
			break;
		lexer->at++;
	}
	token->text = lexer->text + start;
	token->length = lexer->at - start;
	name_or_word(token);
	return true;
}

static bool
lex_operator(Lexer *lexer, Token *token)
{
	token->type = TOKEN_OPERATOR;
	token->text = lexer->text + lexer->at;
	for (int i = 0; i < (int) lengthof(long_operators); i++)
	{
		if (peek(lexer, 0) == long_operators[i].text[0] && peek(lexer, 1) == long_operators[i].text[1])
		{
			token->op = long_operators[i].op;
			token->length = 2;
			lexer->at += 2;
			return true;
		}
	}
	token->op = peek(lexer, 0);
	token->length = 1;
	lexer->at++;
	return true;
}

static bool
lex_token(Lexer *lexer, bool after_operand, Token *token)
{
	int c = peek(lexer, 0);

	if (c == '/' && !after_operand)
		return lex_regex(lexer, token);
	if (c == '"' || c == '\'')
		return lex_string(lexer, token);
	if (c == '`')
		return lex_quoted_name(lexer, token);
	if (is_digit(c))
		return lex_number(lexer, token);
	if (c != 0 && strchr(operator_characters, c) != NULL)
		return lex_operator(lexer, token);
	return lex_name(lexer, token);
}

/* Reads the next token; a slash begins a regular expression unless after an operand. */
bool
jn_lexer_next(Lexer *lexer, bool after_operand, Token *token)
{
	memset(token, 0, sizeof(Token));
	if (!skip_blanks_and_comments(lexer))
		return false;
	token->offset = lexer->at;
	if (lexer->at >= lexer->length)
	{
		token->type = TOKEN_END;
		token->text = "(end)";
		token->length = 5;
	}
	else if (!lex_token(lexer, after_operand, token))
		return false;
	token->position = character_position(lexer, lexer->at);
	return true;
}
