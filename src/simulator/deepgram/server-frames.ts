/** The JSON frames of `/v1/speak` (Deepgram's asyncapi.yml), and their undocumented variants. */
export function metadataFrame(requestId: string, model: { name: string; version: string; uuid: string }): string {
  return JSON.stringify({
    type: 'Metadata',
    request_id: requestId,
    model_name: model.name,
    model_version: model.version,
    model_uuid: model.uuid,
  })
}

/** `Flushed` and `Cleared`. */
export function doneFrame(type: 'Flushed' | 'Cleared', sequenceId: number): string {
  return JSON.stringify({ type, sequence_id: sequenceId })
}

/** On the wire the fields have other names than in the API files (deepgram-python-sdk#617, #653). */
export function warningFrame(code: string, message: string, form: 'wire' | 'typed'): string {
  return JSON.stringify(
    form === 'wire'
      ? { type: 'Warning', warn_code: code, warn_msg: message }
      : { type: 'Warning', description: message, code },
  )
}

/** In no API file of v1; the fields are those of a third-party description. */
export function errorFrame(code: string, message: string, type: 'Error' | 'error' = 'Error'): string {
  return JSON.stringify({ type, err_code: code, err_msg: message })
}
