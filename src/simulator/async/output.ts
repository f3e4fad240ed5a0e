import type { SampleFormat } from '../encoder.ts'

/** An `output_format` (Async docs, WebSocket page and OpenAPI), as far as it is emulated: no MP3. */
export interface OutputFormat extends SampleFormat {
  readonly encoding: 'pcm_s16le' | 'pcm_f32le' | 'pcm_mulaw'
  readonly container: 'raw' | 'wav'
}

/** The documented default where init names none. */
export const defaultOutput: OutputFormat = { encoding: 'pcm_s16le', sampleRateHz: 44_100, container: 'raw' }
