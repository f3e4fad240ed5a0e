/** Languages (ISO 639-1) of Async's voice models. Async docs, "Models", 2026. */
const languagesByModel: ReadonlyMap<string, readonly string[]> = new Map([
  ['async_pro_v1.0', ['en']],
  ['async_flash_v1.5', ['en', 'es', 'fr', 'de', 'it', 'pt']],
  ['async_flash_v1.0', ['en', 'fr', 'es', 'de', 'it', 'pt', 'ar', 'ru', 'ro', 'ja', 'he', 'hy', 'tr', 'hi', 'zh']],
])

/** What a model speaks; `undefined` for a model we do not know, which may still be a new one of Async's. */
export function languagesOf(modelId: string): readonly string[] | undefined {
  return languagesByModel.get(modelId)
}
