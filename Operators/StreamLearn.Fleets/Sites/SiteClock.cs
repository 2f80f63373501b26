namespace StreamLearn.Fleets;

internal readonly record struct SiteClock(string Site, long Epoch, long Sequence, long Clock, bool HasLeft = false);
