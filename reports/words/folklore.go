package words

import (
	"strconv"
	"text/template"
)

// saying is the words about one claim: what it says, what was measured of it, filled with the numbers, and on what
// it depends.
type saying struct {
	text     string
	measured string
	depends  string
}

// answers are the numbers by which two claims about long queues are judged.
const answers = `2,000 calls at once, 16 handlers of 5 ms: {{answered . "burst_128"}} answered with 128, ` +
	`{{answered . "burst_4096"}} with 4,096. 800 calls/s, 400/s served, clients that wait 0.5 s: ` +
	`{{answered . "overload_128"}} and {{answered . "overload_4096"}} of {{whole .overload_128_calls}}.`

// sayings by their codes.
var sayings = map[string]saying{
	"128-at-100-a-second": {
		"A backlog of 128 is not enough even at 100 connections a second; 256 cures most problems",
		`100 calls/s, backlog 128: {{impaired . "prompt_128"}} of {{whole .prompt_128_calls}} lost or late. With a ` +
			`server that pauses for 2 s: {{impaired . "pause_128"}} with 128, {{impaired . "pause_256"}} with 256.`,
		"pauses of the server: 100 calls/s fill 129 places in 1.3 s",
	},
	"five-times-costs-nothing": {
		"A queue five times as long costs next to nothing; 8k entries take 1.25 MB",
		`{{whole .sockets}} empty queues of {{whole .backlog}} take {{mebibytes .grown_bytes}}. A queued connection ` +
			`takes {{template "least" .}}{{whole .entry_bytes}} B: 129 take {{entries . 129}}, 641 {{entries . 641}}` +
			`, 8,193 {{entries . 8193}}.`,
		"how full the queue is",
	},
	"int-max-is-somaxconn": {
		"listen(INT_MAX) gives the live somaxconn",
		`somaxconn 64, 4,096, 262,144 and max: kept {{whole .kept_64}}, {{whole .kept_4096}}, ` +
			`{{whole .kept_262144}} and {{whole .kept_2147483647}}. By documentation not before Linux 4.1 (16 bits), ` +
			`nor above 32,767 on macOS.`,
		"the value of somaxconn",
	},
	"constant-misses-raise": {
		"The constant SOMAXCONN misses a limit that was raised",
		`somaxconn {{whole .limit}}: listen(128) keeps {{whole .kept_128}}, listen(4096) keeps {{whole .kept_4096}}` +
			`. SOMAXCONN is 4,096 in headers since Linux 5.4, 128 before.`,
		"the value of the constant",
	},
	"read-misses-raise": {
		"A server that reads somaxconn at its start misses a later raise",
		`{{whole .read}} read, then {{whole .raised}} set: listen({{whole .read}}) keeps {{whole .kept_read}}. A ` +
			`socket that listens with INT_MAX keeps {{whole .kept_live}}, and {{whole .kept_again}} once it calls ` +
			`listen() again.`,
		"",
	},
	"go-falls-back": {
		"Go falls back to a backlog of 128",
		`A Go server keeps {{whole .kept_4096}} with somaxconn 4,096, {{whole .kept_16777214}} with 16,777,214 and ` +
			`{{whole .kept_16777215}} with 16,777,215.`,
		"the value of somaxconn",
	},
	"1024-suffices": {
		"max(1024, SOMAXCONN) is enough",
		`Backlog 1,024, 1,000 calls at once: {{whole .burst_1024_of_1000_lost}} lost, ` +
			`{{whole .burst_1024_of_1000_late}} late. 2,000 at once: {{whole .burst_1024_lost}} lost, ` +
			`{{whole .burst_1024_late}} late.`,
		"how many calls come at once",
	},
	"large-is-pointless": {
		"A large backlog is pointless: clients time out long before they are served",
		answers, "whether the queue drains within the clients' timeout",
	},
	"long-does-harm": {
		"A long backlog does harm: it serves clients that have gone",
		answers, "whether the server is overloaded",
	},
	"cookies-reset": {
		"SYN cookies turn an overflow into resets",
		`2,000 calls at once, backlog 128: {{whole .burst_128_lost}} lost, {{whole .burst_128_reset}} by reset. ` +
			`Without cookies: {{whole .burst_128_without_cookies_lost}} lost, ` +
			`{{whole .burst_128_without_cookies_reset}} by reset. With the environment in one write: ` +
			`{{whole .burst_128_in_one_write_lost}} lost, {{whole .burst_128_in_one_write_reset}} by reset.`,
		"how the client writes: line by line, as Asterisk does, or once",
	},
	"abort-fails-fast": {
		"tcp_abort_on_overflow makes clients fail fast",
		`Reset within 0.7 s, of {{whole .each}} clients each: {{whole .syn_told}} whose SYN was dropped, ` +
			`{{whole .ack_told}} whose last ACK was dropped, {{whole .cookie_told}} with a cookie. A lost call ` +
			`of a burst ends after {{whole .burst_128_with_abort_known_ms}} ms (median), without it after ` +
			`{{whole .burst_128_known_ms}} ms.`,
		"which packet is dropped: only a last ACK without a cookie is answered",
	},
	"full-refuses": {
		"A full queue refuses clients with ECONNREFUSED",
		`{{whole .connects}} connects to a full queue, half of them with tcp_abort_on_overflow: {{whole .refused}} ` +
			`refused, {{whole .waiting}} without an answer after 1.3 s.`,
		"tcp_abort_on_overflow",
	},
	"zero-is-to-be-avoided": {
		"A backlog of 0 is to be avoided",
		`listen(0) queues {{whole .queued}} of {{whole .offered}} connections.`, "",
	},
	"sum-of-both-queues": {
		"The backlog bounds the sum of both queues",
		`Backlog {{whole .backlog}}: {{whole .half_open}} half-open and {{whole .accept_queue}} in the accept queue ` +
			`at the same time.`,
		"",
	},
	"times-one-and-a-half": {
		"The backlog is multiplied by 1.5: 5 means 8",
		`Backlog {{whole .backlog}}: {{whole .queued}} of {{whole .offered}} connections are queued.`, "",
	},
	"one-round-trip": {
		"An entry stays one round trip in the SYN queue",
		`Round trip {{whole .rtt_ms}} ms: {{whole .stay_ms}} ms. With the accept queue full: ` +
			`{{if ge .held_ms 1500.0}}more than 1,500{{else}}{{whole .held_ms}}{{end}} ms.`,
		"room in the accept queue",
	},
	"listen-allocates": {
		"listen(2) allocates the queue's memory, somaxconn entries for each socket",
		`{{whole .sockets}} calls of listen({{whole .backlog}}): {{mebibytes .grown_bytes}}; 80 B per entry would be ` +
			`{{mebibytes (product .sockets .backlog 80.0)}}. A connection takes {{template "least" .}}` +
			`{{whole .entry_bytes}} B when it is queued.`,
		"",
	},
	"default-is-128": {
		"somaxconn is 128 by default",
		`{{whole .fresh}} in a fresh network namespace. By documentation 128 before Linux 5.4.`, "",
	},
}

// sayingFunctions are what the phrases of claims can use beside functions.
var sayingFunctions = template.FuncMap{
	"mebibytes": mebibytes, "product": product,
	"entries": func(n map[string]float64, entries float64) string { return mebibytes(entries * n["entry_bytes"]) },
	"answered": func(n map[string]float64, storm string) string {
		return Whole(n[storm+"_calls"] - n[storm+"_lost"])
	},
	"impaired": func(n map[string]float64, storm string) string {
		return Whole(n[storm+"_lost"] + n[storm+"_late"])
	},
}

// sayingParts are parts of them.
const sayingParts = `{{define "least"}}{{if .entry_is_least}}at least {{end}}{{end}}`

// mebibytes writes bytes in MiB, to three significant digits.
func mebibytes(bytes float64) string {
	switch mib := bytes / (1 << 20); {
	case mib == 0:
		return "0 MiB"
	case mib < 1:
		return strconv.FormatFloat(mib, 'f', 2, 64) + " MiB"
	default:
		return threeDigits(mib) + " MiB"
	}
}

func product(factors ...float64) float64 {
	p := 1.0
	for _, f := range factors {
		p *= f
	}
	return p
}

// Saying writes what the claim with a code says; empty for a code that there is not.
func Saying(code string) string { return sayings[code].text }

// SayingDepends writes on what it depends.
func SayingDepends(code string) string { return sayings[code].depends }

// SayingMeasured writes the numbers by which it was judged.
func SayingMeasured(code string, numbers map[string]float64) string {
	phrase := template.New("").Funcs(functions).Funcs(sayingFunctions)
	return worded(template.Must(phrase.Parse(sayingParts+sayings[code].measured)), numbers, "")
}

// What the claims come to.
const (
	ClaimsLine Phrase = `{{with .Counts}}{{amount .Hold "claim holds" "claims hold"}}, ` +
		`{{amount .Fail "does not" "do not"}}, {{amount .Depend "depends" "depend"}} on a condition, ` +
		`{{.Unmeasured}} could not be measured{{end}}`
	ClaimsBasis Phrase = `{{.System}}, {{amount .CPUs "CPU" "CPUs"}}, {{if gt .Repeats 1}}medians of {{.Repeats}} ` +
		`storms{{else}}one storm each{{end}}, in {{printf "%.0f" .Seconds}} s`
	ClaimsReason Phrase = `{{if and .Reason .Counts.Unmeasured}}{{sentence .Reason}}{{end}}`
	ClaimsStatus Phrase = `{{if .Unmeasured}}Not all measured{{else if .InDoubt}}In doubt{{else}}All measured{{end}}`
	ClaimVerdict Phrase = `{{.Verdict}}{{with .Depends}} on {{.}}{{end}}`
	ClaimResult  Phrase = `{{.Measured}}{{with .Reason}}{{sentence .}}{{end}}{{if .Doubts}} In doubt, see below.` +
		`{{end}}`
	ClaimsScope = "Each claim was measured on this machine, in network namespaces of its own. Storms run over a " +
		"link that drops nothing; a late call was served after a retransmitted SYN."
)
