import type { Heard, Recognizer, RecognizerSession, RecognizerSessionOptions } from '../../src/hearing/recognizer.ts'

/** Writes down what a session tells, and whatever in it is against the contract. */
export function createHeardRecorder() {
  const events: Heard[] = []
  const breaches: string[] = []
  let started = false
  let failed = false
  let closed = false
  let parts: string[] = []

  function check(event: Heard): void {
    if (failed) breaches.push(`${event.type} after failed`)
    if (closed) breaches.push(`${event.type} after close`)
    if (event.type === 'failed') {
      failed = true
      return
    }
    if (event.type === 'started') {
      started = true
      return
    }
    if (!started) breaches.push(`${event.type} before started`)
    if (event.text.trim() === '' || event.text !== event.text.trim()) breaches.push(`${event.type} of odd text`)
    if (event.type === 'final') parts.push(event.text)
    if (event.type !== 'utterance') return
    if (!event.text.startsWith(parts.join(' '))) breaches.push('an utterance that lacks its finals')
    started = false
    parts = []
  }

  return {
    events,
    breaches,
    heard(event: Heard): void {
      check(event)
      events.push(event)
    },
    /** From now on nothing may be told. */
    closed(): void {
      closed = true
    },
    /** The texts of one kind of event. */
    texts(type: 'interim' | 'final' | 'utterance'): string[] {
      return events.flatMap((event) => (event.type === type ? [event.text] : []))
    },
    get failure() {
      return events.find((event) => event.type === 'failed')?.error
    },
  }
}

/** A session with everything that it tells written down. */
export function openRecorded(recognizer: Recognizer, options: Omit<RecognizerSessionOptions, 'heard'>) {
  const recorder = createHeardRecorder()
  const session = recognizer.open({ ...options, heard: (event) => recorder.heard(event) })
  const watched: RecognizerSession = {
    ready: session.ready,
    audio: (payload) => session.audio(payload),
    close() {
      recorder.closed()
      return session.close()
    },
  }
  return { recorder, session: watched }
}
