// Package reference compares agistorm's generator with what it is measured by: a plain epoll
// client in C (client.c), and an idiomatic Go client with a goroutine and a net.Dialer per
// call (dialer). All play the same exchange, a whole FastAGI session as Asterisk holds it,
// against the same cheap server in C (server.c), in turn and in one run:
//
//	go test -run '^$' -bench . -benchtime 1x ./scripts/reference
//
// BenchmarkSessions compares sessions per second, CPU per session and resident memory with
// 10, 1,000 and 10,000 calls open at once, and once more the last with the environment in one
// write; BenchmarkTrain compares how close together the SYNs of 10,000 calls are, by tcpdump. Each prints
// a table and says which ratio misses its target; no ratio fails it, for it is a time on a
// machine that others use as well. A call that is not answered does fail it, but for up to one in a hundred of the dialer's. BenchmarkServers compares agistorm's target with server.c,
// and both with a server that only accepts; BenchmarkServerMemory is the memory of its open sessions.
//
// The benchmarks run in a network namespace of their own, where net.core.somaxconn is high
// enough for 10,000 calls and no other traffic is. Without a C compiler, and the train
// without tcpdump or root, they are skipped, and say so. Linux only.
package reference
