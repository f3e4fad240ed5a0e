import type { Bridge } from './bridge.ts'
import { account, callerNumber, sid } from './identity.ts'
import { createMatcher, type Matcher, type Tape } from './matching.ts'
import type { Pacer } from './pacer.ts'
import { createBridgeReader, createPhoneFrames } from './phone-frames.ts'
import { createPlayout } from './playout.ts'
import type { RecognizerService } from './recognizer-service.ts'
import type { Voice } from './sound.ts'
import { callFields, readTwiml, sendWebhook, type StreamOrder } from './webhook.ts'
import { type BenchSocket, openSocket } from './wire/socket.ts'
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
}

/** One caller. */
export interface Phone {
  readonly matcher: Matcher
  /** From `start` to the first sound; undefined until then. */
  readonly firstFrameMs: number | undefined
  /** When the first sound came. */
  readonly heardAtMs: number | undefined
  /** Messages that Twilio would not take, and a stream that ended before the phone hung up. */
  readonly broken: number
  /** Calls; resolves with what is to be opened, or with undefined when the call is declined. */
  dial(): Promise<StreamOrder | undefined>
  /** Opens the media stream, and says so. */
  open(order: StreamOrder): Promise<void>
  press(digit: string): void
  hangUp(): Promise<void>
}

let phones = 0

/** A phone and the part of the phone network behind it. Every phone has a number and identifiers of its own. */
export function createPhone({ bridge, voice, mouth, frames, hearing, claim, delay, silenced }: PhoneDeps): Phone {
  const index = ++phones
  const from = callerNumber(index)
  const callSid = sid('CA', String(index))
  const streamSid = sid('MZ', String(index))
  const wire = createPhoneFrames(streamSid, callSid)
  const read = createBridgeReader(streamSid)
  const playout = createPlayout()
  const tape: Tape = { stream: index, sentAtMs: [], begins: new Set([0]) }
  hearing.expect(tape)
  const matcher = createMatcher(voice, { claim, completed: (ms, _atMs, begins) => delay(ms, begins) })
  const over = Promise.withResolvers<void>()
  const url = (path: string) => `http://127.0.0.1:${bridge.port}${path}`
  let socket: BenchSocket | undefined
  let leave: (() => void) | undefined
  let startedAtMs = 0
  let heardAtMs: number | undefined
  let pressedAtMs: number | undefined
  let broken = 0
  let hungUp = false

  function received(text: string, atMs: number): void {
    const message = read(text)
    switch (message.event) {
      case 'media':
        heardAtMs ??= atMs
        matcher.took(message.payload, atMs)
        return playout.append(Math.floor((message.payload.length * 3) / 4), atMs)
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
    const place = tape.sentAtMs.length
    tape.sentAtMs.push(nowMs)
    socket?.send(wire.media(mouth.payload(index, place)))
    for (let name = playout.takeDue(nowMs); name !== undefined; name = playout.takeDue(nowMs))
      socket?.send(wire.mark(name))
  }

  return {
    matcher,
    get firstFrameMs() {
      return heardAtMs === undefined ? undefined : heardAtMs - startedAtMs
    },
    get heardAtMs() {
      return heardAtMs
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
    async open(order) {
      const signature = getExpectedTwilioSignature(account.authToken, order.url, {})
      socket = await openSocket(
        order.url,
        { 'user-agent': 'Twilio.TmeWs/1.0', 'x-twilio-signature': signature },
        {
          text: received,
          closed() {
            if (!hungUp) broken++
            leave?.()
            over.resolve()
          },
        },
      )
      socket.send(wire.connected)
      startedAtMs = performance.now()
      socket.send(wire.start(order.parameters))
      leave = frames.add(say)
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
      if (socket?.open) await over.promise
      if (bridge.kind === 'server') await sendWebhook(url('/twilio/status'), callFields(callSid, from, 'completed'))
    },
  }
}
