/** What some editors write before a text, as a mark of its encoding: it is no part of it. */
const MARK = /^\ufeff/;

export const withoutMark = (text: string): string => text.replace(MARK, '');
