package seccomp

import (
	"fmt"
	"strings"

	bpfx "github.com/gostockade/stockade/internal/bpf"
)

// DOT returns the program as a graph in the language of Graphviz: a box for each stretch of instructions that control enters
// only at its first and leaves only after its last, arrows for jumps, those of a comparison labelled with its outcome.
func (p *Program) DOT() string {
	lines := bpfx.Lines(p.code, p.target.BigEndian(), programNames{p.target})
	starts := p.blockStarts()
	var b strings.Builder
	b.WriteString("digraph program {\n\tnode [shape=box, fontname=monospace];\n\tedge [fontname=monospace];\n")
	for pc := 0; pc < len(p.code); {
		end := pc + 1
		for end < len(p.code) && !starts[end] {
			end++
		}
		fmt.Fprintf(&b, "\tn%d [label=\"", pc)
		for i, l := range lines[pc:end] {
			if l.Comment != "" {
				l.Text += "  ; " + l.Comment
			}
			fmt.Fprintf(&b, "%d: %s\\l", pc+i, l.Text)
		}
		b.WriteString("\"];\n")
		p.dotEdges(&b, pc, end-1)
		pc = end
	}
	b.WriteString("}\n")
	return b.String()
}

// blockStarts marks the instructions that begin a box: the targets of jumps and what follows a jump or a return.
func (p *Program) blockStarts() []bool {
	starts := make([]bool, len(p.code)+1)
	starts[0] = true
	for pc := range p.code {
		yes, no, ok := bpfx.Successors(p.code, pc)
		if ok && yes == pc+1 && no == pc+1 {
			continue
		}
		starts[pc+1] = true
		if ok {
			starts[yes], starts[no] = true, true
		}
	}
	return starts
}

func (p *Program) dotEdges(b *strings.Builder, block, last int) {
	yes, no, ok := bpfx.Successors(p.code, last)
	switch {
	case !ok:
	case yes == no:
		fmt.Fprintf(b, "\tn%d -> n%d;\n", block, yes)
	default:
		fmt.Fprintf(b, "\tn%d -> n%d [label=yes];\n\tn%d -> n%d [label=no, style=dashed];\n", block, yes, block, no)
	}
}
