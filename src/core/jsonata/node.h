/*
 * node.h
 *	  The tree of an expression: what the parser makes and the evaluator walks.
 *
 * The parser (parse.c) makes nodes in the shape of the text; binary operators
 * that are no arithmetic ("." "[" "^" "{" "@" "#") are among them.  resolve.c
 * turns these into paths with steps, stages and groups, resolves "%", and gives
 * every name a number.  Only resolved nodes are evaluated; none is changed then.
 */
#ifndef SFN_JSONATA_NODE_H
#define SFN_JSONATA_NODE_H

#include "jsonata/jsonata.h"

typedef struct Node Node;
typedef struct NameTable NameTable;

typedef enum NodeType
{
	/* leaves */
	NODE_STRING,
	NODE_NUMBER,
	NODE_VALUE,    /* true, false, null */
	NODE_NAME,     /* a field; after resolve.c always a step of a path */
	NODE_VARIABLE, /* "$name" */
	NODE_CONTEXT,  /* "$" */
	NODE_WILDCARD,
	NODE_DESCENDANT,
	NODE_PARENT,
	NODE_REGEX,
	NODE_PLACEHOLDER, /* "?" among the arguments of a partial application */
	/* operators with left and right */
	NODE_ADD,
	NODE_SUBTRACT,
	NODE_MULTIPLY,
	NODE_DIVIDE,
	NODE_MODULO,
	NODE_EQUAL,
	NODE_UNEQUAL,
	NODE_LESS,
	NODE_LESS_EQUAL,
	NODE_GREATER,
	NODE_GREATER_EQUAL,
	NODE_IN,
	NODE_AND,
	NODE_OR,
	NODE_CONCAT,
	NODE_RANGE,
	NODE_APPLY, /* "~>" */
	NODE_BIND,  /* ":=": left is the variable */
	/* the rest */
	NODE_NEGATE,    /* left */
	NODE_ARRAY,     /* items */
	NODE_OBJECT,    /* group */
	NODE_CONDITION, /* left ? right : third */
	NODE_COALESCE,  /* left ?? right */
	NODE_DEFAULT,   /* left ?: right */
	NODE_BLOCK,     /* items */
	NODE_FUNCTION,  /* left(items) */
	NODE_PARTIAL,   /* the same with placeholders */
	NODE_LAMBDA,    /* parameters are items, body is left */
	NODE_TRANSFORM, /* |left|right,third| */
	NODE_PATH,      /* items are steps */
	NODE_SORT,      /* terms; a step of a path */
	/* only between parse.c and resolve.c */
	NODE_RAW_DOT,
	NODE_RAW_FILTER,
	NODE_RAW_GROUP,
	NODE_RAW_SORT,
	NODE_RAW_FOCUS, /* "@" */
	NODE_RAW_INDEX, /* "#" */
	NODE_RAW_END    /* the end of the text where an operand should be */
} NodeType;

/* What follows a step or a value in brackets, or "#" after such. */
typedef struct Stage
{
	Node *filter; /* NULL: binds the position to index */
	int index;    /* a name */
} Stage;

typedef struct GroupPair
{
	Node *key;
	Node *value;
} GroupPair;

typedef struct Group
{
	GroupPair *pairs;
	int count;
	int position;
	int offset;
} Group;

typedef struct SortTerm
{
	Node *expression;
	bool is_descending;
} SortTerm;

/*
 * One "%" and where it leads: level counts the steps still to go up.  When it
 * is settled, label is the name under which the step keeps its parent.
 */
typedef struct ParentSlot
{
	int label;
	int level;
} ParentSlot;

typedef struct SlotList
{
	ParentSlot **slots;
	int count;
} SlotList;

/* ---- parameters of functions (signature.c) ---- */
typedef struct Parameter
{
	uint16 accepts;           /* SYMBOL_ bits */
	char type;                /* letter of the signature; '(' for a choice */
	char repeat;              /* 0, '?', '+' */
	bool from_context;        /* "-" */
	char subtype;             /* first letter of a<...>, 0: none */
	const char *subtype_text; /* the whole of it */
} Parameter;

#define MAX_PARAMETERS 16

typedef struct Signature
{
	int count;
	Parameter parameters[MAX_PARAMETERS];
} Signature;

struct Node
{
	NodeType type;
	int position;     /* characters up to the end of the token */
	int offset;       /* byte offset of the token's begin */
	const char *text; /* the token */
	int32 text_length;
	int height; /* of the tree below, bounded by the parser */

	/* marks */
	bool keep_array;     /* "[]" behind it */
	bool keep_singleton; /* a path with such a step */
	bool is_constructor; /* first or last step of a path, "[...]" */
	bool is_tuple;       /* a step that binds names */
	bool needs_frame;    /* a block that may bind a variable */
	bool is_plain_path;  /* every step is a name without anything */
	bool has_extras;     /* predicates, a group or keep_array: not the short way */
	bool is_tail;        /* a call whose value is its lambda's value */

	Node *left;
	Node *right;
	Node *third;
	Node **items;
	int item_count;

	const JsonVal *value; /* literals */
	int name;             /* variables and bindings; -1: none */
	const struct RegexProgram *regex;
	Signature *signature; /* lambdas, or NULL */
	SortTerm *terms;
	int term_count;

	Stage *stages; /* in brackets behind a step; its path applies them */
	int stage_count;
	bool has_stages;
	Stage *predicates; /* in brackets behind any other value */
	int predicate_count;
	bool has_predicates;
	Group *group;
	int focus;            /* "@": a name, or -1 */
	int index;            /* "#": a name, or -1 */
	ParentSlot *slot;     /* NODE_PARENT */
	ParentSlot *ancestor; /* a step that keeps its parent */
	SlotList seeking;     /* parents that are to be found further left */
};

/* ---- names ---- */

/* A name that expressions bind or read; numbers are indexes of the table. */
typedef struct NameEntry
{
	const char *text;
	int32 length;
	bool is_bound;          /* by anything in the expression */
	const JsonVal *builtin; /* the language's function, or NULL */
} NameEntry;

struct NameTable
{
	NameEntry *entries;
	int count;
	int capacity;
	int32 *slots; /* hash of the names */
	int slot_count;
};

struct JsonataExpression
{
	Node *root;
	NameTable names;
	JsonataOptions options;
	bool uses_eval;      /* then every name may be bound at any time */
	bool has_surrogates; /* half characters in a literal */
	const char *newer_syntax;
	int newer_offset;
	const char *text;
	int length;
};

/* Known about a failure, until its text is made (errors.c). */
typedef struct Failure
{
	const char *code; /* NULL: none */
	int position;
	int offset;
	const char *token;
	int token_length;
	bool token_is_number;
	const JsonVal *value;
	const JsonVal *value2;
	int index;
	const char *type;
	const char *message;
} Failure;

extern void jn_failure_publish(const Failure *failure, JsonataError *error);

/* ---- compiling ---- */
typedef struct Compiler
{
	const char *text;
	int length;
	JsonataExpression *expression;
	Failure failure;
	int depth;
	int binds;  /* ":=" seen */
	int labels; /* "%" seen */
} Compiler;

extern bool jn_compile_fail(Compiler *compiler, const char *code, const Node *node);
extern Node *jn_parse_text(Compiler *compiler);
extern Node *jn_resolve_tree(Compiler *compiler, Node *raw);
extern Signature *jn_signature_parse(Compiler *compiler, const char *text, int length, int position);
extern bool jn_signature_read(Signature *signature, const char *text, int length, const char **code, int *where,
							  char *value);

extern int jn_names_intern(NameTable *names, const char *text, int length);
extern int jn_names_find(const NameTable *names, const char *text, int length);

extern JsonataExpression *jn_compile_text(const char *text, int length, const JsonataOptions *options,
										  const NameTable *names, Failure *failure);

#endif /* SFN_JSONATA_NODE_H */
