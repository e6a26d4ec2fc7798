package main

import (
	"slices"
	"testing"

	"github.com/spf13/pflag"
)

func flagsOf(t *testing.T, verb string) *pflag.FlagSet {
	t.Helper()
	flags := pflag.NewFlagSet(verb, pflag.ContinueOnError)
	for _, v := range verbs() {
		if v.name == verb {
			v.flags(flags)
		}
	}
	return flags
}

func TestFromEnvironment(t *testing.T) {
	for name, tt := range map[string]struct {
		environ []string
		err     string
		calls   string
		unknown []string
	}{
		"a flag":                 {[]string{"AGISTORM_CALLS=7", "HOME=/root"}, "", "7", nil},
		"empty is none":          {[]string{"AGISTORM_CALLS=", "AGISTORM_CALS="}, "", "0", nil},
		"another verb's":         {[]string{"AGISTORM_LISTEN=127.0.0.1:1"}, "", "0", nil},
		"nobody's":               {[]string{"AGISTORM_CALS=7", "AGISTORM_CALLS=8"}, "", "8", []string{"AGISTORM_CALS"}},
		"a value that is none":   {[]string{"AGISTORM_CALLS=many"}, `AGISTORM_CALLS in the environment: invalid argument "many" for "--calls" flag: strconv.ParseInt: parsing "many": invalid syntax`, "0", nil},
		"two words in its name":  {[]string{"AGISTORM_CONNECT_LIMIT=3s"}, "", "0", nil},
		"no name of ours at all": {[]string{"XAGISTORM_CALS=7", "AGISTORM=7"}, "", "0", nil},
	} {
		flags := flagsOf(t, "sweep")
		got := ""
		unknown, err := fromEnvironment(flags, tt.environ)
		if err != nil {
			got = err.Error()
		}
		if calls := flags.Lookup("calls").Value.String(); got != tt.err || calls != tt.calls || !slices.Equal(unknown, tt.unknown) {
			t.Errorf("%s: error %q, calls %s, unknown %q, want %q, %s and %q", name, got, calls, unknown, tt.err, tt.calls, tt.unknown)
		}
	}
	flags := flagsOf(t, "sweep")
	if err := flags.Parse([]string{"--calls=3"}); err != nil {
		t.Fatal(err)
	}
	if _, err := fromEnvironment(flags, []string{"AGISTORM_CALLS=7"}); err != nil || flags.Lookup("calls").Value.String() != "3" {
		t.Errorf("a flag must win over the environment: %v, %v", flags.Lookup("calls").Value, err)
	}
}

func TestRepeatable(t *testing.T) {
	flags := flagsOf(t, "storm")
	if err := flags.Parse([]string{"agi://127.0.0.1/x", "-n", "50", "-o", "here", "--quiet", "--start-at", "+1s"}); err != nil {
		t.Fatal(err)
	}
	if _, err := fromEnvironment(flags, []string{"AGISTORM_CONNECT_LIMIT=3s", "AGISTORM_OUTPUT=there"}); err != nil {
		t.Fatal(err)
	}
	want := []string{"agistorm", "storm", "agi://127.0.0.1/x", "--calls=50", "--connect-limit=3s"}
	got := repeatable("storm", flags)
	slices.Sort(got[3:])
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	again := flagsOf(t, "storm")
	if err := again.Parse(got[2:]); err != nil || again.Lookup("calls").Value.String() != "50" {
		t.Errorf("it cannot be typed again: %v", err)
	}
}
