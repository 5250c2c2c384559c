/*
 * http.c
 *	  HTTP: connections of clients, by libmicrohttpd.
 *
 * A request is begun when its first line has come, gathered, and handed to routes.c when
 * it is whole; until it has its answer its connection is suspended.  The library's
 * time-out is for silence only, so each connection has a moment by which the next step
 * of its request has to be done, looked at once a second.
 */
#include "gateway/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/peers.h"
#include "gateway/polls.h"
#include "gateway/routes.h"
#include "gateway/settings.h"

#define MAX_DAEMONS 64 /* those that only end what they have begun included */
#define MAX_ADDRESSES 8
#define TLS_PRIORITIES "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"
#define HEADER_MEMORY (32 * 1024)
#define IDLE_SECONDS 75
#define HEADER_SECONDS Max(settings.client_timeout / 3, 1)
#define DISCARDED_BYTES (16 * 1024 * 1024) /* of a body that is too large, so that its sender reads the answer */
#define SPARE_DESCRIPTORS 128

/* MHD_Result since 0.9.71 */
typedef enum MHD_Result Result;

struct Client
{
	Client *next;
	Client *previous;
	int socket;
	int64 deadline;        /* of the next step; 0: the request is in hand */
	uint16 *address_count; /* or NULL */
};

/* A request as the library knows it. */
typedef struct Exchange
{
	Request request; /* first */
	struct MHD_Connection *connection;
	StringInfoData body;
	size_t discarded;
	bool has_headers;
	bool is_hopeless; /* its body is not even worth discarding */
	bool is_handed_over;
	bool is_suspended;
} Exchange;

/* The library at work on one address; one whose certificates have been replaced only ends what it has begun. */
typedef struct Listener
{
	struct MHD_Daemon *daemon;
	Watch watch;
	const char *address;
	int socket;
	bool is_for_metrics; /* and nothing else */
	bool is_retiring;
} Listener;

static Listener *listeners[MAX_DAEMONS];
static int listener_count;
static bool has_work; /* for the library, beside what its descriptors say */

static Client clients = {&clients, &clients, -1, 0, NULL};
static int client_count;
static int exchange_count;
static int64 next_look;

/* ---- requests ---- */

static char *
new_id(void)
{
	uint8 random[16];
	char hex[33];

	if (!pg_strong_random(random, sizeof(random)))
		memset(random, 0, sizeof(random));
	random[6] = (random[6] & 0x0f) | 0x40;
	random[8] = (random[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", random[i]);
	return psprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* The first line has come: the request begins.  What is returned is handed to handle(). */
static void *
begin(void *closure, const char *uri, struct MHD_Connection *connection)
{
	Arena *arena = arena_new();
	Exchange *exchange;
	const union MHD_ConnectionInfo *info;
	const char *question = strchr(uri, '?');

	arena_use(arena);
	exchange = palloc0(sizeof(Exchange));
	exchange->connection = connection;
	exchange->request.arena = arena;
	exchange->request.began = loop_now();
	exchange->request.hang_up.fd = -1;
	exchange->request.id = new_id();
	exchange->request.action = "-";
	exchange->request.body = "";
	exchange->request.received.path = question != NULL ? pnstrdup(uri, question - uri) : pstrdup(uri);
	exchange->request.received.query = question != NULL ? pstrdup(question + 1) : "";
	exchange->request.path = exchange->request.received.path;
	exchange->request.base = "";
	exchange->request.received.headers = exchange->request.headers;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	exchange->request.client = info != NULL ? info->socket_context : NULL;
	exchange->request.socket = exchange->request.client != NULL ? exchange->request.client->socket : -1;
	exchange->request.is_for_metrics = closure != NULL;
	exchange->request.is_private = settings.tls_cert[0] != '\0' && !exchange->request.is_for_metrics;
	if (exchange->request.client != NULL)
		exchange->request.client->deadline = loop_now() + HEADER_SECONDS * SECOND;
	exchange_count++;
	return exchange;
}

static Result
add_header(void *closure, enum MHD_ValueKind kind, const char *name, const char *value)
{
	Exchange *exchange = closure;
	Request *request = &exchange->request;

	(void) kind;
	if (request->received.header_count == SIGV4_MAX_HEADERS)
	{
		request_fail(request, 431, "RequestHeaderFieldsTooLarge", "The request has too many headers");
		return MHD_NO;
	}
	request->headers[request->received.header_count++] =
		(Sigv4Header){pstrdup(name), pstrdup(value != NULL ? value : "")};
	return MHD_YES;
}

/* The rest is read all the same, so that the client comes to reading the answer. */
static void
refuse_size(Request *request)
{
	request->closes = true;
	request_fail(request, 413, "RequestEntityTooLargeException", "The request is too large");
}

static void
take_headers(Exchange *exchange, const char *method)
{
	Request *request = &exchange->request;
	const char *length;

	exchange->has_headers = true;
	request->received.method = pstrdup(method);
	(void) MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, add_header, exchange);
	(void) peers_take_forwarded(request);
	length = request_header(request, "content-length");
	if (length != NULL && strtoull(length, NULL, 10) > (unsigned long long) settings.max_body)
	{
		exchange->is_hopeless = strtoull(length, NULL, 10) > DISCARDED_BYTES;
		refuse_size(request);
	}
	initStringInfo(&exchange->body);
	if (request->client != NULL)
		request->client->deadline = loop_now() + settings.client_timeout * SECOND;
}

static Result
take_body(Exchange *exchange, const char *data, size_t length)
{
	Request *request = &exchange->request;

	if (request->status == 0 && exchange->body.len + length > (size_t) settings.max_body)
		refuse_size(request);
	if (request->status != 0)
	{
		exchange->discarded += length;
		return exchange->discarded > DISCARDED_BYTES ? MHD_NO : MHD_YES;
	}
	appendBinaryStringInfo(&exchange->body, data, (int) length);
	return MHD_YES;
}

/* ---- answers ---- */

/* Its client should come again, to the certificates that hold now. */
static bool
is_retiring(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON);

	for (int i = 0; i < listener_count; i++)
	{
		if (listeners[i]->daemon == info->daemon)
			return listeners[i]->is_retiring;
	}
	return false;
}

static Result
send_answer(Exchange *exchange)
{
	Request *request = &exchange->request;
	struct MHD_Response *response;
	Result result;

	if (request->status == STATUS_GONE)
		return MHD_NO;
	response =
		MHD_create_response_from_buffer(request->answer_length, (void *) request->answer, MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		return MHD_NO;
	(void) MHD_add_response_header(response, "Content-Type", request->content_type);
	(void) MHD_add_response_header(response, "x-amzn-RequestId", request->id);
	(void) MHD_add_response_header(response, "Cache-Control",
								   request->cache_control != NULL ? request->cache_control : "no-store");
	(void) MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	for (int i = 0; i < request->response_header_count; i++)
		(void) MHD_add_response_header(response, request->response_headers[i].name, request->response_headers[i].value);
	if (request->closes || routes_are_draining() || is_retiring(exchange->connection))
		(void) MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(exchange->connection, request->status, response);
	MHD_destroy_response(response);
	return result;
}

void
http_resume(Request *request)
{
	Exchange *exchange = (Exchange *) request;

	has_work = true;
	if (!exchange->is_suspended)
		return;
	exchange->is_suspended = false;
	MHD_resume_connection(exchange->connection);
}

static void
hand_over(Exchange *exchange)
{
	Request *request = &exchange->request;

	exchange->is_handed_over = true;
	request->body = exchange->body.data;
	request->body_length = exchange->body.len;
	if (request->client != NULL)
		request->client->deadline = 0;
	if (request->status == 0)
		route_request(request);
	if (request->status != 0)
		return;
	exchange->is_suspended = true;
	MHD_suspend_connection(exchange->connection);
}

/* The library calls it when the headers have come, for each piece of the body, at its end, and after a resume. */
static Result
handle(void *closure, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	   const char *data, size_t *length, void **context)
{
	Exchange *exchange = *context;
	Result result = MHD_YES;

	(void) closure;
	(void) connection;
	(void) url;
	(void) version;
	if (exchange == NULL)
		return MHD_NO;
	arena_use(exchange->request.arena);
	if (!exchange->has_headers)
	{
		take_headers(exchange, method);
		return exchange->is_hopeless ? send_answer(exchange) : MHD_YES;
	}
	if (*length > 0)
	{
		result = take_body(exchange, data, *length);
		*length = 0;
		return result;
	}
	if (!exchange->is_handed_over)
		hand_over(exchange);
	return exchange->request.status != 0 ? send_answer(exchange) : MHD_YES;
}

/* The answer has been sent, or there is nobody to have it. */
static void
completed(void *closure, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode how)
{
	Exchange *exchange = *context;

	(void) closure;
	(void) connection;
	if (exchange == NULL)
		return;
	*context = NULL;
	exchange_count--;
	arena_use(exchange->request.arena);
	peers_request_ends(&exchange->request);
	if (exchange->request.client != NULL)
		exchange->request.client->deadline = loop_now() + IDLE_SECONDS * SECOND;
	if (how != MHD_REQUEST_TERMINATED_COMPLETED_OK && exchange->request.task_token != NULL)
		poll_give_back(exchange->request.database, exchange->request.task_token);
	if (exchange->has_headers)
	{
		log_request(&exchange->request);
		metrics_count(&exchange->request);
	}
	arena_free(exchange->request.arena);
}

/* ---- connections ---- */

/* Before a connection is taken at all. */
static Result
admit(void *closure, const struct sockaddr *address, socklen_t length)
{
	const uint16 *count = peer_count(address);

	(void) closure;
	(void) length;
	return count == NULL || *count < settings.per_ip ? MHD_YES : MHD_NO;
}

static void
connection_changed(void *closure, struct MHD_Connection *connection, void **context,
				   enum MHD_ConnectionNotificationCode what)
{
	Client *client = *context;

	(void) closure;
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
	{
		const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

		client = calloc(1, sizeof(Client));
		if (client == NULL)
			return;
		client->socket = info != NULL ? info->connect_fd : -1;
		client->deadline = loop_now() + HEADER_SECONDS * SECOND;
		client->next = &clients;
		client->previous = clients.previous;
		client->previous->next = client;
		clients.previous = client;
		client_count++;
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
		client->address_count = info != NULL ? peer_count(info->client_addr) : NULL;
		if (client->address_count != NULL)
			(*client->address_count)++;
		*context = client;
	}
	else if (client != NULL)
	{
		client->next->previous = client->previous;
		client->previous->next = client->next;
		client_count--;
		if (client->address_count != NULL)
			(*client->address_count)--;
		free(client);
		*context = NULL;
	}
}

/* Whoever takes too long for the next step is cut off; the library notices. */
static void
cut_off_the_slow(int64 now)
{
	if (now < next_look)
		return;
	next_look = now + SECOND;
	for (Client *client = clients.next; client != &clients; client = client->next)
	{
		if (client->deadline != 0 && client->deadline < now && client->socket >= 0)
		{
			(void) shutdown(client->socket, SHUT_RDWR);
			client->deadline = 0;
		}
	}
}

/* ---- the library ---- */

static void
daemon_ready(Watch *watch, uint32 events)
{
	(void) watch;
	(void) events;
	has_work = true;
}

static void
library_says(void *closure, const char *format, va_list arguments)
{
	char text[1024];

	(void) closure;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\n")] = '\0';
	log_line("http", text);
}

pg_noreturn static void
give_up(const char *what, const char *why)
{
	fprintf(stderr, "sfn-gateway: %s: %s\n", what, why);
	exit(1);
}

/* The whole file; NULL: it cannot be read, and *problem says why. */
static char *
read_pem(const char *path, const char **problem)
{
	FILE *file = fopen(path, "r");
	StringInfoData text;
	char buffer[4096];
	size_t length;

	if (file == NULL)
	{
		*problem = psprintf("%s: %s", path, strerror(errno));
		return NULL;
	}
	initStringInfo(&text);
	while ((length = fread(buffer, 1, sizeof(buffer), file)) > 0)
		appendBinaryStringInfo(&text, buffer, (int) length);
	fclose(file);
	return text.data;
}

/* What it shows to clients; both NULL: it speaks no TLS. */
typedef struct Certificates
{
	char *cert;
	char *key;
} Certificates;

/* False: *problem says why not. */
static bool
read_certificates(Certificates *certificates, const char **problem)
{
	*certificates = (Certificates){NULL, NULL};
	if (settings.tls_cert[0] == '\0')
		return true;
	certificates->cert = read_pem(settings.tls_cert, problem);
	certificates->key = certificates->cert != NULL ? read_pem(settings.tls_key, problem) : NULL;
	return certificates->key != NULL;
}

/* As many as the system lets us have. */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void) setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur != RLIM_INFINITY && (rlim_t) settings.max_clients + SPARE_DESCRIPTORS > limit.rlim_cur)
	{
		settings.max_clients = (int) Max(16, (int64) limit.rlim_cur - SPARE_DESCRIPTORS);
		log_line("start", psprintf("the limit of open files leaves room for %d clients", settings.max_clients));
	}
}

static int
listen_at(const char *address)
{
	const char *colon = strrchr(address, ':');
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *found;
	char *host;
	int status;
	int fd;
	int on = 1;

	if (colon == NULL)
		give_up(address, "it is not address:port");
	host = pnstrdup(address, colon - address);
	if (host[0] == '[' && host[strlen(host) - 1] == ']')
		host = pnstrdup(host + 1, strlen(host) - 2);
	status = getaddrinfo(host[0] != '\0' ? host : NULL, colon + 1, &hints, &found);
	if (status != 0)
		give_up(address, gai_strerror(status));
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		(settings.processes > 1 && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) ||
		bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1024) != 0)
		give_up(address, strerror(errno));
	freeaddrinfo(found);
	return fd;
}

static struct MHD_Daemon *
start_daemon(int socket, const Certificates *certificates, bool is_for_metrics)
{
	bool speaks_tls = certificates->cert != NULL;
	unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (speaks_tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, certificates->cert},
								   {MHD_OPTION_HTTPS_MEM_KEY, 0, certificates->key},
								   {MHD_OPTION_HTTPS_PRIORITIES, 0, TLS_PRIORITIES},
								   {MHD_OPTION_END, 0, NULL}};

	return MHD_start_daemon(flags, 0, admit, NULL, handle, NULL, MHD_OPTION_EXTERNAL_LOGGER, library_says, NULL,
							MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_CONNECTION_LIMIT,
							(unsigned int) settings.max_clients, MHD_OPTION_CONNECTION_TIMEOUT,
							(unsigned int) IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) HEADER_MEMORY,
							MHD_OPTION_URI_LOG_CALLBACK, begin, is_for_metrics ? &listeners : NULL,
							MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_NOTIFY_CONNECTION,
							connection_changed, NULL, MHD_OPTION_ARRAY, speaks_tls ? tls : tls + lengthof(tls) - 1,
							MHD_OPTION_END);
}

/* False: the library does not take the certificates; the socket is as it was. */
static bool
add_listener(const char *address, int socket, const Certificates *certificates, bool is_for_metrics)
{
	int own = dup(socket); /* the library closes what it does not like */
	struct MHD_Daemon *daemon = own >= 0 ? start_daemon(own, certificates, is_for_metrics) : NULL;
	Listener *listener;

	if (daemon == NULL)
		return false;
	close(socket);
	listener = calloc(1, sizeof(Listener));
	if (listener == NULL)
		give_up(address, strerror(ENOMEM));
	*listener = (Listener){daemon, {.fd = -1, .ready = daemon_ready}, address, own, is_for_metrics, false};
	listeners[listener_count++] = listener;
	loop_watch(&listener->watch, MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, EPOLLIN);
	return true;
}

static void
listen_at_all(const char *addresses, const Certificates *certificates, bool is_for_metrics)
{
	for (const char *c = addresses; *c != '\0' && listener_count < MAX_ADDRESSES;)
	{
		size_t length = strcspn(c, ",");
		char *address = pnstrdup(c, length);

		if (!add_listener(address, listen_at(address), certificates, is_for_metrics))
			give_up(address, "the HTTP library does not start; are the certificates good?");
		log_line("start",
				 psprintf("%s at %s://%s", is_for_metrics ? "metrics" : "listening",
						  certificates->cert != NULL ? "https" : "http", address));
		c += length + (c[length] == ',');
	}
}

void
http_begin(void)
{
	static const Certificates none = {NULL, NULL};
	Certificates certificates;
	const char *problem;

	if (!read_certificates(&certificates, &problem))
		give_up("certificates", problem);
	raise_descriptor_limit();
	listen_at_all(settings.listen, &certificates, false);
	if (listener_count == 0)
		give_up("--listen", "there is no address");
	listen_at_all(settings.metrics_listen, &none, true);
}

/* ---- other certificates ---- */

/* Nobody comes to it any more. */
static void
retire(Listener *listener)
{
	if (MHD_quiesce_daemon(listener->daemon) != MHD_INVALID_SOCKET)
		close(listener->socket);
	listener->is_retiring = true;
}

static bool
replace_all(const Certificates *certificates)
{
	int count = listener_count;

	for (int i = 0; i < count; i++)
	{
		if (listeners[i]->is_retiring || listeners[i]->is_for_metrics)
			continue;
		if (listener_count == MAX_DAEMONS ||
			!add_listener(listeners[i]->address, dup(listeners[i]->socket), certificates, false))
			return false;
		retire(listeners[i]);
	}
	return true;
}

void
http_reload_certificates(void)
{
	Arena *arena = arena_new();
	Arena *before = arena_use(arena);
	Certificates certificates;
	const char *problem = "the library does not take them";

	if (settings.tls_cert[0] != '\0' && !routes_are_draining())
	{
		if (read_certificates(&certificates, &problem) && replace_all(&certificates))
			log_line("certificates", "read again");
		else
			log_line("certificates", psprintf("those of before go on: %s", problem));
	}
	arena_free(arena);
	arena_use(before);
}

/* Those that have ended what they had begun. */
static void
stop_retired(void)
{
	for (int i = listener_count - 1; i >= 0; i--)
	{
		Listener *listener = listeners[i];

		if (!listener->is_retiring ||
			MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections > 0)
			continue;
		loop_forget(&listener->watch);
		MHD_stop_daemon(listener->daemon);
		free(listener);
		listeners[i] = listeners[--listener_count];
	}
}

int
http_run(void)
{
	int wait = (int) (SECOND / 1000);

	cut_off_the_slow(loop_now());
	has_work = false;
	for (int i = 0; i < listener_count; i++)
	{
		MHD_UNSIGNED_LONG_LONG milliseconds;

		(void) MHD_run(listeners[i]->daemon);
		if (MHD_get_timeout(listeners[i]->daemon, &milliseconds) == MHD_YES && milliseconds < (unsigned) wait)
			wait = (int) milliseconds;
	}
	stop_retired();
	return has_work ? 0 : wait;
}

void
http_stop_listening(void)
{
	for (int i = 0; i < listener_count; i++)
	{
		if (!listeners[i]->is_retiring)
			retire(listeners[i]);
	}
}

int
http_requests(void)
{
	return exchange_count;
}

int
http_clients(void)
{
	return client_count;
}
