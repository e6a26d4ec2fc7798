package agi_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"agistorm/target/agi"
)

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"":                              nil,
		" \t ":                          nil,
		"NOOP":                          {"NOOP"},
		"  get\tvariable  EXTEN ":       {"get", "variable", "EXTEN"},
		`VERBOSE "agi storm" 1`:         {"VERBOSE", "agi storm", "1"},
		`SET VARIABLE X ""`:             {"SET", "VARIABLE", "X", ""},
		`a"b c"d`:                       {"ab cd"},
		`a\ b \"c\" "d\"e" f\\`:         {"a b", `"c"`, `d"e`, `f\`},
		`"open to the end`:              {"open to the end"},
		"cut\x00here":                   {"cut"},
		"carriage return\r":             {"carriage", "return\r"},
		`lone\`:                         {"lone"},
		`\`:                             nil,
		strings.Repeat("w ", 200):       slices.Repeat([]string{"w"}, agi.MaxWords),
		strings.Repeat("\"q\" ", 128):   slices.Repeat([]string{"q"}, agi.MaxWords),
		"\"\" \"\" " + `"a""b" "c"x"y"`: {"", "", "ab", "cxy"},
	} {
		var got []string
		for _, w := range agi.Split(nil, []byte(line)) {
			got = append(got, string(w))
		}
		if !slices.Equal(got, want) {
			t.Errorf("Split(%q) = %q, want %q", line, got, want)
		}
	}
}

// replyTo is what an exchange answers to a command of a channel.
func replyTo(x *agi.Exchange, ch *agi.Channel, command string) string {
	return string(x.AppendReply(nil, 0, ch, []byte(command)))
}

func TestAppendReply(t *testing.T) {
	x := agi.Exchange{Variables: map[string]string{"X": "a (b)"}}
	for command, want := range map[string]string{
		"NOOP":                             "200 result=0",
		"noop anything else":               "200 result=0",
		`VERBOSE "agistorm" 1`:             "200 result=1",
		"SET VARIABLE AGISTORM 1":          "200 result=1",
		"GET VARIABLE X":                   "200 result=1 (a (b))",
		"GET VARIABLE Y":                   "200 result=0",
		"GET VARIABLE CHANNEL":             "200 result=0",
		"GET FULL VARIABLE ${X}":           "200 result=1 (a (b))",
		"GET FULL VARIABLE ${Y}":           "200 result=1 ()",
		"GET FULL VARIABLE text":           "200 result=1 (text)",
		"GET FULL VARIABLE ${X} SIP/other": "200 result=0",
		"ANSWER":                           "200 result=0",
		"CHANNEL STATUS":                   "200 result=6",
		"CHANNEL STATUS SIP/other":         "200 result=-1",
		"HANGUP SIP/other":                 "200 result=-1",
		`STREAM FILE hello-world ""`:       "200 result=0 endpos=0",
		"WAIT FOR DIGIT 100":               "200 result=0",
		"GET DATA beep":                    "200 result= (timeout)",
		"":                                 "510 Invalid or unknown command",
		"NOOPS":                            "510 Invalid or unknown command",
		"GET":                              "510 Invalid or unknown command",
		"GOSUB a b c":                      "510 Invalid or unknown command",
		"GET VARIABLE":                     usage("GET VARIABLE <name>"),
		"SAY NUMBER many #":                usage("SAY NUMBER <number> <escape digits> [<gender>]"),
		"HANGUP":                           "200 result=1\nHANGUP",
	} {
		var ch agi.Channel
		if got := string(x.AppendReply([]byte("before "), 0, &ch, []byte(command))); got != "before "+want+"\n" {
			t.Errorf("%s: got %q, want %q", command, got, want)
		}
		if ch.HungUp != (command == "HANGUP") {
			t.Errorf("%s: hung up: %v", command, ch.HungUp)
		}
	}
}

// usage is the reply to wrong words, without its last line feed.
func usage(words string) string {
	return "520-Invalid command syntax.  Proper usage follows:\nUsage: " + words + "\n520 End of proper usage."
}

func TestAppendReplyOnADeadChannel(t *testing.T) {
	for command, want := range map[string]string{
		"ANSWER":               "511 ",
		"HANGUP":               "511 ",
		"NOOP":                 "200 ",
		"GET VARIABLE X":       "200 ",
		"SET VARIABLE X 1":     "200 ",
		"VERBOSE x":            "200 ",
		"STREAM FILE x":        "511 ",
		"GET VARIABLE":         "520-",
		"database put a b c":   "200 ",
		"nobody knows this":    "510 ",
		"WAIT FOR DIGIT never": "511 ",
		"SPEECH CREATE":        "511 ",
		"SPEECH DESTROY":       "200 ",
	} {
		ch := agi.Channel{HungUp: true}
		if got := replyTo(&agi.Exchange{}, &ch, command); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %s", command, got, want)
		}
	}
}

// readReply reads one reply without its line feed.
func readReply(line string) (agi.Reply, bool, error) {
	var r agi.ReplyReader
	reply, _, ok, err := r.Next([]byte(line + "\n"))
	return reply, ok, err
}

func TestReadReply(t *testing.T) {
	for line, want := range map[string]agi.Reply{
		"200 result=0":                                {Code: 200},
		"200 result=-1":                               {Code: 200},
		"200 result=1 (a) b (c))":                     {Code: 200},
		"200 result=1 ()":                             {Code: 200},
		"200 result=1 (digit) digit=5 endpos=77":      {Code: 200},
		"200 result=0 endpos=many":                    {Code: 200},
		"200 result=1 (unclosed":                      {Code: 200},
		"200 result= (timeout)":                       {Code: 200},
		"200 result=0123#":                            {Code: 200},
		"100 result=0 Trying...":                      {Code: 100},
		"510 Invalid or unknown command":              {Code: 510},
		"511 Command Not Permitted on a dead channel": {Code: 511},
		"520 Invalid command syntax.":                 {Code: 520},
		"HANGUP":                                      {HangUp: true},
	} {
		if got, ok, err := readReply(line); err != nil || !ok || got != want {
			t.Errorf("%s: got %+v, ok %v, %v, want %+v", line, got, ok, err, want)
		}
	}
	for _, line := range []string{
		"", "200", "200 ", "200 OK", "2x0 result=0", "+20 result=0", "000-x", "hangup", "\x16\x03\x01", "200result=0",
	} {
		if _, ok, err := readReply(line); ok || !errors.Is(err, agi.ErrSyntax) {
			t.Errorf("%q: ok %v, got %v, want ErrSyntax", line, ok, err)
		}
	}
}

func TestReplyOfSeveralLines(t *testing.T) {
	text := []byte(replyTo(&agi.Exchange{}, &agi.Channel{}, "GET VARIABLE"))
	text = append(text, "520-First\n520-within\n521 within\n\n520 last\nHANGUP\n"...)
	got := replies(t, text)
	if len(got) != 3 || got[0].Code != 520 || got[1].Code != 520 || !got[2].HangUp {
		t.Fatalf("got %+v", got)
	}
}

func TestReplyLimits(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"endless line":  {strings.Repeat("2", agi.MaxReply+1), agi.ErrLimit},
		"endless usage": {"520-x\n" + strings.Repeat("u\n", agi.MaxUsageLines+1), agi.ErrLimit},
		"noise":         {"\x00\xff\n", agi.ErrSyntax},
	} {
		var r agi.ReplyReader
		if _, _, ok, err := r.Next([]byte(c.text)); ok || !errors.Is(err, c.want) {
			t.Errorf("%s: ok %v, %v, want %v", name, ok, err, c.want)
		}
		r.Reset()
		if reply, _, ok, err := r.Next([]byte("200 result=0\n")); !ok || err != nil || reply.Code != 200 {
			t.Errorf("%s, after Reset: %+v, ok %v, %v", name, reply, ok, err)
		}
	}
}

func TestEnvironmentLimits(t *testing.T) {
	const line, lines = 20, 3
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"longest":         {"agi_a: " + strings.Repeat("x", line-7) + "\n\n", nil},
		"one byte more":   {"agi_a: " + strings.Repeat("x", line-6) + "\n\n", agi.ErrLimit},
		"no line feed":    {strings.Repeat("x", line+1), agi.ErrLimit},
		"most lines":      {strings.Repeat("a: \n", lines) + "\n", nil},
		"one line more":   {strings.Repeat("a: \n", lines+1) + "\n", agi.ErrLimit},
		"no colon":        {"agi_a\n", agi.ErrSyntax},
		"no name":         {": x\n", agi.ErrSyntax},
		"blank in a name": {"agi a: x\n", agi.ErrSyntax},
		"noise":           {"\x16\x03\x01\x02:\n", agi.ErrSyntax},
		"CRLF":            {"a: b\r\n\r\n", agi.ErrSyntax},
	} {
		r := agi.NewEnvReader(line, lines)
		_, done, err := r.Feed([]byte(c.text))
		if !errors.Is(err, c.want) || done != (c.want == nil) {
			t.Errorf("%s: done %v, %v, want %v", name, done, err, c.want)
		}
	}
}

func TestUnknownVariablesAreKept(t *testing.T) {
	text := "agi_network: yes\nagi_new: 1\nagi_request: agi://h\nagi_request: again\n" +
		"request: bare\nagi_arg_2: late\nagi_arg_1: a\nagi_empty:\n\n"
	env, others, err := agi.ParseEnvironment([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []agi.Variable{{"agi_new", "1"}, {"agi_request", "again"}, {"request", "bare"}, {"agi_arg_2", "late"},
		{"agi_empty", ""}}
	if !slices.Equal(others, want) || env.Request != "agi://h" || !slices.Equal(env.Args, []string{"a"}) {
		t.Errorf("got %+v and %v", env, others)
	}
	r := agi.NewEnvReader(agi.MaxEnvLine, agi.MaxEnvLines)
	if _, _, err := r.Feed([]byte(text)); err != nil || len(r.Variables()) != 8 {
		t.Errorf("%d variables, %v", len(r.Variables()), err)
	}
}

func TestParseEnvironmentErrors(t *testing.T) {
	for _, text := range []string{"", "a: b\n", "a: b\n\nmore"} {
		if _, _, err := agi.ParseEnvironment([]byte(text)); !errors.Is(err, agi.ErrSyntax) {
			t.Errorf("%q: got %v, want ErrSyntax", text, err)
		}
	}
}

func TestCommandLimit(t *testing.T) {
	var r agi.CommandReader
	longest := strings.Repeat("x", agi.MaxCommand)
	if line, _, ok, err := r.Next([]byte(longest + "\n")); !ok || err != nil || len(line) != agi.MaxCommand {
		t.Errorf("the longest command: %d bytes, ok %v, %v", len(line), ok, err)
	}
	if _, _, _, err := r.Next([]byte(longest + "x")); !errors.Is(err, agi.ErrLimit) {
		t.Errorf("one byte more: %v, want ErrLimit", err)
	}
}

func TestAppendAllocatesNothing(t *testing.T) {
	env := agi.Environment{Script: "s", Request: "agi://127.0.0.1/s", Args: []string{"one", "two"}}
	x := agi.Exchange{
		Environment: func(dst []byte, _ int) []byte { return env.Append(dst) }, Variables: map[string]string{"X": "v"},
	}
	ch := agi.Channel{Set: make([]byte, 0, 64)}
	buf := make([]byte, 0, 4096)
	reply := func(command string) func() {
		line := []byte(command)
		return func() { buf = x.AppendReply(buf[:0], 0, &ch, line) }
	}
	for name, f := range map[string]func(){
		"environment": func() { buf = env.Append(buf[:0]) },
		"VERBOSE":     reply(`VERBOSE "agistorm" 1`),
		"GET":         reply("GET VARIABLE X"),
		"SET":         reply("SET VARIABLE AGISTORM 1"),
		"GET it":      reply("GET VARIABLE AGISTORM"),
		"channel":     reply("GET VARIABLE CHANNEL"),
		"caller":      reply("GET VARIABLE CALLERID(num)"),
		"expression":  reply("GET FULL VARIABLE ${UNIQUEID}-${X}"),
		"STREAM FILE": reply(`STREAM FILE hello-world ""`),
		"EXEC":        reply("EXEC Playback hello-world"),
		"wrong":       reply("SAY NUMBER x y"),
		"unknown":     reply("NOBODY KNOWS"),
		"command":     func() { buf = agi.AppendCommand(buf[:0], "VERBOSE", "two words", "1") },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
