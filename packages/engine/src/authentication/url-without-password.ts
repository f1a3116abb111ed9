/** An address as logs may show it. */
export function urlWithoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password === '') return url;
  shown.password = '***';
  return shown.href;
}
