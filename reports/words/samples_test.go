package words

import (
	"time"

	"agistorm/analysis/finding"
)

func ptr[T any](v T) *T { return &v }

const second = time.Second

var (
	a   = []string{"a"}
	ab  = []string{"a", "b"}
	all = []string{"a", "b", "c", "d", "e", "f"}

	each   = finding.Range{Median: 1700, Min: 1700, Max: 1700, Storms: 3}
	varied = finding.Range{Median: 1710, Min: 1659, Max: 1720, Storms: 5}
	rare   = finding.Range{Median: 0, Min: 0, Max: 9, Storms: 3}
	one    = finding.Range{Median: 1, Min: 1, Max: 1, Storms: 1}
	spared = finding.Range{Storms: 3}

	lostAs = []finding.Count{{Outcome: "connect-timeout", Calls: 10}, {Outcome: "reset", Calls: 2}, {Calls: 1}}
)

var answerSamples = []finding.Finding{
	{Settings: a, Fact: finding.CallsLost{Calls: varied, Of: 2000}},
	{Settings: a, Fact: finding.CallsLost{Calls: each, Of: 2000}},
	{Settings: a, Fact: finding.CallsLost{Calls: rare, Of: 2000}},
	{Settings: a, Fact: finding.CallsLost{Calls: one, Of: 1}},
	{Settings: a, Fact: finding.CallsLate{Calls: varied, Of: 2000}},
	{Settings: a, Fact: finding.NoneLost{Of: 2000, Late: &spared}},
	{Settings: ab, Fact: finding.NoneLost{Late: &spared}},
	{Settings: all, Fact: finding.NoneLost{Of: 2000}},
	{Settings: a, Fact: finding.NoneLost{Late: &varied}},
	{Settings: a, Fact: finding.NoneLost{Late: &rare}},
	{Fact: finding.SettingsMixed{}},
	{Fact: finding.NothingLost{Storms: 9, Calls: 200, Late: true}},
	{Fact: finding.NothingLost{Storms: 1}},
	{Settings: a, Fact: finding.NoDifference{}},
	{Fact: finding.NoDifference{}},
	{Settings: a, Fact: finding.Outcome{Calls: 6000, Storms: 3, AllLost: 4593, Lost: varied, LostAs: lostAs,
		Served: 1407, Late: ptr(0)}},
	{Fact: finding.Outcome{Calls: 500, Storms: 1, AllLost: 12, Lost: one, LostAs: lostAs, Served: 488,
		Late: ptr(40)}},
	{Fact: finding.Outcome{Calls: 10, Storms: 1, AllLost: 1, Lost: one, LostAs: lostAs[1:2]}},
	{Settings: a, Fact: finding.Outcome{Calls: 500, Storms: 1, Served: 500, Late: ptr(0), Connected: true}},
	{Settings: a, Fact: finding.Outcome{Calls: 500, Storms: 1, Served: 500, Late: ptr(1)}},
	{Fact: finding.Outcome{Calls: 4, Storms: 1, Served: 4, Share: &finding.Share{K: 1, N: 3, Calls: 10}}},
	{Settings: a, Fact: finding.SlowCalls{Calls: 300, PerStorm: true, Longest: 3 * second,
		Blame: finding.BlameServer}},
	{Settings: a, Fact: finding.SlowCalls{Calls: 1, Longest: 3 * second, Blame: finding.BlameGenerator}},
	{Settings: a, Fact: finding.SlowCalls{Calls: 2, Longest: 3 * second, Blame: finding.BlameHypervisor,
		Share: 0.35}},
	{Settings: a, Fact: finding.SlowCalls{Calls: 2, Longest: 3 * second, Blame: finding.BlameOthers, Share: 0.62}},
	{Settings: a, Fact: finding.EndedByTimeout{FirstCommand: 122, Session: 1, FirstCommandTimeout: 10 * second}},
	{Settings: a, Fact: finding.EndedByTimeout{Session: 5, SessionTimeout: 30 * second}},
	{Fact: finding.NobodyAnswered{Why: finding.SilenceRefused, Calls: 10, Address: "127.0.0.1:4599"}},
	{Fact: finding.NobodyAnswered{Why: finding.SilenceUnreachable, Calls: 1, Address: "192.0.2.9:4573",
		Reason: "ENETUNREACH"}},
	{Fact: finding.NobodyAnswered{Why: finding.SilenceNoConnect, Calls: 10, Address: "127.0.0.1:4599"}},
	{Fact: finding.NobodyAnswered{Why: finding.SilenceSession, Calls: 10, Ended: 9, Timeout: 30 * second}},
	{Fact: finding.NobodyAnswered{Why: finding.SilenceNoAGI, Calls: 10, Ended: 9, Timeout: 10 * second}},
	{Fact: finding.NobodyAnswered{Why: finding.SilenceNoAGI, Calls: 10, Reason: "ECONNRESET"}},
	{Fact: finding.Partial{Interrupted: true, Planned: 18}},
	{Fact: finding.Partial{Failure: "repeat 2: no space left on device", Planned: 18}},
	{Fact: finding.Partial{Missing: 1, Planned: 12}},
	{Fact: finding.Partial{Planned: 1, Shares: []finding.PartialShare{
		{Share: "0/3"}, {Share: "1/3", Interrupted: true}, {Share: "2/3", Failure: "no space left on device"}}}},
}

var queueSamples = []finding.Finding{
	{Settings: a, Fact: finding.QueueFull{Longest: 40 * time.Millisecond}},
	{Settings: a, Fact: finding.QueueFull{Largest: true}},
	{Settings: a, Fact: finding.QueueFull{Largest: true, Generator: true}},
	{Settings: a, Fact: finding.QueueNeverFull{Silent: true, LostAs: lostAs[1:2]}},
	{Settings: ab, Fact: finding.QueueNeverFull{}},
	{Settings: a, Fact: finding.QueueUnknown{}},
	{Settings: ab, Fact: finding.QueueOverflowed{Revived: 90, Free: "c"}},
	{Settings: a, Fact: finding.QueueOverflowed{}},
	{Fact: finding.LongerNotTried{}},
	{Fact: finding.SweepLarger{}},
	{Fact: finding.ServerOverloaded{}},
	{Fact: finding.ServerOverloaded{Generator: true}},
	{Fact: finding.ShortBacklog{Backlog: 100}},
	{Fact: finding.ShortBacklog{Backlog: 5, Somaxconn: ptr(4096)}},
	{Fact: finding.ShortBacklog{Backlog: 128, Somaxconn: ptr(128)}},
	{Fact: finding.QueueHidden{DroppedSYNs: 40}},
	{
		Fact: finding.QueueHidden{
			Reset: 1,
			Why:   finding.Note{Code: "queue-unreadable", Error: "192.0.2.9 is not an address of this host"},
		},
	},
	{
		Fact: finding.QueueHidden{
			Why: finding.Note{Code: "queue-unreadable", Error: "192.0.2.9 is not an address of this host"},
		},
	},
	{Settings: a, Fact: finding.ServerTooSlow{Rate: 169, Needed: 200, Calls: 2000, Wait: 11900 * time.Millisecond,
		Timeout: 10 * second}},
	{Settings: a, Fact: finding.ServerTooSlow{Needed: 200, Calls: 2000, Timeout: 10 * second}},
	{Settings: a, Fact: finding.RaiseBacklog{Action: finding.RaiseSysctl, Somaxconn: 4096, Backlog: 4096,
		Peak: 1984}},
	{Settings: a, Fact: finding.RaiseBacklog{Action: finding.KeepSysctl, Somaxconn: 4096, Backlog: 4096}},
	{Settings: a, Fact: finding.RaiseBacklog{Action: finding.RaiseApplication, Somaxconn: 2048, Backlog: 2048,
		Peak: 2040, Tight: true, Roomier: "c"}},
	{Settings: a, Fact: finding.RaiseBacklog{Action: finding.RaiseSysctl, Somaxconn: 1024, Backlog: 1024,
		Peak: 1025, Tight: true, TryLonger: true}},
	{Settings: a, Fact: finding.RaiseBacklog{Action: finding.RaiseSysctl, Somaxconn: 4096, Backlog: 4096,
		Peak: 1984, Untried: true}},
	{Settings: a, Fact: finding.RaiseBacklog{Action: finding.RaiseSysctl, Somaxconn: 2048, Backlog: 2048,
		Untried: true}},
	{Settings: a, Fact: finding.ApplicationBacklog{Backlog: 128, Least: 1530, Most: 1530, SomaxconnFrom: 4096,
		SomaxconnTo: 4096}},
	{Settings: ab, Fact: finding.ApplicationBacklog{Backlog: 32, Least: 413, Most: 423, Late: true,
		SomaxconnFrom: 64, SomaxconnTo: 1<<31 - 1}},
	{Settings: a, Fact: finding.ApplicationBacklog{Backlog: 900, SomaxconnFrom: 4096, SomaxconnTo: 4096}},
	{Settings: a, Fact: finding.SysctlNotEnough{}},
	{Settings: ab, Fact: finding.SysctlNotEnough{Helped: true}},
	{Settings: a, Fact: finding.LoopbackDrops{Storms: 3, Most: 12, Raise: "net.core.netdev_max_backlog",
		From: ptr(1000), To: 2048}},
	{Settings: a, Fact: finding.LoopbackDrops{Storms: 1, Settled: 1, Most: 1, Shared: true,
		Raise: "net.core.netdev_max_backlog", To: 2048}},
	{Settings: a, Fact: finding.LinkDrops{Storms: 3, Settled: 2, Most: 12}},
}

var generatorSamples = []finding.Finding{
	{Settings: a, Fact: finding.NotOffered{Calls: 3, Late: 3}},
	{Settings: a, Fact: finding.NotOffered{Calls: 1, Exhausted: 1}},
	{Settings: ab, Fact: finding.NotOffered{Calls: 12, Exhausted: 10, Late: 2}},
	{Settings: ab, Fact: finding.StartLag{Max: 812 * time.Millisecond, Storms: 2, Worst: "a", Storm: 1,
		Limit: second / 2}},
	{Settings: a, Fact: finding.HeldUp{By: finding.HeldUpCPU, Held: 860 * time.Millisecond,
		Of: 1080 * time.Millisecond, Storms: 1, Worst: "a",
		Storm: 1, Worker: "0/1", Workers: 1, CPUs: 2, Others: 0.62, Hurt: true}},
	{Settings: ab, Fact: finding.HeldUp{By: finding.HeldUpCPU, Held: second, Of: 2 * second, Storms: 2,
		Worst: "b", Storm: 2, Worker: "1/2 on box",
		Workers: 2, CPUs: 1}},
	{Settings: a, Fact: finding.HeldUp{By: finding.HeldUpGC, Held: second, Storms: 1, Worst: "a", Storm: 1,
		Hurt: true}},
	{Settings: a, Fact: finding.HeldUp{By: finding.HeldUpLoad, Held: 5 * second, Of: 6 * second, Storms: 1,
		Worst: "a", Storm: 1, Hurt: true}},
	{Settings: a, Fact: finding.ReplyLag{Max: 412 * time.Millisecond, Share: ptr(0.31), Storms: 2,
		Effect: finding.LagOnCalls}},
	{Settings: a, Fact: finding.ReplyLag{Max: 60 * time.Millisecond, Share: ptr(0.31), Storms: 1,
		Effect: finding.LagOnPace}},
	{Settings: a, Fact: finding.ReplyLag{Max: 60 * time.Millisecond, FromRead: true, Storms: 1,
		Effect: finding.LagOnLatency}},
	{Settings: a, Fact: finding.Steal{Storms: 2, Of: 3, Most: 0.35, Server: true}},
	{Settings: a, Fact: finding.Steal{Storms: 1, Of: 1, Most: 0.35}},
	{Settings: a, Fact: finding.NoTCPInfo{Engine: "portable"}},
	{Fact: finding.ConnectionsOnly{}},
	{Fact: finding.OwnClocks{}},
	{Fact: finding.VersionsDiffer{Versions: []string{"0.1.0", "0.2.0"}}},
	{Settings: a, Fact: finding.AcceptErrors{Accepts: 7}},
	{Settings: a, Fact: finding.LinkLimit{Dropped: 5, Lost: 5}},
	{Settings: a, Fact: finding.AnsweredNotServed{Calls: 1, Storms: 1,
		Fates: map[string]int{"script-timeout": 1}}},
	{Settings: ab, Fact: finding.AnsweredNotServed{Calls: 18, Storms: 2,
		Fates: map[string]int{"script-timeout": 16, "strange": 2}}},
}

var runSamples = []finding.Finding{
	{Fact: finding.NoStorm{}},
	{Settings: ab, Fact: finding.Unmeasured{}},
	{Fact: finding.SharesMissing{Shares: []string{"1/3"}}},
	{Fact: finding.SharesMissing{Shares: []string{"1/3", "2/3"}}},
	{Settings: a, Fact: finding.NotInForce{Name: "net.core.somaxconn", Want: "128", Got: "64", Storm: 2}},
	{Settings: ab, Fact: finding.Incomplete{Have: 31, Of: 40, Storms: 2}},
	{Fact: finding.Incomplete{Have: 3, Of: 10, Storms: 1, Interrupted: true}},
	{Fact: finding.Noticed{Note: finding.Note{Words: "the link could not be made"}}},
	{Fact: finding.Noticed{Note: finding.Note{Words: "net.core.netdev_max_backlog is 1000"}}},
	{Fact: finding.Damaged{Problem: "cells/a/repeat-2/queue.jsonl: it is missing"}},
	{Settings: a, Fact: finding.StormsMissing{Repeats: []int{1, 3, 4, 5}, Of: 6}},
	{Settings: a, Fact: finding.OneStorm{Settings: 1}},
	{Settings: ab, Fact: finding.OneStorm{Settings: 2}},
	{Settings: a, Fact: finding.QueueUnwatched{Storms: 2, Why: finding.Note{
		Code: "queue-unreadable", Error: "accept queue on plan9: unsupported operation",
	}}},
}
