package calllog

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

const ms = time.Millisecond

// offsets are times from the first of them, or from the zero of the log.
type offsets []time.Duration

func offsetsOf(l *Log) (list offsets) {
	zero := time.Duration(0)
	if l.Absolute {
		zero = l.Times[0]
	}
	for _, t := range l.Times {
		list = append(list, t-zero)
	}
	return list
}

// TestRead reads the logs of testdata/forms.txtar; what they give is worked out by hand.
func TestRead(t *testing.T) {
	const s = time.Second
	archive, err := txtar.ParseFile("testdata/forms.txtar")
	if err != nil {
		t.Fatal(err)
	}
	logs := map[string]string{"CRLF, byte order mark, no line feed at the end": "\ufeffstart\r\n3\r\n1"}
	for _, f := range archive.Files {
		logs[f.Name] = string(f.Data)
	}
	for _, c := range []struct {
		name       string
		o          Options
		want       offsets
		skipped    Skipped
		resolution time.Duration
		allLines   bool
	}{
		{name: "a call log, in the order of the calls' ends", want: offsets{0, 1500 * ms}, resolution: 100 * ms},
		{name: "RFC 3339, zones", want: offsets{0, 250 * ms}, resolution: 10 * ms},
		{name: "Unix seconds, all nanoseconds", want: offsets{0, 1, 1500 * ms}, resolution: 1},
		{name: "offsets in seconds stay", want: offsets{500 * ms, 2 * s}, resolution: 100 * ms},
		{name: "offsets stay", want: offsets{250 * ms, 62 * s}},
		{name: "blanks between", o: Options{Column: "2"}, want: offsets{s, 3 * s}, resolution: s},
		{name: "quotes", o: Options{Column: "2"}, want: offsets{500 * ms, 1500 * ms}, resolution: 100 * ms},
		{name: "an instant between blanks is two words", o: Options{Column: "2"}, want: offsets{0, s}, resolution: s},
		{name: "one column in quotes", want: offsets{0, s}, resolution: s},
		{
			name: "a blank before the quote", o: Options{Column: "2"},
			want: offsets{1500 * ms, 2 * s}, resolution: 100 * ms,
		},
		{name: "Unix seconds from 1e8 on", want: offsets{0, s}, resolution: s},
		{name: "CRLF, byte order mark, no line feed at the end", want: offsets{s, 3 * s}, resolution: s},
		{name: "nginx", want: offsets{0, 2 * s}, resolution: s},
		{name: "nginx over the end of summer time", want: offsets{0, s}, resolution: s},
		{name: "nginx's error log", want: offsets{0, s}, resolution: s},
		{name: "apache's error log", want: offsets{0, 1250 * ms}, resolution: 10 * ms},
		{
			name: "Asterisk's log without a year, over new year",
			want: offsets{0, 2 * s}, skipped: Skipped{Other: 2}, resolution: s,
		},
		{name: "Asterisk's log with milliseconds and a zone", want: offsets{0, 1125 * ms}, resolution: ms},
		{name: "Asterisk by way of syslog", want: offsets{0}, skipped: Skipped{Other: 1}, resolution: s},
		{name: "syslog", want: offsets{0, 3 * s}, resolution: s},
		{name: "syslog of RFC 5424", want: offsets{0, ms}, resolution: ms},
		{name: "JSON lines", want: offsets{0, s}, resolution: s},
		{name: "decimal comma", want: offsets{0, 250 * ms}, resolution: 10 * ms},
		{name: "decimal comma before words", want: offsets{0, 250 * ms}, resolution: 10 * ms},
		{name: "decimal comma in a table", want: offsets{0, 250 * ms}, resolution: 10 * ms},
		{name: "commas are no decimal ones", want: offsets{0, 0}, resolution: s},
		{name: "microseconds since 1970", want: offsets{0, 250000}, resolution: 10000},
		{name: "nanoseconds since 1970", want: offsets{0, 1}, resolution: 1},
		{name: "US dates", o: Options{USDates: true}, want: offsets{0, 480*time.Hour + s}, resolution: s},
		{name: "the day first", want: offsets{0, 2 * time.Minute}, resolution: time.Minute},
		{name: "date and time in two columns", want: offsets{0, s}, resolution: s},
		{name: "a table that mysql has drawn", want: offsets{0, 2 * s}, skipped: Skipped{Empty: 1}, resolution: s},
		{name: "a table that psql has drawn", want: offsets{0, 2 * s}, resolution: s},
		{name: "two exports, one behind the other", want: offsets{0, s}, resolution: s},
		{name: "start before answer and end", want: offsets{0, s}, resolution: s},
		{name: "column by name", o: Options{Column: "Answer"}, want: offsets{0, 3 * s}, resolution: s},
		{name: "queue_log", want: offsets{0, s}, skipped: Skipped{Other: 3}, resolution: s},
		{
			name: "tcpdump with retransmissions and a SYN of a port that is used again",
			want: offsets{0, 2 * s, 1000 * s}, skipped: Skipped{Other: 3, Retransmitted: 1}, resolution: s,
		},
		{name: "tcpdump with times of day, over midnight", want: offsets{0, 750 * ms}, resolution: 10 * ms},
		{
			name: "tcpdump -v, two lines for each packet",
			want: offsets{0, 2 * s}, skipped: Skipped{Other: 3, Retransmitted: 1}, resolution: s,
		},
		{name: "tcpdump -tttt", want: offsets{0, 750 * ms}, resolution: 10 * ms},
		{
			name: "tshark's text",
			want: offsets{0, 1500 * ms}, skipped: Skipped{Other: 1, Retransmitted: 1}, resolution: 100 * ms,
		},
		{name: "Wireshark's CSV", want: offsets{0, 750 * ms}, skipped: Skipped{Other: 1}, resolution: 10 * ms},
		{
			name: "tshark's fields with flags",
			want: offsets{0, 1500 * ms}, skipped: Skipped{Other: 1, Retransmitted: 1}, resolution: 100 * ms,
		},
		{name: "the newest first, over the end of summer " +
			"time", want: offsets{0, s, 2 * s, 3 * s, 4 * s}, resolution: s},
		{
			name: "one long call is no end of summer time",
			want: offsets{0, time.Hour - 2*s, time.Hour - s, time.Hour}, resolution: s,
		},
		{
			name: "from a date to a date", o: Options{From: "2026-10-06", To: "2026-10-07 09:00"},
			want: offsets{0}, skipped: Skipped{Outside: 2}, resolution: s,
		},
		{
			name: "from a time of day over midnight", o: Options{From: "23:00", To: "01:00"},
			want: offsets{0, 40 * time.Minute}, skipped: Skipped{Outside: 2}, resolution: s,
		},
		{
			name: "from of a log without years", o: Options{From: "2026-10-05 09:00:05"},
			want: offsets{0}, skipped: Skipped{Outside: 1}, resolution: s, allLines: true,
		},
		{
			name: "from with a zone", o: Options{From: "2026-10-05T07:30:00Z"},
			want: offsets{0}, skipped: Skipped{Outside: 1}, resolution: s,
		},
		{
			name: "from in seconds", o: Options{From: "2s", To: "9"},
			want: offsets{5 * s}, skipped: Skipped{Outside: 2}, resolution: s,
		},
		{name: "Asterisk's log without calls", want: offsets{0, s}, resolution: s, allLines: true},
		{name: "journalctl -o short-unix", want: offsets{0, 500 * ms}, resolution: 1000},
		{name: "journalctl", want: offsets{0, s}, skipped: Skipped{NoTime: 1}, resolution: s},
		{name: "HAProxy", want: offsets{0, 500 * ms}, resolution: ms},
		{name: "SMDR with words", want: offsets{0, 185 * time.Minute}, resolution: time.Minute},
		{name: "date and time in two columns, two digits of the year", want: offsets{0, s}, resolution: s},
		{name: "tshark's frame.time", want: offsets{0, 500 * ms}, skipped: Skipped{Other: 1}, resolution: 100 * ms},
		{
			name: "tcpdump on any interface",
			want: offsets{0, 100 * ms}, skipped: Skipped{Retransmitted: 1}, resolution: 100 * ms,
		},
		{name: "date(1)", want: offsets{0, s}, resolution: s},
		{name: "RFC 2822", want: offsets{0, s}, resolution: s},
		{
			name: "the end of summer time by the calls' ends",
			want: offsets{0, s, 2 * s, 3 * s, 4 * s, 5 * s}, resolution: s,
		},
		{name: "billed seconds are no time", want: offsets{0, s}, resolution: s},
		{
			name: "Asterisk's log without calls, a part", o: Options{From: "09:00:01"},
			want: offsets{0}, skipped: Skipped{NoTime: 2, Outside: 1}, resolution: s, allLines: true,
		},
		{
			name: "Asterisk's log with lines of another kind",
			want: offsets{0, 2 * s}, skipped: Skipped{Other: 2}, resolution: s,
		},
		{name: "an id by its name", want: offsets{0, s}, resolution: s},
		{name: "digits alone", want: offsets{0, s}, resolution: s},
		{name: "an answer that is mostly empty is no start", want: offsets{0, s, 2 * s}, resolution: s},
		{
			name: "a header with blanks", o: Options{Column: "answer time"},
			want: offsets{0, 2 * time.Minute}, resolution: time.Minute,
		},
	} {
		c.o.Max = 100
		text, ok := logs[c.name]
		got, err := Read(strings.NewReader(text), c.o)
		if err != nil || !ok {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		delete(logs, c.name)
		if diff := cmp.Diff(c.want, offsetsOf(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if got.Skipped != c.skipped || got.Resolution != c.resolution || got.AllLines != c.allLines {
			t.Errorf("%s: %+v, resolution %v; want %+v, "+
				"%v", c.name, got.Skipped, got.Resolution, c.skipped, c.resolution)
		}
	}
	if len(logs) > 0 {
		t.Errorf("not read: %q", slices.Collect(maps.Keys(logs)))
	}
}

// TestReadRefuses: one line that says what is wrong, where, and what would be right.
func TestReadRefuses(t *testing.T) {
	const (
		anyOf = "a time such as 2026-10-05 09:00:00, 1759654800 or 250ms"
		iso   = "a date such as 2026-10-05 09:00:00"
	)
	for _, c := range []struct {
		name, text string
		o          Options
		want       string
	}{
		{"empty", "", Options{}, "there is no line in it; want one for each call, with " + anyOf},
		{"header alone", "start\n# none\n", Options{}, `line 1: column 1, "start": want ` + anyOf},
		{"a word among seconds", "1\nnoon\n", Options{},
			`line 2: column 1, "noon": want seconds such as 0.25, as in the other lines`},
		{"a word below a header", "start\nnoon\n", Options{}, `line 2: column 1, "noon": want ` + anyOf},
		{"two forms", "1s\n2026-11-23T10:00:00Z\n", Options{},
			`line 1: column 1, "1s": want ` + iso + `, as in the other lines`},
		{"too few columns", "a,1\nb\n", Options{Column: "2"}, "line 2: columns: 1, want at least 2"},
		{"below zero", "1\n-1\n", Options{}, `line 2: column 1, "-1": want seconds such as 0.25, as in the other ` +
			`lines`},
		{"a broken fraction", "1\n1.x\n2", Options{},
			`line 2: column 1, "1.x": want seconds such as 0.25, as in the other lines`},
		{"a long line", "1\n" + strings.Repeat("x", MaxLine+1), Options{}, "line 2: want less than 65536 bytes"},
		{"a month that is none", "2026-13-23 10:00:00\n2026-11-23 10:00:00\n", Options{},
			`line 1: column 1, "2026-13-23 10:00:00": want ` + iso + `, as in the other lines`},
		{"numbers beside each other", "100,200\n101,200\n", Options{},
			`line 2: no time in "101,200"; want ` + anyOf + `, or say which column it is: column N`},
		{"no time at all", "a,b\nc,d\n", Options{},
			`line 2: no time in "c,d"; want ` + anyOf + `, or say which column it is: column N`},
		{"the wrong column", "start,src\n2026-10-05 09:00:00,x\n", Options{Column: "2"},
			`line 2: column 2, "x": want ` + anyOf + "; column 1 has times"},
		{"a column beyond the last", "start,src\n2026-10-05 09:00:00,x\n", Options{Column: "3"},
			"line 1: columns: 2, want at least 3; column 1 has times"},
		{"a name that no column has", "start,src\n2026-10-05 09:00:00,x\n", Options{Column: "begin"},
			`line 1: no column is named "begin"; want one of "start, src"; column 1 has times`},
		{"a name whose column has no times", "start,src\n2026-10-05 09:00:00,x\n", Options{Column: "src"},
			`line 2: column 2, "x": want ` + anyOf + "; column 1 has times"},
		{
			"a name where no column has one", "2026-10-05 09:00:00,x\n", Options{Column: "start"},
			"line 1: it names no columns, so want column N; column 1 has times",
		},
		{
			"a word that is no time", "[2026-10-05 09:00:00] VERBOSE[1] a, b\n", Options{Column: "3"},
			`line 1: column 3, "VERBOSE[1] a, b": want ` + anyOf + "; leave the column out: each line has a date",
		},
		{"an empty column", "start,src\n2026-10-05 09:00:00,\n", Options{Column: "src"},
			`column 2 is empty; want ` + anyOf + "; column 1 has times"},
		{"US dates", "start\n10/05/2026 09:00:00\n10/25/2026 09:00:00\n", Options{},
			`line 3: "10/25/2026 09:00:00": the second number is no month; add us-dates if the month comes first`},
		{"US dates alone", "start\n10/25/2026 09:00:00\n", Options{},
			`line 2: "10/25/2026 09:00:00": the second number is no month; add us-dates if the month comes first`},
		{
			"US dates of many days", "10/12/2026 09:00:00\n10/13/2026 09:00:00\n10/14/2026 09:00:00\n", Options{},
			`line 2: "10/13/2026 09:00:00": the second number is no month; add us-dates if the month comes first`,
		},
		{"zones here and there", "2026-10-05 09:00:00+02\n2026-10-05 09:00:01\n", Options{},
			`line 2: "2026-10-05 09:00:01": want a zone in all times, or in none`},
		{"an id of a switch", "a,1795428061.3\nb,1795428000.1\nc,1795428002.2\n", Options{Column: "2"},
			`line 3: column 2, "1795428002.2": the number behind the dot is a counter, as in Asterisk's uniqueid; ` +
				`want the column of the calls' start`},
		{
			"an id of a switch by its name", "uniqueid,src\n1759654800.5,x\n", Options{},
			`line 2: column 1, "1759654800.5": the number behind the dot is a counter, as in Asterisk's uniqueid; ` +
				`want the column of the calls' start`,
		},
		{
			"an id by the name of the only column", "uniqueid\n1759654800.5\n1759654801.7\n", Options{},
			`line 3: column 1, "1759654801.7": the number behind the dot is a counter, as in Asterisk's uniqueid; ` +
				`want the column of the calls' start`,
		},
		{"too many", "1\n2\n3\n", Options{Max: 2}, "line 3: more than 2 calls; take a part of them: from T to T"},
		{"no caller in a queue_log", "1759654800|NONE|NONE|NONE|QUEUESTART|\n", Options{},
			"no call in 1 lines; want an ENTERQUEUE line for each call"},
		{"no SYN", "1759654800.000000 IP 1.2.3.4.1 > 1.2.3.5.2: Flags [.], ack 1\n", Options{},
			"no call in 1 lines; want a packet with Flags [S] for each call, as tcpdump -tt -n writes it"},
		{"nothing chosen", "2026-10-05 09:00:00\n2026-10-05 09:00:05\n", Options{From: "10:00", To: "11:00"},
			"no call from 10:00 to 11:00; the log goes from 2026-10-05 09:00:00 to 2026-10-05 09:00:05"},
		{"a bound of another form", "2026-10-05 09:00:00\n", Options{From: "5s"},
			`from "5s": want ` + iso + `, as in the log`},
		{"a bound that ends before", "2026-10-05 09:00:00\n", Options{From: "2026-10-05", To: "2026-10-04"},
			`from "2026-10-05" to "2026-10-04": want a later end`},
		{"bounds of two forms", "2026-10-05 09:00:00\n", Options{From: "2026-10-05", To: "10:00"},
			`from "2026-10-05" to "10:00": want both with a date, or none; both with a zone, or none`},
		{"a bound with a zone", "2026-10-05 09:00:00\n", Options{From: "2026-10-05T09:00:00Z"},
			`line 1: from "2026-10-05T09:00:00Z": the log's times have no zone; leave it out`},
		{"gzip", "\x1f\x8b\x08", Options{}, "line 1: the file is compressed by gzip; unpack it first: gunzip -k FILE"},
		{"UTF-16", "\xff\xfes\x00", Options{},
			"line 1: the file is UTF-16; write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"},
		{"a zero byte", "1\n\x00", Options{},
			"line 2: a zero byte, so the file is no text; want a log or a table as text"},
	} {
		if c.o.Max == 0 {
			c.o.Max = 100
		}
		_, err := Read(strings.NewReader(c.text), c.o)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
}

// FuzzRead: whatever the text, there are times in order, no more than are wanted, or an error of one line.
func FuzzRead(f *testing.F) {
	texts := []string{
		"1750000000.5", `"a""b",1`, "9999999999", "1..", "start;src\n05.10.26 9:00;\"\n", "12:00 AM\n13:00 PM\n",
	}
	archive, err := txtar.ParseFile("testdata/forms.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		texts = append(texts, string(file.Data))
	}
	for _, text := range texts {
		for _, column := range []string{"", "1", "2", "start"} {
			f.Add(text, column, "", "")
		}
		f.Add(text, "", "09:00", "2026-10-06")
	}
	f.Fuzz(func(t *testing.T, text, column, from, to string) {
		const most = 50
		o := Options{Column: column, From: from, To: to, Max: most, USDates: len(text)%2 == 0}
		l, err := Read(strings.NewReader(text), o)
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
				t.Errorf("%q is more than a line", err)
			}
			return
		}
		if n := len(l.Times); n == 0 || n > most || !slices.IsSorted(l.Times) ||
			l.Resolution < 0 || l.Resolution > time.Minute {
			t.Errorf("%+v", l)
		}
		if lines := strings.Count(text, "\n") + 1; len(l.Times)+l.Skipped.Total() > lines {
			t.Errorf("%+v: %d lines", l, lines)
		}
	})
}
