// The rules of a trip, as the phone keeps them: pure functions from what the server said and what the crew has reported since to what
// stands at each door. The server asks the same again (`dayclear_ops::desk::crew`). Nothing here admits anybody.

/** @typedef {'booked' | 'underway' | 'handed_over'} State */
/** @typedef {{transfer: string, state: State, at_ms: number, door: string, name: string}} Stop */
/** @typedef {{transfer: string, step: string}} Report */

/** What a crew can report of somebody, the usual first. @type {Record<State, string[]>} */
const STEPS = {
  booked: ['picked_up', 'no_answer', 'refused', 'cannot_move', 'wrong_address', 'worse'],
  underway: ['handed_over', 'worse'],
  handed_over: [],
};
/** What the usual step makes of somebody; the others leave them where they are. @type {Record<string, State>} */
const BECOMES = { picked_up: 'underway', handed_over: 'handed_over' };

/** @param {State} state */
export const stepsOf = (state) => STEPS[state] ?? [];

/** A stop as it stands after what was reported of it and is not sent yet: its state, what was tried, whether symptoms got worse.
 * @param {Stop} stop @param {Report[]} reports in the order in which they were made */
export function standing(stop, reports) {
  let { state } = stop;
  let tried = null;
  let worse = false;
  for (const { transfer, step } of reports) {
    if (transfer !== stop.transfer || !stepsOf(state).includes(step)) continue;
    if (step === 'worse') worse = true;
    else if (BECOMES[step]) [state, tried] = [BECOMES[step], null];
    else tried = step;
  }
  return { ...stop, state, tried, worse };
}

/** Trips as the page shows them: the door that comes next with everybody who waits there, who is in the vehicle, and the other doors.
 * @param {{id: string, stops: Stop[]}[]} trips @param {Report[]} reports */
export function runOf(trips, reports) {
  const doors = [];
  const aboard = [];
  for (const trip of trips) {
    for (const stop of trip.stops.map((one) => standing(one, reports))) {
      if (stop.state !== 'booked') aboard.push({ trip, stop });
      else {
        // whoever waits at one door at one time is one stop
        const door = doors.find((one) => one.trip === trip && one.at_ms === stop.at_ms && one.door === stop.door);
        if (door) door.people.push(stop);
        else doors.push({ trip, at_ms: stop.at_ms, door: stop.door, people: [stop] });
      }
    }
  }
  // a door at which everybody was tried waits behind those to which nobody has come yet
  const tried = (door) => door.people.every((stop) => stop.tried !== null);
  doors.sort((a, b) => Number(tried(a)) - Number(tried(b)) || a.at_ms - b.at_ms);
  const [next, ...later] = doors;
  return { next: next ?? null, later, aboard };
}

/** Whether the vehicle is on the road: it has somebody in it, or the hour of a trip has come. @param {object} run @param {number} now_ms */
export function isOnRoad(run, now_ms) {
  if (run.aboard.some(({ stop }) => stop.state === 'underway')) return true;
  return [run.next, ...run.later].some((door) => door && door.trip.departs_ms <= now_ms);
}
