package scrape

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// start serves a page on a free port.
func start(t *testing.T, write func(io.Writer) error) (address string, stop func()) {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop = Serve(socket, Page{"text/x-page", write})
	t.Cleanup(stop)
	return socket.Addr().String(), stop
}

func here(w io.Writer) error {
	_, err := io.WriteString(w, "here")
	return err
}

// TestClient: the client of net/http reads the page, one after the other and HEAD too.
func TestClient(t *testing.T) {
	at, _ := start(t, here)
	for range 3 {
		answer, err := http.Get("http://" + at + Path + "?x=y")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		kind := answer.Header.Get("Content-Type")
		if err != nil || string(body) != "here" || kind != "text/x-page" || answer.StatusCode != 200 {
			t.Errorf("%v %q %v", answer, body, err)
		}
	}
	answer, err := http.Head("http://" + at + Path)
	if err != nil || answer.ContentLength != 4 || answer.StatusCode != 200 {
		t.Errorf("HEAD: %v %v", answer, err)
	}
}

// TestAnswers: what each request gets.
func TestAnswers(t *testing.T) {
	const host = "Host: 127.0.0.1:9573\r\n"
	for request, want := range map[string]string{
		"GET /metrics HTTP/1.1\r\n" + host + "\r\n":                       "200 OK",
		"GET /metrics HTTP/1.1\n" + "Host: localhost\n\n":                 "200 OK",
		"GET /metrics HTTP/1.1\r\nhost:[::1]:9573\r\nAccept: */*\r\n\r\n": "200 OK",
		"GET /metrics HTTP/1.0\r\n\r\n":                                   "200 OK",
		"GET /metrics HTTP/1.1\r\n\r\n":                                   string(badRequest),
		"GET /metrics HTTP/1.1\r\n" + host + host + "\r\n":                string(badRequest),
		"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n":             string(otherHost),
		"GET /metrics HTTP/1.1\r\nHost: evil.example:9573\r\n\r\n":        string(otherHost),
		"GET / HTTP/1.1\r\n" + host + "\r\n":                              string(notFound),
		"GET /metricsx HTTP/1.1\r\n" + host + "\r\n":                      string(notFound),
		"POST /metrics HTTP/1.1\r\n" + host + "\r\n":                      string(badMethod),
		"GET /metrics HTTP/2.0\r\n" + host + "\r\n":                       string(badVersion),
		"GET /metrics\r\n\r\n":                                            string(badRequest),
		"GET  /metrics HTTP/1.1\r\n\r\n":                                  string(badRequest),
		"GET /metrics HTTP/1.1\r\nno colon\r\n\r\n":                       string(badRequest),
		"GET /metrics HTTP/1.1\r\n folded: x\r\n\r\n":                     string(badRequest),
		"\x16\x03\x01\x02\x00\n":                                          string(badRequest),
		"GET /" + strings.Repeat("x", longest):                            string(tooLong),
		"GET /metrics HTTP/1.1\r\nX: " + strings.Repeat("x", longest):     string(tooLong),
	} {
		at, _ := start(t, here)
		if got := ask(t, at, request); got != want {
			t.Errorf("%.60q: %q, want %q", request, got, want)
		}
	}
	at, _ := start(t, func(io.Writer) error { return errors.New("no page") })
	if got := ask(t, at, "GET /metrics HTTP/1.0\r\n\r\n"); got != string(unable) {
		t.Errorf("a page that cannot be written: %q", got)
	}
}

// ask returns the status of the answer to a request.
func ask(t *testing.T, at, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		t.Errorf("%.60q: %v", request, err)
	}
	_, status, _ := strings.Cut(strings.TrimSpace(line), " ")
	return status
}

// TestOtherAddresses: where anybody may ask, any name is a host.
func TestOtherAddresses(t *testing.T) {
	s := &server{Page: Page{"text/plain", here}}
	if got := s.judge(request{"GET", Path, "metrics.example"}); got != "" {
		t.Error(got)
	}
	s.loopback = true
	if got := s.judge(request{"GET", Path, "metrics.example"}); got != otherHost {
		t.Error(got)
	}
}

// TestClientsWait: those beyond the limit are served when others have gone.
func TestClientsWait(t *testing.T) {
	at, _ := start(t, here)
	var idle []net.Conn
	for range Clients {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, c)
	}
	answered := make(chan string, 1)
	go func() { answered <- ask(t, at, "GET /metrics HTTP/1.0\r\n\r\n") }()
	select {
	case got := <-answered:
		t.Errorf("%q though all places are taken", got)
	case <-time.After(100 * time.Millisecond):
	}
	for _, c := range idle {
		c.Close()
	}
	if got := <-answered; got != "200 OK" {
		t.Error(got)
	}
}

// TestStop: it closes what is open, whether all places are taken or none is.
func TestStop(t *testing.T) {
	for _, clients := range []int{0, 1, Clients, Clients + 3} {
		t.Run(fmt.Sprint(clients), func(t *testing.T) {
			at, stop := start(t, here)
			var open []net.Conn
			for range clients {
				c, err := net.Dial("tcp", at)
				if err != nil {
					t.Fatal(err)
				}
				open = append(open, c)
			}
			stop()
			for _, c := range open {
				if n, err := c.Read(make([]byte, 1)); err == nil {
					t.Errorf("%d bytes", n)
				}
				c.Close()
			}
			if _, err := net.Dial("tcp", at); err == nil {
				t.Error("it still listens")
			}
			stop()
		})
	}
}

// FuzzRequest: whatever the bytes, they are read within the limit, and the answer is one.
func FuzzRequest(f *testing.F) {
	f.Add("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
	f.Add("GET /metrics HTTP/1.0\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := readRequest(strings.NewReader(text))
		s := &server{Page: Page{"text/plain", here}, loopback: true}
		text = string(s.answer(r, err))
		answer, bad := http.ReadResponse(bufio.NewReader(strings.NewReader(text)), &http.Request{Method: r.method})
		if bad != nil || err == nil && answer.StatusCode == 200 && r.host != "" && !isLocalName(r.host) {
			t.Errorf("%q: %v %v", text, answer, bad)
		}
	})
}
