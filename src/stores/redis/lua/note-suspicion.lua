#!lua flags=allow-oom
-- Records whether a push is worked on alone, and its number of lone deaths (empty: it is not suspect), if the token
-- still holds it.
local id, token, is_alone, lone_deaths = ARGV[2], ARGV[3], ARGV[4] == '1', ARGV[5]
local key = push_key(id)
if redis.call('HGET', key, 'token') ~= token then return 0 end
if is_alone then redis.call('HSET', key, 'alone', '1') else redis.call('HDEL', key, 'alone') end
if lone_deaths == '' then redis.call('HDEL', key, 'lone_deaths') else redis.call('HSET', key, 'lone_deaths', lone_deaths) end
return 1
