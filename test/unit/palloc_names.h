/*
 * palloc_names.h
 *	  What else the core and the library call, made of palloc, palloc0, repalloc and pfree.
 *
 * Included once by whoever defines those four, behind them.
 */
#ifndef SFN_PALLOC_NAMES_H
#define SFN_PALLOC_NAMES_H

void *
palloc_extended(Size size, int flags)
{
	return (flags & MCXT_ALLOC_ZERO) ? palloc0(size) : palloc(size);
}

char *
pnstrdup(const char *text, Size length)
{
	Size size = strnlen(text, length);
	char *copy = palloc(size + 1);

	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

char *
pstrdup(const char *text)
{
	return pnstrdup(text, strlen(text));
}

/* The library's own names for the same, for the parts of it that use them. */
void *
pg_malloc(size_t size)
{
	return palloc(size);
}

void *
pg_malloc0(size_t size)
{
	return palloc0(size);
}

void *
pg_malloc_extended(size_t size, int flags)
{
	return palloc_extended(size, flags);
}

void *
pg_realloc(void *pointer, size_t size)
{
	return pointer == NULL ? palloc(size) : repalloc(pointer, size);
}

char *
pg_strdup(const char *text)
{
	return pstrdup(text);
}

void
pg_free(void *pointer)
{
	if (pointer != NULL)
		pfree(pointer);
}

#endif /* SFN_PALLOC_NAMES_H */
