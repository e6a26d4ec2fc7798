package folklore

// either returns Holds or Fails.
func either(holds bool) Verdict {
	if holds {
		return Holds
	}
	return Fails
}

// among judges by how many of several cases are as the claim says: all, none, or it depends on the case.
func among(cases ...bool) Verdict {
	n := 0
	for _, as := range cases {
		if as {
			n++
		}
	}
	switch n {
	case len(cases):
		return Holds
	case 0:
		return Fails
	}
	return Depends
}

// few is the share of calls that no claim rests on: less can be chance.
const few = 0.01

// impairedShare returns the share of a storm's calls that were lost or late.
func impairedShare(n Numbers, storm string) float64 {
	return (n[storm+"_lost"] + n[storm+"_late"]) / n[storm+"_calls"]
}

// answeredShare returns the share of a storm's calls that were answered.
func answeredShare(n Numbers, storm string) float64 { return 1 - n[storm+"_lost"]/n[storm+"_calls"] }

// judgeEnough128 asks whether 128 is too little, without a pause of the server and with one, and whether 256 cures
// more than half of that.
func judgeEnough128(n Numbers) Verdict {
	paused := impairedShare(n, pause128)
	tooLittle := among(impairedShare(n, prompt128) > few, paused > few)
	if tooLittle != Fails && paused > few && impairedShare(n, pause256) > paused/2 {
		return Fails
	}
	return tooLittle
}

const (
	// slot is the least size of an entry that a table of entries can have: a pointer on 32 bits.
	slot = 4
	// kernelEntry is what the kernel's comment says that an entry takes, on 32 bits.
	kernelEntry = 80
)

// growth is how many bytes the kernel's memory grew by for each entry that a listening socket was allowed.
func growth(n Numbers) float64 { return n["grown_bytes"] / (n["sockets"] * n["backlog"]) }

// judgeCost asks whether a longer queue takes memory: when it is empty, and for each connection more than the
// claim allows (twice the kernel's entry, for 64 bits).
func judgeCost(n Numbers) Verdict {
	return among(growth(n) < slot, n["entry_bytes"] <= 2*kernelEntry)
}

// judgeAllocation asks whether listen(2) took memory for each entry.
func judgeAllocation(n Numbers) Verdict { return either(growth(n) >= slot) }

func judgeIntMax(n Numbers) Verdict {
	return among(n["kept_64"] == 64, n["kept_4096"] == 4096, n["kept_262144"] == 262144,
		n["kept_2147483647"] == 1<<31-1)
}

func judgeConstant(n Numbers) Verdict {
	return among(n["kept_128"] < n["limit"], n["kept_4096"] < n["limit"])
}

func judgeRead(n Numbers) Verdict { return either(n["kept_read"] < n["raised"]) }

func judgeGo(n Numbers) Verdict {
	return among(n["kept_4096"] == 128, n["kept_16777214"] == 128, n["kept_16777215"] == 128)
}

// judge1024 asks whether no call is lost or late, of a burst that fits 1,024 and of one that does not.
func judge1024(n Numbers) Verdict {
	return among(impairedShare(n, calls1000) <= few, impairedShare(n, burst1024) <= few)
}

// judgePointless asks whether a longer queue answers no more calls: where the server soon has served them all, and
// under overload.
func judgePointless(n Numbers) Verdict {
	return among(answeredShare(n, burst4096) <= answeredShare(n, burst128)+few,
		answeredShare(n, overload4096) <= answeredShare(n, overload128)+few)
}

// judgeHarm asks whether a longer queue answers fewer calls, in the same two cases.
func judgeHarm(n Numbers) Verdict {
	return among(answeredShare(n, burst4096) < answeredShare(n, burst128)-few,
		answeredShare(n, overload4096) < answeredShare(n, overload128)-few)
}

// resetShare returns the share of a storm's calls that were reset.
func resetShare(n Numbers, storm string) float64 { return n[storm+"_reset"] / n[storm+"_calls"] }

// judgeCookies asks whether cookies add resets, of a client that writes line by line and of one that writes once.
func judgeCookies(n Numbers) Verdict {
	without := resetShare(n, noCookies) + few
	return among(resetShare(n, burst128) > without, resetShare(n, oneWrite) > without)
}

// judgeAbort asks whether clients learn of the overflow, by the packet that was dropped.
func judgeAbort(n Numbers) Verdict {
	return among(n["syn_told"] == n["each"], n["ack_told"] == n["each"], n["cookie_told"] == n["each"])
}

func judgeRefusal(n Numbers) Verdict { return among(n["refused"] > 0, n["refused"] == n["connects"]) }

// judgeZero asks whether a backlog of 0 makes a queue that is shorter than what was offered.
func judgeZero(n Numbers) Verdict { return either(n["queued"] < n["offered"]) }

// judgeSum asks whether both queues together hold no more than the accept queue alone may.
func judgeSum(n Numbers) Verdict { return either(n["half_open"]+n["accept_queue"] <= n["backlog"]+1) }

// judgeFudge asks whether as many are queued as Berkeley's ⌊1.5 backlog⌋ + 1.
func judgeFudge(n Numbers) Verdict { return either(n["queued"] == float64(int(n["backlog"]*1.5))+1) }

// judgeStay asks whether an entry stays about a round trip: where the accept queue has room, and where it is full.
func judgeStay(n Numbers) Verdict {
	about := func(ms float64) bool { return ms >= n["rtt_ms"]/2 && ms <= 2*n["rtt_ms"] }
	return among(about(n["stay_ms"]), about(n["held_ms"]))
}

func judgeDefault(n Numbers) Verdict { return either(n["fresh"] == 128) }
