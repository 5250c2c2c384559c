/*
 * http_transfers.c
 *	  Requests under way: libcurl's multi interface, its sockets in one epoll set.
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/error.h"
#include "services/http/http_transfers.h"
#include "settings/guc.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "sfn needs libcurl 7.80 or later"
#endif

/* The newest option used is of 7.87; what was built with an older library uses fewer. */
#define NEEDED_LIBCURL Min(LIBCURL_VERSION_NUM, 0x075700)

#define EVENTS_AT_ONCE 256
#define MAX_HEADER_LINES 1000
#define MAX_SPARE_HANDLES 64
#define MAX_IDLE_S 3 /* of a connection that is used again; libcurl rounds down, and many servers close after 5 s */

static CURLM *multi = NULL;
static int epoll_descriptor = -1;
static TimestampTz timer_due = 0;          /* 0: none */
static const char *library_problem = NULL; /* why nothing can be sent */
static CURL *spare_handles[MAX_SPARE_HANDLES];
static int spare_count = 0;
static dlist_head done_at_once = DLIST_STATIC_INIT(done_at_once);

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *known);
static int on_timer(CURLM *m, long timeout_ms, void *user);
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address);
static int before_request(void *user, char *remote, char *local, int remote_port, int local_port);
static size_t on_header(char *data, size_t size, size_t count, void *user);
static size_t on_body(char *data, size_t size, size_t count, void *user);
static size_t on_upload(char *data, size_t size, size_t count, void *user);

/* ---- signals ---- */

/* Handlers of the server must not run in a thread of libcurl. */
static void
block_signals(sigset_t *saved)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, saved);
}

static void
restore_signals(const sigset_t *saved)
{
	pthread_sigmask(SIG_SETMASK, saved, NULL);
}

/* ---- the process ---- */

/* The library of this machine may be another than that of the build: what it did not know would silently not hold. */
static void
check_library(void)
{
	const curl_version_info_data *library = curl_version_info(CURLVERSION_NOW);

	if (library->version_num < NEEDED_LIBCURL)
		library_problem = psprintf("The library libcurl %s is too old: sfn needs %d.%d or later", library->version,
								   NEEDED_LIBCURL >> 16, (NEEDED_LIBCURL >> 8) & 0xff);
	else if (library->ssl_version == NULL || (library->features & CURL_VERSION_ASYNCHDNS) == 0)
		library_problem = psprintf("The library libcurl %s was built without TLS or without an asynchronous resolver",
								   library->version);
	if (library_problem != NULL)
		ereport(WARNING, (errmsg("sfn cannot send HTTP requests"), errdetail("%s.", library_problem)));
}

void
transfers_begin(int max_connections)
{
	MemoryContext caller_context;

	if (multi != NULL)
		return;
	caller_context = MemoryContextSwitchTo(TopMemoryContext);
	check_library();
	MemoryContextSwitchTo(caller_context);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK || (multi = curl_multi_init()) == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("could not initialize libcurl")));
	epoll_descriptor = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_descriptor < 0)
		ereport(ERROR, (errcode_for_socket_access(), errmsg("epoll_create1 failed: %m")));
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long) max_connections);
}

int
transfers_descriptor(void)
{
	return epoll_descriptor;
}

long
transfers_timeout(void)
{
	if (!dlist_is_empty(&done_at_once))
		return 0;
	if (timer_due == 0)
		return -1;
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), timer_due);
}

static int
on_timer(CURLM *m, long timeout_ms, void *user)
{
	timer_due = timeout_ms < 0 ? 0 : GetCurrentTimestamp() + timeout_ms * 1000;
	return 0;
}

static int
on_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *known)
{
	struct epoll_event event;

	memset(&event, 0, sizeof(event));
	event.data.fd = socket;
	if (what == CURL_POLL_REMOVE)
	{
		(void) epoll_ctl(epoll_descriptor, EPOLL_CTL_DEL, socket, &event);
		return 0;
	}
	if (what & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		event.events |= EPOLLOUT;
	if (known != NULL && epoll_ctl(epoll_descriptor, EPOLL_CTL_MOD, socket, &event) == 0)
		return 0;
	if (epoll_ctl(epoll_descriptor, EPOLL_CTL_ADD, socket, &event) != 0)
		(void) epoll_ctl(epoll_descriptor, EPOLL_CTL_MOD, socket, &event);
	(void) curl_multi_assign(multi, socket, &epoll_descriptor); /* known from here on */
	return 0;
}

/* ---- starting ---- */

/* Which address that is connected to is decided here, whatever name led there. */
static curl_socket_t
open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	HttpTransfer *transfer = user;
	const HttpRequest *request = transfer->request;
	const char *class = egress_address_class(&address->addr);

	if (class != NULL && !transfer->is_own &&
		!egress_is_allowed(transfer->policy, transfer->role, request->host, request->port, &address->addr))
	{
		const void *bytes = address->family == AF_INET6
			? (const void *) &((struct sockaddr_in6 *) &address->addr)->sin6_addr
			: (const void *) &((struct sockaddr_in *) &address->addr)->sin_addr;

		transfer->refused_class = class;
		if (inet_ntop(address->family, bytes, transfer->refused_address, sizeof(transfer->refused_address)) == NULL)
			transfer->refused_address[0] = '\0';
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* What only reads may arrive twice, and what its owner says. */
static bool
is_repeatable(const HttpTransfer *transfer)
{
	static const char *const methods[] = {"GET", "HEAD", "OPTIONS"};

	if (transfer->is_repeatable)
		return true;
	for (int i = 0; i < (int) lengthof(methods); i++)
		if (strcmp(transfer->request->method, methods[i]) == 0)
			return true;
	return false;
}

/*
 * libcurl asks before it sends.  By itself it sends again when a connection that was used before dies without an answer:
 * nobody knows whether the request has arrived.
 */
static int
before_request(void *user, char *remote, char *local, int remote_port, int local_port)
{
	HttpTransfer *transfer = user;

	if (transfer->was_sent && !is_repeatable(transfer))
	{
		transfer->is_unanswered = true;
		return CURL_PREREQFUNC_ABORT;
	}
	transfer->was_sent = true;
	return CURL_PREREQFUNC_OK;
}

static bool
bytes_add(HttpBytes *bytes, const char *data, size_t length)
{
	if (bytes->length + length + 1 > bytes->size)
	{
		size_t size = Max(bytes->size * 2, bytes->length + length + 1024);
		char *grown = realloc(bytes->data, size);

		if (grown == NULL)
			return false;
		bytes->data = grown;
		bytes->size = size;
	}
	memcpy(bytes->data + bytes->length, data, length);
	bytes->length += length;
	bytes->data[bytes->length] = '\0';
	return true;
}

/* Header lines of the last response only: an interim one (1xx) is followed by another status line. */
static size_t
on_header(char *data, size_t size, size_t count, void *user)
{
	HttpTransfer *transfer = user;
	size_t length = size * count;

	if (length >= 5 && strncmp(data, "HTTP/", 5) == 0)
		transfer->head.length = 0;
	if (++transfer->header_lines > MAX_HEADER_LINES || transfer->head.length + length > HTTP_MAX_HEADER_BYTES ||
		memchr(data, '\0', length) != NULL)
	{
		transfer->head_is_too_large = true;
		return 0;
	}
	if (!bytes_add(&transfer->head, data, length))
	{
		transfer->is_out_of_memory = true;
		return 0;
	}
	return length;
}

/* Of a streamed failure its beginning is kept: it may say why. */
static size_t
on_streamed_body(HttpTransfer *transfer, const char *data, size_t length, bool is_success)
{
	size_t wanted =
		is_success ? length : Min(length, HTTP_FAILURE_BYTES - Min(transfer->body.length, HTTP_FAILURE_BYTES));

	if (is_success && transfer->body.length >= HTTP_STREAM_BYTES)
	{
		transfer->is_receiving_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (wanted > 0 && !bytes_add(&transfer->body, data, wanted))
	{
		transfer->is_out_of_memory = true;
		return 0;
	}
	transfer->body_length += length;
	return length;
}

static size_t
on_body(char *data, size_t size, size_t count, void *user)
{
	HttpTransfer *transfer = user;
	size_t length = size * count;
	long status = transfer_status(transfer);

	if (transfer->is_streamed)
		return on_streamed_body(transfer, data, length, status >= 200 && status <= 299);
	transfer->body_length += length;
	if (transfer->body_length > transfer->max_body)
	{
		transfer->body_is_too_large = true;
		return 0;
	}
	if ((status < 200 || status > 299) && !transfer->request->keeps_failure)
		return length;
	if (!bytes_add(&transfer->body, data, length))
	{
		transfer->is_out_of_memory = true;
		return 0;
	}
	return length;
}

/* What has been handed over, as far as it fits. */
static size_t
on_upload(char *data, size_t size, size_t count, void *user)
{
	HttpTransfer *transfer = user;
	size_t length = Min(size * count, transfer->upload.length - transfer->upload_sent);

	if (length == 0)
	{
		transfer->is_sending_paused = true;
		return CURL_READFUNC_PAUSE;
	}
	memcpy(data, transfer->upload.data + transfer->upload_sent, length);
	transfer->upload_sent += length;
	return length;
}

static void
set_blob(CURL *easy, CURLoption option, const char *text)
{
	struct curl_blob blob;

	if (text == NULL)
		return;
	blob.data = unconstify(char *, text);
	blob.len = strlen(text);
	blob.flags = CURL_BLOB_COPY;
	(void) curl_easy_setopt(easy, option, &blob);
}

static void
set_tls(HttpTransfer *transfer)
{
	const HttpConnection *connection = transfer->connection;
	CURL *easy = transfer->easy;

	if (sfn_http_ca_file[0] != '\0')
		curl_easy_setopt(easy, CURLOPT_CAINFO, sfn_http_ca_file);
	set_blob(easy, CURLOPT_CAINFO_BLOB, transfer->request->ca);
	if (connection == NULL || !connection->has_tls)
		return;
	set_blob(easy, CURLOPT_CAINFO_BLOB, connection->ca);
	set_blob(easy, CURLOPT_SSLCERT_BLOB, connection->certificate);
	set_blob(easy, CURLOPT_SSLKEY_BLOB, connection->key);
}

static void
set_body(HttpTransfer *transfer)
{
	const HttpRequest *request = transfer->request;
	CURL *easy = transfer->easy;

	if (transfer->has_upload)
	{
		curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t) transfer->upload_size);
		curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
		curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
	}
	else if (strcmp(request->method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (request->body != NULL)
	{
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long) request->body_length);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	}
	else if (strcmp(request->method, "POST") == 0)
	{
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static bool
set_headers(HttpTransfer *transfer)
{
	const HttpRequest *request = transfer->request;

	for (int i = 0; i <= request->header_count; i++)
	{
		const char *line = i < request->header_count ? request->headers[i] : request->authorization;
		struct curl_slist *longer;

		if (line == NULL)
			continue;
		longer = curl_slist_append(transfer->headers, line);
		if (longer == NULL)
			return false;
		transfer->headers = longer;
	}
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
	return true;
}

/*
 * A stream's memory is bounded: nothing is unpacked, and one connection carries one stream.  What is uploaded cannot
 * be sent again, so not over a connection that may turn out to be closed.
 */
static void
set_stream_options(HttpTransfer *transfer)
{
	if (transfer->is_streamed || transfer->has_upload)
		curl_easy_setopt(transfer->easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
	if (transfer->is_streamed)
		curl_easy_setopt(transfer->easy, CURLOPT_ACCEPT_ENCODING, NULL);
	if (transfer->has_upload)
		curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void
set_options(HttpTransfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a name that is never resolved holds nobody up */
#endif
	curl_easy_setopt(easy, CURLOPT_URL, transfer->request->url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long) (CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* the environment's proxy would see everything and connect for us */
	curl_easy_setopt(easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long) MAX_IDLE_S);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long) sfn_http_connect_timeout);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) transfer->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	if (transfer->is_fresh)
	{
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
		curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
	}
	set_stream_options(transfer);
	set_body(transfer);
	set_tls(transfer);
}

static void
list_as_finished(HttpTransfer *transfer, dlist_head *list)
{
	transfer->is_listed = true;
	dlist_push_tail(list, &transfer->finished_node);
}

static void
finish_at_once(HttpTransfer *transfer, CURLcode result)
{
	transfer->is_finished = true;
	transfer->result = result;
	list_as_finished(transfer, &done_at_once);
}

/* Handles are used again: making one is a good part of what a short request costs. */
static CURL *
take_handle(void)
{
	return spare_count > 0 ? spare_handles[--spare_count] : curl_easy_init();
}

static void
give_back_handle(CURL *easy)
{
	if (spare_count >= MAX_SPARE_HANDLES)
	{
		curl_easy_cleanup(easy);
		return;
	}
	curl_easy_reset(easy);
	spare_handles[spare_count++] = easy;
}

/* Frees what libcurl and malloc hold. */
void
transfer_reset(HttpTransfer *transfer)
{
	sigset_t saved;

	if (transfer->is_listed)
		dlist_delete(&transfer->finished_node);
	if (transfer->easy != NULL)
	{
		block_signals(&saved);
		(void) curl_multi_remove_handle(multi, transfer->easy);
		give_back_handle(transfer->easy);
		restore_signals(&saved);
	}
	curl_slist_free_all(transfer->headers);
	free(transfer->head.data);
	free(transfer->body.data);
	free(transfer->taken.data);
	free(transfer->upload.data);
	transfer->easy = NULL;
	transfer->headers = NULL;
	memset(&transfer->head, 0, sizeof(HttpBytes));
	memset(&transfer->body, 0, sizeof(HttpBytes));
	memset(&transfer->taken, 0, sizeof(HttpBytes));
	memset(&transfer->upload, 0, sizeof(HttpBytes));
	transfer->upload_sent = 0;
	transfer->upload_handed = 0;
	transfer->body_length = 0;
	transfer->header_lines = 0;
	transfer->is_listed = transfer->is_started = transfer->is_finished = false;
	transfer->result = CURLE_OK;
	transfer->message[0] = '\0';
	transfer->body_is_too_large = transfer->head_is_too_large = transfer->is_out_of_memory = false;
	transfer->is_receiving_paused = transfer->is_sending_paused = false;
	transfer->was_sent = transfer->is_unanswered = false;
	transfer->refused_class = NULL;
	transfer->refused_address[0] = '\0';
}

/* Whichever way its context goes. */
static void
transfer_cleanup(void *arg)
{
	transfer_reset((HttpTransfer *) arg);
}

/* Plain http wants an entry that names the host; an address written as such may be allowed as an address. */
static bool
plain_is_allowed(const HttpTransfer *transfer)
{
	const HttpRequest *request = transfer->request;
	struct sockaddr_in literal4 = {.sin_family = AF_INET};
	struct sockaddr_in6 literal6 = {.sin6_family = AF_INET6};
	const struct sockaddr *address = NULL;

	if (inet_pton(AF_INET, request->host, &literal4.sin_addr) == 1)
		address = (const struct sockaddr *) &literal4;
	else if (inet_pton(AF_INET6, request->host, &literal6.sin6_addr) == 1)
		address = (const struct sockaddr *) &literal6;
	return egress_is_allowed(transfer->policy, transfer->role, request->host, request->port, address);
}

void
transfer_start(HttpTransfer *transfer)
{
	MemoryContextCallback *callback = MemoryContextAllocZero(transfer->context, sizeof(MemoryContextCallback));
	sigset_t saved;
	CURLMcode code = CURLM_OK;

	callback->func = transfer_cleanup;
	callback->arg = transfer;
	MemoryContextRegisterResetCallback(transfer->context, callback);
	if (library_problem != NULL)
	{
		strlcpy(transfer->message, library_problem, sizeof(transfer->message));
		finish_at_once(transfer, CURLE_FAILED_INIT);
		return;
	}
	if (transfer->request->is_plain && !transfer->is_own && !plain_is_allowed(transfer))
	{
		transfer->refused_class = "reached by plain http, which needs an entry that names the host";
		finish_at_once(transfer, CURLE_COULDNT_CONNECT);
		return;
	}
	transfer->easy = take_handle();
	if (transfer->easy == NULL || !set_headers(transfer))
	{
		finish_at_once(transfer, CURLE_OUT_OF_MEMORY);
		return;
	}
	set_options(transfer);
	block_signals(&saved);
	code = curl_multi_add_handle(multi, transfer->easy);
	restore_signals(&saved);
	if (code != CURLM_OK)
		finish_at_once(transfer, CURLE_FAILED_INIT);
	else
		transfer->is_started = true;
}

/* ---- going on ---- */

static void
collect_finished(dlist_head *finished)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left)) != NULL)
	{
		HttpTransfer *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void) curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &transfer);
		transfer->is_finished = true;
		transfer->result = message->data.result;
		list_as_finished(transfer, finished);
	}
	while (!dlist_is_empty(&done_at_once))
		dlist_push_tail(finished, dlist_pop_head_node(&done_at_once));
}

static int
action_of(uint32 events)
{
	int action = 0;

	if (events & (EPOLLIN | EPOLLHUP))
		action |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		action |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		action |= CURL_CSELECT_ERR;
	return action;
}

void
transfers_work(dlist_head *finished)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	sigset_t saved;
	int running;
	int count = epoll_wait(epoll_descriptor, events, EVENTS_AT_ONCE, 0);

	block_signals(&saved);
	for (int i = 0; i < count; i++)
		(void) curl_multi_socket_action(multi, events[i].data.fd, action_of(events[i].events), &running);
	if (timer_due != 0 && GetCurrentTimestamp() >= timer_due)
	{
		timer_due = 0;
		(void) curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	restore_signals(&saved);
	collect_finished(finished);
}

/* ---- streams ---- */

static void
go_on_after_pause(HttpTransfer *transfer)
{
	sigset_t saved;

	transfer->is_receiving_paused = transfer->is_sending_paused = false;
	block_signals(&saved);
	(void) curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
	restore_signals(&saved);
}

const HttpBytes *
transfer_take_body(HttpTransfer *transfer)
{
	HttpBytes taken = transfer->body;

	transfer->body = transfer->taken;
	transfer->body.length = 0;
	transfer->taken = taken;
	if (transfer->is_receiving_paused && transfer->easy != NULL && !transfer->is_finished)
		go_on_after_pause(transfer);
	return &transfer->taken;
}

bool
transfer_wants_data(const HttpTransfer *transfer)
{
	return transfer->has_upload && !transfer->is_finished && transfer->upload_handed < transfer->upload_size &&
		transfer->upload.length - transfer->upload_sent < HTTP_STREAM_BYTES / 2;
}

bool
transfer_send(HttpTransfer *transfer, const char *data, size_t length)
{
	HttpBytes *upload = &transfer->upload;

	if (upload->data != NULL)
		memmove(upload->data, upload->data + transfer->upload_sent, upload->length - transfer->upload_sent);
	upload->length -= transfer->upload_sent;
	transfer->upload_sent = 0;
	if (!bytes_add(upload, data, length))
		return false;
	transfer->upload_handed += (int64) length;
	if (transfer->is_sending_paused && transfer->easy != NULL && !transfer->is_finished)
		go_on_after_pause(transfer);
	return true;
}

long
transfer_status(const HttpTransfer *transfer)
{
	long status = 0;

	if (transfer->easy != NULL)
		(void) curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

void
transfer_free(HttpTransfer *transfer)
{
	MemoryContextDelete(transfer->context);
}

/* ---- what came ---- */

/* libcurl's own words for what went wrong, as a sentence. */
static const char *
failure_message(const HttpTransfer *transfer)
{
	const char *message = transfer->message[0] != '\0' ? transfer->message : curl_easy_strerror(transfer->result);

	if (transfer->refused_class != NULL && transfer->refused_address[0] != '\0')
		return psprintf("Access to %s (%s) is not allowed: it is %s.", transfer->request->host,
						transfer->refused_address, transfer->refused_class);
	if (transfer->refused_class != NULL)
		return psprintf("Access to %s is not allowed: it would be %s.", transfer->request->host,
						transfer->refused_class);
	if (transfer->result == CURLE_OK)
		return "The response ended inside its header.";
	if (transfer->head_is_too_large)
		return psprintf("The header of the response is malformed or larger than %d bytes.", HTTP_MAX_HEADER_BYTES);
	if (transfer->is_out_of_memory || transfer->result == CURLE_OUT_OF_MEMORY)
		return "There is no memory for the response.";
	if (transfer->is_unanswered)
		return "The connection was closed before an answer came; the request may have arrived and is not sent again.";
	if (transfer->result == CURLE_OPERATION_TIMEDOUT)
		return psprintf("The request did not end within its time: %s.", message);
	return psprintf("The request failed: %s.", message);
}

/* Its last line is empty. */
static bool
head_is_complete(const HttpTransfer *transfer)
{
	const HttpBytes *head = &transfer->head;

	return head->length >= 3 && strcmp(head->data + head->length - 3, "\n\r\n") == 0;
}

bool
transfer_response(const HttpTransfer *transfer, HttpResponse *response, SfnError *error)
{
	long status = transfer_status(transfer);

	if (transfer->body_is_too_large && status >= 200 && status <= 299)
		return sfn_error(error, ERROR_DATA_LIMIT_EXCEEDED,
						 "The response is larger than the maximum number of bytes service limit (%zu).",
						 transfer->max_body);
	if ((transfer->result != CURLE_OK && !transfer->body_is_too_large) || !head_is_complete(transfer))
	{
		bool is_timeout = transfer->result == CURLE_OPERATION_TIMEDOUT;

		http_transport_error(transfer->request, is_timeout, error, failure_message(transfer));
		return false;
	}
	memset(response, 0, sizeof(*response));
	response->status = status;
	response->headers = transfer->head.data;
	response->body = transfer->body.data != NULL ? transfer->body.data : "";
	response->body_length = transfer->body.length;
	return true;
}

void
transfer_report_refusal(const HttpTransfer *transfer, const char *who)
{
	if (transfer->refused_class == NULL)
		return;
	ereport(
		LOG,
		(errmsg("sfn refused a request of %s to host \"%s\" port %d", who, transfer->request->host,
				transfer->request->port),
		 errdetail("%s%sIt is %s.", transfer->refused_address, transfer->refused_address[0] != '\0' ? ": " : "",
				   transfer->refused_class),
		 errhint(
			 "sfn.http_allowed_hosts and the table sfn.http_allowed_host list what is allowed beside public addresses.")));
}
