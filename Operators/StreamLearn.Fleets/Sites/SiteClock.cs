namespace StreamLearn.Fleets;

/// <summary>How far somebody has followed a site.</summary>
/// <param name="Site">The site, 1 to 256 bytes in UTF-8.</param>
/// <param name="Epoch">The start of the site that its updates name.</param>
/// <param name="Sequence">Number of the last update, 0 or more.</param>
/// <param name="Clock">The site's clock at that update, 0 or more.</param>
/// <param name="HasLeft">True if it was the site's last one.</param>
public readonly record struct SiteClock(string Site, long Epoch, long Sequence, long Clock, bool HasLeft = false);
