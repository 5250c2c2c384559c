/*
 * value_private.h
 *	  What the files of src/core/json share and nobody else needs.
 */
#ifndef SFN_JSON_VALUE_PRIVATE_H
#define SFN_JSON_VALUE_PRIVATE_H

#include "json/json_value.h"

/*
 * Many small parts of one value in few chunks.  Parsing and copying know that
 * all their parts live equally long, so they save the allocator's overhead for
 * each of them.  Nothing is ever given back.
 */
typedef struct JvPool
{
	char *next; /* free bytes of the current chunk */
	Size left;
	Size chunk_size; /* of the next chunk */
} JvPool;

extern void jv_pool_begin(JvPool *pool, Size expected);
extern void *jv_pool_more(JvPool *pool, Size size);

/* Under a sanitizer every part is an allocation of its own, so that overruns are seen. */
#if defined(__SANITIZE_ADDRESS__)
#define JV_POOL_SEPARATE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JV_POOL_SEPARATE 1
#endif
#endif

/* Room for one part, aligned for any of our structs; pool NULL: straight from the context. */
static inline void *
jv_pool_alloc(JvPool *pool, Size size)
{
#ifdef JV_POOL_SEPARATE
	(void) pool;
	return palloc(size);
#else
	void *part;

	if (pool == NULL)
		return palloc(size);
	size = MAXALIGN(size);
	if (size > pool->left)
		return jv_pool_more(pool, size);
	part = pool->next;
	pool->next += size;
	pool->left -= size;
	return part;
#endif
}

extern const JsonVal *jv_make_string(JvPool *pool, const char *text, int length);
extern const JsonVal *jv_make_number(JvPool *pool, const char *spelling, int length);
extern const JsonVal *jv_make_array(JvPool *pool, const JsonVal *const *items, int count);
extern const JsonVal *jv_make_object(JvPool *pool, JvMember *members, int count);

/* Copies text and a NUL byte behind it. */
extern char *jv_pool_text(JvPool *pool, const char *text, int length);

#endif /* SFN_JSON_VALUE_PRIVATE_H */
