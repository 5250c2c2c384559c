/*
 * parse_private.h
 *	  What parse.c and resolve.c share.
 */
#ifndef SFN_JSONATA_PARSE_PRIVATE_H
#define SFN_JSONATA_PARSE_PRIVATE_H

#include "jsonata/node.h"

/* A node of that type at the place of the model (NULL: none). */
extern Node *jn_node(NodeType type, const Node *model);
extern void jn_node_add_item(Node *node, Node *item);

#endif /* SFN_JSONATA_PARSE_PRIVATE_H */
