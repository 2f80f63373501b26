namespace StreamLearn.Fleets;

/// <summary>Progress in following a site.</summary>
/// <param name="Site">The site, 1 to 256 bytes in UTF-8.</param>
/// <param name="Epoch">Start of the site, as in its updates.</param>
/// <param name="Sequence">Number of the last update, at least 0.</param>
/// <param name="Clock">The site's clock at that update, at least 0.</param>
/// <param name="HasLeft">True if that was its last update.</param>
internal readonly record struct SiteClock(string Site, long Epoch, long Sequence, long Clock, bool HasLeft = false);
