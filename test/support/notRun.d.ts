export function notRunTitle(reason: string): string;
export function notRunReason(title: string): string | undefined;
