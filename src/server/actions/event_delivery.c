/*
 * event_delivery.c
 *	  Sending an event: the rules of its bus that match it, and what they lead to, in the same transaction.
 *
 * A start that cannot fail is made at once; all others are tried by an execution of
 * the target's hidden machine.  Its rows are inserted without looking at quotas:
 * what is over them fails later, in its own turn.  Events for other buses are sent after
 * the rules of this one have been gone through, so no rule is read while they are in use.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "actions/event_dead_letters.h"
#include "actions/event_delivery.h"
#include "actions/event_rows.h"
#include "actions/event_rule_cache.h"
#include "actions/event_rules.h"
#include "actions/event_waiting.h"
#include "actions/lineage.h"
#include "actions/resources.h"
#include "actions/start.h"
#include "base/timestamps.h"
#include "settings/clock.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "shared/event_waiters.h"
#include "store/event_archives.h"
#include "store/new_executions.h"
#include "store/trust.h"

#define MAX_NOTICE 7999 /* bytes; NOTIFY's limit */
#define TRIED_UNASKED 8
#define MAX_LED_TO 200 /* events that are forwarded because of one, on whatever buses */
#define ERROR_LOOP "Sfn.EventLoop"
#define ERROR_TOO_LARGE "States.DataLimitExceeded"
#define ERROR_NO_ROLE "States.Permissions"

/* One rule that matches, on its way to its targets. */
typedef struct Delivery
{
	SentEvent *sent;
	const CachedRule *rule;
	const CachedTarget *target;
	const JsonVal *event; /* as this rule sees it */
	char *text;           /* the same */
	char *input;          /* what the target is given; NULL: it is too long */
	SentEvent *forwarded; /* to other buses */
} Delivery;

/* ---- who gets it ---- */

static uint64 sends = 0; /* the event that is being sent */

bool
bus_may_put(const BusRow *bus, Oid role, BusPrivilege privilege)
{
	bool is_owner = OidIsValid(bus->owner) && has_privs_of_role(role, bus->owner);

	if (privilege == BUS_PUT && (bus->id == DEFAULT_BUS_ID || is_owner))
		return true;
	return superuser_arg(role) || bus_is_granted(bus->id, role, privilege);
}

bool
bus_is_trusted(const BusRow *bus, Oid role, SfnError *error)
{
	size_t prefix = strlen(TOPIC_BUS_PREFIX);
	bool is_topic = strncmp(bus->name, TOPIC_BUS_PREFIX, prefix) == 0;
	OwnedName named = {.kind = is_topic ? NAME_TOPIC : NAME_EVENT_BUS,
					   .id = bus->id,
					   .name = is_topic ? bus->name + prefix : bus->name,
					   .owner = bus->owner};

	return bus->id == DEFAULT_BUS_ID || name_is_trusted(&named, role, error);
}

static bool
may_get_put(const SentEvent *sent, Oid role)
{
	return has_privs_of_role(role, sent->putter) || bus_is_granted(sent->bus_id, role, BUS_SUBSCRIBE);
}

static bool
is_replayed_to(const CachedRule *rule, const JsonVal *rules)
{
	for (int i = 0; rules != NULL && i < rules->count; i++)
	{
		if (strcmp(rules->u.items[i]->u.text, rule->arn) == 0)
			return true;
	}
	return rules == NULL;
}

static bool
looks_at(const CachedRule *rule, const SentEvent *sent)
{
	return rule_matches_some(rule) && rule->bus_id == sent->bus_id &&
		(!sent->is_replayed || (!rule->is_archive && is_replayed_to(rule, sent->rules)));
}

/* As far as the role may see it; NULL: not at all. */
static const JsonVal *
event_for(SentEvent *sent, Oid role)
{
	bool reads_data;

	if (sent->machine == NULL)
		return sent->event;
	if (!machine_privilege(sent->machine, role, MACHINE_SEE))
		return NULL;
	reads_data = machine_privilege(sent->machine, role, MACHINE_READ_DATA);
	if (sent->shown[reads_data] == NULL)
	{
		sent->facts->shows_data = reads_data;
		sent->shown[reads_data] = execution_event(sent->facts);
	}
	return sent->shown[reads_data];
}

static bool
may_get(const SentEvent *sent, Oid role)
{
	return (!OidIsValid(sent->replayer) || has_privs_of_role(role, sent->replayer)) &&
		(sent->machine != NULL || may_get_put(sent, role));
}

static bool
matches(const SentEvent *sent, const JsonVal *event, const EventPattern *pattern)
{
	return event_pattern_matches(pattern, sent->matched != NULL ? sent->matched : event);
}

const JsonVal *
event_if_matching(SentEvent *sent, Oid role, const EventPattern *pattern)
{
	const JsonVal *event = event_for(sent, role);

	if (event == NULL || !matches(sent, event, pattern) || !may_get(sent, role))
		return NULL;
	return event;
}

/*
 * The same for a rule.  Patterns cost less than the question who may see it, so a few are tried first; of an owner who has
 * more, whose events these may not be, no more than that.
 */
static const JsonVal *
event_if_matching_rule(SentEvent *sent, const CachedRule *rule, const EventPattern *pattern)
{
	CachedOwner *viewer = rule->viewer;

	if (viewer->send != sends)
	{
		viewer->send = sends;
		viewer->tried = 0;
		viewer->is_asked = false;
	}
	if (!viewer->is_asked && sent->machine == NULL && viewer->tried++ < TRIED_UNASKED &&
		!matches(sent, sent->event, pattern))
		return NULL;
	if (!viewer->is_asked)
	{
		viewer->seen = may_get(sent, rule->owner) ? event_for(sent, rule->owner) : NULL;
		viewer->is_asked = true;
	}
	return viewer->seen != NULL && matches(sent, viewer->seen, pattern) ? viewer->seen : NULL;
}

/* ---- the ways ---- */

static char *
moment_now(void)
{
	TimestampTz now = sfn_now();
	StringInfoData out;

	initStringInfo(&out);
	timestamp_print(&out, now - now % USECS_PER_SEC);
	return out.data;
}

static char *
input_of(const Delivery *delivery)
{
	EventInputEvent event = {.event = delivery->event,
							 .rule_arn = delivery->rule->arn,
							 .rule_name = delivery->rule->name};

	if (delivery->target->input == NULL)
		return delivery->text;
	event.ingestion_time = moment_now();
	return event_input_make(delivery->target->input, &event, sfn_max_payload_size);
}

/* Rows are all there is to it. */
static void
start(Delivery *delivery, const MachineRow *machine, const char *input)
{
	SentEvent *sent = delivery->sent;
	NewExecutions shared = {.machine = machine,
							.starter = delivery->target->role,
							.trace_header = lineage_make(lineage_with(sent->lineage, delivery->rule->owner))};
	NewExecution execution;

	if (sent->rows != NULL)
	{
		event_rows_start(sent->rows, &shared, input);
		return;
	}
	shared.start_date = sfn_now();
	new_name_make(&execution.name, NULL, false);
	execution.input = CStringGetTextDatum(input);
	new_executions_store(&shared, 1, &execution);
}

/* An execution of the hidden machine. */
static void
deliver_by_machine(Delivery *delivery)
{
	const CachedTarget *target = delivery->target;
	MachineRow machine = {.id = target->machine_id, .revision_id = target->revision_id, .role = target->role};

	start(delivery, &machine,
		  target->input == NULL ? psprintf("{\"event\": %s}", delivery->text)
								: psprintf("{\"event\": %s, \"input\": %s}", delivery->text, delivery->input));
}

static void
deliver_start(Delivery *delivery)
{
	const CachedTarget *target = delivery->target;
	const MachineRow *machine = execution_input_is_plain(delivery->input, target->input == NULL)
		? execution_plain_machine(target->role, target->target)
		: NULL;

	if (machine != NULL)
		start(delivery, machine, delivery->input);
	else
		deliver_by_machine(delivery);
}

/* Of which role's machine the engine tells in it; InvalidOid: of none. */
static Oid
told_of(const SentEvent *sent)
{
	return sent->machine != NULL ? sent->machine->role : sent->told_of;
}

/*
 * A source that is reserved is so on each bus, else a bus of one's own would be the way to any other: what the engine tells
 * of one's own machines may be forwarded, and what one could put.
 */
static bool
may_forward(const Delivery *delivery, const BusRow *bus)
{
	const char *source = jv_get_string(delivery->event, "source");
	Oid told = told_of(delivery->sent);

	if (!bus_may_put(bus, delivery->target->role, BUS_PUT))
		return false;
	return source == NULL || !event_source_is_reserved(source) || bus_is_own(bus, delivery->target->role) ||
		(OidIsValid(told) && has_privs_of_role(delivery->rule->owner, told)) ||
		bus_may_put(bus, delivery->target->role, BUS_PUT_AWS);
}

static void
deliver_to_bus(Delivery *delivery)
{
	BusRow *bus = bus_find(event_target_name(delivery->target->target));
	SentEvent *forwarded;
	SfnError distrust;

	if (bus == NULL)
	{
		dead_letter_keep(delivery->rule, delivery->target, delivery->text, "Events.ResourceNotFoundException",
						 "The event bus does not exist.");
		return;
	}
	if (!may_forward(delivery, bus))
	{
		dead_letter_keep(delivery->rule, delivery->target, delivery->text, "Events.AccessDeniedException",
						 psprintf("The target's role may not put this event on event bus \"%s\".", bus->name));
		return;
	}
	if (!bus_is_trusted(bus, delivery->target->role, &distrust))
	{
		dead_letter_keep(delivery->rule, delivery->target, delivery->text, distrust.name, distrust.cause);
		return;
	}
	forwarded = palloc0(sizeof(SentEvent));
	forwarded->bus_id = bus->id;
	forwarded->lineage = lineage_with(delivery->sent->lineage, delivery->rule->owner);
	forwarded->is_forwarded = true;
	forwarded->is_replayed = delivery->sent->is_replayed;
	forwarded->rows = delivery->sent->rows;
	forwarded->putter = delivery->target->role;
	forwarded->told_of = told_of(delivery->sent);
	forwarded->event = delivery->event;
	forwarded->next = delivery->forwarded;
	delivery->forwarded = forwarded;
}

/* What is too long for NOTIFY says which event it was. */
static char *
notice_of(const Delivery *delivery)
{
	static const char *const members[] = {"id", "source", "detail-type", "resources"};
	char *input = delivery->input;
	JvObjectBuilder object;

	if (input != NULL && strlen(input) <= MAX_NOTICE)
		return input;
	jv_object_begin(&object);
	for (size_t i = 0; i < lengthof(members); i++)
		jv_object_add(&object, members[i], jv_get(delivery->event, members[i]));
	input = jv_to_text(jv_object_end(&object));
	return strlen(input) <= MAX_NOTICE ? input : "{}";
}

static void
deliver_notice(Delivery *delivery)
{
	notice_insert(event_target_name(delivery->target->target), notice_of(delivery));
}

/* Whoever set it was a member of the role; the owner has to be one whenever it is told. */
static bool
may_tell_as(const CachedRule *rule, Oid role)
{
	return sfn_member_can_set_role(rule->owner, role) || !SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role));
}

static void
keep_forbidden(const Delivery *delivery)
{
	const CachedRule *rule = delivery->rule;
	const char *owner = GetUserNameFromId(rule->owner, true);

	dead_letter_insert(rule->id, delivery->target->id, delivery->text, ERROR_NO_ROLE,
					   psprintf("The owner of the rule, role \"%s\", may not act as role \"%s\" of the target.",
								owner != NULL ? owner : "(dropped)", GetUserNameFromId(delivery->target->role, false)));
}

static void
deliver(Delivery *delivery)
{
	static void (*const ways[])(Delivery *) = {[TARGET_START] = deliver_start,
											   [TARGET_MACHINE] = deliver_by_machine,
											   [TARGET_BUS] = deliver_to_bus,
											   [TARGET_NOTIFY] = deliver_notice};

	const CachedTarget *target = delivery->target;

	if (target->kind == NULL)
		return;
	if (!may_tell_as(delivery->rule, target->role))
	{
		keep_forbidden(delivery); /* nor is a dead letter sent in its name */
		return;
	}
	delivery->input = input_of(delivery);
	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(target->role)))
		dead_letter_keep(delivery->rule, target, delivery->text, ERROR_NO_ROLE,
						 "The role of the target does not exist any more.");
	else if (delivery->input == NULL && target->kind->way != TARGET_NOTIFY)
		dead_letter_keep(delivery->rule, target, delivery->text, ERROR_TOO_LARGE,
						 psprintf("The input of the target would be longer than %d bytes.", sfn_max_payload_size));
	else
		ways[target->kind->way](delivery);
}

/* ---- one event ---- */

static int led_to; /* how many events the one that is being sent has led to, so far */

/* Only where all rules that led here are its owner's: else anybody could disable the rules that hear of his events. */
static void
end_rule(Delivery *delivery, const char *cause, const char *reason, const char *hint)
{
	const CachedRule *rule = delivery->rule;

	for (const CachedTarget *target = rule->targets; target != NULL; target = target->next)
		dead_letter_insert(rule->id, target->id, delivery->text, ERROR_LOOP, cause);
	if (delivery->sent->lineage.owner == rule->owner && rule_disable_now(rule->id, reason))
		ereport(WARNING,
				(errmsg("rule \"%s\" of event bus \"%s\" was disabled: %s", rule->name, rule->bus, reason),
				 errhint("%s", hint)));
}

/* Rules that start each other for ever end here, and those that make ever more of one event. */
static bool
end_loop(Delivery *delivery)
{
	if (delivery->sent->lineage.depth >= LINEAGE_MAX)
		end_rule(delivery, psprintf("More than %d rules led to this event.", LINEAGE_MAX),
				 psprintf("it is part of a loop of more than %d rules", LINEAGE_MAX),
				 "Its pattern matches what its own targets lead to. sfn.enable_rule() enables it.");
	else if (led_to > MAX_LED_TO)
		end_rule(
			delivery, psprintf("One event led to more than %d others.", MAX_LED_TO),
			psprintf("it makes more than %d events of one, with others", MAX_LED_TO),
			"Several of its targets lead to the same bus, or those of rules behind it. sfn.enable_rule() enables it.");
	else
		return false;
	return true;
}

static void
keep_in_archive(const Delivery *delivery)
{
	const SentEvent *sent = delivery->sent;
	const char *time = jv_get_string(delivery->event, "time");
	ArchivedEvent archived = {.archive_id = delivery->rule->id,
							  .putter = sent->machine == NULL ? sent->putter : InvalidOid,
							  .state_machine_id = sent->machine != NULL ? sent->machine->id : 0,
							  .event = delivery->text};

	if (time == NULL || !timestamp_parse(time, (int) strlen(time), &archived.time))
		elog(ERROR, "the event of archive \"%s\" has no time", delivery->rule->name);
	if (sent->rows != NULL)
		event_rows_archive(sent->rows, &archived);
	else
		archived_events_insert(&archived, 1);
}

static void
apply_rule(Delivery *delivery)
{
	delivery->text = jv_to_text(delivery->event);
	if (delivery->rule->is_archive)
	{
		keep_in_archive(delivery);
		return;
	}
	if (end_loop(delivery))
		return;
	for (delivery->target = delivery->rule->targets; delivery->target != NULL;
		 delivery->target = delivery->target->next)
		deliver(delivery);
}

static SentEvent *
send_one(SentEvent *sent)
{
	Delivery delivery = {.sent = sent};
	const JsonVal *asked = sent->matched != NULL ? sent->matched : sent->event;
	const char *source = asked != NULL ? jv_get_string(asked, "source") : NULL;
	const char *detail_type = asked != NULL ? jv_get_string(asked, "detail-type") : NULL;

	if (sent->facts != NULL)
	{
		source = EXECUTION_EVENT_SOURCE(sent->facts->is_express);
		detail_type = EXECUTION_EVENT_TYPE;
	}
	sends++;
	for (const CachedRule *rule = event_rules(); rule != NULL; rule = rule->next)
	{
		const EventPattern *pattern = looks_at(rule, sent) ? rule_pattern_for(rule, source, detail_type) : NULL;

		if (pattern == NULL)
			continue;
		delivery.rule = rule;
		delivery.event = event_if_matching_rule(sent, rule, pattern);
		if (delivery.event != NULL)
			apply_rule(&delivery);
	}
	return delivery.forwarded;
}

void
event_send(SentEvent *sent)
{
	led_to = 0;
	while (sent != NULL)
	{
		SentEvent *waiting = sent->next;
		SentEvent *forwarded;

		CHECK_FOR_INTERRUPTS();
		led_to = sent->is_forwarded ? led_to + 1 : 0;
		forwarded = send_one(sent);

		if (sent->machine == NULL)
			event_waiting_keep(sent);
		else if (sent->facts == NULL && event_waiters_exist()) /* changes of status are told at the end of the turn */
			event_waiting_tell(sent);
		sent = forwarded != NULL ? forwarded : waiting;
		while (forwarded != NULL && forwarded->next != NULL)
			forwarded = forwarded->next;
		if (forwarded != NULL)
			forwarded->next = waiting;
	}
}

static const CachedRule *
rule_of_id(int64 id)
{
	const CachedRule *rule = event_rules();

	while (rule != NULL && (rule->is_archive || rule->id != id))
		rule = rule->next;
	return rule;
}

void
event_tell_targets(int64 rule_id, const JsonVal *event)
{
	SentEvent sent = {.event = event};
	Delivery delivery = {.sent = &sent, .rule = rule_of_id(rule_id), .event = event};

	if (delivery.rule == NULL || !delivery.rule->is_enabled)
		return;
	sent.told_of = delivery.rule->owner;
	apply_rule(&delivery);
	event_send(delivery.forwarded);
}

bool
event_send_again(const DeadLetterRow *letter)
{
	JvParseError error;
	SentEvent sent = {0};
	Delivery delivery = {.sent = &sent, .rule = rule_of_id(letter->rule_id), .text = letter->event};

	if (delivery.rule == NULL)
		return false;
	for (delivery.target = delivery.rule->targets; delivery.target != NULL; delivery.target = delivery.target->next)
	{
		if (strcmp(delivery.target->id, letter->target_id) == 0)
			break;
	}
	delivery.event = jv_parse(letter->event, (int) strlen(letter->event), &error);
	if (delivery.target == NULL || delivery.event == NULL)
		return false;
	deliver(&delivery);
	event_send(delivery.forwarded);
	return true;
}
