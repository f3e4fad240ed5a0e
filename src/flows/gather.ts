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

/** Asks the questions of one call, one at a time. */
export interface Asker {
  gather(options: GatherOptions): Promise<Answer>
  /** A key that counts was pressed; see `Line.opensTo`. Returns whether somebody waits for one. */
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
  let deaf = false
  let deafen = () => {}

  function heard(event: Heard): void {
    deaf ||= event.type === 'failed'
    attempt?.heard(event)
  }

  /** Of a question that nobody could hear the answer to, no time passes: who asks it for ever stops all calls. */
  function counted(answer: Answer): Answer {
    unanswered = answer.ended === 'timeout' || answer.ended === 'deaf' ? unanswered + 1 : 0
    if (unanswered >= mostUnanswered) deps.nobodyAnswers(nobody())
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
      attempt = beginAttempt(question, say, { ...deps, deaf: () => deaf })
      const answer = counted(await attempt.answer)
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
      attempt?.key(digit)
      return attempt !== undefined
    },
    stop: () => attempt?.stop(),
  }
}

function nobody(): BridgeError {
  return new BridgeError('call.idle', `${mostUnanswered} prompts in a row were answered by nothing.`, {
    details: { prompts: mostUnanswered },
  })
}
