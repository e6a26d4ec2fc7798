package calllog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ms = time.Millisecond

// offsets counts absolute times from the first.
func offsets(l *Log) (list []time.Duration) {
	zero := time.Duration(0)
	if l.Absolute {
		zero = l.Times[0]
	}
	for _, t := range l.Times {
		list = append(list, t-zero)
	}
	return list
}

// forms of logs, each with two or three calls; the offsets are worked out by hand.
func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, text string
		o          Options
		want       []time.Duration
		skipped    Skipped
		resolution time.Duration
	}{
		{name: "a call log, in the order of the calls' ends", text: "id,start\n1,2026-11-23 10:00:01.5\n2,2026-11-23 10:00:00\n",
			want: []time.Duration{0, 1500 * ms}, resolution: 100 * ms},
		{name: "RFC 3339, zones", text: "2026-11-23T10:00:00Z\n2026-11-23T11:00:00.25+01:00\n",
			want: []time.Duration{0, 250 * ms}, resolution: 10 * ms},
		{name: "Unix seconds, all nanoseconds", text: "1750000000.000000001\n1750000001.5\n1750000000\n",
			want: []time.Duration{0, 1, 1500 * ms}, resolution: 1},
		{name: "offsets in seconds stay", text: "0.5\n2\n", want: []time.Duration{500 * ms, 2000 * ms}, resolution: 100 * ms},
		{name: "offsets stay", text: "250ms\n\n# noon\n1m2s\n", want: []time.Duration{250 * ms, 62_000 * ms}},
		{name: "blanks between", text: "call 3\ncall 1\n", o: Options{Column: "2"},
			want: []time.Duration{1000 * ms, 3000 * ms}, resolution: time.Second},
		{name: "quotes", text: `"a, b","1.5",x` + "\n" + `"c","0.5",y`, o: Options{Column: "2"},
			want: []time.Duration{500 * ms, 1500 * ms}, resolution: 100 * ms},
		{name: "an instant between blanks is two words", text: "a 2026-11-23 10:00:01 x\nb 2026-11-23 10:00:00 y\n",
			o: Options{Column: "2"}, want: []time.Duration{0, 1000 * ms}, resolution: time.Second},
		{name: "one column in quotes", text: "\"start\"\n\"2026-11-23 10:00:00\"\n\"2026-11-23 10:00:01\"\n",
			want: []time.Duration{0, 1000 * ms}, resolution: time.Second},
		{name: "a blank before the quote", text: "a, \"1.5\"\nb, \"2\"\n", o: Options{Column: "2"},
			want: []time.Duration{1500 * ms, 2000 * ms}, resolution: 100 * ms},
		{name: "Unix seconds from 1e8 on", text: "100000000\n100000001\n", want: []time.Duration{0, 1000 * ms},
			resolution: time.Second},
		{name: "no line feed at the end, CRLF, byte order mark", text: "\ufeffstart\r\n3\r\n1",
			want: []time.Duration{1000 * ms, 3000 * ms}, resolution: time.Second},
		{name: "nginx", text: `127.0.0.1 - - [05/Oct/2026:09:00:00 +0200] "GET /x?t=2026-01-01 HTTP/1.1" 200 5 "-" "curl, 7|x;y"` + "\n" +
			`127.0.0.1 - - [05/Oct/2026:09:00:02 +0200] "GET /x HTTP/1.1" 200 5 "-" "curl"` + "\n",
			want: []time.Duration{0, 2000 * ms}, resolution: time.Second},
		{name: "nginx over the end of summer time", text: "1.2.3.4 - - [25/Oct/2026:02:59:59 +0200] \"GET /\"\n" +
			"1.2.3.4 - - [25/Oct/2026:02:00:00 +0100] \"GET /\"\n", want: []time.Duration{0, 1000 * ms}, resolution: time.Second},
		{name: "nginx's error log", text: "2026/10/05 09:00:00 [error] 12#0: *1 connect() failed, client: 1.2.3.4, server: x\n" +
			"2026/10/05 09:00:01 [error] 12#0: *2 connect() failed, client: 1.2.3.4, server: x\n",
			want: []time.Duration{0, 1000 * ms}, resolution: time.Second},
		{name: "apache's error log", text: "[Mon Oct 05 09:00:00.250000 2026] [core:error] [pid 1] a, b\n" +
			"[Mon Oct 05 09:00:01.500000 2026] [core:error] [pid 1] a, b\n", want: []time.Duration{0, 1250 * ms}, resolution: 10 * ms},
		{name: "Asterisk's log without a year, over new year", text: "[Dec 31 23:59:59] VERBOSE[1][C-1] pbx.c: Executing [s@x:1] AGI(\"PJSIP/1\", \"agi://h/x\")\n" +
			"[Dec 31 23:59:59] VERBOSE[1][C-1] pbx.c: Executing [s@x:2] Hangup(\"PJSIP/1\")\n" +
			"[Jan  1 00:00:01] VERBOSE[1][C-2] pbx.c: Executing [s@x:1] AGI(\"PJSIP/2\", \"agi://h/x,a\")\n" +
			"  -- a line of more text\n",
			want: []time.Duration{0, 2000 * ms}, skipped: Skipped{Other: 2}, resolution: time.Second},
		{name: "Asterisk's log with milliseconds and a zone", text: "[2026-10-05T09:00:00.125+0200] VERBOSE[1] pbx.c: AGI(\"x\", \"agi://h\")\n" +
			"[2026-10-05T09:00:01.250+0200] VERBOSE[1] pbx.c: EAGI(\"x\", \"hagi://h\")\n", want: []time.Duration{0, 1125 * ms}, resolution: ms},
		{name: "Asterisk by way of syslog", text: "Oct  5 09:00:00 pbx asterisk[7]: VERBOSE[1][C-1]: pbx.c:1 in x: AGI(\"x\", \"agi://h\")\n" +
			"Oct  5 09:00:03 pbx asterisk[7]: NOTICE[1][C-1]: y\n", want: []time.Duration{0}, skipped: Skipped{Other: 1}, resolution: time.Second},
		{name: "syslog", text: "Oct  5 09:00:00 pbx x[7]: a\nOct  5 09:00:03 pbx x[7]: b\n", want: []time.Duration{0, 3000 * ms}, resolution: time.Second},
		{name: "syslog of RFC 5424", text: "<134>1 2026-10-05T09:00:00.003Z pbx x - - a\n<134>1 2026-10-05T09:00:00.004Z pbx x - - b\n",
			want: []time.Duration{0, ms}, resolution: ms},
		{name: "JSON lines", text: `{"start":"2026-10-05T09:00:00","src":"100"}` + "\n" + `{"start":"2026-10-05T09:00:01","src":"101"}` + "\n",
			want: []time.Duration{0, 1000 * ms}, resolution: time.Second},
		{name: "decimal comma", text: "2026-10-05 09:00:00,100\n2026-10-05 09:00:00,350\n", want: []time.Duration{0, 250 * ms}, resolution: 10 * ms},
		{name: "decimal comma before words", text: "2026-10-05 09:00:00,100 INFO a, b\n2026-10-05 09:00:00,350 INFO c, d\n",
			want: []time.Duration{0, 250 * ms}, resolution: 10 * ms},
		{name: "decimal comma in a table", text: "a;2026-10-05T09:00:00,100+02:00\nb;2026-10-05T09:00:00,350+02:00\n",
			want: []time.Duration{0, 250 * ms}, resolution: 10 * ms},
		{name: "commas are no decimal ones", text: "2026-10-05 09:00:00,101\n2026-10-05 09:00:00,100\n", want: []time.Duration{0, 0}, resolution: time.Second},
		{name: "microseconds since 1970", text: "a,1759654800000000\nb,1759654800000250\n", want: []time.Duration{0, 250_000}, resolution: 10_000},
		{name: "nanoseconds since 1970", text: "1759654800000000000\n1759654800000000001\n", want: []time.Duration{0, 1}, resolution: 1},
		{name: "US dates", text: "start,src\n10/05/2026 9:00:00 PM,1\n10/25/2026 9:00:01 PM,1\n", o: Options{USDates: true},
			want: []time.Duration{0, 20*24*time.Hour + time.Second}, resolution: time.Second},
		{name: "the day first", text: "05.10.2026 09:00;1\n05.10.2026 09:02;1\n", want: []time.Duration{0, 2 * time.Minute}, resolution: time.Minute},
		{name: "date and time in two columns", text: "Call Date,Call Time,Ext\n2026-10-05,09:00:00,100\n2026-10-05,09:00:01,100\n",
			want: []time.Duration{0, 1000 * ms}, resolution: time.Second},
		{name: "a table that mysql has drawn", text: "+---------------------+------+\n| calldate            | dst  |\n+---------------------+------+\n" +
			"| 2026-10-05 09:00:00 | 100  |\n| NULL                | 100  |\n| 2026-10-05 09:00:02 | 100  |\n+---------------------+------+\n",
			want: []time.Duration{0, 2000 * ms}, skipped: Skipped{Empty: 1}, resolution: time.Second},
		{name: "a table that psql has drawn", text: "      calldate       | dst \n---------------------+-----\n 2026-10-05 09:00:00+02 | 100\n" +
			" 2026-10-05 09:00:02+02 | 100\n(2 rows)\n\n", want: []time.Duration{0, 2000 * ms}, resolution: time.Second},
		{name: "two exports, one behind the other", text: "start,src\n2026-10-05 09:00:00,1\nstart,src\n2026-10-05 09:00:01,1\n",
			want: []time.Duration{0, 1000 * ms}, resolution: time.Second},
		{name: "start before answer and end", text: "answer,end,start\n2026-10-05 09:00:05,2026-10-05 09:00:06,2026-10-05 09:00:00\n" +
			",2026-10-05 09:00:09,2026-10-05 09:00:01\n", want: []time.Duration{0, 1000 * ms}, resolution: time.Second},
		{name: "column by name", text: "start,answer\n2026-10-05 09:00:05,2026-10-05 09:00:06\n2026-10-05 09:00:05,2026-10-05 09:00:09\n",
			o: Options{Column: "Answer"}, want: []time.Duration{0, 3000 * ms}, resolution: time.Second},
		{name: "queue_log", text: "1759654800|NONE|NONE|NONE|QUEUESTART|\n1759654800|1759654800.0|s|NONE|ENTERQUEUE||1000|1\n" +
			"1759654801|1759654800.0|s|A|CONNECT|1|x|2\n1759654801|1759654800.4|s|NONE|ENTERQUEUE||1000|1\n" +
			"1759654811|1759654800.0|s|A|COMPLETECALLER|1|10|1\n", want: []time.Duration{0, 1000 * ms}, skipped: Skipped{Other: 3}, resolution: time.Second},
		{name: "tcpdump with retransmissions and a SYN of a port that is used again", text: "1759654800.000000 IP 1.2.3.4.40000 > 1.2.3.5.4573: Flags [S], seq 1, win 5\n" +
			"1759654800.000100 IP 1.2.3.5.4573 > 1.2.3.4.40000: Flags [S.], seq 9, ack 2, win 5\n" +
			"1759654800.000200 IP 1.2.3.4.40000 > 1.2.3.5.4573: Flags [.], ack 1, win 5\n" +
			"1759654801.000000 IP 1.2.3.4.40000 > 1.2.3.5.4573: Flags [S], seq 1, win 5\n" +
			"1759654802.000000 IP 1.2.3.4.40000 > 1.2.3.5.4573: Flags [SEW], seq 77, win 5\n" +
			"1759655800.000000 IP 1.2.3.4.40000 > 1.2.3.5.4573: Flags [S], seq 1, win 5\n6 packets captured\n",
			want: []time.Duration{0, 2000 * ms, 1000 * time.Second}, skipped: Skipped{Other: 3, Retransmitted: 1}, resolution: time.Second},
		{name: "tcpdump with times of day, over midnight", text: "23:59:59.500000 IP 1.2.3.4.1 > 1.2.3.5.2: Flags [S], seq 1\n" +
			"00:00:00.250000 IP 1.2.3.4.2 > 1.2.3.5.2: Flags [S], seq 1\n", want: []time.Duration{0, 750 * ms}, resolution: 10 * ms},
		{name: "tcpdump -tttt", text: "2026-10-05 09:00:00.500000 IP6 ::1.1 > ::1.2: Flags [S], seq 1\n" +
			"2026-10-05 09:00:01.250000 IP6 ::1.2 > ::1.2: Flags [S], seq 1\n", want: []time.Duration{0, 750 * ms}, resolution: 10 * ms},
		{name: "tshark's text", text: "    1 0.000000000    127.0.0.1 → 127.0.0.1    TCP 74 40000 → 4573 [SYN] Seq=0 Win=65495\n" +
			"    2 0.000010000    127.0.0.1 → 127.0.0.1    TCP 74 4573 → 40000 [SYN, ACK] Seq=0 Ack=1 Win=65483\n" +
			"    3 1.000010000    127.0.0.1 → 127.0.0.1    TCP 74 [TCP Retransmission] 40000 → 4573 [SYN] Seq=0 Win=65495\n" +
			"    4 1.500000000    127.0.0.1 → 127.0.0.1    TCP 74 40002 → 4573 [SYN] Seq=0 Win=65495\n",
			want: []time.Duration{0, 1500 * ms}, skipped: Skipped{Other: 1, Retransmitted: 1}, resolution: 100 * ms},
		{name: "Wireshark's CSV", text: `"No.","Time","Source","Info"` + "\n" + `"1","0.000000","1.2.3.4","40000  >  4573 [SYN] Seq=0 Win=5"` + "\n" +
			`"2","0.500000","1.2.3.4","40000  >  4573 [ACK] Seq=1 Win=5"` + "\n" + `"3","0.750000","1.2.3.4","40001  >  4573 [SYN] Seq=0 Win=5"` + "\n",
			want: []time.Duration{0, 750 * ms}, skipped: Skipped{Other: 1}, resolution: 10 * ms},
		{name: "tshark's fields with flags", text: "frame.time_epoch\ttcp.srcport\ttcp.flags.syn\ttcp.flags.ack\n1759654800.000000000\t1\tTrue\tFalse\n" +
			"1759654800.100000000\t1\tTrue\tTrue\n1759654801.000000000\t1\tTrue\tFalse\n1759654801.500000000\t2\tTrue\tFalse\n",
			want: []time.Duration{0, 1500 * ms}, skipped: Skipped{Other: 1, Retransmitted: 1}, resolution: 100 * ms},
		{name: "the newest first, over the end of summer time", text: "2026-10-25 02:00:02\n2026-10-25 02:00:01\n2026-10-25 02:00:00\n2026-10-25 02:59:59\n2026-10-25 02:59:58\n",
			want: []time.Duration{0, 1000 * ms, 2000 * ms, 3000 * ms, 4000 * ms}, resolution: time.Second},
		{name: "one long call is no end of summer time", text: "2026-10-25 02:59:58\n2026-10-25 02:59:59\n2026-10-25 02:00:00\n2026-10-25 03:00:00\n",
			want: []time.Duration{0, 59*time.Minute + 58*time.Second, 59*time.Minute + 59*time.Second, time.Hour}, resolution: time.Second},
		{name: "from a date to a date", text: "2026-10-05 09:00:00\n2026-10-06 09:00:00\n2026-10-07 09:00:00\n",
			o:    Options{From: "2026-10-06", To: "2026-10-07 09:00"},
			want: []time.Duration{0}, skipped: Skipped{Outside: 2}, resolution: time.Second},
		{name: "from a time of day over midnight", text: "2026-10-05 22:00:00\n2026-10-05 23:30:00\n2026-10-06 00:10:00\n2026-10-06 01:00:00\n",
			o:    Options{From: "23:00", To: "01:00"},
			want: []time.Duration{0, 40 * time.Minute}, skipped: Skipped{Outside: 2}, resolution: time.Second},
		{name: "from of a log without years", text: "[Oct  5 09:00:00] VERBOSE[1] x\n[Oct  5 09:00:05] VERBOSE[1] x\n",
			o:    Options{From: "2026-10-05 09:00:05"},
			want: []time.Duration{0}, skipped: Skipped{Outside: 1}, resolution: time.Second},
		{name: "from with a zone", text: "a,2026-10-05T09:00:00+02:00\na,2026-10-05T10:00:00+02:00\n", o: Options{From: "2026-10-05T07:30:00Z"},
			want: []time.Duration{0}, skipped: Skipped{Outside: 1}, resolution: time.Second},
		{name: "from in seconds", text: "1\n5\n9\n", o: Options{From: "2s", To: "9"}, want: []time.Duration{5000 * ms},
			skipped: Skipped{Outside: 2}, resolution: time.Second},
	} {
		c.o.Max = 100
		got, err := Read(strings.NewReader(c.text), c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, offsets(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if got.Skipped != c.skipped || got.Resolution != c.resolution {
			t.Errorf("%s: skipped %+v, resolution %v; want %+v, %v", c.name, got.Skipped, got.Resolution, c.skipped, c.resolution)
		}
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
		{"a word among seconds", "1\nnoon\n", Options{}, `line 2: column 1, "noon": want seconds such as 0.25, as in the other lines`},
		{"a word below a header", "start\nnoon\n", Options{}, `line 2: column 1, "noon": want ` + anyOf},
		{"two forms", "1s\n2026-11-23T10:00:00Z\n", Options{}, `line 1: column 1, "1s": want ` + iso + `, as in the other lines`},
		{"too few columns", "a,1\nb\n", Options{Column: "2"}, "line 2: columns: 1, want at least 2"},
		{"below zero", "1\n-1\n", Options{}, `line 2: column 1, "-1": want seconds such as 0.25, as in the other lines`},
		{"a broken fraction", "1\n1.x\n2", Options{}, `line 2: column 1, "1.x": want seconds such as 0.25, as in the other lines`},
		{"a long line", "1\n" + strings.Repeat("x", MaxLine+1), Options{}, "line 2: want less than 65536 bytes"},
		{"a month that is none", "2026-13-23 10:00:00\n2026-11-23 10:00:00\n", Options{},
			`line 1: column 1, "2026-13-23 10:00:00": want ` + iso + `, as in the other lines`},
		{"numbers beside each other", "100,200\n101,200\n", Options{},
			`line 2: no time in "101,200"; want ` + anyOf + `, or say which column it is: column N`},
		{"no time at all", "a,b\nc,d\n", Options{}, `line 2: no time in "c,d"; want ` + anyOf + `, or say which column it is: column N`},
		{"the wrong column", "start,src\n2026-10-05 09:00:00,x\n", Options{Column: "2"}, `line 2: column 2, "x": want ` + anyOf + "; column 1 has times"},
		{"a column beyond the last", "start,src\n2026-10-05 09:00:00,x\n", Options{Column: "3"}, "line 1: columns: 2, want at least 3; column 1 has times"},
		{"a name that no column has", "start,src\n2026-10-05 09:00:00,x\n", Options{Column: "begin"},
			`line 1: no column is named "begin"; want one of "start, src"; column 1 has times`},
		{"a name whose column has no times", "start,src\n2026-10-05 09:00:00,x\n", Options{Column: "src"},
			`line 2: column 2, "x": want ` + anyOf + "; column 1 has times"},
		{"an empty column", "start,src\n2026-10-05 09:00:00,\n", Options{Column: "src"}, `column 2 is empty; want ` + anyOf + "; column 1 has times"},
		{"US dates", "start\n10/05/2026 09:00:00\n10/25/2026 09:00:00\n", Options{},
			`line 3: column 1, "10/25/2026 09:00:00": the second number is no month; add us-dates if the month comes first`},
		{"US dates alone", "start\n10/25/2026 09:00:00\n", Options{},
			`line 2: "10/25/2026 09:00:00": the second number is no month; add us-dates if the month comes first`},
		{"zones here and there", "2026-10-05 09:00:00+02\n2026-10-05 09:00:01\n", Options{}, `line 2: "2026-10-05 09:00:01": want a zone in all times, or in none`},
		{"an id of a switch", "a,1795428061.3\nb,1795428000.1\nc,1795428002.2\n", Options{Column: "2"},
			`line 3: column 2, "1795428002.2": the number behind the dot is a counter, as in Asterisk's uniqueid; want the column of the calls' start`},
		{"too many", "1\n2\n3\n", Options{Max: 2}, "line 3: more than 2 calls; take a part of them: from T to T"},
		{"no caller in a queue_log", "1759654800|NONE|NONE|NONE|QUEUESTART|\n", Options{}, "no call in 1 lines; want an ENTERQUEUE line for each call"},
		{"no SYN", "1759654800.000000 IP 1.2.3.4.1 > 1.2.3.5.2: Flags [.], ack 1\n", Options{},
			"no call in 1 lines; want a packet with Flags [S] for each call, as tcpdump -tt -n writes it"},
		{"nothing chosen", "2026-10-05 09:00:00\n2026-10-05 09:00:05\n", Options{From: "10:00", To: "11:00"},
			"no call from 10:00 to 11:00; the log goes from 2026-10-05 09:00:00 to 2026-10-05 09:00:05"},
		{"a bound of another form", "2026-10-05 09:00:00\n", Options{From: "5s"}, `from "5s": want ` + iso + `, as in the log`},
		{"a bound that ends before", "2026-10-05 09:00:00\n", Options{From: "2026-10-05", To: "2026-10-04"}, `from "2026-10-05" to "2026-10-04": want a later end`},
		{"bounds of two forms", "2026-10-05 09:00:00\n", Options{From: "2026-10-05", To: "10:00"},
			`from "2026-10-05" to "10:00": want both with a date, or none; both with a zone, or none`},
		{"a bound with a zone", "2026-10-05 09:00:00\n", Options{From: "2026-10-05T09:00:00Z"},
			`line 1: from "2026-10-05T09:00:00Z": the log's times have no zone; leave it out`},
		{"gzip", "\x1f\x8b\x08", Options{}, "line 1: the file is compressed by gzip; unpack it first: gunzip -k FILE"},
		{"a capture", "\xd4\xc3\xb2\xa1", Options{}, "line 1: the file is a packet capture; write it as text: tcpdump -tt -n -r FILE"},
		{"UTF-16", "\xff\xfes\x00", Options{}, "line 1: the file is UTF-16; write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"},
		{"a zero byte", "1\n\x00", Options{}, "line 2: a zero byte, so the file is no text; want a log or a table as text"},
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
	for _, text := range []string{"1\n2\n", "a,2026-11-23 10:00:00\n", "1750000000.5", "1h\n5ms\n", `"a""b",1` + "\n",
		"9999999999\n", "1..\n", "start;src\n05.10.26 9:00;\"\n", "[Oct  5 09:00:00] VERBOSE[1] AGI(\"a\", \"agi://x\")\n",
		"1759654800|1.0|s|NONE|ENTERQUEUE||1|1\n", "1759654800.0 IP a > b: Flags [S], seq 1\n", "1759654800.0\n1759654800.10\n",
		"1.2.3.4 - - [05/Oct/2026:09:00:00 +0200] \"GET /\"\n", "| a | 2026-10-25 02:59 |\n+--+\n", "2026-10-25 02:59:59\n2026-10-25 02:00:00\n",
		"frame.time_epoch,tcp.srcport,tcp.flags\n1759654800.5,1,0x0002\n", "12:00 AM\n13:00 PM\n", "2026-10-05,09:00:00,7\n",
	} {
		for _, column := range []string{"", "1", "2", "start"} {
			f.Add(text, column, "", "")
		}
		f.Add(text, "", "09:00", "2026-10-06")
	}
	f.Fuzz(func(t *testing.T, text, column, from, to string) {
		const most = 50
		l, err := Read(strings.NewReader(text), Options{Column: column, From: from, To: to, Max: most, USDates: len(text)%2 == 0})
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
				t.Errorf("%q is more than a line", err)
			}
			return
		}
		if n := len(l.Times); n == 0 || n > most || !slices.IsSorted(l.Times) || l.Resolution < 0 || l.Resolution > time.Minute {
			t.Errorf("%+v", l)
		}
		if lines := strings.Count(text, "\n") + 1; len(l.Times)+l.Skipped.Total() > lines {
			t.Errorf("%+v: %d lines", l, lines)
		}
	})
}
