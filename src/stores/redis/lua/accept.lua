#!lua
-- Detects a repeat, checks preferences, chooses devices, then writes the push and leases it to the caller. Without
-- allow-oom: a full Redis refuses this script before its first line.
local id, token, request, queue, callee, domain = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local dedup, fingerprint, is_explicit = dedup_key(ARGV[8]), ARGV[9], ARGV[10] == '1'
local window_ms, lease_ms = tonumber(ARGV[11]), tonumber(ARGV[12])
local policy, is_replicated = cjson.decode(ARGV[13]), ARGV[14] == '1'
-- Targets instead of the registered devices, and the ringing call, both JSON or empty.
local given_targets, given_count, call_id, call, keep_calls_ms = ARGV[15], tonumber(ARGV[16]), ARGV[17], ARGV[18], tonumber(ARGV[19])
-- Replacements of the request after the end, and after its tokens are erased; both empty to keep all of it.
local outline, bare, keep_tokens_ms = ARGV[20], ARGV[21], tonumber(ARGV[22])
-- Room that the bounds leave to this shard: of the queue, of the domain, and of the callee.
local is_message, queue_rest, domain_rest, callee_rest = ARGV[23] == '1', split(ARGV[24]), split(ARGV[25]), split(ARGV[26])

local function find_call()
  local stored = call ~= '' and redis.call('HGET', calls_key(callee), call_id)
  return stored and cjson.decode(stored)
end
local present_call = find_call()
local is_call_open = present_call and (present_call.state == 'ringing' or present_call.state == 'registered')
-- The app asks for its call by the token of the call. A push that joins a call gets that call's token. Empty if it
-- keeps its own.
local shared_token = is_call_open and present_call.urlToken or ''

local function find_repeat()
  local first = redis.call('GET', dedup)
  if not first then return nil end
  local stored = redis.call('HMGET', push_key(first), 'state', 'fingerprint', 'keep_until')
  if not stored[1] then return nil end
  if tonumber(stored[3]) <= now then return nil end
  if is_explicit and stored[2] ~= fingerprint then return { 'conflict', first } end
  return { 'repeat', first, stored[1] }
end

-- A subscriber's value overrides the domain's, one by one.
local function read_preferences()
  local names = { 'mobile_push_enable', 'mobile_push_expiry', 'muted' }
  local own = redis.call('HMGET', shard .. ':preferences:' .. callee, unpack(names))
  local inherited = redis.call('HMGET', shard .. ':preferences:' .. domain, unpack(names))
  local effective = {}
  for i, name in ipairs(names) do effective[name] = own[i] or inherited[i] end
  return effective
end

-- Returns the preferences to store with the push, as JSON; empty if none are set.
local function write_preferences(effective)
  local set = { mobile_push_enable = effective.mobile_push_enable or nil, mobile_push_expiry = tonumber(effective.mobile_push_expiry) }
  return next(set) and cjson.encode(set) or ''
end

local function is_enabled(effective)
  local mode = effective.mobile_push_enable
  if not mode then return policy.enabledByDefault end
  return not policy.disabledModes[mode]
end

local function read_deadline(effective)
  local expiry = effective.mobile_push_expiry
  local ttl_ms = policy.ttlMs
  if policy.expiryCounts and expiry then
    ttl_ms = math.min(math.max(tonumber(expiry) * 1000, 0), policy.maxTtlMs)
  end
  return text(now + ttl_ms)
end

local function is_silent(effective)
  if policy.silent then return true end
  if #policy.chats == 0 or not effective.muted then return false end
  local muted = {}
  for _, chat in ipairs(cjson.decode(effective.muted)) do muted[chat] = true end
  for _, chat in ipairs(policy.chats) do
    if muted[chat] then return true end
  end
  return false
end

local function list_devices()
  local devices = {}
  for _, stored in ipairs(redis.call('HVALS', shard .. ':devices:' .. callee)) do
    devices[#devices + 1] = cjson.decode(stored)
  end
  table.sort(devices, function(a, b)
    if a.registeredAt ~= b.registeredAt then return a.registeredAt < b.registeredAt end
    return a.id < b.id
  end)
  return devices
end

local function choose_targets()
  local targets = {}
  for _, device in ipairs(list_devices()) do
    for _, kind in ipairs(policy.tokenKinds) do
      local found = device.tokens[kind]
      -- A token shared with another device belongs to this one only for a limited time.
      local shared = device.shared and device.shared[kind]
      if found and not (shared and shared <= now) then
        targets[#targets + 1] = cjson.encode({
          deviceId = device.id, provider = device.provider, tokenKind = kind, token = found,
          environment = device.environment, app = device.app,
        })
        break
      end
    end
  end
  return targets
end

local first = find_repeat()
if first then
  mark_repeat(is_replicated)
  return first
end

-- The request contains its own token only in its URL.
local function share_url_token(json)
  local drawn = shared_token ~= '' and cjson.decode(call).urlToken
  local first, last = string.find(json, drawn or '', 1, true)
  if not (drawn and first) then return json end
  return string.sub(json, 1, first - 1) .. shared_token .. string.sub(json, last + 1)
end
request, outline = share_url_token(request), share_url_token(outline)

local effective = read_preferences()
local deadline, silent = read_deadline(effective), is_silent(effective) and '1' or '0'
local preferences = write_preferences(effective)

local function put_push(content, ...)
  redis.call('HSET', push_key(id), 'request', content, 'accepted_at', text(now), 'deadline', deadline, 'silent', silent, ...)
  if preferences ~= '' then redis.call('HSET', push_key(id), 'preferences', preferences) end
end

-- More than any phone gets. A loop must not fill Redis.
local MOST_CALLS = 200

-- A call that was unreachable may begin again.
local is_call_over = present_call and not is_call_open and present_call.state ~= 'unreachable'

-- Completes a new call with what the gateway could not know. A further push rings for the call in progress.
local function write_call(state, rest)
  if is_call_open then
    table.insert(present_call.pushIds, id)
    present_call.deadline = math.max(present_call.deadline, tonumber(deadline))
    present_call.revision = present_call.revision + 1
    return cjson.encode(present_call)
  end
  return string.format('{"pushIds":["%s"],"startedAt":%s,"deadline":%s,"state":"%s",%s%s',
    id, text(now), deadline, state, rest, string.sub(call, 2))
end

local function put_call(state, rest)
  if call == '' then return end
  local record = write_call(state, rest)
  local calls, times = calls_key(callee), call_times_key(callee)
  redis.call('HSET', calls, call_id, record)
  redis.call('ZADD', times, text(now), call_id)
  for _, old in ipairs(redis.call('ZRANGE', times, '-inf', text(now - keep_calls_ms), 'BYSCORE')) do
    redis.call('HDEL', calls, old)
    redis.call('ZREM', times, old)
  end
  while redis.call('ZCARD', times) > MOST_CALLS do
    redis.call('HDEL', calls, redis.call('ZPOPMIN', times)[1])
  end
  redis.call('PEXPIRE', calls, keep_calls_ms)
  redis.call('PEXPIRE', times, keep_calls_ms)
end

local function suppress(reason)
  if not is_call_over then
    put_call('unreachable', string.format('"reason":"%s","endedAt":%s,', reason, text(now)))
  end
  put_push(bare ~= '' and bare or request, 'state', 'suppressed', 'reason', reason, 'targets', '[]', 'states', '', 'keep_until', text(now),
    'ended_at', text(now))
  redis.call('ZADD', ENDED, text(now), id)
  return { 'suppressed', reason }
end

if is_call_over then return suppress('call_ended') end
if not is_enabled(effective) then return suppress('push_disabled') end
local list, count = given_targets, given_count
if list == '' then
  local targets = choose_targets()
  list, count = '[' .. table.concat(targets, ',') .. ']', #targets
end
if count == 0 then return suppress('no_device') end

local function is_full(load, rest) return load[1] >= tonumber(rest[1]) or load[2] >= tonumber(rest[2]) end
local function has_no_room_for_messages(load, rest) return load[3] >= tonumber(rest[3]) or load[4] >= tonumber(rest[4]) end

-- The same rule as in `push/queue-room.ts`.
local function find_full_bound()
  local of_all = redis.call('HMGET', LOADS, 'queue', domain_field(callee))
  local queue_load, domain_load = read_load(of_all[1]), read_load(of_all[2])
  local callee_load = read_load(redis.call('HGET', CALLEE_LOADS, callee))
  queue_load[1] = count_pending()
  if is_full(queue_load, queue_rest) then return 'queue' end
  if is_message and has_no_room_for_messages(queue_load, queue_rest) then return 'messages' end
  if is_full(domain_load, domain_rest) or is_message and has_no_room_for_messages(domain_load, domain_rest) then return 'domain' end
  if is_full(callee_load, callee_rest) or is_message and has_no_room_for_messages(callee_load, callee_rest) then return 'callee' end
  return nil
end

local full_bound = find_full_bound()
if full_bound then return { 'full', full_bound } end

-- Position in the order of acceptance, by which the set of dead letters sorts those of one millisecond.
local place = string.format('%016d:%s', redis.call('INCR', shard .. ':places'), id)
put_push(request, 'state', 'pending', 'place', place, 'targets', list, 'states', string.rep('pending ', count), 'token', token, 'queue', queue,
  'dedup', ARGV[8], 'fingerprint', fingerprint, 'keep_until', text(now + window_ms))
if outline ~= '' then
  redis.call('HSET', push_key(id), 'outline', outline, 'bare', bare, 'keep_tokens_ms', keep_tokens_ms)
end
redis.call('SET', dedup, id)
put_call('ringing', '')
redis.call('ZADD', queue_key(queue), text(now + lease_ms), id)
count_push(id, callee, #request, is_message)
return { 'accepted', text(now), deadline, silent, list, preferences, shared_token }
