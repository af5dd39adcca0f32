//! Line lists and published bulletins as given.
