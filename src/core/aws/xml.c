/*
 * xml.c
 *	  XML as services send it.
 *
 * The whole document is read into a tree.  Namespaces are of no account: who reads an
 * answer knows what stands where.  Declarations of a document's own (DOCTYPE) are refused, so
 * that an entity is never more than the character it stands for.
 */
#include "aws/xml.h"

#include "mb/pg_wchar.h"

#include "base/utf8.h"

typedef struct XmlReader
{
	const char *at;
	const char *end;
	int depth;
} XmlReader;

/* ---- texts ---- */

void
xml_escape(StringInfo out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
	{
		switch (*c)
		{
			case '&':
				appendStringInfoString(out, "&amp;");
				break;
			case '<':
				appendStringInfoString(out, "&lt;");
				break;
			case '>':
				appendStringInfoString(out, "&gt;");
				break;
			case '"':
				appendStringInfoString(out, "&quot;");
				break;
			case '\r':
			case '\n':
				appendStringInfo(out, "&#%d;", *c);
				break;
			default:
				appendStringInfoChar(out, *c);
		}
	}
}

/* The character that an entity ("amp", "#39", "#x27") stands for; 0: none. */
static pg_wchar
entity_character(const char *name)
{
	static const struct
	{
		const char *name;
		char character;
	} known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
	char *end;
	unsigned long code;

	for (int i = 0; i < (int) lengthof(known); i++)
	{
		if (strcmp(known[i].name, name) == 0)
			return known[i].character;
	}
	if (name[0] != '#')
		return 0;
	code = name[1] == 'x' ? strtoul(name + 2, &end, 16) : strtoul(name + 1, &end, 10);
	return *end == '\0' && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF) ? (pg_wchar) code : 0;
}

/* Appends the character of the entity at c ("&name;") and returns what follows; NULL when it is none. */
static const char *
append_entity(StringInfo out, const char *c, const char *end)
{
	char name[16] = "";
	const char *semicolon = memchr(c, ';', Min((size_t) (end - c), sizeof(name)));
	unsigned char utf8[5] = "";
	pg_wchar character;

	if (semicolon == NULL)
		return NULL;
	memcpy(name, c + 1, semicolon - c - 1);
	character = entity_character(name);
	if (character == 0)
		return NULL;
	unicode_to_utf8(character, utf8);
	appendStringInfoString(out, (char *) utf8);
	return semicolon + 1;
}

bool
xml_unescape(StringInfo out, const char *text, const char *end)
{
	for (const char *c = text; c < end;)
	{
		const char *ampersand = memchr(c, '&', end - c);

		appendBinaryStringInfo(out, c, (int) ((ampersand != NULL ? ampersand : end) - c));
		if (ampersand == NULL)
			break;
		c = append_entity(out, ampersand, end);
		if (c == NULL)
			return false;
	}
	return true;
}

/* ---- the document ---- */

static bool
stands_here(const XmlReader *reader, const char *text)
{
	size_t length = strlen(text);

	return (size_t) (reader->end - reader->at) >= length && memcmp(reader->at, text, length) == 0;
}

static const char *
find_text(const XmlReader *reader, const char *text)
{
	size_t length = strlen(text);

	for (const char *c = reader->at; (size_t) (reader->end - c) >= length; c++)
	{
		c = memchr(c, text[0], reader->end - c - length + 1);
		if (c == NULL)
			return NULL;
		if (memcmp(c, text, length) == 0)
			return c;
	}
	return NULL;
}

/* Moves behind the next text of that kind; false: there is none. */
static bool
skip_behind(XmlReader *reader, const char *text)
{
	const char *found = find_text(reader, text);

	if (found == NULL)
		return false;
	reader->at = found + strlen(text);
	return true;
}

static void
skip_blanks(XmlReader *reader)
{
	while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL && *reader->at != '\0')
		reader->at++;
}

/* Blanks, comments and instructions around the root. */
static bool
skip_prolog(XmlReader *reader)
{
	for (;;)
	{
		skip_blanks(reader);
		if (stands_here(reader, "<?"))
		{
			if (!skip_behind(reader, "?>"))
				return false;
		}
		else if (stands_here(reader, "<!--"))
		{
			if (!skip_behind(reader, "-->"))
				return false;
		}
		else
			return true;
	}
}

static char *
read_name(XmlReader *reader)
{
	const char *start = reader->at;

	while (reader->at < reader->end && strchr(" \t\r\n=/><\"'", *reader->at) == NULL)
		reader->at++;
	return reader->at > start ? pnstrdup(start, reader->at - start) : NULL;
}

/* name="value" */
static bool
read_attribute(XmlReader *reader, XmlNode *node)
{
	XmlAttribute *attribute = palloc0(sizeof(XmlAttribute));
	StringInfoData value;
	const char *close;

	attribute->name = read_name(reader);
	skip_blanks(reader);
	if (attribute->name == NULL || !stands_here(reader, "="))
		return false;
	reader->at++;
	skip_blanks(reader);
	if (reader->at >= reader->end || (*reader->at != '"' && *reader->at != '\''))
		return false;
	close = memchr(reader->at + 1, *reader->at, reader->end - reader->at - 1);
	initStringInfo(&value);
	if (close == NULL || !xml_unescape(&value, reader->at + 1, close))
		return false;
	reader->at = close + 1;
	attribute->value = value.data;
	attribute->next = node->attributes;
	node->attributes = attribute;
	return true;
}

/* The tag that opens an element; *is_empty: it closes it, too. */
static bool
read_tag(XmlReader *reader, XmlNode *node, bool *is_empty)
{
	const char *name;

	reader->at++;
	name = read_name(reader);
	if (name == NULL || name[0] == '!' || name[0] == '?')
		return false;
	node->name = strchr(name, ':') != NULL ? strchr(name, ':') + 1 : name;
	for (;;)
	{
		skip_blanks(reader);
		*is_empty = stands_here(reader, "/>");
		if (*is_empty || stands_here(reader, ">"))
		{
			reader->at += *is_empty ? 2 : 1;
			return true;
		}
		if (!read_attribute(reader, node))
			return false;
	}
}

/* The tag that closes it. */
static bool
read_close(XmlReader *reader, const XmlNode *node)
{
	const char *name;

	reader->at += 2;
	name = read_name(reader);
	skip_blanks(reader);
	if (name == NULL || !stands_here(reader, ">"))
		return false;
	reader->at++;
	return strcmp(strchr(name, ':') != NULL ? strchr(name, ':') + 1 : name, node->name) == 0;
}

static bool
read_section(XmlReader *reader, StringInfo text)
{
	const char *close;

	reader->at += strlen("<![CDATA[");
	close = find_text(reader, "]]>");
	if (close == NULL)
		return false;
	appendBinaryStringInfo(text, reader->at, (int) (close - reader->at));
	reader->at = close + 3;
	return true;
}

static bool
read_text(XmlReader *reader, StringInfo text)
{
	const char *tag = memchr(reader->at, '<', reader->end - reader->at);
	const char *from = reader->at;

	if (tag == NULL)
		return false;
	reader->at = tag;
	return xml_unescape(text, from, tag);
}

static XmlNode *read_element(XmlReader *reader);

/* What stands between the tags, and the closing one. */
static bool
read_content(XmlReader *reader, XmlNode *node, StringInfo text)
{
	XmlNode **next = &node->children;

	while (reader->at < reader->end)
	{
		bool is_good;

		SFN_CHECK_INTERRUPTS();
		if (stands_here(reader, "</"))
			return read_close(reader, node);
		if (stands_here(reader, "<!--"))
			is_good = skip_behind(reader, "-->");
		else if (stands_here(reader, "<?"))
			is_good = skip_behind(reader, "?>");
		else if (stands_here(reader, "<![CDATA["))
			is_good = read_section(reader, text);
		else if (*reader->at == '<')
		{
			*next = read_element(reader);
			is_good = *next != NULL;
			next = is_good ? &(*next)->next : next;
		}
		else
			is_good = read_text(reader, text);
		if (!is_good)
			return false;
	}
	return false;
}

static XmlNode *
read_element(XmlReader *reader)
{
	XmlNode *node = palloc0(sizeof(XmlNode));
	StringInfoData text;
	bool is_empty;

	node->text = "";
	if (reader->depth >= XML_MAX_DEPTH || !read_tag(reader, node, &is_empty))
		return NULL;
	if (is_empty)
		return node;
	initStringInfo(&text);
	reader->depth++;
	if (!read_content(reader, node, &text))
		return NULL;
	reader->depth--;
	node->text = text.data;
	return node;
}

const XmlNode *
xml_parse(const char *text, int length)
{
	XmlReader reader = {.at = text, .end = text + length};
	const XmlNode *root;

	if (!utf8_is_valid(text, length) || memchr(text, '\0', length) != NULL)
		return NULL;
	if (stands_here(&reader, "\xEF\xBB\xBF"))
		reader.at += 3;
	if (!skip_prolog(&reader) || !stands_here(&reader, "<"))
		return NULL;
	root = read_element(&reader);
	return root != NULL && skip_prolog(&reader) && reader.at == reader.end ? root : NULL;
}

/* ---- looking around ---- */

static const XmlNode *
first_named(const XmlNode *node, const char *name)
{
	while (node != NULL && strcmp(node->name, name) != 0)
		node = node->next;
	return node;
}

const XmlNode *
xml_child(const XmlNode *node, const char *name)
{
	return node != NULL ? first_named(node->children, name) : NULL;
}

const XmlNode *
xml_next(const XmlNode *node)
{
	return first_named(node->next, node->name);
}

const char *
xml_child_text(const XmlNode *node, const char *name)
{
	const XmlNode *child = xml_child(node, name);

	return child != NULL ? child->text : NULL;
}
