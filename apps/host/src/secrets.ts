/** Addresses in a text, with a password between user and host. */
const PASSWORD_IN_URL = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):[^\s/"']*@/gi;

/** The text without the passwords of the addresses in it: `amqp://user:…@host`. */
export function withoutSecrets(text: string): string {
  return text.includes('://') ? text.replace(PASSWORD_IN_URL, '$1:…@') : text;
}
