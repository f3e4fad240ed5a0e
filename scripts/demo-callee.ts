import type { ReadStream } from 'node:tty'
import type { LiveCall } from '../src/call/live-call.ts'
import type { Phone } from '../src/simulator/phone-network/phone/phone.ts'

/** Who has heard a question takes so long to find the key. */
const thinkingMs = 900

/** What the person does next. */
export type Act = { readonly press: string } | { readonly say: string }

/**
 * The person at the simulated phone: does the next of `acts` when nothing more is said, and whatever is typed. A digit is
 * pressed at once; what begins with a small letter is said when Enter ends it.
 *
 * @param terminal where somebody types, if it is one
 * @returns `stop` returns the acts that were never done
 */
export function playCallee(
  call: Pick<LiveCall, 'watch'>,
  phone: Pick<Phone, 'press'>,
  say: (words: string) => void,
  acts: readonly Act[],
  terminal: Pick<ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'> | undefined,
): { stop(): readonly Act[] } {
  const left = [...acts]
  let typing = ''
  let thinking: NodeJS.Timeout | undefined
  const unwatch = call.watch(({ type }) => {
    if (type !== 'heard' && type !== 'progress') return
    clearTimeout(thinking)
    thinking = setTimeout(() => {
      const next = left.shift()
      if (next && 'press' in next) phone.press(next.press)
      else if (next) say(next.say)
    }, thinkingMs)
  })

  function typed(data: Buffer): void {
    for (const key of data.toString()) {
      // In raw mode the terminal makes no signal of it.
      if (key === '\u0003') process.kill(process.pid, 'SIGINT')
      else if (typing !== '' || /^\p{Ll}$/u.test(key)) type(key)
      else if (/^[0-9A-D*#]$/.test(key)) phone.press(key)
    }
  }

  function type(key: string): void {
    if (key === '\u007f') typing = typing.slice(0, -1)
    else if (key !== '\r' && key !== '\n') typing += key
    else {
      const words = typing.trim()
      typing = ''
      if (words !== '') say(words)
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
