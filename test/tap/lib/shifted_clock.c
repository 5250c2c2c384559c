/*
 * shifted_clock.c
 *	  A clock that tests can set: preloaded (LD_PRELOAD), it adds to the time of day the seconds that stand, as a
 *	  64-bit integer, in the file named by SFN_CLOCK_SHIFT.  The monotonic clock goes on as it is, as when a real
 *	  clock is set.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t
shift(void)
{
	static volatile const int64_t *seconds;

	if (seconds == NULL)
	{
		const char *path = getenv("SFN_CLOCK_SHIFT");
		int file = (path != NULL) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		void *mapped;

		if (file < 0)
			return 0;
		mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
		close(file);
		if (mapped == MAP_FAILED)
			return 0;
		seconds = mapped;
	}
	return *seconds;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, now);
	if (result == 0 && clock == CLOCK_REALTIME)
		now->tv_sec += shift();
	return result;
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec moment;
	int result = clock_gettime(CLOCK_REALTIME, &moment);

	(void) zone;
	now->tv_sec = moment.tv_sec;
	now->tv_usec = moment.tv_nsec / 1000;
	return result;
}

time_t
time(time_t *seconds)
{
	struct timespec moment;

	(void) clock_gettime(CLOCK_REALTIME, &moment);
	if (seconds != NULL)
		*seconds = moment.tv_sec;
	return moment.tv_sec;
}
