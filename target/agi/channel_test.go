package agi_test

import (
	"fmt"
	"strings"
	"testing"

	"agistorm/target/agi"
)

// exchange has the captured call "cid", a variable and two files that are missing.
func exchange(t *testing.T) *agi.Exchange {
	t.Helper()
	text := captured(t, "cid", "c2s")
	n, _, err := agi.NewEnvReader(agi.MaxEnvLine, agi.MaxEnvLines).Feed(text)
	if err != nil {
		t.Fatal(err)
	}
	return &agi.Exchange{
		Environment:  func(dst []byte, _ int) []byte { return append(dst, text[:n]...) },
		Variables:    map[string]string{"A": "first", "EMPTY": ""},
		MissingFiles: map[string]bool{"lost": true, "custom/lost too": true},
	}
}

// exchanged is a command and the reply that it must get.
type exchanged struct{ command, want string }

// converse gives commands to one channel, in order.
func converse(t *testing.T, x *agi.Exchange, all []exchanged) {
	t.Helper()
	var ch agi.Channel
	for _, c := range all {
		if got := replyTo(x, &ch, c.command); got != c.want+"\n" {
			t.Errorf("%s: %q, want %q", c.command, got, c.want)
		}
	}
}

// TestSaidByTheEnvironment: variables and functions have the values of the call's own environment.
func TestSaidByTheEnvironment(t *testing.T) {
	converse(t, exchange(t), []exchanged{
		{"GET VARIABLE CHANNEL", "200 result=1 (Local/cid@t-0000000b;2)"},
		{"GET VARIABLE UNIQUEID", "200 result=1 (1795326185.23)"},
		{"GET VARIABLE EXTEN", "200 result=1 (cid)"},
		{"GET VARIABLE CONTEXT", "200 result=1 (t)"},
		{"GET VARIABLE PRIORITY", "200 result=1 (9)"},
		{"GET VARIABLE CALLINGPRES", "200 result=1 (0)"},
		{"GET VARIABLE CALLINGANI2", "200 result=1 (7)"},
		{"GET VARIABLE CALLINGTON", "200 result=1 (0)"},
		{"GET VARIABLE CALLINGTNS", "200 result=1 (0)"},
		{"GET VARIABLE CALLERID(num)", "200 result=1 (15551230001)"},
		{"GET VARIABLE CALLERID(NUMBER)", "200 result=1 (15551230001)"},
		{"GET VARIABLE CALLERID(name)", "200 result=1 (Ada Lovelace)"},
		{"GET VARIABLE CALLERID(all)", `200 result=1 ("Ada Lovelace" <15551230001>)`},
		{"GET VARIABLE CALLERID(dnid)", "200 result=1 (18005550100)"},
		{"GET VARIABLE CALLERID(rdnis)", "200 result=1 (15557654321)"},
		{"GET VARIABLE CALLERID(ani2)", "200 result=1 (7)"},
		{"GET VARIABLE CHANNEL(name)", "200 result=1 (Local/cid@t-0000000b;2)"},
		{"GET VARIABLE CHANNEL(language)", "200 result=1 (en_GB)"},
		{"GET VARIABLE CHANNEL(channeltype)", "200 result=1 (Local)"},
		{"GET VARIABLE CHANNEL(accountcode)", "200 result=1 (acct9)"},
		{"GET VARIABLE VERSION()", "200 result=1 (GIT-master-f0c1c1a7b7)"},
		{"GET FULL VARIABLE ${CHANNEL}", "200 result=1 (Local/cid@t-0000000b;2)"},
		{"CHANNEL STATUS Local/cid@t-0000000b;2", "200 result=6"},
		{"GET FULL VARIABLE ${EXTEN} Local/cid@t-0000000b;2", "200 result=1 (cid)"},
		// Case counts; Asterisk has no such variables any more.
		{"GET VARIABLE channel", "200 result=0"},
		{"GET VARIABLE LANGUAGE", "200 result=0"},
		{"GET VARIABLE ACCOUNTCODE", "200 result=0"},
		{"GET VARIABLE callerid(num)", "200 result=0"},
		{"HANGUP Local/cid@t-0000000b;2", "200 result=1\nHANGUP"},
		{"GET VARIABLE EXTEN", "200 result=1 (cid)"},
	})
}

// TestUnknownCaller: where the environment says unknown, Asterisk has no value.
func TestUnknownCaller(t *testing.T) {
	env := agi.Environment{
		Channel: "PJSIP/a", Context: "unknown",
		CallerID: "unknown", CallerIDName: "unknown", DNID: "unknown", RDNIS: "unknown",
	}
	x := &agi.Exchange{Environment: func(dst []byte, _ int) []byte { return env.Append(dst) }}
	converse(t, x, []exchanged{
		{"GET VARIABLE CALLERID(num)", "200 result=1 ()"},
		{"GET VARIABLE CALLERID(name)", "200 result=1 ()"},
		{"GET VARIABLE CALLERID(all)", `200 result=1 ("" <>)`},
		{"GET VARIABLE CALLERID(dnid)", "200 result=1 ()"},
		{"GET VARIABLE CALLERID(rdnis)", "200 result=1 ()"},
		{"GET VARIABLE CONTEXT", "200 result=1 (unknown)"},
		{"GET VARIABLE EXTEN", "200 result=1 ()"},
	})
}

// TestFunctions: one that is unset holds nothing, one that Asterisk 22 does not have is no variable.
func TestFunctions(t *testing.T) {
	converse(t, exchange(t), []exchanged{
		{"GET VARIABLE CDR(userfield)", "200 result=1 ()"},
		{"GET VARIABLE DB(no/such)", "200 result=1 ()"},
		{"GET VARIABLE CHANNEL(userfield)", "200 result=1 ()"},
		{"GET VARIABLE NOSUCH(a)", "200 result=0"},
		{"GET VARIABLE cdr(userfield)", "200 result=0"},
		{"GET VARIABLE (a)", "200 result=0"},
		{"GET VARIABLE )", "200 result=0"},
		{"SET VARIABLE CDR(userfield) x", "200 result=1"},
		{"GET VARIABLE CDR(userfield)", "200 result=1 (x)"},
		{"SET VARIABLE NOSUCH(a) x", "200 result=1"},
		{"GET VARIABLE NOSUCH(a)", "200 result=0"},
	})
}

// TestExpressions: text and variables together.
func TestExpressions(t *testing.T) {
	converse(t, exchange(t), []exchanged{
		{"SET VARIABLE B 2", "200 result=1"},
		{"SET VARIABLE NAME A", "200 result=1"},
		{`GET FULL VARIABLE "${A}-${B}"`, "200 result=1 (first-2)"},
		{`GET FULL VARIABLE "x ${A} y ${NONE} z"`, "200 result=1 (x first y  z)"},
		{"GET FULL VARIABLE ${CALLERID(num)}@${CONTEXT}", "200 result=1 (15551230001@t)"},
		{"GET FULL VARIABLE ${${NAME}}", "200 result=1 (first)"},
		{"GET FULL VARIABLE ${CALLERID(${LOW})}", "200 result=1 ()"},
		{"GET FULL VARIABLE $${B}$", "200 result=1 ($2$)"},
		{"GET FULL VARIABLE ${B", "200 result=1 (2)"},
		{"GET FULL VARIABLE ${NOSUCH(a)}", "200 result=1 ()"},
		{"GET FULL VARIABLE ${}", "200 result=1 ()"},
		{"GET FULL VARIABLE $[${B}+1]", "200 result=1 ($[2+1])"},
		{`GET FULL VARIABLE ""`, "200 result=1 ()"},
	})
}

// TestExpressionsAreBounded: what a reader takes is not passed, however much is named and however deep.
func TestExpressionsAreBounded(t *testing.T) {
	x := &agi.Exchange{Variables: map[string]string{"LONG": strings.Repeat("x", 8000), "N": "N"}}
	for _, unit := range []string{"${LONG}", "${", "${LONG"} {
		text := strings.Repeat(unit, 1000)
		got := replyTo(x, &agi.Channel{}, "GET FULL VARIABLE "+text)
		if len(got) > agi.MaxReply+1 || !strings.HasPrefix(got, "200 result=1 (") || !strings.HasSuffix(got, ")\n") {
			t.Errorf("%s 1,000 times: %d bytes, %.30q", unit, len(got), got)
		}
	}
	converse(t, x, []exchanged{
		{"GET FULL VARIABLE " + strings.Repeat("${", 9) + "N" + strings.Repeat("}", 9), "200 result=1 (N)"},
		{"GET FULL VARIABLE " + strings.Repeat("${", 10) + "N" + strings.Repeat("}", 10), "200 result=1 ()"},
	})
}

// TestSetVariables: what a script sets it can read again, the last value of a name wins, and
// what the call had from its beginning is hidden by it, but not what Asterisk itself defines.
func TestSetVariables(t *testing.T) {
	converse(t, exchange(t), []exchanged{
		{"GET VARIABLE A", "200 result=1 (first)"},
		{"GET VARIABLE EMPTY", "200 result=1 ()"},
		{"GET VARIABLE B", "200 result=0"},
		{"SET VARIABLE A second", "200 result=1"},
		{"GET VARIABLE A", "200 result=1 (second)"},
		{`SET VARIABLE B "two words"`, "200 result=1"},
		{"SET VARIABLE A third", "200 result=1"},
		{"GET FULL VARIABLE ${A}", "200 result=1 (third)"},
		{"GET VARIABLE B", "200 result=1 (two words)"},
		{"SET VARIABLE", usage("SET VARIABLE <name> <value>")},
		{"SET VARIABLE C", usage("SET VARIABLE <name> <value>")},
		{"SET VARIABLE C two words", usage("SET VARIABLE <name> <value>")},
		{"GET VARIABLE C", "200 result=0"},
		{`SET VARIABLE D ""`, "200 result=1"},
		{"GET VARIABLE D", "200 result=1 ()"},
		{"SET VARIABLE __E 1", "200 result=1"},
		{"GET VARIABLE E", "200 result=1 (1)"},
		{"GET VARIABLE __E", "200 result=0"},
		{`SET VARIABLE "" 1`, "200 result=1"},
		{`GET VARIABLE ""`, "200 result=0"},
		{"SET VARIABLE EXTEN 1", "200 result=1"},
		{"GET VARIABLE EXTEN", "200 result=1 (cid)"},
	})
}

// TestPlaces: what changes the channel changes what is read.
func TestPlaces(t *testing.T) {
	converse(t, exchange(t), []exchanged{
		{"SET EXTENSION 600", "200 result=0"},
		{"GET VARIABLE EXTEN", "200 result=1 (600)"},
		{"SET CONTEXT sales", "200 result=0"},
		{"SET PRIORITY 3", "200 result=0"},
		{"GET FULL VARIABLE ${EXTEN}@${CONTEXT}:${PRIORITY}", "200 result=1 (600@sales:3)"},
		{"SET CALLERID 5550001", "200 result=1"},
		{"GET VARIABLE CALLERID(all)", `200 result=1 ("" <5550001>)`},
		{`SET CALLERID "Grace <5550002>"`, "200 result=1"},
		{"GET VARIABLE CALLERID(name)", "200 result=1 (Grace)"},
		{"GET VARIABLE CALLERID(num)", "200 result=1 (5550002)"},
		{`SET CALLERID "Hopper"`, "200 result=1"},
		{"GET VARIABLE CALLERID(all)", `200 result=1 ("Hopper" <>)`},
		{"SET CALLERID", "200 result=1"},
	})
}

// TestDatabase: entries are remembered within the call.
func TestDatabase(t *testing.T) {
	x := exchange(t)
	converse(t, x, []exchanged{
		{"DATABASE GET sales count", "200 result=0"},
		{"DATABASE PUT sales count 5", "200 result=1"},
		{"DATABASE GET sales count", "200 result=1 (5)"},
		{"GET VARIABLE DB(sales/count)", "200 result=1 (5)"},
		{"GET FULL VARIABLE <${DB(sales/count)}>", "200 result=1 (<5>)"},
		{"GET VARIABLE sales/count", "200 result=0"},
		{"SET VARIABLE /sales/count 7", "200 result=1"},
		{"DATABASE GET sales count", "200 result=1 (5)"},
		{`DATABASE PUT sales count ""`, "200 result=1"},
		{"DATABASE GET sales count", "200 result=1 ()"},
		{"SET VARIABLE DB(sales/count) 6", "200 result=1"},
		{"DATABASE GET sales count", "200 result=1 (6)"},
		{"DATABASE DEL sales count", "200 result=1"},
		{"DATABASE GET sales count", "200 result=0"},
		{"DATABASE DEL sales count", "200 result=1"},
		{"DATABASE PUT sales", usage("DATABASE PUT <family> <key> <value>")},
	})
	if got := replyTo(x, &agi.Channel{}, "DATABASE GET sales count"); got != "200 result=0\n" {
		t.Errorf("another call: %q", got)
	}
}

// TestDatabaseTrees: 0 where something was deleted, 1 where nothing was (res_agi.c, handle_dbdeltree).
func TestDatabaseTrees(t *testing.T) {
	converse(t, exchange(t), []exchanged{
		{"DATABASE DELTREE a", "200 result=1"},
		{"DATABASE PUT a b 1", "200 result=1"},
		{"DATABASE PUT a b/c 2", "200 result=1"},
		{"DATABASE PUT a bc 3", "200 result=1"},
		{"DATABASE PUT ab c 4", "200 result=1"},
		{"SET VARIABLE KEPT 5", "200 result=1"},
		{"DATABASE DELTREE a b", "200 result=0"},
		{"DATABASE GET a b", "200 result=0"},
		{"DATABASE GET a b/c", "200 result=0"},
		{"DATABASE GET a bc", "200 result=1 (3)"},
		{"DATABASE DELTREE a", "200 result=0"},
		{"DATABASE GET a bc", "200 result=0"},
		{"DATABASE GET ab c", "200 result=1 (4)"},
		{`DATABASE DELTREE "" c`, "200 result=1"},
		{`DATABASE DELTREE ""`, "200 result=0"},
		{"DATABASE GET ab c", "200 result=0"},
		{"GET VARIABLE KEPT", "200 result=1 (5)"},
	})
}

// TestMissingFiles: each command has its own way to say that it cannot open a file.
func TestMissingFiles(t *testing.T) {
	converse(t, exchange(t), []exchanged{
		{`STREAM FILE lost ""`, "200 result=-1 endpos=0"},
		{`STREAM FILE "custom/lost too" ""`, "200 result=-1 endpos=0"},
		{`STREAM FILE lost "" 0800`, "200 result=-1 endpos=800"},
		{`STREAM FILE lost "" 99999999999999999999`, "200 result=-1 endpos=9223372036854775807"},
		{"GET DATA lost", "200 result=-1"},
		{"GET DATA lost 2000 4", "200 result=-1"},
		{`CONTROL STREAM FILE lost ""`, "200 result=-1 endpos=-1"},
		{`GET OPTION lost ""`, "200 result=-1 endpos=0"},
		{`RECORD FILE lost wav # 100`, "200 result=-1 (writefile)"},
		{`STREAM FILE LOST ""`, "200 result=0 endpos=0"},
		{`STREAM FILE hello-world "" 800`, "200 result=0 endpos=0"},
		{"GET DATA beep", "200 result= (timeout)"},
		{`CONTROL STREAM FILE beep ""`, "200 result=0 endpos=0"},
		{`RECORD FILE tmp wav # 100`, "200 result=0 (timeout) endpos=0"},
		{`CONTROL STREAM FILE beep "" 1000 # * 0 many`,
			usage(
				"CONTROL STREAM FILE <file> <escape digits> [<skip ms>] [<forward>] [<rewind>] [<pause>] [<offset ms>]",
			)},
	})
}

// TestExec: an application that an Asterisk 22 does not have is -2.
func TestExec(t *testing.T) {
	converse(t, exchange(t), []exchanged{
		{"EXEC NoSuchApplication", "200 result=-2"},
		{"EXEC Playback hello-world", "200 result=0"},
		{"EXEC playback hello-world", "200 result=0"},
		{"EXEC DAHDISendCallreroutingFacility 1", "200 result=0"},
		{"EXEC Macro dial", "200 result=-2"}, // removed with Asterisk 21
		{"EXEC " + strings.Repeat("x", 100), "200 result=-2"},
		{`EXEC ""`, "200 result=-2"},
		{"EXEC", usage("EXEC <application> [<options>]")},
	})
}

// TestSpeechAndText: there is no speech engine, and no text comes.
func TestSpeechAndText(t *testing.T) {
	converse(t, exchange(t), []exchanged{
		{"SPEECH CREATE", "200 result=0"},
		{"SPEECH CREATE lumenvox", "200 result=0"},
		{"SPEECH SET name value", "200 result=0"},
		{"SPEECH SET name", usage("SPEECH SET <name> <value>")},
		{"SPEECH LOAD GRAMMAR g /path", "200 result=0"},
		{"SPEECH UNLOAD GRAMMAR g", "200 result=0"},
		{"SPEECH ACTIVATE GRAMMAR g", "200 result=0"},
		{"SPEECH DEACTIVATE GRAMMAR g", "200 result=0"},
		{"SPEECH RECOGNIZE beep 10", "200 result=0"},
		{"SPEECH DESTROY", "200 result=0"},
		{"SPEECH", "510 Invalid or unknown command"},
		{"RECEIVE CHAR 100", "200 result=-1 (hangup)"},
		{"RECEIVE TEXT 100", "200 result=-1"},
	})
}

// TestSetVariablesAreBounded: a script that never stops setting cannot fill the memory.
func TestSetVariablesAreBounded(t *testing.T) {
	var x agi.Exchange
	var ch agi.Channel
	for i := range 1000 {
		replyTo(&x, &ch, fmt.Sprintf("SET VARIABLE V%d %s", i, strings.Repeat("x", 100)))
	}
	if len(ch.Set) > agi.MaxSet {
		t.Errorf("%d bytes are kept, want %d at most", len(ch.Set), agi.MaxSet)
	}
	if got := replyTo(&x, &ch, "GET VARIABLE V0"); !strings.HasPrefix(got, "200 result=1 (xxx") {
		t.Errorf("V0 was forgotten: %q", got)
	}
	var again agi.Channel
	for i := range 1000 {
		replyTo(&x, &again, fmt.Sprintf("SET VARIABLE V %d", i))
	}
	if got := replyTo(&x, &again, "GET VARIABLE V"); got != "200 result=1 (999)\n" || len(again.Set) > 10 {
		t.Errorf("V set 1,000 times: %q, %d bytes kept", got, len(again.Set))
	}
}
