/*
 * query_form.h
 *	  AWS's query protocol from the service's side: a form becomes a request in JSON, an answer in JSON becomes XML.
 */
#ifndef SFN_AWS_QUERY_FORM_H
#define SFN_AWS_QUERY_FORM_H

#include "base/port.h"

#include "json/json_value.h"

/*
 * Names have dots: "Tags.member.1.Key" stands in a list, "Attributes.entry.1.key" in a map.  All values are strings.  NULL: it
 * is no such form, or one that is too long or too deep.
 */
extern const JsonVal *query_form_read(const char *form);

/* The members of an answer; "Attributes" is a map. */
extern void query_answer_print(StringInfo out, const JsonVal *answer);

#endif /* SFN_AWS_QUERY_FORM_H */
