package syntax

// expression reads "x or y".
func (p *parser) expression() Expr {
	defer p.nest()()
	x := p.andExpr()
	for p.tok.kind == kwOr {
		pos := p.pos(p.tok.start)
		p.advance()
		x = &BinaryExpr{ExprNode: ExprNode{pos}, Or: true, X: x, Y: p.andExpr()}
	}
	return x
}

func (p *parser) andExpr() Expr {
	x := p.notExpr()
	for p.tok.kind == kwAnd {
		pos := p.pos(p.tok.start)
		p.advance()
		x = &BinaryExpr{ExprNode: ExprNode{pos}, X: x, Y: p.notExpr()}
	}
	return x
}

func (p *parser) notExpr() Expr {
	if p.tok.kind != kwNot {
		return p.factor()
	}
	defer p.nest()()
	pos := p.pos(p.tok.start)
	p.advance()
	return &NotExpr{ExprNode{pos}, p.notExpr()}
}

const exprHint = "an expression is $bool, defined @{X}, @{X} == value, true or false, joined by and, or, not and parentheses"

func (p *parser) factor() Expr {
	at := ExprNode{p.pos(p.tok.start)}
	switch p.tok.kind {
	case tokBoolVar:
		e := &BoolExpr{at, varName(p.text(p.tok))}
		p.advance()
		return e
	case kwDefined:
		p.advance()
		if p.tok.kind != tokSetVar && p.tok.kind != tokBoolVar {
			p.unexpected("a variable", "defined @{X} or defined $X")
		}
		e := &DefinedExpr{at, varName(p.text(p.tok)), p.tok.kind == tokBoolVar}
		p.advance()
		return e
	case tokLParen:
		p.advance()
		e := &ParenExpr{at, p.expression()}
		p.expect(tokRParen, `")"`, "")
		return e
	case tokID, tokSetVar:
		return p.comparison(at)
	}
	p.unexpected("an expression", exprHint)
	return nil
}

func (p *parser) comparison(at ExprNode) Expr {
	x := p.text(p.tok)
	p.advance()
	var op CompareOp
	switch p.tok.kind {
	case tokEQ:
		op = CompareEq
	case tokNE:
		op = CompareNe
	case kwIn:
		op = CompareIn
	case tokLT:
		op = CompareLt
	case tokLE:
		op = CompareLe
	case tokGT:
		op = CompareGt
	case tokGE:
		op = CompareGe
	default:
		return &ValueExpr{at, x}
	}
	p.advance()
	if p.tok.kind != tokID && p.tok.kind != tokSetVar {
		p.unexpected("a value or variable", exprHint)
	}
	y := p.text(p.tok)
	p.advance()
	return &CompareExpr{at, op, x, y}
}
