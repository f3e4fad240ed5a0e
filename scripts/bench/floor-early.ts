import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { init, isMedia, mediaFrame, plain, readPhone, readSpeech, say, text } from './floor-speech.ts'

/**
 * The least that a bridge does which uses the time of ringing. The phone's websocket is its ringing: with it the one to the
 * speech service is opened, and its `start` is the answer. With SENTENCES they are rendered meanwhile, and what came is
 * written at `start` out of memory.
 *
 *   node floor-early.ts PORT SPEECH_URL [SENTENCES]
 */
const [port, speechUrl = '', sentences] = process.argv.slice(2)
const rendered = Number(sentences ?? 0)
/** As much as a service is given ahead. */
const sentencesAhead = 3

process.once('SIGTERM', () => process.exit())
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), ...plain })
server.on('listening', () => process.send?.('ready'))
server.on('connection', (phone) => {
  const speech = new WebSocket(speechUrl, plain)
  const early: string[] = []
  let streamSid: string | undefined
  let said = 0
  const sayFirst = () => {
    const due = rendered > 0 ? rendered : streamSid === undefined ? 0 : sentencesAhead
    while (said < due) say(speech, ++said)
  }
  speech.on('open', () => {
    speech.send(init)
    sayFirst()
  })
  speech.on('message', (data) => {
    const message = readSpeech(text(data))
    if (message.audio !== '') {
      if (streamSid === undefined) early.push(message.audio)
      else phone.send(mediaFrame(streamSid, message.audio))
    }
    if (message.final && rendered === 0) say(speech, ++said)
  })
  phone.on('message', (data: RawData) => {
    if (isMedia(data)) return
    const message = readPhone(text(data))
    if (message.event !== 'start') return
    ;({ streamSid } = message)
    for (const audio of early) phone.send(mediaFrame(streamSid, audio))
    if (speech.readyState === WebSocket.OPEN) sayFirst()
  })
  phone.on('close', () => speech.close())
})
