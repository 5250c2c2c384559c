/*
 * lex.h
 *	  From text to tokens.
 */
#ifndef SFN_JSONATA_LEX_H
#define SFN_JSONATA_LEX_H

#include "jsonata/node.h"

typedef enum TokenType
{
	TOKEN_END,
	TOKEN_NAME,
	TOKEN_VARIABLE,
	TOKEN_OPERATOR,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_VALUE,
	TOKEN_REGEX
} TokenType;

/* Operators and punctuation; single characters are their own code. */
typedef enum Operator
{
	OP_NONE = 0,
	OP_RANGE = 256, /* .. */
	OP_ASSIGN,      /* := */
	OP_NOT_EQUAL,   /* != */
	OP_GREATER_EQUAL,
	OP_LESS_EQUAL,
	OP_DESCENDANT, /* ** */
	OP_CHAIN,      /* ~> */
	OP_DEFAULT,    /* ?: */
	OP_COALESCE,   /* ?? */
	OP_AND,
	OP_OR,
	OP_IN
} Operator;

typedef struct Token
{
	TokenType type;
	int op;           /* an Operator, TOKEN_OPERATOR */
	const char *text; /* name, variable, string (unescaped), operator, the regex' source */
	int length;
	const JsonVal *value; /* numbers, strings, true, false, null */
	const struct RegexProgram *regex;
	int offset;   /* begins here, in bytes */
	int position; /* ends here, in characters */
} Token;

typedef struct Lexer
{
	Compiler *compiler;
	const char *text;
	int length;
	int at;         /* in bytes */
	int counted;    /* characters are counted up to here ... */
	int characters; /* ... and are that many (UTF-16 units) */
} Lexer;

extern void jn_lexer_begin(Lexer *lexer, Compiler *compiler);

/* Reads the next token; a slash begins a regular expression unless after an operand. */
extern bool jn_lexer_next(Lexer *lexer, bool after_operand, Token *token);

#endif /* SFN_JSONATA_LEX_H */
