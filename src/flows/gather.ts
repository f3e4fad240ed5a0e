import type { Utterance } from '../call/utterance.ts'
import { BridgeError } from '../errors.ts'
import type { Heard } from '../hearing/recognizer.ts'
import type { Answer, BargeIn, GatherOptions } from './answer.ts'
import { type Attempt, type AttemptDeps, beginAttempt } from './attempt.ts'
import type { Ears } from './ears.ts'
import { type Question, readQuestion } from './question.ts'

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
  ears(): Ears
  /** What silences a prompt of a question that may be answered by speech. */
  readonly sensitivity: BargeIn
  prompt(text: string, bargeIn: BargeIn): Utterance
  /** Nobody answers, however often they are asked: the call is to end. */
  nobodyAnswers(error: BridgeError): void
}

export function createAsker(deps: AskerDeps): Asker {
  return new OneAtATime(deps)
}

class OneAtATime implements Asker {
  readonly #deps: AskerDeps
  #asking = false
  #attempt: Attempt | undefined
  #unanswered = 0
  #fruitless = 0
  #deaf = false
  #deafen: (() => void) | undefined

  constructor(deps: AskerDeps) {
    this.#deps = deps
  }

  async gather(options: GatherOptions): Promise<Answer> {
    if (this.#asking) throw new BridgeError('flow.failed', 'A gather was begun while another one waits for its answer.')
    this.#asking = true
    try {
      return await this.#gather(readQuestion(options, this.#deps.sensitivity), options.signal)
    } finally {
      this.#asking = false
      this.#deafen?.()
      this.#deafen = undefined
      this.#attempt = undefined
    }
  }

  key(digit: string): boolean {
    this.#unanswered = 0
    return this.#attempt?.key(digit) ?? false
  }

  stop(): void {
    this.#attempt?.stop()
  }

  async #gather(question: Question, signal: AbortSignal | undefined): Promise<Answer> {
    const { keys, speech } = question
    if (speech && !keys && this.#deps.ears().none) return this.#counted({ ended: 'deaf', deaf: true })
    this.#deaf = false
    if (speech) {
      const phrases = speech === true ? [] : speech
      this.#deafen = this.#deps.ears().listen((event) => this.#heard(event), phrases)
    }
    let text = question.prompt
    for (let attempts = 1; ; attempts++) {
      signal?.throwIfAborted()
      const answer = this.#counted(await this.#ask(question, text, signal))
      const { ended } = answer
      if (attempts >= question.attempts || (ended !== 'timeout' && ended !== 'nonsense')) return answer
      text = ended === 'timeout' ? question.again.nothing : question.again.nonsense
    }
  }

  async #ask(question: Question, prompt: string | undefined, signal: AbortSignal | undefined): Promise<Answer> {
    const { clock, line, earlier } = this.#deps
    const say = prompt === undefined ? undefined : () => this.#deps.prompt(prompt, question.bargeIn)
    const attempt = beginAttempt(question, say, { clock, line, earlier, deaf: () => this.#deaf })
    this.#attempt = attempt
    const giveUp = () => attempt.giveUp(signal?.reason)
    signal?.addEventListener('abort', giveUp, { once: true })
    return await attempt.answer.finally(() => signal?.removeEventListener('abort', giveUp))
  }

  #heard(event: Heard): void {
    this.#deaf ||= event.type === 'failed'
    this.#attempt?.heard(event)
  }

  /** Of a question that nobody could hear the answer to, no time passes: who asks it for ever stops all calls. */
  #counted(answer: Answer): Answer {
    const nothing = answer.ended === 'timeout' || answer.ended === 'deaf'
    this.#unanswered = nothing ? this.#unanswered + 1 : 0
    this.#fruitless = nothing || answer.ended === 'nonsense' ? this.#fruitless + 1 : 0
    if (this.#unanswered >= mostUnanswered) this.#deps.nobodyAnswers(nobody(this.#unanswered, 'answered by nothing'))
    if (this.#fruitless >= mostFruitless)
      this.#deps.nobodyAnswers(nobody(this.#fruitless, 'answered by nothing or by nonsense'))
    return answer
  }
}

function nobody(prompts: number, how: string): BridgeError {
  return new BridgeError('call.idle', `${prompts} prompts in a row were ${how}.`, { details: { prompts } })
}
