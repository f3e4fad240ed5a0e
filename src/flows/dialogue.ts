import type { LiveCall } from '../call/live-call.ts'
import type { Utterance } from '../call/utterance.ts'
import { BridgeError } from '../errors.ts'
import type { Heard, Recognizer } from '../hearing/recognizer.ts'
import type { Clock } from '../ops/clock.ts'
import type { Log } from '../ops/logger.ts'
import type { BargeIn } from './answer.ts'
import { createEarlierKeys } from './earlier-keys.ts'
import { createEndable } from './endable.ts'
import { createEars } from './ears.ts'
import type { Call, Happenings } from './flow.ts'
import { createAsker } from './gather.ts'
import { createLine } from './line.ts'
import { createListeners } from './listeners.ts'
import { duration } from './question.ts'
import { soonAnswerer } from './verdict.ts'
import { listenForVoice, silencedBy } from './silencing.ts'

/** What dialogues are held with. */
export interface DialogueDeps {
  readonly clock: Clock
  readonly log: Log
  /** What listens to the callee; without one only keys are heard. */
  readonly recognizer?: Recognizer | undefined
  /** What silences the prompt of a question that may be answered by speech, where the flow says nothing of it. */
  readonly sensitivity: BargeIn
  /** How long who answered is waited for in silence, where there is a text for a mailbox. */
  readonly detectionWaitMs: number
}

/**
 * A call as its flow sees it. What it awaits rejects when the call ends.
 *
 * @param live with its media stream open
 * @param fault told what a listener of the flow throws
 */
export function holdDialogue(live: LiveCall, deps: DialogueDeps, fault: (thrown: unknown) => void): Call {
  const { direction, parameters, signal } = live
  const { clock, sensitivity } = deps
  const ears = createEars(live, deps)
  const endable = createEndable(signal, () => live.transferring !== undefined)
  const listeners = createListeners(fault)
  let heardMs = 0
  /** The way out of listening for those who listen to speech. */
  let hearing: (() => void) | undefined
  const line = createLine((by) => listeners.tell('interrupted', { by, heardMs }))
  const earlier = createEarlierKeys()
  const asker = createAsker({
    clock,
    line,
    earlier,
    ears,
    sensitivity,
    say: (text, bargeIn) => say(live.say(text), bargeIn),
    nobodyAnswers: (error) => live.end('idle', error),
  })
  live.watch((event) => {
    if (event.type === 'key') key(event.digit)
    if (event.type === 'interrupted') heardMs = event.heardMs
    if (event.type === 'ended') asker.stop()
  })

  function key(digit: string): void {
    const counts = line.opensTo('key')
    // Before anything else: whoever presses a key waits for silence.
    line.barge('key')
    if (!live.endsRecording(digit) && !(counts && asker.key(digit))) earlier.add(digit)
    listeners.tell('key', digit)
  }

  /** The callee is listened to as long as it may silence what is said. */
  function say(utterance: Utterance, bargeIn: BargeIn): Utterance {
    line.add(utterance, bargeIn)
    const deafen = listenForVoice(bargeIn, { live, ears, line })
    utterance.then(deafen, deafen)
    return utterance
  }

  function heardWords(heard: Heard): void {
    if (heard.type === 'utterance') listeners.tell('speech', heard.text)
    // Whoever listens next tries another session.
    if (heard.type === 'failed') hearing = undefined
  }

  function on<Event extends keyof Happenings>(event: Event, listener: (what: Happenings[Event]) => unknown) {
    if (event === 'speech' && ears.none) throw nobodyHears()
    const leave = listeners.on(event, listener)
    if (event !== 'speech') return leave
    if (!signal.aborted) hearing ??= ears.listen(heardWords)
    return () => {
      leave()
      if (listeners.any('speech')) return
      hearing?.()
      hearing = undefined
    }
  }

  return {
    direction,
    parameters,
    hears: !ears.none,
    signal,
    say(text, { bargeIn = false, signal: unwanted, ...options } = {}) {
      return endable.utterance(() => silencedBy(unwanted, say(live.say(text, options), bargeIn)))
    },
    play: (sound, { bargeIn = false } = {}) => endable.utterance(() => say(live.play(sound), bargeIn)),
    press: (keys) => endable.utterance(() => live.press(keys)),
    // What was recorded up to the end of the call is not lost.
    record: (options) => live.record(options),
    voice: (choice) => endable.ask(() => live.voice(choice)),
    transfer: (to, options) => endable.toTheEnd(() => live.transfer(to, options)),
    answerer: ({ soon = false } = {}) =>
      endable.ask(() => (soon ? soonAnswerer(live, { clock, waitMs: deps.detectionWaitMs }) : live.answerer())),
    answer: (answer) => live.answer(answer),
    pause: (ms) => endable.ask(async () => pause(duration('pause', ms))),
    gather: (options) => endable.ask(() => asker.gather(options)),
    hangup: () => endable.ask(async () => live.end('completed')),
    on,
  }

  async function pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = clock.after(ms, resolve)
    const stop = () => timer.cancel()
    signal.addEventListener('abort', stop, { once: true })
    await promise
    signal.removeEventListener('abort', stop)
  }
}

function nobodyHears(): BridgeError {
  return new BridgeError(
    'hearing.unavailable',
    "on('speech'): no speech recognizer is set up (HEARING_PROVIDER, DEEPGRAM_API_KEY), so nothing would ever be told. Ask call.hears first, and for keys where it is false.",
    { retryable: false },
  )
}
