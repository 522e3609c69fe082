-- Tells sip-pushd of messages that nobody is there to read, so that it wakes the phones. For Prosody 0.12; see README.md.
-- MIT licence, as the rest of sip-pushd.

local http = require "net.http";
local jid = require "util.jid";
local json = require "util.json";
local sha256 = require "util.hashes".sha256;
local add_task = require "util.timer".add_task;
local uuid = require "util.uuid".generate;

local url = module:get_option_string("sip_pushd_url", "http://127.0.0.1:8080"):gsub("/+$", "") .. "/v1/pushes";
local key = module:get_option_string("sip_pushd_key");
local show_text = module:get_option_boolean("sip_pushd_show_text", true);
local sound = module:get_option_string("sip_pushd_sound", "default");

-- Seconds until the next try, where the gateway was away or overloaded. The push keeps its name: taken twice, it is still one.
local retry_after = { 1, 5, 25 };
local longest_text, longest_name = 1000, 100;

local function post(push, tries)
	local headers = { ["Content-Type"] = "application/json" };
	if key then headers["Authorization"] = "Bearer " .. key; end
	http.request(url, { body = json.encode(push), headers = headers }, function (answer, code)
		if code >= 200 and code < 300 then
			module:log("debug", "sip-pushd has taken a push for %s", push.callee);
		elseif code == 404 then
			module:log("debug", "%s has no phone", push.callee);
		elseif (code == 0 or code == 429 or code >= 500) and retry_after[tries] then
			module:log("info", "sip-pushd said %d (%s); once more in %d s", code, tostring(answer), retry_after[tries]);
			add_task(retry_after[tries], function () post(push, tries + 1); end);
		else
			module:log("error", "sip-pushd has not taken a push for %s: %d (%s)", push.callee, code, tostring(answer));
		end
	end);
end

-- Not in the midst of a character.
local function shorten(text, longest)
	if #text <= longest then return text; end
	return text:sub(1, longest):gsub("[\192-\255][\128-\191]*$", "") .. "…";
end

-- Who invites, and where to: by XEP-0249, or through the room.
local function read_invitation(stanza)
	local direct = stanza:get_child("x", "jabber:x:conference");
	if direct and direct.attr.jid then return jid.bare(stanza.attr.from), direct.attr.jid; end
	local by_room = stanza:get_child("x", "http://jabber.org/protocol/muc#user");
	local invite = by_room and by_room:get_child("invite");
	if invite then return jid.bare(invite.attr.from or stanza.attr.from), jid.bare(stanza.attr.from); end
end

local function read_text(stanza)
	local body = stanza:get_child_text("body");
	if body and body ~= "" then return body; end
	local is_encrypted = stanza:get_child("encrypted", "eu.siacs.conversations.axolotl")
		or stanza:get_child("encrypted", "urn:xmpp:omemo:2");
	return is_encrypted and "(encrypted)" or nil;
end

-- nil: nothing that a person would want to be woken for, e.g. a chat state.
local function build_push(callee, stanza)
	local kind = stanza.attr.type or "normal";
	if kind ~= "chat" and kind ~= "normal" then return nil; end
	local sender = jid.bare(stanza.attr.from);
	local inviter, room = read_invitation(stanza);
	local text = inviter and ("Invitation to " .. room) or read_text(stanza);
	if not text then return nil; end
	text = shorten(text, longest_text);
	sender = inviter or sender;
	local name = shorten(stanza:get_child_text("nick", "http://jabber.org/protocol/nick") or sender, longest_name);
	-- The same stanza comes again, once for each of the callee's lost connections and when they are given up.
	local id = stanza.attr.id and sha256(table.concat({ callee, stanza.attr.from, stanza.attr.id, text }, "\n"), true);
	return {
		kind = inviter and "invite" or "message";
		callee = callee;
		caller = sender;
		push_id = id or uuid();
		alert = "Message from " .. name .. (show_text and (":\n" .. text) or "");
		sound = sound;
		data = {
			type = inviter and "invite" or "message";
			message = show_text and text or nil;
			sender_jid = sender;
			sender_name = name;
			room_jid = room;
		};
	};
end

local function wake(username, stanza)
	if stanza.name ~= "message" then return; end
	local push = build_push(jid.join(username, module.host), stanza);
	if push then post(push, 1); end
end

-- Nobody is connected. Before mod_offline, which ends the matter.
module:hook("message/offline/handle", function (event)
	wake(event.username or jid.node(event.stanza.attr.to), event.stanza);
end, 1);

local function is_somebody_awake(username)
	local user = prosody.bare_sessions[jid.join(username, module.host)];
	for _, session in pairs(user and user.sessions or {}) do
		if session.presence and not session.hibernating then return true; end
	end
end

-- With mod_smacks a connection that was lost counts as one for some minutes, and holds the messages back.
module:hook("smacks-hibernation-stanza-queued", function (event)
	local username = event.origin.username;
	if username and not is_somebody_awake(username) then wake(username, event.stanza); end
end);

-- What was sent to a phone that had gone already.
module:hook("smacks-hibernation-start", function (event)
	local username = event.origin.username;
	if not username or is_somebody_awake(username) then return; end
	for _, stanza in ipairs(event.queue) do wake(username, stanza); end
end);
