-- sip_pushd_call.lua USER: calls a user whose phones may be asleep. From the dialplan, see dialplan.xml.

local sip_pushd = require "sip_pushd";
local user = argv[1];
local domain = session:getVariable("domain_name");
local call_id = session:get_uuid();
local api = freeswitch.API();

-- Two seconds at a time: meanwhile nobody looks at a caller who hangs up.
local wait, answer_within, most_waits = "Prefer:wait=2", 4, 13;

-- By what the attempt to reach the phones has come to. Any other end of it is that no phone was reached.
local events = setmetatable({
	SUCCESS = false;
	USER_BUSY = "declined";
	CALL_REJECTED = "declined";
	ORIGINATOR_CANCEL = "cancel";
}, { __index = function () return "missed"; end });

-- An app writes what it likes into its Contact. In a dial string a comma or a bar begins another phone, and ${…} a variable or an API call:
-- only a comma before a whole contact is one, and other characters that no SIP URI needs as they are get encoded.
local function encode_contacts(contacts)
	local phones = {};
	for phone in contacts:gsub(",(sofia/[%w_.-]+/sips?:)", "\n%1"):gmatch("[^\n]+") do
		if phone:find("^sofia/[%w_.-]+/sips?:") then
			phones[#phones + 1] = phone:gsub("[^%w_.~:@;=/%%+&?*!%[%]-]", function (character)
				return string.format("%%%02X", character:byte());
			end);
		end
	end
	return phones[1] and table.concat(phones, ",");
end

local function find_contacts()
	local contacts = api:execute("sofia_contact", "*/" .. user .. "@" .. domain) or "";
	return encode_contacts(contacts);
end

local function ring(header, seconds)
	return sip_pushd.post("/v1/calls", {
		call_id = call_id;
		callee = user;
		domain = domain;
		caller = session:getVariable("caller_id_number") or "";
		display_name = session:getVariable("caller_id_name") or "";
	}, header, seconds);
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
		local answer = ring(wait, answer_within);
		contacts = find_contacts();
		if contacts or not session:ready() or not answer:find('"verdict":"timeout"', 1, true) then break; end
	end
end

if not session:ready() then
	tell("cancel");
elseif not contacts then
	tell("missed");
	session:hangup("NO_USER_RESPONSE");
else
	-- The app finds the same id in the push and in the INVITE: it shows one call and not two.
	session:execute("export", "nolocal:sip_h_X-Push-ID=" .. call_id);
	session:setVariable("execute_on_answer", "lua sip_pushd_event.lua " .. call_id .. " answered");
	session:execute("bridge", contacts);
	local event = events[session:getVariable("originate_disposition")];
	if event then tell(event); end
end
