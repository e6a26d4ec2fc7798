package main

import "testing"

func TestParseURL(t *testing.T) {
	for _, c := range []struct {
		url  string
		want agiURL
	}{
		{"agi://127.0.0.1", agiURL{"", agiScheme, "127.0.0.1", "127.0.0.1", "4573", ""}},
		{"AGI://host:99/hello?x=%20&y=/z", agiURL{"", agiScheme, "host:99", "host", "99", "hello?x=%20&y=/z"}},
		{"agi://[::1]:4573/", agiURL{"", agiScheme, "[::1]:4573", "::1", "4573", ""}},
		{"agi://[::1]/a", agiURL{"", agiScheme, "[::1]", "::1", "4573", "a"}},
		{"localhost", agiURL{"agi://localhost", agiScheme, "localhost", "localhost", "4573", ""}},
		{
			"localhost:99/x?http://z",
			agiURL{"agi://localhost:99/x?http://z", agiScheme, "localhost:99", "localhost", "99", "x?http://z"},
		},
		{"[::1]/a//b", agiURL{"agi://[::1]/a//b", agiScheme, "[::1]", "::1", "4573", "a//b"}},
		{"tcp://127.0.0.1:8080", agiURL{"", tcpScheme, "127.0.0.1:8080", "127.0.0.1", "8080", ""}},
		{"TCP://[::1]:80/", agiURL{"", tcpScheme, "[::1]:80", "::1", "80", ""}},
	} {
		if c.want.text == "" {
			c.want.text = c.url
		}
		if got, err := parseURL(c.url); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.url, got, err, c.want)
		}
	}
	for _, url := range []string{
		"", "agi:", "http://a/", "agi://", "agi:///x", "agi://a:", "::1", "agi://a/b\nc", "agi://a\n/b",
		"tcp://a", "tcp://a:1/x", "agi://[::1", "agi://[::1/x", "agi://[::1]x", "agi://::1]", "agi://[[::1]]",
		"tcp://[::1:80",
		"agi://a]",
	} {
		if got, err := parseURL(url); err == nil {
			t.Errorf("%q: %+v, want an error", url, got)
		}
	}
}
