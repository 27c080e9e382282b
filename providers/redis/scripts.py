"""What a store does in one step, in its own language; what stands there may be anybody's, of any type."""

# Takes a lease that is free; one that never ends is nobody's.
LEASE = """
local mine, most = ARGV[1], tonumber(ARGV[2])
if redis.call('set', KEYS[1], mine, 'NX', 'PX', most) then return 1 end
local left = redis.call('pttl', KEYS[1])
if left >= 0 and left <= most then return 0 end
redis.call('set', KEYS[1], mine, 'PX', most)
return 1
"""
RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

# A token bucket, and the calls that are under way, on the store's own clock, which may be set back. What a call took
# stays out of the bucket until it has arrived, or travelled for so long that it must have: ARGV is rate, burst, the
# microseconds that a call travels at most, and its name.
_COUNTED = """
local now = redis.call('time')
local at = now[1] * 1000000 + now[2]
local rate, burst, travel, call = tonumber(ARGV[1]) / 1000000, tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local held = redis.pcall('hmget', KEYS[1], 'tokens', 'at')
if held.err then redis.call('del', KEYS[1]) end
if redis.call('type', KEYS[2]).ok ~= 'zset' then redis.call('del', KEYS[2]) end
local tokens, before = tonumber(held[1]), tonumber(held[2])
if tokens and tokens >= 0 and before then
  local room = math.max(0, burst - redis.call('zcard', KEYS[2]))
  tokens = math.min(room, tokens + math.max(0, at - before) * rate)
else
  tokens = burst
end
redis.call('zremrangebyscore', KEYS[2], '-inf', at)
redis.call('zremrangebyscore', KEYS[2], string.format('(%.0f', at + travel), '+inf')
"""
_KEPT = """
redis.call('hset', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.0f', at))
redis.call('pexpire', KEYS[1], math.ceil(math.max(burst / rate, travel) / 1000) + 1000)
redis.call('pexpire', KEYS[2], math.ceil(travel / 1000) + 1000)
"""
# Answers the microseconds until a token is there, 0 when it was taken.
TAKE = f"""{_COUNTED}
local wait = 0
if tokens >= 1 then
  tokens = tokens - 1
  redis.call('zadd', KEYS[2], string.format('%.0f', at + travel), call)
else
  wait = math.ceil((1 - tokens) / rate)
end
{_KEPT}
return wait
"""
ARRIVED = f"{_COUNTED} redis.call('zrem', KEYS[2], call) {_KEPT} return 0"

# Writes, and reads what was written: whether the store can be used.
PROBE = "redis.call('set', KEYS[1], ARGV[1], 'PX', 1000) return redis.call('get', KEYS[1])"
