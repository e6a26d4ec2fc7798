package reports

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis"
	"agistorm/reports/words"
)

// sysctlPath is where an administrator puts the setting.
const sysctlPath = "/etc/sysctl.d/90-listen-queue.conf"

// dropIn is a file that an administrator can copy as it is; agistorm itself changes no setting.
type dropIn struct {
	// Name of the file in the run directory's folder for them.
	Name string
	// For is the kind of system that it is for.
	For string
	// Path is where it goes.
	Path string
	// Live says how it takes effect.
	Live    words.Prose
	Content string
}

// dropInNames are all that there may be.
var dropInNames = []string{"90-listen-queue.conf", "backlog.conf", "compose.yaml", "pod.yaml"}

// dropIns are the files for a recommendation.
func dropIns(s *analysis.Summary) []dropIn {
	rec := s.Recommendation
	why := provenance(s)
	files := []dropIn{composeFile(rec, why), podFile(rec, why)}
	if mayBeSocketUnit(s) {
		files = append([]dropIn{systemdSocket(rec, why)}, files...)
	}
	if n, known := hostSomaxconn(s); !hostIsEnough(s) &&
		(known && n < rec.Backlog || rec.Change != analysis.ChangeApplication) {
		files = append([]dropIn{sysctlFile(rec, why)}, files...)
	}
	return files
}

// mayBeSocketUnit reports whether a systemd socket unit can be what listens: it is, it is the remedy, or what listens
// is not known.
func mayBeSocketUnit(s *analysis.Summary) bool {
	p := runOf(s).ServerProcess
	return p == nil || len(p.Kinds) == 0 || slices.Contains(p.Kinds, "systemd") || slices.Contains(p.Kinds, "xinetd")
}

// hostSomaxconn is what the host itself had during the run, or the namespace of a server that was running already;
// false where that is not known.
func hostSomaxconn(s *analysis.Summary) (int, bool) {
	if here := s.Recommendation.Here; here != nil {
		return *here, true
	}
	n, err := strconv.Atoi(runOf(s).Host.Sysctls[somaxconn])
	return n, err == nil
}

// hostIsEnough reports whether the host has what is recommended or more: a file with less would lower it for every
// other server.
func hostIsEnough(s *analysis.Summary) bool {
	n, known := hostSomaxconn(s)
	return known && n >= s.Recommendation.Somaxconn
}

// namespaceSomaxconn is what a fresh network namespace, such as a container's, starts with (SOMAXCONN in the
// kernel's include/linux/socket.h
// since Linux 5.4): no file sets it to less.
const namespaceSomaxconn = 4096

func containerSomaxconn(rec *analysis.Recommendation) int {
	return max(rec.Somaxconn, namespaceSomaxconn)
}

// provenance is a comment that says where a number comes from. What is no plain word is left out: files are
// copied unread.
func provenance(s *analysis.Summary) string {
	run := runOf(s)
	what := "by agistorm"
	if plainWord.MatchString(run.Version) {
		what += " " + run.Version
	}
	if plainWord.MatchString(run.Scenario.Name) {
		what += ", scenario " + run.Scenario.Name
	}
	if !run.Started.IsZero() {
		what += ", " + words.UTC(run.Started)
	}
	provisional := ""
	if s.Recommendation != nil && s.Recommendation.Provisional {
		provisional = "# Provisional: the run was not conclusive.\n"
	}
	if run.Simulated != nil {
		return "# Simulated " + what + "; not measured.\n" + provisional
	}
	return "# Measured " + what + ".\n" + provisional
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9._+-]+$`)

func sysctlFile(rec *analysis.Recommendation, why string) dropIn {
	return dropIn{
		Name: dropInNames[0], For: "a host", Path: sysctlPath,
		Live:    words.LiveSysctl,
		Content: why + sysctlLine(rec.Somaxconn) + "\n",
	}
}

func systemdSocket(rec *analysis.Recommendation, why string) dropIn {
	return dropIn{
		Name: dropInNames[1], For: "a systemd socket unit", Path: "/etc/systemd/system/NAME.socket.d/backlog.conf",
		Live:    words.LiveSystemd,
		Content: why + "[Socket]\nBacklog=" + strconv.Itoa(rec.Backlog) + "\n",
	}
}

func composeFile(rec *analysis.Recommendation, why string) dropIn {
	n := strconv.Itoa(containerSomaxconn(rec))
	return dropIn{
		Name: dropInNames[2], For: "a container, beside the service's other keys", Path: "compose.yaml",
		Live:    words.Prose(words.LiveCompose.With(somaxconn + "=" + n)),
		Content: why + yamlLines("services:", "  NAME:", "    sysctls:", "      "+somaxconn+": "+n),
	}
}

func podFile(rec *analysis.Recommendation, why string) dropIn {
	return dropIn{
		Name: dropInNames[3], For: "a Kubernetes pod, in its template", Path: "pod.yaml",
		Live: words.Prose(words.LivePod.With(somaxconn)),
		Content: why + yamlLines("spec:", "  securityContext:", "    sysctls:", "      - name: "+somaxconn,
			fmt.Sprintf("        value: %q", strconv.Itoa(containerSomaxconn(rec)))),
	}
}

func yamlLines(lines ...string) string { return strings.Join(lines, "\n") + "\n" }
