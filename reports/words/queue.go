package words

import "agistorm/analysis/finding"

// queuePhrases are the words for the accept queue, the server and the way to it, and what to change.
var queuePhrases = map[finding.Code]string{
	"queue-full": `The accept queue was full{{$.In}}{{with .Longest}} for up to {{duration .}}{{end}}.` +
		`{{if .Largest}} Try a longer queue{{if not .Generator}} or a faster server{{end}}.{{end}}`,
	"queue-never-full": `The accept queue was never full{{$.In}}: a longer one will not help. {{if .Silent}}The ` +
		`server was too slow, or never answered{{else}}The calls were lost or late for another reason{{end}}` +
		`{{with .LostAs}} ({{outcomes .}}){{end}}.`,
	"queue-unknown": `Whether the accept queue was full{{$.In}} is unknown, so a longer one may not help.`,
	"queue-overflowed": `The accept queue overflowed{{$.In}}{{if .Revived}}: it dropped the last ACK of up to ` +
		`{{amount .Revived "call" "calls"}} per storm. A later packet let them in{{end}}.{{with .Free}} It did not ` +
		`overflow with {{$.Label .}}.{{end}}`,
	"longer-not-tried": `Longer queues could not be tried without a network namespace.`,
	"sweep-larger":     `Sweep larger settings beside it to find the least one that loses no call.`,
	"server-overloaded": `Calls came faster than the server took them, for most of the storm.{{if .Generator}} The ` +
		`generator kept the server waiting for its replies.{{else}} A longer queue would only make them wait: add ` +
		`handlers, or reduce the work per call.{{end}}`,
	"short-backlog": `The server's effective backlog is {{count .Backlog}}{{if not .Somaxconn}}{{else if lt .Backlog ` +
		`(value .Somaxconn)}}, although net.core.somaxconn is {{backlog (value .Somaxconn)}}{{else}}, which is all ` +
		`that net.core.somaxconn allows{{end}}{{with .Peak}}, and the queue reached {{count .}}, which leaves little ` +
		`room{{end}}. {{if eq .Action "restart-server"}}It started under a smaller net.core.somaxconn, or passes a ` +
		`backlog of its own to listen(). It needs at least {{count .Want}}: restart it, and if that does not help, ` +
		`raise its own backlog.{{else if eq .Action "keep-somaxconn"}}It follows ` +
		`net.core.somaxconn: keep that at {{count .Want}} or more, as it is on this host.` +
		`{{else if eq .Action "raise-somaxconn"}}It follows ` +
		`net.core.somaxconn: raise that to at least {{count .Want}}, then restart the server.` +
		`{{else}}{{with instead .Servers .Want}}{{.}}{{else}}Raise {{setting .Servers .Want}} from ` +
		`{{count .Backlog}} to at least {{count .Want}}{{if eq .Action "raise-both"}}, and net.core.somaxconn to as ` +
		`many{{if not .Somaxconn}} where it is less{{end}}{{end}}{{live .Servers}}{{end}}{{end}}{{if .Waiting}} ` +
		`{{waiting .Waiting .Calls}} wait at once.{{end}}{{template "provisional" .}}`,
	"own-backlog": `The server itself passes {{.Backlog}} to listen(), so a larger net.core.somaxconn makes no ` +
		`difference to these settings.`,
	"queue-hidden": `{{if .DroppedSYNs}}{{amount .DroppedSYNs "call" "calls"}} had a SYN dropped, which a full ` +
		`accept queue does. {{else if .Reset}}{{amount .Reset "call was" "calls were"}} reset before a command, ` +
		`which a full accept queue can do. {{end}}The queue cannot be seen from here{{with note .Why}} ({{.}})` +
		`{{end}}. On the server, compare Recv-Q with Send-Q (ss -lnt) during a storm, and nstat -az ` +
		`TcpExtListenOverflows before and after it.`,
	"server-too-slow": `{{if .Rate}}The server handles {{count .Rate}} calls/s but needs {{count .Needed}}. The last ` +
		`of {{amount .Calls "call" "calls"}} would wait {{duration .Wait}}, longer than this storm's first-command ` +
		`timeout of {{limit .Timeout}}.{{else}}The server served no call within this storm's first-command timeout ` +
		`of {{limit .Timeout}}. It needs to handle {{count .Needed}} calls/s.{{end}} A longer queue will not help.`,
	"raise-backlog": `{{if eq .Action "keep-somaxconn"}}Keep net.core.somaxconn at {{.Somaxconn}} or more, as it is ` +
		`on this host. {{if .Own}}The server itself passes as many to listen().{{else}}{{template "pass" .}}{{end}}` +
		`{{else if eq .Action "raise-application"}}{{template "pass" .}} net.core.somaxconn must be as large.` +
		`{{else}}Set net.core.somaxconn to {{template "bounds" .}}, then restart the server.{{end}}{{if .Useful}} ` +
		`More is of no use: calls queued behind that many time out before they are served.{{end}}{{if .Untried}} ` +
		`That value was not tried itself, but it has room for {{if .Peak}}the deepest queue seen: ` +
		`{{amount .Peak "connection" "connections"}}{{else}}every call of this storm{{end}}.{{else if .Tight}} The ` +
		`accept queue reached {{count .Peak}} of {{count .Backlog}}, which leaves little room{{with .Roomier}}; ` +
		`{{$.Label .}} leaves more{{end}}.{{else if .Peak}} The accept queue was never deeper than {{count .Peak}}.` +
		`{{end}}{{if .TryLonger}} It was full, so that calls were late: try a longer one.{{end}}{{template "provisional" .}}`,
	"application-backlog": `An application that passes {{.Backlog}} to listen() {{if .Late}}delays{{else}}loses` +
		`{{end}} {{if not .Most}}none{{else if eq .Least .Most}}{{count .Most}}{{else}}{{count .Least}} to ` +
		`{{count .Most}}{{end}} under somaxconn {{if ne .SomaxconnFrom .SomaxconnTo}}{{backlog .SomaxconnFrom}} to ` +
		`{{end}}{{backlog .SomaxconnTo}}.`,
	"sysctl-not-enough": `Raising net.core.somaxconn alone {{if .Helped}}is not enough{{else}}does not help{{end}} ` +
		`there: the application must pass more to listen().`,
	"other-listener": `Another accept queue overflowed{{$.In}}, not that of the server that was stormed. ` +
		`{{if .Address}}The listener on {{.Address}} dropped {{count .Drops}}; its effective backlog is ` +
		`{{count .Backlog}}. Raise the backlog of that server, then restart it.{{else}}ListenOverflows grew by ` +
		`{{count .Overflows}}. Compare Recv-Q with Send-Q (ss -lnt) for the server behind this one, and raise its ` +
		`backlog.{{end}}`,
	"stopped-accepting": `The server stopped accepting{{$.In}} from {{duration .From}} to {{duration .To}}` +
		`{{if .Open}}, when the watch ended{{end}}{{if gt .Storms 1}} (the longest stall of {{.Storms}} storms)` +
		`{{end}}. {{if .Open}}At least {{amount .Needed "connection" "connections"}} had to be queued.{{else}}A ` +
		`queue of at least {{count .Needed}} would have bridged it{{if lt .Holds .Needed}}; the ` +
		`{{if gt .Storms 1}}shortest{{else}}queue{{end}} held {{count .Holds}}{{end}}.{{end}} Find out what held the ` +
		`server up: a pause, a lock, or a pool of handlers that were all busy.`,
	"socket-stuck": `{{count .Stuck}} of {{.Sockets}} sockets on the port{{$.In}} dropped {{count .Drops}} and still ` +
		`had {{amount .Queued "connection" "connections"}} queued after the storm; the others had none. A worker ` +
		`does not accept: find it with ss -lntp and restart it. The kernel spreads calls over the sockets of a port ` +
		`(SO_REUSEPORT) whether or not their workers accept, so a longer queue will not help.`,
	"syn-queue-full": `The SYN queue was full{{$.In}}: {{if .Dropped}}{{amount .Dropped "SYN was" "SYNs were"}} ` +
		`dropped{{else}}{{amount .Cookies "SYN was" "SYNs were"}} answered with a SYN cookie{{end}}` +
		`{{with .First}}, the first at {{duration (value .)}}{{end}}. The kernel logs this once for each listener as ` +
		`"possible SYN flooding", although these were calls.{{if not .NoRemedy}} {{if .Harmless}}No call was lost or ` +
		`late. To avoid it, raise{{else}}Raise{{end}} the backlog{{with .Backlog}}, now {{count .}}{{end}}: it ` +
		`bounds the SYN queue, too.{{end}}{{if .Dropped}} With net.ipv4.tcp_syncookies = 1 no SYN is dropped for ` +
		`this.{{end}}`,
	"lost-before-listener": `{{amount .SYNs "SYN was" "SYNs were"}} lost{{$.In}} before the listener, which did not ` +
		`drop them. Look for a limit of a firewall (iptables -L -v -n; nft list ruleset) or a full conntrack table ` +
		`(dmesg); else the network lost them. A longer queue will not help.`,
	"loopback-drops": `The loopback device dropped {{amount .Most "packet" "packets"}}{{template "many" .}}{{$.In}}` +
		`{{if .Shared}}, those of other programs included{{end}}. {{template "settled" .}} Raise {{.Raise}}` +
		`{{with .From}} from {{count (value .)}}{{end}} to at least {{count .To}} on this host (sysctl -w {{.Raise}}=` +
		`{{.To}}, and the same in /etc/sysctl.d/). It takes effect at once.`,
	"link-drops": `The link between clients and server dropped {{amount .Most "packet" "packets"}}` +
		`{{template "many" .}}{{$.In}}. {{template "settled" .}} A burst can overflow the ring of a veth before ` +
		`Linux 6.16: use a newer kernel, or fewer calls.`,
}

// drops are parts of phrases about dropped packets and backlogs.
const drops = `{{define "provisional"}}{{if .Provisional}} That is provisional.{{end}}{{end}}{{define "bounds"}}{{if eq .Useful .Backlog}}{{.Backlog}}{{else if .Useful}}between ` +
	`{{.Backlog}} and {{.Useful}}{{else}}at least {{.Backlog}}{{end}}{{end}}` +
	`{{define "pass"}}{{with instead .Servers .Backlog}}{{.}}{{else}}{{with passed .Servers .Backlog}}Set {{.}}` +
	`{{if and $.Useful (ne $.Useful $.Backlog)}} (at most {{$.Useful}}){{end}}{{else}}Pass {{template "bounds" .}} ` +
	`to listen(){{end}}{{live .Servers}}{{end}}{{end}}{{define "many"}}{{if gt .Storms 1}} at most in each of ` +
	`{{.Storms}} storms{{end}}{{end}}{{define "settled"}}{{if .Settled}}It dropped every SYN that was retransmitted ` +
	`and not answered{{if lt .Settled .Storms}} in {{.Settled}} of them{{end}}; the listener dropped none of those.` +
	`{{else}}Up to that many lost calls of a storm may be lost there, not at the accept queue.{{end}}{{end}}`
