import type { LiveCall } from '../call/live-call.ts'
import type { Clock } from '../ops/clock.ts'
import type { BargeIn } from './answer.ts'
import { createEarlierKeys } from './earlier-keys.ts'
import { createEndable } from './endable.ts'
import type { Call } from './flow.ts'
import { createAsker } from './gather.ts'
import { createLine } from './line.ts'
import { createListeners } from './listeners.ts'
import { duration } from './question.ts'

/** What dialogues are held with. */
export interface DialogueDeps {
  readonly clock: Clock
  /** What silences the prompt of a question that may be answered by speech, where the flow says nothing of it. */
  readonly sensitivity: BargeIn
}

/**
 * A call as its flow sees it. What it awaits rejects when the call ends.
 *
 * @param live with its media stream open
 * @param fault told what a listener of the flow throws
 */
export function holdDialogue(
  live: LiveCall,
  { clock, sensitivity }: DialogueDeps,
  fault: (thrown: unknown) => void,
): Call {
  const { direction, parameters, signal } = live
  const endable = createEndable(signal)
  const listeners = createListeners(fault)
  const line = createLine((by) => listeners.tell('interrupted', { by, heardMs: live.heardMs }))
  const earlier = createEarlierKeys()
  const asker = createAsker({
    clock,
    line,
    earlier,
    sensitivity,
    say: (text, bargeIn) => line.add(live.say(text), bargeIn),
    nobodyAnswers: (error) => live.end('idle', error),
  })
  live.watch((event) => {
    if (event.type === 'key') key(event.digit)
    if (event.type === 'ended') asker.stop()
  })

  function key(digit: string): void {
    const counts = line.opensTo('key')
    // Before anything else: whoever presses a key waits for silence.
    line.barge('key')
    if (!counts || !asker.key(digit)) earlier.add(digit)
    listeners.tell('key', digit)
  }

  return {
    direction,
    parameters,
    signal,
    say(text, { bargeIn = false, ...options } = {}) {
      return endable.utterance(() => line.add(live.say(text, options), bargeIn))
    },
    voice: (choice) => endable.ask(() => live.voice(choice)),
    pause: (ms) => endable.ask(async () => pause(duration('pause', ms))),
    gather: (options) => endable.ask(() => asker.gather(options)),
    hangup: () => endable.ask(async () => live.end('completed')),
    on: (event, listener) => listeners.on(event, listener),
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
