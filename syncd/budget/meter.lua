-- The meter of one key, for all processes at once: meter.py in one step of the server. Numbers stay far below 2^53.
local key, act = KEYS[1], ARGV[1]
local limit, pace, burst, depth = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local now = tonumber(ARGV[6]) -- empty: the server's clock, which is the only one all processes share
local one, two, three = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end

local function read(...)
    local numbers = {}
    for each, value in ipairs(redis.call('HMGET', key, ...)) do numbers[each] = tonumber(value) or 0 end
    return unpack(numbers)
end

local at, debt = read('at', 'debt')
local passed = math.max(0, now - at)
debt = math.max(0, debt - passed)

local function heard(name)
    local said, left, span = read(name .. '.limit', name .. '.left', name .. '.span')
    return {limit = said, left = left, span = math.max(0, span - passed)}
end

local own, tight = heard('own'), heard('tight')

local function spared(word)
    return word.left - math.floor((burst - depth) * math.min(word.limit, limit) / limit)
end

local acts = {}

function acts.take(cost)
    local wait = math.max(0, debt - (depth - math.min(cost, depth)) * pace)
    for _, word in ipairs({own, tight}) do
        if spared(word) < cost then wait = math.max(wait, word.span) end
    end
    if wait == 0 then
        debt = debt + cost * pace
        own.left = own.left - cost
    end
    return wait
end

function acts.room()
    local room = depth - math.ceil(debt / pace)
    for _, word in ipairs({own, tight}) do
        if word.span > 0 then room = math.min(room, spared(word)) end
    end
    return math.max(0, room)
end

function acts.learn(said, remaining, reset)
    local word = said < limit and tight or own
    if word.span > 0 and remaining > word.left then return 0 end
    word.limit = word.span > 0 and math.max(said, word.limit) or said
    word.left, word.span = remaining, reset
    return 0
end

function acts.exhausted(reset)
    debt = math.max(debt, reset + burst * pace)
    return 0
end

local answer = acts[act](one, two, three)
local function whole(number) return string.format('%.0f', number) end -- never 1.8e+15
redis.call('HSET', key, 'at', whole(now), 'debt', whole(debt))
for name, word in pairs({own = own, tight = tight}) do
    if word.span > 0 then
        redis.call('HSET', key, name .. '.limit', whole(word.limit),
            name .. '.left', whole(word.left), name .. '.span', whole(word.span))
    else
        redis.call('HDEL', key, name .. '.limit', name .. '.left', name .. '.span')
    end
end
local longest = math.max(debt, own.span, tight.span)
redis.call('PEXPIRE', key, whole(math.ceil(longest / 1000) + 60000)) -- it says nothing any more
return answer
