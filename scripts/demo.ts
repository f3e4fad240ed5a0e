import { readConfig } from '../src/config.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { createLogger } from '../src/ops/logger.ts'
import { serve } from '../src/serve.ts'
import { startAsyncService } from '../src/simulator/async/service.ts'
import { startPhoneNetwork } from '../src/simulator/phone-network/network.ts'
import { createLocalVoice } from '../src/speech/local/voice.ts'
import { hangingUp, onInterruption } from './interruption.ts'
import { describeOutcome, showCall } from './live-view.ts'
import { readWords } from './read-words.ts'
import { saveWav, tryWav } from './save-wav.ts'

const help = `A whole phone call on this machine: a simulated phone network, a simulated Async service with an offline
voice, and the real bridge between them, over real sockets.

  npm run demo -- [TEXT] [--save FILE.wav]

  TEXT          what to say; one that begins with - stands last, behind one more --
  --save FILE   where the phone's recording goes (default demo.wav)

Settings are not read: neither .env nor the environment counts here.

Exit codes: 0 heard to the end and no fault seen, 1 anything else, 2 wrong words, after a hang-up 130, 143 or 129.
`
const callee = '+15551234567'
const defaultText =
  'Hello! This is callbridge. A streaming voice just called you, and hangs up when you have heard the last word.'

/** The real bridge between two emulators; see `help`. */
async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = readWords(words, {
    allowPositionals: true,
    options: { save: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  if (positionals.length > 1)
    throw new BridgeError('usage.invalid', 'Expected one text. Quote it, and put -- before the first option.')
  const text = positionals[0] ?? defaultText
  const file = values.save ?? 'demo.wav'
  await tryWav(file)
  const voice = createLocalVoice()
  const network = await startPhoneNetwork()
  const speech = await startAsyncService({ voice: (text, options) => voice.speak(text, options) })
  const phone = network.phone(callee)
  const from = network.account.numbers[0] ?? ''
  const config = readConfig('simulate', {
    TWILIO_ACCOUNT_SID: network.account.sid,
    TWILIO_AUTH_TOKEN: network.account.authToken,
    TWILIO_API_URL: network.url,
    TWILIO_FROM_NUMBER: from,
    ASYNC_API_KEY: speech.apiKey,
    ASYNC_VOICE_ID: speech.voiceId,
    ASYNC_URL: speech.url,
    PORT: '0',
    LOG_LEVEL: 'warn',
    SPEECH_CACHE: 'off',
  })
  const service = await serve(config, { log: createLogger(config.LOG_LEVEL), publicUrl: 'local', keepRecords: false })
  try {
    const { call } = service.app.place({ to: callee, message: text })
    if (!call) throw new BridgeError('internal', 'A new call has no session.')
    // Before anything is shown: who sees it may answer with Ctrl-C.
    const interruption = onInterruption(() => {
      view.clear()
      process.stderr.write(hangingUp())
      call.end('cancelled')
    })
    const view = showCall(call, `${callee} (a simulated phone)`, process.stdout)
    const outcome = await call.outcome
    await phone.ended
    view.end()
    interruption.off()
    process.stdout.write(`${describeOutcome(outcome)}\n`)
    const played = phone.heard.length > 0 ? phone.recording : new Uint8Array()
    const saved = await saveWav(file, played)
    if (saved && played.length > 0)
      process.stdout.write(`What the phone played is in ${file}. A real call: see README, "A real call".\n`)
    const faults = [
      ...network.faults.map(({ code, message }) => `The network saw a fault: ${code} ${message}`),
      ...speech.faults.map(({ code, detail }) => `The speech service saw a fault: ${code} ${detail}`),
    ]
    for (const fault of faults) process.stdout.write(`${fault}\n`)
    return interruption.exitCode ?? (outcome.status === 'heard' && faults.length === 0 && saved ? 0 : 1)
  } finally {
    await service.close()
    await speech.close()
    await network.close()
    await voice.close()
  }
}

// A reader that goes away (`| head -1`) is no reason to break off the call.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
