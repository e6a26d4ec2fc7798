package calllog

import (
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
