/*
 * arena.c
 *	  The gateway's memory: what palloc() gives is in the current arena, and goes with it.
 *
 * Blocks are carved into pieces, each behind its size, which only repalloc() needs.
 * What is large has a block of its own.
 */
#include "gateway/arena.h"

#define BLOCK_SIZE 8192
#define ALIGNMENT 16

typedef struct Block
{
	struct Block *next;
	size_t size;
	size_t used;
	char pad[8]; /* pieces are aligned */
} Block;

typedef struct Piece
{
	size_t size;
	size_t pad;
} Piece;

struct Arena
{
	Block *blocks; /* the one that is filled comes first */
};

static Arena *current;

static void *
must_have(void *pointer)
{
	if (pointer == NULL)
	{
		fprintf(stderr, "sfn-gateway: out of memory\n");
		abort();
	}
	return pointer;
}

Arena *
arena_new(void)
{
	return must_have(calloc(1, sizeof(Arena)));
}

void
arena_free(Arena *arena)
{
	for (Block *block = arena->blocks; block != NULL;)
	{
		Block *next = block->next;

		free(block);
		block = next;
	}
	if (current == arena)
		current = NULL;
	free(arena);
}

Arena *
arena_use(Arena *arena)
{
	Arena *before = current;

	current = arena;
	return before;
}

/* A block with room for a piece of that size. */
static Block *
block_for(size_t size)
{
	Block *first = current->blocks;
	Block *block;

	if (first != NULL && first->size - first->used >= size)
		return first;
	block = must_have(malloc(sizeof(Block) + Max(size, BLOCK_SIZE)));
	block->size = Max(size, BLOCK_SIZE);
	block->used = 0;
	if (first != NULL && size > BLOCK_SIZE / 2)
	{
		block->next = first->next; /* the first has room for smaller ones */
		first->next = block;
	}
	else
	{
		block->next = first;
		current->blocks = block;
	}
	return block;
}

void *
palloc(Size size)
{
	size_t rounded = (size + sizeof(Piece) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	Block *block = block_for(rounded);
	Piece *piece = (Piece *) ((char *) (block + 1) + block->used);

	block->used += rounded;
	piece->size = size;
	return piece + 1;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void *
repalloc(void *pointer, Size size)
{
	Size old = ((Piece *) pointer - 1)->size;

	return size <= old ? pointer : memcpy(palloc(size), pointer, old);
}

void
pfree(void *pointer)
{
	(void) pointer;
}

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

/* PostgreSQL's library has names of its own for the same. */
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
