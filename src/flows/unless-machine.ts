import type { Call } from './flow.ts'

/**
 * Talks as to a person. Where a machine turns out to have answered, `talk` is given up, and what the parameter
 * `voicemail` says is said whole; without one, and to a fax, nothing is said any more.
 *
 * @param talk takes the signal along in all it says and asks; returns whether somebody answered, so that nothing need
 *   be known of who it was
 */
export async function talkUnlessMachine(call: Call, talk: (machine: AbortSignal) => Promise<boolean>): Promise<void> {
  const { voicemail } = call.parameters
  const machine = new AbortController()
  const verdict = call.answerer()
  const told = verdict.then((who) => {
    if (who === 'machine' || who === 'fax') machine.abort()
  })
  told.catch(() => {})
  try {
    if (await talk(machine.signal)) return
  } catch (thrown) {
    if (!machine.signal.aborted) throw thrown
  }
  if ((await verdict) === 'machine' && voicemail !== undefined) await call.say(voicemail)
}
