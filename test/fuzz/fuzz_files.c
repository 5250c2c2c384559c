/*
 * fuzz_files.c
 *	  Runs a fuzz target over the files of directories, without a fuzzer.
 *
 * Of itself: a target may stand on the unit tests' memory or on the gateway's.
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>

static int files_run;

/* A block of the file's size: reading one byte too many is seen. */
static void
run_file(const char *name)
{
	FILE *file = fopen(name, "rb");
	long length = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
	uint8 *content = length >= 0 ? malloc(length + (length == 0)) : NULL;

	if (content == NULL || fseek(file, 0, SEEK_SET) != 0 || fread(content, 1, length, file) != (size_t) length)
	{
		fprintf(stderr, "%s cannot be read\n", name);
		exit(1);
	}
	fclose(file);
	LLVMFuzzerTestOneInput(content, length);
	free(content);
	printf("ok %d - %s\n", ++files_run, name);
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
	printf("1..%d\n", files_run);
	return files_run == 0;
}
