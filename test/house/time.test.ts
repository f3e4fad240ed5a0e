import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** What takes the time from the machine itself, and why it may. */
const allowed: Readonly<Record<string, string>> = {
  'src/ops/clock.ts': 'the clock of the product',
  'src/ops/loop-delay.ts': 'measures the event loop of this machine',
  'src/simulator/clock.ts': 'the clocks of the simulator',
  'src/simulator/loopback.ts': 'how long a connection may take to come about is a fact of the machine',
  'src/simulator/waiting.ts': 'bounds how long real requests hold a stepped clock, and lets the event loop turn',
  'src/doctor/public-address.ts': 'bounds the requests of a command',
  'src/speech/async/account.ts': 'bounds the requests of a command',
  'src/speech/local/thread.ts': 'the watchdog of a thread, which keeps no clock but its own',
}
const ownTime =
  /\b(setTimeout|setInterval|setImmediate|Date\.now|performance\.now|hrtime|AbortSignal\.timeout)\b|new Date\(\)|'(node:)?timers\b/

test('only clocks ask the machine for the time or for a timer; everything else is given a clock', () => {
  const found = globSync('src/**/*.ts').filter((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .some((line) => ownTime.test(line.replace(/^\s*(\/\/|\/?\*).*|\/\/ .*/, ''))),
  )
  expect(found.toSorted()).toEqual(Object.keys(allowed).toSorted())
})
