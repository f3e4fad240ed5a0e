import { parseArgs } from 'node:util'
import { WebSocket, WebSocketServer } from 'ws'
import { init, isMedia, mediaFrame, plain, readPhone, readSpeech, say, text } from './floor-speech.ts'

/**
 * The least that any bridge does: the phone network's websocket in, one to the speech service out, and each chunk of
 * sound read from the one and written to the other. No accounts, no marks, no errors. What the server costs is told as
 * a multiple of this.
 *
 *   node floor.ts PORT SPEECH_URL [--listen=URL] [--most=CALLS]      what the phone says goes to URL; more calls get 503
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { listen: { type: 'string' }, most: { type: 'string', default: 'Infinity' } },
})
const [port, speechUrl = ''] = positionals
const listenUrl = values.listen
const most = Number(values.most)
/** As much as a service is given ahead. */
const sentencesAhead = 3

process.once('SIGTERM', () => process.exit())
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(port),
  verifyClient: (_asked, answer) => answer(server.clients.size < most, 503),
  ...plain,
})
server.on('listening', () => process.send?.('ready'))
server.on('connection', (phone) => {
  let listener: WebSocket | undefined
  let speech: WebSocket | undefined
  phone.on('message', (data) => {
    // What nobody listens to is not read.
    if (!listener && isMedia(data)) return
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
  speech.on('open', () => {
    speech.send(init)
    while (said < sentencesAhead) say(speech, ++said)
  })
  speech.on('message', (data) => {
    const message = readSpeech(text(data))
    if (message.audio !== '') phone.send(mediaFrame(streamSid, message.audio))
    if (message.final) say(speech, ++said)
  })
  return speech
}
