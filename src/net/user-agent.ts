/** What we call ourselves in every request we make (RFC 9110 §10.1.5): some servers, GitHub's API among them, refuse those without. */
export const USER_AGENT = 'Oriel';
