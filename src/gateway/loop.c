/*
 * loop.c
 *	  The one loop: descriptors that are watched, and the time.
 */
#include "gateway/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64

static int set = -1;

/* Those of this round; one that is forgotten meanwhile is not called. */
static struct epoll_event round_events[EVENTS_AT_ONCE];
static int round_count;

void
loop_begin(void)
{
	set = epoll_create1(EPOLL_CLOEXEC);
	if (set < 0)
	{
		perror("sfn-gateway: epoll_create1");
		exit(1);
	}
}

void
loop_watch(Watch *watch, int fd, uint32 events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	if (watch->fd == fd && epoll_ctl(set, EPOLL_CTL_MOD, fd, &event) == 0)
		return;
	if (watch->fd >= 0)
		loop_forget(watch);
	watch->fd = fd;
	if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0)
		perror("sfn-gateway: epoll_ctl");
}

void
loop_forget(Watch *watch)
{
	if (watch->fd < 0)
		return;
	(void) epoll_ctl(set, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->fd = -1;
	for (int i = 0; i < round_count; i++)
	{
		if (round_events[i].data.ptr == watch)
			round_events[i].data.ptr = NULL;
	}
}

void
loop_wait(int milliseconds)
{
	round_count = epoll_wait(set, round_events, EVENTS_AT_ONCE, milliseconds);
	for (int i = 0; i < round_count; i++)
	{
		Watch *watch = round_events[i].data.ptr;

		if (watch != NULL)
			watch->ready(watch, round_events[i].events);
	}
	round_count = 0;
}

int64
loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * SECOND + now.tv_nsec / 1000;
}

TimestampTz
wall_clock(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return ((int64) now.tv_sec - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * INT64CONST(86400)) * USECS_PER_SEC +
		now.tv_usec;
}
