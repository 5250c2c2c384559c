/*
 * fuzz_files.c
 *	  Runs a fuzz target over the files of directories, without a fuzzer.
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>

static void
run_file(const char *name)
{
	int length;
	char *content = unit_read_file(name, &length);
	uint8 *copy = malloc(Max(length, 1));

	/* a block of its own size: reading one byte too many is seen */
	memcpy(copy, content, length);
	LLVMFuzzerTestOneInput(copy, length);
	free(copy);
	unit_check(true, "%s", name);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
	{
		DIR *directory = opendir(argv[i]);
		struct dirent *entry;

		if (directory == NULL)
			continue;
		while ((entry = readdir(directory)) != NULL)
		{
			char name[1024];

			if (entry->d_name[0] == '.')
				continue;
			snprintf(name, sizeof(name), "%s/%s", argv[i], entry->d_name);
			run_file(name);
		}
		closedir(directory);
	}
	return unit_done();
}
