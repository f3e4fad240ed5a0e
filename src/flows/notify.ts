import type { Utterance } from '../call/utterance.ts'
import type { Call, Flow } from './flow.ts'
import { type NotifyKeys, notifyKeys } from './notify-keys.ts'
import { talkUnlessMachine } from './unless-machine.ts'

/** Whoever neither answers nor presses a key that means something is asked once more. */
const mostUnanswered = 2
const mostRepeats = 10

/**
 * Says the parameter `message` and hangs up when its last word was heard, or, with keys, when the callee has answered.
 * To a machine it says `voicemail` instead, after the beep; without one it hangs up.
 */
export const notify: Flow = (call) =>
  talkUnlessMachine(call, async (signal) => {
    const keys = notifyKeys(call.parameters)
    const saying = speak(call, signal, keys)
    await (keys ? ask(call, signal, keys) : saying)
  })

function speak(call: Call, signal: AbortSignal, keys: NotifyKeys | undefined): Utterance {
  return call.say(call.parameters['message'] ?? '', { bargeIn: keys ? 'keys' : false, signal })
}

async function ask(call: Call, signal: AbortSignal, keys: NotifyKeys): Promise<void> {
  const { prompt, confirm, repeat, optOut, ...texts } = keys
  const choices = [confirm, repeat, optOut].filter((key) => key !== undefined)
  let unanswered = 0
  let repeats = 0
  while (unanswered < mostUnanswered && repeats < mostRepeats) {
    const { digits } = await call.gather({ say: prompt, digits: 1, choices, signal })
    if (digits === undefined) unanswered++
    else if (digits === repeat) {
      repeats++
      void speak(call, signal, keys)
    } else return await answered(call, digits === confirm ? 'confirmed' : 'opted-out', texts)
  }
}

async function answered(
  call: Call,
  answer: 'confirmed' | 'opted-out',
  texts: Pick<NotifyKeys, 'confirmedText' | 'optedOutText'>,
): Promise<void> {
  call.answer(answer)
  await call.say(answer === 'confirmed' ? texts.confirmedText : texts.optedOutText)
}
