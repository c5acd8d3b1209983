/**
 * The font of the on-screen text: an own design for printable ASCII, five columns by seven rows and one row
 * for descenders. Each glyph is eight digits of base 32, one per row from the top, the leftmost column in the
 * highest bit of the five: `h` is `#...#`, `v` is `#####`.
 */

export const GLYPH_WIDTH = 8;
export const GLYPH_HEIGHT = 16;

const FIRST = 0x20;
const GLYPHS = [
  '00000000 44444040 aaa00000 aavavaa0 4fke5u40 op248j30 cik8lid0 44800000', //   ! " # $ % & '
  '24888420 84222480 04lel400 044v4400 00000c48 000v0000 00000cc0 01248g00', // ( ) * + , - . /
  'ehjlphe0 4c4444e0 eh1248v0 v2421he0 26aiv220 vgu11he0 68guhhe0 v1248880', // 0 1 2 3 4 5 6 7
  'ehhehhe0 ehhf12c0 0cc0cc00 0cc0c480 248g8420 00v0v000 84212480 eh124040', // 8 9 : ; < = > ?
  'eh1dlle0 ehhhvhh0 uhhuhhu0 ehggghe0 sihhhis0 vgguggv0 vgguggg0 ehgnhhf0', // @ A B C D E F G
  'hhhvhhh0 e44444e0 72222ic0 hikokih0 ggggggv0 hrllhhh0 hhpljhh0 ehhhhhe0', // H I J K L M N O
  'uhhuggg0 ehhhlid0 uhhukih0 fgge11u0 v4444440 hhhhhhe0 hhhhha40 hhhllla0', // P Q R S T U V W
  'hha4ahh0 hhha4440 v1248gv0 e88888e0 0g842100 e22222e0 4ah00000 0000000v', // X Y Z [ \ ] ^ _
  '84200000 00e1fhf0 ggmphhu0 00egghe0 11djhhf0 00ehvge0 698s8880 00fhhf1e', // ` a b c d e f g
  'ggmphhh0 40c444e0 206222ic ggikoki0 c44444e0 00qllhh0 00mphhh0 00ehhhe0', // h i j k l m n o
  '00uhhugg 00fhhf11 00mpggg0 00ege1u0 88s88960 00hhhjd0 00hhha40 00hhlla0', // p q r s t u v w
  '00ha4ah0 00hhhf1e 00v248v0 24484420 44444440 84424480 008l2000', //          x y z { | } ~
]
  .join(' ')
  .split(' ');

/** What stands for a character that the font does not have. */
const UNKNOWN = '?'.charCodeAt(0);

/** Which row of the design each row of the cell shows: the seven rows twice as high, room above and below. */
const ROW_OF_CELL = [-1, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7];

/** Columns of the cell to the right of the design. */
const RIGHT_MARGIN = 2;

/** One byte per row of a cell, 16 rows per character, leftmost pixel in the highest bit. */
const cells = new Uint8Array(GLYPHS.length * GLYPH_HEIGHT);
GLYPHS.forEach((glyph, index) => {
  ROW_OF_CELL.forEach((row, y) => {
    if (row >= 0) cells[index * GLYPH_HEIGHT + y] = Number.parseInt(glyph.charAt(row), 32) << RIGHT_MARGIN;
  });
});

/** The eight pixels of row `y` (0 to 15) of a character's cell, leftmost in the highest bit. */
export function glyphRow(code: number, y: number): number {
  const known = code >= FIRST && code < FIRST + GLYPHS.length ? code : UNKNOWN;
  return cells[(known - FIRST) * GLYPH_HEIGHT + y] as number;
}
