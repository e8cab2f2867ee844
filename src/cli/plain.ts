const CONTROL_CHARACTERS = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * A text from elsewhere as one line that is safe for a terminal: without control characters, which it would obey, and without those that
 * change the direction of what follows.
 */
export const plain = (text: string): string => text.replace(CONTROL_CHARACTERS, ' ');
