package main

import (
	"fmt"
	"net"
	"strings"
)

// agiPort is FastAGI's own (res_agi.c, AGI_PORT).
const agiPort = "4573"

// agiScheme begins every URL; a text without any scheme gets it.
const agiScheme = "agi://"

// agiURL is agi://AUTHORITY/SCRIPT taken apart.
type agiURL struct {
	text, authority, host, port, script string
}

// parseURL takes [agi://]host[:port][/script][?query] apart as res_agi.c does: the scheme in any case, the
// host up to the first slash, the script all the rest, undecoded.
func parseURL(text string) (agiURL, error) {
	scheme, rest, _ := strings.Cut(text, "/")
	if !strings.HasSuffix(scheme, ":") || !strings.HasPrefix(rest, "/") {
		text = agiScheme + text
	}
	if len(text) < len(agiScheme) || !strings.EqualFold(text[:len(agiScheme)], agiScheme) {
		return agiURL{}, fmt.Errorf("%q: want agi://HOST[:PORT][/SCRIPT]", text)
	}
	u := agiURL{text: text}
	u.authority, u.script, _ = strings.Cut(text[len(agiScheme):], "/")
	if strings.ContainsAny(text, "\r\n\x00") {
		return agiURL{}, fmt.Errorf("%q: a line break would end a line of the environment", text)
	}
	var err error
	if u.host, u.port, err = net.SplitHostPort(u.authority); err != nil {
		u.host, u.port = strings.Trim(u.authority, "[]"), agiPort
	}
	switch {
	case strings.Count(u.authority, ":") > 1 && u.authority[0] != '[':
		return agiURL{}, fmt.Errorf("%q: want an IPv6 address in brackets, as in agi://[::1]:4573/script", text)
	case u.host == "":
		return agiURL{}, fmt.Errorf("%q: has no host", text)
	case u.port == "":
		return agiURL{}, fmt.Errorf("%q: has no port behind the colon", text)
	}
	return u, nil
}
