import type { Utterance } from '../call/utterance.ts'
import { BridgeError } from '../errors.ts'
import type { Heard } from '../hearing/recognizer.ts'
import type { Answer, BargeIn, GatherOptions } from './answer.ts'
import { type Attempt, type AttemptDeps, beginAttempt } from './attempt.ts'
import type { Ears } from './ears.ts'
import { readQuestion } from './question.ts'

/**
 * So many prompts of a call may be answered by nothing at all, one after the other: a flow that asks for ever would
 * otherwise talk to an empty line until the call is too long.
 */
const mostUnanswered = 20
/** The same for prompts that got nothing or nonsense: a radio answers for ever, and so does a key that is stuck. */
const mostFruitless = 50

/** Asks the questions of one call, one at a time. */
export interface Asker {
  gather(options: GatherOptions): Promise<Answer>
  /** A key that counts was pressed; see `Line.opensTo`. Returns whether somebody wanted it. */
  key(digit: string): boolean
  stop(): void
}

export interface AskerDeps extends Omit<AttemptDeps, 'deaf'> {
  readonly ears: Ears
  /** What silences a prompt of a question that may be answered by speech. */
  readonly sensitivity: BargeIn
  say(text: string, bargeIn: BargeIn): Utterance
  /** Nobody answers, however often they are asked: the call is to end. */
  nobodyAnswers(error: BridgeError): void
}

export function createAsker(deps: AskerDeps): Asker {
  const { ears } = deps
  let asking = false
  let attempt: Attempt | undefined
  let unanswered = 0
  let fruitless = 0
  let deaf = false
  let deafen = () => {}

  function heard(event: Heard): void {
    deaf ||= event.type === 'failed'
    attempt?.heard(event)
  }

  /** Of a question that nobody could hear the answer to, no time passes: who asks it for ever stops all calls. */
  function counted(answer: Answer): Answer {
    const nothing = answer.ended === 'timeout' || answer.ended === 'deaf'
    unanswered = nothing ? unanswered + 1 : 0
    fruitless = nothing || answer.ended === 'nonsense' ? fruitless + 1 : 0
    if (unanswered >= mostUnanswered) deps.nobodyAnswers(nobody(unanswered, 'answered by nothing'))
    if (fruitless >= mostFruitless) deps.nobodyAnswers(nobody(fruitless, 'answered by nothing or by nonsense'))
    return answer
  }

  async function gather(options: GatherOptions): Promise<Answer> {
    const question = readQuestion(options, deps.sensitivity)
    const { keys, speech } = question
    if (speech && !keys && ears.none) return counted({ ended: 'deaf', deaf: true })
    deaf = false
    if (speech) deafen = ears.listen(heard, speech === true ? [] : speech)
    let text = question.prompt
    for (let attempts = 1; ; attempts++) {
      const prompt = text
      const say = prompt === undefined ? undefined : () => deps.say(prompt, question.bargeIn)
      options.signal?.throwIfAborted()
      const asked = beginAttempt(question, say, { ...deps, deaf: () => deaf })
      attempt = asked
      const giveUp = () => asked.giveUp(options.signal?.reason)
      options.signal?.addEventListener('abort', giveUp, { once: true })
      const answer = counted(await asked.answer.finally(() => options.signal?.removeEventListener('abort', giveUp)))
      const { ended } = answer
      if (attempts >= question.attempts || (ended !== 'timeout' && ended !== 'nonsense')) return answer
      text = ended === 'timeout' ? question.again.nothing : question.again.nonsense
    }
  }

  return {
    async gather(options) {
      if (asking) throw new BridgeError('flow.failed', 'A gather was begun while another one waits for its answer.')
      asking = true
      try {
        return await gather(options)
      } finally {
        asking = false
        deafen()
        deafen = () => {}
        attempt = undefined
      }
    },
    key(digit) {
      unanswered = 0
      return attempt?.key(digit) ?? false
    },
    stop: () => attempt?.stop(),
  }
}

function nobody(prompts: number, how: string): BridgeError {
  return new BridgeError('call.idle', `${prompts} prompts in a row were ${how}.`, { details: { prompts } })
}
