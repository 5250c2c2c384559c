/*
 * assets.h
 *	  The files of the page, which are in the program.
 */
#ifndef SFN_GATEWAY_ASSETS_H
#define SFN_GATEWAY_ASSETS_H

#include "base/port.h"

typedef struct Asset
{
	const char *name; /* its path below /ui/ */
	const char *type;
	const char *tag; /* changes with its bytes, quoted */
	const unsigned char *bytes;
	size_t length;
	bool is_packed; /* by gzip */
} Asset;

/* Made by web/embed.sh; the last has no name. */
extern const Asset assets[];

/* Of all of them; the page asks for its files below "v/<stamp>/", where they stay as they are. */
extern const char assets_stamp[];

#endif /* SFN_GATEWAY_ASSETS_H */
