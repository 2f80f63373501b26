namespace StreamLearn.Fleets;

/// <summary>How far the updates of a site were applied.</summary>
internal readonly record struct SiteClock(string Site, long Epoch, long Sequence, long Clock, bool HasLeft = false);
