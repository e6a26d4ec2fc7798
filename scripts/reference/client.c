//go:build ignore

/*
 * client: what a plain epoll client in C needs for the exchange that agistorm plays.
 *
 *   client [--single-write | --sendmmsg] [--first-command-timeout MS] ADDRESS PORT OPEN ROUNDS [CONNECTS]
 *
 * It plays Asterisk: OPEN calls at once as one burst, ROUNDS times, with one thread and one epoll.
 * All sockets and environments of a round are made beforehand. First it calls connect(2) for all of
 * them, with nothing between. Then it serves them in the order of agistorm's engine. A turn
 *
 *   1. fetches all events, without waiting if there is still work to do,
 *   2. settles up to 32 connects that are over, and then writes the first line of each environment,
 *   3. answers every call that waits for a reply, and
 *   4. writes the rest of one environment (with --single-write up to 16 whole ones).
 *
 * So a server's handler does not wait for the environments of other calls, and every call has sent its
 * first line as early as an independent caller would have. A server that speaks before it has the
 * whole environment is answered after the rest of it, as by Asterisk, which does not read before.
 *
 * An environment takes a write(2) per line, with Nagle's algorithm on, as Asterisk has it. With
 * --sendmmsg one sendmmsg(2) takes all lines but the first, and with --single-write one write(2)
 * takes all of it, with TCP_NODELAY. When the server closes, the client says HANGUP and closes too.
 *
 * It prints the line that measure/measure.go describes. Wall and CPU time run from the first connect
 * to the last close. With CONNECTS it writes a line of JSON per call into that file: the local
 * address, and the time from connect(2) until the loop settled the connect.
 *
 * It exits with 0 if every call has ended, whatever its outcome, and with 1 if it could not play.
 */
#define _GNU_SOURCE
#include "caller.h"

#include <sys/epoll.h>

enum {
	MAX_EVENTS = 1024,
	SETTLED_PER_TURN = 32, /* settlesATurn in loadgen/engine/epoll/turn_linux.go */
	WHOLE_PER_TURN = 16,    /* whole environments per turn, with --single-write */
	MAX_LINES = 32,         /* an environment has 23 lines */
};

/* Events after which there is an end or an error to be read, and those after which there is anything. */
#define CLOSING (EPOLLRDHUP | EPOLLHUP | EPOLLERR)
#define READABLE (EPOLLIN | CLOSING)

enum state { CONNECTING, TALKING, ENDED };

struct call {
	int fd;
	enum state state;
	uint32_t events; /* that have not been handled */
	bool listed;     /* it is in one of the queues unsettled and waiting */
	bool commanded, slow;
	uint16_t said; /* bytes of the environment that are out */
	int64_t started, connected, introduced;
	struct words words;
};

/* A queue that a call enters at most once before the queue is emptied. */
struct queue {
	struct call **calls;
	int head, tail;
};

static struct call *calls;
static struct epoll_event events[MAX_EVENTS];
static int epfd, calls_open;
static int first_connecting;     /* no call before it is connecting */
static struct queue unsettled;   /* connects that are over */
static struct queue unspoken;    /* connected; the rest of the environment is to be written */
static struct queue uncommanded; /* introduced, in the order in which their first-command timeout ends */
static struct queue waiting;     /* calls with something to read; emptied in every turn */
static FILE *connects;

static void push(struct queue *q, struct call *c) { q->calls[q->tail++] = c; }

static void make_queue(struct queue *q)
{
	if (!(q->calls = calloc((size_t)options.open, sizeof(struct call *))))
		die("no memory for %d calls", options.open);
}

static void end_call(struct call *c, enum outcome outcome)
{
	close(c->fd);
	c->state = ENDED;
	calls_open--;
	results.outcomes[outcome]++;
	results.slow += outcome == ANSWERED && c->slow;
}

/* The server has closed: an end without a command is not an answer. */
static void finish(struct call *c) { end_call(c, c->commanded ? ANSWERED : CLOSED); }

static void start_call(struct call *c)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
	c->started = now_ns();
	if (connect(c->fd, (const struct sockaddr *)&options.server, sizeof options.server) < 0 && errno != EINPROGRESS)
		end_call(c, failed_connect(errno));
	else if (epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &event) < 0)
		die("epoll_ctl: %s", strerror(errno));
}

/* Puts a call into the queue where its events are handled. */
static void list(struct call *c)
{
	if (!c->listed)
		push(c->state == CONNECTING ? &unsettled : &waiting, c);
	c->listed = true;
}

/* Fetches every event there is; waits for the first for at most timeout_ms. */
static void fetch(int timeout_ms)
{
	int n;
	do {
		n = epoll_wait(epfd, events, MAX_EVENTS, timeout_ms);
		if (n < 0 && errno != EINTR)
			die("epoll_wait: %s", strerror(errno));
		for (int i = 0; i < n; i++) {
			struct call *c = events[i].data.ptr;
			c->events |= events[i].events;
			list(c);
		}
		timeout_ms = 0;
	} while (n == MAX_EVENTS);
}

static void note_connect(const struct call *c)
{
	struct sockaddr_in local;
	socklen_t size = sizeof local;
	char address[INET_ADDRSTRLEN];
	if (getsockname(c->fd, (struct sockaddr *)&local, &size) < 0)
		die("getsockname: %s", strerror(errno));
	inet_ntop(AF_INET, &local.sin_addr, address, sizeof address);
	fprintf(connects, "{\"local\":\"%s:%d\",\"connect_ns\":%" PRId64 "}\n", address, ntohs(local.sin_port),
		c->connected - c->started);
}

static void note_command(struct call *c)
{
	if (c->commanded)
		return;
	c->commanded = true;
	c->slow = now_ns() - c->connected >= SLOW_MS * INT64_C(1000000);
}

/*
 * Ends a call whose write failed. EPIPE is a reset after the server's FIN (net/ipv4/tcp_input.c,
 * tcp_reset): the server had closed, and a command that it sent before can still be read.
 */
static void failed_write(struct call *c)
{
	static char in[16384];
	ssize_t n;
	if (errno != EPIPE) {
		end_call(c, failed_session(errno));
		return;
	}
	while ((n = read(c->fd, in, sizeof in)) > 0)
		if (memchr(in, '\n', (size_t)n))
			note_command(c);
	finish(c);
}

/* Writes the environment from where it is up to p. */
static void say_to(struct call *c, const char *p)
{
	const char *from = c->words.text + c->said;
	if (write(c->fd, from, (size_t)(p - from)) == p - from)
		c->said = (uint16_t)(p - c->words.text);
	else
		failed_write(c);
}

/* Writes the rest of the environment with one system call that makes the same segments. */
static void say_lines(struct call *c)
{
	struct mmsghdr messages[MAX_LINES] = {0};
	struct iovec lines[MAX_LINES];
	const char *p = c->words.text + c->said, *end = c->words.text + c->words.len;
	unsigned n = 0;
	for (; p < end; n++) {
		const char *next = write_end(p, end);
		lines[n] = (struct iovec){(void *)p, (size_t)(next - p)};
		messages[n].msg_hdr = (struct msghdr){.msg_iov = &lines[n], .msg_iovlen = 1};
		p = next;
	}
	c->said = c->words.len;
	for (unsigned sent = 0; sent < n;) {
		int k = sendmmsg(c->fd, messages + sent, n - sent, 0);
		if (k < 0) {
			failed_write(c);
			return;
		}
		sent += (unsigned)k;
	}
}

/* Writes what is left of the environment. */
static void say_rest(struct call *c)
{
	const char *end = c->words.text + c->words.len;
	if (options.sendmmsg)
		say_lines(c);
	while (c->state == TALKING && c->words.text + c->said < end)
		say_to(c, write_end(c->words.text + c->said, end));
	if (c->state != TALKING)
		return;
	c->introduced = now_ns();
	push(&uncommanded, c);
}

/* Settles a connect that is over. */
static void settle(struct call *c)
{
	int error = 0;
	socklen_t size = sizeof error;
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error) {
		end_call(c, failed_connect(error));
		return;
	}
	c->state = TALKING;
	c->connected = now_ns();
	if (connects)
		note_connect(c);
}

/* Says the first line. A single write waits for its turn. */
static void greet(struct call *c)
{
	if (!options.single_write)
		say_to(c, write_end(c->words.text, c->words.text + c->words.len));
	if (c->state == TALKING)
		push(&unspoken, c);
}

/* Answers each line among the bytes that have come. */
static bool answer(struct call *c, const char *in, ssize_t n, int64_t arrived)
{
	static const char reply[] = "200 result=1\n";
	const char *end = in + n;
	while ((in = memchr(in, '\n', (size_t)(end - in)))) {
		in++;
		note_command(c);
		if (write(c->fd, reply, sizeof reply - 1) != sizeof reply - 1) {
			failed_write(c);
			return false;
		}
		add_lag(arrived);
	}
	return true;
}

/*
 * Reads what has come. A read that did not fill its buffer took everything (epoll(7)), but after
 * an event for the server's close the end is still to be read.
 */
static void receive(struct call *c, bool closed)
{
	static char in[16384];
	int64_t arrived;
	ssize_t n;
	if (c->said < c->words.len)
		say_rest(c);
	if (c->state != TALKING)
		return;
	do {
		n = receive_stamped(c->fd, in, sizeof in, &arrived);
		if (n > 0 && !answer(c, in, n, arrived))
			return;
	} while (n == sizeof in || (n > 0 && closed));
	if (n < 0 && errno != EAGAIN && errno != EPIPE) {
		end_call(c, failed_session(errno));
	} else if (n == 0 || (n < 0 && errno == EPIPE)) {
		ssize_t said = write(c->fd, "HANGUP\n", 7); /* a server that is gone does not need it */
		(void)said;
		finish(c);
	}
}

/* Settles connects that are over, and greets their servers when the connect times of all are known. */
static void settle_some(void)
{
	int first = unsettled.head;
	for (int n = 0; n < SETTLED_PER_TURN && unsettled.head < unsettled.tail; n++)
		settle(unsettled.calls[unsettled.head++]);
	for (int i = first; i < unsettled.head; i++) {
		struct call *c = unsettled.calls[i];
		c->listed = false;
		if (c->state == TALKING)
			greet(c);
		if (c->state == TALKING && c->events & READABLE)
			list(c); /* the server has spoken, or closed, already */
		else
			c->events = 0;
	}
}

/* Answers every call that waits for it. */
static void answer_all(void)
{
	for (int i = 0; i < waiting.tail; i++) {
		struct call *c = waiting.calls[i];
		uint32_t what = c->events;
		c->events = 0;
		c->listed = false;
		if (c->state == TALKING && what & READABLE)
			receive(c, what & CLOSING);
	}
	waiting.tail = 0;
}

/* Writes the rest of one environment, or up to 16 whole ones. */
static void speak(void)
{
	int most = options.single_write ? WHOLE_PER_TURN : 1;
	while (most > 0 && unspoken.head < unspoken.tail) {
		struct call *c = unspoken.calls[unspoken.head++];
		if (c->state != TALKING || c->said == c->words.len)
			continue;
		say_rest(c);
		most--;
	}
}

/* Returns the first call whose connect timeout is running; NULL if there is none. */
static struct call *next_connect(void)
{
	/* The connect of one that is listed is over. */
	while (first_connecting < options.open &&
	       (calls[first_connecting].state != CONNECTING || calls[first_connecting].listed))
		first_connecting++;
	return first_connecting < options.open ? &calls[first_connecting] : NULL;
}

/* Returns the first call whose first-command timeout is running; NULL if there is none. */
static struct call *next_command(void)
{
	for (; uncommanded.head < uncommanded.tail; uncommanded.head++) {
		struct call *c = uncommanded.calls[uncommanded.head];
		if (c->state == TALKING && !c->commanded)
			return c;
	}
	return NULL;
}

static int64_t connect_end(const struct call *c) { return c->started + CONNECT_TIMEOUT_MS * INT64_C(1000000); }
static int64_t command_end(const struct call *c) { return c->introduced + options.first_command_ms * INT64_C(1000000); }

/* Ends the calls whose time has passed. */
static void expire(void)
{
	int64_t now = now_ns();
	struct call *c;
	while ((c = next_connect()) && connect_end(c) <= now)
		end_call(c, CONNECT_TIMEOUT);
	while ((c = next_command()) && command_end(c) <= now)
		end_call(c, SILENT);
}

/* Returns how long there is nothing to do but wait, in ms. */
static int idle_ms(void)
{
	struct call *c;
	int64_t now = now_ns(), end = now + STALL_MS * INT64_C(1000000);
	if (unsettled.head < unsettled.tail || unspoken.head < unspoken.tail)
		return 0;
	if ((c = next_connect()) && connect_end(c) < end)
		end = connect_end(c);
	if ((c = next_command()) && command_end(c) < end)
		end = command_end(c);
	return end <= now ? 0 : (int)((end - now + 999999) / 1000000);
}

static void prepare_round(int64_t round)
{
	for (int i = 0; i < options.open; i++) {
		struct call *c = &calls[i];
		c->state = CONNECTING;
		c->events = c->said = 0;
		c->listed = c->commanded = c->slow = false;
		c->fd = make_socket(i);
		make_words(&c->words, round * options.open + i);
	}
	calls_open = options.open;
	first_connecting = 0;
	unsettled.head = unsettled.tail = unspoken.head = unspoken.tail = uncommanded.head = uncommanded.tail = 0;
}

static void play_round(void)
{
	int64_t cpu = process_cpu_ns(), wall = now_ns();
	for (int i = 0; i < options.open; i++)
		start_call(&calls[i]);
	while (calls_open > 0) {
		int wait = idle_ms();
		fetch(wait);
		if (wait == STALL_MS && unsettled.head == unsettled.tail && waiting.tail == 0)
			die("%d of %d calls are open, and nothing has happened for %d ms", calls_open, options.open,
			    STALL_MS);
		settle_some();
		answer_all();
		expire();
		speak();
	}
	results.wall_ns += now_ns() - wall;
	results.cpu_ns += process_cpu_ns() - cpu;
}

int main(int argc, char **argv)
{
	parse_arguments(argc, argv,
			"client [--single-write | --sendmmsg] [--first-command-timeout MS] "
			"ADDRESS PORT OPEN ROUNDS [CONNECTS]",
			true);
	prepare_process();
	if (options.connects && !(connects = fopen(options.connects, "w")))
		die("%s: %s", options.connects, strerror(errno));
	if ((epfd = epoll_create1(EPOLL_CLOEXEC)) < 0)
		die("epoll_create1: %s", strerror(errno));
	if (!(calls = calloc((size_t)options.open, sizeof *calls)))
		die("no memory for %d calls", options.open);
	make_queue(&unspoken);
	make_queue(&uncommanded);
	make_queue(&unsettled);
	make_queue(&waiting);
	for (int round = 0; round < options.rounds; round++) {
		prepare_round(round);
		play_round();
	}
	if (connects && (ferror(connects) | fclose(connects)))
		die("%s: %s", options.connects, strerror(errno));
	print_results();
	return 0;
}
