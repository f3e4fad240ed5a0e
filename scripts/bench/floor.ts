import { randomUUID } from 'node:crypto'
import { WebSocket, WebSocketServer } from 'ws'

/**
 * The least that any bridge does: the phone network's websocket in, one to the speech service out, and each chunk of
 * sound read from the one and written to the other. No accounts, no marks, no errors. What the server costs is told as
 * a multiple of this.
 *
 *   node floor.ts PORT SPEECH_URL [LISTEN_URL]      with LISTEN_URL what the phone says goes there
 */
const [port, speechUrl = '', listenUrl] = process.argv.slice(2)
const plain = { perMessageDeflate: false } as const
/** As much as a service is given ahead. */
const sentencesAhead = 3
const init = JSON.stringify({
  model_id: 'async_flash_v1.5',
  voice: { mode: 'id', id: 'e0f39dc4-f691-4e78-bba5-5c636692cc04' },
  output_format: { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 },
})

interface PhoneMessage {
  readonly event: string
  readonly streamSid: string
  readonly media: { readonly payload: string }
}
interface SpeechMessage {
  readonly audio: string
  readonly final: boolean
}
const readPhone: (text: string) => PhoneMessage = JSON.parse
const readSpeech: (text: string) => SpeechMessage = JSON.parse
const text = (data: unknown) => (Buffer.isBuffer(data) ? data.toString() : '')
const media = '{"event":"media"'

process.once('SIGTERM', () => process.exit())
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), ...plain })
server.on('listening', () => process.send?.('ready'))
server.on('connection', (phone) => {
  let listener: WebSocket | undefined
  let speech: WebSocket | undefined
  phone.on('message', (data) => {
    // What nobody listens to is not read.
    if (!listener && Buffer.isBuffer(data) && data.toString('latin1', 0, media.length) === media) return
    const message = readPhone(text(data))
    if (message.event === 'media' && listener?.readyState === WebSocket.OPEN)
      listener.send(Buffer.from(message.media.payload, 'base64'))
    if (message.event === 'dtmf') phone.send(`{"event":"clear","streamSid":"${message.streamSid}"}`)
    if (message.event !== 'start') return
    speech = speak(phone, message.streamSid)
    if (listenUrl !== undefined) listener = new WebSocket(listenUrl, plain).on('message', () => {})
  })
  phone.on('close', () => {
    listener?.close()
    speech?.close()
  })
})

function speak(phone: WebSocket, streamSid: string): WebSocket {
  const speech = new WebSocket(speechUrl, plain)
  let said = 0
  const say = () => {
    const context = randomUUID()
    speech.send(JSON.stringify({ transcript: `This is sentence ${++said}. `, context_id: context, force: true }))
    speech.send(JSON.stringify({ transcript: '', context_id: context }))
  }
  speech.on('open', () => {
    speech.send(init)
    for (let sentence = 0; sentence < sentencesAhead; sentence++) say()
  })
  speech.on('message', (data) => {
    const message = readSpeech(text(data))
    if (message.audio !== '')
      phone.send(`{"event":"media","streamSid":"${streamSid}","media":{"payload":"${message.audio}"}}`)
    if (message.final) say()
  })
  return speech
}
