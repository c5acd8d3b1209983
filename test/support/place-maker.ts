/** Makes and removes the directory of a session, again and again, as sessions that begin and end do. */
import { makePlace, removePlace } from '../../src/session/host/places.ts';

const [name, count] = process.argv.slice(2);
for (let n = 0; n < Number(count); n++) removePlace(makePlace(name));
