package kerneltest

import (
	"slices"
	"strings"
)

// rewriteSources returns the entries of an apt sources file that serve the distribution named from, changed to serve the one
// named to: from=bookworm to=trixie turns bookworm-security into trixie-security. Entries of other repositories, disabled ones
// and ones without the main component are left out, so the result is empty when the file has nothing to offer. The format
// (deb822 for a name ending in .sources, one line per entry otherwise) stays as it was. See sources.list(5).
func rewriteSources(name, text, from, to string) string {
	if strings.HasSuffix(name, ".sources") {
		return rewriteStanzas(text, from, to)
	}
	return rewriteLines(text, from, to)
}

func rewriteStanzas(text, from, to string) string {
	var out strings.Builder
	for stanza := range strings.SplitSeq(text, "\n\n") {
		if s, ok := rewriteStanza(stanza, from, to); ok {
			out.WriteString(s)
			out.WriteString("\n")
		}
	}
	return out.String()
}

func rewriteStanza(stanza, from, to string) (string, bool) {
	var out strings.Builder
	var suites, main, enabled, skip bool
	enabled = true
	for line := range strings.Lines(stanza) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' { // continues the field above, as an inline key does
			if !skip {
				out.WriteString(line + "\n")
			}
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		skip = false
		switch strings.ToLower(field) {
		case "suites":
			words := rewriteSuites(strings.Fields(value), from, to)
			suites = len(words) > 0
			line = "Suites: " + strings.Join(words, " ")
		case "components":
			main = slices.Contains(strings.Fields(value), "main")
			line = "Components: main"
		case "types":
			line = "Types: deb"
		case "enabled":
			enabled = strings.TrimSpace(value) != "no"
		case "architectures":
			skip = true
			continue
		}
		out.WriteString(line + "\n")
	}
	return out.String(), suites && main && enabled
}

func rewriteLines(text, from, to string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != "deb" {
			continue
		}
		words = words[1:]
		var options string
		if strings.HasPrefix(words[0], "[") {
			end := slices.IndexFunc(words, func(w string) bool { return strings.HasSuffix(w, "]") })
			if end < 0 {
				continue
			}
			kept := slices.DeleteFunc(strings.Fields(strings.Trim(strings.Join(words[:end+1], " "), "[]")), func(w string) bool {
				return strings.HasPrefix(w, "arch=")
			})
			if len(kept) > 0 {
				options = "[" + strings.Join(kept, " ") + "] "
			}
			words = words[end+1:]
		}
		if len(words) < 3 || !slices.Contains(words[2:], "main") {
			continue
		}
		for _, suite := range rewriteSuites(words[1:2], from, to) {
			out.WriteString("deb " + options + words[0] + " " + suite + " main\n")
		}
	}
	return out.String()
}

// rewriteSuites keeps the suites of the distribution from and names those of to: "from", "from-updates", "from/updates".
func rewriteSuites(suites []string, from, to string) []string {
	var out []string
	for _, s := range suites {
		rest, ok := strings.CutPrefix(s, from)
		if ok && (rest == "" || rest[0] == '-' || rest[0] == '/') {
			out = append(out, to+rest)
		}
	}
	return out
}
