package apparmor_test

import (
	"fmt"

	"github.com/gostockade/stockade/apparmor"
	"github.com/gostockade/stockade/apparmor/syntax"
)

// policy parses and resolves text that needs no includes.
func policy(text string) *apparmor.Policy {
	file, err := syntax.ParseString("policy", text)
	if err != nil {
		panic(err)
	}
	p, err := apparmor.Resolve(file, nil)
	if err != nil {
		panic(err)
	}
	return p
}

func ExampleProfile_Evaluate() {
	p := policy("profile app { /etc/app.conf r, }")
	d, err := p.Profile("app").Evaluate(apparmor.File{Path: "/etc/app.conf", Access: apparmor.Read}, nil)
	fmt.Println(d.Allowed, err)
	// Output: true <nil>
}

func ExampleDiffPolicies() {
	before := policy("profile app { /etc/app.conf r, }")
	after := policy("profile app { /etc/app.* r, }\nprofile helper { }")
	changes, removed, added, err := apparmor.DiffPolicies(before, after, nil)
	fmt.Println(len(changes), removed, added, err)
	// Output: 1 [] [helper] <nil>
}

func ExampleEvaluator_EvaluatePeers() {
	e, err := apparmor.NewEvaluator(policy(`
profile master { signal send set=term peer=worker, }
profile worker { signal receive set=term peer=master, }`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := apparmor.ParseRequest("signal send set=term peer=worker")
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := e.EvaluatePeers("master", q)
	fmt.Println(d.Allowed, err)
	// Output: true <nil>
}

func ExampleEvaluator_Prepare() {
	e, err := apparmor.NewEvaluator(policy("profile app { /etc/app.conf r, }"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Prepare()) // from here on every answer is as fast as the next
	// Output: <nil>
}
