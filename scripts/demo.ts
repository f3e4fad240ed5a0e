import { writeFile } from 'node:fs/promises'
import { mulawWav } from '../src/audio/wav.ts'
import { readConfig } from '../src/config.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { tellFailure } from '../src/failure.ts'
import { createLogger } from '../src/ops/logger.ts'
import { serve } from '../src/serve.ts'
import { startAsyncService } from '../src/simulator/async/service.ts'
import { startPhoneNetwork } from '../src/simulator/phone-network/network.ts'
import { createLocalVoice } from '../src/speech/local/voice.ts'
import { describeOutcome, showCall } from './live-view.ts'
import { readWords } from './read-words.ts'

const help = `A whole phone call on this machine: a simulated phone network, a simulated Async service with an offline
voice, and the real bridge between them, over real sockets.

  npm run demo -- [TEXT] [--save FILE.wav]

  TEXT          what to say
  --save FILE   where the phone's recording goes (default demo.wav)
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
  if (positionals.length > 1) throw new BridgeError('usage.invalid', 'Expected one text; quote it. See --help.')
  const text = positionals[0] ?? defaultText
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
  })
  const service = await serve(config, { log: createLogger(config.LOG_LEVEL), publicUrl: 'local', keepRecords: false })
  try {
    const { call } = service.app.place({ to: callee, message: text })
    if (!call) throw new BridgeError('internal', 'A new call has no session.')
    process.once('SIGINT', () => call.end('cancelled'))
    const endView = showCall(call, `${callee} (a simulated phone)`, process.stdout)
    const outcome = await call.outcome
    await phone.ended
    endView()
    const file = values.save ?? 'demo.wav'
    await writeFile(file, mulawWav(phone.recording))
    process.stdout.write(`${describeOutcome(outcome)}\n`)
    process.stdout.write(`What the phone played is in ${file}. A real call: see README, "A real call".\n`)
    for (const fault of network.faults)
      process.stdout.write(`The network saw a fault: ${fault.code} ${fault.message}\n`)
    return outcome.status === 'heard' && network.faults.length === 0 ? 0 : 1
  } finally {
    await service.close()
    await speech.close()
    await network.close()
    await voice.close()
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = tellFailure(asBridgeError(thrown))
}
