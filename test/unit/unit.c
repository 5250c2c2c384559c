/*
 * unit.c
 *	  Checks that count, and a palloc whose blocks are all given back at once.
 *
 * The core frees nothing, as it relies on memory contexts.  Here every block is
 * a malloc of its own, so that the address sanitizer sees each overrun, and all
 * stand in one list, so that the leak sanitizer has nothing to say.
 */
#include "unit/unit.h"

#include <stdio.h>

static int passed_count;
static int failed_count;

/* ---- memory ---- */

typedef struct Block
{
	struct Block *next;
	struct Block *previous;
} Block;

static Block blocks = {&blocks, &blocks};

static void *
block_link(Block *block)
{
	if (block == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	block->next = blocks.next;
	block->previous = &blocks;
	blocks.next->previous = block;
	blocks.next = block;
	return block + 1;
}

static Block *
block_unlink(void *pointer)
{
	Block *block = (Block *) pointer - 1;

	block->next->previous = block->previous;
	block->previous->next = block->next;
	return block;
}

void *
palloc(Size size)
{
	return block_link(malloc(sizeof(Block) + size));
}

void *
palloc0(Size size)
{
	return block_link(calloc(1, sizeof(Block) + size));
}

void *
repalloc(void *pointer, Size size)
{
	return block_link(realloc(block_unlink(pointer), sizeof(Block) + size));
}

void
pfree(void *pointer)
{
	free(block_unlink(pointer));
}

void
unit_reset_memory(void)
{
	while (blocks.next != &blocks)
		pfree(blocks.next + 1);
}

#include "unit/palloc_names.h"

/* ---- checks ---- */

bool
unit_check(bool passed, const char *format, ...)
{
	va_list args;

	passed ? passed_count++ : failed_count++;
	printf("%s %d - ", passed ? "ok" : "not ok", passed_count + failed_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return passed;
}

bool
unit_text(const char *actual, const char *expected, const char *format, ...)
{
	char name[1024];
	va_list args;
	bool equal = (actual == NULL || expected == NULL) ? actual == expected : strcmp(actual, expected) == 0;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	unit_check(equal, "%s", name);
	if (!equal)
		printf("#   is:       %s\n#   expected: %s\n", actual ? actual : "(none)", expected ? expected : "(none)");
	return equal;
}

int
unit_done(void)
{
	unit_reset_memory();
	printf("1..%d\n", passed_count + failed_count);
	if (failed_count > 0)
		printf("# %d of %d failed\n", failed_count, passed_count + failed_count);
	return failed_count > 0;
}

const JsonVal *
unit_json(const char *text)
{
	char *copy = pstrdup(text);
	JvParseError error;
	const JsonVal *value;

	for (char *s = copy; *s != '\0'; s++)
	{
		if (*s == '\'')
			*s = '"';
	}
	value = jv_parse(copy, strlen(copy), &error);
	if (value == NULL)
	{
		fprintf(stderr, "not JSON: %s: %s\n", text, error.message);
		exit(2);
	}
	return value;
}

char *
unit_read_file(const char *name, int *length)
{
	FILE *file = fopen(name, "rb");
	StringInfoData content;
	char part[8192];
	size_t got;

	if (file == NULL)
	{
		fprintf(stderr, "cannot read %s\n", name);
		exit(2);
	}
	initStringInfo(&content);
	while ((got = fread(part, 1, sizeof(part), file)) > 0)
		appendBinaryStringInfo(&content, part, got);
	fclose(file);
	*length = content.len;
	return content.data;
}
