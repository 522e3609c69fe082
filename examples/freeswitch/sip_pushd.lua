-- What the two other scripts have in common: how sip-pushd is asked. Needs mod_curl.

local sip_pushd = { gateway = "http://127.0.0.1:45059" }

-- mod_curl decodes what is to be posted.
local function escape(text)
	return (text:gsub("[^%w%-._~]", function (character) return string.format("%%%02X", character:byte()); end));
end

local function quote(text)
	return '"' .. text:gsub('[%c"\\]', function (character) return string.format("\\u%04x", character:byte()); end) .. '"';
end

local function encode(fields)
	local members = {};
	for name, value in pairs(fields) do
		if value ~= "" then members[#members + 1] = quote(name) .. ":" .. quote(value); end
	end
	return "{" .. table.concat(members, ",") .. "}";
end

-- `header`: NAME:VALUE, without blanks. `seconds`: how long the answer may take; mod_curl by itself sets no limit, and the call waits with it.
-- mod_curl reads ten words: a key of a gateway that is not on loopback goes into the address above, https://freeswitch:KEY@push.example.org:45060.
function sip_pushd.post(path, fields, header, seconds)
	local options = "content-type application/json timeout " .. (seconds or 1) .. (header and (" append_headers " .. header) or "");
	local arguments = table.concat({ sip_pushd.gateway .. path, options, "post", escape(encode(fields)) }, " ");
	return freeswitch.API():execute("curl", arguments) or "";
end

function sip_pushd.tell(call_id, event)
	sip_pushd.post("/v1/calls/" .. escape(call_id) .. "/events", { event = event });
end

return sip_pushd;
