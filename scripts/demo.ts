import { chooseFlow, refuseWithoutEffect } from '../src/chosen-flow.ts'
import { readConfig } from '../src/config.ts'
import { asBridgeError, BridgeError } from '../src/errors.ts'
import { notifyKeys } from '../src/flows/notify-keys.ts'
import { tellFailure } from '../src/failure.ts'
import { createLogger } from '../src/ops/logger.ts'
import { serve } from '../src/serve.ts'
import { startAsyncService } from '../src/simulator/async/service.ts'
import { realClock } from '../src/simulator/clock.ts'
import { startDeepgramService } from '../src/simulator/deepgram/service.ts'
import { startPhoneNetwork } from '../src/simulator/phone-network/network.ts'
import { createPerson } from '../src/simulator/test-phone/person.ts'
import { createLocalVoice } from '../src/speech/local/voice.ts'
import { parametersOf } from './dial-arguments.ts'
import { type Act, playCallee } from './demo-callee.ts'
import { hangingUp, onInterruption } from './interruption.ts'
import { describeOutcome, showCall, withoutEffect } from './live-view.ts'
import { readWords } from './read-words.ts'
import { saveWav, tryWav } from './save-wav.ts'

const help = `A whole phone call on this machine: a simulated phone network, a simulated Async service with an offline
voice, and the real bridge between them, over real sockets.

  npm run demo -- [TEXT] [--save FILE.wav]
  npm run demo -- --flow FLOW [--keys 1,2] [--says WORDS] [--parameter NAME=VALUE] [--save FILE.wav]

  TEXT          what to say; one that begins with - stands last, behind one more --
  --flow FLOW   a flow that ships, by its name, or a file such as ./my-flow.ts (docs/flows.md)
  --keys 1,2    what the simulated callee presses, each when it has heard a question to its end; on a terminal the keys
                that you press are pressed too
  --says WORDS  what the callee says then, when the keys are pressed; may be repeated. On a terminal, words that begin
                with a small letter are said when you press Enter
  --parameter   something the flow is given along, such as name=Ada; may be repeated
  --save FILE   where the phone's recording goes (default demo.wav)

Settings are not read: neither .env nor the environment counts here.

Exit codes: 0 heard to the end (with --flow: the flow returned) and no fault seen, 1 anything else, 2 wrong words, after a hang-up 130, 143 or 129.
`
const callee = '+15551234567'
const defaultText =
  'Hello! This is callbridge. A streaming voice just called you, and hangs up when you have heard the last word.'

/** The real bridge between two emulators; see `help`. */
async function main(words: readonly string[]): Promise<number> {
  const { values, positionals } = readWords(words, {
    allowPositionals: true,
    options: {
      flow: { type: 'string' },
      keys: { type: 'string' },
      says: { type: 'string', multiple: true },
      parameter: { type: 'string', multiple: true },
      save: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  if (positionals.length > 1)
    throw new BridgeError('usage.invalid', 'Expected one text. Quote it, and put -- before the first option.')
  const own = values.flow === undefined ? undefined : await chooseFlow(values.flow)
  own?.close()
  if (values.keys !== undefined && !/^[0-9A-D*#w,]+$/.test(values.keys))
    throw new BridgeError('usage.invalid', '--keys: expected keys separated by commas, such as 1,2 or 12#.')
  const parameters = parametersOf(values.parameter ?? [])
  refuseWithoutEffect(own?.name ?? 'notify', { ...parameters, message: positionals[0] ?? parameters['message'] })
  if (values.keys !== undefined && !own && !notifyKeys(parameters))
    throw new BridgeError('usage.invalid', '--keys: nothing asks for keys without --flow, or --parameter confirm=1.')
  if (values.says !== undefined && !own)
    throw new BridgeError('usage.invalid', '--says: nothing listens without --flow.')
  if (values.says?.some((words) => words.trim() === ''))
    throw new BridgeError('usage.invalid', '--says: expected words, such as "the second one".')
  const acts: Act[] = [
    ...(values.keys?.split(',') ?? []).map((press) => ({ press })),
    ...(values.says ?? []).map((say) => ({ say })),
  ]
  const text = positionals[0] ?? (own || parameters['message'] !== undefined ? undefined : defaultText)
  const file = values.save ?? 'demo.wav'
  await tryWav(file)
  const voice = createLocalVoice()
  const network = await startPhoneNetwork()
  const speech = await startAsyncService({ voice: (text, options) => voice.speak(text, options) })
  const recognizer = await startDeepgramService()
  const over = new AbortController()
  const phone = network.phone(callee)
  const mouth = createPerson(realClock, over.signal, [recognizer.listening], (sound) => phone.speak(sound))
  const from = network.account.numbers[0] ?? ''
  const config = readConfig('simulate', {
    TWILIO_ACCOUNT_SID: network.account.sid,
    TWILIO_AUTH_TOKEN: network.account.authToken,
    TWILIO_API_URL: network.url,
    TWILIO_FROM_NUMBER: from,
    ASYNC_API_KEY: speech.apiKey,
    ASYNC_VOICE_ID: speech.voiceId,
    ASYNC_URL: speech.url,
    DEEPGRAM_API_KEY: recognizer.apiKey,
    DEEPGRAM_URL: recognizer.url,
    PORT: '0',
    LOG_LEVEL: 'warn',
    SPEECH_CACHE: 'off',
  })
  const service = await serve(config, {
    log: createLogger(config.LOG_LEVEL),
    publicUrl: 'local',
    keepRecords: false,
    ...(own ? { ownFlows: own.ownFlows } : {}),
  })
  try {
    const { call } = service.app.place({
      to: callee,
      message: text,
      flow: own?.name,
      parameters,
    })
    if (!call) throw new BridgeError('internal', 'A new call has no session.')
    // Before anything is shown: who sees it may answer with Ctrl-C.
    const interruption = onInterruption(() => {
      view.clear()
      process.stderr.write(hangingUp())
      call.end('cancelled')
    })
    const view = showCall(call, `${callee} (a simulated phone)`, process.stdout)
    const say = (words: string) => mouth.speak(words, () => {})
    const person = playCallee(call, phone, say, acts, own === undefined ? undefined : process.stdin)
    const outcome = await call.outcome
    const undone = person.stop().map((act) => ('press' in act ? act.press : act.say))
    await phone.ended
    view.end()
    interruption.off()
    process.stdout.write(`${describeOutcome(outcome)}\n`)
    const unread = outcome.reason === 'completed' ? (own?.unread(Object.keys(call.parameters)) ?? []) : []
    process.stderr.write(withoutEffect(unread, undone))
    const played = phone.heard.length > 0 ? phone.recording : new Uint8Array()
    const saved = await saveWav(file, played)
    if (saved && played.length > 0)
      process.stdout.write(`What the phone played is in ${file}. A real call: see README, "A real call".\n`)
    const faults = [
      ...network.faults.map(({ code, message }) => `The network saw a fault: ${code} ${message}`),
      ...speech.faults.map(({ code, detail }) => `The speech service saw a fault: ${code} ${detail}`),
    ]
    for (const fault of faults) process.stdout.write(`${fault}\n`)
    return (
      interruption.exitCode ??
      ((own ? outcome.reason === 'completed' : outcome.status === 'heard') && faults.length === 0 && saved ? 0 : 1)
    )
  } finally {
    await service.close()
    over.abort()
    await speech.close()
    await recognizer.close()
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
