package analysis

import (
	"time"

	"agistorm/analysis/record"
)

// verdictCases are runs made by hand, with the words that a tired operator is to read.
var verdictCases = []struct {
	name  string
	cells []cellOf
	edit  func(*record.Run)
	want  string
	rec   *Recommendation
}{
	{
		name: "the main job",
		want: "With somaxconn 128, 1,532 of 2,000 calls are lost (median of 3 storms, 1,520 to 1,541); with 512 it is 1,101 (1,090 to 1,120); from 1024 on, none. " +
			"Set net.core.somaxconn to at least 4096 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 1,984. 1024 lost none either, but 870 calls a storm were answered 1 s or more late. " +
			"An application that listens with 128 loses 1,530 (1,525 to 1,533) even under somaxconn 4096: raising the sysctl alone does not help it.",
		rec: &Recommendation{Somaxconn: 4096, Backlog: 4096, Change: ChangeBoth, Peak: 1984, Margin: ptr(1 - 1984.0/4097), LossFree: 1024, LossFreeLate: 870},
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 1532, peak: 129}, made{timeout: 1520, peak: 129}, made{timeout: 1541, peak: 129})},
			{tuned(512), storms(made{timeout: 1101, peak: 513}, made{timeout: 1090, peak: 513}, made{timeout: 1120, peak: 513})},
			{tuned(1024), storms(made{late: 870, peak: 1025}, made{late: 850, peak: 1025}, made{late: 901, peak: 1025})},
			{tuned(4096), thrice(made{peak: 1984})},
			{tuned(big), thrice(made{peak: 1975})},
			{fixed(128, 4096), storms(made{timeout: 1530, peak: 129}, made{timeout: 1525, peak: 129}, made{timeout: 1533, peak: 129})},
		},
	},
	{
		name: "two settings, in the order max, least",
		want: "With somaxconn 128, 1 of 2,000 calls is lost (in each of 3 storms); with 4096, none. " +
			"Set net.core.somaxconn to at least 4096 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 830.",
		rec: &Recommendation{Somaxconn: 4096, Backlog: 4096, Change: ChangeSysctl, Peak: 830, Margin: ptr(1 - 830.0/4097), LossFree: 4096},
		cells: []cellOf{
			{tuned(4096), thrice(made{peak: 830})},
			{tuned(128), thrice(made{timeout: 1, peak: 129})},
		},
	},
	{
		name: "little room",
		want: "With somaxconn 128, 700 of 2,000 calls are lost (in each of 3 storms); from 1024 on, none. " +
			"Set net.core.somaxconn to at least 1024 and restart the server: with that no call was lost or late, but the accept queue came to 1,010 of 1,024, which leaves little room; 4096 leaves more.",
		rec: &Recommendation{Somaxconn: 1024, Backlog: 1024, Change: ChangeSysctl, Peak: 1010, Margin: ptr(1 - 1010.0/1025), LossFree: 1024},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 700, peak: 129})},
			{tuned(1024), thrice(made{peak: 1010})},
			{tuned(4096), thrice(made{peak: 1010})},
		},
	},
	{
		name: "one storm each, not watched",
		want: "With somaxconn 128, 700 of 2,000 calls are lost (one storm); with 1024, none. " +
			"Set net.core.somaxconn to at least 1024 and restart the server: with that no call was lost.",
		rec: &Recommendation{Somaxconn: 1024, Backlog: 1024, Change: ChangeSysctl, LossFree: 1024},
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 700, blind: true})},
			{tuned(1024), storms(made{blind: true})},
		},
	},
	{
		name: "only max is enough",
		want: "With somaxconn 128, 1,700 of 2,000 calls are lost (in each of 3 storms); with 1024 it is up to 5 (median 0); with max, none. " +
			"Only max lost none, and its accept queue was never deeper than 1,984. " +
			"Set net.core.somaxconn to 4096, which has room for that but was not tried itself, and restart the server.",
		rec: &Recommendation{Somaxconn: 4096, Backlog: 4096, Change: ChangeSysctl, Peak: 1984, Margin: ptr(1 - 1984.0/4097), LossFree: 4096, Untried: true},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700, peak: 129})},
			{tuned(1024), storms(made{timeout: 5, peak: 1025}, made{peak: 1025}, made{peak: 1025})},
			{tuned(big), thrice(made{peak: 1984})},
		},
	},
	{
		name: "only max is enough, not watched",
		want: "With somaxconn 128, 1,700 of 2,000 calls are lost (in each of 3 storms); with max, none. " +
			"Only max lost none, though 1 call a storm was answered 1 s or more late. " +
			"Set net.core.somaxconn to 2048, which has room for every call of this storm but was not tried itself, and restart the server.",
		rec: &Recommendation{Somaxconn: 2048, Backlog: 2048, Change: ChangeSysctl, Late: 1, LossFree: 2048, Untried: true},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700})},
			{tuned(big), thrice(made{late: 1})},
		},
	},
	{
		name: "even max loses, queue never full",
		want: "With somaxconn 128, 1,700 of 2,000 calls are lost (in each of 3 storms). " +
			"Even the largest tried, 4096, loses 40 (38 to 44): its accept queue was never full, so a longer one will not " +
			"help; the server is too slow for this storm, or the loss has another cause (122 silent). " +
			"Of the lost calls with somaxconn 4096, 122 are lost only because this storm's own first-command limit passed: " +
			"Asterisk has no such limit and would wait.",
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700, peak: 129})},
			{tuned(4096), storms(made{silent: 40, peak: 1984}, made{silent: 38, peak: 1984}, made{silent: 44, peak: 1984})},
		},
	},
	{
		name: "even the largest loses, queue full, lo dropped",
		want: "With somaxconn 128, 1,700 of 2,000 calls are lost (in each of 3 storms). " +
			"Even the largest tried, 512, loses 900: its accept queue was full there too; try a larger setting or a faster server " +
			"(lo dropped up to 12 packets per storm, which no accept queue prevents). The loopback device itself dropped " +
			"packets in 3 storms: somaxconn 512 (up to 12). " +
			"Up to that many lost calls of a storm may be lost there, not at the accept queue. " +
			"SYNs that are retransmitted all at once overflow the host's queue of arriving packets. " +
			"Raise net.core.netdev_max_backlog to at least 2,048 on this host " +
			"(sysctl -w net.core.netdev_max_backlog=2048, and the same in /etc/sysctl.d/): it takes effect at once.",
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700, peak: 129})},
			{tuned(512), thrice(made{timeout: 900, peak: 513, dropped: 12})},
		},
	},
	{
		name: "even the largest loses though a smaller did not, unknown",
		want: "With somaxconn 128, 1,700 of 2,000 calls are lost (in each of 3 storms); with 512, none. " +
			"Even the largest tried, 1024, loses 3, though 512 lost none: whether its accept queue was full is not known, so a larger setting may or may not help.",
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 1700})},
			{tuned(512), thrice(made{})},
			{tuned(1024), thrice(made{timeout: 3})},
		},
	},
	{
		name: "nothing lost anywhere",
		want: "No setting lost a call or answered one late in 9 storms of 200 calls: this storm does not show a difference, even somaxconn 128 was enough for it. " +
			"A larger burst or a slower server may show one.",
		cells: []cellOf{
			{tuned(128), thrice(made{calls: 200, peak: 90})},
			{tuned(4096), thrice(made{calls: 200, peak: 90})},
			{fixed(128, 4096), thrice(made{calls: 200, peak: 90})},
		},
	},
	{
		name: "nothing lost anywhere, but the queue overflowed",
		want: "No setting lost a call or answered one late in 3 storms of 200 calls. " +
			"But with somaxconn 64 and somaxconn 128 the accept queue overflowed: it dropped the last ACK of up to 90 calls a storm, which a packet sent later let in. With somaxconn 4096 it did not.",
		cells: []cellOf{
			{tuned(64), storms(made{calls: 200, peak: 65, overflows: 300, revived: 90})},
			{tuned(128), storms(made{calls: 200, peak: 90, overflows: 3, revived: 2})},
			{tuned(4096), storms(made{calls: 200, peak: 190})},
		},
	},
	{
		name: "overflowed, and nobody knows of whom",
		want: "No setting lost a call or answered one late in 2 storms of 200 calls. But with somaxconn 64 the accept queue overflowed. With somaxconn 128 it did not.",
		cells: []cellOf{
			{tuned(64), storms(made{calls: 200, peak: 65})},
			{tuned(128), storms(made{calls: 200, peak: 90})},
		},
	},
	{
		name:  "one setting, revived",
		want:  "Of 200 calls with somaxconn 64, none is lost. No answered call is late. The accept queue was full for up to 40.0 ms. The accept queue dropped the last ACK of up to 90 calls a storm that a packet sent later let in.",
		cells: []cellOf{{tuned(64), storms(made{calls: 200, peak: 65, overflows: 300, revived: 90})}},
	},
	{
		name: "nothing lost anywhere, late not known",
		want: "Inconclusive: there is no storm of somaxconn 4096; run it again to the end. " +
			"What was seen all the same: no setting lost a call in 1 storm of 1 call: this storm does not show a difference. " +
			"A larger burst or a slower server may show one.",
		cells: []cellOf{
			{tuned(128), storms(made{calls: 1, blind: true})},
			{tuned(4096), nil},
		},
	},
	{
		name: "none lost, some late",
		want: "No setting lost a call, but not every call was answered in time. " +
			"With somaxconn 128, 1,400 of 2,000 calls are answered 1 s or more late (median of 3 storms, 1,390 to 1,402); with 1024 it is 700; with 4096, none. " +
			"Set net.core.somaxconn to at least 4096 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 1,500. " +
			"An application that listens with 128 answers 1,395 late even under somaxconn 4096: raising the sysctl alone does not help it.",
		rec: &Recommendation{Somaxconn: 4096, Backlog: 4096, Change: ChangeBoth, Peak: 1500, Margin: ptr(1 - 1500.0/4097), LossFree: 4096},
		cells: []cellOf{
			{tuned(128), storms(made{late: 1400, peak: 129}, made{late: 1390, peak: 129}, made{late: 1402, peak: 129})},
			{tuned(1024), thrice(made{late: 700, peak: 1025})},
			{tuned(4096), thrice(made{peak: 1500})},
			{fixed(128, 4096), thrice(made{late: 1395, peak: 129})},
		},
	},
	{
		name: "loss without a full queue",
		want: "With somaxconn 128, 2 of 2,000 calls are lost (in each of 3 storms); with 4096, none. " +
			"The accept queue was never full where that happened: its length is not the cause.",
		cells: []cellOf{
			{tuned(128), thrice(made{reset: 2, peak: 60})},
			{tuned(4096), thrice(made{peak: 60})},
		},
	},
	{
		name: "application only",
		want: "With a backlog of 128, 1,500 of 2,000 calls are lost (in each of 3 storms); with 512 it is 900; from 2048 on, none. " +
			"Let the application listen with at least 2048 (net.core.somaxconn must allow it): with that no call was lost or late, and the accept queue was never deeper than 1,500.",
		rec: &Recommendation{Somaxconn: 2048, Backlog: 2048, Change: ChangeApplication, Peak: 1500, Margin: ptr(1 - 1500.0/2049), LossFree: 2048},
		cells: []cellOf{
			{tuned(4096), thrice(made{peak: 1500})},
			{fixed(128, 4096), thrice(made{timeout: 1500, peak: 129})},
			{fixed(512, 4096), thrice(made{timeout: 900, peak: 513})},
			{fixed(2048, 4096), thrice(made{peak: 1500})},
		},
	},
	{
		name: "host fallback",
		want: "With a backlog of 128, 1,500 of 2,000 calls are lost (in each of 3 storms); with 512 it is 900; with 4096, none. " +
			"Let the application listen with at least 4096 (net.core.somaxconn must allow it): with that no call was lost or late, and the accept queue was never deeper than 1,500.",
		rec: &Recommendation{Somaxconn: 4096, Backlog: 4096, Change: ChangeApplication, Peak: 1500, Margin: ptr(1 - 1500.0/4097), LossFree: 4096},
		cells: []cellOf{
			{fixed(128, 4096), thrice(made{timeout: 1500, peak: 129})},
			{fixed(512, 4096), thrice(made{timeout: 900, peak: 513})},
			{fixed(4096, 4096), thrice(made{peak: 1500})},
		},
		edit: func(r *record.Run) {
			r.Isolation = record.Isolation{Mode: record.IsolationHost, Asked: []record.Asked{{Lacks: "the host's somaxconn is 4096"}}}
		},
	},
	{
		name: "host fallback, too small",
		want: "With a backlog of 64, 1,500 of 2,000 calls are lost (in each of 3 storms). " +
			"Even the largest tried, 128, loses 900: its accept queue was full there too; try a larger setting or a faster server; larger ones could not be tried without a namespace.",
		cells: []cellOf{
			{fixed(64, 128), thrice(made{timeout: 1500, peak: 65})},
			{fixed(128, 128), thrice(made{timeout: 900, peak: 129})},
		},
		edit: func(r *record.Run) {
			r.Isolation = record.Isolation{Mode: record.IsolationHost, Asked: []record.Asked{{Lacks: "the host's somaxconn is 4096"}}}
		},
	},
	{
		name: "many losing settings, uneven storms",
		want: "With somaxconn 16, 1,900 of 2,000 calls are lost (in each of 3 storms); with 32 it is 1,800; …; with 256 it is 1,401 (1,400 to 1,401, 2 storms); with 4096, none (1 storm). " +
			"Set net.core.somaxconn to at least 4096 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 1,500. " +
			"The run is partial (interrupted by SIGINT).",
		rec: &Recommendation{Somaxconn: 4096, Backlog: 4096, Change: ChangeSysctl, Peak: 1500, Margin: ptr(1 - 1500.0/4097), LossFree: 4096},
		cells: []cellOf{
			{tuned(16), thrice(made{timeout: 1900, peak: 17})},
			{tuned(32), thrice(made{timeout: 1800, peak: 33})},
			{tuned(64), thrice(made{timeout: 1700, peak: 65})},
			{tuned(128), thrice(made{timeout: 1600, peak: 129})},
			{tuned(256), []*made{{timeout: 1400, peak: 257}, {timeout: 1401, peak: 257}, nil}},
			{tuned(4096), []*made{{peak: 1500}, nil, nil}},
		},
		edit: func(r *record.Run) { r.Partial = "interrupted by SIGINT" },
	},
	{
		name: "another sysctl",
		want: "With somaxconn 128 + tcp_abort_on_overflow 0, 1,500 of 2,000 calls are lost (in each of 3 storms); with somaxconn 128 + tcp_abort_on_overflow 1 it is 1,900.",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{timeout: 1500, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{reset: 1900, peak: 129})},
		},
	},
	{
		name: "inconclusive: late generator",
		want: "Inconclusive: the generator was up to 812 ms late in 2 storms (worst: somaxconn 128, storm 1), more than a quarter of the connect limit of 2.00 s; use fewer calls or an idle machine. " +
			"What was seen all the same: with somaxconn 128, 1,500 of 2,000 calls are lost (one storm); with 4096, none.",
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 1500, peak: 129, lag: 812 * time.Millisecond})},
			{tuned(4096), storms(made{peak: 1500, lag: 600 * time.Millisecond})},
		},
	},
	{
		name: "inconclusive: own failures, and a missing cell",
		want: "Inconclusive: there is no storm of somaxconn max (interrupted by SIGINT); run it again to the end (and 1 more doubt). " +
			"What was seen all the same: with somaxconn 128, 1,500 of 1,988 calls are lost (one storm); with 4096, none.",
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 1500, exhausted: 10, notOffered: 2, peak: 129})},
			{tuned(4096), storms(made{peak: 1500})},
			{tuned(big), []*made{nil}},
		},
		edit: func(r *record.Run) { r.Partial = "interrupted by SIGINT" },
	},
	{
		name:  "nothing at all",
		want:  "Inconclusive: no storm was recorded (interrupted by SIGINT).",
		cells: []cellOf{{tuned(128), []*made{nil, nil}}},
		edit:  func(r *record.Run) { r.Partial = "interrupted by SIGINT" },
	},
	{
		name: "one storm at somebody else's server",
		want: "Of 500 calls, 12 are lost: 10 connect-timeout, 2 reset. " +
			"40 of the 488 answered are 1 s or more late. " +
			"40 calls had a SYN dropped, as a full accept queue does it, which cannot be seen from here: on the server compare Recv-Q with Send-Q (ss -lnt) during a storm, and nstat -az TcpExtListenOverflows before and after it.",
		cells: []cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 500, timeout: 10, reset: 2, late: 40})}},
		edit:  func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name: "somebody else's server, whose queue was seen to be full",
		want: "Of 500 calls, 12 are lost: 10 connect-timeout, 2 reset. " +
			"40 of the 488 answered are 1 s or more late. " +
			"The accept queue was full for up to 40.0 ms. " +
			"The server's effective backlog is 100: raise what it gives listen(2) or net.core.somaxconn, whichever is the smaller, and restart it.",
		cells: []cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 500, timeout: 10, reset: 2, late: 40, peak: 101, limit: 100})}},
		edit:  func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name:  "somebody else's server, whose queue was full for a moment and hurt nobody",
		want:  "Of 500 calls, none is lost. No answered call is late. The accept queue was full for up to 40.0 ms.",
		cells: []cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 500, peak: 101, limit: 100})}},
		edit:  func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name: "somebody else's server, whose queue was full between two looks",
		want: "Of 500 calls, 12 are lost: 10 connect-timeout, 2 reset. " +
			"40 of the 488 answered are 1 s or more late. " +
			"The accept queue was full. " +
			"The server's effective backlog is 100: raise what it gives listen(2) or net.core.somaxconn, whichever is the smaller, and restart it.",
		cells: []cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 500, timeout: 10, reset: 2, late: 40, peak: 90, limit: 100, queueDrops: 52})}},
		edit:  func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name: "somebody else's server, whose queue was never full",
		want: "Of 500 calls, 12 are lost: 10 connect-timeout, 2 reset. " +
			"40 of the 488 answered are 1 s or more late. " +
			"The accept queue was never full: the loss has another cause.",
		cells: []cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 500, timeout: 10, reset: 2, late: 40, peak: 90, limit: 100})}},
		edit:  func(r *record.Run) { r.Isolation.Mode = record.IsolationHost },
	},
	{
		name: "one setting, three storms",
		want: "Of 6,000 calls in 3 storms with somaxconn 128, 4,593 are lost (1,520 to 1,541 a storm): 4,561 connect-timeout, 32 reset. " +
			"No answered call is late. " +
			"The accept queue was full for up to 40.0 ms a storm. Sweep larger settings beside it: they show from where on none is lost.",
		cells: []cellOf{{tuned(128), storms(made{timeout: 1500, reset: 32, peak: 129}, made{timeout: 1520, peak: 129}, made{timeout: 1541, peak: 129})}},
	},
	{
		name: "one call",
		want: "Of 1 call, none is lost. " +
			"No answered call is late.",
		cells: []cellOf{{record.Cell{ID: "storm"}, storms(made{calls: 1})}},
	},
	{
		name: "one setting, another cause",
		want: "Of 2,000 calls with somaxconn 128, 1 is lost: 1 silent. " +
			"No answered call is late. " +
			"The accept queue was never full: the server took its calls too slowly, or never answered them. " +
			"Of the lost calls, 1 is lost only because this storm's own first-command limit passed: Asterisk has no such " +
			"limit and would wait.",
		cells: []cellOf{{tuned(128), storms(made{silent: 1, peak: 90})}},
	},
	{
		name: "the host has it",
		want: "With somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms); with 4096, none. " +
			"Keep net.core.somaxconn at 4096 or more, as this host has it, and let the server ask for as many: with that no call was lost or late, and the accept queue was never deeper than 1,500.",
		rec:   &Recommendation{Somaxconn: 4096, Backlog: 4096, Change: ChangeSysctl, Peak: 1500, Margin: ptr(1 - 1500.0/4097), LossFree: 4096},
		cells: []cellOf{{tuned(128), thrice(made{timeout: 900, peak: 129})}, {tuned(4096), thrice(made{peak: 1500})}},
		edit:  func(r *record.Run) { r.Host.Sysctls = map[string]string{somaxconnSysctl: "4096"} },
	},
	{
		name: "the host has less",
		want: "With somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms); with 4096, none. " +
			"Set net.core.somaxconn to at least 4096 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 1,500.",
		rec:   &Recommendation{Somaxconn: 4096, Backlog: 4096, Change: ChangeSysctl, Peak: 1500, Margin: ptr(1 - 1500.0/4097), LossFree: 4096},
		cells: []cellOf{{tuned(128), thrice(made{timeout: 900, peak: 129})}, {tuned(4096), thrice(made{peak: 1500})}},
		edit:  func(r *record.Run) { r.Host.Sysctls = map[string]string{somaxconnSysctl: "4095"} },
	},
	{
		name: "late with the longest queue, which was full",
		want: "With somaxconn 512, none of 2,000 calls is lost (3 storms). Let the application listen with at least 512: " +
			"with that no call was lost, though 471 calls a storm were answered 1 s or more late, since its queue was full too: try a longer one. " +
			"An application that listens with 128 loses 710 under somaxconn 4096.",
		rec:   &Recommendation{Somaxconn: 512, Backlog: 512, Change: ChangeApplication, Peak: 513, Margin: ptr(0.0), Late: 471, LossFree: 512, TryLonger: true},
		cells: []cellOf{{tuned(512), thrice(made{late: 471, peak: 513})}, {fixed(128, 4096), thrice(made{timeout: 710, peak: 129})}},
	},
	{
		name: "late with every setting",
		want: "With somaxconn 128, up to 9 of 2,000 calls are lost (median 0 of 3 storms); from 1024 on, none. " +
			"Set net.core.somaxconn to at least 1024 and restart the server: with that no call was lost, though up to 3 calls a storm were answered 1 s or more late, and no setting tried was free of that.",
		rec: &Recommendation{Somaxconn: 1024, Backlog: 1024, Change: ChangeSysctl, Peak: 1025, Margin: ptr(0.0), LossFree: 1024},
		cells: []cellOf{
			{tuned(128), storms(made{timeout: 9, peak: 129}, made{peak: 129}, made{peak: 129})},
			{tuned(1024), storms(made{late: 3, peak: 1025}, made{peak: 1025}, made{peak: 1025})},
			{tuned(4096), storms(made{late: 1, peak: 1025}, made{peak: 1025}, made{peak: 1025})},
		},
	},
	{
		name: "only the application is too small",
		want: "With somaxconn 1024 and every larger setting tried, none of 2,000 calls is lost (2 to 3 storms each). " +
			"Let the application listen with at least 1024: with that no call was lost or late, and the accept queue was never deeper than 700. " +
			"An application that listens with 128 loses 900 even under somaxconn 4096, one that listens with 900 loses none under somaxconn 4096: raising the sysctl alone is not enough for it. " +
			"The run is partial (1 of 12 storms missing or broken).",
		rec: &Recommendation{Somaxconn: 1024, Backlog: 1024, Change: ChangeApplication, Peak: 700, Margin: ptr(1 - 700.0/1025), LossFree: 1024},
		cells: []cellOf{
			{fixed(900, 4096), thrice(made{peak: 700})},
			{tuned(1024), thrice(made{peak: 700})},
			{tuned(4096), []*made{{peak: 700}, {peak: 700}, nil}},
			{fixed(128, 4096), thrice(made{timeout: 900, peak: 129})},
		},
	},
	{
		name: "somaxconn helps the application a little",
		want: "With somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms); with 4096, none. " +
			"Set net.core.somaxconn to at least 4096 and restart the server: with that no call was lost. " +
			"An application that listens with 64 loses 950 under somaxconn 512, one that listens with 128 loses 500 even under somaxconn 4096: raising the sysctl alone is not enough for it.",
		rec: &Recommendation{Somaxconn: 4096, Backlog: 4096, Change: ChangeBoth, LossFree: 4096},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 900, blind: true})},
			{tuned(4096), thrice(made{blind: true})},
			{fixed(128, 4096), thrice(made{timeout: 500, blind: true})},
			{fixed(64, 512), thrice(made{timeout: 950, blind: true})},
		},
	},
	{
		name: "another sysctl makes the difference at one length",
		want: "With tcp_syncookies 0, the worst of 2 values: with somaxconn 128, 1,500 of 2,000 calls are lost (in each of 3 storms); with 512, none. " +
			"The other loses none with somaxconn 128. " +
			"Set net.core.somaxconn to at least 512 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 300.",
		rec: &Recommendation{Somaxconn: 512, Backlog: 512, Change: ChangeSysctl, Peak: 300, Margin: ptr(1 - 300.0/513), LossFree: 512},
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_syncookies", "0"), thrice(made{timeout: 1500, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_syncookies", "1"), thrice(made{peak: 129})},
			{with(tuned(512), "net.ipv4.tcp_syncookies", "0"), thrice(made{peak: 300})},
		},
	},
	{
		name: "settings that differ in more than one thing each",
		want: "With somaxconn 100 + tcp_abort_on_overflow 1, 66 of 2,000 calls are lost (in each of 3 storms); with somaxconn 128 + tcp_abort_on_overflow 0, none. " +
			"They differ in more than the length of the queue: what made the difference cannot be said.",
		cells: []cellOf{
			{with(tuned(100), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{reset: 66, peak: 101})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 120})},
		},
	},
	{
		name: "every combination of two things, of which one needs more than the other",
		want: "With tcp_abort_on_overflow 1, the worst of 2 values: with somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms); with 512 it is 300; with 1024, none. " +
			"The other loses 700 with somaxconn 128. " +
			"Set net.core.somaxconn to at least 1024 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 600.",
		rec: &Recommendation{Somaxconn: 1024, Backlog: 1024, Change: ChangeSysctl, Peak: 600, Margin: ptr(1 - 600.0/1025), LossFree: 1024},
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{timeout: 700, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 900, peak: 129})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 300, peak: 513})},
			{with(tuned(1024), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(1024), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{peak: 600})},
		},
	},
	{
		name: "one loses calls, and another is late with more",
		want: "With tcp_abort_on_overflow 1, the worst of 2 values: with somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms); from 512 on, none. " +
			"The other loses none with somaxconn 128. " +
			"With tcp_abort_on_overflow 0 more is needed: set net.core.somaxconn to at least 1024 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 500.",
		rec: &Recommendation{Somaxconn: 1024, Backlog: 1024, Change: ChangeSysctl, Peak: 500, Margin: ptr(1 - 500.0/1025), LossFree: 1024},
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{late: 700, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 900, peak: 129})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{late: 10, peak: 513})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{peak: 400})},
			{with(tuned(1024), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(1024), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{peak: 500})},
		},
	},
	{
		name: "no setting helps one of them",
		want: "With tcp_abort_on_overflow 1, the worst of 2 values: with somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms). " +
			"The other loses 700 with somaxconn 128. " +
			"Even the largest tried, 512, loses 300: its accept queue was full there too; try a larger setting or a faster server.",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{timeout: 700, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 900, peak: 129})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 300, peak: 513})},
		},
	},
	{
		name: "calls are lost in the only setting of its kind",
		want: "With tcp_abort_on_overflow 1, the worst of 2 values: with somaxconn 512, 700 of 2,000 calls are lost (in each of 3 storms).",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 100})},
			{with(tuned(4096), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 100})},
			{with(tuned(512), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 700, peak: 513})},
		},
	},
	{
		name: "a longer queue of another kind loses more",
		want: "With tcp_abort_on_overflow 0, one of 2 values: with somaxconn 128, 100 of 2,000 calls are lost (in each of 3 storms); with 4096, none. " +
			"But with somaxconn 8192 + tcp_abort_on_overflow 1 it is 700.",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{timeout: 100, peak: 129})},
			{with(tuned(4096), "net.ipv4.tcp_abort_on_overflow", "0"), thrice(made{peak: 500})},
			{with(tuned(8192), "net.ipv4.tcp_abort_on_overflow", "1"), thrice(made{timeout: 700, peak: 8193})},
		},
	},
	{
		name: "many settings of one length",
		want: "With somaxconn 128 + tcp_retries2 5, 500 of 2,000 calls are lost (in each of 3 storms); with somaxconn 128 + tcp_retries2 4 it is 400; …; with somaxconn 128 + tcp_retries2 1 it is 100.",
		cells: []cellOf{
			{with(tuned(128), "net.ipv4.tcp_retries2", "1"), thrice(made{timeout: 100, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_retries2", "4"), thrice(made{timeout: 400, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_retries2", "3"), thrice(made{timeout: 300, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_retries2", "5"), thrice(made{timeout: 500, peak: 129})},
			{with(tuned(128), "net.ipv4.tcp_retries2", "2"), thrice(made{timeout: 200, peak: 129})},
		},
	},
	{
		name: "a backlog that is swept over somaxconn",
		want: "With somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms); with 1024, none. " +
			"Set net.core.somaxconn to at least 1024 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 600.",
		rec: &Recommendation{Somaxconn: 1024, Backlog: 1024, Change: ChangeSysctl, Peak: 600, Margin: ptr(1 - 600.0/1025), LossFree: 1024},
		cells: []cellOf{
			{fixed(4096, 128), thrice(made{timeout: 900, peak: 129})},
			{fixed(4096, 1024), thrice(made{peak: 600})},
		},
	},
	{
		name: "application and somaxconn are too small alike",
		want: "With somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms); with 1024, none. " +
			"Set net.core.somaxconn to at least 1024 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 600.",
		rec: &Recommendation{Somaxconn: 1024, Backlog: 1024, Change: ChangeBoth, Peak: 600, Margin: ptr(1 - 600.0/1025), LossFree: 1024},
		cells: []cellOf{
			{fixed(128, 128), thrice(made{timeout: 900, peak: 129})},
			{tuned(1024), thrice(made{peak: 600})},
		},
	},
	{
		name: "little room, and a twin of it",
		want: "With somaxconn 128, 700 of 2,000 calls are lost (in each of 3 storms); from backlog 1024 (somaxconn 1024) on, none. " +
			"Set net.core.somaxconn to at least 1024 and restart the server: with that no call was lost or late, but the accept queue came to 1,010 of 1,024, which leaves little room.",
		rec: &Recommendation{Somaxconn: 1024, Backlog: 1024, Change: ChangeSysctl, Peak: 1010, Margin: ptr(1 - 1010.0/1025), LossFree: 1024},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 700, peak: 129})},
			{fixed(1024, 1024), thrice(made{peak: 1010})},
			{tuned(1024), thrice(made{peak: 1010})},
		},
	},
	{
		name: "applications under several somaxconns",
		want: "With somaxconn 128, 900 of 2,000 calls are lost (in each of 3 storms); from 512 on, none. " +
			"Set net.core.somaxconn to at least 512 and restart the server: with that no call was lost or late, and the accept queue was never deeper than 300. " +
			"An application that listens with 16 loses 990 even under somaxconn 128 to 4096, one that listens with 64 loses 940 even under somaxconn 512 to 4096: raising the sysctl alone does not help them.",
		rec: &Recommendation{Somaxconn: 512, Backlog: 512, Change: ChangeBoth, Peak: 300, Margin: ptr(1 - 300.0/513), LossFree: 512},
		cells: []cellOf{
			{tuned(128), thrice(made{timeout: 900, peak: 129})},
			{tuned(512), thrice(made{peak: 300})},
			{tuned(4096), thrice(made{peak: 300})},
			{fixed(16, 512), thrice(made{timeout: 990, peak: 17})},
			{fixed(16, 4096), thrice(made{timeout: 990, peak: 17})},
			{fixed(16, 128), thrice(made{timeout: 990, peak: 17})},
			{fixed(64, 512), thrice(made{timeout: 940, peak: 65})},
			{fixed(64, 4096), thrice(made{timeout: 940, peak: 65})},
		},
	},
	{
		name:  "nothing offered",
		want:  "Inconclusive: 3 of 3 attempts never reached the network (0 local-exhaustion, 3 not-offered), so the generator was the limit; use fewer calls, more workers (--workers) or an idle machine. What was seen all the same: no call was offered.",
		cells: []cellOf{{tuned(128), storms(made{calls: 3, notOffered: 3})}},
	},
	{
		name: "the same in every storm of one setting, the queue full by the kernel's count",
		want: "Of 6 calls in 3 storms with somaxconn 128, 6 are lost (2 a storm): 6 connect-timeout. The accept queue was full. " +
			"Sweep larger settings beside it: they show from where on none is lost.",
		cells: []cellOf{{tuned(128), thrice(made{calls: 2, timeout: 2, overflows: 7})}},
	},
	{
		name: "no setting but an application was stormed",
		want: "Inconclusive: there is no storm of somaxconn 4096; run it again to the end. What was seen all the same: with backlog 128 (somaxconn 512), 5 of 2,000 calls are lost (one storm); with backlog 128 (somaxconn 4096) it is 5.",
		cells: []cellOf{
			{tuned(4096), []*made{nil}},
			{fixed(128, 4096), storms(made{timeout: 5})},
			{fixed(128, 512), storms(made{timeout: 5})},
		},
	},
}

func with(c record.Cell, sysctl, value string) record.Cell {
	c.Sysctls = map[string]string{sysctl: value}
	c.ID += value
	return c
}
