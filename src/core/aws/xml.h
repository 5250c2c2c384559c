/*
 * xml.h
 *	  XML as services send it: elements, attributes and text, without declarations of their own.
 */
#ifndef SFN_AWS_XML_H
#define SFN_AWS_XML_H

#include "base/port.h"

/* Nesting of elements that is read. */
#define XML_MAX_DEPTH 200

typedef struct XmlAttribute
{
	const char *name; /* with its prefix */
	const char *value;
	struct XmlAttribute *next;
} XmlAttribute;

typedef struct XmlNode
{
	const char *name; /* without its prefix */
	const char *text; /* between its tags, that of its children left out */
	XmlAttribute *attributes;
	struct XmlNode *children; /* in their order */
	struct XmlNode *next;
} XmlNode;

/* The root of a document; NULL: it is none, or not UTF-8. */
extern const XmlNode *xml_parse(const char *text, int length);

/* The first child of that name, or NULL; the first sibling behind a node that is called like it. */
extern const XmlNode *xml_child(const XmlNode *node, const char *name);
extern const XmlNode *xml_next(const XmlNode *node);
extern const char *xml_child_text(const XmlNode *node, const char *name);

extern void xml_escape(StringInfo out, const char *text);

/* Appends text with its entities undone; false: one is none. */
extern bool xml_unescape(StringInfo out, const char *text, const char *end);

#endif /* SFN_AWS_XML_H */
