package gates

import (
	"encoding/xml"
	"io"
	"strings"

	"agistorm/analysis/gate"
	"agistorm/reports/lists"
	"agistorm/reports/plain"
	"agistorm/reports/words"
)

// The elements of the JUnit XML that CI servers read (the schema junit-10.xsd of Jenkins' xUnit plugin).
type junitSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Suite    junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes one test case for each gate and setting. One that could not be judged is an error, which is
// neither a failure nor a pass;
// so is one more, of the run as a whole, where there are doubts of it.
func JUnit(w io.Writer, v *gate.Verdict) error {
	suite := junitSuite{Name: "agistorm " + plain.Line(v.Scenario)}
	if v.Simulated {
		suite.Name += " (" + words.Simulated + ")"
	}
	suite.Cases = lists.Map(v.Results, func(r gate.Result) junitCase { return junitCaseOf(v, newRow(&r)) })
	if len(v.Doubts) > 0 {
		whole := row{
			Gate:    "the run can be judged",
			Setting: "all",
			Status:  gate.Inconclusive,
			Result:  strings.Join(doubts(v), " "),
		}
		suite.Cases = append(suite.Cases, junitCaseOf(v, whole))
	}
	for _, c := range suite.Cases {
		suite.Tests++
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	all := junitSuites{
		Name:     "agistorm",
		Tests:    suite.Tests,
		Failures: suite.Failures,
		Errors:   suite.Errors,
		Suite:    suite,
	}
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitCaseOf(v *gate.Verdict, r row) junitCase {
	c := junitCase{Class: "agistorm." + plain.Line(v.Scenario), Name: plain.Line(r.Gate + " [" + r.Setting + "]")}
	problem := &junitProblem{
		Message: plain.Line(
			r.Result,
		), Type: string(r.Status), Text: plain.Line(r.Gate + ", " + r.Setting + ": " + r.Result),
	}
	switch r.Status {
	case gate.Failed:
		c.Failure = problem
	case gate.Inconclusive:
		c.Error = problem
	}
	return c
}
