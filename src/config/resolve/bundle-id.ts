export const VOIP_SUFFIX = ".voip";

/** The app of a topic for messages or for calls. */
export function bundleIdOf(topic: string): string {
  return topic.endsWith(VOIP_SUFFIX) ? topic.slice(0, -VOIP_SUFFIX.length) : topic;
}
