-- sip_pushd_call.lua USER: calls a user whose phones may be asleep. From the dialplan, see dialplan.xml.

local sip_pushd = require "sip_pushd";
local user = argv[1];
local domain = session:getVariable("domain_name");
local call_id = session:get_uuid();
local api = freeswitch.API();

-- Two seconds at a time: meanwhile nobody looks at a caller who hangs up.
local wait, most_waits = "Prefer:wait=2", 13;

-- By what the attempt to reach the phones has come to. Any other end of it is that the caller has hung up.
local events = setmetatable({
	SUCCESS = false;
	USER_BUSY = "declined";
	CALL_REJECTED = "declined";
	NO_ANSWER = "missed";
	ALLOTTED_TIMEOUT = "missed";
}, { __index = function () return "cancel"; end });

local function find_contacts()
	local contacts = api:execute("sofia_contact", "*/" .. user .. "@" .. domain) or "";
	return contacts:find("sofia/", 1, true) and contacts or nil;
end

local function ring(header)
	return sip_pushd.post("/v1/calls", {
		call_id = call_id;
		callee = user;
		domain = domain;
		caller = session:getVariable("caller_id_number") or "";
		display_name = session:getVariable("caller_id_name") or "";
	}, header);
end

local function tell(event)
	sip_pushd.tell(call_id, event);
end

session:execute("ring_ready");
local contacts = find_contacts();
if contacts then
	-- A phone that is there is called at once; the others are woken beside it.
	ring();
else
	-- Held until a phone has come, or none can come. Asked again it is the same call, and one push.
	for _ = 1, most_waits do
		local answer = ring(wait);
		contacts = find_contacts();
		if contacts or not session:ready() or not answer:find('"verdict":"timeout"', 1, true) then break; end
	end
end

if not session:ready() then
	tell("cancel");
elseif not contacts then
	session:hangup("NO_USER_RESPONSE");
else
	-- The app finds the same id in the push and in the INVITE: it shows one call and not two.
	session:execute("export", "nolocal:sip_h_X-Push-ID=" .. call_id);
	session:setVariable("execute_on_answer", "lua sip_pushd_event.lua " .. call_id .. " answered");
	session:execute("bridge", contacts);
	local event = events[session:getVariable("originate_disposition")];
	if event then tell(event); end
end
