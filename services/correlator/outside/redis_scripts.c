#include "correlator/outside/redis_scripts.h"

const char redis_script_write[] =
    "if ARGV[2] ~= '' then\n"
    "  local version = redis.call('GETRANGE', KEYS[1], 0, 7)\n"
    "  if version ~= '' and version ~= ARGV[1] then return redis.call('GET', KEYS[1]) end\n"
    "  if ARGV[6] == '' then\n"
    "    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])\n"
    "  elseif version == '' then\n"
    "    return 0\n"
    "  else\n"
    "    redis.call('SETRANGE', KEYS[1], 0, ARGV[2])\n"
    "    redis.call('APPEND', KEYS[1], ARGV[6])\n"
    "    redis.call('PEXPIRE', KEYS[1], ARGV[3])\n"
    "  end\n"
    "  if ARGV[5] ~= '' then redis.call('ZADD', KEYS[2], ARGV[5], ARGV[4])\n"
    "  else redis.call('ZREM', KEYS[2], ARGV[4]) end\n"
    "end\n"
    "if #ARGV == 6 then return 1 end\n"
    "local recent, count = KEYS[3], redis.call('ZCARD', KEYS[3])\n"
    "if count + (#ARGV - 6) / 2 <= 128 then\n"
    "  redis.call('ZADD', recent, unpack(ARGV, 7))\n"
    "else\n"
    "  for i = 7, #ARGV, 2 do\n"
    "    if not redis.call('ZSCORE', recent, ARGV[i + 1]) then\n"
    "      if count < 128 then\n"
    "        redis.call('ZADD', recent, ARGV[i], ARGV[i + 1])\n"
    "        count = count + 1\n"
    "      elseif tonumber(redis.call('ZRANGE', recent, 0, 0, 'WITHSCORES')[2])\n"
    "             < tonumber(ARGV[i]) then\n"
    "        redis.call('ZPOPMIN', recent)\n"
    "        redis.call('ZADD', recent, ARGV[i], ARGV[i + 1])\n"
    "      end\n"
    "    end\n"
    "  end\n"
    "end\n"
    "local newest = tonumber(redis.call('ZRANGE', recent, -1, -1, 'WITHSCORES')[2])\n"
    "redis.call('ZREMRANGEBYSCORE', recent, '-inf', string.format('(%.0f', newest - 900000))\n"
    "redis.call('PEXPIRE', recent, 3600000)\n"
    "return 1\n";

const char redis_script_claim[] =
    "local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])\n"
    "for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], id) end\n"
    "return due\n";

const char redis_script_forget[] =
    "if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end\n"
    "return 1\n";
