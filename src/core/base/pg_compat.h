/*
 * pg_compat.h
 *	  What differs between PostgreSQL versions for the core, in one place.
 *
 * The core is written for PostgreSQL 15; newer versions are mapped to it here.
 */
#ifndef SFN_BASE_PG_COMPAT_H
#define SFN_BASE_PG_COMPAT_H

#include "base/port.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"

/* A lexer over UTF-8 text that leaves strings as they are written. */
static inline JsonLexContext *
compat_json_lexer(const char *text, int length)
{
#if PG_VERSION_NUM >= 170000
	return makeJsonLexContextCstringLen(NULL, text, length, PG_UTF8, false);
#else
	return makeJsonLexContextCstringLen(unconstify(char *, text), length, PG_UTF8, false);
#endif
}

#endif /* SFN_BASE_PG_COMPAT_H */
