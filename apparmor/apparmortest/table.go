package apparmortest

import (
	"fmt"
	"strings"

	"github.com/gostockade/stockade/apparmor"
)

// line is one line of a table.
type line struct {
	number  int
	request apparmor.Request
	want    answer
}

// answer is what a line expects. Empty fields are not checked.
type answer struct {
	verdict    string // allow, deny, prompt or unmediated
	quiet      bool
	audited    bool
	transition string // "ix", "Px -> target", ...
}

// parseTable reads a table. It returns the lines that can be read and an error for each that cannot.
func parseTable(table string) (lines []line, errs []error) {
	for i, text := range strings.Split(table, "\n") {
		text = strings.TrimSpace(stripComment(text))
		if text == "" {
			continue
		}
		l, err := parseLine(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", i+1, err))
			continue
		}
		l.number = i + 1
		lines = append(lines, l)
	}
	return lines, errs
}

// stripComment drops a # at the start of the line or after a space, and what follows it.
func stripComment(s string) string {
	quoted := false
	for i := range len(s) {
		switch s[i] {
		case '"':
			quoted = !quoted
		case '#':
			if !quoted && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t') {
				return s[:i]
			}
		}
	}
	return s
}

// parseLine splits a line at its last verdict word. What stands before is the request.
func parseLine(text string) (line, error) {
	words := strings.Fields(text)
	at := -1
	for i, w := range words {
		switch w {
		case "allow", "deny", "prompt", "unmediated":
			at = i
		}
	}
	if at < 0 {
		return line{}, fmt.Errorf("%q: no answer; end the line with allow, deny, prompt or unmediated", text)
	}
	if at == 0 {
		return line{}, fmt.Errorf("%q: no request before %s", text, words[0])
	}
	want, err := parseAnswer(words[at:])
	if err != nil {
		return line{}, fmt.Errorf("%q: %w", text, err)
	}
	q, err := apparmor.ParseRequest(strings.TrimSpace(text[:lastWord(text, words[at], words[at+1:])]))
	if err != nil {
		return line{}, err
	}
	return line{request: q, want: want}, nil
}

// lastWord returns where the verdict word begins, given the words after it.
func lastWord(text, word string, after []string) int {
	rest := strings.TrimRight(text, " \t")
	for i := len(after) - 1; i >= 0; i-- {
		rest = strings.TrimRight(strings.TrimSuffix(rest, after[i]), " \t")
	}
	return len(rest) - len(word)
}

func parseAnswer(words []string) (answer, error) {
	a := answer{verdict: words[0]}
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "quiet":
			a.quiet = true
		case "audited":
			a.audited = true
		case "->":
			if a.verdict != "allow" || i+1 == len(words) {
				return a, fmt.Errorf("-> needs an allowed execution before it and a transition such as ix or Px after it")
			}
			a.transition = strings.Join(words[i+1:], " ")
			return a, nil
		default:
			return a, fmt.Errorf("unknown word %q after %s; quiet, audited and -> are known", words[i], words[0])
		}
	}
	if a.quiet && a.verdict != "deny" {
		return a, fmt.Errorf("only a denial can be quiet")
	}
	return a, nil
}

// mismatch says how a decision differs from what the line expects; "" if it does not.
func (a answer) mismatch(d apparmor.Decision) string {
	got := "deny"
	switch {
	case d.Unmediated:
		got = "unmediated"
	case d.Allowed:
		got = "allow"
	case d.Prompt:
		got = "prompt"
	}
	switch {
	case got != a.verdict:
		return fmt.Sprintf("got %s, want %s", got, a.verdict)
	case a.quiet && !d.Quiet:
		return "denied, but not quietly"
	case a.audited && !d.Audited:
		return got + ", but not logged"
	case a.transition == "":
		return ""
	case d.Transition == nil:
		return "no transition, want " + a.transition
	case d.Transition.String() != a.transition && d.Transition.ExecTransition.String() != a.transition:
		return fmt.Sprintf("transition %v, want %s", d.Transition, a.transition)
	}
	return ""
}
