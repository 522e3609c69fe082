-- As much of FreeSWITCH as the example's scripts see. lua5.4 freeswitch-double.lua SCRIPT GATEWAY STATE [ARGUMENT…]
-- STATE is a folder: `contacts` in it is what sofia_contact finds, once it is there; `event.HEADER` are an event's headers.

local script, gateway, state = arg[1], arg[2], arg[3];
argv = { table.unpack(arg, 4) };
package.path = script:match("^(.*)/") .. "/?.lua;" .. package.path;

local function read(name)
	local file = io.open(state .. "/" .. name);
	local text = file and file:read("a");
	if file then file:close(); end
	return text;
end

local function shell(text) return "'" .. text:gsub("'", "'\\''") .. "'"; end

-- mod_curl: url, options, then the method and what is posted, which it decodes.
local function curl(arguments)
	local words = {};
	for word in arguments:gmatch("%S+") do words[#words + 1] = word; end
	local command = { "curl -sS", shell((words[1]:gsub("^http://127%.0%.0%.1:45059", gateway))) };
	local at = 2;
	while words[at] do
		local option, value = words[at], words[at + 1] or "";
		if option == "content-type" then command[#command + 1] = "-H " .. shell("Content-Type: " .. value);
		elseif option == "timeout" then command[#command + 1] = "--max-time " .. shell(value);
		elseif option == "append_headers" then command[#command + 1] = "-H " .. shell(value);
		elseif option == "post" then
			local decoded = value:gsub("%%(%x%x)", function (hex) return string.char(tonumber(hex, 16)); end);
			command[#command + 1] = "--data-binary " .. shell(decoded);
		else error("mod_curl knows no " .. option); end
		at = at + 2;
	end
	command = table.concat(command, " ");
	if #words > 10 then error("mod_curl reads ten words"); end
	if not command:find("--max-time", 1, true) then error("mod_curl would wait for minutes"); end
	local pipe = io.popen(command);
	local answer = pipe:read("a");
	pipe:close();
	return answer;
end

freeswitch = {
	API = function ()
		return { execute = function (_, name, arguments)
			if name == "curl" then return curl(arguments); end
			if name == "sofia_contact" then return read("contacts") or "error/user_not_registered"; end
			error("no API " .. name);
		end };
	end;
};

local variables = {
	domain_name = "example.org", caller_id_number = "+4315551234", caller_id_name = 'Bob & "Co"',
	originate_disposition = os.getenv("DISPOSITION") or "SUCCESS",
};
session = {
	get_uuid = function () return "6f9692a5-fe74-56a8-a0f1-3b6b0fd9466d"; end;
	getVariable = function (_, name) return variables[name]; end;
	setVariable = function (_, name, value) variables[name] = value; end;
	ready = function () return not read("hung-up"); end;
	execute = function (_, name, data)
		print(name, data or "");
		if name == "bridge" then
			local answered = variables.originate_disposition == "SUCCESS" and variables.execute_on_answer;
			local called = answered and { answered:match("^lua (%S+) (%S+) (%S+)$") };
			if called then
				local folder = script:match("^(.*)/");
				argv = { called[2], called[3] };
				dofile(folder .. "/" .. called[1]);
			end
		end
	end;
	hangup = function (_, cause) print("hangup", cause); end;
};
event = { getHeader = function (_, name) return read("event." .. name); end };

dofile(script);
