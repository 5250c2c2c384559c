/*
 * java_text.h
 *	  Values in the words of Java's toString(), which AWS puts into some texts.
 */
#ifndef SFN_JSON_JAVA_TEXT_H
#define SFN_JSON_JAVA_TEXT_H

#include "json/json_value.h"

/* {a=1, b=[x, null]}; a string is itself, without quotes. */
extern void java_text_print(StringInfo out, const JsonVal *value);

#endif /* SFN_JSON_JAVA_TEXT_H */
