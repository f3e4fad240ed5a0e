import type { Call, Flow } from './flow.ts'
import { type NotifyKeys, notifyKeys } from './notify-keys.ts'

/** Whoever neither answers nor presses a key that means something is asked once more. */
const mostUnanswered = 2
const mostRepeats = 10

/**
 * Says the parameter `message` and hangs up when its last word was heard, or, with keys, when the callee has answered.
 * To a machine it says `voicemail` instead, after the beep; without one it hangs up.
 */
export const notify: Flow = async (call) => {
  const { voicemail } = call.parameters
  const keys = notifyKeys(call.parameters)
  let recorded = false
  let saying = speak()
  const machine = call.answerer().then((who) => who === 'machine' || who === 'fax')
  const talk = keys ? ask(keys) : saying.then(() => false)
  // Each may end with the call while only the other one is awaited.
  for (const promise of [machine, talk]) promise.catch(() => {})

  const first = await Promise.race([machine, talk.then(() => false)])
  if (!first && (await talk)) return
  recorded = await machine
  if (!recorded) return
  saying.interrupt()
  if (voicemail !== undefined) await call.say(voicemail)

  function speak() {
    return call.say(call.parameters['message'] ?? '', { bargeIn: keys ? 'keys' : false })
  }

  /** Returns whether somebody answered. */
  async function ask({ prompt, confirm, repeat, optOut, ...texts }: NotifyKeys): Promise<boolean> {
    const choices = [confirm, repeat, optOut].filter((key) => key !== undefined)
    let unanswered = 0
    let repeats = 0
    while (unanswered < mostUnanswered && repeats < mostRepeats) {
      const { digits } = await call.gather({ say: prompt, digits: 1, choices })
      if (recorded) return false
      if (digits === undefined) unanswered++
      else if (digits === repeat) {
        repeats++
        saying = speak()
      } else return await answered(call, digits === confirm ? 'confirmed' : 'opted-out', texts)
    }
    return false
  }
}

async function answered(
  call: Call,
  answer: 'confirmed' | 'opted-out',
  texts: Pick<NotifyKeys, 'confirmedText' | 'optedOutText'>,
): Promise<true> {
  call.answer(answer)
  await call.say(answer === 'confirmed' ? texts.confirmedText : texts.optedOutText)
  return true
}
