package caller

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestClientCheck(t *testing.T) {
	for _, c := range []struct {
		client Client
		want   string
	}{
		{Client{}, ""},
		{Client{Name: SingleWrite, Args: []string{"a"}, Think: time.Second}, ""},
		{Client{Name: "sip"}, `client "sip": want asterisk, single-write, connect-only`},
		{Client{Think: -1}, "think time -1ns: want 0"},
		{Client{HangUpAfter: time.Hour}, "hang-up after 1h0m0s"},
		{Client{Args: make([]string, 128)}, "128 arguments"},
		{Client{Args: []string{"ok", "a\nb"}}, `argument 2, "a\nb": a line break`},
		{Client{Variables: map[string]string{"A": "x\ny"}}, "want NAME=VALUE"},
		{Client{Name: ConnectOnly, Args: []string{"a"}}, "connect-only says nothing"},
		{Client{Name: ConnectOnly, MissingFiles: []string{"a"}}, "connect-only says nothing"},
		{Client{MissingFiles: []string{"lost", ""}}, `missing file "": want a name as the script gives it`},
		{Client{MissingFiles: []string{"a\nb"}}, `missing file "a\nb"`},
	} {
		expect(t, fmt.Sprintf("%+v", c.client), c.client.Check(), c.want)
	}
}

func TestClientFit(t *testing.T) {
	limits := Limits{Session: 30 * time.Second}
	expect(t, "29 s", Client{Think: 29 * time.Second, HangUpAfter: 29 * time.Second}.Fit(limits), "")
	expect(t, "think", Client{Think: 30 * time.Second}.Fit(limits),
		"think time 30s: want less than the session timeout, 30s")
	expect(t, "hang up", Client{HangUpAfter: time.Minute}.Fit(limits), "hang-up after 1m0s: want less")
}

func TestParseSources(t *testing.T) {
	for _, c := range []struct{ text, want, err string }{
		{"127.0.0.5", "127.0.0.5", ""},
		{"127.0.0.0/30, 10.0.0.9", "127.0.0.1 127.0.0.2 10.0.0.9", ""},
		{"127.0.0.8/31", "127.0.0.8 127.0.0.9", ""},
		{"::ffff:10.0.0.1", "10.0.0.1", ""},
		{"fd00::/127", "fd00:: fd00::1", ""},
		{"127.0.0.7/29", "127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6", ""},
		{"127.0.0.0/8", "", "more than 65536 addresses"},
		{"fd00::/64", "", "more than 65536 addresses"},
		{"", "", `source "": want IP addresses or prefixes`},
		{"224.0.0.1", "", "source 224.0.0.1: no host has that address"},
		{"127.0.0.1,239.0.0.0/30", "", "source 239.0.0.1: no host"},
		{"0.0.0.0", "", "source 0.0.0.0: no host"},
		{"0.0.0.0/30", "", "source 0.0.0.1: no host"},
		{"255.255.255.255", "", "source 255.255.255.255: no host"},
		{"127.255.255.255", "", "source 127.255.255.255: no host"},
		{"::", "", "source ::: no host"},
		{"ff02::1", "", "source ff02::1: no host"},
		{"::ffff:224.0.0.1", "", "source 224.0.0.1: no host"},
		{"localhost", "", `source "localhost": want IP addresses`},
		{"10.0.0.0/16,10.1.0.0/16", "", "more than 65536"},
	} {
		got, err := ParseSources(c.text)
		expect(t, c.text, err, c.err)
		var words []string
		for _, a := range got {
			words = append(words, a.String())
		}
		if err == nil && strings.Join(words, " ") != c.want {
			t.Errorf("%q: %v, want %s", c.text, words, c.want)
		}
	}
}

// expect fails unless err has want in it; an empty want is no error.
func expect(t *testing.T, what string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}
