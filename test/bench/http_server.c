/*
 * http_server.c
 *	  For W4 of the benchmark: answers every HTTP request at once, and a client that finds out how fast.
 *
 * http_server serve                 prints its port, serves until killed
 * http_server load PORT CLIENTS N [FILE]
 *                                   N requests over CLIENTS kept-alive connections, the one in FILE if there is one; each has to
 *                                   succeed; prints requests a second
 * http_server times PORT CLIENTS N FILE
 *                                   the same; prints how many microseconds one takes, at the median and the 99th of a hundred
 *
 * One thread and epoll on either side.  A request may have a body; its end is found by Content-Length.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER 65536

typedef struct Peer
{
	int socket;
	int length;
	double sent; /* when its last request was */
	char data[BUFFER];
} Peer;

static const char response[] =
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";

/* Bytes of the first whole message in the buffer; 0: it is not whole. */
static int
message_length(Peer *peer)
{
	char *end;
	char *line;
	int body = 0;

	peer->data[peer->length] = '\0';
	end = strstr(peer->data, "\r\n\r\n");
	if (end == NULL)
		return 0;
	line = strcasestr(peer->data, "\r\nContent-Length:");
	if (line != NULL && line < end)
		body = atoi(line + 17);
	return end + 4 + body <= peer->data + peer->length ? (int) (end + 4 - peer->data) + body : 0;
}

static int
take_message(Peer *peer)
{
	int length = message_length(peer);

	if (length > 0)
	{
		memmove(peer->data, peer->data + length, peer->length - length);
		peer->length -= length;
	}
	return length;
}

static int
fill(Peer *peer)
{
	int got = (int) read(peer->socket, peer->data + peer->length, BUFFER - 1 - peer->length);

	if (got > 0)
		peer->length += got;
	return got;
}

static void
watch(int epoll, int socket)
{
	Peer *peer = calloc(1, sizeof(Peer));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
	int on = 1;

	peer->socket = socket;
	setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

static int
serve(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int epoll = epoll_create1(0);
	struct epoll_event events[256];

	if (bind(listener, (struct sockaddr *) &address, size) != 0 || listen(listener, 1024) != 0)
		return 1;
	getsockname(listener, (struct sockaddr *) &address, &size);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	watch(epoll, listener);
	for (;;)
	{
		int count = epoll_wait(epoll, events, 256, -1);

		for (int i = 0; i < count; i++)
		{
			Peer *peer = events[i].data.ptr;

			if (peer->socket == listener)
				watch(epoll, accept(listener, NULL, NULL));
			else if (fill(peer) <= 0)
			{
				close(peer->socket);
				free(peer);
			}
			else
				while (take_message(peer) > 0)
					if (write(peer->socket, response, sizeof(response) - 1) < 0)
						break;
		}
	}
}

static char request[BUFFER] =
	"POST /w4 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"n\": 12}";

static int
read_request(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t length = file != NULL ? fread(request, 1, sizeof(request) - 1, file) : 0;

	request[length] = '\0';
	return length > 0 && fclose(file) == 0;
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	double difference = *(const double *) a - *(const double *) b;

	return difference < 0 ? -1 : difference > 0;
}

static void
print_times(double *took, int count)
{
	qsort(took, count, sizeof(double), compare);
	printf("%.0f %.0f\n", took[count / 2], took[(int) (count * 0.99)]);
}

static int
load(int port, int clients, int requests, int prints_times)
{
	double *took = calloc(requests + clients, sizeof(double));
	size_t length = strlen(request);
	struct sockaddr_in address = {.sin_family = AF_INET,
								  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
								  .sin_port = htons(port)};
	int epoll = epoll_create1(0);
	struct epoll_event events[256];
	struct timespec began, ended;
	int sent = 0;
	int done = 0;

	clock_gettime(CLOCK_MONOTONIC, &began);
	if (took == NULL)
		return 1;
	for (int i = 0; i < clients; i++)
	{
		int one = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(one, (struct sockaddr *) &address, sizeof(address)) != 0)
			return 1;
		watch(epoll, one);
		sent += write(one, request, length) > 0;
	}
	while (done < requests)
	{
		int count = epoll_wait(epoll, events, 256, 10000);

		if (count <= 0)
			return 1;
		for (int i = 0; i < count; i++)
		{
			Peer *peer = events[i].data.ptr;

			if (peer->sent == 0)
				peer->sent = began.tv_sec * 1e6 + began.tv_nsec / 1e3;
			if (fill(peer) <= 0 || strncmp(peer->data, "HTTP/1.1 2", peer->length < 10 ? peer->length : 10) != 0)
				return 1;
			while (take_message(peer) > 0)
			{
				took[done++] = now() - peer->sent;
				peer->sent = now();
				if (sent < requests)
					sent += write(peer->socket, request, length) > 0;
			}
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	if (prints_times)
	{
		print_times(took, requests);
		return 0;
	}
	printf("%.0f\n", requests / (ended.tv_sec - began.tv_sec + (ended.tv_nsec - began.tv_nsec) / 1e9));
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		return serve();
	if (argc == 6 && !read_request(argv[5]))
		return 1;
	if (argc >= 5 && (strcmp(argv[1], "load") == 0 || strcmp(argv[1], "times") == 0))
		return load(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), strcmp(argv[1], "times") == 0);
	fprintf(stderr, "usage: %s serve | load PORT CLIENTS REQUESTS [FILE] | times PORT CLIENTS REQUESTS FILE\n", argv[0]);
	return 2;
}
