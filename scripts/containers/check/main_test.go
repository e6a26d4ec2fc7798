package main

import (
	"slices"
	"testing"
)

const planted = `clamped a1 128 0.0.0.0:80 nginx backlog-clamped
healthy b2 4096 [::]:80 server
`

func TestCompare(t *testing.T) {
	const (
		clamped = `{"address":"0.0.0.0","port":80,"process":"nginx","somaxconn":128,
			"container":{"id":"a1","name":"clamped"},"findings":[{"code":"backlog-clamped"}]}`
		healthy = `{"address":"::","port":80,"process":"server","somaxconn":4096,
			"container":{"id":"b2","name":"healthy"}}`
		outside = `{"address":"::","port":90,"process":"proxy","somaxconn":4096,"findings":[]}`
		faulty  = `{"address":"::","port":91,"process":"proxy","findings":[{"code":"listener-full"}]}`
		noName  = `{"address":"::","port":80,"process":"server","somaxconn":4096,"container":{"id":"b2"}}`
	)
	for name, c := range map[string]struct {
		listeners, only string
		nameless        bool
		want            []string
	}{
		"all is found": {listeners: clamped + "," + healthy + "," + outside},
		"one alone":    {listeners: healthy, only: "healthy"},
		"one is missing": {listeners: healthy, want: []string{
			"planted, but not found: clamped a1 128 0.0.0.0:80 nginx backlog-clamped"}},
		"an invented fault": {listeners: clamped + "," + healthy + "," + faulty, want: []string{
			"found, but not planted: - - - [::]:91 proxy listener-full"}},
		"without names": {listeners: noName, only: "healthy", nameless: true},
		"a name that cannot be seen": {listeners: healthy, only: "healthy", nameless: true, want: []string{
			"found, but not planted: healthy b2 4096 [::]:80 server",
			"planted, but not found:  b2 4096 [::]:80 server"}},
	} {
		got, err := compare(planted, []byte(`{"listeners":[`+c.listeners+`]}`), c.nameless, c.only)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
	for name, report := range map[string]string{"no JSON": "{", "planted wrongly": "{}"} {
		text := planted
		if report == "{}" {
			text = "clamped a1\n"
		}
		if _, err := compare(text, []byte(report), false, ""); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
