//go:build ignore

/*
 * threads: the calls of independent callers, with one POSIX thread per call.
 *
 *   threads [--single-write] [--first-command-timeout MS] ADDRESS PORT OPEN ROUNDS
 *
 * Each thread does what Asterisk's res_agi.c does for one call: a non-blocking connect and a poll of
 * 2,000 ms, one write(2) per line with Nagle's algorithm on (all lines in one write and TCP_NODELAY
 * with --single-write), then a blocking read for each command and `200 result=1` to it, and HANGUP
 * when the server has closed. The scheduler decides which call comes next; no loop does. That makes
 * its outcomes and its reply lag what agistorm's are compared with.
 *
 * OPEN calls form one burst, ROUNDS times. Sockets, environments and threads are made beforehand; a
 * barrier starts all threads of a round at the same time.
 *
 * A call that gets no command within the first-command timeout (10 s) is silent. Asterisk has no
 * such limit; without one a phantom would wait for minutes.
 *
 * It prints the line that measure/measure.go describes, and exits with 0 if every call has ended,
 * whatever its outcome, and with 1 if it could not play.
 */
#define _GNU_SOURCE
#include "caller.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>

enum {
	STACK_SIZE = 65536, /* so that 10,000 threads take little memory */
	READ_SIZE = 2048,   /* the line buffer of older Asterisks */
};

struct call {
	int fd;
	bool commanded, slow;
	enum outcome outcome;
	int64_t connected;
	pthread_t thread;
	struct words words;
};

static struct call *calls;
static pthread_barrier_t start;

/* Sets the outcome and returns false: the call is over. */
static bool end_call(struct call *c, enum outcome outcome)
{
	c->outcome = outcome;
	return false;
}

/* The server has closed: an end without a command is not an answer. */
static bool finish(struct call *c) { return end_call(c, c->commanded ? ANSWERED : CLOSED); }

/* Connects as launch_netscript and handle_connection in res_agi.c do, and makes the socket blocking. */
static bool connect_call(struct call *c)
{
	struct pollfd writable = {.fd = c->fd, .events = POLLOUT};
	struct timeval limit = {options.first_command_ms / 1000, options.first_command_ms % 1000 * 1000};
	int error = 0;
	socklen_t size = sizeof error;
	if (connect(c->fd, (const struct sockaddr *)&options.server, sizeof options.server) < 0 && errno != EINPROGRESS)
		return end_call(c, failed_connect(errno));
	int n;
	while ((n = poll(&writable, 1, CONNECT_TIMEOUT_MS)) < 0 && errno == EINTR)
		; /* the timeout starts again, as in handle_connection */
	if (n == 0)
		return end_call(c, CONNECT_TIMEOUT);
	if (n < 0 || getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return end_call(c, failed_connect(errno));
	if (error)
		return end_call(c, failed_connect(error));
	c->connected = now_ns();
	if (fcntl(c->fd, F_SETFL, 0) < 0 || setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0)
		return end_call(c, failed_session(errno));
	return true;
}

/* Notes the first command. From now on the server may be silent for longer. */
static void note_command(struct call *c)
{
	struct timeval limit = {STALL_MS / 1000, 0};
	if (c->commanded)
		return;
	c->commanded = true;
	c->slow = now_ns() - c->connected >= SLOW_MS * INT64_C(1000000);
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

/*
 * Judges a failed write. EPIPE is a reset after the server's FIN (net/ipv4/tcp_input.c, tcp_reset):
 * the server had closed, and a command that it sent before can still be read.
 */
static bool failed_write(struct call *c)
{
	char in[READ_SIZE];
	ssize_t n;
	if (errno != EPIPE)
		return end_call(c, failed_session(errno));
	while ((n = recv(c->fd, in, sizeof in, MSG_DONTWAIT)) > 0)
		if (memchr(in, '\n', (size_t)n))
			note_command(c);
	return finish(c);
}

static bool introduce(struct call *c)
{
	const char *p = c->words.text, *end = p + c->words.len;
	while (p < end) {
		const char *next = write_end(p, end);
		if (write(c->fd, p, (size_t)(next - p)) != next - p)
			return failed_write(c);
		p = next;
	}
	return true;
}

/* Answers each line among the bytes that have come. */
static bool answer(struct call *c, const char *in, ssize_t n, int64_t arrived)
{
	static const char reply[] = "200 result=1\n";
	const char *end = in + n;
	while ((in = memchr(in, '\n', (size_t)(end - in)))) {
		in++;
		note_command(c);
		if (write(c->fd, reply, sizeof reply - 1) != sizeof reply - 1)
			return failed_write(c);
		add_lag(arrived);
	}
	return true;
}

/* Answers commands until the server closes, and says HANGUP then. */
static bool converse(struct call *c)
{
	char in[READ_SIZE];
	int64_t arrived;
	ssize_t n;
	while ((n = receive_stamped(c->fd, in, sizeof in, &arrived)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && !answer(c, in, n, arrived))
			return false;
	if (n < 0 && errno == EAGAIN) /* the limit of SO_RCVTIMEO */
		return end_call(c, c->commanded ? PROTOCOL_ERROR : SILENT);
	if (n < 0 && errno != EPIPE)
		return end_call(c, failed_session(errno));
	ssize_t said = write(c->fd, "HANGUP\n", 7); /* a server that is gone does not need it */
	(void)said;
	return finish(c);
}

static void *run_call(void *argument)
{
	struct call *c = argument;
	pthread_barrier_wait(&start);
	if (connect_call(c) && introduce(c))
		converse(c);
	close(c->fd);
	return NULL;
}

static void prepare_round(int64_t round)
{
	pthread_attr_t small;
	pthread_attr_init(&small);
	if (pthread_attr_setstacksize(&small, STACK_SIZE) != 0)
		die("a stack of %d bytes is too small here", STACK_SIZE);
	if (pthread_barrier_init(&start, NULL, (unsigned)options.open + 1) != 0)
		die("no barrier for %d threads", options.open);
	for (int i = 0; i < options.open; i++) {
		struct call *c = &calls[i];
		c->commanded = c->slow = false;
		c->fd = make_socket(i);
		make_words(&c->words, round * options.open + i);
		int error = pthread_create(&c->thread, &small, run_call, c);
		if (error)
			die("thread %d of %d: %s", i + 1, options.open, strerror(error));
	}
	pthread_attr_destroy(&small);
}

static void play_round(void)
{
	int64_t cpu = process_cpu_ns(), wall = now_ns();
	pthread_barrier_wait(&start);
	for (int i = 0; i < options.open; i++)
		pthread_join(calls[i].thread, NULL);
	results.wall_ns += now_ns() - wall;
	results.cpu_ns += process_cpu_ns() - cpu;
	for (int i = 0; i < options.open; i++) {
		results.outcomes[calls[i].outcome]++;
		results.slow += calls[i].outcome == ANSWERED && calls[i].slow;
	}
	pthread_barrier_destroy(&start);
}

int main(int argc, char **argv)
{
	parse_arguments(argc, argv, "threads [--single-write] [--first-command-timeout MS] ADDRESS PORT OPEN ROUNDS",
			false);
	prepare_process();
	if (!(calls = calloc((size_t)options.open, sizeof *calls)))
		die("no memory for %d calls", options.open);
	for (int round = 0; round < options.rounds; round++) {
		prepare_round(round);
		play_round();
	}
	print_results();
	return 0;
}
