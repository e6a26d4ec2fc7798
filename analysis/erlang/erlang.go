// Package erlang computes Erlang's loss and delay formulae: Poisson arrivals at a number of servers (A. K. Erlang,
// "Solution of some Problems in the Theory of Probabilities of Significance in Automatic Telephone Exchanges", 1917).
package erlang

// B returns the share of calls, 0 to 1, that find all servers busy where such a call is lost. Load is the offered
// load in Erlangs, at least 0: the arrival rate times the mean service time. It holds for any distribution of service
// times.
func B(servers int, load float64) float64 {
	blocked := 1.0
	for n := 1; n <= servers; n++ {
		blocked = load * blocked / (float64(n) + load*blocked)
	}
	return blocked
}

// C returns the share of calls, 0 to 1, that find all servers busy where such a call waits without a limit, and
// service times are exponential. It is 1 where the load is not below the number of servers: the queue grows without
// end.
func C(servers int, load float64) float64 {
	if load >= float64(servers) {
		return 1
	}
	blocked := B(servers, load)
	return blocked / (1 - load/float64(servers)*(1-blocked))
}
