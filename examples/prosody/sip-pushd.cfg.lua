-- /etc/prosody/conf.d/sip-pushd.cfg.lua, with mod_sip_pushd.lua in /usr/local/lib/prosody/modules/.

VirtualHost "example.org"
	-- Beside the modules that are enabled for all hosts.
	modules_enabled = { "sip_pushd" }
	sip_pushd_url = "http://127.0.0.1:8080"

	-- Not on loopback: https://, and a key of the gateway's auth.keys.
	-- sip_pushd_key = "at least sixteen random characters"

	-- What people write stays out of the push: the app fetches it.
	-- sip_pushd_show_text = false

	-- A sound that the app brings along.
	-- sip_pushd_sound = "incoming_message.caf"
