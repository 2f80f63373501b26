namespace StreamLearn.Fleets;

/// <summary>Progress in following a site.</summary>
internal readonly record struct SiteClock(string Site, long Epoch, long Sequence, long Clock, bool HasLeft = false);
