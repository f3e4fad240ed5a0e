import type { Answerer } from '../call/detection.ts'
import type { Call } from './flow.ts'

/**
 * Talks as to a person. Where a machine turns out to have answered, `talk` is given up, and what the parameter
 * `voicemail` says is said whole; without one, and to a fax, nothing is said any more.
 *
 * A mailbox records whatever is said from its beep on, and nothing takes it back: where there is a text for it, nothing
 * is said before it is known who answered, or does not become known soon.
 *
 * @param talk takes the signal along in all it says and asks. A key that is pressed meanwhile tells that it is a person
 */
export async function talkUnlessMachine(call: Call, talk: (machine: AbortSignal) => Promise<unknown>): Promise<void> {
  const { voicemail } = call.parameters
  const early = voicemail === undefined ? null : await call.answerer({ soon: true })
  const who = isMachine(early) ? early : await talkUntilMachine(call, talk)
  if (who === 'machine' && voicemail !== undefined) await call.say(voicemail)
}

async function talkUntilMachine(
  call: Call,
  talk: (machine: AbortSignal) => Promise<unknown>,
): Promise<Answerer | null> {
  const machine = new AbortController()
  const verdict = call.answerer()
  const told = verdict.then((who) => {
    if (isMachine(who)) machine.abort()
  })
  told.catch(() => {})
  try {
    await talk(machine.signal)
  } catch (thrown) {
    if (!machine.signal.aborted) throw thrown
  }
  return verdict
}

function isMachine(who: Answerer | null): boolean {
  return who === 'machine' || who === 'fax'
}
