package main

import (
	"fmt"
	"net"
	"strings"
)

// agiPort is FastAGI's own (res_agi.c, AGI_PORT).
const agiPort = "4573"

// The schemes that begin a URL; a text without any gets the first. What has the second is only connected to.
const (
	agiScheme = "agi://"
	tcpScheme = "tcp://"
)

// agiURL is agi://AUTHORITY/SCRIPT taken apart.
type agiURL struct {
	text, scheme, authority, host, port, script string
}

// parseURL takes [agi://]host[:port][/script][?query] apart as res_agi.c does, and tcp://host:port: the scheme in
// any case, the host up to the first slash, the script all the rest, undecoded.
func parseURL(text string) (agiURL, error) {
	scheme, rest, _ := strings.Cut(text, "/")
	if !strings.HasSuffix(scheme, ":") || !strings.HasPrefix(rest, "/") {
		text = agiScheme + text
	}
	u := agiURL{text: text}
	for _, known := range []string{agiScheme, tcpScheme} {
		if len(text) >= len(known) && strings.EqualFold(text[:len(known)], known) {
			u.scheme = known
			u.authority, u.script, _ = strings.Cut(text[len(known):], "/")
		}
	}
	switch {
	case u.scheme == "":
		return u, fmt.Errorf("%q: want agi://HOST[:PORT][/SCRIPT], or tcp://HOST:PORT", text)
	case u.scheme == tcpScheme && u.script != "":
		return u, fmt.Errorf("%q: want tcp://HOST:PORT: what is only connected to runs no script", text)
	case strings.ContainsAny(text, "\r\n\x00"):
		return u, fmt.Errorf("%q: a line break would end a line of the environment", text)
	}
	var err error
	if u.host, u.port, err = net.SplitHostPort(u.authority); err != nil {
		u.host = strings.Trim(u.authority, "[]")
		if u.scheme == agiScheme {
			u.port = agiPort
		}
	}
	switch {
	case strings.Count(u.authority, ":") > 1 && u.authority[0] != '[':
		return agiURL{}, fmt.Errorf("%q: want an IPv6 address in brackets, as in agi://[::1]:4573/script", text)
	case u.host == "":
		return agiURL{}, fmt.Errorf("%q: has no host", text)
	case u.port == "" && u.scheme == tcpScheme:
		return agiURL{}, fmt.Errorf("%q: has no port: want tcp://HOST:PORT", text)
	case u.port == "":
		return agiURL{}, fmt.Errorf("%q: has no port behind the colon", text)
	}
	return u, nil
}
