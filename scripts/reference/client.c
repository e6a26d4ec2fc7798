//go:build ignore

/*
 * client: what a plain epoll client in C needs for the exchange that agistorm plays.
 *
 *   client [--single-write] ADDRESS PORT OPEN ROUNDS [CONNECTS]
 *
 * It plays Asterisk: OPEN calls at once as one burst, ROUNDS times, one thread, one epoll.
 * All sockets and all words of a round are made beforehand. Then it connects them one after
 * the other with nothing between, and goes into its loop: it writes the environment line by
 * line (as other clients do, all in one write and with TCP_NODELAY, where told), answers each
 * command, and when the server closes says HANGUP and closes as well.
 *
 * It prints one line of JSON: sessions, those that were answered (connected, a command, the
 * server's close), and, summed over the rounds from the first connect to the last close, the
 * wall time and the process's CPU time; and the most memory it ever had resident.
 * With CONNECTS it writes a line of JSON per call into that file: its local address, and the
 * time from its connect(2) until the loop handled the event.
 *
 * It ends with 0 when every call has ended, however it did, and with 1 where it could not play.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_OPEN = 1000000,
	MAX_EVENTS = 1024,
	ENVIRONMENT_SIZE = 640, /* one environment has about 500 bytes */
	PATIENCE_MS = 30000,    /* with no event for so long, the program gives up */
};

struct call {
	int fd;
	bool connected, answered;
	uint16_t words_len;
	int64_t started;              /* only with CONNECTS */
	char words[ENVIRONMENT_SIZE]; /* the environment, ready to be sent */
};

static struct call *calls;
static struct epoll_event events[MAX_EVENTS];
static int epfd, calls_open;
static int64_t calls_answered, wall_ns, cpu_ns;
static bool single_write;
static FILE *connects;

#define die(...) (fputs("client: ", stderr), fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int64_t spent_ns(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000000) +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * INT64_C(1000);
}

/* The peak by the kernel's own account of this program; ru_maxrss would begin with the peak of who started it. */
static int64_t peak_resident_bytes(void)
{
	char line[256];
	int64_t kib = -1;
	FILE *f = fopen("/proc/self/status", "r");
	if (!f)
		die("/proc/self/status: %s", strerror(errno));
	while (fgets(line, sizeof line, f) && sscanf(line, "VmHWM: %" SCNd64, &kib) != 1)
		;
	fclose(f);
	return kib * 1024;
}

/* An environment as Asterisk sends it; the number makes it this call's own. */
static void make_words(struct call *c, const char *host, int port, int64_t number)
{
	int n = snprintf(c->words, sizeof c->words,
			 "agi_network: yes\nagi_network_script: reference\n"
			 "agi_request: agi://%s:%d/reference\nagi_channel: PJSIP/trunk-%08" PRIx64 "\n"
			 "agi_language: en\nagi_type: PJSIP\nagi_uniqueid: %" PRId64 ".%" PRId64 "\n"
			 "agi_version: 22.5.0\nagi_callerid: 1555%07" PRId64 "\nagi_calleridname: unknown\n"
			 "agi_callingpres: 0\nagi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\n"
			 "agi_dnid: 18005550100\nagi_rdnis: unknown\nagi_context: from-trunk\n"
			 "agi_extension: 18005550100\nagi_priority: 1\nagi_enhanced: 0.0\n"
			 "agi_accountcode: \nagi_threadid: %" PRId64 "\n\n",
			 host, port, number, INT64_C(1750000000) + number / 100, number, number % 10000000,
			 INT64_C(139910000000000) + number * 4096);
	if (n < 0 || (size_t)n >= sizeof c->words)
		die("an environment of %d bytes: there is room for %zu", n, sizeof c->words - 1);
	c->words_len = (uint16_t)n;
}

/* Ends a call and says why, where the call did not end as it should. */
static void end_call(struct call *c, const char *what)
{
	if (what)
		fprintf(stderr, "client: call %td: %s: %s\n", c - calls, what, strerror(errno));
	close(c->fd);
	c->fd = -1;
	calls_open--;
}

static void start_call(struct call *c, const struct sockaddr_in *server)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
	if (connects)
		c->started = now_ns();
	if (connect(c->fd, (const struct sockaddr *)server, sizeof *server) < 0 && errno != EINPROGRESS)
		end_call(c, "connect");
	else if (epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &event) < 0)
		end_call(c, "epoll_ctl");
}

/* Writes the environment; Asterisk has a write(2) for each line, and Nagle's algorithm on. */
static bool send_words(struct call *c)
{
	const char *p = c->words, *end = c->words + c->words_len;
	while (p < end) {
		const char *next = single_write ? end : (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
		if (write(c->fd, p, (size_t)(next - p)) != next - p) {
			end_call(c, "write");
			return false;
		}
		p = next;
	}
	return true;
}

static void note_connect(const struct call *c)
{
	int64_t took = now_ns() - c->started;
	struct sockaddr_in local;
	socklen_t size = sizeof local;
	char address[INET_ADDRSTRLEN];
	if (getsockname(c->fd, (struct sockaddr *)&local, &size) < 0)
		die("getsockname: %s", strerror(errno));
	inet_ntop(AF_INET, &local.sin_addr, address, sizeof address);
	fprintf(connects, "{\"local\":\"%s:%d\",\"connect_ns\":%" PRId64 "}\n", address, ntohs(local.sin_port), took);
}

/* Settles a connect, and begins to speak. */
static bool connected(struct call *c)
{
	int error = 0;
	socklen_t size = sizeof error;
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error) {
		errno = error;
		end_call(c, "connect");
		return false;
	}
	c->connected = true;
	if (connects)
		note_connect(c);
	return send_words(c);
}

/* Answers each line among the bytes that have come. */
static bool answer(struct call *c, const char *in, ssize_t n)
{
	static const char reply[] = "200 result=1\n";
	const char *end = in + n;
	while ((in = memchr(in, '\n', (size_t)(end - in)))) {
		in++;
		if (write(c->fd, reply, sizeof reply - 1) != sizeof reply - 1) {
			end_call(c, "write");
			return false;
		}
		c->answered = true;
	}
	return true;
}

/*
 * Reads what has come. A read that did not fill its buffer took all there was (epoll(7)),
 * but where the event told of the server's close there is still the end to be read.
 */
static void receive(struct call *c, bool closed)
{
	static char in[16384];
	ssize_t n;
	do {
		n = read(c->fd, in, sizeof in);
		if (n > 0 && !answer(c, in, n))
			return;
	} while (n == sizeof in || (n > 0 && closed));
	if (n < 0 && errno != EAGAIN) {
		end_call(c, "read");
	} else if (n == 0) {
		/* The server may be gone for good: what becomes of the last words changes nothing. */
		ssize_t said = write(c->fd, "HANGUP\n", 7);
		(void)said;
		calls_answered += c->answered;
		end_call(c, NULL);
	}
}

static void handle(struct call *c, uint32_t what)
{
	if (!c->connected && !connected(c))
		return;
	if (what & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		receive(c, what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
}

static void prepare_round(int open, int64_t round, const char *host, int port)
{
	for (int i = 0; i < open; i++) {
		calls[i].connected = calls[i].answered = false;
		calls[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (calls[i].fd < 0)
			die("socket %d of %d: %s", i + 1, open, strerror(errno));
		if (single_write)
			setsockopt(calls[i].fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		make_words(&calls[i], host, port, round * open + i);
	}
	calls_open = open;
}

static void play_round(int open, const struct sockaddr_in *server)
{
	int64_t cpu = spent_ns(), wall = now_ns();
	for (int i = 0; i < open; i++)
		start_call(&calls[i], server);
	while (calls_open > 0) {
		int n = epoll_wait(epfd, events, MAX_EVENTS, PATIENCE_MS);
		if (n < 0 && errno != EINTR)
			die("epoll_wait: %s", strerror(errno));
		if (n == 0)
			die("%d calls of %d are still open, and nothing has happened for %d ms", calls_open, open, PATIENCE_MS);
		for (int i = 0; i < n; i++)
			handle(events[i].data.ptr, events[i].events);
	}
	wall_ns += now_ns() - wall;
	cpu_ns += spent_ns() - cpu;
}

static int number(const char *what, const char *text, long most)
{
	char *end;
	errno = 0;
	long n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 1 || n > most)
		die("%s %s: want a number from 1 to %ld", what, text, most);
	return (int)n;
}

int main(int argc, char **argv)
{
	single_write = argc > 1 && strcmp(argv[1], "--single-write") == 0;
	argc -= single_write;
	argv += single_write;
	if (argc != 5 && argc != 6)
		die("usage: client [--single-write] ADDRESS PORT OPEN ROUNDS [CONNECTS]");
	int port = number("port", argv[2], 65535);
	int open = number("open", argv[3], MAX_OPEN), rounds = number("rounds", argv[4], MAX_OPEN);
	struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
		die("address %s: want an IPv4 address", argv[1]);
	if (argc == 6 && !(connects = fopen(argv[5], "w")))
		die("%s: %s", argv[5], strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	if ((epfd = epoll_create1(EPOLL_CLOEXEC)) < 0)
		die("epoll_create1: %s", strerror(errno));
	if (!(calls = calloc((size_t)open, sizeof *calls)))
		die("no memory for %d calls", open);
	for (int round = 0; round < rounds; round++) {
		prepare_round(open, round, argv[1], port);
		play_round(open, &server);
	}
	if (connects && (ferror(connects) | fclose(connects)))
		die("%s: %s", argv[5], strerror(errno));
	printf("{\"sessions\":%" PRId64 ",\"answered\":%" PRId64 ",\"wall_ns\":%" PRId64 ",\"cpu_ns\":%" PRId64
	       ",\"maxrss_bytes\":%" PRId64 "}\n",
	       (int64_t)open * rounds, calls_answered, wall_ns, cpu_ns, peak_resident_bytes());
	return 0;
}
