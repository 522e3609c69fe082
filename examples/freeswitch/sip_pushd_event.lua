-- sip_pushd_event.lua CALL_ID EVENT: tells sip-pushd what has happened to a call. execute_on_answer runs it.

require("sip_pushd").tell(argv[1], argv[2]);
