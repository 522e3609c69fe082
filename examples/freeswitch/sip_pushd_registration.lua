-- Runs for every REGISTER, see lua.conf.xml: a call that waits for the phone goes on, and the phone is known by the tokens in its Contact.

local sip_pushd = require "sip_pushd";

local domain = event:getHeader("from-host") or "";
sip_pushd.post("/v1/registrations", {
	aor = (event:getHeader("from-user") or "") .. "@" .. domain;
	contact = event:getHeader("contact") or "";
	user_agent = event:getHeader("user-agent") or "";
}, nil, 5);
