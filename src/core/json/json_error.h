/*
 * json_error.h
 *	  A JSON error in the words of AWS's parser.
 */
#ifndef SFN_JSON_JSON_ERROR_H
#define SFN_JSON_JSON_ERROR_H

#include "json/json_value.h"

/*
 * The message for a text that jv_parse() refused: "Unrecognized token 'not': was expecting (JSON String, ...)".
 * Of a text that is nested too deep, which is JSON to AWS's parser, it is our own.
 * *location, unless NULL, is where: "[Source: (String)"..."; line: 1, column: 4]".
 */
extern char *json_error_message(const char *text, int length, const JvParseError *error, char **location);

/* A place in a text as AWS's parser writes it, a long text cut; *line and *column are the same from 1. */
extern char *json_source_location(const char *text, int length, int offset, int *line, int *column);

#endif /* SFN_JSON_JSON_ERROR_H */
