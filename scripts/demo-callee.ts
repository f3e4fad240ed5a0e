import type { ReadStream } from 'node:tty'
import type { LiveCall } from '../src/call/live-call.ts'
import type { Phone } from '../src/simulator/phone-network/phone/phone.ts'

/** Who has heard a question takes so long to find the key. */
const thinkingMs = 900

/**
 * The person at the simulated phone: presses the next of `keys` when nothing more is said, and whatever is typed.
 *
 * @param terminal where keys are typed, if it is one
 * @returns `stop` returns the keys that were never pressed
 */
export function pressKeys(
  call: Pick<LiveCall, 'watch'>,
  phone: Phone,
  keys: readonly string[],
  terminal: Pick<ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'> | undefined,
): { stop(): readonly string[] } {
  const left = [...keys]
  let thinking: NodeJS.Timeout | undefined
  const unwatch = call.watch(({ type }) => {
    if (type !== 'heard' && type !== 'progress') return
    clearTimeout(thinking)
    thinking = setTimeout(() => {
      const next = left.shift()
      if (next !== undefined) phone.press(next)
    }, thinkingMs)
  })

  function typed(data: Buffer): void {
    for (const key of data.toString()) {
      // In raw mode the terminal makes no signal of it.
      if (key === '\u0003') process.kill(process.pid, 'SIGINT')
      else if (/^[0-9A-D*#]$/.test(key)) phone.press(key)
    }
  }
  const raw = terminal?.isTTY === true ? terminal : undefined
  raw?.setRawMode(true)
  raw?.on('data', typed)
  raw?.resume()

  return {
    stop() {
      clearTimeout(thinking)
      unwatch()
      raw?.off('data', typed)
      raw?.setRawMode(false)
      raw?.pause()
      return left
    },
  }
}
