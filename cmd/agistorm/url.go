package main

import (
	"fmt"
	"net"
	"strings"
)

// The schemes that begin a URL; a text without any gets the first. What has the second is only connected to.
const (
	agiScheme = "agi://"
	tcpScheme = "tcp://"
)

// defaultPorts are those of each scheme; FastAGI has its own (res_agi.c, AGI_PORT).
var defaultPorts = map[string]string{agiScheme: "4573", tcpScheme: ""}

// agiURL is agi://AUTHORITY/SCRIPT taken apart.
type agiURL struct {
	text, scheme, authority, host, port, script string
}

// parseURL takes [agi://]host[:port][/script][?query] apart as res_agi.c does, and tcp://host:port: the scheme in
// any case, the host up to the first slash, the script all the rest, undecoded.
func parseURL(text string) (agiURL, error) {
	u := splitURL(text)
	switch {
	case u.scheme == "":
		return u, fmt.Errorf("%q: want agi://HOST[:PORT][/SCRIPT], or tcp://HOST:PORT", u.text)
	case u.scheme == tcpScheme && u.script != "":
		return u, fmt.Errorf("%q: want tcp://HOST:PORT: what is only connected to runs no script", u.text)
	case strings.ContainsAny(text, "\r\n\x00"):
		return u, fmt.Errorf("%q: a line break would end a line of the environment", u.text)
	case !bracketed(u.authority):
		return u, fmt.Errorf("%q: want an IPv6 address in brackets, as in agi://[::1]:4573/script", u.text)
	}
	var err error
	if u.host, u.port, err = net.SplitHostPort(u.authority); err != nil {
		u.host, u.port = strings.Trim(u.authority, "[]"), defaultPorts[u.scheme]
	}
	switch {
	case u.host == "":
		return u, fmt.Errorf("%q: has no host", u.text)
	case u.port == "":
		return u, fmt.Errorf("%q: has no port: want %sHOST:PORT", u.text, u.scheme)
	}
	return u, nil
}

// bracketed reports whether an IPv6 address, and nothing else, stands in a pair of brackets.
func bracketed(authority string) bool {
	inner, isBracket := strings.CutPrefix(authority, "[")
	if !isBracket {
		return strings.Count(authority, ":") < 2 && !strings.ContainsAny(authority, "[]")
	}
	address, port, closed := strings.Cut(inner, "]")
	return closed && !strings.ContainsAny(address, "[") && (port == "" || port[0] == ':')
}

// splitURL cuts a URL into scheme, authority and script. The scheme is empty where it is unknown.
func splitURL(text string) agiURL {
	scheme, rest, _ := strings.Cut(text, "/")
	if !strings.HasSuffix(scheme, ":") || !strings.HasPrefix(rest, "/") {
		text = agiScheme + text
	}
	u := agiURL{text: text}
	for known := range defaultPorts {
		if len(text) >= len(known) && strings.EqualFold(text[:len(known)], known) {
			u.scheme = known
			u.authority, u.script, _ = strings.Cut(text[len(known):], "/")
		}
	}
	return u
}
