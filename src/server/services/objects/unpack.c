/*
 * unpack.c
 *	  How an object is compressed, by its key.
 */
#include "postgres.h"

#include "services/objects/unpack.h"

static bool
has_ending(const char *text, const char *ending)
{
	size_t length = strlen(text);

	return length >= strlen(ending) && strcmp(text + length - strlen(ending), ending) == 0;
}

const Packing *
packing_of(const char *key)
{
	static const Packing *const packings[] = {&packing_gzip, &packing_zstd};

	for (int i = 0; i < (int) lengthof(packings); i++)
	{
		for (const char *const *ending = packings[i]->endings; *ending != NULL; ending++)
		{
			if (has_ending(key, *ending))
				return packings[i];
		}
	}
	return NULL;
}
