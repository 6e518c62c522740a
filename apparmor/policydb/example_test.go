package policydb_test

import (
	"fmt"
	"os"

	"github.com/gostockade/stockade/apparmor/policydb"
)

func ExampleDecode() {
	data, err := os.ReadFile("testdata/small.bin")
	if err != nil {
		fmt.Println(err)
		return
	}
	profiles, err := policydb.Decode(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range profiles {
		fmt.Println(p.Name, p.Mode)
	}
	// Output:
	// small complain
	// small//child enforce
	// small//hat enforce
}

func ExampleDFA_Step() {
	data, _ := os.ReadFile("testdata/small.bin")
	profiles, _ := policydb.Decode(data)
	files := profiles[0].File.DFA
	state := uint32(1)
	for _, c := range []byte("/etc/passwd") {
		state = files.Step(state, c)
	}
	fmt.Printf("%#x\n", files.Accept[state]) // r for the owner, r for others
	// Output: 0x10004
}

func ExampleDFA_Run() {
	data, _ := os.ReadFile("testdata/small.bin")
	profiles, _ := policydb.Decode(data)
	files := profiles[0].File.DFA
	fmt.Printf("%#x\n", files.Accept[files.Run(1, "/etc/passwd")]) // r for the owner, r for others
	// Output: 0x10004
}
