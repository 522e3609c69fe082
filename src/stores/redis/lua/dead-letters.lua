#!lua flags=no-writes
-- Returns a page of failed or expired pushes, the most recently accepted first, after a given one.
local limit, before_at, before_place = tonumber(ARGV[2]), ARGV[3], ARGV[4]
local PLACE_DIGITS = 16
local page, offset = {}, 0
local start = before_at == '' and '+inf' or before_at

repeat
  local found = redis.call('ZRANGE', DEAD, start, '-inf', 'BYSCORE', 'REV', 'LIMIT', offset, limit, 'WITHSCORES')
  for i = 1, #found, 2 do
    local place = found[i]
    local is_behind = found[i + 1] ~= before_at or place < before_place
    if is_behind and #page < limit then
      local id = string.sub(place, PLACE_DIGITS + 2)
      page[#page + 1] = { id, place, redis.call('HGETALL', push_key(id)) }
    end
  end
  offset = offset + limit
until #page == limit or #found < limit * 2
return page
