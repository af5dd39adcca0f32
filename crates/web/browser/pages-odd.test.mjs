// One half of the pages; the other half is looked at beside it.
import { lookAt } from './looks.mjs';

lookAt([1, 2]);
