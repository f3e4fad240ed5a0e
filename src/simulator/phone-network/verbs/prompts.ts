import { note } from '../call.ts'
import type { Pause, Play, Say } from '../twiml/verbs.ts'
import { wait } from '../../waiting.ts'
import type { Running } from './running.ts'

const endless = 1000

/** How long tones sound: `w` is half a second, `W` a whole one. */
function tonesMs(digits: string, digitGapMs: number): number {
  let ms = 0
  for (const digit of digits) ms += digit === 'w' ? 500 : digit === 'W' ? 1000 : digitGapMs
  return ms
}

/**
 * `<Say>`, `<Play>` and `<Pause>`: they take time. What is said is told as text; no voice is made for it, and no
 * file is fetched. Returns when it is over or `signal` aborts.
 */
export async function runPrompt(running: Running, prompt: Say | Play | Pause, signal: AbortSignal): Promise<void> {
  const { call, exchange, leg } = running
  const { behaviour, clock } = exchange
  if (prompt.verb === 'Pause') return void (await wait(clock, prompt.lengthMs, signal))
  for (let round = 0; round < (prompt.loop === 0 ? endless : prompt.loop); round++) {
    if (signal.aborted) return
    let ms = behaviour.playMs
    if (prompt.verb === 'Say') {
      ms = prompt.text.length * behaviour.sayMsPerCharacter
      leg.said.push(prompt.text)
      leg.happened({ type: 'said', text: prompt.text })
    } else if (prompt.digits !== undefined) {
      ms = tonesMs(prompt.digits, behaviour.digitGapMs)
      leg.happened({ type: 'tones', digits: prompt.digits })
    }
    note(call, clock.now(), prompt.verb)
    await wait(clock, ms, signal)
  }
}
