package tracefs

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// format618 is the file of Linux 6.18.
func format618(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/format-6.18")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Formats in the form of older kernels: 5.10 has no reason, 5.17 has the first ones, and one whose build left the names
// of constants in the table.
const (
	format510 = "name: kfree_skb\nID: 1500\nformat:\n\tfield:void * skbaddr;\toffset:8;\tsize:8;\tsigned:0;\n" +
		"\tfield:unsigned short protocol;\toffset:24;\tsize:2;\tsigned:0;\n\n" +
		`print fmt: "skbaddr=%p protocol=%u location=%p", REC->skbaddr, REC->protocol, REC->location` + "\n"
	format517 = "name: kfree_skb\n\tfield:enum skb_drop_reason reason;\toffset:28;\tsize:4;\tsigned:0;\n\n" +
		`print fmt: "skbaddr=%p protocol=%u location=%p reason: %s", REC->skbaddr, REC->protocol, REC->location, ` +
		`__print_symbolic(REC->reason, { 0, "NOT_SPECIFIED" }, { 1, "NO_SOCKET" }, { 3, "TCP_CSUM" })` + "\n"
	formatNamed = "\tfield:enum skb_drop_reason reason;\n" +
		`__print_symbolic(REC->reason, { SKB_DROP_REASON_NO_SOCKET, "NO_SOCKET" }, { 9, "TCP_FLAGS" })`
)

func TestParseFormat(t *testing.T) {
	for name, c := range map[string]struct {
		text         string
		reasons      int
		first, last  string
		firstNumber  uint64
		firstUnknown bool
	}{
		"6.18":  {format618(t), 127, "NOT_SPECIFIED", "MAX", 2, false},
		"5.17":  {format517, 3, "NOT_SPECIFIED", "TCP_CSUM", 0, false},
		"named": {formatNamed, 2, "NO_SOCKET", "TCP_FLAGS", 0, true},
	} {
		all, err := parseFormat(c.text)
		if err != nil || len(all) != c.reasons {
			t.Errorf("%s: %d reasons, %v", name, len(all), err)
			continue
		}
		first := all[0]
		if first.name != c.first || all[len(all)-1].name != c.last || (first.number == nil) != c.firstUnknown ||
			first.number != nil && *first.number != c.firstNumber {
			t.Errorf("%s: from %+v to %+v", name, first, all[len(all)-1])
		}
	}
	if _, err := parseFormat(format510); !errors.Is(err, errNoReason) {
		t.Errorf("5.10: %v", err)
	}
	if _, err := parseFormat("\tfield:int reason;\n"); err == nil || errors.Is(err, errNoReason) {
		t.Errorf("without a table: %v", err)
	}
}

// TestFilter: the reasons that are about TCP, and no others.
func TestFilter(t *testing.T) {
	all, err := parseFormat(format618(t))
	if err != nil {
		t.Fatal(err)
	}
	got := filterOf(all)
	const want = internet + " && ((reason >= 3 && reason <= 6) || reason == 10 || "
	if !strings.HasPrefix(got, want) {
		t.Errorf("%s\nwant %s…", got, want)
	}
	for _, r := range all {
		wanted := r.name == "TCP_LISTEN_OVERFLOW" || r.name == "NO_SOCKET" || r.name == "CPU_BACKLOG"
		unwanted := r.name == "NOT_SPECIFIED" || r.name == "UDP_CSUM" || r.name == "CAN_RX_INVALID_FRAME"
		if passes(t, got, *r.number) != wanted && (wanted || unwanted) {
			t.Errorf("%s (%d): %s", r.name, *r.number, got)
		}
	}
	named, err := parseFormat(formatNamed)
	if got := filterOf(named); got != internet || err != nil {
		t.Errorf("without numbers: %s, %v", got, err)
	}
	if got := filterOf([]reason{{name: "CAN_X"}}); got != internet {
		t.Errorf("without TCP: %s", got)
	}
}

var conditionForm = regexp.MustCompile(`reason == (\d+)|reason >= (\d+) && reason <= (\d+)`)

// passes evaluates the part of a filter that is about reasons.
func passes(t *testing.T, filter string, number uint64) bool {
	t.Helper()
	at := func(text string) uint64 {
		var n uint64
		for _, digit := range text {
			n = 10*n + uint64(digit-'0')
		}
		return n
	}
	return slices.ContainsFunc(conditionForm.FindAllStringSubmatch(filter, -1), func(m []string) bool {
		if m[1] != "" {
			return number == at(m[1])
		}
		return at(m[2]) <= number && number <= at(m[3])
	})
}

// FuzzParseFormat: whatever the text, names or an error; and the filter has balanced brackets.
func FuzzParseFormat(f *testing.F) {
	f.Add(format618(f))
	f.Add(format517)
	f.Add(format510)
	f.Add(formatNamed)
	f.Add("field:reason;__print_symbolic(REC->reason,{0xffffffffff,\"A\"}")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseFormat(text)
		if (err == nil) != (len(all) > 0) {
			t.Errorf("%d reasons, %v", len(all), err)
		}
		filter := filterOf(all)
		if !strings.HasPrefix(filter, internet) || strings.Count(filter, "(") != strings.Count(filter, ")") {
			t.Error(filter)
		}
		for _, r := range all {
			if r.name == "" || strings.HasPrefix(r.name, prefix+prefix) {
				t.Errorf("%+v", r)
			}
			if len(all) < 200 && r.aboutTCP() && filter != internet && !passes(t, filter, *r.number) {
				t.Errorf("%s (%d) does not pass %s", r.name, *r.number, filter)
			}
		}
	})
}
