/*
 * http_inline.c
 *	  Requests made while the caller waits, in the caller's own process and transaction.
 *
 * A transfer's context is below that of the (sub)transaction, so that an error takes
 * it off the network, whoever catches it.  Connections stay open for the next
 * request of the process.  Nothing is locked while waiting; but the transaction and
 * its snapshot stay open, as by any statement that takes long.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "base/error.h"
#include "services/http/http_attempt.h"
#include "services/http/http_inline.h"
#include "services/http/http_policy.h"
#include "services/sandbox.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/quotas.h"
#include "store/store.h"

#define KEPT_CONNECTIONS 4
#define LONGEST_WAIT_MS 60000
#define PIECE_BYTES (32 * 1024)

/* A request that somebody waits for. */
typedef struct InlineRequest
{
	HttpAttempt attempt; /* first */
	TimestampTz until;   /* DT_NOEND: no end but the transfer's own */
} InlineRequest;

static InlineRequest *inline_begin(Oid role, int64 timeout_ms);
static bool find_connection(InlineRequest *work, const char *name, SfnError *error);
static bool send_with_token(InlineRequest *work, SfnError *error);
static bool wait_for_transfer(HttpTransfer *transfer, TimestampTz until);
static void wait_once(TimestampTz until);
static void collect(void);
static bool run_stream(InlineRequest *work, HttpExchange *exchange, SfnError *error);
static int64 bytes_moved(const HttpTransfer *transfer);
static bool feed_sink(HttpTransfer *transfer, HttpExchange *exchange);
static bool feed_transfer(HttpTransfer *transfer, HttpExchange *exchange, SfnError *error);
static bool take_end(HttpTransfer *transfer, HttpExchange *exchange, SfnError *error);

/* ---- tasks ---- */

/* The error's texts may be in the transfer's context, which goes. */
static void
answer_error(Event *answer, const SfnError *error, int64 retry_after)
{
	memset(answer, 0, sizeof(Event));
	answer->kind = EVENT_TASK_FAILED;
	answer->error = error->name;
	answer->cause = error->cause != NULL ? pstrdup(error->cause) : NULL;
	answer->retry_after = retry_after;
}

/* Makes the request that the stored parameters ask for. */
static bool
build_task(InlineRequest *work, const JsonVal *stored, SfnError *error)
{
	MemoryContext caller_context = MemoryContextSwitchTo(work->attempt.transfer.context);
	StoreScope scope;
	bool is_built;

	store_enter(&scope);
	is_built =
		http_attempt_make_task(&work->attempt, stored, http_policy_now(), TopMemoryContext, random_uuid(), error);
	store_leave(&scope);
	MemoryContextSwitchTo(caller_context);
	return is_built;
}

/* Sends it, a second time with a new token if need be; false: no response came. */
static bool
task_response(InlineRequest *work, HttpResponse *response, SfnError *error)
{
	do
	{
		if (!send_with_token(work, error))
			return false;
		if (!wait_for_transfer(&work->attempt.transfer, work->until))
		{
			error->name = ERROR_TIMEOUT; /* without a cause, as when a timer says so */
			return false;
		}
		if (!transfer_response(&work->attempt.transfer, response, error))
			return false;
	} while (http_attempt_starts_over(&work->attempt, response));
	return true;
}

ServiceOutcome
http_task_inline(const ServiceCall *call, const JsonVal *stored, Event *answer)
{
	InlineRequest *work;
	HttpResponse response = {0};
	SfnError error = {0};
	const JsonVal *value;

	sandbox_want_alone("an HTTP task");
	work = inline_begin(call->role, call->timeout_ms);
	if (build_task(work, stored, &error) && task_response(work, &response, &error) &&
		http_response_value(&work->attempt.request, &response, &value, &error))
		(void) service_succeed(answer, value);
	else
		answer_error(answer, &error, response.headers != NULL ? http_retry_after(&response) : 0);
	transfer_report_refusal(&work->attempt.transfer, "a synchronous execution");
	transfer_free(&work->attempt.transfer);
	return SERVICE_ANSWERED;
}

/* ---- beginning ---- */

static InlineRequest *
inline_begin(Oid role, int64 timeout_ms)
{
	static bool has_begun = false;
	InlineRequest *work;

	if (!has_begun)
	{
		transfers_begin(KEPT_CONNECTIONS);
		for (int i = 0; i <= KEPT_CONNECTIONS; i++)
			ReserveExternalFD();
		has_begun = true;
	}
	work = (InlineRequest *) http_attempt_begin(CurTransactionContext, sizeof(InlineRequest), role);
	work->until = timeout_ms > 0 ? TimestampTzPlusMilliseconds(GetCurrentTimestamp(), timeout_ms) : DT_NOEND;
	return work;
}

/* The connection, if one is named, and where the request may go. */
static bool
find_connection(InlineRequest *work, const char *name, SfnError *error)
{
	StoreScope scope;
	bool is_found;

	store_enter(&scope);
	is_found = http_attempt_connect(&work->attempt, name, http_policy_now(), TopMemoryContext, error);
	store_leave(&scope);
	return is_found;
}

/* The role may send so many requests in a second; false: the request's time came first. */
static bool
wait_for_quota(const InlineRequest *work)
{
	Oid role = work->attempt.transfer.role;
	Quota quota;
	QuotaAccount *account;
	StoreScope scope;
	bool has_quota;

	if (quotas_are_known_to_be_none())
		return true;
	store_enter(&scope);
	has_quota = quota_find(role, &quota) && quota.limits[QUOTA_HTTP_REQUESTS] != NO_QUOTA;
	store_leave(&scope);
	if (!has_quota)
		return true;
	account = quota_account_of(role);
	while (quota_account_take(account, QUOTA_HTTP_REQUESTS, quota.limits[QUOTA_HTTP_REQUESTS], 1) == 0)
	{
		TimestampTz now = GetCurrentTimestamp();
		long pause = quota_account_wait(account, QUOTA_HTTP_REQUESTS, quota.limits[QUOTA_HTTP_REQUESTS]);

		if (now >= work->until)
			return false;
		wait_once(Min(work->until, TimestampTzPlusMilliseconds(now, pause)));
	}
	return true;
}

/* Starts the transfer, with a token where the connection wants one. */
static bool
send_with_token(InlineRequest *work, SfnError *error)
{
	HttpAttempt *attempt = &work->attempt;

	if (!wait_for_quota(work))
	{
		error->name = ERROR_TIMEOUT;
		return false;
	}
	while (!http_attempt_send(attempt))
	{
		HttpTransfer *fetch = token_fetch(attempt->token, &attempt->transfer, attempt->transfer.context);

		if (!wait_for_transfer(fetch, work->until))
		{
			error->name = ERROR_TIMEOUT;
			return false;
		}
		if (!token_take(fetch, error))
			return false;
		transfer_free(fetch);
	}
	return true;
}

/* ---- waiting ---- */

/* True: it has finished; false: the moment came first. */
static bool
wait_for_transfer(HttpTransfer *transfer, TimestampTz until)
{
	collect();
	while (!transfer->is_finished)
	{
		if (GetCurrentTimestamp() >= until)
			return false;
		wait_once(until);
		collect();
	}
	return true;
}

/* Sleeps until libcurl has something to do, interruptibly. */
static void
wait_once(TimestampTz until)
{
	long length = Min(TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until), LONGEST_WAIT_MS);
	long timer = transfers_timeout();
	int events;

	CHECK_FOR_INTERRUPTS();
	if (timer >= 0)
		length = Min(length, timer);
	events = WaitLatchOrSocket(MyLatch, WL_LATCH_SET | WL_SOCKET_READABLE | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
							   transfers_descriptor(), length, PG_WAIT_EXTENSION);
	if (events & WL_LATCH_SET)
		ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/* Does what libcurl wants done; a transfer that has finished says so itself. */
static void
collect(void)
{
	dlist_head finished;

	dlist_init(&finished);
	transfers_work(&finished);
	while (!dlist_is_empty(&finished))
		dlist_container(HttpTransfer, finished_node, dlist_pop_head_node(&finished))->is_listed = false;
}

/* ---- streams ---- */

static bool
build_exchange(InlineRequest *work, const HttpExchange *exchange, SfnError *error)
{
	HttpTransfer *transfer = &work->attempt.transfer;
	MemoryContext caller_context = MemoryContextSwitchTo(transfer->context);
	bool is_built = find_connection(work, exchange->connection, error) &&
		http_plain_request(exchange->method, exchange->url, exchange->headers, transfer->connection,
						   &work->attempt.request, error);

	MemoryContextSwitchTo(caller_context);
	transfer->is_streamed = true;
	transfer->has_upload = exchange->source != NULL;
	transfer->upload_size = exchange->body_length;
	if (exchange->body != NULL)
	{
		work->attempt.request.body = exchange->body;
		work->attempt.request.body_length = (int) exchange->body_length;
	}
	return is_built;
}

bool
http_exchange(HttpExchange *exchange, SfnError *error)
{
	InlineRequest *work = inline_begin(exchange->role, 0);
	bool is_done;

	exchange->status = 0;
	exchange->head = exchange->failure = NULL;
	exchange->received = 0;
	exchange->is_interrupted = false;
	is_done =
		build_exchange(work, exchange, error) && send_with_token(work, error) && run_stream(work, exchange, error);
	exchange->status = transfer_status(&work->attempt.transfer);
	if (!is_done && error->cause != NULL)
		error->cause = pstrdup(error->cause);
	if (work->attempt.token != NULL && exchange->status == 401)
		token_refuse(work->attempt.token, work->attempt.request.authorization);
	transfer_report_refusal(&work->attempt.transfer, "a bucket or source of items");
	transfer_free(&work->attempt.transfer);
	return is_done;
}

/* Passes on what goes out and what comes in until the response is complete, or the sink wants no more. */
static bool
run_stream(InlineRequest *work, HttpExchange *exchange, SfnError *error)
{
	HttpTransfer *transfer = &work->attempt.transfer;
	int quiet_ms = exchange->quiet_ms > 0 ? exchange->quiet_ms : sfn_http_request_timeout;
	int64 moved = -1;
	TimestampTz until = 0;

	for (;;)
	{
		int64 moved_before = moved;

		collect();
		if (!feed_sink(transfer, exchange) || transfer->is_finished)
			return take_end(transfer, exchange, error);
		if (!feed_transfer(transfer, exchange, error))
			return false;
		moved = bytes_moved(transfer);
		if (moved != moved_before)
			until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), quiet_ms);
		else if (GetCurrentTimestamp() >= until)
			return sfn_error(error, ERROR_HTTP_SOCKET, "The request failed: no byte moved for %d ms.", quiet_ms);
		wait_once(until);
	}
}

/* In either direction. */
static int64
bytes_moved(const HttpTransfer *transfer)
{
	return (int64) (transfer->body_length + transfer->head.length) + transfer->upload_handed -
		(int64) (transfer->upload.length - transfer->upload_sent);
}

static bool
is_success(const HttpTransfer *transfer)
{
	long status = transfer_status(transfer);

	return status >= 200 && status <= 299;
}

/* False: the sink wants no more. */
static bool
feed_sink(HttpTransfer *transfer, HttpExchange *exchange)
{
	while (is_success(transfer) && transfer->body.length > 0)
	{
		const HttpBytes *piece = transfer_take_body(transfer);

		CHECK_FOR_INTERRUPTS();
		if (exchange->sink == NULL)
			continue;
		exchange->received += (int64) piece->length;
		if (!exchange->sink(exchange->arg, piece->data, piece->length))
		{
			exchange->is_interrupted = true;
			return false;
		}
	}
	return true;
}

/* False: the source ended before it has given all that was promised. */
static bool
feed_transfer(HttpTransfer *transfer, HttpExchange *exchange, SfnError *error)
{
	char buffer[PIECE_BYTES];

	while (transfer_wants_data(transfer))
	{
		Size room = (Size) Min((int64) sizeof(buffer), transfer->upload_size - transfer->upload_handed);
		Size length = exchange->source(exchange->arg, buffer, room);

		CHECK_FOR_INTERRUPTS();
		if (length == 0 || length > room)
			return sfn_error(error, ERROR_RUNTIME, "The body of the request is not as long as it was said to be.");
		if (!transfer_send(transfer, buffer, length))
			return sfn_error(error, ERROR_HTTP_SOCKET, "There is no memory for the request.");
	}
	return true;
}

/* What the caller gets to know of the response. */
static bool
take_end(HttpTransfer *transfer, HttpExchange *exchange, SfnError *error)
{
	HttpResponse response;

	if (transfer->head.data != NULL)
		exchange->head = pstrdup(transfer->head.data);
	if (exchange->is_interrupted)
		return true;
	if (!transfer_response(transfer, &response, error))
		return false;
	if (is_success(transfer))
		return true;
	exchange->failure = pnstrdup(response.body, response.body_length);
	return sfn_error(error, psprintf("States.Http.StatusCode.%ld", response.status), "%s", http_status_text(&response));
}
