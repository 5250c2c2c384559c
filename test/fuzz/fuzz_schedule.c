/*
 * fuzz_schedule.c
 *	  Any text as a schedule: what is read is shown back as the same, and its times rise.
 */
#include "fuzz/fuzz.h"

#include "events/schedule.h"

/* A zone that jumps by some hours, every half year. */
static int
offset_at(const ScheduleZone *zone, int64 moment)
{
	(void) zone;
	return (moment / 15768000) % 2 == 0 ? 3600 : 3 * 3600;
}

static void
check_shown(const Schedule *schedule)
{
	StringInfoData out;
	StringInfoData again;
	Schedule same;
	ScheduleError error;

	initStringInfo(&out);
	initStringInfo(&again);
	schedule_print(&out, schedule);
	FUZZ_ASSERT(schedule_parse(out.data, out.len, &same, &error));
	schedule_print(&again, &same);
	FUZZ_ASSERT(strcmp(out.data, again.data) == 0 && same.kind == schedule->kind);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	ScheduleZone zone = {offset_at, NULL};
	char *copy = palloc(Max(size, 1)); /* so that reading beyond it is seen */
	Schedule schedule;
	ScheduleError error;
	int64 moment = INT64CONST(1700000000);
	int64 before;
	int64 same;

	memcpy(copy, data, size);
	if (schedule_parse(copy, (int) size, &schedule, &error))
	{
		check_shown(&schedule);
		for (int i = 0; i < 20; i++)
		{
			before = moment;
			if (!schedule_next(&schedule, &zone, INT64CONST(1700000000), before, &moment))
				break;
			FUZZ_ASSERT(moment > before);
			FUZZ_ASSERT(schedule_next(&schedule, &zone, INT64CONST(1700000000), moment - 1, &same) && same == moment);
		}
	}
	else
		FUZZ_ASSERT(error.message != NULL && error.position >= 0 && error.position <= (int) size);
	unit_reset_memory();
	return 0;
}
