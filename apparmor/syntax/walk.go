package syntax

// Walk calls fn for every statement of a list and of the bodies within, in source order, each statement before what is in
// it. Where fn returns false, the statement's body and else branches are left out.
func Walk(stmts []Stmt, fn func(Stmt) bool) {
	for _, st := range stmts {
		walk(st, fn)
	}
}

func walk(st Stmt, fn func(Stmt) bool) {
	if !fn(st) {
		return
	}
	switch st := st.(type) {
	case *Profile:
		Walk(st.Body.Stmts, fn)
	case *Block:
		Walk(st.Body.Stmts, fn)
	case *If:
		Walk(st.Body.Stmts, fn)
		if st.Else != nil {
			walk(st.Else, fn)
		}
	}
}
