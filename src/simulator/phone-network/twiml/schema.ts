/** The part of the TwiML schema that is checked: which attributes and children an element may have. */
interface Rule {
  readonly attributes: readonly string[]
  readonly children: readonly string[]
  /** Whether text may stand directly inside. */
  readonly text: boolean
}

function rule(attributes: string, children = '', text = false): Rule {
  return { attributes: words(attributes), children: words(children), text }
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '')
}

const speech = 'Say Play Pause'
const recording =
  'recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent recordingStatusCallbackMethod'
const detection =
  'machineDetection machineDetectionSilenceTimeout machineDetectionSpeechEndThreshold machineDetectionSpeechThreshold machineDetectionTimeout'
const verbs = `${speech} Redirect Hangup Reject Gather Dial Record Connect Start Stop Echo Enqueue Leave Message Pay Prompt Queue Refer Sms`

/** Elements whose attributes and children are known here; others are taken as they are. */
export const schema: Readonly<Record<string, Rule>> = {
  Response: rule('', verbs),
  Say: rule(
    'voice language loop',
    'break emphasis lang p phoneme prosody s say-as sub w amazon:effect amazon:domain',
    true,
  ),
  Play: rule('loop digits', '', true),
  Pause: rule('length'),
  Redirect: rule('method', '', true),
  Hangup: rule('', 'Parameter'),
  Reject: rule('reason', 'Parameter'),
  Gather: rule(
    'action actionOnEmptyResult bargeIn debug enhanced finishOnKey hints input language maxSpeechTime method numDigits partialResultCallback partialResultCallbackMethod profanityFilter speechModel speechTimeout timeout',
    speech,
  ),
  Dial: rule(
    `action answerOnBridge callerId events hangupOnStar method passports record ${recording} recordingTrack referMethod referUrl ringTone sequential timeLimit timeout trim`,
    'Number Client Conference Queue Sim Sip Application WhatsApp',
    true,
  ),
  Number: rule(
    `amdStatusCallback amdStatusCallbackMethod byoc ${detection} method sendDigits statusCallback statusCallbackEvent statusCallbackMethod url`,
    '',
    true,
  ),
  Record: rule(`action finishOnKey maxLength method playBeep ${recording} timeout transcribe transcribeCallback trim`),
  Connect: rule(
    'action method',
    'Stream ConversationRelay VirtualAgent Room Autopilot Conversation Assistant AiSession',
  ),
  Start: rule('action method', 'Stream Siprec Transcription Recording'),
  Stop: rule('', 'Stream Siprec Transcription Recording'),
  Stream: rule('connectorName name statusCallback statusCallbackMethod track url audioFormat sampleRate', 'Parameter'),
  Parameter: rule('name value'),
}
