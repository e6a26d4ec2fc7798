// Package reference compares agistorm's generator with three other clients of the same exchange, a
// whole FastAGI session as Asterisk holds it:
//
//   - client.c, a plain epoll client in C that serves its calls in the order of agistorm's engine,
//   - threads.c, a client in C with one POSIX thread per call, as independent callers are,
//   - dialer, an idiomatic Go client with a goroutine and a net.Dialer per call.
//
// They play in turns, in one run:
//
//	go test -run '^$' -bench . -benchtime 1x ./scripts/reference
//
// BenchmarkSessions compares sessions per second, CPU per session and memory with 10, 1,000 and
// 10,000 calls open at once, line by line and in one write, against the same cheap server
// (server.c). BenchmarkCallers holds agistorm's outcomes and reply lag against the thread client,
// at the target of the scenario somaxconn: in bursts of 500, 2,000 and 10,000 calls that its accept
// queue holds, and of 2,000 that overflow 128 and 512. BenchmarkTrain compares how close together
// the SYNs of 10,000 calls are, by tcpdump. BenchmarkServers compares agistorm's target with
// server.c, and both with a server that only accepts; BenchmarkServerMemory is the memory of its
// open sessions.
//
// Each prints a table and reports which figure misses its target. No figure fails it: a time depends
// on what else the machine does. A call that is not answered fails BenchmarkSessions, except for up
// to one in a hundred of the dialer's.
//
// The benchmarks run in a network namespace of their own, where net.core.somaxconn is high
// enough for 10,000 calls and no other traffic is. Without a C compiler, and the train
// without tcpdump or root, they are skipped with the reason. Linux only.
package reference
