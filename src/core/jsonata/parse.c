/*
 * parse.c
 *	  From tokens to a tree in the shape of the text: an operator precedence parser.
 *
 * Each symbol has a binding power and up to two meanings: at the place of an
 * operand (a prefix) and behind one (an infix).  Both are functions in one
 * table.  Nesting is bounded by SFN_MAX_DEPTH; chains of infixes nest to the
 * left without recursion here, and the height of the tree is bounded as well,
 * because later passes walk it.
 */
#include "base/port.h"

#include "jsonata/lex.h"
#include "jsonata/parse_private.h"

#define MAX_HEIGHT (2 * SFN_MAX_DEPTH)

typedef struct Parser
{
	Compiler *compiler;
	Lexer lexer;
	Token token; /* the current one, not yet consumed */
	int depth;
} Parser;

typedef Node *(*PrefixParse)(Parser *parser, const Token *token);
typedef Node *(*InfixParse)(Parser *parser, const Token *token, Node *left);

typedef struct Symbol
{
	int op;
	int power; /* as an infix */
	InfixParse infix;
	NodeType type; /* of the node that a plain infix makes */
	PrefixParse prefix;
} Symbol;

static Node *parse_expression(Parser *parser, int power);
static const Symbol *symbol_of(int op);

/* ---- errors ---- */

/* Fills the failure at a node; always false. */
bool
jn_compile_fail(Compiler *compiler, const char *code, const Node *node)
{
	Failure *failure = &compiler->failure;

	if (failure->code != NULL)
		return false;
	failure->code = code;
	failure->offset = node->offset;
	failure->position = node->position;
	failure->token = node->text;
	failure->token_length = node->text_length;
	failure->token_is_number = node->type == NODE_NUMBER || node->type == NODE_VALUE;
	return false;
}

static Node *
parse_fail(Parser *parser, const char *code, const Token *token, const char *expected)
{
	Failure *failure = &parser->compiler->failure;

	if (failure->code != NULL)
		return NULL;
	failure->code = code;
	failure->offset = token->offset;
	failure->position = token->position;
	failure->token = token->text;
	failure->token_length = token->length;
	failure->token_is_number = token->type == TOKEN_NUMBER || token->type == TOKEN_VALUE;
	if (expected != NULL)
		failure->value = jv_string(expected);
	return NULL;
}

static Node *
fail_too_deep(Parser *parser)
{
	parser->compiler->failure.message = "The expression is nested too deeply";
	return parse_fail(parser, "U1001", &parser->token, NULL);
}

/* ---- tokens ---- */

static bool
read_token(Parser *parser, bool after_operand)
{
	return jn_lexer_next(&parser->lexer, after_operand, &parser->token);
}

static bool
at_operator(const Parser *parser, int op)
{
	return parser->token.type == TOKEN_OPERATOR && parser->token.op == op;
}

/* Steps over the operator, which must be there. */
static bool
expect(Parser *parser, int op, bool ends_operand)
{
	if (!at_operator(parser, op))
	{
		const Token *token = &parser->token;
		char expected[2] = {(char) op, '\0'};

		parse_fail(parser, token->type == TOKEN_END ? "S0203" : "S0202", token, expected);
		return false;
	}
	return read_token(parser, ends_operand);
}

/* ---- nodes ---- */

Node *
jn_node(NodeType type, const Node *model)
{
	Node *node = palloc0(sizeof(Node));

	node->type = type;
	node->name = node->focus = node->index = -1;
	if (model != NULL)
	{
		node->position = model->position;
		node->offset = model->offset;
		node->text = model->text;
		node->text_length = model->text_length;
	}
	return node;
}

static Node *
node_of_token(NodeType type, const Token *token)
{
	Node *node = jn_node(type, NULL);

	node->position = token->position;
	node->offset = token->offset;
	node->text = token->text;
	node->text_length = token->length;
	node->value = token->value;
	node->regex = token->regex;
	return node;
}

void
jn_node_add_item(Node *node, Node *item)
{
	/* room grows by doubling: at 4, 8, 16, ... */
	if (node->items == NULL)
		node->items = palloc(4 * sizeof(Node *));
	else if (node->item_count >= 4 && (node->item_count & (node->item_count - 1)) == 0)
		node->items = repalloc(node->items, node->item_count * 2 * sizeof(Node *));
	node->items[node->item_count++] = item;
}

/* Keeps the height of the tree; NULL and a failure when it is too high. */
static Node *
with_child(Parser *parser, Node *node, const Node *child)
{
	if (child == NULL)
		return NULL;
	node->height = Max(node->height, child->height + 1);
	if (node->height > MAX_HEIGHT)
		return fail_too_deep(parser);
	return node;
}

static Node *
parse_item(Parser *parser, Node *node)
{
	Node *item = parse_expression(parser, 0);

	if (item == NULL)
		return NULL;
	jn_node_add_item(node, item);
	return with_child(parser, node, item);
}

static Node *
parse_child(Parser *parser, Node *node, Node **place, int power)
{
	*place = parse_expression(parser, power);
	return with_child(parser, node, *place);
}

/* ---- operands ---- */

static Node *
operand_of_token(Parser *parser, const Token *token)
{
	switch (token->type)
	{
		case TOKEN_STRING:
			return node_of_token(NODE_STRING, token);
		case TOKEN_NUMBER:
			return node_of_token(NODE_NUMBER, token);
		case TOKEN_VALUE:
			return node_of_token(NODE_VALUE, token);
		case TOKEN_NAME:
			return node_of_token(NODE_NAME, token);
		case TOKEN_VARIABLE:
			return node_of_token(token->length == 0 ? NODE_CONTEXT : NODE_VARIABLE, token);
		case TOKEN_REGEX:
			return node_of_token(NODE_REGEX, token);
		case TOKEN_OPERATOR:
		case TOKEN_END:
			break;
	}
	return parse_fail(parser, "S0207", token, NULL);
}

static Node *
prefix_name(Parser *parser, const Token *token)
{
	(void) parser;
	return node_of_token(NODE_NAME, token);
}

static Node *
prefix_wildcard(Parser *parser, const Token *token)
{
	(void) parser;
	return node_of_token(NODE_WILDCARD, token);
}

static Node *
prefix_descendant(Parser *parser, const Token *token)
{
	(void) parser;
	return node_of_token(NODE_DESCENDANT, token);
}

static Node *
prefix_parent(Parser *parser, const Token *token)
{
	(void) parser;
	return node_of_token(NODE_PARENT, token);
}

static Node *
prefix_minus(Parser *parser, const Token *token)
{
	Node *node = node_of_token(NODE_NEGATE, token);

	return parse_child(parser, node, &node->left, 70);
}

static Node *
prefix_block(Parser *parser, const Token *token)
{
	Node *node = node_of_token(NODE_BLOCK, token);
	int binds = parser->compiler->binds;

	while (!at_operator(parser, ')'))
	{
		if (parse_item(parser, node) == NULL)
			return NULL;
		if (!at_operator(parser, ';'))
			break;
		if (!expect(parser, ';', false))
			return NULL;
	}
	node->needs_frame = parser->compiler->binds > binds;
	return expect(parser, ')', true) ? node : NULL;
}

/* An element of an array constructor, perhaps a range. */
static Node *
parse_element(Parser *parser, Node *array)
{
	Node *element = parse_expression(parser, 0);

	if (element == NULL)
		return NULL;
	if (at_operator(parser, OP_RANGE))
	{
		Node *range = node_of_token(NODE_RANGE, &parser->token);

		range->left = element;
		if (!read_token(parser, false) || with_child(parser, range, element) == NULL ||
			parse_child(parser, range, &range->right, 0) == NULL)
			return NULL;
		element = range;
	}
	jn_node_add_item(array, element);
	return with_child(parser, array, element);
}

static Node *
prefix_array(Parser *parser, const Token *token)
{
	Node *node = node_of_token(NODE_ARRAY, token);

	if (!at_operator(parser, ']'))
	{
		for (;;)
		{
			if (parse_element(parser, node) == NULL)
				return NULL;
			if (!at_operator(parser, ','))
				break;
			if (!read_token(parser, false))
				return NULL;
		}
	}
	return expect(parser, ']', true) ? node : NULL;
}

/* "key: value, ...}" into node->group. */
static Node *
parse_pairs(Parser *parser, Node *node)
{
	Group *group = palloc0(sizeof(Group));
	int capacity = 4;

	group->pairs = palloc(capacity * sizeof(GroupPair));
	group->position = node->position;
	group->offset = node->offset;
	node->group = group;
	while (!at_operator(parser, '}'))
	{
		GroupPair pair;

		if (parse_child(parser, node, &pair.key, 0) == NULL || !expect(parser, ':', false) ||
			parse_child(parser, node, &pair.value, 0) == NULL)
			return NULL;
		if (group->count == capacity)
		{
			capacity *= 2;
			group->pairs = repalloc(group->pairs, capacity * sizeof(GroupPair));
		}
		group->pairs[group->count++] = pair;
		if (!at_operator(parser, ','))
			break;
		if (!read_token(parser, false))
			return NULL;

		/* a comma is followed by a pair */
		if (at_operator(parser, '}'))
			return parse_fail(parser, "S0211", &parser->token, NULL);
	}
	return expect(parser, '}', true) ? node : NULL;
}

static Node *
prefix_object(Parser *parser, const Token *token)
{
	return parse_pairs(parser, node_of_token(NODE_OBJECT, token));
}

static Node *
prefix_transform(Parser *parser, const Token *token)
{
	Node *node = node_of_token(NODE_TRANSFORM, token);

	if (parse_child(parser, node, &node->left, 0) == NULL || !expect(parser, '|', false) ||
		parse_child(parser, node, &node->right, 0) == NULL)
		return NULL;
	if (at_operator(parser, ','))
	{
		if (!read_token(parser, false) || parse_child(parser, node, &node->third, 0) == NULL)
			return NULL;
	}
	return expect(parser, '|', true) ? node : NULL;
}

/* ---- infixes ---- */

static Node *
infix_plain(Parser *parser, const Token *token, Node *left)
{
	const Symbol *symbol = symbol_of(token->op);
	Node *node = node_of_token(symbol->type, token);

	node->left = left;
	if (with_child(parser, node, left) == NULL)
		return NULL;
	return parse_child(parser, node, &node->right, symbol->power);
}

/* "[" behind an operand: a predicate, an index, or nothing at all, which keeps arrays. */
static Node *
infix_bracket(Parser *parser, const Token *token, Node *left)
{
	Node *node;

	if (at_operator(parser, ']'))
	{
		Node *step = left;

		while (step->type == NODE_RAW_FILTER)
			step = step->left;
		step->keep_array = true;
		return expect(parser, ']', true) ? left : NULL;
	}
	node = node_of_token(NODE_RAW_FILTER, token);
	node->left = left;
	if (with_child(parser, node, left) == NULL || parse_child(parser, node, &node->right, 0) == NULL)
		return NULL;
	return expect(parser, ']', true) ? node : NULL;
}

static Node *
infix_brace(Parser *parser, const Token *token, Node *left)
{
	Node *node = node_of_token(NODE_RAW_GROUP, token);

	node->left = left;
	if (with_child(parser, node, left) == NULL)
		return NULL;
	return parse_pairs(parser, node);
}

static Node *
infix_order_by(Parser *parser, const Token *token, Node *left)
{
	Node *node = node_of_token(NODE_RAW_SORT, token);
	int capacity = 4;

	node->left = left;
	node->terms = palloc(capacity * sizeof(SortTerm));
	if (with_child(parser, node, left) == NULL || !expect(parser, '(', false))
		return NULL;
	for (;;)
	{
		SortTerm term = {NULL, false};

		if (at_operator(parser, '<') || at_operator(parser, '>'))
		{
			term.is_descending = at_operator(parser, '>');
			if (!read_token(parser, false))
				return NULL;
		}
		if (parse_child(parser, node, &term.expression, 0) == NULL)
			return NULL;
		if (node->term_count == capacity)
		{
			capacity *= 2;
			node->terms = repalloc(node->terms, capacity * sizeof(SortTerm));
		}
		node->terms[node->term_count++] = term;
		if (!at_operator(parser, ','))
			break;
		if (!read_token(parser, false))
			return NULL;
	}
	return expect(parser, ')', true) ? node : NULL;
}

static Node *
infix_assign(Parser *parser, const Token *token, Node *left)
{
	Node *node = node_of_token(NODE_BIND, token);

	if (left->type != NODE_VARIABLE && left->type != NODE_CONTEXT)
	{
		jn_compile_fail(parser->compiler, "S0212", left);
		return NULL;
	}
	parser->compiler->binds++;
	node->left = left;
	return parse_child(parser, node, &node->right, 9);
}

/* "@$name" and "#$name" */
static Node *
infix_name_binding(Parser *parser, const Token *token, Node *left)
{
	Node *node = node_of_token(token->op == '@' ? NODE_RAW_FOCUS : NODE_RAW_INDEX, token);

	node->left = left;
	if (with_child(parser, node, left) == NULL || parse_child(parser, node, &node->right, 80) == NULL)
		return NULL;
	if (node->right->type != NODE_VARIABLE && node->right->type != NODE_CONTEXT)
	{
		jn_compile_fail(parser->compiler, "S0214", node->right);
		parser->compiler->failure.token = token->text;
		parser->compiler->failure.token_length = token->length;
		parser->compiler->failure.token_is_number = false;
		return NULL;
	}
	return node;
}

static Node *
infix_condition(Parser *parser, const Token *token, Node *left)
{
	Node *node = node_of_token(NODE_CONDITION, token);

	node->left = left;
	if (with_child(parser, node, left) == NULL || parse_child(parser, node, &node->right, 0) == NULL)
		return NULL;
	if (at_operator(parser, ':'))
	{
		if (!read_token(parser, false) || parse_child(parser, node, &node->third, 0) == NULL)
			return NULL;
	}
	return node;
}

/* "?:" and "??", newer than the language's version 2.0 */
static Node *
infix_default(Parser *parser, const Token *token, Node *left)
{
	JsonataExpression *expression = parser->compiler->expression;
	Node *node = node_of_token(token->op == OP_DEFAULT ? NODE_DEFAULT : NODE_COALESCE, token);

	if (expression->newer_syntax == NULL)
	{
		expression->newer_syntax = token->op == OP_DEFAULT ? "?:" : "??";
		expression->newer_offset = token->offset;
	}
	node->left = left;
	if (with_child(parser, node, left) == NULL)
		return NULL;
	return parse_child(parser, node, &node->right, 0);
}

/* ---- calls and function definitions ---- */

static Node *
parse_arguments(Parser *parser, Node *node)
{
	while (!at_operator(parser, ')'))
	{
		if (at_operator(parser, '?'))
		{
			node->type = NODE_PARTIAL;
			jn_node_add_item(node, node_of_token(NODE_PLACEHOLDER, &parser->token));
			if (!read_token(parser, true))
				return NULL;
		}
		else if (parse_item(parser, node) == NULL)
			return NULL;
		if (!at_operator(parser, ','))
			break;
		if (!read_token(parser, false))
			return NULL;
		if (at_operator(parser, ')'))
			return parse_fail(parser, "S0211", &parser->token, NULL);
	}
	return expect(parser, ')', true) ? node : NULL;
}

/* "<...>" between the parameters and the body */
static bool
parse_signature(Parser *parser, Node *lambda)
{
	StringInfoData text;
	int depth = 1;
	int position = parser->token.position;

	initStringInfo(&text);
	appendStringInfoChar(&text, '<');
	while (depth > 0)
	{
		if (!read_token(parser, true))
			return false;
		if (at_operator(parser, '{') || parser->token.type == TOKEN_END)
			break;
		if (at_operator(parser, '>'))
			depth--;
		else if (at_operator(parser, '<'))
			depth++;
		if (parser->token.type == TOKEN_VARIABLE)
			appendStringInfoChar(&text, '$');
		appendBinaryStringInfo(&text, parser->token.text, parser->token.length);
	}
	if (!expect(parser, '>', true))
		return false;
	lambda->signature = jn_signature_parse(parser->compiler, text.data, text.len, position);
	return lambda->signature != NULL;
}

static Node *
parse_lambda_rest(Parser *parser, Node *node)
{
	node->type = NODE_LAMBDA;
	for (int i = 0; i < node->item_count; i++)
	{
		if (node->items[i]->type != NODE_VARIABLE && node->items[i]->type != NODE_CONTEXT)
		{
			jn_compile_fail(parser->compiler, "S0208", node->items[i]);
			parser->compiler->failure.value = jv_int(i + 1);
			return NULL;
		}
	}
	if (at_operator(parser, '<') && !parse_signature(parser, node))
		return NULL;
	if (!expect(parser, '{', false))
		return NULL;
	node->left = NULL;
	if (parse_child(parser, node, &node->left, 0) == NULL)
		return NULL;
	return expect(parser, '}', true) ? node : NULL;
}

static bool
is_function_word(const Node *node)
{
	if (node->type != NODE_NAME)
		return false;
	return (node->text_length == 8 && memcmp(node->text, "function", 8) == 0) ||
		(node->text_length == 2 && memcmp(node->text, "\xCE\xBB", 2) == 0);
}

static Node *
infix_call(Parser *parser, const Token *token, Node *left)
{
	Node *node = node_of_token(NODE_FUNCTION, token);

	node->left = left;
	if (with_child(parser, node, left) == NULL || parse_arguments(parser, node) == NULL)
		return NULL;
	return is_function_word(left) ? parse_lambda_rest(parser, node) : node;
}

/* ---- the table ---- */

static const Symbol symbols[] = {
	{'.', 75, infix_plain, NODE_RAW_DOT, NULL},
	{'[', 80, infix_bracket, 0, prefix_array},
	{'{', 70, infix_brace, 0, prefix_object},
	{'(', 80, infix_call, 0, prefix_block},
	{'@', 80, infix_name_binding, 0, NULL},
	{'#', 80, infix_name_binding, 0, NULL},
	{'?', 20, infix_condition, 0, NULL},
	{'+', 50, infix_plain, NODE_ADD, NULL},
	{'-', 50, infix_plain, NODE_SUBTRACT, prefix_minus},
	{'*', 60, infix_plain, NODE_MULTIPLY, prefix_wildcard},
	{'/', 60, infix_plain, NODE_DIVIDE, NULL},
	{'%', 60, infix_plain, NODE_MODULO, prefix_parent},
	{'|', 0, NULL, 0, prefix_transform},
	{'=', 40, infix_plain, NODE_EQUAL, NULL},
	{'<', 40, infix_plain, NODE_LESS, NULL},
	{'>', 40, infix_plain, NODE_GREATER, NULL},
	{'^', 40, infix_order_by, 0, NULL},
	{OP_DESCENDANT, 0, NULL, 0, prefix_descendant},
	{OP_ASSIGN, 10, infix_assign, 0, NULL},
	{OP_NOT_EQUAL, 40, infix_plain, NODE_UNEQUAL, NULL},
	{OP_LESS_EQUAL, 40, infix_plain, NODE_LESS_EQUAL, NULL},
	{OP_GREATER_EQUAL, 40, infix_plain, NODE_GREATER_EQUAL, NULL},
	{OP_CHAIN, 40, infix_plain, NODE_APPLY, NULL},
	{OP_DEFAULT, 40, infix_default, 0, NULL},
	{OP_COALESCE, 40, infix_default, 0, NULL},
	{OP_AND, 30, infix_plain, NODE_AND, prefix_name},
	{OP_OR, 25, infix_plain, NODE_OR, prefix_name},
	{OP_IN, 40, infix_plain, NODE_IN, prefix_name},
	{'&', 50, infix_plain, NODE_CONCAT, NULL},
	{OP_RANGE, 0, NULL, 0, NULL},
	{')', 0, NULL, 0, NULL},
	{']', 0, NULL, 0, NULL},
	{'}', 0, NULL, 0, NULL},
	{',', 0, NULL, 0, NULL},
	{';', 0, NULL, 0, NULL},
	{':', 0, NULL, 0, NULL},
};

/* NULL: the lexer knows it, the language does not ("!", "~"). */
static const Symbol *
symbol_of(int op)
{
	for (int i = 0; i < (int) lengthof(symbols); i++)
	{
		if (symbols[i].op == op)
			return &symbols[i];
	}
	return NULL;
}

/* How strongly the current token binds to what stands left of it; 0: it ends the expression. */
static int
infix_power(const Parser *parser)
{
	const Symbol *symbol;

	if (parser->token.type != TOKEN_OPERATOR)
		return 0;
	symbol = symbol_of(parser->token.op);
	return symbol == NULL ? 0 : symbol->power;
}

static bool
check_known_symbol(Parser *parser)
{
	if (parser->token.type == TOKEN_OPERATOR && symbol_of(parser->token.op) == NULL)
	{
		parse_fail(parser, "S0204", &parser->token, NULL);
		return false;
	}
	return true;
}

/* ---- expressions ---- */

static Node *
parse_operand(Parser *parser)
{
	Token token = parser->token;
	const Symbol *symbol = NULL;
	bool ends_operand = true;

	if (!check_known_symbol(parser))
		return NULL;
	if (token.type == TOKEN_OPERATOR)
	{
		symbol = symbol_of(token.op);

		/* these begin something, so that a slash after them begins a regular expression */
		ends_operand = strchr("[({-|", (char) token.op) == NULL || token.op > 255;
	}

	/* what is missing first is the closing bracket, if there is one; else resolve.c complains */
	if (token.type == TOKEN_END)
		return node_of_token(NODE_RAW_END, &token);
	if (!read_token(parser, ends_operand))
		return NULL;
	if (symbol != NULL && symbol->prefix == NULL)
		return parse_fail(parser, "S0211", &token, NULL);
	return symbol != NULL ? symbol->prefix(parser, &token) : operand_of_token(parser, &token);
}

static Node *
parse_infixes(Parser *parser, Node *left, int power)
{
	while (left != NULL && check_known_symbol(parser) && power < infix_power(parser))
	{
		Token token = parser->token;

		SFN_CHECK_INTERRUPTS();
		if (!read_token(parser, false))
			return NULL;
		left = symbol_of(token.op)->infix(parser, &token, left);
	}
	return parser->compiler->failure.code != NULL ? NULL : left;
}

/* An operand and all infixes behind it that bind more strongly than power. */
static Node *
parse_expression(Parser *parser, int power)
{
	Node *node;

	if (++parser->depth > SFN_MAX_DEPTH)
		return fail_too_deep(parser);
	node = parse_infixes(parser, parse_operand(parser), power);
	parser->depth--;
	return node;
}

/* The whole text as one expression. */
Node *
jn_parse_text(Compiler *compiler)
{
	Parser parser;
	Node *node;

	memset(&parser, 0, sizeof(parser));
	parser.compiler = compiler;
	jn_lexer_begin(&parser.lexer, compiler);
	if (!read_token(&parser, false))
		return NULL;
	node = parse_expression(&parser, 0);
	if (node != NULL && parser.token.type != TOKEN_END)
		return parse_fail(&parser, "S0201", &parser.token, NULL);
	return node;
}
