import { setTimeout as pause } from 'node:timers/promises'
import type { Bridge } from './bridge.ts'
import { account, callerNumber, sid } from './identity.ts'
import { createMatcher, type Matcher } from './matching.ts'
import type { Pacer } from './pacer.ts'
import { buildMedia, createPhoneFrames, findPayload, readBridge } from './phone-frames.ts'
import { takeRow } from './phone-rows.ts'
import { appendSound, createPlayout, isMarkDue } from './playout.ts'
import type { RecognizerService } from './recognizer-service.ts'
import type { Voice } from './sound.ts'
import { createTape, record, type Tape } from './tape.ts'
import { callFields, readTwiml, sendWebhook, type StreamOrder } from './webhook.ts'
import { createFrameBuilder } from './wire/frame-builder.ts'
import { openSocket } from './wire/handshake.ts'
import type { BenchSocket } from './wire/socket.ts'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'

export interface PhoneDeps {
  readonly bridge: Bridge
  /** What it hears is made of this, and what it says of that. */
  readonly voice: Voice
  readonly mouth: Voice
  readonly frames: Pacer
  readonly hearing: Pick<RecognizerService, 'expect'>
  readonly claim: (stream: number) => Tape | undefined
  readonly delay: (ms: number, begins: boolean) => void
  /** From a key to the `clear` that it brought. */
  readonly silenced: (ms: number) => void
  /** A bridge that does not close is not waited for any longer. */
  readonly goodbyeWithinMs?: number | undefined
}

/** One caller. */
export interface Phone {
  readonly matcher: Matcher
  /** From `start` to the first sound; undefined until then. */
  readonly firstFrameMs: number | undefined
  /** When the first sound came. */
  readonly heardAtMs: number | undefined
  /** Its stream was begun, and no sound ever came. */
  readonly isDeaf: boolean
  /** Messages that Twilio would not take, and a stream that ended before the phone hung up, or not when it had. */
  readonly broken: number
  /** Calls; resolves with what is to be opened, or with undefined when the call is declined. */
  dial(): Promise<StreamOrder | undefined>
  /** Opens the media stream, and says nothing yet. */
  connect(order: StreamOrder): Promise<void>
  /** Opens the media stream, where it is not open, and begins. */
  open(order: StreamOrder): Promise<void>
  press(digit: string): void
  hangUp(): Promise<void>
}

const usualGoodbyeWithinMs = 10_000

let phones = 0
/** What all phones say, one after the other. */
const frames = createFrameBuilder(262_144, true)

/** A phone and the part of the phone network behind it. Every phone has a number and identifiers of its own. */
export function createPhone({
  bridge,
  voice,
  mouth,
  frames: pacer,
  hearing,
  claim,
  delay,
  silenced,
  goodbyeWithinMs = usualGoodbyeWithinMs,
}: PhoneDeps): Phone {
  const index = ++phones
  const from = callerNumber(index)
  const callSid = sid('CA', String(index))
  const streamSid = sid('MZ', String(index))
  const row = takeRow(streamSid)
  const wire = createPhoneFrames(row, streamSid, callSid)
  const playout = createPlayout(row)
  const tape = createTape(index)
  hearing.expect(tape)
  const matcher = createMatcher(voice, { claim, completed: delay })
  const over = Promise.withResolvers<true>()
  const url = (path: string) => `http://127.0.0.1:${bridge.port}${path}`
  const { tookNext } = matcher
  const heard = voice.text
  const heardBytes = voice.sound.length
  let socket: BenchSocket | undefined
  let write: BenchSocket['write'] | undefined
  let leave: (() => void) | undefined
  let startedAtMs: number | undefined
  let heardAtMs: number | undefined
  let pressedAtMs: number | undefined
  let broken = 0
  let hungUp = false

  /** Sound as it is expected, in the usual form: nearly all that comes. The rest is looked at with more care. */
  function receivedSound(bytes: Buffer, from: number, to: number, atMs: number): boolean {
    const at = findPayload(row, heard.length, bytes, from, to)
    if (at < 0 || !tookNext(heard, bytes, at, atMs)) return false
    heardAtMs ??= atMs
    appendSound(row, heardBytes, atMs)
    return true
  }

  function received(text: string, atMs: number): void {
    const message = readBridge(text, streamSid)
    switch (message.event) {
      case 'media':
        heardAtMs ??= atMs
        matcher.took(message.payload, atMs)
        return appendSound(row, Math.floor((message.payload.length * 3) / 4), atMs)
      case 'mark':
        return playout.mark(message.name, atMs)
      case 'clear':
        playout.clear(atMs)
        // The floor clears, and goes on with what it was saying.
        if (bridge.kind === 'server') matcher.cut()
        if (pressedAtMs !== undefined) silenced(atMs - pressedAtMs)
        pressedAtMs = undefined
        return
      case 'invalid':
        broken++
    }
  }

  function say(nowMs: number): void {
    const place = tape.marks.length
    record(tape, nowMs, place === 0)
    frames.clear()
    buildMedia(frames, row, mouth.text, index, place)
    if (isMarkDue(row, nowMs)) appendMarks(nowMs)
    write?.(frames.bytes, frames.length)
  }

  function appendMarks(nowMs: number): void {
    for (let name = playout.takeDue(nowMs); name !== undefined; name = playout.takeDue(nowMs))
      if (socket) frames.append(socket.frameOf(wire.mark(name)))
  }

  async function connect(order: StreamOrder): Promise<void> {
    const signature = getExpectedTwilioSignature(account.authToken, order.url, {})
    socket = await openSocket(
      order.url,
      { 'user-agent': 'Twilio.TmeWs/1.0', 'x-twilio-signature': signature },
      {
        raw: receivedSound,
        text: received,
        closed() {
          if (!hungUp) broken++
          leave?.()
          over.resolve(true)
        },
      },
    )
    ;({ write } = socket)
  }

  return {
    matcher,
    get firstFrameMs() {
      return heardAtMs === undefined || startedAtMs === undefined ? undefined : heardAtMs - startedAtMs
    },
    get heardAtMs() {
      return heardAtMs
    },
    get isDeaf() {
      return startedAtMs !== undefined && heardAtMs === undefined
    },
    get broken() {
      return broken
    },
    async dial() {
      if (bridge.kind === 'floor') return { url: `ws://127.0.0.1:${bridge.port}/`, parameters: {} }
      const { status, body } = await sendWebhook(url('/twilio/voice'), callFields(callSid, from, 'ringing'))
      if (status !== 200) throw new Error(`the voice webhook was answered with ${status}`)
      return readTwiml(body)
    },
    connect,
    async open(order) {
      if (!socket) await connect(order)
      socket?.send(wire.connected)
      startedAtMs = performance.now()
      socket?.send(wire.start(order.parameters))
      leave = pacer.add(say)
    },
    press(digit) {
      pressedAtMs = performance.now()
      socket?.send(wire.dtmf(digit))
    },
    async hangUp() {
      hungUp = true
      leave?.()
      socket?.send(wire.stop())
      socket?.close()
      if (socket?.isOpen()) {
        const isOver = await Promise.race([over.promise, pause(goodbyeWithinMs, false, { ref: false })])
        if (!isOver) broken++
      }
      if (bridge.kind === 'server') await sendWebhook(url('/twilio/status'), callFields(callSid, from, 'completed'))
    },
  }
}
