package seccomp_test

import (
	"fmt"

	"github.com/gostockade/stockade/seccomp"
)

func ExampleProfile_FormatJSON() {
	p := &seccomp.Profile{
		Default: seccomp.Errno(1),
		Arches:  []seccomp.Arch{seccomp.AMD64},
		Rules: []seccomp.Rule{
			{Names: []string{"read", "write"}, Action: seccomp.Allow},
			{Names: []string{"socket"}, Action: seccomp.Allow, Args: []seccomp.Arg{{Index: 0, Width: seccomp.Width32, Value: 1}}},
		},
	}
	text, err := p.FormatJSON()
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// {
	//   "default": "errno 1",
	//   "arches": [
	//     "amd64"
	//   ],
	//   "rules": [
	//     {
	//       "names": [
	//         "read",
	//         "write"
	//       ],
	//       "action": "allow"
	//     },
	//     {
	//       "names": [
	//         "socket"
	//       ],
	//       "action": "allow",
	//       "args": [
	//         {
	//           "index": 0,
	//           "width": 32,
	//           "value": 1
	//         }
	//       ]
	//     }
	//   ]
	// }
	// <nil>
}

func ExampleParseJSON() {
	_, err := seccomp.ParseJSON([]byte(`{
  "default": "errno 1",
  "rules": [{"names": ["opanat"], "action": "allow"}]
}`))
	fmt.Printf("%+v\n", err)
	// Output:
	// seccomp: 3:24: /rules/0/names/0: "opanat": unknown system call
	// 	  "rules": [{"names": ["opanat"], "action": "allow"}]
	// 	                       ^
}
