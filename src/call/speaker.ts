import { bytesToMs } from '../audio/duration.ts'
import type { BridgeError } from '../errors.ts'
import { createLead, leadMs } from './lead.ts'
import { createLedger } from './ledger.ts'
import { createPlaybackWatch, unconfirmed } from './playback-watch.ts'
import { createPlaying, type Pieces } from './playing.ts'
import { type SayOptions, type Script, wholeScript, type Writer } from './script.ts'
import { createSaid } from './said.ts'
import type { SpeakerOptions } from './speaker-options.ts'
import { type Delivery, createUtterance, type Utterance, type UtteranceLine } from './utterance.ts'
import { createWriting } from './writing.ts'

/** Sound between two marks: how finely the program knows what was heard, against one small frame each. */
const markEveryMs = 250

/** What was said in a call, and what of it was heard. */
export interface SpeechAccount {
  readonly heardMs: number
  readonly sentMs: number
  /** Whether something was said and every word of it was heard. */
  readonly whole: boolean
  readonly heardText: string
}

export interface Speaker {
  /**
   * Queues a text, or one that is still being written. The promise resolves when it was heard (or interrupted) and
   * rejects when it cannot be.
   */
  say(text: string | Writer, options?: SayOptions): Utterance
  /** Queues a sound, in mu-law, among the texts. */
  play(pieces: Pieces): Utterance
  /** Silences the line: Twilio's buffer is cleared, every utterance that is not wholly heard ends as interrupted. */
  interrupt(): void
  /** A mark came back from Twilio. */
  echoed(markName: string): void
  /** Says something after `stop`, which is none of the utterances: it stands in no account of what was heard. */
  lastWords(text: string): Promise<unknown>
  /** The call is over: every utterance that is not heard rejects with `error`. */
  stop(error: BridgeError): void
  /** Resolves when nothing is left to be heard; rejects with the first failure of an utterance. */
  drained(): Promise<void>
  /** The part of what was sent that the speech service made, in milliseconds of sound. */
  spokenMs(): number
  /** Sound handed to Twilio and not yet proven heard. */
  outstandingMs(): number
  /** What is known by now; kept, it does not change. */
  account(): SpeechAccount
  /** The sentences that were to be said and were not heard whole, in order. */
  unheard(): readonly string[]
  /** Marks that Twilio returned and we never sent: a fault of the peer, counted. */
  unknownMarks(): number
  /** The audio that was sent and confirmed as heard, per utterance in order (only when audio is kept). */
  heardAudio(): Uint8Array
}

/** Speaks into one media stream: from the speech session's chunks to Twilio's frames, and the book of what was heard. */
export function createSpeaker(options: SpeakerOptions): Speaker {
  const { clock, timeline, words, session, connection, meter } = options
  const ledger = createLedger()
  // Taken out once: each object that is looked into on the way of a chunk is felt (docs/performance.md).
  const { sent } = ledger
  const lead = createLead(() => clock.now(), spokenMs)
  const watch = createPlaybackWatch(clock, ledger, (outstandingMs) => fail(unconfirmed(outstandingMs)))
  const said = createSaid(options.keepAudio)
  let anyAudio = false
  let ownMs = 0
  let unknownMarks = 0
  let over: BridgeError | undefined
  let last: Delivery | undefined

  /** Of what was sent, what the speech service made. */
  function spokenMs(): number {
    return ledger.sentMs() - ownMs
  }

  function mark(): void {
    if (ledger.unmarkedMs() > 0) connection.mark(nextMark())
  }

  function nextMark(): string {
    const soundMs = ledger.unmarkedMs()
    const name = ledger.mark()
    meter?.marked(name, soundMs)
    watch.marked()
    return name
  }

  function send(id: string, payload: string, audioBytes: number): void {
    const unmarkedMs = sent(id, audioBytes)
    if (unmarkedMs <= bytesToMs(audioBytes)) meter?.began()
    if (unmarkedMs < markEveryMs) connection.media(payload)
    else connection.media(payload, nextMark())
    if (!anyAudio) {
      anyAudio = true
      options.firstAudio()
    }
  }

  const line: UtteranceLine = {
    ledger,
    keepAudio: options.keepAudio,
    play: send,
    playOwn(id, payload, audioBytes) {
      ownMs += bytesToMs(audioBytes)
      send(id, payload, audioBytes)
    },
    mark,
    moreToFeed: () => feed(),
  }

  /**
   * Text goes to the speech service in the order it was said, and so far ahead only.
   *
   * @param atLeast pieces to be given however far ahead
   */
  function feed(atLeast = 0): void {
    if (over) return
    const unheard = said.open()
    if (unheard.every((utterance) => utterance.spoken())) lead.settled()
    let given = 0
    for (const [place, utterance] of unheard.entries()) {
      if (utterance.direct && unheard.slice(0, place).some((before) => !before.spoken())) return
      for (;;) {
        if (given >= atLeast && lead.aheadMs(ledger.outstandingMs()) >= leadMs) return
        const estimateMs = utterance.feed()
        // What is said next waits until this is written.
        if (estimateMs === undefined && utterance.writing()) return
        if (estimateMs === undefined) break
        given++
        lead.gave(estimateMs)
      }
    }
  }

  function fail(error: BridgeError): void {
    for (const utterance of said.open()) utterance.cut(error)
  }

  function interrupt(): void {
    meter?.interrupting()
    const unheard = said.open()
    for (const utterance of unheard) utterance.gate()
    // Also when all audio was sent long ago: up to minutes of it may wait in Twilio's buffer.
    if (ledger.cleared()) {
      connection.clear()
      meter?.cleared()
    }
    watch.proven()
    for (const utterance of unheard) utterance.interrupted()
    if (unheard.length > 0) timeline.report({ type: 'interrupted', heardMs: ledger.heardMs() })
  }

  function silent(): boolean {
    return ledger.outstandingMs() === 0 && said.open().every((utterance) => utterance.idle())
  }

  function scriptOf(text: string | Writer, language: string | undefined, by: SayOptions['by']) {
    const { split, stream } = options.sentences
    return (changed: () => void): Script => {
      if (typeof text === 'string') return wholeScript(split(text, language))
      const byToken = by === 'token' && options.partialText
      return createWriting(text, { clock, stream: stream(language), byToken, silent, changed })
    }
  }

  /** What is over has nothing to silence; what plays now is something else. */
  function silence(delivery: Delivery): void {
    if (!delivery.settled()) interrupt()
  }

  function begin(make: (id: string, interrupt: () => void, refusal: BridgeError | undefined) => Delivery): Utterance {
    const id = `u${said.next()}`
    const delivery: Delivery = make(id, () => silence(delivery), over)
    if (!over) said.add(delivery)
    feed()
    meter?.saying(id, delivery.utterance)
    return delivery.utterance
  }

  function tellBegun(those: readonly Delivery[]): void {
    if (words.wordsWatched()) for (const text of those.flatMap((one) => one.begun())) words.tellWords('us', text)
  }

  return {
    say(text, { by } = {}) {
      const voice = session.take()
      const script = scriptOf(text, voice.language, by)
      return begin((id, interrupt, refusal) => createUtterance(line, id, { voice, script, interrupt, refusal }))
    },
    play: (pieces) => begin((id, interrupt, refusal) => createPlaying(line, id, { pieces, interrupt, refusal })),
    interrupt,
    echoed(markName) {
      const echo = ledger.echoed(markName)
      if (echo === 'unknown') unknownMarks++
      if (echo !== 'heard') return
      meter?.echoed(markName, ledger.outstandingMs())
      const awaited = over ? [] : said.open()
      tellBegun(over && last ? [last] : awaited)
      if (over) return last?.proven()
      const complete = awaited.every((utterance) => utterance.spoken())
      timeline.report({ type: 'progress', heardMs: ledger.heardMs(), sentMs: ledger.sentMs(), complete })
      for (const utterance of awaited) utterance.proven()
      watch.proven()
      // The line has run dry: however far ahead the estimates are, the callee hears silence now.
      feed(ledger.outstandingMs() === 0 ? 1 : 0)
      if (awaited.some((utterance) => utterance.settled() === 'heard'))
        timeline.report({ type: 'heard', heardMs: ledger.heardMs() })
    },
    stop(error) {
      over ??= error
      watch.stop()
      for (const utterance of said.open()) utterance.cut(over)
      last?.cut(over)
    },
    lastWords(text) {
      const voice = session.take()
      const script = scriptOf(text, voice.language, undefined)
      last = createUtterance(line, 'last words', { voice, script, interrupt() {}, refusal: undefined })
      while (last.feed() !== undefined);
      return last.utterance
    },
    drained: said.drained,
    spokenMs,
    outstandingMs: ledger.outstandingMs,
    account() {
      const sentMs = ledger.sentMs()
      return {
        heardMs: ledger.heardMs(),
        sentMs,
        whole: sentMs > 0 && said.allHeard(),
        heardText: said.texts().join(' '),
      }
    },
    unheard: () => said.recent().flatMap((utterance) => utterance.unheard()),
    unknownMarks: () => unknownMarks,
    heardAudio: said.heardAudio,
  }
}
