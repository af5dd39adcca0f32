## Words of the public pages.

public-title = Public information
