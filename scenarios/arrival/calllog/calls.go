package calllog

import (
	"regexp"
	"slices"
	"strings"
)

// rule says which lines of a log are calls, and by which expressions.
type rule struct {
	// sign is in a log of that kind.
	sign *regexp.Regexp
	// call matches a line that is one, and has a text in it; its groups are what a retransmission has too.
	call *regexp.Regexp
	text string
	// repeat matches lines that repeat a call.
	repeat *regexp.Regexp
	// want says what a log without any call should have; where it is empty all lines are calls then.
	want    string
	packets bool
	// verdict on a line; nil where every line is a call.
	verdict func(line string) verdict
}

// rules of the logs that hold more than calls.
var rules = []rule{
	{
		sign: regexp.MustCompile(`[|,;\t"](?:ENTERQUEUE|QUEUESTART|COMPLETEAGENT|COMPLETECALLER|RINGNOANSWER|` +
			`ADDMEMBER)\b`),
		call: regexp.MustCompile(`[|,;\t"]ENTERQUEUE\b`),
		text: "ENTERQUEUE",
		want: "an ENTERQUEUE line for each call",
	},
	{
		sign: regexp.MustCompile(`\b(?:VERBOSE|NOTICE|WARNING|ERROR|DEBUG)\[\d+\]`),
		call: regexp.MustCompile(`AGI\(.*agi://`),
		text: "AGI(",
	},
	{
		sign: regexp.MustCompile(`\bIP6? .*> \S+: |: Flags \[`),
		call: regexp.MustCompile(`(\S+ > \S+): Flags \[[^\].]*S[^\].]*\](?:.*?\bseq (\d+))?`),
		text: ": Flags [S",
		want: "a packet with Flags [S] for each call, as tcpdump -tt -n writes it", packets: true,
	},
	{
		sign:   regexp.MustCompile(`\[(?:SYN|ACK|PSH|FIN|RST)(?:, [A-Z]+)*\]`),
		call:   regexp.MustCompile(`\[SYN(?:, (?:ECE|CWR|ECN|AE))*\]`),
		text:   "[SYN",
		repeat: regexp.MustCompile(`Retransmission`),
		want:   "a packet with [SYN] for each call", packets: true,
	},
}

// ruleOf returns the rule of a sample; the zero rule where all lines are calls.
func ruleOf(lines []string) rule {
	if f := newPacketFields(lines[0]); f != nil {
		return rule{verdict: f.verdict, want: "a line with the SYN flag for each call", packets: true}
	}
	for _, r := range rules {
		if slices.ContainsFunc(lines, r.sign.MatchString) {
			r.verdict = r.match
			return r
		}
	}
	return rule{}
}

// callsOf returns the calls of a sample below its first line, which may be a header; all lines where no line is one.
func (r rule) callsOf(s *sample) *sample {
	calls := sample{us: s.us, packets: r.packets}
	for i, line := range s.lines {
		if i == 0 || r.verdict == nil || r.verdict(line).call {
			calls.lines, calls.numbers = append(calls.lines, line), append(calls.numbers, s.numbers[i])
		}
	}
	if len(calls.lines) < 2 {
		calls.lines, calls.numbers = s.lines, s.numbers
	}
	return &calls
}

// verdict on a line.
type verdict struct {
	call, repeat bool
	// connection is its name, "" where that is not known.
	connection string
}

// match judges a line by its text.
func (r rule) match(line string) verdict {
	if !strings.Contains(line, r.text) {
		return verdict{}
	}
	m := r.call.FindStringSubmatch(line)
	if m == nil {
		return verdict{}
	}
	repeat := r.repeat != nil && r.repeat.MatchString(line)
	return verdict{call: true, repeat: repeat, connection: strings.TrimSpace(strings.Join(m[1:], " "))}
}
